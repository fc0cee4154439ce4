import Foundation
import Testing

@testable import GraphDrawing

@Suite("Drawing")
struct SubgraphDrawingTests {
    private let drawing = SubgraphDrawing()

    @Test("Each format begins as its kind does")
    func magicBytes() async throws {
        let subgraph = Samples.star(neighborCount: 4)
        let svg = try await drawing.render(subgraph, format: .svg)
        #expect(svg.starts(with: "<svg ".utf8))
        let png = try await drawing.render(subgraph, format: .png)
        #expect(png.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]))
        let dot = try await drawing.render(subgraph, format: .dot)
        #expect(dot.starts(with: "digraph ".utf8))
        let json = try await drawing.render(subgraph, format: .json)
        #expect(try Subgraph(json: Data(json)) == subgraph)
    }

    @Test("The SVG has a title, tooltips, and nothing that acts or loads")
    func safeSVG() async throws {
        let options = DrawingOptions(linkPrefix: "/entities/")
        let bytes = try await SubgraphDrawing(options: options)
            .render(Samples.star(neighborCount: 6), format: .svg)
        let svg = try #require(SVGReader(bytes))
        #expect(svg.titles.first == "CRITICAL: hub.example: possible sinkhole")
        #expect(svg.titles.contains { $0.hasPrefix("ip address · hub.example · score 0.90") })
        #expect(svg.titles.contains("resolves to · new since yesterday"))
        #expect(svg.texts.contains("new since yesterday"))
        let allowed: Set = [
            "svg", "g", "title", "polygon", "polyline", "path", "ellipse", "text", "a",
        ]
        #expect(Set(svg.elements.keys).subtracting(allowed).isEmpty)
        #expect(svg.attributes.allSatisfy { !$0.name.hasPrefix("on") })
        let links = svg.attributes.filter { $0.name.hasSuffix("href") }
        #expect(links.count == 7)
        #expect(links.allSatisfy { $0.value.hasPrefix("/entities/") })
        #expect(!String(decoding: bytes, as: UTF8.self).contains("<!"))
    }

    @Test(
        "A link prefix that could leave the site is passed over",
        arguments: [
            "javascript:alert(1)//", "//evil.example/", "https://evil.example/", "/a\"b", "data:",
        ])
    func linkPrefix(_ prefix: String) async throws {
        let options = DrawingOptions(linkPrefix: prefix)
        let bytes = try await SubgraphDrawing(options: options)
            .render(Samples.star(neighborCount: 2), format: .svg)
        let svg = try #require(SVGReader(bytes))
        #expect(svg.elements["a"] == nil)
    }

    @Test("Hostile names stay words", arguments: Samples.hostileNames)
    func hostile(_ name: String) async throws {
        var subgraph = Samples.star(neighborCount: 3)
        let plain = try #require(SVGReader(try await drawing.render(subgraph, format: .svg)))
        subgraph.nodes[0].name = name
        subgraph.nodes[1].name = name
        subgraph.edges[0].reason = name
        subgraph.header?.title = name
        subgraph.header?.reason = name
        subgraph.header?.detectedAt = name
        let svg = try #require(SVGReader(try await drawing.render(subgraph, format: .svg)))
        let entities = Set(["e1", "e2", "e3", "e4"])
        #expect(Set(svg.nodeIDs).intersection(entities) == entities)
        #expect(Set(svg.nodeIDs.filter { $0.hasPrefix("e") }) == entities)
        #expect(Set(svg.elements.keys) == Set(plain.elements.keys))
        #expect(svg.elements["text"].map { $0 < 60 } == true)

        let source = drawing.dot(subgraph)
        #expect(source.utf8.count < 20_000)
        let bytes = try await GraphvizRenderer.shared.render(
            dot: source, engine: .neato, format: .svg)
        let other = try #require(SVGReader(bytes))
        #expect(other.nodeIDs.count == 5)
    }

    @Test("Hostile types stay words", arguments: Samples.hostileNames)
    func hostileTypes(_ type: String) async throws {
        var subgraph = Samples.star(neighborCount: 30, type: type)
        subgraph.edges[1].type = type
        subgraph.nodes[0].metrics = [type: .infinity]
        subgraph.nodes[0].severity = type
        let options = DrawingOptions(shapes: [type: type], nodeCountMax: 8)
        let drawing = SubgraphDrawing(options: options)
        let svg = try #require(SVGReader(try await drawing.render(subgraph, format: .svg)))
        #expect(svg.nodeIDs.count { $0.hasPrefix("e") } == 7)
        #expect(svg.nodeIDs.count { $0.hasPrefix("g0") } == 1)
        _ = try await GraphvizRenderer.shared.render(
            dot: drawing.dot(subgraph), engine: .sfdp, format: .dot)
    }

    @Test("A name is shown as it is, entity-like text and backslashes included")
    func faithful() async throws {
        var subgraph = Samples.star(neighborCount: 2)
        subgraph.nodes[1].name = #"C:\New "x" <b> R&D"#
        let svg = try #require(SVGReader(try await drawing.render(subgraph, format: .svg)))
        let shown = svg.texts.joined(separator: " ").replacing("\u{A0}", with: " ")
        #expect(shown.contains(#"C:\New "x" <b>"#))
        #expect(svg.titles.contains { $0.contains(#"C:\New "x" <b> R&D"#) })
    }

    @Test("The same subgraph gives the same bytes", arguments: [5, 50, 500])
    func deterministic(nodeCount: Int) async throws {
        let subgraph = Samples.web(nodeCount: nodeCount)
        let first = try await drawing.render(subgraph, format: .svg)
        _ = try await drawing.render(Samples.web(nodeCount: 77, seed: 3), format: .svg)
        #expect(try await drawing.render(subgraph, format: .svg) == first)
        let png = try await drawing.render(subgraph, format: .png)
        #expect(try await drawing.render(subgraph, format: .png) == png)
    }

    @Test("Empty, tiny and odd subgraphs are drawn too")
    func odd() async throws {
        var loop = Subgraph(focusRelationship: 1)
        loop.nodes = [.init(id: -5, type: "domain", score: .nan, hop: -3)]
        loop.edges = [.init(id: 1, source: -5, target: -5, type: "owns", count: .max)]
        var twice = Samples.star(neighborCount: 2)
        twice.nodes.append(twice.nodes[0])
        twice.edges.append(twice.edges[0])
        for subgraph in [Subgraph(), loop, twice] {
            let svg = SVGReader(try await drawing.render(subgraph, format: .svg))
            #expect(svg != nil)
        }
    }

    @Test("Folded groups carry their counts")
    func folded() async throws {
        let options = DrawingOptions(nodeCountMax: 10)
        let bytes = try await SubgraphDrawing(options: options)
            .render(Samples.star(neighborCount: 145), format: .svg)
        let svg = try #require(SVGReader(bytes))
        #expect(svg.texts.contains { $0.replacing("\u{A0}", with: " ") == "+137 domain" })
        #expect(svg.titles.contains("137 more domain, not drawn one by one"))
    }
}
