/// A frozen graph in compressed sparse rows, for metrics that read all of it.
///
/// Nodes are renumbered 0, 1, ... in ascending order of their keys, so what is computed from a
/// snapshot does not depend on the order in which rows came and went. Inactive rows are left out.
package struct GraphSnapshot: Sendable {
    /// The key at each position, ascending.
    package let nodeKeys: [NodeKey]
    /// Where each node's neighbors begin in `targets`; one entry more than nodes.
    package let offsets: [Int]
    /// The neighbors in the simple undirected graph, ascending for each node, self-loops left out.
    package let targets: [Int32]
    /// Where each node's successors begin in `outTargets`; one entry more than nodes.
    package let outOffsets: [Int]
    /// The distinct nodes that each node points to, ascending, itself included where it has a loop.
    package let outTargets: [Int32]

    /// The number of nodes.
    package var nodeCount: Int { nodeKeys.count }
    /// The number of adjacent pairs in the simple undirected graph.
    package var edgeCount: Int { targets.count / 2 }

    /// The number of distinct neighbors at a position.
    package func degree(at position: Int) -> Int { offsets[position + 1] - offsets[position] }

    /// The position of a key, or nil where the snapshot does not hold it.
    /// - Complexity: O(log nodes).
    package func position(of key: NodeKey) -> Int? { nodeKeys.sortedPosition(of: key) }
}

extension [NodeKey] {
    /// The position of a key in ascending keys, or nil where it is not among them.
    /// - Complexity: O(log count).
    package func sortedPosition(of key: NodeKey) -> Int? {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) >> 1
            if self[middle] < key { low = middle + 1 } else { high = middle }
        }
        return low < count && self[low] == key ? low : nil
    }
}
