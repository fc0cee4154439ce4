// Forecasts by simple rules of which the one speaks that did best so far, as in ResidualDetector.swift,
// for short series of counts. Different here: the square root after F. J. Anscombe, "The
// Transformation of Poisson, Binomial and Negative-Binomial Data", Biometrika 35(3/4), 1948,
// 10.1093/biomet/35.3-4.246, evens out the spread of counts, y = 2 sqrt(x + 3/8), whose deviation is
// about 1 for a Poisson count; so no error is judged by a scale below 1.

import AnomalyModels

/// What was to be expected of each bucket of a short series of counts, and how far off it was.
package struct ActivityForecast: Sendable {
    /// What an expectation rests on.
    package enum Rule: Int, CaseIterable, Sendable {
        /// The bucket before.
        case lastValue
        /// The median of the last 11.
        case recentMedian
        /// The median of the same day of up to four weeks before.
        case weeklyMedian

        /// The rule as the end of a sentence.
        package var reason: String {
            switch self {
            case .lastValue: "as many as before"
            case .recentMedian: "the median of the 11 before"
            case .weeklyMedian: "the median of the same weekday in the weeks before"
            }
        }
    }

    /// One bucket.
    package struct Reading: Sendable, Equatable {
        /// The count that was expected; NaN where nothing was.
        package var expected = Double.nan
        /// What the expectation rests on.
        package var rule = Rule.lastValue
        /// The error in robust standard deviations, NaN where too little is known.
        package var z = Double.nan
    }

    /// One for each bucket.
    package private(set) var readings: [Reading] = []
    /// The errors of the slowest rule that is known, which a lasting change does not win over within
    /// days: what a drift is judged by.
    package private(set) var slowErrors: [Double] = []

    /// So many errors are known before one is judged.
    static let errorCountMin = 10
    /// What remains of a past error's weight after one bucket, where the best rule is looked for.
    static let remembered = 0.9
    /// The largest z.
    static let zMax = 100.0

    /// Reads counts in their order, NaN where there is none.
    ///
    /// The last bucket is not over: what is still missing there is no error, so its z is at least 0.
    /// - Complexity: O(n²) for n buckets, with n = 50 some microseconds.
    package init(_ counts: [Double], bucketsPerWeek: Int?) {
        let values = counts.map { 2 * ($0 + 0.375).squareRoot() }
        var past: [Double] = []
        var errors = [[Double]](repeating: [], count: Rule.allCases.count)
        var losses = [(sum: Double, weight: Double)](
            repeating: (0, 0), count: Rule.allCases.count)
        for rule in errors.indices { errors[rule].reserveCapacity(values.count) }
        for place in values.indices {
            var reading = Reading()
            var slow = Double.nan
            defer {
                readings.append(reading)
                slowErrors.append(slow)
            }
            guard !values[place].isNaN else { continue }
            let expected = Self.expected(values, place, past, bucketsPerWeek)
            if let rule = Self.best(expected, losses) {
                let center = expected[rule.rawValue] / 2
                reading.expected = max(0, center * center - 0.375)
                reading.rule = rule
                reading.z = Self.z(
                    values[place] - expected[rule.rawValue], errors[rule.rawValue])
                let slowest =
                    errors[Rule.weeklyMedian.rawValue].count < Self.errorCountMin
                    ? Rule.recentMedian : .weeklyMedian
                slow = Self.z(
                    values[place] - expected[slowest.rawValue], errors[slowest.rawValue])
                if place == values.count - 1 {
                    reading.z = max(0, reading.z)
                    // What is still missing is no evidence either way.
                    slow = slow > 0 ? slow : .nan
                }
            }
            for rule in Rule.allCases where !expected[rule.rawValue].isNaN {
                let error = abs(values[place] - expected[rule.rawValue])
                errors[rule.rawValue].insertSorted(error)
                losses[rule.rawValue].sum = losses[rule.rawValue].sum * Self.remembered + error
                losses[rule.rawValue].weight =
                    losses[rule.rawValue].weight * Self.remembered + 1
            }
            past.append(values[place])
        }
    }

    /// An error in units of the spread of those before it; NaN where these are too few.
    private static func z(_ error: Double, _ known: [Double]) -> Double {
        guard known.count >= errorCountMin else { return .nan }
        let scale = max(
            RobustStatistics.deviationsPerMedianDeviation
                * RobustStatistics.quantile(sorted: known, 0.5),
            RobustStatistics.quantile(sorted: known, 0.9) / 1.645, 1)
        return min(max(error / scale, -zMax), zMax)
    }

    private static func expected(
        _ values: [Double], _ place: Int, _ past: [Double], _ bucketsPerWeek: Int?
    ) -> SIMD4<Double> {
        var weekly: [Double] = []
        if let week = bucketsPerWeek {
            for back in 1...4 where place - back * week >= 0 {
                let value = values[place - back * week]
                if !value.isNaN { weekly.insertSorted(value) }
            }
        }
        return SIMD4(
            past.last ?? .nan, RobustStatistics.quantile(sorted: past.suffix(11).sorted(), 0.5),
            weekly.count > 1 ? RobustStatistics.quantile(sorted: weekly, 0.5) : .nan, .nan)
    }

    private static func best(
        _ expected: SIMD4<Double>, _ losses: [(sum: Double, weight: Double)]
    ) -> Rule? {
        var best: (rule: Rule, loss: Double)?
        for rule in Rule.allCases where !expected[rule.rawValue].isNaN {
            let (sum, weight) = losses[rule.rawValue]
            let loss = weight > 0 ? sum / weight : .infinity
            if best.map({ loss < $0.loss }) ?? true { best = (rule, loss) }
        }
        return best?.rule
    }
}

extension [Double] {
    /// Puts a value into ascending order.
    fileprivate mutating func insertSorted(_ value: Double) {
        var place = count
        while place > 0, self[place - 1] > value { place -= 1 }
        insert(value, at: place)
    }
}
