extension AdjacencyGraph {
    /// Makes room for a graph of this size, so that loading it copies nothing.
    package mutating func reserve(nodeCount: Int, edgeCount: Int) {
        nodeKeys.reserveCapacity(nodeCount)
        nodeIsLive.reserveCapacity(nodeCount)
        outRows.reserveCapacity(nodeCount)
        inRows.reserveCapacity(nodeCount)
        triangles.reserveCapacity(nodeCount)
        nodeTable.reserve(nodeCount, keys: nodeKeys)
        edges.reserve(edgeCount)
        let elementCount = Int(Double(edgeCount * 2) * Self.listSlack) + nodeCount
        neighborLists.reserve(listCount: nodeCount, elementCount: elementCount)
        incidentLists.reserve(listCount: nodeCount, elementCount: elementCount)
    }

    /// The bytes that the engine holds now, free positions included.
    package var byteCount: Int {
        nodeKeys.count * Self.nodeRowByteCount
            + nodeTable.byteCount + freeNodes.count * MemoryLayout<NodeIndex>.stride
            + edges.byteCount + neighborLists.byteCount + incidentLists.byteCount
            + parallelRows.capacity * Self.parallelRowByteCount
    }

    /// The bytes that a graph of this size will need, estimated before it is loaded.
    ///
    /// Every row is taken as a pair of its own: parallel rows need less.
    package static func estimatedByteCount(nodeCount: Int, edgeCount: Int) -> Int {
        let lists = 2 * (Double(edgeCount * 2) * listSlack + Double(nodeCount)) * 4
        let headers = nodeCount * 2 * MemoryLayout<ListPool.Header>.stride
        let tables = (KeyTable.slotCount(for: nodeCount) + KeyTable.slotCount(for: edgeCount)) * 4
        return nodeCount * nodeRowByteCount + headers + tables
            + edgeCount * EdgeColumns.rowByteCount + Int(lists)
    }

    /// Key, liveness, rows out and in, triangles.
    private static let nodeRowByteCount = 8 + 1 + 4 + 4 + 8
    /// Key, count and bucket share of a dictionary entry.
    private static let parallelRowByteCount = 13
    /// Arena elements for each list entry: about a fifth of a block is spare, a quarter of the arena
    /// may be free.
    private static let listSlack = 1.6
}
