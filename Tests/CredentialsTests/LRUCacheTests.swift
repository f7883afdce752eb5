import Testing

@testable import Credentials

@Suite("The memory that forgets what was used least recently")
struct LRUCacheTests {
    @Test("It does what a plain list does, for any sequence of uses")
    func model() {
        for capacity in [1, 2, 5] {
            var cache = LRUCache<Int, Int>(capacity: capacity)
            var model: [(key: Int, value: Int)] = []  // oldest first
            for step in 0..<5000 {
                let key = Int.random(in: 0..<8)
                let found = model.firstIndex { $0.key == key }
                switch Int.random(in: 0..<10) {
                case 0..<4:
                    let value = cache[key]
                    #expect(value == found.map { model[$0].value })
                    if let found { model.append(model.remove(at: found)) }
                case 4..<8:
                    cache[key] = step
                    if let found { model.remove(at: found) } else if model.count == capacity { model.removeFirst() }
                    model.append((key, step))
                case 8:
                    cache[key] = nil
                    if let found { model.remove(at: found) }
                default:
                    cache.removeAll { $0.isMultiple(of: 3) }
                    model.removeAll { $0.value.isMultiple(of: 3) }
                }
                #expect(cache.count == model.count)
            }
        }
    }
}
