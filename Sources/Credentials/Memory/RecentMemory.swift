import Crypto

/// Objects that were used lately, by 256 bits that name them; least recently used ones are forgotten first.
///
/// It is what other modules keep on the way of every request. It is not generic on purpose: generic code of another module
/// is not specialised, and would cost more than its work.
package final class RecentMemory: Sendable {
    /// What can be remembered.
    package typealias Object = AnyObject & Sendable

    private struct Part: Sendable {
        var objects: LRUCache<Bits256, any Object>
        /// Counts removals: what was found out before one must not be remembered after it.
        var epoch = 0
    }

    private let parts: Sharded<Part>
    private let trust: (@Sendable (ContinuousClock.Instant) -> Bool)?

    /// - Parameters:
    ///   - capacity: how many objects are remembered at most.
    ///   - trust: whether what is remembered can be relied on at a time, where others may change what it is of; nil for always.
    package init(capacity: Int, trust: (@Sendable (ContinuousClock.Instant) -> Bool)? = nil) {
        self.trust = trust
        parts = Sharded { Part(objects: LRUCache(capacity: capacity / 16)) }
    }

    /// Whether what is remembered can be relied on. Never waits.
    package func isTrusted(at now: ContinuousClock.Instant) -> Bool { trust?(now) ?? true }

    private var isTrusted: Bool { trust?(.now) ?? true }

    /// The object of a name; nil where it can't be relied on. Never waits.
    package func object(of name: Bits256) -> (any Object)? {
        guard isTrusted else { return nil }
        return parts.withPart(of: Self.part(name)) { $0.objects[name] }
    }

    /// The number of removals so far: take it before you find out what is to be remembered.
    package func epoch(of name: Bits256) -> Int {
        parts.withPart(of: Self.part(name)) { $0.epoch }
    }

    /// Remembers an object, unless there is one already or something was removed meanwhile.
    /// - Returns: the object that was there already; else this one, remembered or not.
    package func remember(_ object: any Object, _ name: Bits256, since epoch: Int) -> any Object {
        // What is there may be older than this.
        guard isTrusted else { return object }
        return parts.withPart(of: Self.part(name)) { part in
            if let other = part.objects[name] { return other }
            if part.epoch == epoch { part.objects[name] = object }
            return object
        }
    }

    /// Forgets the objects that a condition holds for. Takes time for each one.
    package func removeAll(where condition: (any Object) -> Bool) {
        parts.forEach {
            $0.epoch += 1
            $0.objects.removeAll(where: condition)
        }
    }

    private static func part(_ name: Bits256) -> Int { Int(truncatingIfNeeded: name.words.3) }
}

extension Bits256 {
    /// The SHA-256 of some bytes.
    package static func sha256(of bytes: [UInt8]) -> Bits256 { Bits256(SHA256.hash(data: bytes)) }
}
