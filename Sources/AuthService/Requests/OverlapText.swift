/// How long a rotated key works beside its successor, as requests say it: seconds, or a number with `s`, `m`, `h` or `d`.
enum OverlapText {
    /// What is read, as a regular expression: none of it is over 30 days.
    static let pattern = "^([0-9]{1,6}s?|[0-9]{1,4}m|[0-9]{1,2}h|([0-9]|[12][0-9]|30)d)$"

    /// Reads a duration.
    /// - Returns: nil for anything else.
    static func parse(_ text: String) -> Duration? {
        guard let regex = try? Regex(pattern), text.wholeMatch(of: regex) != nil else { return nil }
        return DurationText.parse(text)
    }
}
