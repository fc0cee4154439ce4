/// Writes a picture as a Mermaid flowchart: the same symbols, lines and words, laid out by whoever
/// shows it.
struct MermaidWriter {
    let picture: Picture

    /// The source.
    func source() -> String {
        let heading = picture.heading
        let severity = heading.severityName.isEmpty ? "" : "[\(heading.severityName)] "
        // A title of its own would be YAML; a comment is bound by its line alone.
        var text = "%% \(severity)\(heading.title)\n"
        if !heading.reason.isEmpty { text += "%% \(heading.reason)\n" }
        text += "flowchart LR\n"
        for symbol in picture.symbols {
            let words = symbol.label.isEmpty ? Array(symbol.tooltip.prefixLines(1)) : symbol.label
            let label = Self.quoted(words + (symbol.mark.isEmpty ? [] : [symbol.mark]))
            text += "    \(symbol.name)"
            text += symbol.isGroup ? "([\(label)])" : symbol.isFocus ? "[[\(label)]]" : "[\(label)]"
            text += symbol.severity == .none ? "\n" : ":::\(Self.className(symbol.severity))\n"
        }
        for line in picture.lines {
            let tail = picture.symbols[line.tail].name
            let head = picture.symbols[line.head].name
            let arrow =
                line.leadsToGroup
                ? "-.-" : line.isAnomalous ? "==>" : line.isMutual ? "<-->" : "-->"
            let words = line.label.isEmpty ? "" : "|\(Self.quoted(line.label))|"
            text += "    \(tail) \(arrow)\(words) \(head)\n"
        }
        for severity in SeverityStyle.allCases where severity != .none {
            guard picture.symbols.contains(where: { $0.severity == severity }) else { continue }
            text += "    classDef \(Self.className(severity)) fill:\(severity.fill),"
            text += "stroke:\(severity.border),color:\(severity.textColor)\n"
        }
        return text
    }

    private static func className(_ severity: SeverityStyle) -> String { "\(severity)Severity" }

    /// A string in quotes whose text Mermaid shows as it is.
    ///
    /// Whatever could end it, be markup or an entity is written by its number.
    private static func quoted(_ lines: [String]) -> String {
        let escaped = lines.map { line in
            line.unicodeScalars.reduce(into: "") { result, scalar in
                if "\"#&<>`|\\[]{}()*_~;%".unicodeScalars.contains(scalar) {
                    result += "#\(scalar.value);"
                } else {
                    result.unicodeScalars.append(scalar)
                }
            }
        }
        return "\"" + escaped.joined(separator: "<br/>") + "\""
    }
}

extension String {
    fileprivate func prefixLines(_ count: Int) -> [String] {
        split(separator: "\n").prefix(count).map(String.init)
    }
}
