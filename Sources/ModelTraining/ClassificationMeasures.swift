import Foundation

/// How well scores tell anomalies from the rest: at a threshold, over all thresholds, at the top, and as
/// probabilities.
///
/// Rows may have weights, how often each is there: a resample is the same rows with other weights, and
/// costs no new sorting. With weights of one the areas are those of ``Measures``. NaN among the scores
/// ranks last and is not found; NaN is also the result where a measure has no meaning.
package struct ClassificationMeasures: Sendable, Equatable {
    /// The share of anomalies among the rows found, and of the anomalies that are found.
    package var precision, recall: Double
    /// The harmonic mean of both; 0 where no anomaly is found.
    package var f1: Double
    /// The area under the receiver operating characteristic.
    package var rocAUC: Double
    /// The area under precision over recall, as a sum over the thresholds (average precision).
    package var averagePrecision: Double
    /// The share of anomalies among the rows at the top.
    package var precisionAtK: Double
    /// The expected calibration error of the scores read as probabilities, in ten bins of equal width.
    ///
    /// - SeeAlso: M. P. Naeini, G. F. Cooper, M. Hauskrecht, Obtaining well calibrated probabilities
    ///   using Bayesian binning, AAAI 2015.
    package var calibrationError: Double
    /// The mean squared difference between score and label.
    ///
    /// - SeeAlso: G. W. Brier, Monthly Weather Review 78(1), 1950.
    package var brierScore: Double

    /// The names of the measures, in the order of ``values``.
    package static func names(k: Int) -> [String] {
        [
            "precision", "recall", "f1", "roc_auc", "average_precision", "precision_at_\(k)",
            "calibration_error", "brier_score",
        ]
    }

    /// The measures in the order of ``names(k:)``.
    package var values: [Double] {
        [
            precision, recall, f1, rocAUC, averagePrecision, precisionAtK, calibrationError,
            brierScore,
        ]
    }

    /// Rows in the order of their scores, to be measured again and again.
    package struct Rows: Sendable {
        fileprivate struct Row {
            var place: Int
            var score: Double
            var isPositive: Bool
        }

        fileprivate var ranked: [Row]

        /// Scores from 0 to 1, larger for stranger, and which rows are anomalies.
        package init(scores: [Double], labels: [Bool]) {
            precondition(scores.count == labels.count, "there is one label for each score")
            ranked = scores.indices
                .map { Row(place: $0, score: scores[$0], isPositive: labels[$0]) }
                .sorted { ($1.rank, $0.place) < ($0.rank, $1.place) }
        }

        /// How many rows there are.
        package var rowCount: Int { ranked.count }
    }

    /// The measures of these scores: found is what reaches the threshold, the top has `k` rows.
    package init(scores: [Double], labels: [Bool], threshold: Double, k: Int) {
        self.init(Rows(scores: scores, labels: labels), threshold: threshold, k: k)
    }

    /// The measures of rows, each of them as often as its weight says.
    /// - Complexity: O(rows)
    package init(_ rows: Rows, weights: [Int]? = nil, threshold: Double, k: Int) {
        var sums = Sums()
        for row in rows.ranked {
            sums.take(
                row.score, row.isPositive, weight: weights?[row.place] ?? 1, threshold: threshold,
                k: k)
        }
        sums.closeTie(k: k)
        let (positives, negatives) = (Double(sums.positives), Double(sums.negatives))
        let found = Double(sums.found.positives + sums.found.negatives)
        precision = found > 0 ? Double(sums.found.positives) / found : .nan
        recall = positives > 0 ? Double(sums.found.positives) / positives : .nan
        f1 =
            positives > 0
            ? 2 * Double(sums.found.positives) / (found + positives) : .nan
        rocAUC =
            positives > 0 && negatives > 0
            ? 1 - sums.losses / (positives * negatives) : .nan
        averagePrecision = positives > 0 ? sums.precisionSum / positives : .nan
        let top = Double(min(k, sums.positives + sums.negatives))
        precisionAtK = top > 0 ? sums.topPositives / top : .nan
        let scored = Double(sums.scoredCount)
        brierScore = scored > 0 ? sums.squares / scored : .nan
        calibrationError =
            scored > 0
            ? zip(sums.binScores, sums.binLabels).reduce(0) { $0 + abs($1.0 - $1.1) } / scored
            : .nan
    }

    /// How many bins the calibration error has.
    package static let binCount = 10

    private struct Sums {
        var positives = 0
        var negatives = 0
        var found = (positives: 0, negatives: 0)
        /// Pairs in which the normal row has the larger score, ties one half.
        var losses = 0.0
        var precisionSum = 0.0
        var topPositives = 0.0
        var squares = 0.0
        var scoredCount = 0
        var binScores = [Double](repeating: 0, count: binCount)
        var binLabels = [Double](repeating: 0, count: binCount)
        private var tie = (score: Double.nan, positives: 0, negatives: 0)

        mutating func take(
            _ score: Double, _ isPositive: Bool, weight: Int, threshold: Double, k: Int
        ) {
            guard weight > 0 else { return }
            let rank = score.isNaN ? -.infinity : score
            if rank != tie.score { closeTie(k: k) }
            tie.score = rank
            if isPositive { tie.positives += weight } else { tie.negatives += weight }
            if score >= threshold {
                if isPositive { found.positives += weight } else { found.negatives += weight }
            }
            guard !score.isNaN else { return }
            let label = isPositive ? 1.0 : 0.0
            let bin = min(binCount - 1, max(0, Int(score * Double(binCount))))
            binScores[bin] += score * Double(weight)
            binLabels[bin] += label * Double(weight)
            squares += (score - label) * (score - label) * Double(weight)
            scoredCount += weight
        }

        /// Rows of one score are one step, in whatever order they come.
        mutating func closeTie(k: Int) {
            let size = tie.positives + tie.negatives
            guard size > 0 else { return }
            losses += Double(tie.positives) * (Double(negatives) + 0.5 * Double(tie.negatives))
            let taken = positives + negatives
            let fitting = min(size, max(0, k - taken))
            topPositives += Double(tie.positives) * Double(fitting) / Double(size)
            positives += tie.positives
            negatives += tie.negatives
            precisionSum +=
                Double(tie.positives) * Double(positives) / Double(positives + negatives)
            tie = (.nan, 0, 0)
        }
    }
}

extension ClassificationMeasures.Rows.Row {
    fileprivate var rank: Double { score.isNaN ? -.infinity : score }
}
