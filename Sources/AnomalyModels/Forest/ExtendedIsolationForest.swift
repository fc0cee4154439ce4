// S. Hariri, M. Carrasco Kind, R. J. Brunner, "Extended Isolation Forest", IEEE Transactions on
// Knowledge and Data Engineering 33(4), 2021, 10.1109/TKDE.2019.2947676 (arXiv:1811.02141, 2018).
// Differences from the paper: the extension level counts columns that vary in the node; missing values
// (see `goesRight`); exact harmonic numbers (see averagePathLength). As in the paper columns are taken
// as they are: one with a far larger spread than the others decides nearly alone, so scale them.
//
// A type of its own beside IsolationForest: a split over several columns has no exact Shapley values
// in polynomial time, and its nodes, walk and file have nothing in common with a threshold's.

import Foundation
import ParallelLoops

/// Random trees whose splits are hyperplanes of random slope, free of the artefacts of axis-parallel
/// ones.
package struct ExtendedIsolationForest: PathLengthForest {
    /// What determines a forest, beside its training rows.
    package struct Parameters: Codable, Sendable, Equatable {
        /// The number of trees.
        package var treeCount: Int
        /// The rows drawn for each tree; all rows where there are fewer.
        package var sampleSize: Int
        /// The height at which a tree stops growing; nil means the binary logarithm of the sample.
        package var heightLimit: Int?
        /// The columns of a hyperplane less one, 0 for axis-parallel splits; nil means all columns.
        package var extensionLevel: Int?
        /// The seed of all random choices.
        package var seed: UInt64

        /// The paper's settings, fully extended, with a seed.
        package init(
            treeCount: Int = 100, sampleSize: Int = 256, heightLimit: Int? = nil,
            extensionLevel: Int? = nil, seed: UInt64 = 1
        ) {
            self.treeCount = treeCount
            self.sampleSize = sampleSize
            self.heightLimit = heightLimit
            self.extensionLevel = extensionLevel
            self.seed = seed
        }
    }

    /// Values beyond it, infinite ones too, count as it: so no sum of products overflows.
    package static let valueMax = 1e150
    /// Upper bound of the terms of all hyperplanes, 24 bytes each.
    package static let termCountMax = 1 << 24

    /// What the forest was fitted with.
    package let parameters: Parameters
    /// The width of the rows that the forest judges.
    package let columnCount: Int
    /// The rows that each tree was grown on: the sample size, or fewer where there were fewer rows.
    package let sampleCount: Int
    /// The trees.
    package let nodes: HyperplaneNodes

    /// Takes over nodes that are grown here or were validated.
    init(nodes: HyperplaneNodes, columnCount: Int, sampleCount: Int, parameters: Parameters) {
        self.nodes = nodes
        self.columnCount = columnCount
        self.sampleCount = sampleCount
        self.parameters = parameters
    }

    /// Grows a forest; the same rows and parameters give the same forest for any number of threads.
    ///
    /// - Complexity: O(trees · sample · height · columns).
    package static func fit(
        _ matrix: FeatureMatrix, parameters: Parameters, threadCount: Int = 1
    ) throws(ModelError) -> ExtendedIsolationForest {
        let (sampleCount, heightLimit) = try checkedSample(
            of: matrix, sampleSize: parameters.sampleSize, treeCount: parameters.treeCount,
            heightLimit: parameters.heightLimit)
        // A hyperplane may miss the rows, so a tree can be higher than its rows are many.
        let nodesOfTree = min(1 + sampleCount * heightLimit, 2 << min(heightLimit, 32))
        try checkNodeCount(
            nodesOfTree, treeCount: parameters.treeCount, sampleCount: sampleCount)
        let level = try checkedExtensionLevel(parameters, matrix, nodesOfTree: nodesOfTree)
        let trees = parallelMap(parameters.treeCount, threadCount: threadCount) { tree in
            var builder = HyperplaneTreeBuilder(
                matrix, sampleSize: sampleCount, heightLimit: heightLimit, termCountMax: level + 1,
                random: SeededRandom(seed: parameters.seed, stream: UInt64(tree)))
            return builder.build()
        }
        var nodes = HyperplaneNodes()
        for tree in trees { nodes.append(tree) }
        return ExtendedIsolationForest(
            nodes: nodes, columnCount: matrix.columnCount, sampleCount: sampleCount,
            parameters: parameters)
    }

    /// The number of trees.
    package var treeCount: Int { nodes.treeCount }

    /// The anomaly score, 2^(-path length / c(sample)): near 1 strange, well below 0.5 normal.
    ///
    /// NaN where the row has another width than the forest.
    package func score(_ row: [Double]) -> Double {
        guard row.count == columnCount else { return .nan }
        return scores(FeatureMatrix(columnCount: columnCount, rows: [row]))[0]
    }

    /// The scores of all rows, with the same bits for any number of threads and as row by row.
    ///
    /// All NaN where the rows have another width than the forest.
    ///
    /// - Complexity: O(rows · trees · height · columns of a hyperplane).
    package func scores(_ matrix: FeatureMatrix, threadCount: Int = 1) -> [Double] {
        guard matrix.columnCount == columnCount else {
            return [Double](repeating: .nan, count: matrix.rowCount)
        }
        let average = averagePathLength(sampleCount)
        return makeArray(count: matrix.rowCount) { scores in
            matrix.values.withShared { values in
                parallelForChunks(count: matrix.rowCount, chunkSize: 128, threadCount: threadCount)
                { rows, _ in
                    let bounded = Scratch<Double>(
                        uninitializedCount: rows.count * columnCount)
                    let source = values.pointer(to: rows.lowerBound * columnCount)
                    for index in 0..<rows.count * columnCount {
                        bounded[index] = boundedValue(source[index])
                    }
                    let own = UnsafeMutableBufferPointer(
                        start: scores.pointer(to: rows.lowerBound), count: rows.count)
                    sumPathLengths(bounded, to: own)
                    for index in own.indices {
                        own[index] = isolationScore(
                            pathLength: own[index] / Double(treeCount), averageOfSample: average)
                    }
                }
            }
        }
    }

    private func sumPathLengths(
        _ rows: borrowing Scratch<Double>, to totals: UnsafeMutableBufferPointer<Double>
    ) {
        totals.update(repeating: 0)
        guard let start = rows.buffer.baseAddress else { return }
        for tree in 0..<treeCount {
            nodes.addPathLengths(ofTree: tree, start, columnCount: columnCount, to: totals)
        }
    }

    private static func checkedExtensionLevel(
        _ parameters: Parameters, _ matrix: FeatureMatrix, nodesOfTree: Int
    ) throws(ModelError) -> Int {
        let level = parameters.extensionLevel ?? (matrix.columnCount - 1)
        guard (0..<matrix.columnCount).contains(level) else {
            throw ModelError(
                code: .invalidParameter,
                message: "The extension level is \(level); for \(matrix.columnCount) columns it "
                    + "lies in 0..<\(matrix.columnCount).")
        }
        guard parameters.treeCount * nodesOfTree / 2 <= termCountMax / (level + 1) else {
            throw ModelError(
                code: .invalidParameter,
                message: "\(parameters.treeCount) trees over \(level + 1) columns may have more "
                    + "than \(termCountMax) terms.")
        }
        return level
    }
}

extension ExtendedIsolationForest: Equatable {}

/// A value within the bounds that keep sums finite; NaN stays.
func boundedValue(_ value: Double) -> Double {
    let bound = ExtendedIsolationForest.valueMax
    // Written so that NaN passes: it is neither above nor below.
    return value > bound ? bound : (value < -bound ? -bound : value)
}
