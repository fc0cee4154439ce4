// Forecasts by what came last and by the season, of which the one speaks that did best so far: the
// choice of an expert with exponential forgetting (M. Herbster, M. K. Warmuth, "Tracking the Best
// Expert", Machine Learning 32(2), 1998, 10.1023/A:1007424614876; here the leader alone, not a mixture,
// so that the expectation has one reason). Its error is judged by the errors that the same forecast
// made in the last days: z = error / max(1.4826 median, 90 % quantile / 1.645), both of |error|.

import Foundation

/// Judges each value of a series by the error of a forecast, and says what was expected and why.
///
/// NaN is a gap: it is skipped, scores NaN and leaves the state as it was. Values are judged before they
/// are learnt from. Memory is bounded: four weeks of values, ten days of errors for each of the
/// four forecasts (some 300 kB with a value every five minutes, 26 kB with one an hour).
///
/// - Complexity: 22 look-ups, and four ordered windows of errors to keep: 1.5 to 4 µs with a value
///   every five minutes.
package struct ResidualDetector: Sendable, Codable, Equatable {
    /// What the detector looks back on.
    package struct Parameters: Sendable, Codable, Equatable {
        /// The usual time between two values, in seconds.
        package var stepSeconds: Double
        /// The length of a day, in seconds; seven of them are a week.
        package var daySeconds = 86_400.0
        /// Whether days and weeks are looked back on at all.
        package var hasSeasons = true
        /// How long it takes the memory of how well a forecast did to fade by a factor e, in seconds.
        package var memorySeconds = 86_400.0
        /// The time whose errors make the scale, in seconds; at least 30 errors are kept.
        package var scaleSeconds = 864_000.0
        /// The least scale in units of the value: the smallest difference that means something.
        package var scaleMin = 0.0

        /// The usual parameters for values that come every so many seconds.
        package init(stepSeconds: Double) { self.stepSeconds = stepSeconds }

        /// The number of errors that are kept for each forecast.
        var errorCountMax: Int { max(30, Int(scaleSeconds / stepSeconds)) }
    }

    /// The largest score: that of any error where there never was one.
    package static let scoreMax = 1000.0

    /// What the detector looks back on.
    package let parameters: Parameters
    private var forecasts: SeriesForecasts
    /// The sizes of each forecast's last errors.
    private var errors: [SlidingOrder]
    private var lastTime: Double?

    /// A detector that has seen nothing.
    ///
    /// - Parameter parameters: Positive times, a step of at most a day, and at most 2^22 steps in ten
    ///   days and in four weeks.
    /// - Throws: `ModelError` for other parameters.
    package init(_ parameters: Parameters) throws(ModelError) {
        let times = [
            parameters.stepSeconds, parameters.daySeconds, parameters.memorySeconds,
            parameters.scaleSeconds,
        ]
        let span = max(parameters.scaleSeconds, 28 * parameters.daySeconds)
        guard times.allSatisfy({ $0 > 0 && $0.isFinite }), parameters.scaleMin >= 0,
            span / parameters.stepSeconds <= 0x1p22,
            !parameters.hasSeasons || parameters.stepSeconds <= parameters.daySeconds
        else {
            throw ModelError(
                code: .invalidParameter,
                message: "A residual detector needs positive times and a step of at most a day.")
        }
        self.parameters = parameters
        forecasts = SeriesForecasts(
            stepSeconds: parameters.stepSeconds, daySeconds: parameters.daySeconds,
            hasSeasons: parameters.hasSeasons)
        errors = Array(
            repeating: SlidingOrder(capacity: parameters.errorCountMax),
            count: SeriesForecast.allCases.count)
    }

    /// Judges the next value and learns from it.
    ///
    /// Times are seconds. A time that is not after the one before adds nothing to the fading of memory.
    package mutating func update(time: Double, value: Double) -> ResidualReading {
        guard value.isFinite, time.isFinite else {
            return ResidualReading(
                value: .nan, expected: .nan, forecast: nil, scale: .nan, z: .nan)
        }
        let expected = forecasts.expected(at: time)
        let forecast = forecasts.best(of: expected)
        let reading = reading(value, expected, forecast)

        var sizes = value - expected
        for index in 0..<4 where !sizes[index].isNaN {
            sizes[index] = abs(sizes[index])
            errors[index].append(sizes[index])
        }
        let elapsed = max(0, time - (lastTime ?? time))
        forecasts.learn(
            value, at: time, errors: sizes, fading: exp(-elapsed / parameters.memorySeconds))
        lastTime = max(time, lastTime ?? time)
        return reading
    }

    /// The readings of a whole series; the same as one by one.
    ///
    /// - Parameters:
    ///   - times: Seconds.
    ///   - values: One for each time; NaN is a gap.
    ///   - parameters: What to look back on.
    /// - Returns: One reading for each value.
    /// - Throws: `ModelError` for the parameters.
    package static func readings(
        times: [Double], values: [Double], _ parameters: Parameters
    ) throws(ModelError) -> [ResidualReading] {
        precondition(times.count == values.count, "Each value has a time.")
        var detector = try ResidualDetector(parameters)
        return zip(times, values).map { detector.update(time: $0, value: $1) }
    }

    private func reading(
        _ value: Double, _ expected: SIMD4<Double>, _ forecast: SeriesForecast?
    ) -> ResidualReading {
        guard let forecast else {
            return ResidualReading(
                value: value, expected: .nan, forecast: nil, scale: .nan, z: .nan)
        }
        let error = value - expected[forecast.rawValue]
        let past = errors[forecast.rawValue]
        let scale =
            past.count < min(50, parameters.errorCountMax)
            ? .nan
            : max(
                RobustStatistics.deviationsPerMedianDeviation * past.quantile(0.5),
                past.quantile(0.9) / Self.deviationsAtNinetyPercent, parameters.scaleMin)
        // Without an error so far, none is 0 deviations and any is as many as there are.
        let z = error == 0 && scale == 0 ? 0 : error / scale
        let limited = z.isNaN ? z : min(max(z, -Self.scoreMax), Self.scoreMax)
        return ResidualReading(
            value: value, expected: expected[forecast.rawValue], forecast: forecast, scale: scale,
            z: limited)
    }

    /// The 90 % quantile of the size of a standard normal value.
    static let deviationsAtNinetyPercent = 1.644_853_626_951_472_2
}
