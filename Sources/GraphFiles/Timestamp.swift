/// ISO 8601 instants as seconds since 1970, parsed strictly.
package enum Timestamp {
    /// Why a text is not an instant.
    package enum Problem: String, Error, Equatable, Sendable {
        /// The text does not have the shape of an instant.
        case shape = "expected an ISO 8601 time such as 2024-05-31T08:00:00Z"
        /// A month 13, a 30th of February, an hour 25.
        case range = "no such date or time"
        /// A time of day whose zone is not said.
        case zone = "the time has no zone: end it with Z for UTC"
    }

    /// Seconds since 1970 of `2024-05-31`, `2024-05-31T08:00:00.250Z` or `…+02:00`.
    ///
    /// A date alone is its midnight in UTC. The Gregorian calendar holds for all years.
    package static func parse(_ text: String) throws(Problem) -> Double {
        try parse(Array(text.utf8).span)
    }

    static func parse(_ bytes: Span<UInt8>) throws(Problem) -> Double {
        guard bytes.count >= 10, bytes[4] == dash, bytes[7] == dash else { throw .shape }
        let year = try number(bytes, at: 0, digitCount: 4)
        let month = try number(bytes, at: 5, digitCount: 2)
        let day = try number(bytes, at: 8, digitCount: 2)
        guard (1...12).contains(month), day >= 1, day <= dayCount(year: year, month: month)
        else { throw .range }
        let midnight = Double(daysSince1970(year: year, month: month, day: day) * 86_400)
        if bytes.count == 10 { return midnight }

        guard bytes.count >= 19, bytes[10] == UInt8(ascii: "T"), bytes[13] == colon,
            bytes[16] == colon
        else { throw .shape }
        let hour = try number(bytes, at: 11, digitCount: 2)
        let minute = try number(bytes, at: 14, digitCount: 2)
        let second = try number(bytes, at: 17, digitCount: 2)
        guard hour < 24, minute < 60, second < 60 else { throw .range }
        var index = 19
        let fraction = try fraction(bytes, at: &index)
        let offset = try zoneOffset(bytes, at: index)
        return midnight + Double(hour * 3600 + minute * 60 + second - offset) + fraction
    }

    /// Days from 1970-01-01 to a Gregorian date.
    ///
    /// The year is taken to begin in March, so that the leap day is its last: then the days
    /// before month m are (153 m + 2) / 5, and a 400-year cycle has 146,097 days.
    private static func daysSince1970(year: Int, month: Int, day: Int) -> Int {
        let marchYear = month > 2 ? year : year - 1
        let cycle = (marchYear >= 0 ? marchYear : marchYear - 399) / 400
        let yearOfCycle = marchYear - cycle * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfCycle = yearOfCycle * 365 + yearOfCycle / 4 - yearOfCycle / 100 + dayOfYear
        return cycle * 146_097 + dayOfCycle - 719_468
    }

    private static func dayCount(year: Int, month: Int) -> Int {
        let isLeap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0
        return switch month {
        case 2: isLeap ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private static func number(
        _ bytes: Span<UInt8>, at start: Int, digitCount: Int
    ) throws(Problem) -> Int {
        var value = 0
        for index in start..<(start + digitCount) {
            guard let digit = FieldParsing.digit(bytes[index]) else { throw .shape }
            value = value * 10 + digit
        }
        return value
    }

    private static func fraction(
        _ bytes: Span<UInt8>, at index: inout Int
    ) throws(Problem) -> Double {
        guard index < bytes.count, bytes[index] == UInt8(ascii: ".") else { return 0 }
        index += 1
        var value = 0.0
        var unit = 1.0
        let start = index
        // Nine digits are nanoseconds; a Double of today's seconds keeps not even those.
        while index < bytes.count, index - start < 9, let digit = FieldParsing.digit(bytes[index]) {
            value = value * 10 + Double(digit)
            unit *= 10
            index += 1
        }
        guard index > start else { throw .shape }
        return value / unit
    }

    private static func zoneOffset(_ bytes: Span<UInt8>, at index: Int) throws(Problem) -> Int {
        guard index < bytes.count else { throw .zone }
        if bytes[index] == UInt8(ascii: "Z"), bytes.count == index + 1 { return 0 }
        let isEast = bytes[index] == UInt8(ascii: "+")
        guard isEast || bytes[index] == dash, bytes.count == index + 6, bytes[index + 3] == colon
        else { throw .shape }
        let hour = try number(bytes, at: index + 1, digitCount: 2)
        let minute = try number(bytes, at: index + 4, digitCount: 2)
        guard hour <= 15, minute < 60 else { throw .range }
        return (hour * 3600 + minute * 60) * (isEast ? 1 : -1)
    }

    private static let dash = UInt8(ascii: "-")
    private static let colon = UInt8(ascii: ":")
}
