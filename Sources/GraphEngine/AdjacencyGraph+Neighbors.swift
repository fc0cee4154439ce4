extension AdjacencyGraph {
    /// The number of distinct neighbors over active edges, the node itself excluded.
    package func degree(of node: NodeIndex) -> Int { neighborLists.count(of: node) }

    /// The distinct neighbors over active edges, ascending by position, the node itself excluded.
    /// - Complexity: O(degree); `withNeighbors` reads them in place.
    package func neighbors(of node: NodeIndex) -> [NodeIndex] { neighborLists.elements(of: node) }

    /// Gives the neighbors to `body` without a copy; the buffer does not outlive the call.
    package func withNeighbors<Result>(
        of node: NodeIndex, _ body: (UnsafeBufferPointer<NodeIndex>) -> Result
    ) -> Result {
        neighborLists.withList(node, body)
    }

    /// Whether an active edge joins two distinct nodes; false for a node and itself.
    /// - Complexity: O(log of the smaller degree).
    package func areAdjacent(_ first: NodeIndex, _ second: NodeIndex) -> Bool {
        let (node, other) =
            degree(of: first) <= degree(of: second) ? (first, second) : (second, first)
        return neighborLists.withList(node) { list in
            let index = lowerBound(list, other)
            return index < list.count && list[index] == other
        }
    }

    /// The nodes adjacent to both, ascending by position.
    /// - Complexity: O(min(a + b, a · log b)) for degrees a <= b.
    package func commonNeighbors(_ first: NodeIndex, _ second: NodeIndex) -> [NodeIndex] {
        var common: [NodeIndex] = []
        neighborLists.withList(first) { ofFirst in
            neighborLists.withList(second) { ofSecond in
                forEachCommonElement(ofFirst, ofSecond) { common.append($0) }
            }
        }
        return common
    }

    /// The number of nodes adjacent to both.
    /// - Complexity: O(min(a + b, a · log b)) for degrees a <= b.
    package func commonNeighborCount(_ first: NodeIndex, _ second: NodeIndex) -> Int {
        var count = 0
        neighborLists.withList(first) { ofFirst in
            neighborLists.withList(second) { ofSecond in
                forEachCommonElement(ofFirst, ofSecond) { _ in count += 1 }
            }
        }
        return count
    }

    /// The number of triangles of the simple undirected graph through a node.
    package func triangleCount(of node: NodeIndex) -> Int { triangles[Int(node)] }

    /// The rows at a node in both directions, active or not, by `EdgeKey` ascending; a self-loop once.
    /// - Complexity: O(rows); `withIncidentEdges` reads them in place.
    package func incidentEdges(of node: NodeIndex) -> [EdgeIndex] {
        incidentLists.elements(of: node)
    }

    /// The number of rows at a node in both directions, active or not; a self-loop counts once.
    package func incidentEdgeCount(of node: NodeIndex) -> Int { incidentLists.count(of: node) }

    /// Gives the rows at a node to `body` without a copy; the buffer does not outlive the call.
    package func withIncidentEdges<Result>(
        of node: NodeIndex, _ body: (UnsafeBufferPointer<EdgeIndex>) -> Result
    ) -> Result {
        incidentLists.withList(node, body)
    }

    /// The number of active rows that leave a node, self-loops included.
    package func outDegreeRows(of node: NodeIndex) -> Int { Int(outRows[Int(node)]) }

    /// The number of active rows that enter a node, self-loops included.
    package func inDegreeRows(of node: NodeIndex) -> Int { Int(inRows[Int(node)]) }

    /// The number of active rows between two distinct nodes, in both directions together.
    package func multiplicity(_ first: NodeIndex, _ second: NodeIndex) -> Int {
        guard areAdjacent(first, second) else { return 0 }
        return 1 + Int(parallelRows[pairKey(first, second)] ?? 0)
    }
}
