import Testing

@testable import GraphDrawing

@Suite("Forms of a subgraph for other tools") struct ExportFormatTests {
    private func render(_ subgraph: Subgraph, _ format: DrawingFormat) async throws -> [UInt8] {
        try await SubgraphDrawing().render(subgraph, format: format)
    }

    @Test("Equal subgraphs give equal bytes in every form", arguments: DrawingFormat.allCases)
    func deterministic(format: DrawingFormat) async throws {
        let subgraph = Samples.web(nodeCount: 60)
        let first = try await render(subgraph, format)
        _ = try await render(Samples.web(nodeCount: 30, seed: 5), format)
        #expect(!first.isEmpty)
        #expect(try await render(subgraph, format) == first)
    }

    @Test("A PDF is one, and its time is not that of the drawing")
    func pdf() async throws {
        let bytes = try await render(Samples.star(neighborCount: 5), .pdf)
        #expect(bytes.starts(with: Array("%PDF-".utf8)))
        let made = Array("/CreationDate (D:".utf8)
        if let place = bytes.firstRange(of: made) {
            #expect(bytes[place.upperBound...].starts(with: Array("1970".utf8)))
        }
    }

    @Test("GraphML is well formed and complete, whatever the names say")
    func graphML() async throws {
        for name in Samples.hostileNames where name.utf8.count < 10_000 {
            let subgraph = Samples.star(neighborCount: 3, name: name)
            let bytes = try await render(subgraph, .graphml)
            let reader = try #require(SVGReader(bytes), "\(name.debugDescription)")
            #expect(reader.elements["node"] == 4)
            #expect(reader.elements["edge"] == 3)
            #expect(reader.elements["script"] == nil)
        }
    }

    @Test("Mermaid has a line for each symbol and line, and no name ends its quotes")
    func mermaid() async throws {
        for name in Samples.hostileNames where name.utf8.count < 10_000 {
            let subgraph = Samples.star(neighborCount: 3, name: name)
            let text = String(decoding: try await render(subgraph, .mermaid), as: UTF8.self)
            let lines = text.split(separator: "\n").filter { !$0.hasPrefix("%%") }
            #expect(lines.first == "flowchart LR")
            #expect(lines.count == 9, "\(text)")
            for line in lines.dropFirst() {
                let quoteCount = line.utf8.count { $0 == UInt8(ascii: "\"") }
                #expect(quoteCount.isMultiple(of: 2))
                let words = line.replacing("<br/>", with: "").replacing("<-->", with: "")
                #expect(!words.contains("<"))
            }
        }
    }

    @Test("A redacted subgraph names nobody in any form", arguments: DrawingFormat.allCases)
    func redacted(format: DrawingFormat) async throws {
        var subgraph = Samples.star(neighborCount: 3, name: "secret-hub")
        subgraph.header?.reason = "secret-hub is odd"
        for index in subgraph.nodes.indices { subgraph.nodes[index].name = "secret-\(index)" }
        let text = String(decoding: try await render(subgraph.redacted(), format), as: UTF8.self)
        #expect(!text.contains("secret"))
        #expect(subgraph.redacted().nodes.count == 4)
    }
}
