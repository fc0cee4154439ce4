import Foundation

/// Text on its way into the page.
enum PageText {
    /// What is longer is cut, with a sign that it was.
    static let lengthMax = 20_000

    /// Text without what could hide or reorder its neighbours.
    ///
    /// Control characters become U+FFFD, marks of direction go, line separators become spaces.
    static func cleaned(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for (count, scalar) in text.unicodeScalars.enumerated() {
            guard count < lengthMax else {
                result.append("…")
                break
            }
            switch scalar.value {
            case 0x09, 0x0A: result.append(scalar)
            case 0x00...0x1F, 0x7F...0x9F, 0xFFFE, 0xFFFF: result.append("\u{FFFD}")
            case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: break
            case 0x2028, 0x2029: result.append(" ")
            default: result.append(scalar)
            }
        }
        return String(result)
    }

    /// Text as HTML and XML character data or attribute value.
    ///
    /// By Unicode scalars: a quotation mark that a combining sign follows is one `Character` with it.
    static func escaped(_ text: String) -> String {
        var result = ""
        result.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// A number for people: up to four significant digits.
    static func number(_ value: Double) -> String {
        guard value.isFinite else { return "–" }
        if value == value.rounded(), abs(value) < 1e7 { return String(Int64(value)) }
        return String(format: "%.4g", value)
    }

    /// A name of the database for people: without its underscores.
    static func words(_ name: String) -> String { name.replacing("_", with: " ") }

    /// A value as a part of a query in an address.
    static func queryValue(_ text: String) -> String {
        var allowed = CharacterSet.alphanumerics
        allowed.insert(charactersIn: "-._~")
        return text.addingPercentEncoding(withAllowedCharacters: allowed) ?? ""
    }
}
