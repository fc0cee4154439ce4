/// A frozen graph in compressed sparse rows, for metrics that read all of it.
///
/// Nodes are renumbered by degree, the largest first, equal ones by key: so the entries that are read
/// most lie together, and what is computed from a snapshot does not depend on the order in which rows
/// came and went. Inactive rows are left out.
package struct GraphSnapshot: Sendable {
    /// The key at each position.
    package let nodeKeys: [NodeKey]
    /// Where each node's neighbors begin in `targets`; one entry more than nodes.
    package let offsets: [UInt32]
    /// The neighbors in the simple undirected graph, ascending for each node, self-loops left out.
    package let targets: [Int32]
    /// Where each node's predecessors begin in `inSources`; one entry more than nodes.
    package let inOffsets: [UInt32]
    /// The distinct nodes that point to each node, ascending, itself included where it has a loop.
    package let inSources: [Int32]
    /// The number of distinct nodes that each node points to, itself included where it has a loop.
    package let outDegrees: [UInt32]
    /// The positions in ascending order of their keys.
    package let positionsByKey: [Int32]

    /// The number of nodes.
    package var nodeCount: Int { nodeKeys.count }
    /// The number of adjacent pairs in the simple undirected graph.
    package var edgeCount: Int { targets.count / 2 }

    /// The number of distinct neighbors at a position.
    package func degree(at position: Int) -> Int {
        Int(offsets[position + 1] - offsets[position])
    }

    /// Values by position, put in ascending order of the nodes' keys.
    @inlinable
    package func inKeyOrder<Value>(_ values: [Value]) -> [Value] {
        positionsByKey.map { values[Int($0)] }
    }

    /// The position of a key, or nil where the snapshot does not hold it.
    /// - Complexity: O(log nodes).
    package func position(of key: NodeKey) -> Int? {
        var low = 0
        var high = positionsByKey.count
        while low < high {
            let middle = (low + high) >> 1
            if nodeKeys[Int(positionsByKey[middle])] < key {
                low = middle + 1
            } else {
                high = middle
            }
        }
        guard low < positionsByKey.count else { return nil }
        let position = Int(positionsByKey[low])
        return nodeKeys[position] == key ? position : nil
    }
}

/// The positions of a row's entries.
@inlinable @inline(__always)
package func row(_ offsets: UnsafeBufferPointer<UInt32>, _ node: Int) -> Range<Int> {
    Range(uncheckedBounds: (Int(offsets[node]), Int(offsets[node + 1])))
}

/// The positions of a row's entries.
@inlinable @inline(__always)
package func row(_ offsets: [UInt32], _ node: Int) -> Range<Int> {
    Range(uncheckedBounds: (Int(offsets[node]), Int(offsets[node + 1])))
}

/// Consecutive rows for each thread, such that all threads have about as many entries.
package func rowShares(
    _ offsets: UnsafeBufferPointer<UInt32>, threadCount: Int
) -> [Range<Int>] {
    let nodeCount = offsets.count - 1
    let entryCount = Int(offsets[nodeCount])
    var shares: [Range<Int>] = []
    var start = 0
    for thread in 1...threadCount {
        let entryBound = entryCount * thread / threadCount
        var end = start
        var high = nodeCount
        while end < high, thread < threadCount {
            let middle = (end + high) >> 1
            if Int(offsets[middle]) < entryBound { end = middle + 1 } else { high = middle }
        }
        end = thread < threadCount ? end : nodeCount
        shares.append(start..<end)
        start = end
    }
    return shares
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
