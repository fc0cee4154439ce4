import Foundation

/// Numbers as people write them.
enum NumberText {
    /// A count with separators: 1,204.
    static func count(_ number: Int) -> String {
        let digits = String(number.magnitude)
        var text = ""
        for (place, digit) in digits.enumerated() {
            if place > 0, (digits.count - place) % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return number < 0 ? "-" + text : text
    }

    /// A number with three significant digits and no trailing zeros; whole from 100 on.
    static func number(_ number: Double) -> String {
        guard number.isFinite else { return "unknown" }
        let size = abs(number)
        if size >= 1e15 { return String(format: "%.2e", number) }
        if size >= 99.95 { return count(Int(number.rounded())) }
        if size == 0 { return "0" }
        if size < 0.0001 { return number > 0 ? "less than 0.0001" : "just below 0" }
        let decimals = max(0, 2 - Int(floor(log10(size))))
        var text = String(format: "%.\(decimals)f", number)
        if text.contains(".") {
            while text.hasSuffix("0") { text.removeLast() }
            if text.hasSuffix(".") { text.removeLast() }
        }
        return text
    }

    /// A count with its noun: "1 entity", "1,204 entities".
    static func quantity(_ number: Double, _ singular: String, _ plural: String? = nil) -> String {
        let text = self.number(number)
        return text == "1" ? "1 \(singular)" : "\(text) \(plural ?? singular + "s")"
    }

    /// A length of time in the unit that suits it: "2 hours", "90 minutes".
    static func duration(seconds: Double) -> String {
        let units: [(Double, String)] = [(86_400, "day"), (3600, "hour"), (60, "minute")]
        for (length, unit) in units {
            let amount = seconds / length
            if amount >= 1, amount == amount.rounded() { return quantity(amount, unit) }
        }
        return seconds >= 600
            ? quantity((seconds / 60).rounded(), "minute") : quantity(seconds, "second")
    }

    /// How long ago something was: "just now", "5 minutes ago", "3.2 days ago".
    static func ago(days: Double) -> String {
        guard days.isFinite else { return "at an unknown time" }
        return days < 1.0 / 1440 ? "just now" : "\(span(days: days)) ago"
    }

    /// A length of time in days, hours or minutes: "12 minutes", "3.2 days".
    static func span(days: Double) -> String {
        if days >= 1 || !days.isFinite { return quantity(days, "day") }
        if days >= 1.0 / 24 { return quantity((days * 24).rounded(), "hour") }
        return quantity((days * 1440).rounded(), "minute")
    }

    /// A small probability as a frequency: "one in 1,200".
    static func oneIn(_ probability: Double) -> String {
        guard probability > 0, probability < 0.5 else { return "one in two or more" }
        let times = 1 / probability
        let digits = pow(10, floor(log10(times)) - 1)
        return "one in " + number((times / digits).rounded() * digits)
    }

    /// A quantile in words: "99th percentile", "median", "99.9th percentile".
    static func percentile(_ probability: Double) -> String {
        if probability == 0.5 { return "median" }
        let percent = number((probability * 1e6).rounded() / 1e4)
        let ending =
            switch percent {
            case "11", "12", "13": "th"
            case let text where text.contains("."): "th"
            case let text where text.hasSuffix("1"): "st"
            case let text where text.hasSuffix("2"): "nd"
            case let text where text.hasSuffix("3"): "rd"
            default: "th"
            }
        return "\(percent)\(ending) percentile"
    }

    /// The entities of a type: "1 email entity", "1,204 email entities", "30 entities of all types".
    static func entities(_ count: Int, ofType type: String) -> String {
        let noun = count == 1 ? "entity" : "entities"
        return type.isEmpty
            ? "\(self.count(count)) \(noun) of all types" : "\(self.count(count)) \(type) \(noun)"
    }
}
