public import Credentials
import Foundation

/// The source that judges API keys.
///
/// A key that was used lately, and whose owner was checked lately, is answered without suspending.
public final class APIKeySource: RenewingSource {
    private let ring: APIKeyRing
    private let owners: OwnerCheck

    /// Makes the source.
    /// - Parameters:
    ///   - ring: the keys.
    ///   - owners: what tells whether their owners still exist.
    public init(ring: APIKeyRing, owners: OwnerCheck) {
        self.ring = ring
        self.owners = owners
    }

    /// Its name in logs.
    public var name: SourceName { .apiKey }
    /// It is asked about nothing but keys.
    public var keyShapedSecrets: KeyShapedSecretPolicy { .keysOnly }

    /// Judges a key by one look-up.
    /// - Parameter credential: the credential.
    /// - Returns: the verdict, with the owner as principal.
    public func judge(_ credential: BasicCredential) async -> Verdict {
        guard let digest = APIKey(credential.secret)?.digest else { return .unknownUser }
        return await judge(credential, digest)
    }

    /// Judges a key of which somebody has shown no more than what names it.
    /// - Parameter digest: what names the key.
    /// - Returns: the verdict, with the owner as principal.
    public func judge(digest: APIKeyDigest) async -> Verdict {
        await judge(BasicCredential(bearer: Secret("")), digest)
    }

    private func judge(_ credential: BasicCredential, _ digest: APIKeyDigest) async -> Verdict {
        do throws(SourceFailure) {
            guard let key = try await ring.key(digest) else { return .rejected(.unknownKey) }
            let record = key.record
            if let reason = ring.refusal(of: key, at: ring.now) {
                // Whose a dead key was needs nobody's word of today.
                return .rejected(wasName(credential, of: record) ? reason : .keyOfAnotherUser)
            }
            switch await owners.check(record.owner, account: record.serviceAccount) {
            case .present(let vouch):
                let admission = Admission(principal(of: record, vouch.principal), vouch)
                guard isName(credential, admission.principal.userName, of: record) else {
                    return .rejected(.keyOfAnotherUser)
                }
                key.admission = admission
                ring.noteUse(of: key, at: ring.now)
                return .authenticated(admission.principal)
            case .gone:
                return .rejected(wasName(credential, of: record) ? .ownerGone : .keyOfAnotherUser)
            case .nameTaken:
                return .rejected(wasName(credential, of: record) ? .nameTaken : .keyOfAnotherUser)
            case .unavailable(let failure): return .unavailable(failure)
            }
        } catch {
            return .unavailable(error)
        }
    }

    /// Judges a key that was used lately.
    /// - Parameters:
    ///   - credential: the credential.
    ///   - now: the time.
    /// - Returns: its owner, nil if it takes ``judge(_:)`` to find out.
    public func principalIfKnown(_ credential: BasicCredential, at now: ContinuousClock.Instant) -> Principal? {
        knownPrincipal(credential, at: now)?.principal
    }

    /// What ``principalIfKnown(_:at:)`` says, and what renews it.
    package func knownPrincipal(_ credential: BasicCredential, at now: ContinuousClock.Instant) -> KnownPrincipal? {
        guard let digest = APIKey(credential.secret)?.digest, let key = ring.recentKey(digest),
            let admission = key.admission,
            isName(credential, admission.principal.userName, of: key.record)
        else { return nil }
        let renewal = KeyRenewal(ring, key, admission)
        return renewal.renew(at: now) ? KnownPrincipal(admission.principal, renewal: renewal) : nil
    }

    /// Who comes in by a key: its owner with today's groups, or the service account, which is in none.
    private func principal(of record: APIKeyRecord, _ owner: Principal) -> Principal {
        let method = AuthenticationMethod.apiKey(id: record.id, scopes: record.scopes)
        guard let name = record.serviceAccount else { return owner.authenticated(by: method) }
        return Principal(userName: name, source: .service, method: method)
    }

    /// Forgets what is remembered of somebody's keys, and of whether they exist.
    /// - Parameter userName: the user's name.
    public func forget(userName: UserName) async {
        ring.forget(userName: userName)
        owners.forget(userName: userName)
    }

    /// Whether the store answers.
    /// - Returns: ready or unavailable.
    public func state() async -> SourceState {
        do {
            try await ring.probe()
            return ring.isTrusted(at: .now) ? .ready : .degraded("what other nodes do is not heard")
        } catch {
            // Where several nodes share it, what is known goes on for a time.
            guard ring.isShared, ring.isTrusted(at: .now) else { return .unavailable(error) }
            return .degraded("the store is away: \(error)")
        }
    }

    /// Whether a key was made for a user name.
    private func wasName(_ credential: BasicCredential, of record: APIKeyRecord) -> Bool {
        isName(credential, record.serviceAccount ?? record.owner.userName, of: record)
    }

    /// A directory takes a name in any case, and with spaces around it; an htpasswd file does not. A key follows the
    /// password.
    private func isName(_ credential: BasicCredential, _ name: UserName, of record: APIKeyRecord) -> Bool {
        let userName = credential.userName
        if credential.isBearer || userName == name { return true }
        guard record.owner.source != .htpasswd, record.serviceAccount == nil else { return false }
        return StringPreparation.caseIgnore(userName) == StringPreparation.caseIgnore(name)
    }
}
