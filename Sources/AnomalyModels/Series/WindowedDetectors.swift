// The trivial baselines of series, and the anomaly likelihood of S. Ahmad, A. Lavin, S. Purdy, Z. Agha,
// "Unsupervised real-time anomaly detection for streaming data", Neurocomputing 262, 2017,
// 10.1016/j.neucom.2017.04.070. Different here: the likelihood is given as the normal quantile whose
// tail it is, which orders rows alike and does not saturate at 1.

import Foundation

/// The distance of each value from the mean of those before it, in their standard deviations.
///
/// NaN is a gap. NaN too until two values were seen. O(1) for each value.
package struct WindowedZDetector: Sendable, Codable, Equatable {
    private var window: RunningWindow
    /// Values that wait until there are enough to slide the window.
    private var pending: [Double] = []
    private let slideCount: Int

    /// A detector that looks back on `windowCount` values.
    ///
    /// - Parameters:
    ///   - windowCount: At least 1.
    ///   - slideCount: A full window takes its values so many at a time; at least 1.
    package init(windowCount: Int, slideCount: Int = 1) {
        precondition(slideCount > 0, "A window slides by at least one value.")
        window = RunningWindow(capacity: windowCount)
        self.slideCount = slideCount
    }

    /// The detector of the benchmark NAB, whose score is `windowedGaussianScore` of this one's.
    package static let benchmark = WindowedZDetector(windowCount: 6400, slideCount: 100)

    /// The size of the next value's distance, in standard deviations.
    package mutating func update(_ value: Double) -> Double {
        guard value.isFinite else { return .nan }
        defer { learn(value) }
        guard window.count > 0 else { return .nan }
        let deviation = window.standardDeviation
        return abs(value - window.mean) / (deviation > 0 ? deviation : 1e-6)
    }

    private mutating func learn(_ value: Double) {
        guard window.count == window.capacity else { return window.append(value) }
        pending.append(value)
        guard pending.count == slideCount else { return }
        for value in pending { window.append(value) }
        pending.removeAll(keepingCapacity: true)
    }
}

/// 1 - Q(z), the score of NAB's windowed Gaussian: 1 where Q(z) is lost in rounding; NaN stays.
package func windowedGaussianScore(_ z: Double) -> Double {
    1 - 0.5 * erfc(z / 2.0.squareRoot())
}

/// Judges whether the last few raw scores together are higher than raw scores usually are.
///
/// Score = (mean of the last few - mean of the many) / standard deviation of the many. NaN is a gap, and
/// the score is NaN until as many raw scores as a tenth of the long window were seen. O(1).
package struct AnomalyLikelihood: Sendable, Codable, Equatable {
    private var long: RunningWindow
    private var short: RunningWindow

    /// A likelihood with windows of so many raw scores.
    package init(longCount: Int, shortCount: Int = 10) {
        long = RunningWindow(capacity: longCount)
        short = RunningWindow(capacity: shortCount)
    }

    /// How unusual the last few raw scores are, the next one included.
    package mutating func update(_ rawScore: Double) -> Double {
        guard rawScore.isFinite else { return .nan }
        short.append(rawScore)
        defer { long.append(rawScore) }
        guard long.count * 10 >= long.capacity, long.count >= short.capacity else { return .nan }
        let deviation = long.standardDeviation
        return (short.mean - long.mean) / (deviation > 0 ? deviation : 1e-6)
    }
}

/// Judges whether a series varies more or less than it usually does: |log(spread now / usual spread)|.
///
/// The spread is the standard deviation of the last values, with a floor of one thousandth of the usual
/// one. NaN is a gap; NaN too until the long window is a tenth full. O(1).
package struct SpreadDetector: Sendable, Codable, Equatable {
    private var long: RunningWindow
    private var short: RunningWindow

    /// A detector with windows of so many values.
    package init(longCount: Int, shortCount: Int = 64) {
        long = RunningWindow(capacity: longCount)
        short = RunningWindow(capacity: shortCount)
    }

    /// How unusual the spread of the last values is, the next one included.
    package mutating func update(_ value: Double) -> Double {
        guard value.isFinite else { return .nan }
        short.append(value)
        defer { long.append(value) }
        guard long.count * 10 >= long.capacity, short.count == short.capacity else { return .nan }
        let usual = long.standardDeviation
        guard usual > 0 else { return short.standardDeviation > 0 ? log(1000) : 0 }
        return abs(log(max(short.standardDeviation / usual, 1e-3)))
    }
}
