/// How well scores, larger for stranger, tell labelled anomalies from the rest.
///
/// Equal scores are never put in an order of their own, so the order of the rows does not matter. NaN,
/// a row about which the detector was silent, ranks below every score. NaN is also the result where
/// a measure has no meaning, as without a single anomaly.
package enum Measures {
    /// The probability that a random anomaly has a larger score than a random normal row.
    ///
    /// Ties count one half (J. A. Hanley, B. J. McNeil, Radiology 143(1), 1982,
    /// 10.1148/radiology.143.1.7063747).
    package static func rocAUC(scores: [Double], labels: [Bool]) -> Double {
        let groups = tieGroups(scores, labels)
        let total = totals(groups)
        guard total.positives > 0, total.negatives > 0 else { return .nan }
        var wins = 0.0
        var negativesAbove = 0
        for group in groups {
            let below = Double(total.negatives - negativesAbove - group.negatives)
            wins += Double(group.positives) * (below + 0.5 * Double(group.negatives))
            negativesAbove += group.negatives
        }
        return wins / (Double(total.positives) * Double(total.negatives))
    }

    /// The sum over the thresholds of the precision times the gain in recall.
    package static func averagePrecision(scores: [Double], labels: [Bool]) -> Double {
        let groups = tieGroups(scores, labels)
        let total = totals(groups)
        guard total.positives > 0 else { return .nan }
        var sum = 0.0
        var found = 0
        var taken = 0
        for group in groups {
            found += group.positives
            taken += group.positives + group.negatives
            sum += Double(found) / Double(taken) * Double(group.positives)
        }
        return sum / Double(total.positives)
    }

    /// The share of the anomalies found at the lowest threshold that keeps within a rate of false
    /// positives.
    ///
    /// A threshold takes all rows of equal score or none.
    package static func recall(
        atFalsePositiveRate rate: Double, scores: [Double], labels: [Bool]
    ) -> Double {
        let groups = tieGroups(scores, labels)
        let total = totals(groups)
        guard total.positives > 0 else { return .nan }
        var found = 0
        var falsePositives = 0
        for group in groups {
            falsePositives += group.negatives
            guard Double(falsePositives) <= rate * Double(total.negatives) else { break }
            found += group.positives
        }
        return Double(found) / Double(total.positives)
    }

    /// The share of anomalies among the k rows with the largest scores.
    ///
    /// Where the k-th place is shared, its rows count with the share that still fits. With fewer than
    /// k rows all of them are taken.
    package static func precision(at k: Int, scores: [Double], labels: [Bool]) -> Double {
        let places = min(k, min(scores.count, labels.count))
        guard places > 0 else { return .nan }
        var found = 0.0
        var left = places
        for group in tieGroups(scores, labels) {
            let size = group.positives + group.negatives
            let taken = min(left, size)
            found += Double(group.positives) * Double(taken) / Double(size)
            left -= taken
        }
        return found / Double(places)
    }

    private struct TieGroup {
        var positives = 0
        var negatives = 0
    }

    /// The rows of equal score together, the largest scores first.
    private static func tieGroups(_ scores: [Double], _ labels: [Bool]) -> [TieGroup] {
        let ranked = zip(scores, labels)
            .map { (score: $0.isNaN ? -.infinity : $0, isPositive: $1) }
            .sorted { $0.score > $1.score }
        var groups: [TieGroup] = []
        var current = Double.nan
        for (score, isPositive) in ranked {
            if score != current { groups.append(TieGroup()) }
            current = score
            groups[groups.count - 1].positives += isPositive ? 1 : 0
            groups[groups.count - 1].negatives += isPositive ? 0 : 1
        }
        return groups
    }

    private static func totals(_ groups: [TieGroup]) -> (positives: Int, negatives: Int) {
        groups.reduce((0, 0)) { ($0.0 + $1.positives, $0.1 + $1.negatives) }
    }
}
