package import Foundation
import Credentials

/// Times as RFC 3339 writes them, with as many digits of fractional seconds as Go reads and writes.
///
/// What is read can be written, and is read again as the same time: both go by whole microseconds, from the year 1 to the last second of the
/// year 9999, in the Gregorian calendar that the RFC means for all of them (Foundation's own turns to the Julian one before 1582).
package enum RFC3339 {
    /// What zot writes for a key that never expires: Go's zero time.
    package static let never = "0001-01-01T00:00:00Z"

    /// The seconds since 1970 that can be written.
    private static let writable: ClosedRange<Int64> = -62_135_596_800...253_402_300_799
    /// 2001, from which Foundation counts, by seconds since 1970.
    private static let reference: Int64 = 978_307_200

    /// Writes a time in UTC, to the microsecond. One that has no form, as older stores may have some, is written as the nearest that has one.
    package static func format(_ date: Date) -> String {
        // Whole seconds and the rest apart: their sum in microseconds is more than a Double holds in the year 9999.
        let interval = date.timeIntervalSinceReferenceDate
        let bounds = Double(writable.lowerBound - reference)...Double(writable.upperBound - reference)
        let bounded = interval.isNaN ? 0 : min(max(interval, bounds.lowerBound), bounds.upperBound)
        let whole = bounded.rounded(.down)
        var (seconds, fraction) = (Int64(whole) + reference, Int64(((bounded - whole) * 1_000_000).rounded()))
        if fraction == 1_000_000 { (seconds, fraction) = (seconds + 1, 0) }
        let moment = CivilTime(seconds: seconds)
        var text = ""
        for (number, width, end) in [
            (moment.year, 4, "-"), (moment.month, 2, "-"), (moment.day, 2, "T"), (moment.hour, 2, ":"),
            (moment.minute, 2, ":"), (moment.second, 2, "."), (fraction, 6, "Z"),
        ] {
            let digits = String(number)
            text += String(repeating: "0", count: max(0, width - digits.count)) + digits + end
        }
        return text
    }

    /// Reads a time: `YYYY-MM-DDTHH:MM:SS`, a fraction if there is one, and `Z` or an offset. A leap second is none of these: no clock here knows it.
    /// - Returns: nil if it is not of this form, no such moment exists, or it can't be written in UTC.
    package static func parse(_ text: String) -> Date? {
        guard let match = text.wholeMatch(of: form) else { return nil }
        let parts = match.output.1.split { !$0.isNumber }.compactMap { Int64($0) }
        guard parts.count == 6,
            let moment = CivilTime(
                year: parts[0], month: parts[1], day: parts[2], hour: parts[3], minute: parts[4], second: parts[5]),
            let offset = offset(match.output.3)
        else { return nil }
        let microseconds = match.output.2.map { Self.microseconds($0) } ?? 0
        let seconds = moment.seconds - offset + microseconds / 1_000_000
        let fraction = microseconds % 1_000_000
        guard writable.contains(seconds), seconds < writable.upperBound || fraction == 0 else { return nil }
        return Date(timeIntervalSinceReferenceDate: Double(seconds - reference) + Double(fraction) / 1_000_000)
    }

    private static var form: Regex<(Substring, Substring, Substring?, Substring)> {
        /(\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2})(\.\d{1,12})?([Zz]|[+-]\d{2}:\d{2})/.asciiOnlyDigits()
    }

    /// A fraction of a second, rounded.
    private static func microseconds(_ fraction: Substring) -> Int64 {
        let digits = fraction.dropFirst().prefix(12)
        let whole = Int64(digits + String(repeating: "0", count: 12 - digits.count)) ?? 0
        return (whole + 500_000) / 1_000_000
    }

    /// The offset in seconds; nil if it is no time of day.
    private static func offset(_ text: Substring) -> Int64? {
        guard text.count == 6, let hours = Int64(text.dropFirst().prefix(2)), let minutes = Int64(text.suffix(2)) else {
            return 0
        }
        guard hours < 24, minutes < 60 else { return nil }
        return (text.hasPrefix("-") ? -1 : 1) * (hours * 3600 + minutes * 60)
    }
}
