import Foundation
import ParallelLoops

extension IsolationForest {
    /// Grows a forest; the same rows and parameters give the same forest for any number of threads.
    ///
    /// - Complexity: O(trees · sample · height · columns) at most; columns that vary need one look.
    package static func fit(
        _ matrix: FeatureMatrix, parameters: Parameters, threadCount: Int = 1
    ) throws(ModelError) -> IsolationForest {
        guard matrix.rowCount > 0 else {
            throw ModelError(
                code: .emptyMatrix,
                message: "An isolation forest needs at least one row and column.")
        }
        let sampleCount = min(parameters.sampleSize, matrix.rowCount)
        let heightLimit = try checkedHeightLimit(parameters, sampleCount: sampleCount)
        let trees = parallelMap(parameters.treeCount, threadCount: threadCount) { tree in
            var builder = IsolationTreeBuilder(
                matrix, sampleSize: sampleCount, heightLimit: heightLimit,
                random: SeededRandom(seed: parameters.seed, stream: UInt64(tree)))
            return builder.build()
        }
        var nodes = ForestNodes()
        for tree in trees { nodes.append(tree) }
        return IsolationForest(
            nodes: nodes, columnCount: matrix.columnCount, sampleCount: sampleCount,
            parameters: parameters)
    }

    /// Fits twice: the second time without the share of rows that the first forest finds strangest.
    ///
    /// Rows that are themselves anomalies hide anomalies, in the trees and in the calibration; so
    /// calibrate on the returned rows only. A row scored NaN does not occur: missing values have a
    /// side. No row is left out where the share is 0 or less than one row.
    package static func fitInTwoPasses(
        _ matrix: FeatureMatrix, parameters: Parameters, contamination: Double = 0.02,
        threadCount: Int = 1
    ) throws(ModelError) -> (forest: IsolationForest, keptRows: [Int]) {
        guard (0..<0.5).contains(contamination) else {
            throw ModelError(
                code: .invalidParameter,
                message: "The contamination is \(contamination); it lies in 0..<0.5.")
        }
        let first = try fit(matrix, parameters: parameters, threadCount: threadCount)
        let leftOutCount = Int(Double(matrix.rowCount) * contamination)
        guard leftOutCount > 0 else { return (first, Array(0..<matrix.rowCount)) }
        let scores = first.scores(matrix, threadCount: threadCount)
        // Equal scores keep the order of the rows, so the choice is the same on every run.
        let strangestLast = (0..<matrix.rowCount).sorted {
            (scores[$0], $0) < (scores[$1], $1)
        }
        let kept = strangestLast.dropLast(leftOutCount).sorted()
        let second = try fit(
            matrix.selecting(rows: kept), parameters: parameters, threadCount: threadCount)
        return (second, kept)
    }

    private static func checkedHeightLimit(
        _ parameters: Parameters, sampleCount: Int
    ) throws(ModelError) -> Int {
        let heightLimit =
            parameters.heightLimit
            ?? max(1, Int(ceil(log2(Double(max(sampleCount, 2))))))
        guard (1...ForestNodes.heightMax).contains(heightLimit) else {
            throw ModelError(
                code: .invalidParameter,
                message:
                    "The height limit is \(heightLimit); it lies in 1...\(ForestNodes.heightMax).")
        }
        guard parameters.treeCount >= 1, parameters.sampleSize >= 1 else {
            throw ModelError(
                code: .invalidParameter, message: "A forest needs at least one tree and sample row."
            )
        }
        let nodesOfTree = 2 * sampleCount - 1
        guard parameters.treeCount <= ForestNodes.nodeCountMax / nodesOfTree else {
            throw ModelError(
                code: .invalidParameter,
                message: "\(parameters.treeCount) trees of \(sampleCount) rows may have more than "
                    + "\(ForestNodes.nodeCountMax) nodes.")
        }
        return heightLimit
    }
}
