/// What mutations did to the graph of active rows, in the order in which it came about.
///
/// An accumulator that its owner clears and uses again, so that a mutation allocates nothing. Parallel
/// rows are seen as one: only the first row of a pair makes it appear, only the last makes it vanish.
package struct GraphChanges: Sendable, Equatable {
    /// The unordered pairs of distinct nodes that became adjacent or ceased to be.
    package var simpleEdges: [SimpleEdgeChange] = []
    /// The ordered pairs, self-loops included, that got their first row or lost their last.
    package var directedEdges: [DirectedEdgeChange] = []

    /// No changes.
    package init() {}

    /// Whether neither the simple graph nor the directed one changed.
    package var isEmpty: Bool { simpleEdges.isEmpty && directedEdges.isEmpty }

    /// Forgets the changes; the memory is kept for the next ones unless told otherwise.
    package mutating func removeAll(keepingCapacity: Bool = true) {
        simpleEdges.removeAll(keepingCapacity: keepingCapacity)
        directedEdges.removeAll(keepingCapacity: keepingCapacity)
    }
}

/// What a mutation did to the directed graph of active edges: the first row from one node to another
/// came, or the last one went.
package struct DirectedEdgeChange: Sendable, Equatable {
    /// The node that the rows leave.
    package var source: NodeIndex
    /// The node that they enter; equal to `source` for a self-loop.
    package var target: NodeIndex
    /// True where the ordered pair appeared, false where it vanished.
    package var appeared: Bool

    /// Names the ordered pair.
    package init(source: NodeIndex, target: NodeIndex, appeared: Bool) {
        self.source = source
        self.target = target
        self.appeared = appeared
    }
}
