import GraphEngine
import GraphMetrics
import Testing

/// The two searches, for tests that hold for both.
enum CommunityMethod: String, CaseIterable, Sendable {
    case louvain, leiden

    func partition(
        _ graph: GraphSnapshot, resolution: Double = 1, seed: UInt64 = 0, threadCount: Int = 1
    ) -> CommunityPartition {
        switch self {
        case .louvain:
            louvainCommunities(
                graph, resolution: resolution, seed: seed, threadCount: threadCount)
        case .leiden:
            leidenCommunities(
                graph, resolution: resolution, seed: seed, threadCount: threadCount)
        }
    }
}

@Suite("Communities")
struct CommunityTests {
    static let cases = CommunityMethod.allCases.flatMap { method in
        GraphShape.all.map { (method, $0) }
    }

    @Test(
        "Labels name the smallest key, and the modularity is that of the labels", arguments: cases)
    func consistent(method: CommunityMethod, shape: GraphShape) throws {
        let graph = try TestGraphs.snapshot(shape.nodeCount, shape.edges)
        for resolution in [0.5, 1, 3] {
            let found = method.partition(graph, resolution: resolution)
            #expect(found.labels.count == shape.nodeCount)
            #expect(Set(found.labels).count == found.communityCount)
            for node in 0..<shape.nodeCount {
                let name = Int(found.labels[node])
                #expect(found.labels[name] == found.labels[node])
                #expect(graph.nodeKeys[name] <= graph.nodeKeys[node])
            }
            let plain = plainModularity(
                shape, graph.inKeyOrder(found.labels), resolution: resolution)
            #expect(abs(found.modularity - plain) < 1e-12)
            // Nothing is worse than the start, in which each node is alone.
            let alone = plainModularity(
                shape, Array(0..<Int32(shape.nodeCount)), resolution: resolution)
            #expect(found.modularity >= alone - 1e-12)
        }
    }

    @Test("No single move gains", arguments: cases)
    func locallyOptimal(method: CommunityMethod, shape: GraphShape) throws {
        let graph = try TestGraphs.snapshot(shape.nodeCount, shape.edges)
        let found = method.partition(graph)
        let labels = graph.inKeyOrder(found.labels)
        let best =
            labels.indices.flatMap { node in
                Set(labels).map { label in
                    var moved = labels
                    moved[node] = label
                    return plainModularity(shape, moved, resolution: 1)
                }
            }.max() ?? 0
        // Louvain's levels move communities as wholes: a node alone may gain a little afterwards.
        #expect(best - found.modularity <= (method == .leiden ? 0.005 : 0.02))
    }

    @Test("Threads and repetition change nothing; seeds change little", arguments: cases)
    func deterministic(method: CommunityMethod, shape: GraphShape) throws {
        let graph = try TestGraphs.snapshot(shape.nodeCount, shape.edges)
        let found = method.partition(graph, seed: 5)
        #expect(method.partition(graph, seed: 5) == found)
        for threadCount in 2...4 {
            #expect(method.partition(graph, seed: 5, threadCount: threadCount) == found)
        }
        for seed in 1...4 as ClosedRange<UInt64> {
            let other = method.partition(graph, seed: seed)
            #expect(abs(other.modularity - found.modularity) < 0.05)
        }
    }

    @Test("Each community of Leiden is connected", arguments: GraphShape.all + largeShapes)
    func connected(shape: GraphShape) throws {
        let graph = try TestGraphs.snapshot(shape.nodeCount, shape.edges)
        for resolution in [0.3, 1, 4] {
            let found = leidenCommunities(graph, resolution: resolution, threadCount: 2)
            #expect(connectedParts(graph, labels: found.labels) == found.communityCount)
            let once = leidenCommunities(graph, resolution: resolution, passCount: 1)
            #expect(connectedParts(graph, labels: once.labels) == once.communityCount)
        }
    }

