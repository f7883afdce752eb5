import Credentials
import Foundation

/// Whose keys and sessions a request names: the caller's own, or, with `?user=NAME`, those of somebody else or of a service account. Looked up it is a
/// ``PersonTarget``.
struct KeyTarget {
    /// The other; nil for the caller.
    let name: UserName?

    init(_ request: AuthRequest, _ principal: Principal) {
        // It stands there once at most: the table of routes sees to that.
        let named = request.queryValues("user").first.map { UserName($0) }
        name = named == principal.userName ? nil : named
    }

    /// Whether it is the caller.
    var isOwn: Bool { name == nil }

    /// Whether a request is about the very key that it came by: it names no other, and nobody else.
    static func isItself(_ request: AuthRequest, _ id: UUID) -> Bool {
        request.queryValues("id").allSatisfy { UUID(uuidString: $0) == id } && request.queryValues("user").isEmpty
    }
}
