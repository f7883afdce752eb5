import Synchronization

/// Numbers that tell requests from each other in the log: no two the same in one process, and beginning elsewhere in each.
enum RequestSerial {
    private static let next64 = Atomic<UInt64>(.random(in: .min ... .max))

    /// The next number. Costs no look at the system's generator: there is one for every request.
    static func next() -> UInt64 {
        // An odd step walks over all numbers, and makes neighbours look different.
        next64.wrappingAdd(0x9E37_79B9_7F4A_7C15, ordering: .relaxed).newValue
    }
}
