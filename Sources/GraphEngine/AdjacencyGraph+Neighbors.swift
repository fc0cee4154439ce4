extension AdjacencyGraph {
    /// The number of distinct neighbors over active edges, the node itself excluded.
    package func degree(of node: NodeIndex) -> Int { Int(degrees[Int(node)]) }

    /// The distinct neighbors over active edges, ascending by position, the node itself excluded.
    /// - Complexity: O(rows).
    package func neighbors(of node: NodeIndex) -> [NodeIndex] {
        withNeighbors(of: node) { [NodeIndex]($0) }
    }

    /// Gives the neighbors to `body`, gathered from the rows; the buffer does not outlive the call.
    /// - Complexity: O(rows).
    package func withNeighbors<Result>(
        of node: NodeIndex, _ body: (UnsafeBufferPointer<NodeIndex>) -> Result
    ) -> Result {
        withExtendedLifetime(self) {
            withUnsafeTemporaryAllocation(
                of: NodeIndex.self, capacity: incidentEdgeCount(of: node) + 1
            ) { memory in
                guard let base = memory.baseAddress else {
                    return body(UnsafeBufferPointer(start: nil, count: 0))
                }
                let count = reader.gather(node, into: base)
                return body(UnsafeBufferPointer(start: base, count: count))
            }
        }
    }

    /// Calls `body` with the neighbors, ascending by position, until it returns false.
    /// - Complexity: O(rows up to there).
    package func forEachNeighbor(of node: NodeIndex, _ body: (NodeIndex) -> Bool) {
        withExtendedLifetime(self) {
            reader.forEachNeighbor(of: node, body)
        }
    }

    /// Whether an active edge joins two distinct nodes; false for a node and itself.
    /// - Complexity: O(log of the smaller number of rows), and the rows of the pair.
    package func areAdjacent(_ first: NodeIndex, _ second: NodeIndex) -> Bool {
        guard first != second else { return false }
        let isFirstShorter = incidentEdgeCount(of: first) <= incidentEdgeCount(of: second)
        let (node, other) = isFirstShorter ? (first, second) : (second, first)
        return withExtendedLifetime(self) { reader.pair(node, other, source: node).isAdjacent }
    }

    /// The nodes adjacent to both, ascending by position.
    /// - Complexity: O(min(a + b, a · log b)) for a <= b rows.
    package func commonNeighbors(_ first: NodeIndex, _ second: NodeIndex) -> [NodeIndex] {
        var common: [NodeIndex] = []
        withExtendedLifetime(self) {
            reader.forEachCommonNeighbor(first, second) { common.append($0) }
        }
        return common
    }

    /// The number of nodes adjacent to both.
    /// - Complexity: O(min(a + b, a · log b)) for a <= b rows.
    package func commonNeighborCount(_ first: NodeIndex, _ second: NodeIndex) -> Int {
        var count = 0
        withExtendedLifetime(self) {
            reader.forEachCommonNeighbor(first, second) { _ in count += 1 }
        }
        return count
    }

    /// The number of triangles of the simple undirected graph through a node.
    package func triangleCount(of node: NodeIndex) -> Int { Int(triangles[Int(node)]) }

    /// The rows at a node in both directions, active or not, by the position of the other end and then
    /// by their own; a self-loop once.
    ///
    /// Positions depend on history: what must not is to be put in an order of its own.
    /// - Complexity: O(rows); `withIncidentEdges` reads them in place.
    package func incidentEdges(of node: NodeIndex) -> [EdgeIndex] {
        withIncidentEdges(of: node) { [EdgeIndex]($0) }
    }

    /// The number of rows at a node in both directions, active or not; a self-loop counts once.
    package func incidentEdgeCount(of node: NodeIndex) -> Int { incidence.count(of: node) }

    /// Gives the rows at a node to `body` without a copy; the buffer does not outlive the call.
    package func withIncidentEdges<Result>(
        of node: NodeIndex, _ body: (UnsafeBufferPointer<EdgeIndex>) -> Result
    ) -> Result {
        withExtendedLifetime(self) { body(incidence.list(node)) }
    }

    /// The rows at a node with the largest keys, ascending by key; no more than `limit`.
    /// - Complexity: O(rows + limit · log limit) where rows come in any order.
    package func newestIncidentEdges(of node: NodeIndex, limit: Int) -> [EdgeIndex] {
        withIncidentEdges(of: node) { list in
            rows.keys.withKeys { key in
                var newest: [(key: Int64, row: EdgeIndex)] = []
                guard limit > 0 else { return [] }
                // Twice as many as wanted are collected, then the older half is thrown away: that
                // reads each row once and sorts only what passed.
                var oldest = Int64.min
                for row in list {
                    let key = key(row)
                    guard key >= oldest else { continue }
                    newest.append((key, row))
                    guard newest.count >= 2 * limit + 16 else { continue }
                    newest.sort { $0.key < $1.key }
                    newest.removeFirst(newest.count - limit)
                    oldest = newest[0].key
                }
                newest.sort { $0.key < $1.key }
                return newest.suffix(limit).map(\.row)
            }
        }
    }

    /// The number of active rows that leave a node, self-loops included.
    package func outDegreeRows(of node: NodeIndex) -> Int { outRows[Int(node)] }

    /// The number of active rows that enter a node, self-loops included.
    package func inDegreeRows(of node: NodeIndex) -> Int { inRows[Int(node)] }

    /// The number of active rows between two distinct nodes, in both directions together.
    /// - Complexity: O(log of the smaller number of rows), and the rows of the pair.
    package func multiplicity(_ first: NodeIndex, _ second: NodeIndex) -> Int {
        guard first != second else { return 0 }
        return withExtendedLifetime(self) {
            let isFirstShorter =
                incidentEdgeCount(of: first) <= incidentEdgeCount(of: second)
            let (node, other) = isFirstShorter ? (first, second) : (second, first)
            var count = 0
            reader.forEachActiveRow(node, other) { _ in
                count += 1
                return true
            }
            return count
        }
    }
}
