// Degree centrality: L. C. Freeman, "Centrality in social networks: conceptual clarification",
// Social Networks 1 (1978), doi:10.1016/0378-8733(78)90021-7.
//
// Distinct neighbors / (n - 1). A graph of one node has no other to be compared with: NetworkX says
// 1 there, and so do we.

package import GraphEngine
import ParallelLoops

/// The share of all other nodes that each node is adjacent to; 1 in a graph of one node.
/// - Complexity: O(nodes).
package func degreeCentrality(_ graph: GraphSnapshot, threadCount: Int = 1) -> [Double] {
    let nodeCount = graph.nodeCount
    guard nodeCount > 1 else { return [Double](repeating: 1, count: nodeCount) }
    let others = Double(nodeCount - 1)
    let threads = nodeCount < 1 << 18 ? 1 : max(1, threadCount)
    return makeArray(count: nodeCount) { values in
        graph.offsets.withShared { offsets in
            _ = parallelFor(threadCount: threads) { thread in
                for node in share(of: nodeCount, thread: thread, threadCount: threads) {
                    values[node] = Double(offsets[node + 1] - offsets[node]) / others
                }
            }
        }
    }
}
