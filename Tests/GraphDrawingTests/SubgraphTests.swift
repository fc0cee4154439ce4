import Foundation
import GraphDrawing
import Testing

@Suite("Subgraph")
struct SubgraphTests {
    @Test("A subgraph with only the required keys is read")
    func sparseJSON() throws {
        let json = #"""
            {"focus_entity":7,"hops":2,"truncated":true,
             "nodes":[{"id":7,"type":"domain"},{"id":"9007199254740993","type":"person","name":null}],
             "edges":[{"id":1,"source":7,"target":9007199254740993,"type":"owns"}]}
            """#
        let subgraph = try Subgraph(json: Data(json.utf8))
        #expect(subgraph.focusEntity == 7)
        #expect(subgraph.focusRelationship == nil)
        #expect(subgraph.isTruncated)
        #expect(subgraph.nodes[1].id == 9_007_199_254_740_993)
        #expect(subgraph.nodes[1].name == nil)
        #expect(subgraph.edges[0].count == 1)
        #expect(!subgraph.edges[0].isAnomalous)
        #expect(subgraph.header == nil)
    }

    @Test("A subgraph survives the way through JSON")
    func roundTrip() throws {
        var subgraph = Samples.web(nodeCount: 30)
        subgraph.header = .init(title: "t", reason: "r", severity: "high")
        subgraph.nodes[0].metrics = ["degree": 4]
        #expect(try Subgraph(json: Data(try subgraph.json())) == subgraph)
    }

    @Test(
        "What is not a subgraph is refused with a typed error",
        arguments: ["", "[]", "{\"nodes\":[{}]}", "{\"nodes\":3}", "{\"edges\":[{\"id\":1}]}"])
    func invalidJSON(_ text: String) {
        let error = #expect(throws: DrawingError.self) { try Subgraph(json: Data(text.utf8)) }
        #expect(error?.code == .invalidSubgraph)
    }
}
