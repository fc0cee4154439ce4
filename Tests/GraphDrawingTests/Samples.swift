@testable import GraphDrawing

/// Subgraphs for tests, and names as strangers would choose them.
enum Samples {
    static let hostileNames: [String] = [
        "\"", "\"];evil[label=\"", "\\", "\\\"", "a\\", "<b>bold</b>", "<script>alert(1)</script>",
        "\\N",
        "\\G \\E \\T \\H \\L", "two\nlines", "a\u{0}b", "bell\u{7}", "\u{1B}[31mred",
        "\u{202E}moc.elpmaxe",
        "zero\u{200B}width\u{FEFF}", "\u{FFFE}\u{FFFF}", "&lt;b&gt;", "&#60;", "]]>", "-->", "<!--",
        "<?xml?>",
        "javascript:alert(1)", "\" onload=\"alert(1)", "'; DROP TABLE entities; --", "}",
        "digraph {", "//",
        "#", "", "   ", "\u{301}\u{301}\u{301}a" + String(repeating: "\u{301}", count: 500), "שלום",
        "李小龙",
        "👨‍👩‍👧", "\u{E000}", "\u{10FFFF}", String(repeating: "x", count: 1 << 20),
        String(repeating: "\\\"", count: 1 << 19), String(repeating: "é ", count: 1 << 18),
        String(repeating: "\u{202E}", count: 1 << 18),
    ]

    /// An entity with the given neighbours, the first of them anomalous.
    static func star(neighborCount: Int, name: String = "hub.example", type: String = "domain")
        -> Subgraph
    {
        var subgraph = Subgraph(focusEntity: 1)
        subgraph.nodes = [
            .init(id: 1, type: "ip_address", name: name, score: 0.9, severity: "critical", hop: 0)
        ]
        for index in 0..<neighborCount {
            let id = Int64(index + 2)
            subgraph.nodes.append(
                .init(id: id, type: type, name: "host-\(id).example", score: 0.1, hop: 1))
            subgraph.edges.append(
                .init(
                    id: id, source: id, target: 1, type: "resolves_to", isAnomalous: index == 0,
                    reason: index == 0 ? "new since yesterday" : nil))
        }
        subgraph.header = .init(
            title: "hub.example: possible sinkhole", reason: "Many domains resolve here.",
            severity: "critical", anomalyID: "a-1", detectedAt: "2026-01-01", modelVersion: "m-1")
        return subgraph
    }

    /// Two steps around entity 1, of several types, with parallel and repeated relationships.
    static func web(nodeCount: Int, seed: UInt64 = 42) -> Subgraph {
        var random = SplitMix(state: seed)
        let types = ["domain", "ip_address", "person", "company", "malware"]
        let severities = ["low", "medium", "high", "critical"]
        var subgraph = Subgraph(focusEntity: 1)
        for index in 0..<nodeCount {
            let id = Int64(index + 1)
            let isSevere = random.below(12) == 0
            subgraph.nodes.append(
                .init(
                    id: id, type: types[random.below(types.count)],
                    name: "entity-\(random.below(1_000_000))-with-a-rather-long-name.example",
                    score: Double(random.below(1000)) / 1000,
                    severity: isSevere ? severities[random.below(4)] : nil,
                    hop: index == 0 ? 0 : index < 20 ? 1 : 2))
            guard index > 0 else { continue }
            let target = Int64(index < 20 ? 1 : 2 + random.below(18))
            subgraph.edges.append(
                .init(
                    id: id, source: id, target: target, type: "connected_to", isAnomalous: id == 3))
            if random.below(3) == 0 {
                subgraph.edges.append(
                    .init(
                        id: id + 100_000, source: Int64(1 + random.below(nodeCount)), target: id,
                        type: "related_to", count: 1 + random.below(4)))
            }
        }
        return subgraph
    }
}

/// SplitMix64: repeatable numbers for samples.
struct SplitMix {
    var state: UInt64

    mutating func below(_ bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((value ^ (value >> 31)) % UInt64(bound))
    }
}
