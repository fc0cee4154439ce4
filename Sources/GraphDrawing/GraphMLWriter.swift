/// Writes a subgraph as GraphML, whole and with names as they are.
///
/// XML 1.0 cannot hold control characters; each becomes the replacement character.
struct GraphMLWriter {
    let subgraph: Subgraph

    private static let keys: [(name: String, owner: String, type: String)] = [
        ("type", "node", "string"), ("name", "node", "string"), ("score", "node", "double"),
        ("severity", "node", "string"), ("hop", "node", "int"), ("is_focus", "node", "boolean"),
        ("relation", "edge", "string"), ("anomalous", "edge", "boolean"),
        ("reason", "edge", "string"), ("count", "edge", "int"),
    ]

    /// The document; entities and relationships in the order of their keys.
    func source() -> String {
        var text = """
            <?xml version="1.0" encoding="UTF-8"?>
            <graphml xmlns="http://graphml.graphdrawing.org/xmlns">

            """
        for key in Self.keys {
            text += "  <key id=\"\(key.name)\" for=\"\(key.owner)\" "
            text += "attr.name=\"\(key.name)\" attr.type=\"\(key.type)\"/>\n"
        }
        text += "  <graph id=\"anomaly\" edgedefault=\"directed\">\n"
        for node in subgraph.nodes.sorted(by: { $0.id < $1.id }) {
            text += "    <node id=\"n\(node.id)\">"
            text += data("type", node.type) + data("name", node.name)
            text += data("score", node.score.flatMap { $0.isFinite ? "\($0)" : nil })
            text += data("severity", node.severity) + data("hop", "\(node.hop)")
            text += node.id == subgraph.focusEntity ? data("is_focus", "true") : ""
            text += "</node>\n"
        }
        let known = Set(subgraph.nodes.map(\.id))
        for edge in subgraph.edges.sorted(by: { $0.id < $1.id })
        where known.contains(edge.source) && known.contains(edge.target) {
            text += "    <edge id=\"e\(edge.id)\" source=\"n\(edge.source)\" "
            text += "target=\"n\(edge.target)\">"
            text += data("relation", edge.type) + data("anomalous", "\(edge.isAnomalous)")
            text += data("reason", edge.reason) + data("count", "\(edge.count)")
            text += "</edge>\n"
        }
        return text + "  </graph>\n</graphml>\n"
    }

    private func data(_ key: String, _ value: String?) -> String {
        value.map { "<data key=\"\(key)\">\(Self.escaped($0))</data>" } ?? ""
    }

    private static func escaped(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result.append(contentsOf: "&amp;".unicodeScalars)
            case "<": result.append(contentsOf: "&lt;".unicodeScalars)
            case ">": result.append(contentsOf: "&gt;".unicodeScalars)
            case "\r": result.append(contentsOf: "&#13;".unicodeScalars)
            case "\t", "\n": result.append(scalar)
            case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF:
                result.append("\u{FFFD}")
            default: result.append(scalar)
            }
        }
        return String(result)
    }
}
