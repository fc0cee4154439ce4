/// What the alarms on one series, or on several together, were worth.
package struct SeriesScore: Sendable, Equatable {
    /// The benchmark's score before it is normalized: a window missed is -1.
    package var value: Double
    /// The windows with an alarm.
    package var windowsHit: Int
    /// All windows.
    package var windowCount: Int
    /// The alarms outside of windows.
    package var falseAlarmCount: Int

    /// The score in which no alarm at all is 0 and the first row of every window, and no other, is 100.
    ///
    /// NaN without a window.
    package var normalized: Double {
        let worst = -SeriesTruth.missWeight * Double(windowCount)
        return windowCount > 0 ? 100 * (value - worst) / (Double(windowCount) - worst) : .nan
    }

    /// The harmonic mean of the share of windows hit and the share of alarms that count for one.
    ///
    /// A window counts once, however many alarms it has. NaN without a window.
    package var windowF1: Double {
        guard windowCount > 0 else { return .nan }
        return 2 * Double(windowsHit) / Double(windowsHit + falseAlarmCount + windowCount)
    }

    /// The scores of two series together.
    package static func + (first: SeriesScore, second: SeriesScore) -> SeriesScore {
        SeriesScore(
            value: first.value + second.value, windowsHit: first.windowsHit + second.windowsHit,
            windowCount: first.windowCount + second.windowCount,
            falseAlarmCount: first.falseAlarmCount + second.falseAlarmCount)
    }

    /// The score of nothing.
    package static let zero = SeriesScore(
        value: 0, windowsHit: 0, windowCount: 0, falseAlarmCount: 0)
}
