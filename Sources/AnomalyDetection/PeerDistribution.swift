import AnomalyModels
import Foundation

/// How one measure is spread over the peers of a type in training.
package struct PeerDistribution: Sendable, Equatable {
    /// The probabilities of ``knots``; denser where conditions look.
    package static let probabilities: [Double] = [
        0, 0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.995, 0.999, 1,
    ]

    /// A hundredth, on scales that run from 0 to 1 or in logarithms, is the least spread that
    /// counts: peers that agree to more digits than that do not make the next one an outlier.
    package static let scaleMin = 0.01

    /// How many peers had a value.
    package let count: Int
    /// Median and robust standard deviation on the scale of the models; the latter is 0 where the
    /// values do not vary.
    package let center, scale: Double
    /// The quantiles of the plain values at ``probabilities``.
    package let knots: [Double]

    /// The distribution of these values, NaN skipped; nil where none is left.
    package init?(_ values: [Double], modelValue: (Double) -> Double = { $0 }) {
        let sorted = values.filter { !$0.isNaN }.sorted()
        guard !sorted.isEmpty else { return nil }
        count = sorted.count
        knots = Self.probabilities.map { RobustStatistics.quantile(sorted: sorted, $0) }
        let scaled = sorted.map(modelValue)
        center = RobustStatistics.median(scaled)
        let deviation = RobustStatistics.medianAbsoluteDeviation(scaled)
        // Where more than half agree, the mean deviation tells how far the others are.
        scale =
            deviation > 0
            ? RobustStatistics.deviationsPerMedianDeviation * deviation
            : RobustStatistics.deviationsPerMeanDeviation
                * RobustStatistics.meanAbsoluteDeviation(scaled)
    }

    /// A distribution read from a model.
    package init(count: Int, center: Double, scale: Double, knots: [Double]) {
        self.count = count
        self.center = center
        self.scale = scale
        self.knots = knots
    }

    /// The median of the plain values.
    package var median: Double { quantile(0.5) }
    /// The largest plain value.
    package var maximum: Double { knots.last ?? .nan }

    /// The plain value at a probability, between knots by a straight line.
    package func quantile(_ probability: Double) -> Double {
        Self.interpolate(probability, from: Self.probabilities, to: knots)
    }

    /// The share of the peers below a plain value, ties counted half, between knots by a straight
    /// line.
    package func position(of value: Double) -> Double {
        guard !value.isNaN, let least = knots.first, let most = knots.last else { return .nan }
        if value < least { return 0 }
        if value > most { return 1 }
        let ties = knots.indices.filter { knots[$0] == value }
        if let first = ties.first, let last = ties.last {
            return (Self.probabilities[first] + Self.probabilities[last]) / 2
        }
        return Self.interpolate(value, from: knots, to: Self.probabilities)
    }

    /// How many robust standard deviations a value on the scale of the models lies from the
    /// centre; NaN where the peers do not vary.
    package func robustZ(_ modelValue: Double) -> Double {
        scale > 0 ? (modelValue - center) / max(scale, Self.scaleMin) : .nan
    }

    private static func interpolate(_ x: Double, from xs: [Double], to ys: [Double]) -> Double {
        guard let above = xs.firstIndex(where: { $0 >= x }) else { return ys.last ?? .nan }
        guard above > 0, xs[above] > x else { return ys[above] }
        let share = (x - xs[above - 1]) / (xs[above] - xs[above - 1])
        return ys[above - 1] + share * (ys[above] - ys[above - 1])
    }
}
