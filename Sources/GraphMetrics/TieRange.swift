// Tie range: D. J. Watts, "Networks, dynamics, and the small-world phenomenon", American Journal of
// Sociology 105 (1999), doi:10.1086/210318: the distance between two adjacent nodes once the edge
// between them is left out. Searched from both ends: I. Pohl, "Bi-directional search", Machine
// Intelligence 6 (1971).
//
// The side whose frontier has fewer nodes goes one whole level; the searches meet for the first time
// at the shortest length, since all shorter ones were ruled out by the levels before. Different from
// the paper: the length, the number of nodes visited and the number of edges read are bounded. The
// bounds are checked for whole levels, so that the answer does not depend on the order of neighbors.

package import GraphEngine

/// The length of the shortest path between two nodes that does not use the edge between them.
///
/// - Parameters:
///   - graph: The graph to search; active edges, direction ignored.
///   - first: One end.
///   - second: The other end.
///   - rangeMax: The longest path looked for.
///   - visitedMax: How many nodes may be visited beyond the common neighbors; four times as
///     many edges may be read.
/// - Returns: The length, 2 or more; `rangeMax + 1` where it is longer or there is no path; nil where
///   the budget of visited nodes was spent before it was known. 0 for a node and itself.
/// - Complexity: O(common neighbors + edges of the nodes visited).
package func tieRange(
    _ graph: AdjacencyGraph, _ first: NodeIndex, _ second: NodeIndex, rangeMax: Int,
    visitedMax: Int
) -> Int? {
    guard first != second else { return 0 }
    guard rangeMax >= 2 else { return rangeMax + 1 }
    if graph.commonNeighborCount(first, second) > 0 { return 2 }
    // There is no path of length 2, so the first meeting is at length 3 or beyond.
    var near = SearchSide(start: first, avoiding: second)
    var far = SearchSide(start: second, avoiding: first)
    var budget = SearchBudget(nodes: visitedMax, edges: visitedMax * 4)
    while near.depth + far.depth < rangeMax {
        if near.frontier.isEmpty || far.frontier.isEmpty { return rangeMax + 1 }
        if far.frontier.count < near.frontier.count { swap(&near, &far) }
        switch near.advance(graph, towards: far, budget: &budget) {
        case .met: return near.depth + far.depth
        case .spent: return nil
        case .apart: continue
        }
    }
    return rangeMax + 1
}

/// One of the two searches.
private struct SearchSide {
    let start: NodeIndex
    let avoiding: NodeIndex
    var depth = 0
    var frontier: [NodeIndex]
    var visited: Set<NodeIndex>

    enum Outcome { case met, apart, spent }

    init(start: NodeIndex, avoiding: NodeIndex) {
        self.start = start
        self.avoiding = avoiding
        frontier = [start]
        visited = [start]
    }

    /// Goes one level farther, until it meets the other side; meeting counts before the budget.
    mutating func advance(
        _ graph: AdjacencyGraph, towards other: SearchSide, budget: inout SearchBudget
    ) -> Outcome {
        budget.edges -= frontier.reduce(0) { $0 + graph.degree(of: $1) }
        if budget.edges < 0 { return .spent }
        depth += 1
        var next: [NodeIndex] = []
        for node in frontier {
            var hasMet = false
            graph.forEachNeighbor(of: node) { neighbor in
                if node == start, neighbor == avoiding { return true }
                hasMet = other.visited.contains(neighbor)
                if visited.insert(neighbor).inserted { next.append(neighbor) }
                return !hasMet
            }
            if hasMet { return .met }
        }
        budget.nodes -= next.count
        frontier = next
        return budget.nodes < 0 ? .spent : .apart
    }
}

/// What a search may still read.
private struct SearchBudget {
    var nodes: Int
    var edges: Int
}
