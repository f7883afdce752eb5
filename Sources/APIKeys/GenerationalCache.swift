/// A bounded memory of what was used lately, at one look-up a use.
///
/// Two generations: what is used moves to the young one; when that is full it becomes the old one, and what was old and
/// not used since is forgotten. Holds at most twice the capacity of a generation.
struct GenerationalCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private let capacity: Int
    private var young: [Key: Value] = [:]
    private var old: [Key: Value] = [:]

    /// - Parameter capacity: how many entries a generation holds.
    init(capacity: Int) {
        self.capacity = max(1, capacity)
    }

    /// The value of a key. Setting nil forgets it.
    subscript(key: Key) -> Value? {
        mutating get {
            if let value = young[key] { return value }
            guard let value = old.removeValue(forKey: key) else { return nil }
            insert(value, for: key)
            return value
        }
        set {
            old[key] = nil
            if let newValue { insert(newValue, for: key) } else { young[key] = nil }
        }
    }

    /// Forgets the values that a condition holds for.
    mutating func removeAll(where condition: (Value) -> Bool) {
        young = young.filter { !condition($0.value) }
        old = old.filter { !condition($0.value) }
    }

    /// How many entries it holds.
    var count: Int { young.count + old.count }

    private mutating func insert(_ value: Value, for key: Key) {
        if young.count >= capacity, young[key] == nil {
            old = young
            young = [:]
        }
        young[key] = value
    }
}
