import Credentials
import Foundation
import Sessions

/// Whose sessions a request is about: the caller's own, or, with `?user=NAME`, somebody else's.
struct SessionTarget {
    private let principal: Principal
    private let target: KeyTarget

    init(_ request: AuthRequest, _ principal: Principal) {
        self.principal = principal
        target = KeyTarget(request, principal)
    }

    /// The other; nil for the caller.
    var name: UserName? { target.name }

    /// All sessions of theirs.
    var all: SessionSelection { name.map { .named($0) } ?? .all(CredentialOwner(principal)) }

    /// One session, if it is theirs.
    func one(_ id: UUID) -> SessionSelection { name.map { .namedOne(id, $0) } ?? .own(id, CredentialOwner(principal)) }
}
