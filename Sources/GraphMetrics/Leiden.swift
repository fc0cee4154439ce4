// Leiden: V. A. Traag, L. Waltman, N. J. van Eck, "From Louvain to Leiden: guaranteeing well-connected
// communities", Scientific Reports 9 (2019), doi:10.1038/s41598-019-41695-z.
//
// As Louvain, but communities are divided into connected parts before these, not the communities, become
// the nodes of the next level, which begins from the communities. So a part can still leave, and what
// comes out is connected. A pass begins from the partition of the one before.
//
// Different from the paper: the order of the moves (LocalMoving.swift); parts grow greedily instead of
// at random (CommunityRefinement.swift); a number of passes instead of passes until nothing changes.

package import GraphEngine

/// The communities of the simple undirected graph by Leiden's method; each is connected.
///
/// - Parameters:
///   - graph: The graph.
///   - resolution: Gamma: more than 1 favors smaller communities, less than 1 larger ones.
///   - passCount: How often the whole is repeated from what was found.
///   - seed: Shuffles the order in which nodes move.
///   - threadCount: The threads for refining and joining; the result does not depend on it.
/// - Returns: The partition after the last pass.
/// - Complexity: O(nodes + edges) a level, about as many levels as the logarithm of the nodes.
package func leidenCommunities(
    _ graph: GraphSnapshot, resolution: Double = 1, passCount: Int = 3, seed: UInt64 = 0,
    threadCount: Int = 1
) -> CommunityPartition {
    CommunitySearch.partition(
        graph, resolution: resolution, seed: seed, threadCount: threadCount
    ) { search in
        var levelCount = 1
        for _ in 0..<passCount { levelCount = search.pass(isRefined: true) }
        return levelCount
    }
}
