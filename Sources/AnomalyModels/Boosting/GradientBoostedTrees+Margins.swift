import ParallelLoops

extension GradientBoostedTrees {
    /// - Complexity: O(rows · trees · depth).
    package func margins(_ matrix: FeatureMatrix, threadCount: Int = 1) -> [Double] {
        guard matrix.columnCount == columnCount else {
            return [Double](repeating: .nan, count: matrix.rowCount)
        }
        return makeArray(count: matrix.rowCount) { margins in
            matrix.values.withShared { values in
                parallelForChunks(
                    count: matrix.rowCount, chunkSize: 2_048, threadCount: threadCount
                ) { rows, _ in
                    let own = UnsafeMutableBufferPointer(
                        start: margins.pointer(to: rows.lowerBound), count: rows.count)
                    let first = UnsafePointer(values.pointer(to: rows.lowerBound * columnCount))
                    if let lanes, rows.count >= ForestLanes.rowCountMin {
                        lanes.sumLeaves(first, columnCount: columnCount, to: own)
                    } else {
                        traversal.sumLeaves(first, columnCount: columnCount, to: own)
                    }
                    for index in own.indices { own[index] += baseMargin }
                }
            }
        }
    }
}
