extension AdjacencyGraph {
    /// Adds a node, or finds the one that has the key already.
    @discardableResult
    package mutating func insertNode(_ key: NodeKey) -> NodeIndex {
        if let index = nodeIndex(of: key) { return index }
        let index = nodes.insert(key.rawValue)
        let bound = nodes.positionBound
        precondition(bound <= Self.positionCountMax, "a graph holds at most 2^30 nodes")
        degrees.grow(to: bound)
        triangles.grow(to: bound)
        outRows.grow(to: bound)
        inRows.grow(to: bound)
        incidence.grow(to: bound)
        return index
    }

    /// Removes a node and its edge rows; an unknown key changes nothing.
    ///
    /// The changes name the pairs that ceased to be, by the other end ascending. The position in them
    /// is the one that the node had; the next inserted node may get it.
    /// - Complexity: O(sum of the neighbors' list operations); the node's own lists are dropped whole.
    package mutating func removeNode(_ key: NodeKey, changes: inout GraphChanges) {
        guard let index = nodeIndex(of: key) else { return }
        removeTriangles(of: index)
        let positions = incidentEdges(of: index)
        for position in positions {
            let other = rows.ends[Int(position)].other(than: index)
            if other != index { removeIncident(position, of: other, neighbor: index) }
        }
        reportRemoval(of: index, positions, &changes)
        for position in positions {
            let ends = rows.ends[Int(position)]
            if ends.isActive { countRow(ends, by: -1) }
            rows.remove(position)
        }
        incidence.removeAll(of: index)
        degrees[Int(index)] = 0
        triangles[Int(index)] = 0
        nodes.remove(index)
    }

    /// Takes the triangles through a node from their other corners.
    private mutating func removeTriangles(of index: NodeIndex) {
        guard triangles[Int(index)] > 0 else { return }
        for neighbor in neighbors(of: index) {
            // Each triangle through the node and this neighbor has one more corner; that corner
            // takes its own share when its turn comes.
            triangles[Int(neighbor)] -= Int32(commonNeighborCount(index, neighbor))
        }
    }

    /// Names the pairs of a node's active rows, and takes the node from its neighbors' degrees.
    private mutating func reportRemoval(
        of index: NodeIndex, _ positions: [EdgeIndex], _ changes: inout GraphChanges
    ) {
        var place = 0
        while place < positions.count {
            let other = rows.ends[Int(positions[place])].other(than: index)
            var leaves = false
            var enters = false
            while place < positions.count {
                let ends = rows.ends[Int(positions[place])]
                guard ends.other(than: index) == other else { break }
                if ends.isActive {
                    if ends.source == index { leaves = true } else { enters = true }
                }
                place += 1
            }
            if leaves {
                changes.directedEdges.append(
                    DirectedEdgeChange(source: index, target: other, appeared: false))
            }
            if enters {
                changes.directedEdges.append(
                    DirectedEdgeChange(source: other, target: index, appeared: false))
            }
            guard leaves || enters, other != index else { continue }
            degrees[Int(other)] -= 1
            simpleEdgeCount -= 1
            changes.simpleEdges.append(
                SimpleEdgeChange(first: index, second: other, appeared: false))
        }
    }
}
