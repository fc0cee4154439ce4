import Foundation

/// A forest whose trees isolate strange rows on short paths.
///
/// Whoever evaluates or compares forests need not know how their trees divide the rows.
package protocol PathLengthForest: Sendable {
    /// What determines a forest, beside its training rows.
    associatedtype Parameters: Codable, Sendable, Equatable

    /// Grows a forest; the same rows and parameters give the same forest for any number of threads.
    static func fit(
        _ matrix: FeatureMatrix, parameters: Parameters, threadCount: Int
    ) throws(ModelError) -> Self

    /// The scores of all rows; larger is stranger.
    func scores(_ matrix: FeatureMatrix, threadCount: Int) -> [Double]
}

extension PathLengthForest {
    /// Fits twice: the second time without the share of rows that the first forest finds strangest.
    ///
    /// Rows that are themselves anomalies hide anomalies, in the trees and in the calibration; so
    /// calibrate on the returned rows only. A row scored NaN does not occur: missing values have a
    /// side. No row is left out where the share is 0 or less than one row.
    package static func fitInTwoPasses(
        _ matrix: FeatureMatrix, parameters: Parameters, contamination: Double = 0.02,
        threadCount: Int = 1
    ) throws(ModelError) -> (forest: Self, keptRows: [Int]) {
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
}

extension IsolationForest: PathLengthForest {}

/// The score that belongs to a mean path length: 2^(-path length / c(sample)).
///
/// A single training row has no path to compare with: nothing is strange, nothing normal.
func isolationScore(pathLength: Double, averageOfSample: Double) -> Double {
    guard averageOfSample > 0 else { return pathLength.isNaN ? .nan : 0.5 }
    return exp2(-pathLength / averageOfSample)
}

/// Refuses sizes that no forest can have; the rows behind each tree, and the height where trees end.
///
/// Without a limit it is the binary logarithm of the sample, rounded up.
func checkedSample(
    of matrix: FeatureMatrix, sampleSize: Int, treeCount: Int, heightLimit limit: Int?
) throws(ModelError) -> (count: Int, heightLimit: Int) {
    guard matrix.rowCount > 0 else {
        throw ModelError(
            code: .emptyMatrix, message: "An isolation forest needs at least one row and column.")
    }
    let sampleCount = min(sampleSize, matrix.rowCount)
    let heightLimit = limit ?? max(1, Int(ceil(log2(Double(max(sampleCount, 2))))))
    guard (1...ForestNodes.heightMax).contains(heightLimit) else {
        throw ModelError(
            code: .invalidParameter,
            message: "The height limit is \(heightLimit); it lies in 1...\(ForestNodes.heightMax).")
    }
    guard treeCount >= 1, sampleSize >= 1 else {
        throw ModelError(
            code: .invalidParameter, message: "A forest needs at least one tree and sample row.")
    }
    return (sampleCount, heightLimit)
}

/// Refuses more nodes than a forest may have.
func checkNodeCount(_ nodesOfTree: Int, treeCount: Int, sampleCount: Int) throws(ModelError) {
    guard treeCount <= ForestNodes.nodeCountMax / nodesOfTree else {
        throw ModelError(
            code: .invalidParameter,
            message: "\(treeCount) trees of \(sampleCount) rows may have more than "
                + "\(ForestNodes.nodeCountMax) nodes.")
    }
}
