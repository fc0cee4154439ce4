/// Graphviz's SVG made fit for an HTML page.
///
/// The prologue with its reference to an outside document type goes, and so do comments; the
/// machine's names of nodes, which browsers show as tooltips, give way to the picture's own words.
struct SVGDocument {
    private let title: String
    private let tooltips: [String: String]

    /// A document with a title and, by element id, tooltips; both are visible text.
    init(title: String, tooltips: [String: String]) {
        self.title = title
        self.tooltips = tooltips
    }

    /// The document rewritten.
    func cleaned(_ bytes: [UInt8]) throws(DrawingError) -> [UInt8] {
        // Graphviz ends its lines outside of tags and words, so whole lines can be told by their
        // start.
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count + bytes.count / 4)
        var openElement = ""
        var stage = Stage.prologue
        for line in bytes.split(separator: 0x0A) {
            if stage == .prologue {
                guard line.starts(with: "<svg ".utf8) else { continue }
                stage = .rootTag
            }
            if line.starts(with: "<!--".utf8) { continue }
            if stage == .body && line.starts(with: "<title>".utf8) {
                append(tooltip(for: openElement), to: &result)
                continue
            }
            if line.starts(with: "<g id=\"".utf8) { openElement = Self.identifier(in: line) }
            if line.starts(with: "<text ".utf8) {
                append(Self.withFallbackFonts(line), to: &result)
            } else {
                result.append(contentsOf: line)
            }
            result.append(0x0A)
            if stage == .rootTag && line.last == UInt8(ascii: ">") {
                stage = .body
                append("<title>\(Self.escaped(title))</title>\n", to: &result)
            }
        }
        guard stage == .body else {
            throw DrawingError(.renderingFailed, "Graphviz wrote SVG without an svg element.")
        }
        return result
    }

    private enum Stage { case prologue, rootTag, body }

    private func tooltip(for identifier: String) -> String {
        tooltips[identifier].map { "<title>\(Self.escaped($0))</title>\n" } ?? ""
    }

    private func append(_ text: String, to result: inout [UInt8]) {
        result.append(contentsOf: text.utf8)
    }

    /// Gives text fonts of about the same width for readers whose machine lacks the first.
    ///
    /// The attribute is found from the left, before any text that a stranger wrote.
    private static func withFallbackFonts(_ line: ArraySlice<UInt8>) -> String {
        let text = String(decoding: line, as: UTF8.self)
        let families = "DejaVu Sans,Verdana,sans-serif"
        for (font, weight) in [
            (DrawingColors.boldFont, " font-weight=\"bold\""), (DrawingColors.font, ""),
        ] {
            let attribute = "font-family=\"\(font)\""
            guard let range = text.firstRange(of: attribute) else { continue }
            let replacement = "font-family=\"\(families)\"\(weight)"
            return text[..<range.lowerBound] + replacement + text[range.upperBound...]
        }
        return text
    }

    private static func identifier(in line: ArraySlice<UInt8>) -> String {
        let rest = line.dropFirst("<g id=\"".utf8.count)
        return String(decoding: rest.prefix { $0 != UInt8(ascii: "\"") }, as: UTF8.self)
    }

    /// Text as XML character data.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
