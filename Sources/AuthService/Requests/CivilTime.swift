/// A moment of UTC as people write it, in the Gregorian calendar for all years (ISO 8601, 4.2.1). Years are counted from March, so that the leap
/// day comes last.
struct CivilTime: Hashable {
    let year, month, day, hour, minute, second: Int64

    /// The moment that numbers name.
    /// - Returns: nil if there is no such moment, such as the 31st of February or the second 60.
    init?(year: Int64, month: Int64, day: Int64, hour: Int64, minute: Int64, second: Int64) {
        guard (0...9999).contains(year), (1...12).contains(month), (1...31).contains(day), (0...23).contains(hour),
            (0...59).contains(minute), (0...59).contains(second)
        else { return nil }
        (self.year, self.month, self.day) = (year, month, day)
        (self.hour, self.minute, self.second) = (hour, minute, second)
        // The 31st of February is the 3rd of March, and so another day than was written.
        guard CivilTime(seconds: seconds) == self else { return nil }
    }

    /// - Parameter seconds: since 1970.
    init(seconds: Int64) {
        let days = (seconds - Self.remainder(seconds, 86_400)) / 86_400
        let time = Self.remainder(seconds, 86_400)
        let shifted = days + 719_468
        let era = (shifted - Self.remainder(shifted, 146_097)) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let place = (5 * dayOfYear + 2) / 153
        let isNextYear = place >= 10
        year = yearOfEra + era * 400 + (isNextYear ? 1 : 0)
        month = isNextYear ? place - 9 : place + 3
        day = dayOfYear - (153 * place + 2) / 5 + 1
        (hour, minute, second) = (time / 3600, time / 60 % 60, time % 60)
    }

    /// Since 1970.
    var seconds: Int64 {
        let counted = month > 2 ? year : year - 1
        let era = (counted - Self.remainder(counted, 400)) / 400
        let yearOfEra = counted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        let days = era * 146_097 + dayOfEra - 719_468
        return days * 86_400 + hour * 3600 + minute * 60 + second
    }

    /// What is left of a division that rounds down.
    private static func remainder(_ number: Int64, _ divisor: Int64) -> Int64 {
        let rest = number % divisor
        return rest < 0 ? rest + divisor : rest
    }
}
