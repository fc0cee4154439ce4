// Louvain: V. D. Blondel, J.-L. Guillaume, R. Lambiotte, E. Lefebvre, "Fast unfolding of communities in
// large networks", Journal of Statistical Mechanics (2008), doi:10.1088/1742-5468/2008/10/P10008.
//
// Each node begins alone; nodes move to the neighboring community where modularity (Modularity.swift)
// gains most until none gains; then communities become the nodes of a smaller graph, and so on until
// nothing is joined. Different from the paper: the order of the moves and the queue, see
// LocalMoving.swift. A community may be disconnected; Leiden's are not.

package import GraphEngine

/// The communities of the simple undirected graph by Louvain's method.
///
/// - Parameters:
///   - graph: The graph.
///   - resolution: Gamma: more than 1 favors smaller communities, less than 1 larger ones.
///   - seed: Shuffles the order in which nodes move.
///   - threadCount: The threads for joining; the result does not depend on it.
/// - Returns: The partition of the top level.
/// - Complexity: O(nodes + edges) a level, about as many levels as the logarithm of the nodes.
package func louvainCommunities(
    _ graph: GraphSnapshot, resolution: Double = 1, seed: UInt64 = 0, threadCount: Int = 1
) -> CommunityPartition {
    CommunitySearch.partition(
        graph, resolution: resolution, seed: seed, threadCount: threadCount
    ) { $0.pass(isRefined: false) }
}
