import APIKeys
import Credentials
import Foundation
import HTTPTypes
import Sessions

/// Whose keys and sessions a request is about, looked up: the caller's own or, for an administrator, somebody's whom they name.
struct PersonTarget {
    private let caller: Principal
    private let person: NamedPerson?
    /// Why not all is known of the person: a source that may know them could not be asked.
    let failure: SourceFailure?

    /// The caller.
    init(_ principal: Principal) { (caller, person, failure) = (principal, nil, nil) }

    /// Somebody whom the caller names.
    init(_ principal: Principal, _ person: NamedPerson, _ failure: SourceFailure?) {
        (caller, self.person, self.failure) = (principal, person, failure)
    }

    /// The name of another, as it is written; nil for the caller.
    var name: UserName? { person?.name }
    /// Who ends what is theirs.
    var cause: KeyRevocation.Cause { person == nil ? .owner : .administrator }
    /// Whether no source knows the other.
    var isUnknown: Bool { person?.owners.isEmpty ?? false }

    /// All keys of theirs.
    var keys: KeySelection { person.map { .person($0) } ?? .own(of: caller) }
    /// One key, if it is theirs.
    func key(_ id: UUID) -> KeySelection { person.map { .personsOne(id, $0) } ?? .one(id, of: caller) }
    /// All sessions of theirs.
    var sessions: SessionSelection { person.map { .person($0) } ?? .all(CredentialOwner(caller)) }
    /// One session, if it is theirs.
    func session(_ id: UUID) -> SessionSelection {
        person.map { .personsOne(id, $0) } ?? .own(id, CredentialOwner(caller))
    }
}

extension AuthService {
    /// Finds out whose keys and sessions a request is about.
    func person(_ request: AuthRequest, _ principal: Principal) async -> PersonTarget {
        guard let name = KeyTarget(request, principal).name else { return PersonTarget(principal) }
        return await person(named: name, principal)
    }

    /// Finds somebody whom an administrator names.
    func person(named name: UserName, _ principal: Principal) async -> PersonTarget {
        let (found, failure) = await owners?.everybody(named: name) ?? ([], nil)
        return PersonTarget(principal, NamedPerson(name: name, owners: found.map { CredentialOwner($0) }), failure)
    }

    /// What an administrator is told who has ended everything of somebody, where that may not be all: who must end what somebody has that left
    /// is never told so without a reason.
    /// - Parameters:
    ///   - target: whose.
    ///   - count: how many have ended.
    ///   - what: what they are.
    /// - Returns: nil if it is all.
    func doubt(
        about target: PersonTarget, _ count: Int, _ what: String
    ) async throws(SourceFailure) -> AuthResponse? {
        guard let name = target.name else { return nil }
        if target.failure != nil {
            return ErrorBody.response(
                .serviceUnavailable, "UNAVAILABLE",
                "\(count) \(what) that are kept under the name '\(name)' have ended, but a source of users could not be asked who "
                    + "that is: there may be more, made under another name or in another spelling; repeat this",
                headers: [.retryAfter: "5"], detail: ["ended": "\(count)"])
        }
        guard target.isUnknown, count == 0 else { return nil }
        // What ended before is remembered for a while: then the name is the right one.
        let keys = try await ring?.records(target.keys) ?? []
        let others = try await sessions?.manager.sessions(target.sessions) ?? []
        guard keys.isEmpty, others.isEmpty else { return nil }
        return .notFound(
            "no source knows '\(name)', and nothing is kept under that name: look whether it is the name that they had last"
        )
    }
}
