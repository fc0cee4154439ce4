extension AdjacencyGraph {
    /// Puts the distinct nodes that active rows of a node lead to into `list`, itself included where it
    /// has a loop; what the list held before is dropped.
    /// - Complexity: O(rows), and a sort of the rows that leave where some pair has several.
    package func gatherSuccessors(of node: NodeIndex, into list: inout [NodeIndex]) {
        list.removeAll(keepingCapacity: true)
        guard outRows[Int(node)] > 0 else { return }
        incidentLists.withList(node) { rows in
            for row in rows where edges.isActive(row) && edges.sources[Int(row)] == node {
                list.append(edges.targets[Int(row)])
            }
        }
        // Two rows to one target stand in `parallelRows`, but for loops.
        guard list.count > 1 else { return }
        list.sort()
        var kept = 1
        for place in 1..<list.count where list[place] != list[kept - 1] {
            list[kept] = list[place]
            kept += 1
        }
        list.removeLast(list.count - kept)
    }
}
