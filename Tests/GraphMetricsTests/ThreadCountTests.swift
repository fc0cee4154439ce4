import GraphEngine
import GraphMetrics
import Testing

/// Graphs large enough for several threads, compared with plain versions and between thread counts.
@Suite("Whole-graph kernels on larger graphs")
struct ThreadCountTests {
    /// A graph with hubs, parallel rows, self-loops, small components and nodes alone.
    struct LargeGraph {
        let nodeCount = 6000
        var sources: [Int32] = []
        var targets: [Int32] = []

        init(seed: UInt64) {
            var random = TestRandom(seed: seed)
            for _ in 0..<100_000 {
                // The product of two draws leans to small numbers; a factor scatters them.
                let ends = (0..<2).map { _ in
                    random.below(5000) * random.below(5000) / 5000 * 7 % 5000
                }
                sources.append(Int32(ends[0]))
                targets.append(Int32(ends[1]))
            }
            for node in stride(from: 5001, to: 5900, by: 3) {
                sources += [Int32(node), Int32(node)]
                targets += [Int32(node - 1), Int32(node + 1)]
            }
        }

        func snapshot(_ threadCount: Int) -> GraphSnapshot {
            GraphSnapshot(
                keys: (0..<nodeCount).map { NodeKey(Int64($0) * 3 - 50) }, sources: sources,
                targets: targets, threadCount: threadCount)
        }
    }

    /// The large graph as lists by the number of the key, drawn once for all tests.
    struct Lists {
        let graph: GraphSnapshot
        /// Ascending and distinct.
        let neighbors: [[Int]]
        let predecessors: [[Int]]
        let successorCounts: [Int]
        /// PageRank after 200 rounds of its definition.
        let ranks: [Double]

        init(_ large: LargeGraph) {
            graph = large.snapshot(1)
            var neighbors = [Set<Int>](repeating: [], count: large.nodeCount)
            var predecessors = neighbors
            for (source, target) in zip(large.sources, large.targets) {
                predecessors[Int(target)].insert(Int(source))
                guard source != target else { continue }
                neighbors[Int(source)].insert(Int(target))
                neighbors[Int(target)].insert(Int(source))
            }
            self.neighbors = neighbors.map { $0.sorted() }
            self.predecessors = predecessors.map { $0.sorted() }
            var counts = [Int](repeating: 0, count: large.nodeCount)
            for list in predecessors { for source in list { counts[source] += 1 } }
            successorCounts = counts
            let count = Double(large.nodeCount)
            var ranks = [Double](repeating: 1 / count, count: large.nodeCount)
            for _ in 0..<200 {
                let dangling = zip(ranks, counts).reduce(0) { $0 + ($1.1 == 0 ? $1.0 : 0) }
                let passedOn = zip(ranks, counts).map { $1 == 0 ? 0 : 0.85 * $0 / Double($1) }
                let base = (0.15 + 0.85 * dangling) / count
                for (node, list) in self.predecessors.enumerated() {
                    var sum = base
                    for source in list { sum += passedOn[source] }
                    ranks[node] = sum
                }
            }
            self.ranks = ranks
        }
    }

    private static let large = LargeGraph(seed: 5)
    private static let lists = Lists(large)
    let large = Self.large
    let graph = Self.lists.graph
    let neighbors = Self.lists.neighbors
    let predecessors = Self.lists.predecessors
    let successorCounts = Self.lists.successorCounts

