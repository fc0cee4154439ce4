import Testing

@testable import GraphDrawing

@Suite("Folding")
struct SubgraphFolderTests {
    @Test(
        "Drawn and folded add up to the whole, within the limit",
        arguments: [1, 2, 5, 20, 50, 137, 500], [2, 3, 10, 50, 200, 500])
    func conservation(nodeCount: Int, limit: Int) {
        let subgraph = Samples.web(nodeCount: nodeCount)
        let folded = SubgraphFolder(subgraph).folded(nodeCountMax: limit)
        #expect(folded.nodes.count + folded.groups.count <= max(limit, 2))
        #expect(folded.nodes.count + folded.foldedNodeCount == nodeCount)
        #expect(folded.totalNodeCount == nodeCount)
        let parts =
            folded.drawnEdgeCount + folded.foldedEdgeCount + folded.hiddenEdgeCount
            + folded.strayEdgeCount
        #expect(parts == folded.totalEdgeCount)
        #expect(folded.totalEdgeCount == subgraph.edges.reduce(0) { $0 + $1.count })
        #expect(folded.foldedEdgeCount >= 0)
        #expect(folded.nodes.first?.id == 1)
        #expect(folded.groups.allSatisfy { $0.memberCount > 1 })
    }

    @Test("The neighbours of a hub fold into one counted group for each type")
    func hub() {
        var subgraph = Samples.star(neighborCount: 140)
        for index in 100..<141 { subgraph.nodes[index].type = "person" }
        let folded = SubgraphFolder(subgraph).folded(nodeCountMax: 12)
        #expect(folded.nodes.count == 10)
        #expect(folded.groups.map(\.type) == ["domain", "person"])
        #expect(folded.groups.map(\.memberCount) == [90, 41])
        #expect(folded.groups.allSatisfy { $0.anchor == 1 && $0.edgeCount == $0.memberCount })
    }

    @Test(
        "The focus and the ends of anomalous relationships are drawn before nearer and higher ones")
    func rank() {
        var subgraph = Samples.star(neighborCount: 50)
        subgraph.nodes[50].hop = 9
        subgraph.edges[49].isAnomalous = true
        let folded = SubgraphFolder(subgraph).folded(nodeCountMax: 4)
        #expect(folded.nodes.prefix(3).map(\.id) == [1, 2, 51])
    }

    @Test("The order of the rows does not change what is drawn")
    func order() {
        let subgraph = Samples.web(nodeCount: 200)
        var reversed = subgraph
        reversed.nodes.reverse()
        let folded = SubgraphFolder(subgraph).folded(nodeCountMax: 60)
        let other = SubgraphFolder(reversed).folded(nodeCountMax: 60)
        #expect(folded.nodes == other.nodes)
        #expect(folded.groups == other.groups)
    }

    @Test("Parallel relationships of one type become one line with their count")
    func parallel() {
        var subgraph = Samples.star(neighborCount: 1)
        subgraph.edges = [
            .init(id: 5, source: 1, target: 2, type: "owns", count: 3),
            .init(id: 4, source: 1, target: 2, type: "owns"),
            .init(id: 6, source: 2, target: 1, type: "owns", isAnomalous: true, reason: "odd"),
            .init(id: 7, source: 1, target: 2, type: "uses"),
            .init(id: 8, source: 1, target: 99, type: "uses"),
        ]
        let folded = SubgraphFolder(subgraph).folded(nodeCountMax: 10)
        #expect(folded.links.map(\.type) == ["owns", "uses"])
        #expect(folded.links[0].edgeCount == 5)
        #expect(folded.links[0].isMutual)
        #expect(folded.links[0].id == 6)
        #expect(folded.links[0].source == 2)
        #expect(folded.links[0].reasons == ["odd"])
        #expect(folded.strayEdgeCount == 1)
    }

    @Test("A dense subgraph keeps its evidence and says how many lines are missing")
    func dense() {
        var subgraph = Subgraph(focusEntity: 1)
        subgraph.nodes = (1...60).map { .init(id: $0, type: "domain") }
        for source in 1...60 {
            for target in 1...60 where source < target {
                let id = Int64(source * 100 + target)
                subgraph.edges.append(
                    .init(
                        id: id, source: Int64(source), target: Int64(target), type: "owns",
                        isAnomalous: source == 59))
            }
        }
        let folded = SubgraphFolder(subgraph).folded(nodeCountMax: 500)
        #expect(folded.links.count == 240)
        #expect(folded.hiddenEdgeCount == 60 * 59 / 2 - 240)
        #expect(folded.links.contains { $0.isAnomalous })
        #expect(folded.links.count { $0.source == 1 } == 59)
    }
}
