// Betweenness: L. C. Freeman, "A set of measures of centrality based on betweenness", Sociometry 40
// (1977), doi:10.2307/3033543; computed as by U. Brandes, "A faster algorithm for betweenness
// centrality", Journal of Mathematical Sociology 25 (2001), doi:10.1080/0022250X.2001.9990249; from
// sampled sources as by U. Brandes, C. Pich, "Centrality estimation in large networks", International
// Journal of Bifurcation and Chaos 17 (2007), doi:10.1142/S0218127407018403.
//
// The share of the shortest paths between two other nodes that pass through a node, summed over the
// unordered pairs and divided by (n - 1)(n - 2) / 2. Unweighted. Different from the papers: hanging
// trees are folded into the nodes they hang on (`FoldedGraph`), what they add is exact even where
// sources are sampled; and several searches share each look at the adjacency (`LaneSearch`).

package import GraphEngine
import ParallelLoops

/// The normalised betweenness of each node.
///
/// - Parameters:
///   - graph: The graph to measure.
///   - sources: Positions to search from, each standing for n / count nodes; nil: all, exact.
///   - threadCount: Batches of sources are split among so many threads.
///   - isCancelled: Asked at each level of a search.
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
        FoldedGraph(graph, labels: connectedComponents(graph)), sources: nodes, weights: weights,
        threadCount: threadCount, isCancelled: isCancelled) ?? []
}

/// Betweenness from sources that stand for unequal numbers of nodes; nil where it was cancelled.
func weightedBetweenness(
    _ graph: FoldedGraph, sources: [Int32], weights: [Double], threadCount: Int,
    isCancelled: @Sendable () -> Bool
) -> [Double]? {
    // What falls on the nodes of a tree is searched for once, from the core node it hangs on.
    var coreWeights = [Double](repeating: 0, count: graph.nodeCount)
    for (source, weight) in zip(sources, weights) where graph.places[Int(source)] >= 0 {
        coreWeights[Int(graph.places[Int(source)])] += weight
    }
    // Sources side by side see like distances, so their searches share more of each look.
    let order = BreadthFirstOrder(
        offsets: graph.offsets, targets: graph.targets,
        starts: graph.componentStarts.dropLast()
    ).nodes.filter { coreWeights[Int($0)] > 0 }
    let isSampled = sources.count < graph.places.count
    // Single precision is off by some 1e-6 of a value, far less than a sample is; where path counts
    // leave its range, as on large grids, all is done in double precision.
    var sums =
        isSampled
        ? dependencySums(
            graph, FloatLanes.self, order: order, weights: coreWeights, threadCount: threadCount,
            isCancelled: isCancelled) : nil
    if sums == nil, !isCancelled() {
        sums = dependencySums(
            graph, DoubleLanes.self, order: order, weights: coreWeights,
            threadCount: threadCount, isCancelled: isCancelled)
    }
    guard let sums else { return nil }
    let nodeCount = Double(graph.places.count)
    let pairCount = (nodeCount - 1) * (nodeCount - 2) / 2
    guard pairCount > 0 else { return graph.treePairs.map { _ in 0 } }
    var values = graph.treePairs
    // Pairs of the core were counted from both of their ends.
    for (place, position) in graph.positions.enumerated() {
        values[Int(position)] += sums[place] / 2
    }
    return values.map { $0 / pairCount }
}

/// The weighted dependencies on each core node of the sources in `order`; nil where it was cancelled
/// or path counts left the range of the numbers.
private func dependencySums<Lanes: PathLanes>(
    _ graph: FoldedGraph, _ lanes: Lanes.Type, order: [Int32], weights: [Double],
    threadCount: Int, isCancelled: @Sendable () -> Bool
) -> [Double]? {
    // A batch stays inside one component.
    var batches: [Range<Int>] = []
    for (index, node) in order.enumerated() {
        if let last = batches.last, last.count < LaneSearch<Lanes>.laneCount,
            graph.components[Int(order[last.lowerBound])] == graph.components[Int(node)]
        {
            batches[batches.count - 1] = last.lowerBound..<index + 1
        } else {
            batches.append(index..<index + 1)
        }
    }
    let sourceWeights = order.map { weights[Int($0)] }
    let threads = max(1, min(threadCount, batches.count))
    let chosen = batches
    let parts = parallelFor(threadCount: threads) { thread -> [Double]? in
        var kernel = LaneSearch<Lanes>(graph)
        if isCancelled() { return nil }
        for batch in stride(from: thread, to: chosen.count, by: threads) {
            let range = chosen[batch]
            let outcome = kernel.run(
                sources: order[range], weights: sourceWeights[range], isCancelled: isCancelled)
            if outcome != .done { return nil }
        }
        return kernel.sums()
    }
    var sums = [Double](repeating: 0, count: graph.nodeCount)
    for part in parts {
        guard let part else { return nil }
        for node in sums.indices { sums[node] += part[node] }
    }
    return sums
}
