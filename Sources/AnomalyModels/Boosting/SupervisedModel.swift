import Foundation

/// A model learnt from labels, whose log-odds that a row is anomalous are a sum of contributions.
package protocol SupervisedModel: Sendable, Equatable {
    /// The width of the rows that the model judges.
    var columnCount: Int { get }

    /// The log-odds that a row is labelled anomalous; NaN where the row has another width.
    func margin(_ row: [Double]) -> Double

    /// The log-odds of all rows, with the same bits for any number of threads and as row by row.
    ///
    /// All NaN where the rows have another width.
    func margins(_ matrix: FeatureMatrix, threadCount: Int) -> [Double]

    /// The exact Shapley values of a row's margin: what is expected of a training row, and what each
    /// column adds to it.
    ///
    /// All NaN where the row has another width.
    func contributions(_ row: [Double]) -> (expected: Double, values: [Double])
}

extension SupervisedModel {
    /// The probability that belongs to a row's margin; not calibrated.
    package func probability(_ row: [Double]) -> Double { logistic(margin(row)) }
}

/// The probability that belongs to log-odds: 1 / (1 + e^-x).
package func logistic(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
