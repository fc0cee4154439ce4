/// A date of the Gregorian calendar in UTC.
struct CivilDate: Equatable {
    var year: Int
    var month: Int
    var day: Int

    /// The date of a day counted from 1970-01-01.
    ///
    /// Years are taken to begin in March, so that the leap day is the last: then a cycle of 400
    /// years has 146,097 days, and the months before month m have (153 m + 2) / 5.
    init(daysSince1970 days: Int) {
        let shifted = days + 719_468
        let cycle = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfCycle = shifted - cycle * 146_097
        let yearOfCycle =
            (dayOfCycle - dayOfCycle / 1460 + dayOfCycle / 36_524 - dayOfCycle / 146_096) / 365
        let dayOfYear = dayOfCycle - (365 * yearOfCycle + yearOfCycle / 4 - yearOfCycle / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        year = yearOfCycle + cycle * 400 + (month <= 2 ? 1 : 0)
    }

    /// Whole seconds since 1970 as `2026-03-31T15:00:00Z`.
    static func instant(_ seconds: Double) -> String {
        let total = Int(seconds.rounded(.down))
        let days = total >= 0 ? total / 86_400 : (total - 86_399) / 86_400
        let rest = total - days * 86_400
        let date = CivilDate(daysSince1970: days)
        func padded(_ number: Int, _ width: Int = 2) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, width - text.count)) + text
        }
        return padded(date.year, 4) + "-" + padded(date.month) + "-" + padded(date.day) + "T"
            + padded(rest / 3600) + ":" + padded(rest / 60 % 60) + ":" + padded(rest % 60) + "Z"
    }

    /// The day of the week of a day counted from 1970-01-01, from Sunday as 0.
    static func weekday(ofDay days: Int) -> Int {
        // 1970-01-01 was a Thursday.
        ((days + 4) % 7 + 7) % 7
    }
}
