/// Durations as the configuration writes them: seconds, or a number with `ms`, `s`, `m`, `h` or `d`.
package enum DurationText {
    /// What is read, as a regular expression of JSON Schema; of what it takes, nothing over 100 years is.
    package static let pattern = "^[0-9]+(\\.[0-9]+)?(ms|s|m|h|d)?$"

    private static let units: [(suffix: String, milliseconds: Double)] = [
        ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
    ]

    /// Reads a duration.
    /// - Parameter text: such as `5`, `0.5`, `500ms`, `5m`.
    /// - Returns: nil if it is none, is negative, or is over 100 years.
    package static func parse(_ text: String) -> Duration? {
        let unit = units.first { text.hasSuffix($0.suffix) }
        let number = unit.map { text.dropLast($0.suffix.count) } ?? Substring(text)
        guard isPlain(number), let value = Double(number), value.isFinite else { return nil }
        let milliseconds = value * (unit?.milliseconds ?? 1000)
        return milliseconds < 3.2e12 ? .milliseconds(Int64(milliseconds)) : nil
    }

    /// Whether it is digits, with a point between them at most: Swift's numbers have signs, exponents and hexadecimal digits too.
    private static func isPlain(_ number: Substring) -> Bool {
        let parts = number.utf8.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        return parts.allSatisfy { part in
            !part.isEmpty && part.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        }
    }
}
