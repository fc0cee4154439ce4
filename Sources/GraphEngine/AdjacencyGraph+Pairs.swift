extension AdjacencyGraph {
    /// Gives the rows between two nodes, active or not, by their position; the buffer does not outlive
    /// the call.
    /// - Complexity: O(log rows + rows of the pair).
    package func withRows<Result>(
        between node: NodeIndex, and other: NodeIndex,
        _ body: (UnsafeBufferPointer<EdgeIndex>) -> Result
    ) -> Result {
        withExtendedLifetime(self) {
            let list = reader.list(node)
            let start = reader.place(of: -1, in: node, neighbor: other)
            var end = start
            while end < list.count, rows.ends[Int(list[end])].other(than: node) == other {
                end += 1
            }
            return body(UnsafeBufferPointer(rebasing: list[start..<end]))
        }
    }
}
