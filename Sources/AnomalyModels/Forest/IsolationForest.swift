// F. T. Liu, K. M. Ting, Z.-H. Zhou, "Isolation Forest", ICDM 2008, 10.1109/ICDM.2008.17.
// Differences from the paper: missing values (see IsolationTreeBuilder), exact harmonic numbers (see
// averagePathLength), and splits only on columns that vary in the node.

import ParallelLoops

/// Random trees in which a strange row is isolated after few splits.
package struct IsolationForest: Sendable {
    /// What determines a forest, beside its training rows.
    package struct Parameters: Codable, Sendable, Equatable {
        /// The number of trees.
        package var treeCount: Int
        /// The rows drawn for each tree; all rows where there are fewer.
        package var sampleSize: Int
        /// The height at which a tree stops growing; nil means the binary logarithm of the sample.
        package var heightLimit: Int?
        /// The seed of all random choices.
        package var seed: UInt64

        /// The paper's settings with a seed.
        package init(
            treeCount: Int = 100, sampleSize: Int = 256, heightLimit: Int? = nil, seed: UInt64 = 1
        ) {
            self.treeCount = treeCount
            self.sampleSize = sampleSize
            self.heightLimit = heightLimit
            self.seed = seed
        }
    }

    /// What the forest was fitted with.
    package let parameters: Parameters
    /// The width of the rows that the forest judges.
    package let columnCount: Int
    /// The rows that each tree was grown on: the sample size, or fewer where there were fewer rows.
    package let sampleCount: Int
    /// The trees.
    package let nodes: ForestNodes
    /// The mean path length over the training samples: what a row's contributions start from.
    package let expectedPathLength: Double

    let traversal: ForestTraversal
    /// The form for many rows; nil where a tree is too large for it.
    let lanes: ForestLanes?
    /// The path length that makes a score of one half: c(sample), or what an imported forest uses.
    let averageOfSample: Double
    let shapleyTable: ShapleyTable

    /// Takes over nodes that are grown here or were validated.
    init(
        nodes: ForestNodes, columnCount: Int, sampleCount: Int, parameters: Parameters,
        averageOfSample: Double? = nil
    ) {
        self.nodes = nodes
        self.columnCount = columnCount
        self.sampleCount = sampleCount
        self.parameters = parameters
        traversal = ForestTraversal(nodes)
        lanes = ForestLanes(nodes)
        self.averageOfSample = averageOfSample ?? averagePathLength(sampleCount)
        shapleyTable = ShapleyTable(nodes)
        expectedPathLength = nodes.expectedLeafTotal() / Double(nodes.treeCount)
    }

    /// The number of trees.
    package var treeCount: Int { nodes.treeCount }

    /// The mean length of a row's paths; NaN where the row has another width than the forest.
    package func pathLength(_ row: [Double]) -> Double {
        guard row.count == columnCount else { return .nan }
        return row.withUnsafeBufferPointer { row in
            guard let start = row.baseAddress else { return .nan }
            return traversal.leafTotal(start) / Double(treeCount)
        }
    }

    /// The anomaly score, 2^(-path length / c(sample)): near 1 strange, well below 0.5 normal.
    ///
    /// NaN where the row has another width than the forest.
    package func score(_ row: [Double]) -> Double {
        score(pathLength: pathLength(row))
    }

    /// The scores of all rows, with the same bits for any number of threads and as row by row.
    ///
    /// All NaN where the rows have another width than the forest.
    ///
    /// - Complexity: O(rows · trees · height); in small trees the height is that of the whole tree
    ///   divided by the number of rows that are compared at once.
    package func scores(_ matrix: FeatureMatrix, threadCount: Int = 1) -> [Double] {
        guard matrix.columnCount == columnCount else {
            return [Double](repeating: .nan, count: matrix.rowCount)
        }
        let rowCount = matrix.rowCount
        return makeArray(count: rowCount) { totals in
            matrix.values.withShared { values in
                parallelForChunks(count: rowCount, chunkSize: 2_048, threadCount: threadCount) {
                    rows, _ in
                    let own = UnsafeMutableBufferPointer(
                        start: totals.pointer(to: rows.lowerBound), count: rows.count)
                    scores(from: values.pointer(to: rows.lowerBound * columnCount), to: own)
                }
            }
        }
    }

    private func scores(
        from rows: UnsafePointer<Double>, to scores: UnsafeMutableBufferPointer<Double>
    ) {
        if let lanes, scores.count >= ForestLanes.rowCountMin {
            lanes.sumLeaves(rows, columnCount: columnCount, to: scores)
        } else {
            traversal.sumLeaves(rows, columnCount: columnCount, to: scores)
        }
        for index in scores.indices {
            scores[index] = score(pathLength: scores[index] / Double(treeCount))
        }
    }

    /// The score that belongs to a mean path length.
    package func score(pathLength: Double) -> Double {
        isolationScore(pathLength: pathLength, averageOfSample: averageOfSample)
    }
}

extension IsolationForest: Equatable {
    /// Forests are equal when their parameters and all their nodes are; the rest is derived.
    package static func == (first: IsolationForest, second: IsolationForest) -> Bool {
        first.parameters == second.parameters && first.columnCount == second.columnCount
            && first.sampleCount == second.sampleCount && first.nodes == second.nodes
            && first.averageOfSample == second.averageOfSample
    }
}
