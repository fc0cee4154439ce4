package import AnomalyDetection
import Foundation

/// The indicators as the extension ships them, read from their SQL.
package enum DefaultIndicators {
    package static func load() throws -> [Indicator] {
        let sql = try file("SQL/rows/indicators.sql")
        guard let values = sql.range(of: "VALUES"), let end = sql.range(of: "ON CONFLICT")
        else { return [] }
        return try rows(sql[values.upperBound..<end.lowerBound]).map { row in
            try Indicator(
                name: row[0], anomalyType: row[1], scope: row[2], conditionJSON: row[3],
                weight: Double(row[4]) ?? .nan, description: row[5], recommendation: row[6])
        }
    }

    /// What `vigil.indicator_measures` lists: scope, kind, name, unit, whether it has peers, meaning.
    package static func measures() throws -> [[String]] {
        let sql = try file("SQL/views/indicator_measures.sql")
        guard let values = sql.range(of: "(VALUES"), let end = sql.range(of: ") AS known")
        else { return [] }
        return rows(sql[values.upperBound..<end.lowerBound])
    }

    /// Conditions that the database refuses: scope, condition, and its words.
    package static func refusedConditions() throws -> [[String]] {
        let lines = try file("Extension/test/expected/indicators.out").split(separator: "\n")
        let shown = lines.split { $0.hasPrefix("SELECT scope, condition") }
        guard shown.count > 1 else { return [] }
        return shown[1].dropFirst(2).prefix { !$0.hasPrefix("(") }.map { line in
            line.split(separator: " | ").map { $0.trimmingCharacters(in: .whitespaces) }
        }
    }

    /// The text of a file of the repository.
    private static func file(_ path: String) throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(contentsOf: root.appending(path: path), encoding: .utf8)
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
