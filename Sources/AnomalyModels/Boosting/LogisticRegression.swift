// Logistic regression with a ridge penalty (S. le Cessie, J. C. van Houwelingen, "Ridge estimators in
// logistic regression", Applied Statistics 41(1), 1992, 10.2307/2347628): the weights β and the
// intercept b that minimize Σ w log(1 + e^-(±F)) + λ/2 |β|² over F = b + β·t, by Newton's method, each
// step of which is a weighted ridge regression.
//
// A column's t is its distance from the mean in standard deviations, at most 5 either way, less the
// mean of that: an extreme value pulls no harder than a rare one. A missing value counts as the mean,
// t = 0. As t is 0 on average, β_j t_j is the exact Shapley value of column j.

import Foundation

/// A linear model of the log-odds; with few labels often better than trees.
package struct LogisticRegression: SupervisedModel {
    /// What determines a regression, beside the training rows and their labels.
    package struct Parameters: Codable, Sendable, Equatable {
        /// λ, what a weight's square costs.
        ///
        /// 1e-6 to 1e9.
        package var regularization: Double

        /// A penalty of 1 unless told otherwise.
        package init(regularization: Double = 1) { self.regularization = regularization }
    }

    /// The most standard deviations that a value counts as.
    static let deviationsMax = 5.0

    /// What the regression was fitted with.
    package let parameters: Parameters
    /// The log-odds of a row whose values are all missing; the mean margin of the training rows.
    package let intercept: Double
    /// What a standard deviation of each column adds; 0 where the training rows had one value.
    package let weights: [Double]
    let scales: [ColumnScale]

    /// Takes over numbers that were fitted here or validated.
    init(
        parameters: Parameters, intercept: Double, weights: [Double], scales: [ColumnScale]
    ) {
        self.parameters = parameters
        self.intercept = intercept
        self.weights = weights
        self.scales = scales
    }

    package var columnCount: Int { weights.count }

    package func margin(_ row: [Double]) -> Double {
        guard row.count == columnCount else { return .nan }
        var margin = intercept
        for column in row.indices { margin += weights[column] * scales[column].scaled(row[column]) }
        return margin
    }

    package func margins(_ matrix: FeatureMatrix, threadCount: Int = 1) -> [Double] {
        (0..<matrix.rowCount).map { margin(matrix.row($0)) }
    }

    package func contributions(_ row: [Double]) -> (expected: Double, values: [Double]) {
        guard row.count == columnCount else {
            return (.nan, [Double](repeating: .nan, count: row.count))
        }
        return (intercept, row.indices.map { weights[$0] * scales[$0].scaled(row[$0]) })
    }
}

/// How a column's values become distances from its mean.
struct ColumnScale: Sendable, Equatable {
    var mean: Double
    /// Above 0; 1 where the training rows have one value.
    var deviation: Double
    /// The mean of the bounded distances of the training rows.
    var shift: Double

    func scaled(_ value: Double) -> Double {
        guard !value.isNaN else { return 0 }
        let distance = (value - mean) / deviation
        let bound = LogisticRegression.deviationsMax
        return max(-bound, min(distance, bound)) - shift
    }
}
