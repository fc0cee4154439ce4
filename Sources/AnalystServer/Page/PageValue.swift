import Foundation
import Mustache

/// JSON as the database gives it and as the templates read it.
///
/// Text is cleaned on its way in, so nothing that a stranger wrote reaches a template otherwise.
indirect enum PageValue: Sendable, Equatable {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case text(String)
    case list([PageValue])
    case object([String: PageValue])

    /// Reads one JSON document.
    init(json: String) throws {
        self = try JSONDecoder().decode(PageValue.self, from: Data(json.utf8))
    }

    /// A part of an object; null where there is none.
    subscript(key: String) -> PageValue {
        if case .object(let parts) = self { return parts[key] ?? .null }
        return .null
    }

    /// The elements of a list; none for anything else.
    var elements: [PageValue] {
        if case .list(let elements) = self { return elements }
        return []
    }

    /// The text; nil for anything else, and for empty text.
    var string: String? {
        if case .text(let text) = self, !text.isEmpty { return text }
        return nil
    }

    /// The number; nil for anything else.
    var double: Double? {
        switch self {
        case .integer(let number): Double(number)
        case .number(let number): number
        default: nil
        }
    }

    /// The whole number; nil for anything else.
    var integer: Int64? {
        if case .integer(let number) = self { return number }
        return nil
    }

    /// The same object with further parts, which win.
    func adding(_ parts: [String: PageValue]) -> PageValue {
        guard case .object(let own) = self else { return .object(parts) }
        return .object(own.merging(parts) { _, new in new })
    }
}

extension PageValue: Decodable {
    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .null
        } else if let bool = try? value.decode(Bool.self) {
            self = .bool(bool)
        } else if let integer = try? value.decode(Int64.self) {
            self = .integer(integer)
        } else if let number = try? value.decode(Double.self) {
            self = .number(number)
        } else if let text = try? value.decode(String.self) {
            self = .text(PageText.cleaned(text))
        } else if let list = try? value.decode([PageValue].self) {
            self = .list(list)
        } else {
            self = .object(try value.decode([String: PageValue].self))
        }
    }
}

extension PageValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    init(stringLiteral text: String) { self = .text(text) }
    init(booleanLiteral bool: Bool) { self = .bool(bool) }
    init(arrayLiteral elements: PageValue...) { self = .list(elements) }
    init(dictionaryLiteral parts: (String, PageValue)...) {
        self = .object(Dictionary(parts) { _, last in last })
    }

    /// Text, or null.
    init(_ text: String?) { self = text.map { .text($0) } ?? .null }
}

extension PageValue: MustacheCustomRepresentation {
    /// What the template engine sees: absent, and so no section, are null and empty text.
    var representation: Any? {
        switch self {
        case .null, .text(""): nil
        case .bool(let bool): bool
        case .integer(let number): String(number)
        case .number(let number): PageText.number(number)
        case .text(let text): text
        case .list(let elements): elements
        case .object(let parts): parts
        }
    }
}
