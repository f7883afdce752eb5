/// How the memory that an operator grants to API keys (`http.auth.apiKeys.cache`) is shared among what remembers something of them: a number for
/// keys alone would leave the rest without a bound that anybody has set.
struct KeyMemory: Sendable, Equatable {
    /// In bytes.
    var total = 64 << 20

    static let least = 8 << 20

    // What one takes at most on a 64-bit machine, measured with ten million keys (Benchmarks/scale.sh): with its place in the tables, which may
    // be half empty after they have grown. A quarter of the whole is left for uses that are still to be written, and for what the allocator keeps.
    private static let bytesPerKey = 704
    private static let bytesPerOwner = 448
    private static let bytesPerAlert = 192
    private static let bytesPerLoopEntry = 1024

    /// What SQLite keeps of its file.
    var store: Int { total / 8 }
    /// What event loops know of their own: as many entries as 10,000 keys in rotation need, if there is room.
    func loopCapacity(loops: Int) -> Int {
        min(16_384, max(256, total * 3 / 8 / Self.bytesPerLoopEntry / max(1, loops)))
    }
    /// How many keys are remembered, as many of their owners, and from which networks each was used.
    var keys: Int { max(1024, total / 4 / (Self.bytesPerKey + Self.bytesPerOwner + Self.bytesPerAlert)) }
}
