// Articulation points: nodes without which a component falls apart. Found by the search of
// Biconnectivity.swift, which names the papers; equal to NetworkX's `articulation_points`.

package import GraphEngine

/// Whether a component of the simple undirected graph falls apart without the node, by position.
///
/// `Biconnectivity` gives the bridges from the same pass.
/// - Complexity: O(nodes + edges).
package func articulationPoints(_ graph: GraphSnapshot) -> [Bool] {
    Biconnectivity(graph).isArticulationPoint
}
