/// Regular expressions for the numbers of a range, as JSON Schema has no other way to bound a number that stands in quotation marks.
enum NumberPattern {
    /// The expression.
    /// - Parameter range: the numbers, of which none is negative.
    /// - Returns: what all of them fit, with zeros before them or not, and no other text.
    static func of(_ range: ClosedRange<Int>) -> String {
        var (first, parts): (Int, [String]) = (max(0, range.lowerBound), [])
        for last in ends(first...range.upperBound) {
            parts.append(zip(String(first), String(last)).map { digit($0, $1) }.joined())
            first = last + 1
        }
        return "^0*(\(parts.joined(separator: "|")))$"
    }

    /// Where to cut a range, so that the numbers of each part differ in digits that are all free, but for one.
    private static func ends(_ range: ClosedRange<Int>) -> [Int] {
        var ends: Set<Int> = [range.upperBound]
        var power = 10
        // Up to the next number that ends in nines, and down from the last that ends in zeros.
        while case let end = range.lowerBound - range.lowerBound % power + power - 1, end < range.upperBound {
            ends.insert(end)
            power *= 10
        }
        power = 10
        while case let end = (range.upperBound + 1) - (range.upperBound + 1) % power - 1, end > range.lowerBound {
            ends.insert(end)
            power *= 10
        }
        return ends.sorted()
    }

    private static func digit(_ low: Character, _ high: Character) -> String {
        low == high ? String(low) : "[\(low)-\(high)]"
    }
}
