import Credentials

/// The scopes of keys that came lately, so that they are read once and not for each request. Bounded by what they take.
final class ScopeMemory: Sendable, CustomReflectable {
    /// How many lists of scopes are remembered at most. One of those that may be made takes up to some 50 KB.
    private static let capacity = 256

    private let known = Locked(LRUCache<[Scope], ReadScopes>(capacity: ScopeMemory.capacity))

    /// A mirror without children: what rules are is one thing, and who came lately another.
    var customMirror: Mirror { Mirror(self, children: [:]) }

    /// The scopes, read once they are needed.
    func scopes(_ texts: [Scope]) -> ReadScopes {
        known.withLock { known in
            if let scopes = known[texts] { return scopes }
            let scopes = ReadScopes(texts)
            known[texts] = scopes
            return scopes
        }
    }
}
