public import Credentials
import Foundation

/// The source that judges API keys.
///
/// A key that was used lately, and whose owner was checked lately, is answered without suspending.
public final class APIKeySource: CredentialSource {
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
        do throws(SourceFailure) {
            guard let key = try await ring.key(digest) else { return .rejected(.unknownKey) }
            if let reason = refusal(of: key.record, credential) { return .rejected(reason) }
            switch await owners.check(key.record) {
            case .present(let vouch):
                let method = AuthenticationMethod.apiKey(id: key.record.id, scopes: key.record.scopes)
                let admission = Admission(vouch.principal.authenticated(by: method), vouch)
                key.admission = admission
                ring.noteUse(of: key, at: .now)
                return .authenticated(admission.principal)
            case .gone: return .rejected(.ownerGone)
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
        guard let digest = APIKey(credential.secret)?.digest, let key = ring.recentKey(digest),
            let admission = key.admission, admission.vouch.isGood(at: now), case let date = Date.now,
            refusal(of: key.record, credential, at: date) == nil
        else { return nil }
        ring.noteUse(of: key, at: date)
        return admission.principal
    }

    /// Forgets what is remembered of somebody's keys, and of whether they exist.
    /// - Parameter userName: the user's name.
    public func forget(userName: String) async {
        ring.forget(userName: userName)
        owners.forget(userName: userName)
    }

    /// Whether the store answers.
    /// - Returns: ready or unavailable.
    public func state() async -> SourceState {
        do {
            try await ring.probe()
            return .ready
        } catch {
            return .unavailable(error)
        }
    }

    private func refusal(
        of record: APIKeyRecord, _ credential: BasicCredential, at date: Date = .now
    ) -> RefusalReason? {
        guard isOwner(credential.userName, of: record) else { return .keyOfAnotherUser }
        return record.refusal(at: date)
    }

    /// A directory takes a name in any case, and with spaces around it; an htpasswd file does not. A key follows the
    /// password.
    private func isOwner(_ userName: String, of record: APIKeyRecord) -> Bool {
        if userName == record.owner { return true }
        guard record.ownerSource != .htpasswd else { return false }
        return StringPreparation.caseIgnore(userName) == StringPreparation.caseIgnore(record.owner)
    }
}
