// Betweenness: L. C. Freeman, "A set of measures of centrality based on betweenness", Sociometry 40
// (1977), doi:10.2307/3033543; computed as by U. Brandes, "A faster algorithm for betweenness
// centrality", Journal of Mathematical Sociology 25 (2001), doi:10.1080/0022250X.2001.9990249; from
// sampled sources as by U. Brandes, C. Pich, "Centrality estimation in large networks", International
// Journal of Bifurcation and Chaos 17 (2007), doi:10.1142/S0218127407018403.
//
// The share of the shortest paths between two other nodes that pass through a node, summed over the
// unordered pairs and divided by (n - 1)(n - 2) / 2. Unweighted. Different from the papers: no lists of
// predecessors are kept; the way back looks at all neighbors and takes those one level nearer.

package import GraphEngine
import ParallelLoops

/// The normalised betweenness of each node.
///
/// - Parameters:
///   - graph: The graph to measure.
///   - sources: Positions to search from, each standing for n / count nodes; nil: all, exact.
///   - threadCount: Sources are split among so many threads.
///   - isCancelled: Asked before each search.
/// - Returns: The values by position; empty where it was cancelled.
/// - Complexity: O(sources · (nodes + edges)).
package func betweennessCentrality(
    _ graph: GraphSnapshot, sources: [Int32]? = nil, threadCount: Int = 1,
    isCancelled: @Sendable () -> Bool = { false }
) -> [Double] {
    let nodes = sources ?? (0..<Int32(graph.nodeCount)).map { $0 }
    guard !nodes.isEmpty else { return [Double](repeating: 0, count: graph.nodeCount) }
    let weights = [Double](
        repeating: Double(graph.nodeCount) / Double(nodes.count), count: nodes.count)
    return weightedBetweenness(
        graph, sources: nodes, weights: weights, threadCount: threadCount,
        isCancelled: isCancelled) ?? []
}

/// Betweenness from sources that stand for unequal numbers of nodes; nil where it was cancelled.
func weightedBetweenness(
    _ graph: GraphSnapshot, sources: [Int32], weights: [Double], threadCount: Int,
    isCancelled: @Sendable () -> Bool
) -> [Double]? {
    let nodeCount = graph.nodeCount
    let threads = max(1, min(threadCount, sources.count))
    let parts = parallelFor(threadCount: threads) { thread -> [Double]? in
        let kernel = DependencySearch(nodeCount: nodeCount)
        for index in share(of: sources.count, thread: thread, threadCount: threads) {
            if isCancelled() { return nil }
            kernel.run(graph, source: sources[index], weight: weights[index])
        }
        return kernel.sums()
    }
    // Every pair is counted from both of its ends, hence no division by two.
    let pairCount = Double(nodeCount - 1) * Double(nodeCount - 2)
    let scale = pairCount > 0 ? 1 / pairCount : 0
    var values = [Double](repeating: 0, count: nodeCount)
    for part in parts {
        guard let part else { return nil }
        for node in 0..<nodeCount { values[node] += part[node] }
    }
    for node in 0..<nodeCount { values[node] *= scale }
    return values
}

/// One search and its way back, with memory reused from source to source.
private struct DependencySearch: ~Copyable {
    private let nodeCount: Int
    private let levels: Scratch<Int32>
    private let pathCounts: Scratch<Double>
    private let dependencies: Scratch<Double>
    private let order: Scratch<Int32>
    private let totals: Scratch<Double>

    init(nodeCount: Int) {
        self.nodeCount = nodeCount
        levels = Scratch(repeating: -1, count: nodeCount)
        pathCounts = Scratch(repeating: 0, count: nodeCount)
        dependencies = Scratch(repeating: 0, count: nodeCount)
        order = Scratch(repeating: 0, count: nodeCount)
        totals = Scratch(repeating: 0, count: nodeCount)
    }

    func sums() -> [Double] { totals.array() }

    func run(_ graph: GraphSnapshot, source: Int32, weight: Double) {
        graph.offsets.withUnsafeBufferPointer { offsets in
            graph.targets.withUnsafeBufferPointer { targets in
                let reachedCount = search(from: source, offsets, targets)
                collect(reachedCount, weight: weight, offsets, targets)
            }
        }
    }

    /// Levels and numbers of shortest paths; returns how many nodes were reached.
    private func search(
        from source: Int32, _ offsets: UnsafeBufferPointer<UInt32>,
        _ targets: UnsafeBufferPointer<Int32>
    ) -> Int {
        levels[Int(source)] = 0
        pathCounts[Int(source)] = 1
        order[0] = source
        var head = 0
        var tail = 1
        while head < tail {
            let node = Int(order[head])
            head += 1
            let nextLevel = levels[node] + 1
            let paths = pathCounts[node]
            for entry in row(offsets, node) {
                let neighbor = Int(targets[entry])
                if levels[neighbor] < 0 {
                    levels[neighbor] = nextLevel
                    order[tail] = Int32(neighbor)
                    tail += 1
                    pathCounts[neighbor] = paths
                } else if levels[neighbor] == nextLevel {
                    pathCounts[neighbor] += paths
                }
            }
        }
        return tail
    }

    /// delta(v) = sum over the successors w of v of paths(v) / paths(w) · (1 + delta(w)),
    /// farthest nodes first; every entry touched is reset on the way.
    private func collect(
        _ reachedCount: Int, weight: Double, _ offsets: UnsafeBufferPointer<UInt32>,
        _ targets: UnsafeBufferPointer<Int32>
    ) {
        for index in stride(from: reachedCount - 1, to: 0, by: -1) {
            let node = Int(order[index])
            let previousLevel = levels[node] - 1
            let coefficient = (1 + dependencies[node]) / pathCounts[node]
            for entry in row(offsets, node) {
                let neighbor = Int(targets[entry])
                if levels[neighbor] == previousLevel {
                    dependencies[neighbor] += pathCounts[neighbor] * coefficient
                }
            }
            totals[node] += weight * dependencies[node]
            dependencies[node] = 0
            levels[node] = -1
        }
        dependencies[Int(order[0])] = 0
        levels[Int(order[0])] = -1
    }
}
