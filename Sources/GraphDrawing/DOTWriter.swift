/// Writes a picture as DOT source for other tools: one statement for each entity, group and
/// relationship.
///
/// Graphviz lays it out by itself. Labels stand beside the symbols, the legend is a note.
struct DOTWriter {
    let picture: Picture

    /// The source.
    func source() -> String {
        var text = "digraph anomaly {\ngraph \(graphAttributes().source);\n"
        text += "node [fixedsize=true, label=\"\", fontname=\"\(DrawingColors.font)\"];\n"
        text += "edge [fontname=\"\(DrawingColors.font)\"];\n"
        for symbol in picture.symbols {
            text += "\"\(symbol.name)\" \(attributes(of: symbol).source);\n"
        }
        var reasons = Set<[String]>()
        for line in picture.lines {
            let tail = picture.symbols[line.tail].name
            let head = picture.symbols[line.head].name
            text += "\"\(tail)\" -> \"\(head)\" \(source(of: line, &reasons));\n"
        }
        return text + legend() + "}\n"
    }

    private func graphAttributes() -> DOTAttributes {
        let heading = picture.heading
        let severity = heading.severityName.isEmpty ? "" : "[\(heading.severityName)] "
        var lines = [severity + heading.title]
        lines += TextMetrics.wrapped(
            heading.reason, size: 12, widthMax: 560, lineCountMax: 6)
        if !heading.details.isEmpty { lines.append(heading.details) }
        var attributes = DOTAttributes()
        attributes.set("label", quoted: DOTText.label(lines, justification: .left))
        attributes.set("labelloc", "t")
        attributes.set("labeljust", "l")
        attributes.set("fontname", DrawingColors.font)
        attributes.set("fontsize", 12)
        attributes.set("bgcolor", DrawingColors.background)
        let engine = LayoutSource.engine(symbolCount: picture.symbols.count)
        attributes.set("layout", engine.rawValue)
        attributes.set("overlap", "prism")
        attributes.set("sep", "+12")
        attributes.set("splines", "line")
        attributes.set("outputorder", "edgesfirst")
        attributes.set("start", "7")
        return attributes
    }

    private func attributes(of symbol: Picture.Symbol) -> DOTAttributes {
        var attributes = DOTAttributes(lookOf: symbol)
        if symbol.isFocus { attributes.set("color", DrawingColors.focus) }
        if !symbol.label.isEmpty {
            // Text beside a symbol shares its font with text inside, so the score goes beside it
            // too.
            let lines = symbol.label + (symbol.mark.isEmpty ? [] : [symbol.mark])
            attributes.set("xlabel", quoted: DOTText.label(lines))
            attributes.set("fontsize", symbol.fontSize)
            attributes.set("fontcolor", DrawingColors.text)
        }
        attributes.set("tooltip", quoted: DOTText.label(symbol.tooltip))
        if let link = symbol.link { attributes.set("URL", link) }
        return attributes
    }

    private func source(of line: Picture.Line, _ reasons: inout Set<[String]>) -> String {
        var attributes = DOTAttributes(of: line)
        let isWritten = line.isLabelOptional || reasons.insert(line.label).inserted
        if !line.label.isEmpty && isWritten {
            attributes.set("label", quoted: DOTText.label(line.label))
            attributes.set("fontsize", line.fontSize)
            attributes.set(
                "fontcolor",
                line.isAnomalous ? DrawingColors.anomalousText : DrawingColors.faintText)
        }
        attributes.set("tooltip", quoted: DOTText.label(line.tooltip))
        return attributes.source
    }

    private func legend() -> String {
        guard !picture.legend.isEmpty else { return "" }
        let lines =
            ["Legend"]
            + picture.legend.map { entry in
                let sample = words(for: entry.sample)
                return sample.isEmpty ? entry.text : "\(sample): \(entry.text)"
            }
        var attributes = DOTAttributes()
        attributes.set("shape", "note")
        attributes.set("fixedsize", "false")
        attributes.set("color", DrawingColors.frame)
        attributes.set("fontcolor", DrawingColors.faintText)
        attributes.set("fontsize", 9)
        attributes.set("label", quoted: DOTText.label(lines, justification: .left))
        return "legend \(attributes.source);\n"
    }

    private func words(for sample: LegendEntry.Sample) -> String {
        switch sample {
        case .severity(let severity): severity.words
        case .shape(let shape): shape
        case .group: "dashed"
        case .focus: "blue border"
        case .anomalousLine: "thick line"
        case .contextLine: "thin line"
        case .none: ""
        }
    }
}
