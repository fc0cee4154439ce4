extension GraphSnapshot {
    /// Builds the rows from a list of directed edges.
    ///
    /// - Parameters:
    ///   - keys: The nodes' keys, ascending and distinct.
    ///   - sources: Where each edge begins, as a position in `keys`; repeated pairs are allowed.
    ///   - targets: Where it ends.
    ///   - threadCount: The threads to use.
    /// - Complexity: O(nodes · log nodes + edges).
    package init(
        keys: [NodeKey], sources: [Int32], targets: [Int32], threadCount: Int = 1
    ) {
        precondition(sources.count == targets.count, "each edge has two ends")
        let isPair = zip(sources, targets).map { $0 != $1 }
        var ends: (first: [Int32], second: [Int32]) = ([], [])
        for edge in sources.indices where isPair[edge] {
            ends.first += [sources[edge], targets[edge]]
            ends.second += [targets[edge], sources[edge]]
        }
        let pairs = Rows(nodeCount: keys.count, rows: ends.first, values: ends.second)
        let order = (0..<Int32(keys.count)).sorted {
            (pairs.degree($1), $0) < (pairs.degree($0), $1)
        }
        var positions = [Int32](repeating: 0, count: keys.count)
        for (position, node) in order.enumerated() { positions[Int(node)] = Int32(position) }
        let simple = Rows(
            nodeCount: keys.count, rows: ends.first.map { positions[Int($0)] },
            values: ends.second.map { positions[Int($0)] })
        let entering = Rows(
            nodeCount: keys.count, rows: targets.map { positions[Int($0)] },
            values: sources.map { positions[Int($0)] })
        var outDegrees = [UInt32](repeating: 0, count: keys.count)
        for source in entering.values { outDegrees[Int(source)] += 1 }
        nodeKeys = order.map { keys[Int($0)] }
        offsets = simple.offsets
        self.targets = simple.values
        inOffsets = entering.offsets
        inSources = entering.values
        self.outDegrees = outDegrees
        positionsByKey = positions
    }
}

/// Distinct values in rows, ascending in each.
private struct Rows {
    private(set) var offsets: [UInt32]
    private(set) var values: [Int32]

    func degree(_ row: Int32) -> UInt32 { offsets[Int(row) + 1] - offsets[Int(row)] }

    /// Deals the entries out by value, then by row, which sorts them without a comparison.
    init(nodeCount: Int, rows: [Int32], values: [Int32]) {
        let byValue = Self.dealtOut(nodeCount, buckets: values, values: rows)
        var ascending: [Int32] = []
        ascending.reserveCapacity(values.count)
        for value in 0..<nodeCount {
            ascending.append(
                contentsOf: repeatElement(Int32(value), count: row(byValue.offsets, value).count))
        }
        let byRow = Self.dealtOut(nodeCount, buckets: byValue.values, values: ascending)
        offsets = [0]
        self.values = []
        self.values.reserveCapacity(values.count)
        for node in 0..<nodeCount {
            var previous: Int32 = -1
            for entry in row(byRow.offsets, node) where byRow.values[entry] != previous {
                previous = byRow.values[entry]
                self.values.append(previous)
            }
            offsets.append(UInt32(self.values.count))
        }
    }

    /// Sorts values into buckets, keeping the order in which they come.
    private static func dealtOut(
        _ bucketCount: Int, buckets: [Int32], values: [Int32]
    ) -> (offsets: [UInt32], values: [Int32]) {
        var offsets = [UInt32](repeating: 0, count: bucketCount + 1)
        for bucket in buckets { offsets[Int(bucket) + 1] += 1 }
        for bucket in 0..<bucketCount { offsets[bucket + 1] += offsets[bucket] }
        var cursors = offsets
        var dealt = [Int32](repeating: 0, count: values.count)
        for (bucket, value) in zip(buckets, values) {
            dealt[Int(cursors[Int(bucket)])] = value
            cursors[Int(bucket)] += 1
        }
        return (offsets, dealt)
    }
}
