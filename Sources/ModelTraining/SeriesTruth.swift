// A. Lavin, S. Ahmad, "Evaluating Real-Time Anomaly Detection Algorithms - the Numenta Anomaly
// Benchmark", ICMLA 2015, 10.1109/ICMLA.2015.141, in the form of the benchmark's version 1.1 (the
// weight of a detection falls from exactly 1 at the first row of its window). Standard profile: a window
// found counts up to 1, a window missed -1, a false alarm down to -0.11. Different here: windows are
// the runs of labelled rows, so two that touch are one.

import Foundation

/// What is known about one series, and what an alarm on each of its rows is worth.
package struct SeriesTruth: Sendable, Equatable {
    /// The labelled windows that end after the probationary part, in order.
    package let windows: [Range<Int>]
    /// The rows of the series.
    package let rowCount: Int
    /// The rows at the start whose alarms do not count: 15 %, at most 750.
    package let probationCount: Int

    /// What a false alarm costs far from any window.
    package static let falseAlarmWeight = 0.11
    /// What a window without an alarm costs.
    package static let missWeight = 1.0

    /// The truth of rows labelled one by one.
    ///
    /// - Parameters:
    ///   - labels: Whether each row lies in a window.
    ///   - hasProbation: Whether the first rows are for learning, as in the benchmark.
    package init(labels: [Bool], hasProbation: Bool = true) {
        rowCount = labels.count
        let probationCount = hasProbation ? min(labels.count * 15 / 100, 750) : 0
        self.probationCount = probationCount
        var windows: [Range<Int>] = []
        var start: Int?
        for (row, label) in (labels + [false]).enumerated() {
            if label, start == nil { start = row }
            if !label, let first = start {
                windows.append(first..<row)
                start = nil
            }
        }
        self.windows = windows.filter { $0.upperBound > probationCount }
    }

    /// What an alarm on a row is worth, if it is the first of its window or lies in none.
    ///
    /// In a window: σ(-(rows to its end + 1) / width) over σ(-1), where σ(x) = 2 / (1 + e^(5x)) - 1. Behind
    /// one: 0.11 σ(distance to its last row / (width - 1)), -0.11 beyond three widths and before the
    /// first window.
    ///
    /// - Parameters:
    ///   - row: The row of the alarm.
    ///   - windowIndex: The window that holds the row, or else the last one before it; -1: none.
    /// - Returns: At most 1, at least -0.11.
    func weight(row: Int, windowIndex: Int) -> Double {
        guard windowIndex >= 0 else { return -Self.falseAlarmWeight }
        let window = windows[windowIndex]
        if row < window.upperBound {
            let rowsLeft = Double(window.upperBound - row)
            return Self.sigmoid(-rowsLeft / Double(window.count)) / Self.sigmoid(-1)
        }
        let distance = Double(row - window.upperBound + 1) / Double(max(window.count - 1, 1))
        return Self.falseAlarmWeight * (distance < 3 ? Self.sigmoid(distance) : -1)
    }

    private static func sigmoid(_ position: Double) -> Double {
        2 / (1 + exp(5 * position)) - 1
    }
}
