import Foundation

extension TailCalibration {
    /// Calibrates on scores of normal rows; those that are not finite are skipped.
    ///
    /// The threshold is the 95 % quantile, or lower where that leaves fewer than 30 scores above it, but
    /// not below the median. `nil`: fewer than `minimumCount` scores.
    ///
    /// - Complexity: O(n log n).
    package static func fit(
        _ scores: [Double], farOut: FarOutRule? = nil
    ) -> TailCalibration? {
        let present = scores.filter { $0.isFinite }.sorted()
        let kept = farOut.map { keepingNear(present, $0) } ?? present[...]
        guard kept.count >= minimumCount else { return nil }
        return TailCalibration(sorted: Array(kept), leftOutCount: present.count - kept.count)
    }

    /// The scores that the far-out rule keeps, of scores in ascending order.
    private static func keepingNear(_ sorted: [Double], _ rule: FarOutRule) -> ArraySlice<Double> {
        let median = RobustStatistics.quantile(sorted: sorted, 0.5)
        let upper = RobustStatistics.quantile(sorted: sorted, 0.9)
        let limit = median + 4 * max(upper - median, rule.unit)
        let kept = sorted.prefix { $0 <= limit }
        let leftOutCount = sorted.count - kept.count
        return Double(leftOutCount) <= 0.03 * Double(sorted.count) ? kept : sorted[...]
    }

    private init(sorted: [Double], leftOutCount: Int) {
        var body = EmpiricalBody(sorted: sorted)
        let tail = Self.fitTail(sorted)
        count = sorted.count
        self.leftOutCount = leftOutCount
        threshold = tail?.threshold ?? .nan
        exceedanceCount = tail?.count ?? 0
        shape = tail?.distribution.shape ?? .nan
        scale = tail?.distribution.scale ?? .nan
        if let tail {
            // Up to the threshold the ranks speak, from the first score above it the tail; between
            // the two the line that joins them.
            let first = sorted[sorted.count - tail.count]
            let share = Double(tail.count) / Double(sorted.count + 1)
            let floor = 1 / (20 * Double(sorted.count))
            let joined = share * tail.distribution.survival(first - tail.threshold)
            body.end(at: tail.threshold, then: first, probability: max(joined, floor))
        } else {
            body.endBeyondLast()
        }
        body.thin(to: Self.knotCountMax)
        knotScores = body.scores
        knotProbabilities = body.probabilities
    }

    private static func fitTail(
        _ sorted: [Double]
    ) -> (threshold: Double, count: Int, distribution: GeneralizedPareto)? {
        let wanted = max(exceedanceCountMin, Int((0.05 * Double(sorted.count)).rounded(.up)))
        guard sorted.count >= 2 * wanted else { return nil }
        // Equal scores at the threshold are no exceedances; a lower threshold may have enough.
        var first = sorted.count - wanted
        while first > sorted.count / 2, sorted[first - 1] == sorted[first] { first -= 1 }
        if sorted[first - 1] == sorted[first] { return nil }
        let threshold = sorted[first - 1]
        let exceedances = sorted[first...].map { $0 - threshold }
        return GeneralizedPareto(fitting: exceedances).map { (threshold, exceedances.count, $0) }
    }
}

/// The empirical tail probabilities at the different scores of a sample, in ascending order.
private struct EmpiricalBody {
    var scores: [Double] = []
    var probabilities: [Double] = []
    private let count: Int

    init(sorted: [Double]) {
        count = sorted.count
        var start = 0
        while start < count {
            var end = start + 1
            while end < count, sorted[end] == sorted[start] { end += 1 }
            // Rank from above with ties in the middle: those greater and half of those equal.
            let rank = Double(count - end) + Double(end - start) / 2
            scores.append(sorted[start])
            probabilities.append((rank + 1) / Double(count + 1))
            start = end
        }
    }

    /// Drops what lies beyond the threshold and adds the first score that the tail judges.
    mutating func end(at threshold: Double, then first: Double, probability: Double) {
        while let last = scores.last, last > threshold {
            scores.removeLast()
            probabilities.removeLast()
        }
        scores.append(first)
        probabilities.append(probability)
    }

    /// Lets p fall to 1 / (n + 1), a score above all others, within one more gap between scores.
    mutating func endBeyondLast() {
        guard let last = scores.last else { return }
        let gap = scores.count > 1 ? last - scores[scores.count - 2] : 0
        let end = max(last + gap, last.nextUp)
        scores.append(min(end, .greatestFiniteMagnitude))
        probabilities.append(1 / Double(count + 1))
    }

    /// Keeps at most so many knots: those where p falls by a fixed ratio, and both sides of a jump.
    mutating func thin(to knotCountMax: Int) {
        guard scores.count > knotCountMax, let first = probabilities.first,
            let last = probabilities.last
        else { return }
        let ratio = exp(log(last / first) / Double(knotCountMax / 2 - 2))
        var kept = [0]
        for index in 1..<scores.count - 1 {
            let fallen = probabilities[index] <= probabilities[kept[kept.count - 1]] * ratio
            let falls = probabilities[index + 1] <= probabilities[index] * ratio
            if fallen || falls { kept.append(index) }
        }
        kept.append(scores.count - 1)
        scores = kept.map { scores[$0] }
        probabilities = kept.map { probabilities[$0] }
    }
}
