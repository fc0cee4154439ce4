// Bridges: edges without which a component falls apart. Found by the search of Biconnectivity.swift,
// which names the papers; equal to NetworkX's `bridges`.

package import GraphEngine

/// The edges of the simple undirected graph without which a component falls apart, ascending.
///
/// `Biconnectivity` gives the articulation points from the same pass.
/// - Complexity: O(nodes + edges), and the sorting of the bridges.
package func bridges(_ graph: GraphSnapshot) -> [NodePair] {
    Biconnectivity(graph).bridges
}
