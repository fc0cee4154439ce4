/// What a mutation did to the simple undirected graph of active edges: a pair of distinct nodes
/// became adjacent or ceased to be.
package struct SimpleEdgeChange: Sendable, Equatable {
    /// The end with the smaller position.
    package var first: NodeIndex
    /// The end with the larger position.
    package var second: NodeIndex
    /// True where the pair became adjacent, false where it ceased to be.
    package var appeared: Bool

    /// Names the pair in either order.
    package init(first: NodeIndex, second: NodeIndex, appeared: Bool) {
        self.first = min(first, second)
        self.second = max(first, second)
        self.appeared = appeared
    }
}
