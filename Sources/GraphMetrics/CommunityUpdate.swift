// The update of communities after changes, by dynamic frontiers: S. Sahu, "DF Louvain: fast incrementally
// expanding approach for community detection on dynamic graphs" (2024), arXiv:2404.19634, and "A
// starting point for dynamic community detection with Leiden algorithm" (2024), arXiv:2405.11658.
//
// The old communities are the start; only the ends of changed edges may move at first, then the
// neighbors of what moved. Communities may then join at the levels above.
//
// Different from the papers: no totals are kept from update to update, so a pass over the rows stays,
// which costs far less than moving; and communities are divided where a removal has disconnected them.

package import GraphEngine

/// The communities of a graph that has changed, from those before.
///
/// - Parameters:
///   - graph: The graph as it is now.
///   - previous: The community of each node by position, each label below the number of nodes; -1
///     for new nodes. `carriedLabels` makes them from an older snapshot.
///   - touched: The positions of the ends of edges that came or went.
///   - resolution: Gamma, as for `leidenCommunities`.
///   - threadCount: The threads for joining; the result does not depend on it.
/// - Returns: Connected communities, with the modularity reached.
/// - Complexity: O(nodes + edges), of which moving takes only the edges of nodes near the touched ones.
package func updatedCommunities(
    _ graph: GraphSnapshot, previous: [Int32], touched: [Int32], resolution: Double = 1,
    threadCount: Int = 1
) -> CommunityPartition {
    precondition(previous.count == graph.nodeCount, "each node has one label")
    return CommunitySearch.partition(
        graph, resolution: resolution, seed: 0, threadCount: threadCount
    ) { search in
        search.begin(with: previous)
        let levelCount = search.pass(isRefined: false, from: touched)
        search.divideConnected()
        return levelCount
    }
}
