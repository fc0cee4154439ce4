import AnomalyDetection
import Storage

/// The indicators that an installation begins with, read from its script.
enum ShippedIndicators {
    private static let start =
        "INSERT INTO vigil.indicators (name, anomaly_type, scope, condition, weight, description, "
        + "recommendation)\nVALUES"
    private static let end = "ON CONFLICT"

    static func load() throws -> [Indicator] { try load(from: installationScript) }

    static func load(from script: String) throws -> [Indicator] {
        var indicators: [Indicator] = []
        var rest = Substring(script)
        while let head = rest.firstRange(of: start) {
            rest = rest[head.upperBound...]
            let values = rest.firstRange(of: end).map { rest[..<$0.lowerBound] } ?? rest
            for row in rows(values) where row.count == 7 {
                indicators.append(
                    try Indicator(
                        name: row[0], anomalyType: row[1], scope: row[2], conditionJSON: row[3],
                        weight: Double(row[4]) ?? .nan, description: row[5],
                        recommendation: row[6]))
            }
        }
        return indicators
    }

    /// The rows of a VALUES list: quoted strings and numbers.
    private static func rows(_ text: Substring) -> [[String]] {
        var rows: [[String]] = []
        var row: [String] = []
        var field: String?
        var isQuoted = false
        for character in text {
            switch (isQuoted, character) {
            case (true, "'"): isQuoted = false
            case (true, _): field?.append(character)
            case (false, "'"):
                isQuoted = true
                // A quote right after a quote is one in the text.
                field = field.map { $0 + "'" } ?? ""
            case (false, "("): row = []
            case (false, ","), (false, ")"):
                if let field { row.append(field) }
                field = nil
                if character == ")" { rows.append(row) }
            case (false, _) where !character.isWhitespace: field = (field ?? "") + String(character)
            default: break
            }
        }
        return rows
    }
}
