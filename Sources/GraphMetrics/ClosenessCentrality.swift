// Closeness: S. Wasserman, K. Faust, "Social Network Analysis" (1994), section 5.3.3,
// doi:10.1017/CBO9780511815478; harmonic closeness: M. Marchiori, V. Latora, "Harmony in the
// small-world", Physica A 285 (2000), doi:10.1016/S0378-4371(00)00311-3. The searches share their work
// as by M. Then et al., "The more the merrier: efficient multi-source graph traversal", PVLDB 8 (2014),
// doi:10.14778/2735496.2735507.
//
// closeness(v) = ((r - 1) / (n - 1)) · ((r - 1) / sum of d(v, u)), r = nodes reachable, v included;
// harmonic(v)  = sum of 1 / d(v, u) over the other reachable nodes, not normalised, as in NetworkX.
//
// 64 searches run at once in the bits of a word. Different from the paper: the graph is undirected,
// so d(s, v) = d(v, s), and a node adds up the distances of the searches that arrive at it; that is a
// popcount instead of a walk over the bits. Only nodes of the frontier are touched in a level.
// With sampled sources, the mean over a component's sources stands for the mean over its nodes.

package import GraphEngine
import ParallelLoops

/// Closeness and harmonic closeness of each node, by position.
package struct ClosenessValues: Sendable, Equatable {
    /// The closeness with the correction for several components, in [0, 1]; 0 for a node alone.
    package var closeness: [Double]
    /// The sum of the reciprocal distances.
    package var harmonic: [Double]
}

/// Closeness and harmonic closeness of each node from one set of searches.
///
/// Exact where `sourceCountMax` is nil; else at most that many sampled sources for each component.
/// - Returns: nil where `isCancelled` said so.
/// - Complexity: O(sources / 64 · (nodes + edges) · levels in which a node's bits arrive).
package func closenessValues(
    _ graph: GraphSnapshot, sourceCountMax: Int? = nil, seed: UInt64 = 0, threadCount: Int = 1,
    isCancelled: @Sendable () -> Bool = { false }
) -> ClosenessValues? {
    let sources = SearchSources(
        labels: connectedComponents(graph), countMax: sourceCountMax, seed: seed)
    return closenessValues(
        graph, sources: sources, threadCount: threadCount, isCancelled: isCancelled)
}

/// The closeness of each node, exact; empty where it was cancelled.
/// - Complexity: see `closenessValues`.
package func closenessCentrality(
    _ graph: GraphSnapshot, threadCount: Int = 1, isCancelled: @Sendable () -> Bool = { false }
) -> [Double] {
    closenessValues(graph, threadCount: threadCount, isCancelled: isCancelled)?.closeness ?? []
}

/// The harmonic closeness of each node, exact; empty where it was cancelled.
/// - Complexity: see `closenessValues`.
package func harmonicCentrality(
    _ graph: GraphSnapshot, threadCount: Int = 1, isCancelled: @Sendable () -> Bool = { false }
) -> [Double] {
    closenessValues(graph, threadCount: threadCount, isCancelled: isCancelled)?.harmonic ?? []
}

func closenessValues(
    _ graph: GraphSnapshot, sources: SearchSources, threadCount: Int,
    isCancelled: @Sendable () -> Bool
) -> ClosenessValues? {
    let batchCount = (sources.rankCount + UInt64.bitWidth - 1) / UInt64.bitWidth
    let threads = max(1, min(threadCount, batchCount))
    let parts = parallelFor(threadCount: threads) { thread -> DistanceSums? in
        let kernel = BitParallelSearch(nodeCount: graph.nodeCount)
        for batch in share(of: batchCount, thread: thread, threadCount: threads) {
            if isCancelled() { return nil }
            let ranks = batch * UInt64.bitWidth
            kernel.run(
                graph, sources, ranks: ranks..<min(ranks + UInt64.bitWidth, sources.rankCount))
        }
        return kernel.sums()
    }
    var distances = [Int](repeating: 0, count: graph.nodeCount)
    var reciprocals = [Double](repeating: 0, count: graph.nodeCount)
    for part in parts {
        guard let part else { return nil }
        for node in 0..<graph.nodeCount {
            distances[node] += part.distances[node]
            reciprocals[node] += part.reciprocals[node]
        }
    }
    return finished(distances: distances, reciprocals: reciprocals, sources: sources)
}