    @Test("A snapshot holds each distinct pair once, in degree order, on any number of threads")
    func snapshot() throws {
        let order = (0..<large.nodeCount).sorted {
            (neighbors[$1].count, $0) < (neighbors[$0].count, $1)
        }
        var positions = [Int](repeating: 0, count: order.count)
        for (position, node) in order.enumerated() { positions[node] = position }
        #expect(graph.positionsByKey.map(Int.init) == positions)
        #expect(graph.nodeKeys == order.map { NodeKey(Int64($0) * 3 - 50) })
        #expect(graph.outDegrees.map(Int.init) == order.map { successorCounts[$0] })
        for (position, node) in order.enumerated() {
            let list = graph.targets[row(graph.offsets, position)].map(Int.init)
            try #require(list == neighbors[node].map { positions[$0] }.sorted())
            let entering = graph.inSources[row(graph.inOffsets, position)].map(Int.init)
            try #require(entering == predecessors[node].map { positions[$0] }.sorted())
        }
        for threadCount in [2, 3, 5] {
            let other = large.snapshot(threadCount)
            #expect(other.nodeKeys == graph.nodeKeys)
            #expect(other.offsets == graph.offsets && other.targets == graph.targets)
            #expect(other.inOffsets == graph.inOffsets && other.inSources == graph.inSources)
            #expect(other.outDegrees == graph.outDegrees)
            #expect(other.positionsByKey == graph.positionsByKey)
        }
    }

    @Test("Components equal a plain search", arguments: [1, 2, 3])
    func components(threadCount: Int) {
        var names = [Int](repeating: -1, count: large.nodeCount)
        for start in names.indices where names[start] < 0 {
            var stack = [start]
            names[start] = start
            while let node = stack.popLast() {
                for neighbor in neighbors[node] where names[neighbor] < 0 {
                    names[neighbor] = start
                    stack.append(neighbor)
                }
            }
        }
        let labels = connectedComponents(graph, threadCount: threadCount)
        let expected = names.map { graph.positionsByKey[$0] }
        #expect(graph.inKeyOrder(labels) == expected)
        #expect(Set(labels).count > 100)
    }

    @Test("Components of long paths equal the definition", arguments: [1, 2, 3])
    func paths(threadCount: Int) {
        // Three paths, woven into one another and against the order of the keys.
        let nodeCount = 100_000
        let sources = (3..<Int32(nodeCount)).map { $0 }
        let graph = GraphSnapshot(
            keys: (0..<nodeCount).map { NodeKey(Int64($0)) }, sources: sources,
            targets: sources.map { $0 - 3 })
        let labels = connectedComponents(graph, threadCount: threadCount)
        let expected = (0..<nodeCount).map { graph.positionsByKey[$0 % 3] }
        #expect(graph.inKeyOrder(labels) == expected)
    }

    @Test("Core numbers equal plain peeling", arguments: [1, 2, 3])
    func cores(threadCount: Int) {
        var degrees = neighbors.map(\.count)
        var cores = [Int32](repeating: -1, count: large.nodeCount)
        for core in 0..<large.nodeCount {
            guard cores.contains(-1) else { break }
            var stack = cores.indices.filter { cores[$0] < 0 && degrees[$0] <= core }
            for node in stack { cores[node] = Int32(core) }
            while let node = stack.popLast() {
                for neighbor in neighbors[node] where cores[neighbor] < 0 {
                    degrees[neighbor] -= 1
                    guard degrees[neighbor] <= core else { continue }
                    cores[neighbor] = Int32(core)
                    stack.append(neighbor)
                }
            }
        }
        #expect(graph.inKeyOrder(coreNumbers(graph, threadCount: threadCount)) == cores)
        #expect((cores.max() ?? 0) > 20)
    }

