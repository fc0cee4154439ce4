extension AdjacencyGraph {
    /// Inserts the edge row `key`, or replaces it; its ends and its activity may change.
    /// - Returns: What changed in the simple undirected graph: at most one pair that ceased to be
    ///   adjacent and then at most one that became adjacent.
    /// - Throws: `GraphError` where an end is unknown or the graph is full; nothing is changed then.
    /// - Complexity: O(degree) moves of four bytes, and the common neighbors of a pair that changes.
    @discardableResult
    package mutating func upsertEdge(
        _ key: EdgeKey, source: NodeKey, target: NodeKey, attributes: EdgeAttributes
    ) throws(GraphError) -> [SimpleEdgeChange] {
        guard let from = nodeIndex(of: source) else { throw .unknownNode(source) }
        guard let into = nodeIndex(of: target) else { throw .unknownNode(target) }
        let edge = Edge(key: key, source: from, target: into, attributes: attributes)
        if let position = edges.position(of: key) { return replaceRow(position, with: edge) }
        guard edges.count < Self.positionCountMax else {
            throw .capacityExceeded("a graph holds at most 2^30 edge rows")
        }
        let position = edges.insert(edge)
        insertIncident(position, of: from)
        if into != from { insertIncident(position, of: into) }
        guard attributes.isActive, let change = activate(from, into) else { return [] }
        return [change]
    }

    /// Removes an edge row; an unknown key changes nothing.
    /// - Returns: The pair that ceased to be adjacent, if one did.
    @discardableResult
    package mutating func removeEdge(_ key: EdgeKey) -> [SimpleEdgeChange] {
        guard let position = edges.position(of: key) else { return [] }
        let source = edges.sources[Int(position)]
        let target = edges.targets[Int(position)]
        let change = edges.isActive(position) ? deactivate(source, target) : nil
        removeIncident(position, of: source)
        if target != source { removeIncident(position, of: target) }
        edges.remove(position)
        return change.map { [$0] } ?? []
    }

    private mutating func replaceRow(
        _ position: EdgeIndex, with edge: Edge
    ) -> [SimpleEdgeChange] {
        let old = edges.edge(at: position)
        edges.replace(position, with: edge)
        let sameEnds = old.source == edge.source && old.target == edge.target
        if sameEnds, old.attributes.isActive == edge.attributes.isActive { return [] }
        if !sameEnds {
            removeIncident(position, of: old.source)
            if old.target != old.source { removeIncident(position, of: old.target) }
            insertIncident(position, of: edge.source)
            if edge.target != edge.source { insertIncident(position, of: edge.target) }
        }
        if old.attributes.isActive, edge.attributes.isActive,
            pairKey(old.source, old.target) == pairKey(edge.source, edge.target)
        {
            // Turned around: the pair stays adjacent, so nothing but the directions changes.
            countRow(old.source, old.target, by: -1)
            countRow(edge.source, edge.target, by: 1)
            return []
        }
        let gone = old.attributes.isActive ? deactivate(old.source, old.target) : nil
        let come = edge.attributes.isActive ? activate(edge.source, edge.target) : nil
        return [gone, come].compactMap { $0 }
    }

    private mutating func activate(
        _ source: NodeIndex, _ target: NodeIndex
    ) -> SimpleEdgeChange? {
        countRow(source, target, by: 1)
        guard source != target, connect(source, target) else { return nil }
        return SimpleEdgeChange(first: source, second: target, appeared: true)
    }

    private mutating func deactivate(
        _ source: NodeIndex, _ target: NodeIndex
    ) -> SimpleEdgeChange? {
        countRow(source, target, by: -1)
        guard source != target, disconnect(source, target) else { return nil }
        return SimpleEdgeChange(first: source, second: target, appeared: false)
    }

    private mutating func countRow(_ source: NodeIndex, _ target: NodeIndex, by difference: Int32) {
        activeEdgeCount += Int(difference)
        outRows[Int(source)] += difference
        inRows[Int(target)] += difference
    }

    private mutating func insertIncident(_ position: EdgeIndex, of node: NodeIndex) {
        let index = incidentIndex(of: position, in: node)
        incidentLists.insert(position, at: index, of: node)
    }

    mutating func removeIncident(_ position: EdgeIndex, of node: NodeIndex) {
        let index = incidentIndex(of: position, in: node)
        incidentLists.remove(at: index, of: node)
    }

    /// Where a row stands, or would stand, among a node's rows ordered by key.
    private func incidentIndex(of position: EdgeIndex, in node: NodeIndex) -> Int {
        let key = edges.keys[Int(position)]
        return incidentLists.withList(node) { rows in
            // Identity columns grow, so a new row mostly belongs at the end.
            guard let last = rows.last, edges.keys[Int(last)] >= key else { return rows.count }
            var low = 0
            var high = rows.count
            while low < high {
                let middle = (low + high) >> 1
                if edges.keys[Int(rows[middle])] < key { low = middle + 1 } else { high = middle }
            }
            return low
        }
    }
}
