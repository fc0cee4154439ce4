import GraphEngine
import GraphMetrics
import Testing

/// A named graph with the values that NetworkX gives.
struct NamedGraph: Sendable, CustomTestStringConvertible {
    var name: String
    var nodeCount: Int
    var edges: [(Int, Int)]
    var degree, betweenness, closeness, harmonic: [Double]
    var clustering, eigenvector, pageRank: [Double]
    var triangles: [Int]
    var core: [Int32]

    var testDescription: String { name }

    static let all = [karateClub, florentineFamilies, lesMiserables]

    static let karateClub = NamedGraph(
        name: "Zachary's karate club", nodeCount: KarateClub.nodeCount, edges: KarateClub.edges,
        degree: KarateClub.degree, betweenness: KarateClub.betweenness,
        closeness: KarateClub.closeness, harmonic: KarateClub.harmonic,
        clustering: KarateClub.clustering, eigenvector: KarateClub.eigenvector,
        pageRank: KarateClub.pageRank, triangles: KarateClub.triangles, core: KarateClub.core)

    static let florentineFamilies = NamedGraph(
        name: "Florentine families", nodeCount: FlorentineFamilies.nodeCount,
        edges: FlorentineFamilies.edges, degree: FlorentineFamilies.degree,
        betweenness: FlorentineFamilies.betweenness, closeness: FlorentineFamilies.closeness,
        harmonic: FlorentineFamilies.harmonic, clustering: FlorentineFamilies.clustering,
        eigenvector: FlorentineFamilies.eigenvector, pageRank: FlorentineFamilies.pageRank,
        triangles: FlorentineFamilies.triangles, core: FlorentineFamilies.core)

    static let lesMiserables = NamedGraph(
        name: "Les Misérables", nodeCount: LesMiserables.nodeCount, edges: LesMiserables.edges,
        degree: LesMiserables.degree, betweenness: LesMiserables.betweenness,
        closeness: LesMiserables.closeness, harmonic: LesMiserables.harmonic,
        clustering: LesMiserables.clustering, eigenvector: LesMiserables.eigenvector,
        pageRank: LesMiserables.pageRank, triangles: LesMiserables.triangles,
        core: LesMiserables.core)
}

@Suite("Published values")
struct PublishedValuesTests {
    @Test("Every metric equals NetworkX's value within 1e-9", arguments: NamedGraph.all)
    func equalsNetworkX(named: NamedGraph) throws {
        let graph = try TestGraphs.snapshot(named.nodeCount, named.edges)
        let metrics = try #require(GlobalMetrics.compute(graph))
        #expect(metrics.isExact && metrics.betweennessAccuracy.epsilon == 0)
        expectClose(graph.inKeyOrder(degreeCentrality(graph)), named.degree)
        expectClose(metrics.betweenness, named.betweenness)
        expectClose(metrics.closeness, named.closeness)
        expectClose(metrics.harmonic, named.harmonic)
        expectClose(graph.inKeyOrder(localClustering(graph)), named.clustering)
        expectClose(metrics.eigenvector, named.eigenvector)
        expectClose(metrics.pageRank, named.pageRank)
        #expect(graph.inKeyOrder(triangleCounts(graph)) == named.triangles)
        #expect(metrics.coreNumber == named.core)
        #expect(metrics.component.allSatisfy { $0 == 0 })
    }

    @Test("The karate club has 78 edges, 45 triangles, and hubs of degree 16 and 17")
    func karateClub() throws {
        // Zachary 1977: the instructor is member 1, the administrator member 34.
        let graph = try TestGraphs.snapshot(KarateClub.nodeCount, KarateClub.edges)
        #expect(graph.nodeCount == 34 && graph.edgeCount == 78)
        #expect(graph.degree(at: 0) == 17 && graph.degree(at: 1) == 16)
        #expect(graph.nodeKeys[0] == NodeKey(33) && graph.nodeKeys[1] == NodeKey(0))
        #expect(triangleCounts(graph).reduce(0, +) == 3 * 45)
    }

    @Test("The Medici stand between half of the pairs of Florentine families")
    func medici() throws {
        // M. O. Jackson, "Social and Economic Networks" (2008), section 1.2.1: Medici 0.522,
        // Guadagni 0.255, Strozzi 0.103.
        let graph = try TestGraphs.snapshot(FlorentineFamilies.nodeCount, FlorentineFamilies.edges)
        let values = graph.inKeyOrder(betweennessCentrality(graph))
        for (name, published) in [("Medici", 0.522), ("Guadagni", 0.255), ("Strozzi", 0.103)] {
            let position = try #require(FlorentineFamilies.names.firstIndex(of: name))
            #expect(abs(values[position] - published) < 0.0005, "\(name)")
        }
    }

    @Test("Valjean meets 36 of the 76 other characters and is the most central of them")
    func valjean() throws {
        // Knuth 1993: 77 characters, 254 encounters.
        let graph = try TestGraphs.snapshot(LesMiserables.nodeCount, LesMiserables.edges)
        #expect(graph.nodeCount == 77 && graph.edgeCount == 254)
        let valjean = try #require(LesMiserables.names.firstIndex(of: "Valjean"))
        #expect(graph.position(of: NodeKey(Int64(valjean))) == 0 && graph.degree(at: 0) == 36)
        let values = graph.inKeyOrder(betweennessCentrality(graph))
        #expect(values.max() == values[valjean])
    }
}

func expectClose(
    _ actual: [Double], _ expected: [Double], within tolerance: Double = 1e-9,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(actual.count == expected.count, sourceLocation: sourceLocation)
    let differences = zip(actual, expected).map { abs($0 - $1) }
    #expect(differences.allSatisfy { $0 <= tolerance }, sourceLocation: sourceLocation)
}
