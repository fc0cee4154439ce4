import Foundation

/// Checks a JSON document against the part of JSON Schema that the documented schemas use; what it
/// does not know is a fault too.
struct SchemaCheck {
    let root: [String: Any]
    private static let annotations: Set<String> = ["$schema", "title", "description", "$defs"]

    init(file: URL) throws {
        root =
            try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any] ?? [:]
    }

    /// What is wrong with a document, each fault with its place.
    func faults(in document: Data) throws -> [String] {
        faults(
            try JSONSerialization.jsonObject(with: document, options: .fragmentsAllowed), root, "$")
    }

    private func faults(_ value: Any, _ schema: [String: Any], _ place: String) -> [String] {
        var found: [String] = []
        for (keyword, rule) in schema where !Self.annotations.contains(keyword) {
            switch keyword {
            case "$ref":
                let name = (rule as? String ?? "").split(separator: "/").last.map(String.init) ?? ""
                let defs = root["$defs"] as? [String: [String: Any]] ?? [:]
                found += defs[name].map { faults(value, $0, place) } ?? ["\(place): no \(name)"]
            case "type":
                let names = rule as? [String] ?? [rule as? String ?? ""]
                if !names.contains(where: { Self.isOf($0, value) }) {
                    found.append("\(place) is not \(names)")
                }
            case "enum":
                let allowed = rule as? [String] ?? []
                if !allowed.contains(value as? String ?? "") { found.append("\(place): \(value)") }
            case "const":
                if rule as? String != value as? String { found.append("\(place): \(value)") }
            case "minimum", "maximum":
                guard let bound = rule as? Double, let number = value as? Double else { continue }
                if keyword == "minimum" ? number < bound : number > bound {
                    found.append("\(place): \(number)")
                }
            case "maxItems":
                if (value as? [Any])?.count ?? 0 > rule as? Int ?? 0 {
                    found.append("\(place): long")
                }
            case "items":
                for (index, item) in (value as? [Any] ?? []).enumerated() {
                    found += faults(item, rule as? [String: Any] ?? [:], "\(place)[\(index)]")
                }
            case "required":
                let keys = (value as? [String: Any])?.keys
                for name in rule as? [String] ?? [] where keys?.contains(name) == false {
                    found.append("\(place) lacks \(name)")
                }
            case "properties":
                for (name, part) in rule as? [String: [String: Any]] ?? [:] {
                    guard let member = (value as? [String: Any])?[name] else { continue }
                    found += faults(member, part, "\(place).\(name)")
                }
            case "additionalProperties":
                let known = (schema["properties"] as? [String: Any] ?? [:]).keys
                for (name, member) in value as? [String: Any] ?? [:] where !known.contains(name) {
                    if let part = rule as? [String: Any] {
                        found += faults(member, part, "\(place).\(name)")
                    } else {
                        found.append("\(place).\(name) is not documented")
                    }
                }
            default: found.append("the schema has an unknown keyword \(keyword)")
            }
        }
        return found
    }

    private static func isOf(_ type: String, _ value: Any) -> Bool {
        switch type {
        case "null": value is NSNull
        case "object": value is [String: Any]
        case "array": value is [Any]
        case "string": value is String
        case "boolean": isFlag(value)
        case "number": value is NSNumber && !isFlag(value)
        case "integer":
            (value as? NSNumber).map { $0.doubleValue.rounded() == $0.doubleValue } ?? false
        default: false
        }
    }

    private static func isFlag(_ value: Any) -> Bool {
        (value as? NSNumber).map { String(cString: $0.objCType) == "c" } ?? false
    }
}