/// Turns sums over the sources into the two measures.
private func finished(
    distances: [Int], reciprocals: [Double], sources: SearchSources
) -> ClosenessValues {
    let nodeCount = distances.count
    var values = ClosenessValues(
        closeness: [Double](repeating: 0, count: nodeCount), harmonic: reciprocals)
    for node in 0..<nodeCount where distances[node] > 0 {
        let label = Int(sources.labels[node])
        let others = Double(sources.componentSizes[label] - 1)
        var distanceSum = Double(distances[node])
        if sources.sourceCounts[label] < sources.componentSizes[label] {
            // The node itself may be among the sources; it tells nothing about the others.
            let isSource = sources.contains(Int32(node))
            let scale = others / Double(sources.sourceCounts[label] - (isSource ? 1 : 0))
            distanceSum *= scale
            values.harmonic[node] *= scale
        }
        values.closeness[node] = others / Double(nodeCount - 1) * (others / distanceSum)
    }
    return values
}

/// What arrived at each node: the sum of the distances and that of their reciprocals.
private struct DistanceSums: Sendable {
    var distances: [Int]
    var reciprocals: [Double]
}

/// Up to 64 breadth-first searches at once, one a bit, with memory reused from batch to batch.
private struct BitParallelSearch: ~Copyable {
    private let nodeCount: Int
    private let seen: Scratch<UInt64>
    private let arriving: Scratch<UInt64>
    private let spreading: Scratch<UInt64>
    private let frontier: Scratch<Int32>
    private let nextFrontier: Scratch<Int32>
    private let distances: Scratch<Int>
    private let reciprocals: Scratch<Double>

    init(nodeCount: Int) {
        self.nodeCount = nodeCount
        seen = Scratch(repeating: 0, count: nodeCount)
        arriving = Scratch(repeating: 0, count: nodeCount)
        spreading = Scratch(repeating: 0, count: nodeCount)
        frontier = Scratch(repeating: 0, count: nodeCount)
        nextFrontier = Scratch(repeating: 0, count: nodeCount)
        distances = Scratch(repeating: 0, count: nodeCount)
        reciprocals = Scratch(repeating: 0, count: nodeCount)
    }

    func sums() -> DistanceSums {
        DistanceSums(distances: distances.array(), reciprocals: reciprocals.array())
    }

    func run(_ graph: GraphSnapshot, _ sources: SearchSources, ranks: Range<Int>) {
        for node in 0..<nodeCount { seen[node] = 0 }
        var frontierCount = 0
        for rank in ranks {
            for index in sources.rankStarts[rank]..<sources.rankStarts[rank + 1] {
                let node = Int(sources.nodes[index])
                seen[node] = 1 << UInt64(rank - ranks.lowerBound)
                spreading[node] = seen[node]
                frontier[frontierCount] = Int32(node)
                frontierCount += 1
            }
        }
        graph.offsets.withUnsafeBufferPointer { offsets in
            graph.targets.withUnsafeBufferPointer { targets in
                var level = 1
                while frontierCount > 0 {
                    let reachedCount = spread(frontierCount, offsets, targets)
                    frontierCount = arrive(reachedCount, level: level)
                    level += 1
                }
            }
        }
    }

    /// Sends the bits of the frontier to its neighbors; returns how many nodes were reached.
    private func spread(
        _ frontierCount: Int, _ offsets: UnsafeBufferPointer<UInt32>,
        _ targets: UnsafeBufferPointer<Int32>
    ) -> Int {
        var reachedCount = 0
        for index in 0..<frontierCount {
            let node = Int(frontier[index])
            let bits = spreading[node]
            spreading[node] = 0
            for entry in row(offsets, node) {
                let neighbor = Int(targets[entry])
                let new = bits & ~seen[neighbor]
                guard new != 0 else { continue }
                if arriving[neighbor] == 0 {
                    nextFrontier[reachedCount] = Int32(neighbor)
                    reachedCount += 1
                }
                arriving[neighbor] |= new
            }
        }
        return reachedCount
    }

    /// Books the arrivals of one level and makes them the next frontier.
    private func arrive(_ reachedCount: Int, level: Int) -> Int {
        let reciprocal = 1 / Double(level)
        for index in 0..<reachedCount {
            let node = Int(nextFrontier[index])
            let new = arriving[node]
            arriving[node] = 0
            seen[node] |= new
            spreading[node] = new
            frontier[index] = Int32(node)
            let count = new.nonzeroBitCount
            distances[node] += count * level
            reciprocals[node] += Double(count) * reciprocal
        }
        return reachedCount
    }
}
