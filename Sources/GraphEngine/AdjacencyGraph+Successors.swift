extension AdjacencyGraph {
    /// Puts the distinct nodes that active rows of a node lead to into `list`, ascending by position,
    /// itself included where it has a loop; what the list held before is dropped.
    /// - Complexity: O(rows).
    package func gatherSuccessors(of node: NodeIndex, into list: inout [NodeIndex]) {
        list.removeAll(keepingCapacity: true)
        guard outDegreeRows(of: node) > 0 else { return }
        withExtendedLifetime(self) {
            reader.forEachSuccessor(of: node) { list.append($0) }
        }
    }
}
