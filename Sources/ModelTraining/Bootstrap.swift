import AnomalyModels
import Foundation

/// Confidence intervals of statistics by resampling the rows.
///
/// B. Efron, Better bootstrap confidence intervals, JASA 82(397), 1987, 10.2307/2289144; the
/// acceleration of several samples as in T. J. DiCiccio, B. Efron, Bootstrap confidence intervals,
/// Statistical Science 11(3), 1996, 10.1214/ss/1032280214.
///
/// Stratified: each stratum, as anomalies and others, keeps its size. Rows that belong together, as
/// several of one planted case, are drawn together. A statistic sees how often each row was drawn.
package struct Bootstrap: Sendable {
    /// How the distribution of the resamples becomes an interval.
    package enum Method: Sendable {
        /// The quantiles of the resamples.
        case percentile
        /// Bias-corrected and accelerated: exact to a higher order where the statistic is skewed.
        case accelerated
    }

    /// A statistic of all rows, and where it may lie.
    package struct Interval: Sendable, Equatable {
        /// The statistic of all rows.
        package var estimate: Double
        /// The ends of the interval; NaN where the estimate is.
        package var lower, upper: Double

        /// An interval of these numbers.
        package init(estimate: Double, lower: Double, upper: Double) {
            self.estimate = estimate
            self.lower = lower
            self.upper = upper
        }
    }

    /// How many resamples are drawn.
    package var resampleCount = 1000
    /// The share of intervals that hold the truth.
    package var level = 0.95
    /// How an interval is made.
    package var method = Method.accelerated
    /// The seed of the resamples.
    package var seed: UInt64

    /// A bootstrap with these choices.
    package init(
        resampleCount: Int = 1000, level: Double = 0.95, method: Method = .accelerated, seed: UInt64
    ) {
        precondition(resampleCount > 0, "at least one resample is drawn")
        precondition(level > 0 && level < 1, "the level lies between 0 and 1")
        self.resampleCount = resampleCount
        self.level = level
        self.method = method
        self.seed = seed
    }

    /// The intervals of several statistics of the same rows.
    ///
    /// - Parameters:
    ///   - strata: The stratum of each row.
    ///   - clusters: Which rows are drawn together; nil for each by itself.
    ///   - statistics: From how often each row is there to the statistics.
    /// - Returns: One interval for each statistic.
    /// - Complexity: O((resamples + clusters) · one evaluation)
    package func intervals(
        strata: [Int], clusters: [Int]? = nil, statistics: ([Int]) -> [Double]
    ) -> [Interval] {
        let rowCount = strata.count
        let estimates = statistics([Int](repeating: 1, count: rowCount))
        guard rowCount > 0 else {
            return estimates.map { Interval(estimate: $0, lower: .nan, upper: .nan) }
        }
        let units = Self.units(strata: strata, clusters: clusters)
        var random = SeededRandom(seed: seed, stream: 0xB007)
        var resampled = [[Double]](repeating: [], count: estimates.count)
        var weights = [Int](repeating: 0, count: rowCount)
        for _ in 0..<resampleCount {
            for row in weights.indices { weights[row] = 0 }
            for stratum in units {
                for _ in stratum {
                    for row in stratum[random.index(below: stratum.count)] { weights[row] += 1 }
                }
            }
            for (place, value) in statistics(weights).enumerated() where !value.isNaN {
                resampled[place].append(value)
            }
        }
        let accelerations: [Double]
        switch method {
        case .percentile: accelerations = estimates.map { _ in 0 }
        case .accelerated:
            accelerations = Self.accelerations(
                units, rowCount: rowCount, count: estimates.count, statistics: statistics)
        }
        return estimates.indices.map { place in
            interval(estimates[place], resampled[place].sorted(), accelerations[place])
        }
    }

    private func interval(
        _ estimate: Double, _ sorted: [Double], _ acceleration: Double
    ) -> Interval {
        guard !estimate.isNaN, !sorted.isEmpty else {
            return Interval(estimate: estimate, lower: .nan, upper: .nan)
        }
        let tail = (1 - level) / 2
        guard method == .accelerated else {
            return Interval(
                estimate: estimate, lower: Self.quantile(sorted, tail),
                upper: Self.quantile(sorted, 1 - tail))
        }
        let below = Double(sorted.count { $0 < estimate })
        let equal = Double(sorted.count { $0 == estimate })
        // Half of the ties lie below; at the very edge there is no bias to correct by.
        let count = Double(sorted.count)
        let share = min(max((below + equal / 2) / count, 0.5 / count), 1 - 0.5 / count)
        let bias = NormalDistribution.quantile(share)
        func corrected(_ probability: Double) -> Double {
            let shifted = bias + NormalDistribution.quantile(probability)
            let divisor = 1 - acceleration * shifted
            guard divisor > 0 else { return shifted > 0 ? 1 : 0 }
            return NormalDistribution.cumulative(bias + shifted / divisor)
        }
        return Interval(
            estimate: estimate, lower: Self.quantile(sorted, corrected(tail)),
            upper: Self.quantile(sorted, corrected(1 - tail)))
    }

    /// The rows of each unit that is drawn, by stratum.
    private static func units(strata: [Int], clusters: [Int]?) -> [[[Int]]] {
        var members: [Int: [Int]] = [:]
        for row in strata.indices { members[clusters?[row] ?? row, default: []].append(row) }
        let units = members.values.sorted { $0[0] < $1[0] }
        return Dictionary(grouping: units) { strata[$0[0]] }
            .sorted { $0.key < $1.key }.map(\.value)
    }

    /// A sixth of the skewness of the statistic, from leaving out one unit after the other.
    private static func accelerations(
        _ units: [[[Int]]], rowCount: Int, count: Int, statistics: ([Int]) -> [Double]
    ) -> [Double] {
        var cubes = [Double](repeating: 0, count: count)
        var squares = cubes
        var weights = [Int](repeating: 1, count: rowCount)
        for stratum in units where stratum.count > 1 {
            let values = stratum.map { unit in
                for row in unit { weights[row] = 0 }
                defer { for row in unit { weights[row] = 1 } }
                return statistics(weights)
            }
            let size = Double(stratum.count)
            for place in 0..<count {
                let known = values.map { $0[place] }.filter { !$0.isNaN }
                let mean = known.reduce(0, +) / Double(max(1, known.count))
                for value in known {
                    let influence = (size - 1) * (mean - value) / size
                    squares[place] += influence * influence
                    cubes[place] += influence * influence * influence
                }
            }
        }
        return (0..<count).map { place in
            squares[place] > 0 ? cubes[place] / (6 * pow(squares[place], 1.5)) : 0
        }
    }

    /// The value below which a share of the sorted values lies, between neighbours in proportion.
    private static func quantile(_ sorted: [Double], _ probability: Double) -> Double {
        let position = min(max(probability, 0), 1) * Double(sorted.count - 1)
        let below = Int(position)
        guard below + 1 < sorted.count else { return sorted[sorted.count - 1] }
        return sorted[below] + (position - Double(below)) * (sorted[below + 1] - sorted[below])
    }
}
