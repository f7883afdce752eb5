package import Foundation

/// Times as stores keep them.
extension Date {
    /// Whole microseconds since 1970.
    package var microseconds: Int64 { Int64((timeIntervalSince1970 * 1_000_000).rounded()) }

    /// Takes a time from a store.
    /// - Parameter microseconds: since 1970.
    package init(microseconds: Int64) { self.init(timeIntervalSince1970: Double(microseconds) / 1_000_000) }
}
