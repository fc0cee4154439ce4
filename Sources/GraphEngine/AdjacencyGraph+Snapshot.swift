extension AdjacencyGraph {
    /// Freezes the active graph.
    /// - Complexity: O(nodes · log nodes + rows).
    package func makeSnapshot(threadCount: Int = 1) -> GraphSnapshot {
        let live = (0..<NodeIndex(nodeIndexBound)).filter { nodeIsLive[Int($0)] }
            .sorted { nodeKeys[Int($0)] < nodeKeys[Int($1)] }
        var positions = [Int32](repeating: -1, count: nodeIndexBound)
        for (position, node) in live.enumerated() { positions[Int(node)] = Int32(position) }
        var sources: [Int32] = []
        var targets: [Int32] = []
        sources.reserveCapacity(activeEdgeCount)
        targets.reserveCapacity(activeEdgeCount)
        for row in 0..<edges.bound where edges.states[row] == EdgeColumns.State.active {
            sources.append(positions[Int(edges.sources[row])])
            targets.append(positions[Int(edges.targets[row])])
        }
        return GraphSnapshot(
            keys: live.map { NodeKey(nodeKeys[Int($0)]) }, sources: sources, targets: targets,
            threadCount: threadCount)
    }
}
