import Credentials
import Foundation
import OpenIDConnect
import Sessions

/// Who it is that a provider has named.
extension AuthService {
    /// Finds out, and notes the login.
    /// - Returns: the person, or why they can't come in.
    /// - Throws: `SourceFailure` if that could not be found out, or not be stored.
    func person(
        _ identity: ProviderIdentity, _ provider: IdentityProvider
    ) async throws(SourceFailure) -> Result<Principal, LoginProblem> {
        guard let logins else { return .failure(.unknownLogin) }
        let source = provider.settings.source
        if let name = logins.links[LinkedIdentity(provider: provider.settings.name, subject: identity.subject)] {
            switch await owners?.person(named: name) {
            // A program has the name: nobody logs in as one.
            case .found(let principal) where [.certificate, .bearer].contains(principal.source):
                return .failure(.nameTaken)
            case .found(let principal) where principal.source != source || principal.identity != identity.identity:
                return .success(try await linked(principal, logins))
            case .disabled: return .failure(.disabled)
            case .unavailable(let failure): throw failure
            // Theirs already, or nobody's yet.
            case .found, .absent, nil: return try await own(name.text, identity, provider, logins, isLinked: true)
            }
        }
        switch identity.userName {
        case .success(let name): return try await own(name, identity, provider, logins)
        case .failure(let problem): return .failure(problem)
        }
    }

    /// Somebody whom an operator knows by another way too: they are that person, with whatever that is bound to and with the groups that their own source
    /// states. What this provider states of groups is no word on another one's person: it would outlive the link.
    private func linked(
        _ principal: Principal, _ logins: ProviderLogins
    ) async throws(SourceFailure) -> Principal {
        if let known = try await logins.identities.identityRecord(principal.identity, of: principal.source) {
            // The operator's word that it is the same person makes this a login of theirs.
            let record = IdentityRecord(
                source: known.source, identity: known.identity, userName: known.userName, groups: known.groups,
                displayName: known.displayName, email: known.email, lastLogin: .now)
            _ = try await logins.names.note(record)
        }
        return principal.authenticated(by: .identityProvider)
    }

    /// Somebody who has a name of their own here.
    private func own(
        _ text: String, _ identity: ProviderIdentity, _ provider: IdentityProvider, _ logins: ProviderLogins,
        isLinked: Bool = false
    ) async throws(SourceFailure) -> Result<Principal, LoginProblem> {
        let source = provider.settings.source
        guard let name = try? UserName(entering: text) else { return .failure(.badUserName) }
        let record = IdentityRecord(
            source: source, identity: identity.identity, userName: name,
            groups: StatedGroups(entering(identity.groups), isNameLinked: isLinked), displayName: identity.displayName,
            email: identity.email,
            lastLogin: .now)
        // A name that somebody else knows is that person's: what is granted to a name must not go to who is called so elsewhere.
        switch await owners?.isFree(userName: name, besides: source) {
        case true?: break
        case false?: return .failure(.nameTaken)
        // Whoever has had the name keeps it while a directory is away; nobody gets a new one.
        case nil:
            let known = try await logins.identities.identityRecord(identity.identity, of: source)
            guard let known, known.userName == name,
                owners?.isNameTaken(of: CredentialOwner(known.principal(nil))) == false
            else {
                throw SourceFailure(.unreachable, detail: "a source could not be asked whether it knows '\(name)'")
            }
        }
        if reservedNames.contains(name), !isLinked, !provider.settings.namesAreTrusted {
            // Who had it before the rules named it is whom the operator has seen; not who had it by a link that was taken back.
            guard let known = try await logins.identities.identityRecord(identity.identity, of: source),
                known.userName == name, logins.names.vouches(for: known)
            else { return .failure(.nameReserved) }
        }
        guard try await logins.names.note(record) else { return .failure(.nameTaken) }
        let person = record.principal(logins.naming[source])
        owners?.renew(person)
        return .success(person)
    }

    /// The names of groups as they enter. One that no policy could name and no field could show is left out.
    func entering(_ names: [String]) -> [GroupName] {
        names.compactMap { try? GroupName(exactly: $0) }
    }
}
