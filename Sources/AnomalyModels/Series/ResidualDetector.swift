// Forecasts by what came last and by the season, the best one so far speaking: a plain expert choice
// with exponential forgetting (M. Herbster, M. K. Warmuth, "Tracking the Best Expert", Machine Learning
// 32, 1998, 10.1023/A:1007424614876, without the mixing). The error is judged against a trailing robust
// scale. Different here: four fixed experts, all of which a person can check by eye.

import Foundation

/// Judges each value of a series by the error of a forecast, and says what was expected and why.
///
/// Score = |value - expected| / scale. NaN is a gap: it is skipped and scores NaN. Memory is bounded by
/// the parameters; the state holds no more than the last weeks.
///
/// - Complexity: O(1) forecasts and an ordered window of recent errors for each value.
package struct ResidualDetector: Sendable, Codable, Equatable {
    /// What the detector looks back on.
    package struct Parameters: Sendable, Codable, Equatable {
        /// The usual time between two values in seconds.
        package var stepSeconds: Double
        /// The length of the short season in seconds: a day.
        package var daySeconds = 86_400.0
        /// The memory of how well each forecast did, in seconds.
        package var memorySeconds = 86_400.0
        /// The time over which errors make the scale, in seconds.
        package var scaleSeconds = 864_000.0
        /// The least scale, in units of the value; keeps constant series from dividing by zero.
        package var scaleMin = 0.0

        /// The usual parameters for values that come every so many seconds.
        package init(stepSeconds: Double) { self.stepSeconds = stepSeconds }
    }

    package let parameters: Parameters
    private var slots: SeasonalSlots
    private var recent: [Double] = []
    private var lastTime = Double.nan
    private var lastValue = Double.nan
    private var memories: [ForecastMemory]
    private var errors: SlidingOrder

    package init(_ parameters: Parameters) {
        self.parameters = parameters
        slots = SeasonalSlots(
            stepSeconds: parameters.stepSeconds, spanSeconds: 28 * parameters.daySeconds)
        memories = Array(repeating: ForecastMemory(), count: 4)
        errors = SlidingOrder(capacity: max(16, Int(parameters.scaleSeconds / parameters.stepSeconds)))
    }
    package var choice = 0

    package mutating func update(time: Double, value: Double) -> Double {
        guard !value.isNaN else { return .nan }
        let slot = slots.slot(of: time)
        var f = [Double](repeating: .nan, count: 4)
        f[0] = lastValue
        var m = SmallMedian()
        for v in recent { m.add(v) }
        f[1] = m.median
        m = SmallMedian()
        for k in 1...7 { m.add(slots.value(secondsAgo: Double(k) * parameters.daySeconds, before: slot)) }
        f[2] = m.median
        m = SmallMedian()
        for k in 1...4 { m.add(slots.value(secondsAgo: 7 * Double(k) * parameters.daySeconds, before: slot)) }
        f[3] = m.median
        var best = -1
        var bestLoss = Double.infinity
        for j in 0..<4 where !f[j].isNaN {
            let loss = memories[j].mean
            if best < 0 || loss < bestLoss { best = j; bestLoss = loss }
        }
        choice = best
        var score = Double.nan
        if best >= 0 {
            let e = abs(value - f[best])
            if errors.count >= knobMinErrors {
                let scale = max(1.4826 * errors.quantile(0.5), errors.quantile(0.9) / 1.645)
                score = scale > 0 ? e / scale : (e > 0 ? 1e9 : 0)
            }
            errors.append(e)
        }
        let d = lastTime.isNaN ? 1 : exp(-max(0, time - lastTime) / parameters.memorySeconds)
        for j in 0..<4 where !f[j].isNaN { memories[j].add(abs(value - f[j]), decay: d) }
        slots.set(value, slot: slot)
        recent.append(value)
        if recent.count > 11 { recent.removeFirst() }
        lastValue = value
        lastTime = time
        return score
    }
}
nonisolated(unsafe) package var knobMinErrors = 50

struct ForecastMemory: Sendable, Codable, Equatable {
    var sum = 0.0, weight = 0.0
    mutating func add(_ e: Double, decay: Double) { sum = sum * decay + e; weight = weight * decay + 1 }
    var mean: Double { weight > 0 ? sum / weight : .infinity }
}
