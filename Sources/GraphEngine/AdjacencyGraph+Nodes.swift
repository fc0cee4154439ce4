extension AdjacencyGraph {
    /// Adds a node, or finds the one that has the key already.
    @discardableResult
    package mutating func insertNode(_ key: NodeKey) -> NodeIndex {
        if let index = nodeIndex(of: key) { return index }
        let index: NodeIndex
        if let free = freeNodes.popLast() {
            index = free
            nodeKeys[Int(index)] = key.rawValue
            nodeIsLive[Int(index)] = true
        } else {
            precondition(
                nodeKeys.count < Self.positionCountMax, "a graph holds at most 2^30 nodes")
            index = NodeIndex(nodeKeys.count)
            nodeKeys.append(key.rawValue)
            nodeIsLive.append(true)
            outRows.append(0)
            inRows.append(0)
            triangles.append(0)
            neighborLists.appendList()
            incidentLists.appendList()
        }
        nodeTable.insert(index, keys: nodeKeys)
        return index
    }

    /// Removes a node and its edge rows; an unknown key changes nothing.
    ///
    /// The changes name the pairs that ceased to be, by the other end ascending. The position in them
    /// is the one that the node had; the next inserted node may get it.
    /// - Complexity: O(sum of the neighbors' list operations); the node's own lists are dropped whole.
    package mutating func removeNode(_ key: NodeKey, changes: inout GraphChanges) {
        guard let index = nodeIndex(of: key) else { return }
        reportDirectedEdges(of: index, &changes)
        disconnectAll(index, &changes)
        for position in incidentLists.elements(of: index) { dropRow(position, of: index) }
        incidentLists.removeAll(of: index)
        outRows[Int(index)] = 0
        inRows[Int(index)] = 0
        nodeTable.remove(index, keys: nodeKeys)
        nodeIsLive[Int(index)] = false
        freeNodes.append(index)
    }

    /// Names the ordered pairs that go with a node.
    private func reportDirectedEdges(of index: NodeIndex, _ changes: inout GraphChanges) {
        var leaving: Set<NodeIndex> = []
        var entering: Set<NodeIndex> = []
        for row in incidentLists.elements(of: index) where edges.isActive(row) {
            if edges.sources[Int(row)] == index {
                leaving.insert(edges.targets[Int(row)])
            } else {
                entering.insert(edges.sources[Int(row)])
            }
        }
        for other in leaving.union(entering).sorted() {
            if leaving.contains(other) {
                changes.directedEdges.append(
                    DirectedEdgeChange(source: index, target: other, appeared: false))
            }
            if entering.contains(other) {
                changes.directedEdges.append(
                    DirectedEdgeChange(source: other, target: index, appeared: false))
            }
        }
    }

    /// Takes a node out of the simple undirected graph.
    private mutating func disconnectAll(_ index: NodeIndex, _ changes: inout GraphChanges) {
        let neighbors = neighborLists.elements(of: index)
        for neighbor in neighbors {
            // Each triangle through the node and this neighbor has one more corner; that corner
            // takes its own share when its turn comes.
            triangles[Int(neighbor)] -= commonNeighborCount(index, neighbor)
        }
        for neighbor in neighbors {
            let position = neighborLists.withList(neighbor) { lowerBound($0, index) }
            neighborLists.remove(at: position, of: neighbor)
            if !parallelRows.isEmpty { parallelRows[pairKey(index, neighbor)] = nil }
            changes.simpleEdges.append(
                SimpleEdgeChange(first: index, second: neighbor, appeared: false))
        }
        neighborLists.removeAll(of: index)
        triangles[Int(index)] = 0
        simpleEdgeCount -= neighbors.count
    }

    /// Removes a row of a node that is being removed from the columns and from its other end.
    private mutating func dropRow(_ position: EdgeIndex, of index: NodeIndex) {
        let source = edges.sources[Int(position)]
        let target = edges.targets[Int(position)]
        if edges.isActive(position) {
            activeEdgeCount -= 1
            outRows[Int(source)] -= 1
            inRows[Int(target)] -= 1
        }
        let other = source == index ? target : source
        if other != index { removeIncident(position, of: other) }
        edges.remove(position)
    }
}
