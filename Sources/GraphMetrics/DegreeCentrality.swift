// Degree centrality: L. C. Freeman, "Centrality in social networks: conceptual clarification",
// Social Networks 1 (1978), doi:10.1016/0378-8733(78)90021-7.
//
// Distinct neighbors / (n - 1). A graph of one node has no other to be compared with: NetworkX says
// 1 there, and so do we.

package import GraphEngine

/// The share of all other nodes that each node is adjacent to; 1 in a graph of one node.
/// - Complexity: O(nodes).
package func degreeCentrality(_ graph: GraphSnapshot) -> [Double] {
    guard graph.nodeCount > 1 else { return [Double](repeating: 1, count: graph.nodeCount) }
    let others = Double(graph.nodeCount - 1)
    return (0..<graph.nodeCount).map { Double(graph.degree(at: $0)) / others }
}
