/// The scores that a detector gave to the rows of a labelled series, to be measured.
///
/// An alarm is a row whose score reaches the threshold, unless it comes within the quiet period of the
/// alarm before it. NaN never alarms. Rows of the probationary part never do either.
package struct SeriesScoring: Sendable {
    /// The score of each row; larger is stranger.
    package let scores: [Double]
    /// The labels, for measuring alone.
    package let truth: SeriesTruth
    /// The rows after an alarm that give none.
    package let quietRowCount: Int

    /// The quiet period of this project's figures: 0.5 % of the rows, at least 10.
    package static func usualQuietRowCount(rowCount: Int) -> Int {
        max(10, rowCount / 200)
    }

    /// Scores with the truth about them.
    ///
    /// - Parameters:
    ///   - scores: One for each row of the truth.
    ///   - truth: The labels.
    ///   - quietRowCount: The rows after an alarm that give none; 0 as in the benchmark's own code.
    package init(scores: [Double], truth: SeriesTruth, quietRowCount: Int = 0) {
        precondition(scores.count == truth.rowCount, "Each row has one score.")
        precondition(quietRowCount >= 0, "The quiet period has no negative length.")
        self.scores = scores
        self.truth = truth
        self.quietRowCount = quietRowCount
    }

    /// The rows that alarm at a threshold.
    package func alarms(threshold: Double) -> [Int] {
        var alarms: [Int] = []
        var row = truth.probationCount
        while row < scores.count {
            if scores[row] >= threshold {
                alarms.append(row)
                row += quietRowCount
            }
            row += 1
        }
        return alarms
    }

    /// What the alarms at a threshold are worth.
    package func score(threshold: Double) -> SeriesScore {
        var tally = AlarmTally(truth)
        for row in alarms(threshold: threshold) { tally.add(row) }
        return tally.score
    }
}

/// Adds up alarms in ascending order of their rows.
struct AlarmTally {
    private let truth: SeriesTruth
    /// The window that holds the last alarm, or else the last one before it; -1: none.
    private var windowIndex = -1
    /// The last window that was hit; -1: none.
    private var lastHit = -1
    private(set) var score: SeriesScore

    init(_ truth: SeriesTruth) {
        self.truth = truth
        let count = truth.windows.count
        score = SeriesScore(
            value: -SeriesTruth.missWeight * Double(count), windowsHit: 0, windowCount: count,
            falseAlarmCount: 0)
    }

    mutating func add(_ row: Int) {
        while windowIndex + 1 < truth.windows.count,
            truth.windows[windowIndex + 1].lowerBound <= row
        {
            windowIndex += 1
        }
        let isInside = windowIndex >= 0 && row < truth.windows[windowIndex].upperBound
        // Weights fall within a window, so its first alarm is the one that counts.
        if isInside, lastHit == windowIndex { return }
        let weight = truth.weight(row: row, windowIndex: windowIndex)
        score.value += weight
        if isInside {
            lastHit = windowIndex
            score.windowsHit += 1
            score.value += SeriesTruth.missWeight
        } else {
            score.falseAlarmCount += 1
        }
    }
}
