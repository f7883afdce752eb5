package import Foundation

/// Times as stores keep them.
extension Date {
    /// Whole microseconds since 1970. A time that 64 bits don't hold, such as one of a damaged store, becomes the nearest that they do.
    package var microseconds: Int64 {
        let count = (timeIntervalSince1970 * 1_000_000).rounded()
        guard !count.isNaN else { return 0 }
        // 2^63 is the first that does not fit, and the last below it that a Double has is far from it.
        if count >= 0x1p63 { return .max }
        return count <= -0x1p63 ? .min : Int64(count)
    }

    /// Takes a time from a store.
    /// - Parameter microseconds: since 1970.
    package init(microseconds: Int64) { self.init(timeIntervalSince1970: Double(microseconds) / 1_000_000) }

    /// The last second of the year 9999: RFC 3339, 5.6 has years of four digits, so that nothing later can be written for a client.
    package static let lastWritable = Date(timeIntervalSince1970: 253_402_300_799)
}
