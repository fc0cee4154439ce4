import AnomalyDetection
import Foundation

/// What an entity did, step by step, and what was found, day by day.
enum TimeCharts {
    /// The behavioural sequence of an explanation as a heat map, and what it is in words.
    static func timeline(of explanation: PageValue) -> PageValue {
        let sequence = explanation["inputs"]["sequence"].elements
        let behaviour = explanation["behaviour"]
        let rows = BehaviourFeature.allCases
        guard !sequence.isEmpty, sequence.count.isMultiple(of: rows.count),
            let seconds = behaviour["bucket_seconds"].double, seconds > 0,
            let asOf = explanation["inputs"]["as_of"].double
        else { return .null }
        let bucketCount = sequence.count / rows.count
        let lastStart = (asOf / seconds).rounded(.down) * seconds
        let firstStart = lastStart - Double(bucketCount - 1) * seconds
        let unexpected = behaviour["steps"].elements
        var chart = ChartText(
            width: 720,
            label: "Behaviour in \(bucketCount) steps by \(rows.count) numbers; "
                + "the unexpected ones are listed below")
        let (left, cell) = (170.0, 11.0)
        for row in rows {
            let values = (0..<bucketCount).map { sequence[$0 * rows.count + row.rawValue].double }
            let known = values.compactMap(\.self)
            let low = min(0, known.min() ?? 0)
            let high = known.max() ?? 0
            let y = Double(row.rawValue) * (cell + 2)
            chart.text(PageText.words(row.name), x: 0, y: y + 9)
            for (bucket, value) in values.enumerated() {
                guard let value, high > low, value > low else { continue }
                chart.rectangle(
                    x: left + Double(bucket) * cell, y: y, width: cell - 1, height: cell - 1,
                    style: "heat", opacity: 0.12 + 0.88 * (value - low) / (high - low))
            }
            chart.line(
                from: (left, y + cell), to: (left + Double(bucketCount) * cell, y + cell),
                style: "rule")
        }
        for step in unexpected {
            guard let time = step["time"].string.flatMap(moment),
                let row = rows.first(where: { $0.name == step["feature"].string })
            else { continue }
            let bucket = ((time - firstStart) / seconds).rounded()
            guard bucket >= 0, bucket < Double(bucketCount) else { continue }
            chart.rectangle(
                x: left + bucket * cell - 1, y: Double(row.rawValue) * (cell + 2) - 1,
                width: cell + 1, height: cell + 1, style: "unexpected")
        }
        let bottom = Double(rows.count) * (cell + 2) + 10
        chart.text(day(firstStart), x: left, y: bottom, style: "faint")
        chart.text(
            day(lastStart), x: left + Double(bucketCount) * cell, y: bottom, anchor: "end",
            style: "faint")
        return [
            "chart": .text(chart.svg),
            "words": .text(
                "Each column is \(span(seconds)), the newest to the right; the darker, the nearer to "
                    + "the largest of its row; empty: nothing, or unknown. Framed: what the network "
                    + "did not expect."),
            "has_steps": .bool(!unexpected.isEmpty),
            "steps": .list(unexpected.map { .text(sentence($0)) }),
        ]
    }

    private static func sentence(_ step: PageValue) -> String {
        let figure = { (key: String) in step[key].double.map(PageText.number) ?? "unknown" }
        return "\(PageText.words(step["feature"].string ?? "?")) at \(step["time"].string ?? "?"): "
            + "\(figure("value")) where \(figure("expected")) was expected, "
            + "\(Int(((step["share"].double ?? 0) * 100).rounded())) % of the error"
    }

    private static func moment(_ text: String) -> Double? {
        (try? Date(text, strategy: .iso8601))?.timeIntervalSince1970
    }

    private static func day(_ seconds: Double) -> String {
        Date(timeIntervalSince1970: seconds).formatted(.iso8601).prefix(16)
            .replacing("T", with: " ") + " UTC"
    }

    private static func span(_ seconds: Double) -> String {
        switch seconds {
        case 86_400: "a day"
        case 3600: "an hour"
        case let days where days.truncatingRemainder(dividingBy: 86_400) == 0:
            "\(Int(days / 86_400)) days"
        case let hours where hours.truncatingRemainder(dividingBy: 3600) == 0:
            "\(Int(hours / 3600)) hours"
        default: "\(PageText.number(seconds)) seconds"
        }
    }

    /// Days, the newest first, as stacked bars with the week's average.
    static func days(_ days: [PageValue]) -> String {
        let days = Array(days.reversed())
        let severities = ["low", "medium", "high", "critical"]
        let totals = days.map { $0["found"].double ?? 0 }
        let averages = days.map { $0["average"].double ?? 0 }
        let largest = max(1, totals.max() ?? 1, averages.max() ?? 1)
        var chart = ChartText(
            width: 720,
            label: "Found on \(days.count) days, at most \(PageText.number(largest)) on one, "
                + "\(PageText.number(totals.last ?? 0)) today")
        let (left, bottom, height) = (50.0, 170.0, 150.0)
        let step = 660 / Double(max(1, days.count))
        for part in [0, 0.5, 1] {
            let y = bottom - part * height
            chart.line(from: (left, y), to: (left + 660, y), style: "rule")
            chart.text(
                PageText.number((largest * part).rounded()), x: left - 6, y: y + 4, anchor: "end",
                style: "faint")
        }
        for (place, day) in days.enumerated() {
            var y = bottom
            for severity in severities {
                let length = (day[severity].double ?? 0) / largest * height
                guard length > 0 else { continue }
                y -= length
                chart.rectangle(
                    x: left + Double(place) * step + 1, y: y, width: max(1, step - 2),
                    height: length, style: "bar-\(severity)",
                    title:
                        "\(day["day"].string ?? ""): \(PageText.number(day[severity].double ?? 0)) \(severity)"
                )
            }
        }
        let points = averages.enumerated().map { place, average in
            (x: left + (Double(place) + 0.5) * step, y: bottom - average / largest * height)
        }
        if points.count > 1 { chart.path(points, style: "line") }
        chart.text(days.first?["day"].string ?? "", x: left, y: bottom + 16, style: "faint")
        chart.text(
            days.last?["day"].string ?? "", x: left + 660, y: bottom + 16, anchor: "end",
            style: "faint")
        return chart.svg
    }
}
