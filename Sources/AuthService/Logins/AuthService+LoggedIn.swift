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
            case .found(let principal) where principal.source != source || principal.identity != identity.identity:
                return .success(try await linked(principal, identity, source, logins))
            case .disabled: return .failure(.disabled)
            case .unavailable(let failure): throw failure
            // Theirs already, or nobody's yet.
            case .found, .absent, nil: return try await own(name.text, identity, source, logins)
            }
        }
        switch identity.userName {
        case .success(let name): return try await own(name, identity, source, logins)
        case .failure(let problem): return .failure(problem)
        }
    }

    /// Somebody whom an operator knows by another way too: they are that person, with whatever that is bound to.
    private func linked(
        _ principal: Principal, _ identity: ProviderIdentity, _ source: SourceName, _ logins: ProviderLogins
    ) async throws(SourceFailure) -> Principal {
        // A directory or a file has groups of its own; another provider's person has those of the last login, whichever it was.
        guard let known = try await logins.identities.identityRecord(principal.identity, of: principal.source) else {
            return principal.authenticated(by: .identityProvider)
        }
        let record = IdentityRecord(
            source: known.source, identity: known.identity, userName: known.userName,
            groups: StatedGroups(entering(identity.groups), by: source == known.source ? nil : source),
            displayName: identity.displayName ?? known.displayName, email: identity.email ?? known.email,
            lastLogin: .now)
        _ = try await logins.names.note(record)
        let person = record.principal(logins.naming)
        owners?.renew(person)
        return person
    }

    /// Somebody who has a name of their own here.
    private func own(
        _ text: String, _ identity: ProviderIdentity, _ source: SourceName, _ logins: ProviderLogins
    ) async throws(SourceFailure) -> Result<Principal, LoginProblem> {
        guard let name = try? UserName(entering: text) else { return .failure(.badUserName) }
        let record = IdentityRecord(
            source: source, identity: identity.identity, userName: name,
            groups: StatedGroups(entering(identity.groups)), displayName: identity.displayName, email: identity.email,
            lastLogin: .now)
        // A name that somebody else knows is that person's: what is granted to a name must not go to who is called so elsewhere.
        switch await owners?.isFree(userName: name, besides: source) {
        case true?: break
        case false?: return .failure(.nameTaken)
        // Whoever has had the name keeps it while a directory is away; nobody gets a new one.
        case nil:
            let known = try await logins.identities.identityRecord(identity.identity, of: source)
            guard known?.userName == name else {
                throw SourceFailure(.unreachable, detail: "a source could not be asked whether it knows '\(name)'")
            }
        }
        guard try await logins.names.note(record) else { return .failure(.nameTaken) }
        let person = record.principal(logins.naming)
        owners?.renew(person)
        return .success(person)
    }

    /// The names of groups as they enter. One that no policy could name and no field could show is left out.
    func entering(_ names: [String]) -> [GroupName] {
        names.compactMap { try? GroupName(exactly: $0) }
    }
}
