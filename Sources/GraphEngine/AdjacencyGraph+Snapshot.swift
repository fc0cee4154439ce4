import ParallelLoops

extension AdjacencyGraph {
    /// Freezes the active graph in compressed sparse rows.
    ///
    /// Whoever must not wait takes a copy of the graph, which costs nothing, and makes the snapshot from
    /// it on another thread.
    /// - Complexity: O(nodes · log nodes + rows).
    package func makeSnapshot(threadCount: Int = 1) -> GraphSnapshot {
        var live: [(key: Int64, node: NodeIndex)] = []
        live.reserveCapacity(nodeCount)
        nodes.withKeys { key in
            for node in 0..<NodeIndex(nodeIndexBound) where nodes.isInUse(node) {
                live.append((key(node), node))
            }
        }
        // Blocks are mostly given in the order of the keys.
        let isAscending = zip(live, live.dropFirst()).allSatisfy { $0.key < $1.key }
        if !isAscending { live.sort { $0.key < $1.key } }
        var positions = [Int32](repeating: -1, count: nodeIndexBound)
        for (position, node) in live.enumerated() {
            positions[Int(node.node)] = Int32(position)
        }
        let (sources, targets) = activeEnds(positions: positions, threadCount: threadCount)
        return GraphSnapshot(
            keys: live.map { NodeKey($0.key) }, sources: sources, targets: targets,
            threadCount: threadCount)
    }

    /// The ends of the active rows in new positions, in the order of the rows.
    private func activeEnds(
        positions: [Int32], threadCount: Int
    ) -> (sources: [Int32], targets: [Int32]) {
        let reader = rows.ends.reader
        let bound = rows.bound
        let counts = parallelFor(threadCount: threadCount) { thread in
            share(of: bound, thread: thread, threadCount: threadCount).reduce(0) {
                let ends = reader[$1]
                return $0 + (!ends.isFree && ends.isActive ? 1 : 0)
            }
        }
        func list(_ end: @Sendable (EdgeEnds) -> Int32) -> [Int32] {
            [Int32](unsafeUninitializedCapacity: activeEdgeCount) { list, count in
                let writer = EndWriter(list: list)
                _ = parallelFor(threadCount: threadCount) { thread in
                    var place = counts[..<thread].reduce(0, +)
                    for row in share(of: bound, thread: thread, threadCount: threadCount) {
                        let ends = reader[row]
                        guard !ends.isFree, ends.isActive else { continue }
                        writer.list[place] = positions[Int(end(ends))]
                        place += 1
                    }
                }
                count = activeEdgeCount
            }
        }
        return withExtendedLifetime(self) { (list { $0.source }, list { $0.target }) }
    }
}

/// Memory that several threads fill, each its own part.
private struct EndWriter: @unchecked Sendable {
    // Sendable: the parts do not overlap.
    let list: UnsafeMutableBufferPointer<Int32>
}
