// Eigenvector centrality: P. Bonacich, "Factoring and weighting approaches to status scores and clique
// identification", Journal of Mathematical Sociology 2 (1972), doi:10.1080/0022250X.1972.9989806.
//
// The eigenvector of the adjacency matrix A for its largest eigenvalue, nonnegative, L2 norm 1. Power
// iteration runs on A + I: the same eigenvectors, but the eigenvalue -lambda of a bipartite graph no
// longer ties with lambda in size. It starts from equal values, as NetworkX does, so where several
// components share the largest eigenvalue both give the same mixture of them.

package import GraphEngine
import ParallelLoops

/// The eigenvector centrality of each node and the largest eigenvalue of the adjacency matrix.
///
/// Iteration ends when the values move by less than `tolerance` (L2), or after `iterationsMax` rounds.
/// - Complexity: O(nodes + edges) a round; rounds depend on the gap behind the largest eigenvalue.
package func eigenvectorCentrality(
    _ graph: GraphSnapshot, tolerance: Double = 1e-12, iterationsMax: Int = 10_000
) -> (values: [Double], eigenvalue: Double) {
    let nodeCount = graph.nodeCount
    guard nodeCount > 0 else { return ([], 0) }
    var values = [Double](repeating: 1 / Double(nodeCount).squareRoot(), count: nodeCount)
    let products = Scratch(repeating: 0.0, count: nodeCount)
    var eigenvalue = 0.0
    graph.offsets.withUnsafeBufferPointer { offsets in
        graph.targets.withUnsafeBufferPointer { targets in
            values.withUnsafeMutableBufferPointer { values in
                for _ in 0..<iterationsMax {
                    var square = 0.0
                    for node in 0..<nodeCount {
                        var sum = values[node]
                        for entry in row(offsets, node) {
                            sum += values[Int(targets[entry])]
                        }
                        products[node] = sum
                        square += sum * sum
                    }
                    let norm = square.squareRoot()
                    eigenvalue = norm - 1
                    var movement = 0.0
                    for node in 0..<nodeCount {
                        let value = products[node] / norm
                        let difference = value - values[node]
                        movement += difference * difference
                        values[node] = value
                    }
                    if movement.squareRoot() < tolerance { break }
                }
            }
        }
    }
    return (values, eigenvalue)
}
