import Testing

@testable import GraphDrawing

@Suite("Legend")
struct LegendTests {
    private func texts(_ subgraph: Subgraph, nodeCountMax: Int = 500) -> [String] {
        PictureComposer(subgraph, options: DrawingOptions(nodeCountMax: nodeCountMax)).picture()
            .legend.map(\.text)
    }

    @Test("The legend has what occurs and nothing else")
    func occurring() {
        #expect(
            texts(Samples.star(neighborCount: 3)) == [
                "subject of the anomaly", "critical (1)", "context (3)",
                "larger symbol: higher score",
                "domain (3)", "ip address (1)", "anomalous relationship", "relationship",
            ])
    }

    @Test("The legend says what was folded and what was never collected")
    func remainders() {
        var subgraph = Samples.star(neighborCount: 140)
        subgraph.isTruncated = true
        subgraph.edges.append(.init(id: 900, source: 130, target: 131, type: "owns", count: 5))
        subgraph.edges.append(.init(id: 901, source: 130, target: 99_999, type: "owns"))
        let texts = texts(subgraph, nodeCountMax: 11)
        #expect(texts.contains("131 folded in 1 group"))
        #expect(texts.contains("5 relationships inside the fold"))
        #expect(texts.contains("1 relationship to entities outside"))
        #expect(texts.contains("not all neighbours were collected"))
    }

    @Test("Shapes can be given by type, and shapes that load or lay out otherwise are passed over")
    func shapes() {
        let shapes = TypeShapes(overrides: ["vessel": "cylinder", "domain": "record", "x": "plain"])
        #expect(shapes.shape(of: "vessel") == "cylinder")
        #expect(shapes.shape(of: "domain") == "ellipse")
        #expect(shapes.shape(of: "x") == TypeShapes.fallback)
        #expect(shapes.shape(of: "never seen") == TypeShapes.fallback)
    }
}
