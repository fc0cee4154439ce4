/// A value of a small JSON object.
enum JSONValue {
    case text(String)
    case number(Int)
    case flag(Bool)
    case list([JSONValue])

    var text: String {
        switch self {
        case .text(let text): Self.quoted(text)
        case .number(let number): String(number)
        case .flag(let flag): flag ? "true" : "false"
        case .list(let values): "[" + values.map(\.text).joined(separator: ", ") + "]"
        }
    }

    /// A JSON object as PostgreSQL prints `jsonb`, keys in the order given.
    static func object(_ members: [(key: String, value: JSONValue)]) -> String {
        "{" + members.map { quoted($0.key) + ": " + $0.value.text }.joined(separator: ", ") + "}"
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            default:
                precondition(scalar.value >= 0x20, "names hold no control characters")
                result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
