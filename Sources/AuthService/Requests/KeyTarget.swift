import APIKeys
import Credentials
import Foundation

/// Whose keys a request is about: the caller's own, or, with `?user=NAME`, those of somebody else or of a service account.
struct KeyTarget {
    private let principal: Principal
    /// The other; nil for the caller.
    let name: UserName?

    init(_ request: AuthRequest, _ principal: Principal) {
        self.principal = principal
        // Named twice it is somebody else: only an administrator gets so far, and is told.
        let names = request.queryValues("user").map { UserName($0) }
        name = names.allSatisfy { $0 == principal.userName } ? nil : names.first { $0 != principal.userName }
    }

    /// Whether it is the caller.
    var isOwn: Bool { name == nil }

    /// All keys of theirs.
    var all: KeySelection { name.map { .named($0) } ?? .all(CredentialOwner(principal)) }

    /// One key, if it is theirs.
    func one(_ id: UUID) -> KeySelection { name.map { .namedOne(id, $0) } ?? .own(id, CredentialOwner(principal)) }

    /// Whether a request is about the very key that it came by: it names no other, and nobody else.
    static func isItself(_ request: AuthRequest, _ id: UUID) -> Bool {
        request.queryValues("id").allSatisfy { UUID(uuidString: $0) == id } && request.queryValues("user").isEmpty
    }
}
