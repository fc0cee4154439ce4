// J. Platt, "Probabilistic outputs for support vector machines and comparisons to regularized
// likelihood methods", Advances in Large Margin Classifiers, 1999; fitted as by H.-T. Lin, C.-J. Lin,
// R. C. Weng, "A note on Platt's probabilistic outputs for support vector machines", Machine Learning
// 68(3), 2007, 10.1007/s10994-007-5018-6: Newton's method with backtracking on the cross-entropy of
//
//     P(anomalous | margin f) = 1 / (1 + e^-(a f + b))
//
// with targets (N₊ + 1) / (N₊ + 2) and 1 / (N₋ + 2) in place of 1 and 0.
//
// Different here: rows may have weights (N₊ and N₋ are then sums of weights), and the slope is never
// negative: where high margins went with normal rows, the calibration says the same of every row.

import Foundation

/// A map from margins to probabilities, learnt from margins of rows that their models had not seen.
package struct LogisticCalibration: Sendable, Equatable, Codable {
    /// a: how far the margins can be trusted; 1 where they are log-odds already, 0 where they say nothing.
    package let slope: Double
    /// b: the log-odds at margin 0.
    package let intercept: Double

    /// A calibration with known numbers.
    package init(slope: Double, intercept: Double) {
        self.slope = slope
        self.intercept = intercept
    }

    /// The log-odds that belong to a margin.
    package func margin(_ margin: Double) -> Double { slope * margin + intercept }

    /// The probability that belongs to a margin.
    package func probability(_ margin: Double) -> Double { logistic(self.margin(margin)) }

    /// Fits the map to margins and labels; the margins come from models that were fitted without the
    /// row, as by `CrossFitting`.
    ///
    /// - Complexity: O(rows), some ten times.
    package static func fit(
        margins: [Double], labels: [Bool], weights: [Double]? = nil
    ) throws(ModelError) -> LogisticCalibration {
        let matrix = FeatureMatrix(columnCount: 1, values: margins)
        let kept = try matrix.checkedTrainingRows(labels, weights: weights)
        if let bad = kept.first(where: { !margins[$0].isFinite }) {
            throw ModelError(
                code: .invalidParameter,
                message: "The margin of row \(bad) is \(margins[bad]); a calibration needs numbers."
            )
        }
        let rows = kept.map { row in
            CrossEntropy.Row(
                margin: margins[row], isAnomalous: labels[row], weight: weights?[row] ?? 1)
        }
        let anomalous = rows.reduce(0) { $1.isAnomalous ? $0 + $1.weight : $0 }
        let normal = rows.reduce(0) { $1.isAnomalous ? $0 : $0 + $1.weight }
        guard anomalous > 0, normal > 0 else {
            throw ModelError(
                code: .oneClass,
                message: "All \(rows.count) margins are of "
                    + "\(anomalous > 0 ? "anomalous" : "normal") rows; a calibration needs both.")
        }
        let loss = CrossEntropy(
            rows: rows, highTarget: (anomalous + 1) / (anomalous + 2), lowTarget: 1 / (normal + 2))
        let (slope, intercept) = loss.minimum(startingAt: log((anomalous + 1) / (normal + 1)))
        guard slope < 0 else { return LogisticCalibration(slope: slope, intercept: intercept) }
        let target = (anomalous * loss.highTarget + normal * loss.lowTarget) / (anomalous + normal)
        return LogisticCalibration(slope: 0, intercept: log(target / (1 - target)))
    }
}

/// The loss of a slope and an intercept.
private struct CrossEntropy {
    struct Row {
        var margin: Double
        var isAnomalous: Bool
        var weight: Double
    }

    let rows: [Row]
    let highTarget: Double
    let lowTarget: Double

    func minimum(startingAt logOdds: Double) -> (slope: Double, intercept: Double) {
        var (a, b) = (0.0, logOdds)
        var loss = value(a, b)
        for _ in 0..<100 {
            let (ga, gb, haa, hab, hbb) = derivatives(a, b)
            guard max(abs(ga), abs(gb)) > 1e-10 * totalWeight else { break }
            let determinant = haa * hbb - hab * hab
            let stepA = -(hbb * ga - hab * gb) / determinant
            let stepB = -(haa * gb - hab * ga) / determinant
            let descent = ga * stepA + gb * stepB
            var length = 1.0
            while length >= 1e-10 {
                let candidate = value(a + length * stepA, b + length * stepB)
                if candidate < loss + 1e-4 * length * descent {
                    loss = candidate
                    break
                }
                length /= 2
            }
            guard length >= 1e-10 else { break }
            a += length * stepA
            b += length * stepB
        }
        return (a, b)
    }

    private var totalWeight: Double { rows.reduce(0) { $0 + $1.weight } }

    private func target(_ row: Row) -> Double { row.isAnomalous ? highTarget : lowTarget }

    private func value(_ a: Double, _ b: Double) -> Double {
        rows.reduce(0) { sum, row in
            let x = a * row.margin + b
            // log(1 + e^x) - t x, from the side where the exponential cannot overflow.
            let softplus = x > 0 ? x + log1p(exp(-x)) : log1p(exp(x))
            return sum + row.weight * (softplus - target(row) * x)
        }
    }

    private func derivatives(
        _ a: Double, _ b: Double
    ) -> (Double, Double, haa: Double, hab: Double, hbb: Double) {
        var (ga, gb, hab) = (0.0, 0.0, 0.0)
        // Keeps the second derivatives invertible where all margins are equal.
        var (haa, hbb) = (1e-12, 1e-12)
        for row in rows {
            let p = logistic(a * row.margin + b)
            let slope = row.weight * (p - target(row))
            let bend = row.weight * p * (1 - p)
            ga += slope * row.margin
            gb += slope
            haa += bend * row.margin * row.margin
            hab += bend * row.margin
            hbb += bend
        }
        return (ga, gb, haa, hab, hbb)
    }
}
