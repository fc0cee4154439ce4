// PageRank: S. Brin, L. Page, "The anatomy of a large-scale hypertextual Web search engine", Computer
// Networks and ISDN Systems 30 (1998), doi:10.1016/S0169-7552(98)00110-X.
//
// r(v) = (1 - d) / n + d (sum of r(u) / out(u) over the distinct predecessors u of v
//                         + sum of r(u) over the nodes u without successors / n),
// on the distinct directed pairs with self-loops kept; what a node without successors holds is spread
// evenly. That is NetworkX's `pagerank` of a DiGraph. Iterated in the pull direction over the
// transposed rows, which writes each value once and adds in a fixed order.

package import GraphEngine

/// The PageRank of each node; the values sum to 1.
///
/// Iteration ends when the values move by less than `tolerance` altogether (L1), which leaves them
/// within tolerance · damping / (1 - damping) of the fixed point, or after `iterationsMax` rounds.
/// - Complexity: O(nodes + edges) a round; rounds grow as log(tolerance) / log(damping).
package func pageRank(
    _ graph: GraphSnapshot, damping: Double = 0.85, tolerance: Double = 1e-10,
    iterationsMax: Int = 1000
) -> [Double] {
    let nodeCount = graph.nodeCount
    guard nodeCount > 0 else { return [] }
    let predecessors = Predecessors(graph)
    let even = 1 / Double(nodeCount)
    let shares = Scratch(repeating: 0.0, count: nodeCount)
    var ranks = [Double](repeating: even, count: nodeCount)
    ranks.withUnsafeMutableBufferPointer { ranks in
        predecessors.offsets.withUnsafeBufferPointer { offsets in
            predecessors.sources.withUnsafeBufferPointer { sources in
                graph.outOffsets.withUnsafeBufferPointer { outOffsets in
                    for _ in 0..<iterationsMax {
                        var dangling = 0.0
                        for node in 0..<nodeCount {
                            let successorCount = outOffsets[node + 1] - outOffsets[node]
                            if successorCount == 0 { dangling += ranks[node] }
                            shares[node] =
                                successorCount == 0 ? 0 : ranks[node] / Double(successorCount)
                        }
                        let base = ((1 - damping) + damping * dangling) * even
                        var movement = 0.0
                        for node in 0..<nodeCount {
                            var sum = 0.0
                            for entry in offsets[node]..<offsets[node + 1] {
                                sum += shares[Int(sources[entry])]
                            }
                            let rank = base + damping * sum
                            movement += abs(rank - ranks[node])
                            ranks[node] = rank
                        }
                        if movement < tolerance { break }
                    }
                }
            }
        }
    }
    return ranks
}

/// The transposed directed rows: the distinct nodes that point to each node, ascending.
private struct Predecessors {
    var offsets: [Int]
    var sources: [Int32]

    init(_ graph: GraphSnapshot) {
        offsets = [Int](repeating: 0, count: graph.nodeCount + 1)
        sources = [Int32](repeating: 0, count: graph.outTargets.count)
        for target in graph.outTargets { offsets[Int(target) + 1] += 1 }
        for node in 0..<graph.nodeCount { offsets[node + 1] += offsets[node] }
        var cursors = offsets
        for source in 0..<graph.nodeCount {
            for entry in graph.outOffsets[source]..<graph.outOffsets[source + 1] {
                let target = Int(graph.outTargets[entry])
                sources[cursors[target]] = Int32(source)
                cursors[target] += 1
            }
        }
    }
}
