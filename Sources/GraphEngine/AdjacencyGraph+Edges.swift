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
    /// - Complexity: O(log degree) reads and a move of O(degree) list entries, and the common neighbors
    ///   of a pair that changes.
    package mutating func upsertEdge(
        _ key: EdgeKey, source: NodeKey, target: NodeKey, attributes: EdgeAttributes,
        changes: inout GraphChanges
    ) throws(GraphError) {
        guard let from = nodeIndex(of: source) else { throw .unknownNode(source) }
        guard let into = nodeIndex(of: target) else { throw .unknownNode(target) }
        let edge = Edge(key: key, source: from, target: into, attributes: attributes)
        if let position = edgeIndex(of: key) {
            replaceRow(position, with: edge, &changes)
            return
        }
        guard rows.bound < Self.positionCountMax else {
            throw .capacityExceeded("a graph holds at most 2^30 edge rows")
        }
        attach(rows.insert(edge), &changes)
    }

    /// Calls `body` with every edge row, active or not, by position.
    package func forEachEdge(_ body: (EdgeIndex, Edge) -> Void) {
        for position in 0..<rows.bound where !rows.ends[position].isFree {
            body(EdgeIndex(position), edge(at: EdgeIndex(position)))
        }
    }

    /// Removes an edge row; an unknown key changes nothing.
    /// - Complexity: As for `upsertEdge`.
    package mutating func removeEdge(_ key: EdgeKey, changes: inout GraphChanges) {
        guard let position = edgeIndex(of: key) else { return }
        detach(position, &changes)
        rows.remove(position)
    }

    private mutating func replaceRow(
        _ position: EdgeIndex, with edge: Edge, _ changes: inout GraphChanges
    ) {
        let old = rows.ends[Int(position)]
        let isSamePair =
            old.source == edge.source && old.target == edge.target
            && old.isActive == edge.attributes.isActive
        if !isSamePair { detach(position, &changes) }
        rows.replace(position, with: edge)
        if !isSamePair { attach(position, &changes) }
    }

    /// Puts a row into the lists of its ends, and into the simple graph where it is active.
    private mutating func attach(_ position: EdgeIndex, _ changes: inout GraphChanges) {
        let ends = rows.ends[Int(position)]
        let pair = pair(of: position, ends)
        if ends.isActive {
            countRow(ends, by: 1)
            report(ends, pair, appeared: true, &changes)
        }
        insertIncident(position, of: ends.source, neighbor: ends.target)
        if ends.source != ends.target {
            insertIncident(position, of: ends.target, neighbor: ends.source)
        }
    }

    /// Takes a row out of the lists of its ends, and out of the simple graph where it was active.
    private mutating func detach(_ position: EdgeIndex, _ changes: inout GraphChanges) {
        let ends = rows.ends[Int(position)]
        removeIncident(position, of: ends.source, neighbor: ends.target)
        if ends.source != ends.target {
            removeIncident(position, of: ends.target, neighbor: ends.source)
        }
        guard ends.isActive else { return }
        countRow(ends, by: -1)
        report(ends, pair(of: position, ends), appeared: false, &changes)
    }

    /// What changes where the one row that is not in the lists counts, or counts no more.
    private mutating func report(
        _ ends: EdgeEnds, _ pair: PairRows, appeared: Bool, _ changes: inout GraphChanges
    ) {
        if !pair.hasSameDirection {
            changes.directedEdges.append(
                DirectedEdgeChange(source: ends.source, target: ends.target, appeared: appeared))
        }
        guard !pair.isAdjacent, ends.source != ends.target else { return }
        let difference: Int32 = appeared ? 1 : -1
        countTriangles(ends.source, ends.target, by: difference)
        degrees[Int(ends.source)] += difference
        degrees[Int(ends.target)] += difference
        simpleEdgeCount += Int(difference)
        changes.simpleEdges.append(
            SimpleEdgeChange(first: ends.source, second: ends.target, appeared: appeared))
    }

    /// Adds or takes away the triangles that stand on the pair of two nodes.
    private mutating func countTriangles(
        _ first: NodeIndex, _ second: NodeIndex, by difference: Int32
    ) {
        var count: Int32 = 0
        reader.forEachCommonNeighbor(first, second) { corner in
            triangles[Int(corner)] += difference
            count += 1
        }
        guard count > 0 else { return }
        triangles[Int(first)] += count * difference
        triangles[Int(second)] += count * difference
    }

    mutating func countRow(_ ends: EdgeEnds, by difference: Int) {
        activeEdgeCount += difference
        outRows[Int(ends.source)] += difference
        inRows[Int(ends.target)] += difference
    }

    /// What the rows of a pair in the lists, this row left out, make of it.
    private func pair(of position: EdgeIndex, _ ends: EdgeEnds) -> PairRows {
        let isSourceShorter =
            incidentEdgeCount(of: ends.source) <= incidentEdgeCount(of: ends.target)
        let node = isSourceShorter ? ends.source : ends.target
        let other = isSourceShorter ? ends.target : ends.source
        return reader.pair(node, other, source: ends.source)
    }

    private mutating func insertIncident(
        _ position: EdgeIndex, of node: NodeIndex, neighbor: NodeIndex
    ) {
        let place = reader.place(of: position, in: node, neighbor: neighbor)
        incidence.insert(position, at: place, of: node)
    }

    mutating func removeIncident(
        _ position: EdgeIndex, of node: NodeIndex, neighbor: NodeIndex
    ) {
        let place = reader.place(of: position, in: node, neighbor: neighbor)
        incidence.remove(at: place, of: node)
    }
}
