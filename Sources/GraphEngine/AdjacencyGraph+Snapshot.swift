extension AdjacencyGraph {
    /// Freezes the active graph.
    /// - Complexity: O(nodes + rows).
    package func makeSnapshot() -> GraphSnapshot {
        let order = nodesByKey()
        var positions = [Int32](repeating: -1, count: nodeIndexBound)
        for (position, node) in order.enumerated() { positions[Int(node)] = Int32(position) }
        let (offsets, targets) = simpleRows(order, positions)
        let (outOffsets, outTargets) = directedRows(order.count, positions)
        return GraphSnapshot(
            nodeKeys: order.map { NodeKey(nodeKeys[Int($0)]) }, offsets: offsets,
            targets: targets, outOffsets: outOffsets, outTargets: outTargets)
    }

    /// The simple undirected rows.
    ///
    /// Walking the nodes in order and appending each to its neighbors' rows sorts those rows without
    /// a comparison, since the adjacency is symmetric.
    private func simpleRows(
        _ order: [NodeIndex], _ positions: [Int32]
    ) -> (offsets: [Int], targets: [Int32]) {
        var offsets = [Int](repeating: 0, count: order.count + 1)
        for (position, node) in order.enumerated() {
            offsets[position + 1] = offsets[position] + degree(of: node)
        }
        var cursors = offsets
        var targets = [Int32](repeating: 0, count: simpleEdgeCount * 2)
        targets.withUnsafeMutableBufferPointer { targets in
            cursors.withUnsafeMutableBufferPointer { cursors in
                for (position, node) in order.enumerated() {
                    neighborLists.withList(node) { neighbors in
                        for neighbor in neighbors {
                            let row = Int(positions[Int(neighbor)])
                            targets[cursors[row]] = Int32(position)
                            cursors[row] += 1
                        }
                    }
                }
            }
        }
        return (offsets, targets)
    }

    /// The distinct directed pairs: rows are dealt out by target, then by source, which leaves the
    /// targets of each source ascending and repeated pairs side by side.
    private func directedRows(
        _ nodeCount: Int, _ positions: [Int32]
    ) -> (offsets: [Int], targets: [Int32]) {
        let byTarget = dealtOut(nodeCount, count: activeEdgeCount) { visit in
            for row in 0..<edges.bound where edges.states[row] == EdgeColumns.State.active {
                visit(
                    positions[Int(edges.targets[row])], positions[Int(edges.sources[row])])
            }
        }
        let bySource = dealtOut(nodeCount, count: activeEdgeCount) { visit in
            for target in 0..<nodeCount {
                for entry in byTarget.offsets[target]..<byTarget.offsets[target + 1] {
                    visit(byTarget.values[entry], Int32(target))
                }
            }
        }
        var offsets = [Int](repeating: 0, count: nodeCount + 1)
        var targets: [Int32] = []
        targets.reserveCapacity(bySource.values.count)
        for source in 0..<nodeCount {
            var previous: Int32 = -1
            for entry in bySource.offsets[source]..<bySource.offsets[source + 1] {
                let target = bySource.values[entry]
                if target != previous { targets.append(target) }
                previous = target
            }
            offsets[source + 1] = targets.count
        }
        return (offsets, targets)
    }

    /// Sorts values into buckets, keeping the order in which they come; `rows` is walked twice.
    private func dealtOut(
        _ bucketCount: Int, count: Int, _ rows: (_ visit: (Int32, Int32) -> Void) -> Void
    ) -> (offsets: [Int], values: [Int32]) {
        var offsets = [Int](repeating: 0, count: bucketCount + 1)
        rows { bucket, _ in offsets[Int(bucket) + 1] += 1 }
        for bucket in 0..<bucketCount { offsets[bucket + 1] += offsets[bucket] }
        var cursors = offsets
        var values = [Int32](repeating: 0, count: count)
        rows { bucket, value in
            values[cursors[Int(bucket)]] = value
            cursors[Int(bucket)] += 1
        }
        return (offsets, values)
    }

    /// The nodes in ascending order of their keys.
    private func nodesByKey() -> [NodeIndex] {
        let live = (0..<NodeIndex(nodeIndexBound)).filter { nodeIsLive[Int($0)] }
        return live.sorted { nodeKeys[Int($0)] < nodeKeys[Int($1)] }
    }
}
