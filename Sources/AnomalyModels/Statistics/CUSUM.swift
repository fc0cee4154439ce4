// E. S. Page, "Continuous Inspection Schemes", Biometrika 41(1/2), 1954, 10.1093/biomet/41.1-2.100. Two
// one-sided sums, after which the start of a change is where the sum last left zero. Different here:
// values are clipped, so that a single wild one is no change, and a missing value changes nothing.

/// A two-sided cumulative sum of values in units of their own sigma.
///
/// S⁺ ← max(0, S⁺ + z - k) and S⁻ ← max(0, S⁻ - z - k); a change is reported where a sum exceeds h, and
/// both begin again at zero. O(1) time and memory for each value.
package struct CUSUM: Sendable, Equatable {
    /// What the sums are taken with.
    package struct Parameters: Sendable, Equatable, Codable {
        /// k: the drift that is allowed in each step, half the shift that should be found.
        package var drift: Double
        /// h: the sum that is a change.
        package var threshold: Double
        /// The largest size of a value that counts; larger ones count as this.
        package var clip: Double

        /// Drift, threshold and clip in units of sigma, all positive.
        package init(drift: Double = 1, threshold: Double = 10, clip: Double = 10) {
            precondition(drift >= 0 && threshold > 0 && clip > 0, "Sums need positive limits.")
            self.drift = drift
            self.threshold = threshold
            self.clip = clip
        }
    }

    /// The side on which the values changed.
    package enum Direction: String, Sendable, Codable {
        case up, down
    }

    /// A change that was found.
    package struct Change: Sendable, Equatable, Codable {
        /// Where the values went.
        package var direction: Direction
        /// The step, from 0, at which the sum left zero: where the change likely began.
        package var start: Int
        /// The step at which the sum exceeded the threshold.
        package var end: Int
        /// The sum there.
        package var sum: Double

        /// A change of these facts.
        package init(direction: Direction, start: Int, end: Int, sum: Double) {
            self.direction = direction
            self.start = start
            self.end = end
            self.sum = sum
        }

        /// The mean shift since the start, in units of sigma: drift + sum / steps.
        package func meanShift(drift: Double) -> Double {
            let size = drift + sum / Double(end - start + 1)
            return direction == .up ? size : -size
        }
    }

    /// What the sums are taken with.
    package let parameters: Parameters
    /// The steps seen, those without a value among them.
    package private(set) var stepCount = 0
    /// S⁺: how much the values exceeded the drift of late.
    package private(set) var upperSum = 0.0
    /// S⁻: how much they fell short of it.
    package private(set) var lowerSum = 0.0
    private var upperStart = 0
    private var lowerStart = 0

    /// Sums at zero.
    package init(_ parameters: Parameters = Parameters()) { self.parameters = parameters }

    /// The detector's score: the larger sum.
    package var score: Double { max(upperSum, lowerSum) }

    /// The side of the larger sum.
    package var direction: Direction { upperSum >= lowerSum ? .up : .down }

    /// The step, from 0, at which the larger sum left zero.
    package var start: Int { upperSum >= lowerSum ? upperStart : lowerStart }

    /// Takes the next value, in units of sigma; NaN is a step without a value.
    ///
    /// - Returns: The change where one is found; both sums begin again after it.
    package mutating func update(_ z: Double) -> Change? {
        let step = stepCount
        stepCount += 1
        guard !z.isNaN else { return nil }
        let value = min(max(z, -parameters.clip), parameters.clip)
        if upperSum == 0 { upperStart = step }
        if lowerSum == 0 { lowerStart = step }
        upperSum = max(0, upperSum + value - parameters.drift)
        lowerSum = max(0, lowerSum - value - parameters.drift)
        guard score > parameters.threshold else { return nil }
        let change =
            upperSum >= lowerSum
            ? Change(direction: .up, start: upperStart, end: step, sum: upperSum)
            : Change(direction: .down, start: lowerStart, end: step, sum: lowerSum)
        reset()
        return change
    }

    /// Lets both sums begin again, as after a change that a review called benign.
    package mutating func reset() {
        upperSum = 0
        lowerSum = 0
    }

    /// The batch form: the score after each step, before the reset of a change, and all changes.
    ///
    /// - Returns: A score for each value, and the changes in their order.
    package static func scan(
        _ values: [Double], _ parameters: Parameters = Parameters()
    ) -> (scores: [Double], changes: [Change]) {
        var sums = CUSUM(parameters)
        var scores: [Double] = []
        var changes: [Change] = []
        scores.reserveCapacity(values.count)
        for value in values {
            let change = sums.update(value)
            scores.append(change?.sum ?? sums.score)
            if let change { changes.append(change) }
        }
        return (scores, changes)
    }

    /// A series in units of its own sigma: distances from the median of a quiet stretch of it.
    ///
    /// - Parameters:
    ///   - series: The values; NaN stays NaN.
    ///   - quiet: The steps that tell what is usual.
    ///   - unit: The smallest difference that means something, where the quiet values all agree.
    /// - Returns: A value for each step.
    package static func standardized(
        _ series: [Double], quiet: Range<Int>, unit: Double = 1
    ) -> [Double] {
        precondition(
            quiet.clamped(to: series.indices) == quiet, "The stretch is one of the series.")
        let usual = PeerSummary(of: Array(series[quiet]))
        return series.map { usual.robustZ($0, unit: unit) }
    }
}