    @Test("The cliques of a ring are its communities", arguments: CommunityMethod.allCases)
    func ringOfCliques(method: CommunityMethod) throws {
        let (cliques, size) = (10, 5)
        var edges: [(Int, Int)] = []
        for clique in 0..<cliques {
            let first = clique * size
            edges += TestGraphs.clique(size).map { ($0 + first, $1 + first) }
            edges.append((first, (first + size + 1) % (cliques * size)))
        }
        let graph = try TestGraphs.snapshot(cliques * size, edges)
        let found = method.partition(graph)
        let expected = (0..<cliques * size).map { $0 / size * size }
        #expect(
            graph.inKeyOrder(found.labels).map { graph.nodeKeys[Int($0)] }
                == expected.map { NodeKey(Int64($0)) })
        // 10 edges inside each, 110 in all, 22 ends of each community's 220.
        #expect(abs(found.modularity - (100.0 / 110 - 10 * 0.01)) < 1e-12)
    }

    @Test("Two cliques joined by one edge are two communities", arguments: CommunityMethod.allCases)
    func twoCliques(method: CommunityMethod) throws {
        let edges = TestGraphs.clique(6) + TestGraphs.clique(6).map { ($0 + 6, $1 + 6) } + [(5, 6)]
        let graph = try TestGraphs.snapshot(14, edges)
        let found = method.partition(graph)
        let keys = graph.inKeyOrder(found.labels).map { graph.nodeKeys[Int($0)].rawValue }
        #expect(keys == [0, 0, 0, 0, 0, 0, 6, 6, 6, 6, 6, 6, 12, 13])
        #expect(found.communityCount == 4)
        // At a vanishing resolution components are communities, at a large one nodes are.
        #expect(method.partition(graph, resolution: 1e-6).communityCount == 3)
        #expect(method.partition(graph, resolution: 100).communityCount == 14)
    }

    @Test("The karate club reaches its optimum, 0.41979", arguments: CommunityMethod.allCases)
    func karateClub(method: CommunityMethod) throws {
        // U. Brandes et al., "On modularity clustering" (2008), doi:10.1109/TKDE.2007.190689: 0.4198.
        let graph = try TestGraphs.snapshot(KarateClub.nodeCount, KarateClub.edges)
        let reached = (0..<8 as Range<UInt64>).map { method.partition(graph, seed: $0).modularity }
        #expect(reached.allSatisfy { $0 <= 0.4197896121 && $0 >= 0.4110 })
        #expect((reached.max() ?? 0) >= (method == .leiden ? 0.4197896 : 0.4150))
    }

    @Test("Modularity equals NetworkX's")
    func published() throws {
        // networkx.community.modularity of the classes of the node numbers modulo 1, 2, 3 and 5.
        let values: [(NamedGraph, Double, [Double])] = [
            (
                .karateClub, 1,
                [0, -8.218277449054123e-05, -0.009615384615384623, -0.024079552925706783]
            ),
            (
                .karateClub, 0.5,
                [0.5, 0.24995890861275472, 0.16185897435897437, 0.08411406969099278]
            ),
            (
                .karateClub, 2,
                [-1, -0.500164365548981, -0.35256410256410253, -0.24046679815910588]
            ),
            (
                .florentineFamilies, 1,
                [0, -0.09999999999999998, -0.23624999999999996, -0.07374999999999998]
            ),
            (
                .lesMiserables, 1,
                [0, -0.031503813007626086, -0.07522940045880094, -0.0800964101928204]
            ),
            (
                .lesMiserables, 2,
                [-1, -0.5315115630231262, -0.414238328476657, -0.28617707235414475]
            ),
        ]
        for (named, resolution, expected) in values {
            let graph = try TestGraphs.snapshot(named.nodeCount, named.edges)
            for (classCount, value) in zip([1, 2, 3, 5] as [Int64], expected) {
                let labels = graph.nodeKeys.map { Int32($0.rawValue % classCount) }
                for threadCount in 1...3 {
                    let actual = modularity(
                        graph, labels: labels, resolution: resolution, threadCount: threadCount)
                    #expect(abs(actual - value) < 1e-12, "\(named.name) \(classCount)")
                }
            }
        }
    }

    static let largeShapes = [
        GraphShape.random("sparse and large", 2000, 2600, seed: 3), .powerLaw(2000, seed: 4),
        .grid(40, 40), .planted(1200, groupCount: 12, seed: 5),
    ]
}

