/// A bounded memory that forgets what was used least recently. Each operation takes constant time.
package struct LRUCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Node: Sendable {
        var key: Key
        var value: Value
        /// The neighbours that were used before and after, as places in `nodes`; -1 for none.
        var older: Int
        var newer: Int
    }

    private let capacity: Int
    private var places: [Key: Int] = [:]
    private var nodes: [Node] = []
    private var oldest = -1
    private var newest = -1

    /// - Parameter capacity: how many entries it holds, at least one.
    package init(capacity: Int) {
        self.capacity = max(1, capacity)
    }

    /// How many entries it holds.
    package var count: Int { places.count }

    /// The value of a key, which then counts as used. Setting nil forgets it.
    package subscript(key: Key) -> Value? {
        mutating get {
            guard let place = places[key] else { return nil }
            touch(place)
            return nodes[place].value
        }
        set {
            guard let newValue else { return remove(key) }
            if let place = places[key] {
                nodes[place].value = newValue
                touch(place)
            } else {
                insert(newValue, for: key)
            }
        }
    }

    /// Forgets the values that a condition holds for. Takes time for each entry.
    package mutating func removeAll(where condition: (Value) -> Bool) {
        for key in nodes.filter({ condition($0.value) }).map(\.key) { remove(key) }
    }

    private mutating func insert(_ value: Value, for key: Key) {
        if nodes.count == capacity { remove(nodes[oldest].key) }
        nodes.append(Node(key: key, value: value, older: -1, newer: -1))
        places[key] = nodes.count - 1
        append(nodes.count - 1)
    }

    /// Takes an entry out and moves the last node into its place, so that `nodes` has no holes.
    private mutating func remove(_ key: Key) {
        guard let place = places.removeValue(forKey: key) else { return }
        unlink(place)
        let last = nodes.removeLast()
        guard place < nodes.count else { return }
        nodes[place] = last
        places[last.key] = place
        if last.older >= 0 { nodes[last.older].newer = place } else { oldest = place }
        if last.newer >= 0 { nodes[last.newer].older = place } else { newest = place }
    }

    private mutating func touch(_ place: Int) {
        guard place != newest else { return }
        unlink(place)
        append(place)
    }

    private mutating func unlink(_ place: Int) {
        let (older, newer) = (nodes[place].older, nodes[place].newer)
        if older >= 0 { nodes[older].newer = newer } else { oldest = newer }
        if newer >= 0 { nodes[newer].older = older } else { newest = older }
    }

    private mutating func append(_ place: Int) {
        nodes[place].older = newest
        nodes[place].newer = -1
        if newest >= 0 { nodes[newest].newer = place } else { oldest = place }
        newest = place
    }
}
