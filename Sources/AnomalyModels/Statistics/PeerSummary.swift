import Foundation

/// Where the values of a peer group lie and how far they spread, robust against the wild ones.
package struct PeerSummary: Sendable, Equatable {
    /// The peers that have a value.
    package let count: Int
    /// The median; NaN without values.
    package let median: Double
    /// The median distance from the median, not rescaled; NaN without values.
    package let medianAbsoluteDeviation: Double
    /// The mean distance from the median where the median one is 0, else NaN: it is not needed.
    package let meanAbsoluteDeviation: Double

    init(
        count: Int, median: Double, medianAbsoluteDeviation: Double, meanAbsoluteDeviation: Double
    ) {
        self.count = count
        self.median = median
        self.medianAbsoluteDeviation = medianAbsoluteDeviation
        self.meanAbsoluteDeviation = meanAbsoluteDeviation
    }

    /// The batch form: the summary of all finite values of an array.
    ///
    /// - Complexity: O(n log n).
    package init(of values: [Double]) {
        // Zero has one sign, so that equal values have equal bits.
        let sorted = values.filter(\.isFinite).map { $0 + 0 }.sorted()
        let median = RobustStatistics.quantile(sorted: sorted, 0.5)
        let deviation = RobustStatistics.median(sorted.map { abs($0 - median) })
        self.init(
            count: sorted.count, median: median, medianAbsoluteDeviation: deviation,
            meanAbsoluteDeviation: deviation > 0 ? .nan : Self.meanDistance(sorted, from: median))
    }

    /// How many robust standard deviations a value lies from the median.
    ///
    /// The fallbacks for peers that agree are those of ``RobustStatistics/robustZ(_:median:mad:meanAbsoluteDeviation:unit:)``.
    /// NaN without peers and for NaN.
    package func robustZ(_ value: Double, unit: Double = 1) -> Double {
        RobustStatistics.robustZ(
            value, median: median, mad: medianAbsoluteDeviation,
            meanAbsoluteDeviation: meanAbsoluteDeviation, unit: unit)
    }

    /// The mean distance of ascending values from `center`, summed in their order.
    static func meanDistance(_ sorted: some Sequence<Double>, from center: Double) -> Double {
        var sum = 0.0
        var count = 0
        for value in sorted {
            sum += abs(value - center)
            count += 1
        }
        return count > 0 ? sum / Double(count) : .nan
    }

    /// Summaries are equal where their numbers have the same bits.
    package static func == (first: PeerSummary, second: PeerSummary) -> Bool {
        first.count == second.count
            && first.median.bitPattern == second.median.bitPattern
            && first.medianAbsoluteDeviation.bitPattern
                == second.medianAbsoluteDeviation.bitPattern
            && first.meanAbsoluteDeviation.bitPattern == second.meanAbsoluteDeviation.bitPattern
    }
}
