/// The choice of one threshold for several series by their labels.
///
/// The benchmark chooses so, and so do thresholds "by hindsight": a figure made with one says how well
/// a detector ranks, not what it would have done.
package struct SeriesSweep: Sendable {
    /// The threshold chosen; +∞, no alarm at all, where no other is better.
    package let threshold: Double
    /// What the alarms of each series are worth at it.
    package let scores: [SeriesScore]

    /// All series together.
    package var total: SeriesScore { scores.reduce(.zero, +) }

    /// The threshold at which the series together are worth most; the highest of equals.
    ///
    /// Every score that occurs is tried.
    ///
    /// - Complexity: O(rows · alarms) for the rows of the longest series, and a sort of all rows.
    ///
    /// - Parameters:
    ///   - series: The series, each with its own quiet period.
    ///   - worth: What to make large; NaN and -∞ are never chosen.
    package init(_ series: [SeriesScoring], worth: (SeriesScore) -> Double) {
        var rows: [(score: Double, series: Int, row: Int)] = []
        for (index, one) in series.enumerated() {
            for row in one.truth.probationCount..<one.scores.count where !one.scores[row].isNaN {
                rows.append((one.scores[row], index, row))
            }
        }
        rows.sort { ($0.score, $1.series, $1.row) > ($1.score, $0.series, $0.row) }

        var above = series.map { RowSet(rowCount: $0.scores.count) }
        var current = series.map { AlarmTally($0.truth).score }
        var best = (worth: worth(current.reduce(.zero, +)), threshold: Double.infinity)
        if best.worth.isNaN { best.worth = -.infinity }
        var bestScores = current
        var position = 0
        while position < rows.count {
            let threshold = rows[position].score
            var changed: Set<Int> = []
            while position < rows.count, rows[position].score == threshold {
                above[rows[position].series].insert(rows[position].row)
                changed.insert(rows[position].series)
                position += 1
            }
            for index in changed {
                current[index] = Self.score(series[index], above: above[index])
            }
            let value = worth(current.reduce(.zero, +))
            if value > best.worth {
                best = (value, threshold)
                bestScores = current
            }
        }
        threshold = best.threshold
        scores = bestScores
    }

    /// The threshold that the benchmark would choose: the largest score in the standard profile.
    package static func benchmark(_ series: [SeriesScoring]) -> SeriesSweep {
        SeriesSweep(series) { $0.value }
    }

    /// The threshold that hits the most windows with at most so many false alarms.
    package static func mostWindows(
        _ series: [SeriesScoring], falseAlarmCountMax: Int
    ) -> SeriesSweep {
        SeriesSweep(series) { score in
            guard score.falseAlarmCount <= falseAlarmCountMax else { return -.infinity }
            return Double(score.windowsHit)
                - Double(score.falseAlarmCount) / Double(falseAlarmCountMax + 1)
        }
    }

    /// The scores of each series at the threshold that the benchmark would choose on the others.
    package static func leavingOneOut(_ series: [SeriesScoring]) -> [SeriesScore] {
        series.indices.map { index in
            var others = series
            let left = others.remove(at: index)
            return left.score(threshold: benchmark(others).threshold)
        }
    }

    private static func score(_ series: SeriesScoring, above: RowSet) -> SeriesScore {
        var tally = AlarmTally(series.truth)
        var next = above.first(from: series.truth.probationCount)
        while let row = next {
            tally.add(row)
            next = above.first(from: row + series.quietRowCount + 1)
        }
        return tally.score
    }
}

/// A set of rows as bits, which finds the next one fast.
private struct RowSet {
    private var words: [UInt64]

    init(rowCount: Int) { words = Array(repeating: 0, count: rowCount / 64 + 1) }

    mutating func insert(_ row: Int) { words[row >> 6] |= 1 << UInt64(row & 63) }

    /// The first row of the set that is not before `row`; `nil` without one.
    func first(from row: Int) -> Int? {
        var index = row >> 6
        guard index < words.count else { return nil }
        var word = words[index] & (UInt64.max << UInt64(row & 63))
        while word == 0 {
            index += 1
            guard index < words.count else { return nil }
            word = words[index]
        }
        return index << 6 + word.trailingZeroBitCount
    }
}