@Suite("Updated communities")
struct CommunityUpdateTests {
    @Test(
        "After changes an update is about as good as a full search",
        arguments: CommunityTests.largeShapes)
    func update(shape: GraphShape) throws {
        var random = TestRandom(seed: 9)
        var edges = shape.edges
        var graph = try TestGraphs.snapshot(shape.nodeCount, edges)
        var found = leidenCommunities(graph)
        for _ in 0..<10 {
            var touchedKeys: [Int] = []
            for _ in 0..<20 {
                let index = random.below(edges.count)
                touchedKeys += [edges[index].0, edges[index].1]
                edges[index] = (random.below(shape.nodeCount), random.below(shape.nodeCount))
                touchedKeys += [edges[index].0, edges[index].1]
            }
            let next = try TestGraphs.snapshot(shape.nodeCount, edges)
            found = updatedCommunities(
                next,
                previous: carriedLabels(
                    graph.inKeyOrder(found.labels), keys: graph.inKeyOrder(graph.nodeKeys),
                    to: next),
                touched: try touchedKeys.map {
                    Int32(try #require(next.position(of: NodeKey(Int64($0)))))
                })
            graph = next
            #expect(connectedParts(graph, labels: found.labels) == found.communityCount)
            let labels = graph.inKeyOrder(found.labels)
            let now = GraphShape(name: "now", nodeCount: shape.nodeCount, edges: edges)
            #expect(abs(found.modularity - plainModularity(now, labels, resolution: 1)) < 1e-12)
        }
        #expect(found.modularity > leidenCommunities(graph).modularity - 0.02)
    }

    @Test("Without changes nothing changes")
    func unchanged() throws {
        let shape = GraphShape.planted(600, groupCount: 6, seed: 2)
        let graph = try TestGraphs.snapshot(shape.nodeCount, shape.edges)
        let found = leidenCommunities(graph)
        let again = updatedCommunities(graph, previous: found.labels, touched: [], threadCount: 2)
        #expect(again.labels == found.labels && again.modularity == found.modularity)
    }

    @Test("A removed bridge divides a community, a new node joins its neighbors")
    func divided() throws {
        let half = TestGraphs.clique(5)
        let both = half + half.map { ($0 + 5, $1 + 5) }
        let old = try TestGraphs.snapshot(10, both + [(4, 5)])
        let new = try TestGraphs.snapshot(11, both + [(10, 0), (10, 1)])
        let joined = [Int32](repeating: 0, count: 10)
        let carried = carriedLabels(
            joined, keys: old.inKeyOrder(old.nodeKeys), to: new)
        #expect(carried.filter { $0 < 0 }.count == 1)
        let touched = try [4, 5, 10, 0, 1].map {
            Int32(try #require(new.position(of: NodeKey($0))))
        }
        let found = updatedCommunities(new, previous: carried, touched: touched)
        let keys = new.inKeyOrder(found.labels).map { new.nodeKeys[Int($0)].rawValue }
        #expect(keys == [0, 0, 0, 0, 0, 5, 5, 5, 5, 5, 0])
    }
}

/// The definition: the sum over pairs in one community of A - gamma k k / 2m, over 2m.
private func plainModularity(
    _ shape: GraphShape, _ labels: [Int32], resolution: Double
) -> Double {
    let edges = Set(shape.edges.filter { $0.0 != $0.1 }.map { [$0.0, $0.1].sorted() })
    guard !edges.isEmpty else { return 0 }
    var degrees: [Int32: Double] = [:]
    var inside = 0.0
    for edge in edges {
        degrees[labels[edge[0]], default: 0] += 1
        degrees[labels[edge[1]], default: 0] += 1
        inside += labels[edge[0]] == labels[edge[1]] ? 1 : 0
    }
    let ends = Double(2 * edges.count)
    return 2 * inside / ends
        - resolution * degrees.values.reduce(0) { $0 + $1 * $1 } / (ends * ends)
}

/// The number of connected parts that the communities fall into.
private func connectedParts(_ graph: GraphSnapshot, labels: [Int32]) -> Int {
    var isSeen = [Bool](repeating: false, count: graph.nodeCount)
    var count = 0
    for start in 0..<graph.nodeCount where !isSeen[start] {
        count += 1
        isSeen[start] = true
        var stack = [start]
        while let node = stack.popLast() {
            for entry in row(graph.offsets, node) {
                let neighbor = Int(graph.targets[entry])
                guard !isSeen[neighbor], labels[neighbor] == labels[node] else { continue }
                isSeen[neighbor] = true
                stack.append(neighbor)
            }
        }
    }
    return count
}

extension GraphShape {
    /// Groups of equal size: five edges of six lie inside one.
    static func planted(_ nodeCount: Int, groupCount: Int, seed: UInt64) -> GraphShape {
        var random = TestRandom(seed: seed)
        let size = nodeCount / groupCount
        let edges = (0..<nodeCount * 5).map { _ in
            let node = random.below(nodeCount)
            let isInside = random.below(6) > 0
            let other =
                isInside ? node / size * size + random.below(size) : random.below(nodeCount)
            return (node, other)
        }
        return GraphShape(
            name: "planted, seed \(seed)", nodeCount: nodeCount, edges: edges)
    }
}
