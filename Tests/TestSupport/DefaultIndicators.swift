package import AnomalyDetection
import Foundation

/// The indicators as the extension ships them, read from their SQL.
package enum DefaultIndicators {
    package static func load() throws -> [Indicator] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let sql = try String(
            contentsOf: root.appending(path: "SQL/rows/indicators.sql"), encoding: .utf8)
        guard let values = sql.range(of: "VALUES"), let end = sql.range(of: "ON CONFLICT")
        else { return [] }
        return try rows(sql[values.upperBound..<end.lowerBound]).map { row in
            try Indicator(
                name: row[0], anomalyType: row[1], scope: row[2], conditionJSON: row[3],
                weight: Double(row[4]) ?? .nan, description: row[5], recommendation: row[6])
        }
    }

    /// The rows of a VALUES list: quoted strings and numbers.
    private static func rows(_ text: Substring) -> [[String]] {
        var rows: [[String]] = []
        var row: [String] = []
        var field = ""
        var isQuoted = false
        for character in text {
            switch (isQuoted, character) {
            case (true, "'"): isQuoted = false
            case (true, _): field.append(character)
            case (false, "'"):
                isQuoted = true
                // A quote right after a quote is one in the text.
                if !field.isEmpty { field.append("'") }
            case (false, "("): row = []
            case (false, ","), (false, ")"):
                if !field.isEmpty { row.append(field) }
                field = ""
                if character == ")" { rows.append(row) }
            case (false, _) where !character.isWhitespace: field.append(character)
            default: break
            }
        }
        return rows
    }
}