    @Test("Triangles equal the intersections of neighbors", arguments: [1, 2, 3])
    func triangles(threadCount: Int) {
        var expected = [Int](repeating: 0, count: large.nodeCount)
        var isNeighbor = [Bool](repeating: false, count: large.nodeCount)
        for node in expected.indices {
            for neighbor in neighbors[node] { isNeighbor[neighbor] = true }
            // The side across from the node once, from its end of the smaller key.
            for neighbor in neighbors[node] {
                for other in neighbors[neighbor] where other > neighbor && isNeighbor[other] {
                    expected[node] += 1
                }
            }
            for neighbor in neighbors[node] { isNeighbor[neighbor] = false }
        }
        let counts = triangleCounts(graph, threadCount: threadCount)
        #expect(graph.inKeyOrder(counts) == expected)
        #expect(
            localClustering(graph, threadCount: threadCount)
                == zip(counts, 0...).map {
                    clusteringCoefficient(triangleCount: $0, degree: graph.degree(at: $1))
                })
    }

    @Test(
        "PageRank is as near to the fixed point as asked", arguments: [1, 2, 3],
        [1e-3, 1e-6, 1e-12])
    func pageRanks(threadCount: Int, tolerance: Double) {
        let ranks = pageRank(graph, tolerance: tolerance, threadCount: threadCount)
        let pairs = zip(graph.inKeyOrder(ranks), Self.lists.ranks)
        let error = pairs.reduce(0) { $0 + abs($1.0 - $1.1) }
        #expect(error <= tolerance)
        #expect(ranks == pageRank(graph, tolerance: tolerance, threadCount: threadCount))
    }

    @Test("The eigenvector has the residual that is stated", arguments: [1, 2, 3])
    func eigenvector(threadCount: Int) {
        let result = eigenvectorCentrality(graph, tolerance: 1e-10, threadCount: threadCount)
        let values = graph.inKeyOrder(result.values)
        let residuals = values.indices.map { node in
            neighbors[node].reduce(-result.eigenvalue * values[node]) {
                $0 + values[$1]
            }
        }
        let residual = residuals.reduce(0) { $0 + $1 * $1 }.squareRoot()
        #expect(residual <= 1.01e-10 * result.eigenvalue)
        #expect(result.residual <= residual * 1.01)
        #expect(abs(values.reduce(0) { $0 + $1 * $1 } - 1) < 1e-13)
        #expect(values.allSatisfy { $0 >= 0 })
        let again = eigenvectorCentrality(graph, tolerance: 1e-10, threadCount: threadCount)
        #expect(result.values == again.values && result.iterationCount == again.iterationCount)
    }

    @Test("Components with the same eigenvalue share the eigenvector as power iteration would")
    func equalComponents() {
        // Two stars of 9 leaves and a path: the mixture of the stars is even.
        let edges = (1...9).flatMap { [(0, $0), (10, 10 + $0)] } + [(20, 21), (21, 22)]
        let graph = GraphSnapshot(
            keys: (0..<23).map { NodeKey(Int64($0)) }, sources: edges.map { Int32($0.0) },
            targets: edges.map { Int32($0.1) })
        let result = eigenvectorCentrality(graph)
        let star = [0.5] + [Double](repeating: 1.0 / 6, count: 9)
        expectClose(graph.inKeyOrder(result.values), star + star + [0, 0, 0])
        #expect(abs(result.eigenvalue - 3) < 1e-12)
    }

    @Test("An iteration that is cut short states the residual it reached")
    func cutShort() {
        let shape = GraphShape.grid(60, 60)
        let graph = GraphSnapshot(
            keys: (0..<shape.nodeCount).map { NodeKey(Int64($0)) },
            sources: shape.edges.map { Int32($0.0) }, targets: shape.edges.map { Int32($0.1) })
        let short = eigenvectorCentrality(graph, iterationsMax: 5)
        #expect(short.iterationCount == 5 && short.residual > 1e-6)
        // The product of two paths: the sum of their eigenvalues.
        let full = eigenvectorCentrality(graph)
        let values = graph.inKeyOrder(full.values)
        #expect(full.residual <= 1e-12 * full.eigenvalue)
        expectClose(
            [values[1] / values[0], values[0] / values[1], values[60] / values[0]],
            [twice(1, 60), 1 / twice(1, 60), twice(1, 60)], within: 1e-7)
        #expect(abs(full.eigenvalue - 2 * twice(1, 60)) < 1e-11)
    }

    /// 2 cos(mode · pi / (count + 1)), an eigenvalue of a path, by the series of the cosine.
    private func twice(_ mode: Int, _ count: Int) -> Double {
        let angle = Double.pi * Double(mode) / Double(count + 1)
        var (term, sum) = (1.0, 1.0)
        for index in 1...20 {
            term *= -angle * angle / Double((2 * index - 1) * (2 * index))
            sum += term
        }
        return 2 * sum
    }
}
