import Foundation

/// Location and spread that a few wild values cannot move; NaN is a missing value and is skipped.
package enum RobustStatistics {
    /// The standard deviation of a normal distribution over its median absolute deviation.
    package static let deviationsPerMedianDeviation = 1.482_602_218_505_602
    /// The standard deviation of a normal distribution over its mean absolute deviation.
    package static let deviationsPerMeanDeviation = 1.253_314_137_315_500_3

    /// The middle value, or the mean of the two middle ones; NaN where there is none.
    package static func median(_ values: [Double]) -> Double {
        quantile(values, 0.5)
    }

    /// The median of the distances from the median, not rescaled; NaN where there is no value.
    package static func medianAbsoluteDeviation(_ values: [Double]) -> Double {
        let center = median(values)
        return median(values.map { abs($0 - center) })
    }

    /// The mean of the distances from the median, not rescaled; NaN where there is no value.
    package static func meanAbsoluteDeviation(_ values: [Double]) -> Double {
        let present = values.filter { !$0.isNaN }
        guard !present.isEmpty else { return .nan }
        let center = median(present)
        return present.reduce(0) { $0 + abs($1 - center) } / Double(present.count)
    }

    /// The distance from the median in robust standard deviations.
    ///
    /// The deviation is 1.4826 times the MAD. Where more than half of the peers have the same value the
    /// MAD is 0; then it is 1.2533 times the mean absolute deviation, and where that is 0 too (or not
    /// given) it is `unit`, the smallest difference that means something.
    package static func robustZ(
        _ value: Double, median: Double, mad: Double, meanAbsoluteDeviation: Double = 0,
        unit: Double = 1
    ) -> Double {
        let deviation =
            if mad > 0 {
                mad * deviationsPerMedianDeviation
            } else if meanAbsoluteDeviation > 0 {
                meanAbsoluteDeviation * deviationsPerMeanDeviation
            } else {
                unit
            }
        return (value - median) / deviation
    }

    /// The value below which the share `probability` lies; NaN where there is no value.
    ///
    /// Linear between the order statistics at (n - 1) · probability, "type 7" of R. J. Hyndman and
    /// Y. Fan, The American Statistician 50(4), 1996, 10.1080/00031305.1996.10473566.
    package static func quantile(_ values: [Double], _ probability: Double) -> Double {
        quantile(sorted: values.filter { !$0.isNaN }.sorted(), probability)
    }

    /// The quantile of values that are sorted already and hold no NaN.
    package static func quantile(sorted values: [Double], _ probability: Double) -> Double {
        guard let last = values.indices.last, !probability.isNaN else { return .nan }
        let position = Double(last) * min(max(probability, 0), 1)
        let lower = Int(position)
        guard lower < last else { return values[last] }
        let share = position - Double(lower)
        // Weighted so, infinite neighbours of an exact hit do not turn it into NaN.
        return share == 0
            ? values[lower] : values[lower] * (1 - share) + values[lower + 1] * share
    }
}
