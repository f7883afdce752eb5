/// Sizes as the configuration writes them: bytes, or a number with `K`, `M` or `G`, or with `KiB`, `MiB` or `GiB`. `MB` is none of them: to some it is a
/// million bytes.
enum SizeText {
    /// What is read, as a regular expression of JSON Schema.
    static let pattern = "^[0-9]{1,20} ?([KkMmGg]([Ii][Bb])?)?$"

    private static let units: [(suffix: String, bytes: UInt64)] = [
        ("kib", 1 << 10), ("mib", 1 << 20), ("gib", 1 << 30), ("k", 1 << 10), ("m", 1 << 20), ("g", 1 << 30),
    ]

    /// Reads a size.
    /// - Parameter text: such as `1048576`, `256MiB`, `1g`.
    /// - Returns: the bytes; nil if it is none, or does not fit into 64 bits.
    static func parse(_ text: String) -> UInt64? {
        guard let regex = try? Regex(pattern), text.wholeMatch(of: regex) != nil else { return nil }
        let text = text.lowercased()
        let unit = units.first { text.hasSuffix($0.suffix) }
        let number = unit.map { text.dropLast($0.suffix.count) } ?? text[...]
        guard let count = UInt64(number.filter { $0 != " " }) else { return nil }
        let (bytes, overflow) = count.multipliedReportingOverflow(by: unit?.bytes ?? 1)
        return overflow ? nil : bytes
    }
}
