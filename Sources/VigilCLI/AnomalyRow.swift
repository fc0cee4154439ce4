import Foundation
import Storage

/// What the terminal shows of an anomaly in one line.
struct AnomalyRow: Decodable, Equatable {
    var id, severity, type, subject, state, age, description: String
    var score: Double
    var occurrences: Int
    var verdict, assignedTo, resolution: String?

    enum CodingKeys: String, CodingKey {
        case id, severity, type, subject, state, age, description, score, occurrences, verdict
        case resolution
        case assignedTo = "assigned_to"
    }

    init(json: String) throws {
        self = try JSONDecoder().decode(AnomalyRow.self, from: Data(json.utf8))
    }

    /// The first characters of the id: enough to name it again.
    var shortID: String { String(id.prefix(8)) }

    /// Colours of the palette that differ in brightness too; nil for none.
    static func color(of severity: String) -> Int? {
        switch severity {
        case "critical": 95
        case "high": 91
        case "medium": 33
        default: nil
        }
    }

    static func table(_ rows: [AnomalyRow]) -> String {
        alignedTable(
            header: ["id", "severity", "score", "type", "subject", "state", "seen", "why"],
            rows: rows.map { row in
                [
                    row.shortID, row.severity, String(format: "%.2f", row.score),
                    row.type.replacing("_", with: " "), row.subject,
                    row.verdict.map { $0.replacing("_", with: " ") } ?? row.state, row.age,
                    row.description.replacing("\n", with: " ").truncated(to: 60),
                ]
            }, rightAligned: [2],
            color: { row, column in column == 1 ? color(of: rows[row].severity) : nil })
    }
}
