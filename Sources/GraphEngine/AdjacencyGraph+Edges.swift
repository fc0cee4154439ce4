extension AdjacencyGraph {
    /// Inserts the edge row `key`, or replaces it; its ends and its activity may change.
    ///
    /// A row that moves from one pair to another adds what vanished before what appeared. Whoever needs
    /// each mutation to do one of the two removes the row first.
    /// - Parameters:
    ///   - key: The row's key.
    ///   - source: The node that it leaves.
    ///   - target: The node that it enters.
    ///   - attributes: What the row says.
    ///   - changes: Gets what changed in the simple graph and in the directed one.
    /// - Throws: `GraphError` where an end is unknown or the graph is full; nothing is changed then.
    /// - Complexity: O(degree) moves of four bytes, and the common neighbors of a pair that changes.
    package mutating func upsertEdge(
        _ key: EdgeKey, source: NodeKey, target: NodeKey, attributes: EdgeAttributes,
        changes: inout GraphChanges
    ) throws(GraphError) {
        guard let from = nodeIndex(of: source) else { throw .unknownNode(source) }
        guard let into = nodeIndex(of: target) else { throw .unknownNode(target) }
        let edge = Edge(key: key, source: from, target: into, attributes: attributes)
        if let position = edges.position(of: key) {
            replaceRow(position, with: edge, &changes)
            return
        }
        guard edges.count < Self.positionCountMax else {
            throw .capacityExceeded("a graph holds at most 2^30 edge rows")
        }
        let position = edges.insert(edge)
        insertIncident(position, of: from)
        if into != from { insertIncident(position, of: into) }
        if attributes.isActive { activate(position, &changes) }
    }

    /// Removes an edge row; an unknown key changes nothing.
    package mutating func removeEdge(_ key: EdgeKey, changes: inout GraphChanges) {
        guard let position = edges.position(of: key) else { return }
        let source = edges.sources[Int(position)]
        let target = edges.targets[Int(position)]
        if edges.isActive(position) { deactivate(position, &changes) }
        removeIncident(position, of: source)
        if target != source { removeIncident(position, of: target) }
        edges.remove(position)
    }

    private mutating func replaceRow(
        _ position: EdgeIndex, with edge: Edge, _ changes: inout GraphChanges
    ) {
        let old = edges.edge(at: position)
        let sameEnds = old.source == edge.source && old.target == edge.target
        if sameEnds, old.attributes.isActive == edge.attributes.isActive {
            edges.replace(position, with: edge)
            return
        }
        if old.attributes.isActive { deactivate(position, &changes) }
        edges.replace(position, with: edge)
        if !sameEnds {
            removeIncident(position, of: old.source)
            if old.target != old.source { removeIncident(position, of: old.target) }
            insertIncident(position, of: edge.source)
            if edge.target != edge.source { insertIncident(position, of: edge.target) }
        }
        if edge.attributes.isActive { activate(position, &changes) }
    }

    private mutating func activate(_ position: EdgeIndex, _ changes: inout GraphChanges) {
        let source = edges.sources[Int(position)]
        let target = edges.targets[Int(position)]
        countRow(source, target, by: 1)
        if !isParallel(position) {
            changes.directedEdges.append(
                DirectedEdgeChange(source: source, target: target, appeared: true))
        }
        guard source != target, connect(source, target) else { return }
        changes.simpleEdges.append(
            SimpleEdgeChange(first: source, second: target, appeared: true))
    }

    private mutating func deactivate(_ position: EdgeIndex, _ changes: inout GraphChanges) {
        let source = edges.sources[Int(position)]
        let target = edges.targets[Int(position)]
        countRow(source, target, by: -1)
        if !isParallel(position) {
            changes.directedEdges.append(
                DirectedEdgeChange(source: source, target: target, appeared: false))
        }
        guard source != target, disconnect(source, target) else { return }
        changes.simpleEdges.append(
            SimpleEdgeChange(first: source, second: target, appeared: false))
    }

    /// Whether another active row goes from the row's source to its target.
    private func isParallel(_ position: EdgeIndex) -> Bool {
        let source = edges.sources[Int(position)]
        let target = edges.targets[Int(position)]
        if source != target, !areAdjacent(source, target) { return false }
        let node =
            incidentEdgeCount(of: source) <= incidentEdgeCount(of: target) ? source : target
        return withIncidentEdges(of: node) { rows in
            rows.contains { row in
                row != position && edges.isActive(row) && edges.sources[Int(row)] == source
                    && edges.targets[Int(row)] == target
            }
        }
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
