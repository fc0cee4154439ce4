import Foundation

/// Anomalies as CSV (RFC 4180), made so that a spreadsheet takes no cell for a formula.
package enum AnomalyCSV {
    /// The columns, keys of the objects of ``AnomalyStore/page(_:size:after:on:)``.
    package static let columns = [
        "id", "severity", "score", "confidence", "type", "subject_kind", "subject_id",
        "subject_type", "subject_name", "state", "verdict", "reviewed_by", "reviewed_at",
        "review_notes", "assigned_to", "incident_id", "indicators", "description",
        "detection_method", "model_version", "first_detected", "last_detected", "occurrences",
        "resolved_at", "resolution",
    ]

    /// The first record: the names of the columns.
    package static var header: String { columns.joined(separator: ",") + "\r\n" }

    /// One record; `json` is an object with the columns as keys.
    package static func record(_ json: String) throws -> String {
        let object =
            try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any] ?? [:]
        return columns.map { cell(object[$0]) }.joined(separator: ",") + "\r\n"
    }

    /// A text that begins like a formula is preceded by an apostrophe; numbers stay what they are.
    package static func cell(_ value: Any?) -> String {
        switch value {
        case let number as NSNumber: return "\(number)"
        case let words as [String]: return quoted(words.joined(separator: " "))
        case let text as String: return quoted(text)
        default: return ""
        }
    }

    private static func quoted(_ text: String) -> String {
        let isFormula = text.unicodeScalars.first.map {
            "=+-@\t\r\n＝＋－＠".unicodeScalars.contains($0)
        }
        let safe = isFormula == true ? "'" + text : text
        guard safe.unicodeScalars.contains(where: { ",\"\r\n".unicodeScalars.contains($0) }) else {
            return safe
        }
        return "\"" + safe.replacing("\"", with: "\"\"") + "\""
    }
}
