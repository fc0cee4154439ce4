// Peaks over threshold for scores: A. Siffer et al., "Anomaly Detection in Streams with Extreme Value
// Theory", KDD 2017, 10.1145/3097983.3098144. The body is empirical; the tail is described in
// GeneralizedPareto.swift. Small samples, ties and anomalies among the rows have their own rules here.

import Foundation

/// Turns a detector's raw score into the share of normal rows that are at least as strange.
///
/// Body: p = (rank from above, ties in the middle, + 1) / (n + 1), linear between the scores seen.
/// Tail: beyond a threshold u with k rows above it, p = k / (n + 1) · (1 + ξ z / σ)^(-1/ξ), z = s - u.
/// Continuous and never increasing with the score; never below `smallestProbability`.
package struct TailCalibration: Sendable, Equatable {
    /// Leaves rows out of a calibration that lie far beyond the others.
    ///
    /// A row goes where s > median + 4 · max(90 % quantile - median, unit). Where more than 3 % would
    /// go none does: that is a heavy tail.
    package struct FarOutRule: Codable, Sendable, Equatable {
        /// The score's own unit: 1 for standard deviations, a tenth of the range for bounded scores.
        package var unit: Double

        /// A rule for scores of the given unit.
        package init(unit: Double) { self.unit = unit }
    }

    /// The fewest scores that a calibration is made of.
    package static let minimumCount = 10
    /// The fewest exceedances that a tail is fitted to; with fewer the body speaks alone.
    package static let exceedanceCountMin = 30
    /// The most points that the stored body has; with so many different scores or fewer it is exact.
    package static let knotCountMax = 1_024

    /// The scores behind the calibration, without those left out.
    package let count: Int
    /// The scores that the far-out rule left out.
    package let leftOutCount: Int
    /// u: where the tail begins; NaN without a tail.
    package let threshold: Double
    /// The scores above the threshold; 0 without a tail.
    package let exceedanceCount: Int
    /// ξ of the tail; NaN without one.
    package let shape: Double
    /// σ of the tail; NaN without one.
    package let scale: Double
    /// Scores of the body in ascending order.
    let knotScores: [Double]
    /// The tail probability at each of them, never increasing.
    let knotProbabilities: [Double]

    /// Whether scores beyond the threshold are judged by a fitted tail.
    package var hasTail: Bool { exceedanceCount > 0 }

    /// The smallest tail probability that so many rows can support.
    ///
    /// 1 / (20 n) with a tail; without one 1 / (n + 1), the share of a score above all others.
    package var smallestProbability: Double {
        hasTail ? 1 / (20 * Double(count)) : 1 / (Double(count) + 1)
    }

    /// The share of normal rows whose score is at least `score`; NaN for NaN.
    ///
    /// - Complexity: O(log knots).
    package func tailProbability(_ score: Double) -> Double {
        guard !score.isNaN, let last = knotScores.last else { return .nan }
        guard score < last else {
            guard hasTail else { return knotProbabilities[knotProbabilities.count - 1] }
            let share = Double(exceedanceCount) / Double(count + 1)
            let tail = GeneralizedPareto(shape: shape, scale: scale).survival(score - threshold)
            return max(share * tail, smallestProbability)
        }
        return max(bodyProbability(score), smallestProbability)
    }

    /// Linear between the knots around a score below the last one; constant below the first one.
    private func bodyProbability(_ score: Double) -> Double {
        var lower = 0
        var upper = knotScores.count - 1
        guard score > knotScores[0] else { return knotProbabilities[0] }
        while upper - lower > 1 {
            let middle = (lower + upper) / 2
            if knotScores[middle] <= score { lower = middle } else { upper = middle }
        }
        let (below, above) = (knotProbabilities[lower], knotProbabilities[upper])
        let width = knotScores[upper] - knotScores[lower]
        let share = width.isFinite ? (score - knotScores[lower]) / width : 0.5
        return below + (above - below) * share
    }
}

extension TailCalibration {
    /// Calibrations are equal when they say the same; two without a tail have none to compare.
    package static func == (first: TailCalibration, second: TailCalibration) -> Bool {
        first.count == second.count && first.leftOutCount == second.leftOutCount
            && first.exceedanceCount == second.exceedanceCount
            && first.knotScores == second.knotScores
            && first.knotProbabilities == second.knotProbabilities
            && (!first.hasTail
                || (first.threshold, first.shape, first.scale)
                    == (second.threshold, second.shape, second.scale))
    }
}
