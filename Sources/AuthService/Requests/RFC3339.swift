package import Foundation

/// Times as RFC 3339 writes them, with as many digits of fractional seconds as Go reads and writes.
package enum RFC3339 {
    /// What zot writes for a key that never expires: Go's zero time.
    static let never = "0001-01-01T00:00:00Z"

    /// Writes a time in UTC, to the microsecond.
    package static func format(_ date: Date) -> String {
        let microseconds = Int64((date.timeIntervalSince1970 * 1_000_000).rounded())
        var seconds = microseconds / 1_000_000
        var fraction = microseconds % 1_000_000
        if fraction < 0 { (seconds, fraction) = (seconds - 1, fraction + 1_000_000) }
        let whole = Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601)
        let digits = String(fraction)
        return "\(whole.dropLast()).\(String(repeating: "0", count: 6 - digits.count))\(digits)Z"
    }

    /// Reads a time: `YYYY-MM-DDTHH:MM:SS`, a fraction if there is one, and `Z` or an offset.
    /// - Returns: nil if it is not of this form, or no such moment exists.
    package static func parse(_ text: String) -> Date? {
        guard let match = text.wholeMatch(of: form), let offset = offset(match.output.3) else { return nil }
        let (_, moment, fraction, _) = match.output
        guard let whole = try? Date("\(moment.uppercased())Z", strategy: .iso8601),
            // Foundation takes the 31st of February for the 3rd of March.
            whole.formatted(.iso8601).dropLast() == moment.uppercased()
        else { return nil }
        return whole.addingTimeInterval((fraction.flatMap { Double("0\($0)") } ?? 0) - offset)
    }

    private static var form: Regex<(Substring, Substring, Substring?, Substring)> {
        /(\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2})(\.\d{1,12})?([Zz]|[+-]\d{2}:\d{2})/.asciiOnlyDigits()
    }

    /// The offset in seconds; nil if it is no time of day.
    private static func offset(_ text: Substring) -> Double? {
        guard text.count == 6, let hours = Double(text.dropFirst().prefix(2)), let minutes = Double(text.suffix(2))
        else {
            return 0
        }
        guard hours < 24, minutes < 60 else { return nil }
        return (text.hasPrefix("-") ? -1 : 1) * (hours * 3600 + minutes * 60)
    }
}
