// The algorithm is in ShapleyWalk.swift.

import ParallelLoops

/// How much each feature lengthens or shortens a row's mean path.
package struct PathLengthContributions: Sendable, Equatable {
    /// The mean path length over the training samples.
    package var expected: Double
    /// The row's mean path length: the expected one plus all contributions.
    package var pathLength: Double
    /// One Shapley value for each column; negative where the feature makes the row stranger.
    package var contributions: [Double]
}

extension IsolationForest {
    /// The exact Shapley values of a row's path length; all NaN where the row has another width.
    ///
    /// - Complexity: O(nodes · features on a path), without allocation beyond the result and one
    ///   tree's scratch memory.
    package func contributions(of row: [Double]) -> PathLengthContributions {
        guard row.count == columnCount else {
            return PathLengthContributions(
                expected: expectedPathLength, pathLength: .nan,
                contributions: [Double](repeating: .nan, count: row.count))
        }
        var walk = ShapleyWalk(table: shapleyTable, columnCount: columnCount)
        return contributions(of: row, &walk)
    }

    /// The exact Shapley values of all rows; the same bits as row by row for any number of threads.
    ///
    /// Empty where the rows have another width than the forest.
    ///
    /// - Complexity: O(rows · nodes · features on a path).
    package func contributions(
        _ matrix: FeatureMatrix, threadCount: Int = 1
    ) -> [PathLengthContributions] {
        guard matrix.columnCount == columnCount else { return [] }
        let chunkSize = 16
        let chunks = (matrix.rowCount + chunkSize - 1) / chunkSize
        let parts = parallelMap(chunks, threadCount: threadCount) { chunk in
            var walk = ShapleyWalk(table: shapleyTable, columnCount: columnCount)
            return (chunk * chunkSize..<min((chunk + 1) * chunkSize, matrix.rowCount)).map {
                contributions(of: matrix.row($0), &walk)
            }
        }
        return Array(parts.joined())
    }

    private func contributions(
        of row: [Double], _ walk: inout ShapleyWalk
    ) -> PathLengthContributions {
        PathLengthContributions(
            expected: expectedPathLength, pathLength: pathLength(row),
            contributions: walk.contributions(of: row).map { $0 / Double(treeCount) })
    }
}
