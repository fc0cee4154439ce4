// PageRank: S. Brin, L. Page, "The anatomy of a large-scale hypertextual Web search engine", Computer
// Networks and ISDN Systems 30 (1998), doi:10.1016/S0169-7552(98)00110-X.
//
// r(v) = (1 - d) / n + d (sum of r(u) / out(u) over the distinct predecessors u of v
//                         + sum of r(u) over the nodes u without successors / n),
// on the distinct directed pairs with self-loops kept; what a node without successors holds is spread
// evenly. That is NetworkX's `pagerank` of a DiGraph. Iterated in the pull direction over the
// transposed rows, which writes each value once and adds in a fixed order.

package import GraphEngine
import ParallelLoops

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
    let even = 1 / Double(nodeCount)
    let shares = Scratch(repeating: 0.0, count: nodeCount)
    var ranks = [Double](repeating: even, count: nodeCount)
    ranks.withUnsafeMutableBufferPointer { ranks in
        graph.inOffsets.withUnsafeBufferPointer { offsets in
            graph.inSources.withUnsafeBufferPointer { sources in
                graph.outDegrees.withUnsafeBufferPointer { outDegrees in
                    for _ in 0..<iterationsMax {
                        var dangling = 0.0
                        for node in 0..<nodeCount {
                            let successorCount = outDegrees[node]
                            if successorCount == 0 { dangling += ranks[node] }
                            shares[node] =
                                successorCount == 0 ? 0 : ranks[node] / Double(successorCount)
                        }
                        let base = ((1 - damping) + damping * dangling) * even
                        var movement = 0.0
                        for node in 0..<nodeCount {
                            var sum = 0.0
                            for entry in row(offsets, node) {
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
