import Foundation

/// A generator of random numbers whose numbers can be had again by its seed (SplitMix64, Steele et al., OOPSLA 2014).
public struct Seeded: RandomNumberGenerator, Sendable {
    /// What makes its numbers.
    public let seed: UInt64
    private var state: UInt64

    /// Begins with a seed.
    public init(seed: UInt64) {
        (self.seed, state) = (seed, seed)
    }

    /// Begins with the seed of the environment variable `LATCHKEY_SEED`, or one that nobody knows, and prints it.
    public static func announced(_ place: String = #function) -> Seeded {
        let given = ProcessInfo.processInfo.environment["LATCHKEY_SEED"].flatMap { UInt64($0) }
        let seeded = Seeded(seed: given ?? .random(in: 0...UInt64.max))
        print("seed of \(place): LATCHKEY_SEED=\(seeded.seed)")
        return seeded
    }

    /// Generators for parts of a test that run at the same time.
    public func split(_ count: Int) -> [Seeded] {
        var random = self
        return (0..<count).map { _ in Seeded(seed: random.next()) }
    }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
