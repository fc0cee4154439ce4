import Foundation
import ModelTraining
import Testing

@Suite("Scoring alarms on series")
struct SeriesScoringTests {
    /// Rows of which the given ones are labelled.
    private static func truth(_ count: Int, _ windows: Range<Int>...) -> SeriesTruth {
        SeriesTruth(labels: (0..<count).map { row in windows.contains { $0.contains(row) } })
    }

    /// Scores of 1 on the given rows and 0 elsewhere.
    private static func scoring(
        _ truth: SeriesTruth, alarms: [Int], quiet: Int = 0
    ) -> SeriesScoring {
        let scores = (0..<truth.rowCount).map { alarms.contains($0) ? 1.0 : 0 }
        return SeriesScoring(scores: scores, truth: truth, quietRowCount: quiet)
    }

    private static func sigmoid(_ x: Double) -> Double { 2 / (1 + exp(5 * x)) - 1 }

    @Test("The first 15 %, at most 750 rows, are for learning")
    func probation() {
        #expect(Self.truth(99).probationCount == 14)
        #expect(Self.truth(5000).probationCount == 750)
        #expect(Self.truth(22_695).probationCount == 750)
        let early = Self.truth(100, 3..<9, 12..<20, 50..<60)
        // A window that ends in the probation is none, one that reaches beyond it is.
        #expect(early.windows == [12..<20, 50..<60])
        #expect(SeriesTruth(labels: [true, false], hasProbation: false).windows == [0..<1])
    }

    @Test("No alarm at all is 0, the first row of every window and no other is 100")
    func ends() {
        let truth = Self.truth(400, 100..<140, 300..<310)
        #expect(Self.scoring(truth, alarms: []).score(threshold: 1).normalized == 0)
        let perfect = Self.scoring(truth, alarms: [100, 300]).score(threshold: 1)
        #expect(perfect.value == 2)
        #expect(perfect.normalized == 100)
        #expect(perfect.windowF1 == 1)
    }

    @Test("Alarms are worth what the benchmark's sigmoid says")
    func weights() {
        let truth = Self.truth(1000, 400..<440)
        func value(_ alarms: Int...) -> Double {
            Self.scoring(truth, alarms: alarms).score(threshold: 1).value
        }
        // Ten rows into a window of forty: 30 rows are left.
        let hit = Self.sigmoid(-30.0 / 40) / Self.sigmoid(-1)
        #expect(abs(value(410) - hit) < 1e-12)
        // Only the first alarm of a window counts.
        #expect(abs(value(410, 411, 439) - hit) < 1e-12)
        // Before any window: the whole cost. 13 rows behind one of forty: a third of its width.
        #expect(abs(value(200) - (-1 - 0.11)) < 1e-12)
        #expect(abs(value(452) - (-1 + 0.11 * Self.sigmoid(13.0 / 39))) < 1e-12)
        // Three widths behind it, the whole cost again.
        #expect(abs(value(439 + 117) - (-1 - 0.11)) < 1e-12)
        // In the probation nothing counts.
        #expect(value(149) == -1)
    }

    @Test("A published figure comes out: 0.8606718242697022 for a window of 403 rows, half gone")
    func published() {
        // windowedGaussian, standard profile, ec2_network_in_257a54 in the benchmark's own results:
        // one window of 403 rows, hit without a false alarm; 202 rows are left there.
        let truth = Self.truth(4032, 2787..<3190)
        let score = Self.scoring(truth, alarms: [2988]).score(threshold: 1)
        #expect(abs(score.value - 0.860_671_824_269_702_2) < 1e-15)
    }

    @Test("After an alarm come as many quiet rows as asked, across the edges of windows")
    func quiet() {
        let truth = Self.truth(400, 100..<140)
        let alarms = Array(96..<130)
        let all = Self.scoring(truth, alarms: alarms).alarms(threshold: 1)
        #expect(all == alarms)
        let few = Self.scoring(truth, alarms: alarms, quiet: 10)
        #expect(few.alarms(threshold: 1) == [96, 107, 118, 129])
        let score = few.score(threshold: 1)
        #expect(score.windowsHit == 1 && score.falseAlarmCount == 1)
        #expect(SeriesScoring.usualQuietRowCount(rowCount: 1000) == 10)
        #expect(SeriesScoring.usualQuietRowCount(rowCount: 22_695) == 113)
    }

    @Test("The F1 counts windows once and every false alarm")
    func windowF1() {
        let truth = Self.truth(400, 100..<140, 300..<310)
        let score = Self.scoring(truth, alarms: [110, 111, 200, 201]).score(threshold: 1)
        // Precision 1/3, recall 1/2.
        #expect(abs(score.windowF1 - 0.4) < 1e-12)
        #expect(SeriesScore.zero.windowF1.isNaN && SeriesScore.zero.normalized.isNaN)
    }

    @Test("Missing scores never alarm")
    func silence() {
        let truth = Self.truth(100, 40..<60)
        let scoring = SeriesScoring(
            scores: Array(repeating: .nan, count: 100), truth: truth)
        #expect(scoring.alarms(threshold: -.infinity).isEmpty)
        let sweep = SeriesSweep.benchmark([scoring])
        #expect(sweep.threshold == .infinity)
        #expect(sweep.total.normalized == 0)
    }
}

@Suite("Choosing one threshold for several series")
struct SeriesSweepTests {
    /// Series with scores of few different values, so that many are equal.
    private static func series() -> [SeriesScoring] {
        var state: UInt64 = 9
        func next() -> Double {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Double(state >> 33) / Double(1 << 31)
        }
        return [(150, 60..<75), (220, 100..<130), (90, 80..<90)].map { count, window in
            let labels = (0..<count).map { window.contains($0) || $0 == count / 3 }
            let scores = (0..<count).map { row -> Double in
                row % 17 == 3 ? .nan : (next() * 12).rounded() / 12 + (labels[row] ? 0.25 : 0)
            }
            return SeriesScoring(
                scores: scores, truth: SeriesTruth(labels: labels), quietRowCount: 3)
        }
    }

    @Test("The threshold is the best of all, by trying each")
    func exhaustive() {
        let series = Self.series()
        let candidates = Set(series.flatMap(\.scores).filter { !$0.isNaN }).sorted(by: >)
        let worths: [(SeriesScore) -> Double] = [
            { $0.value }, { $0.windowF1 }, { Double($0.windowsHit - $0.falseAlarmCount) },
        ]
        for worth in worths {
            let best = candidates.map { threshold in
                worth(series.map { $0.score(threshold: threshold) }.reduce(.zero, +))
            }.max()
            let sweep = SeriesSweep(series, worth: worth)
            #expect(worth(sweep.total) == best)
            #expect(sweep.scores == series.map { $0.score(threshold: sweep.threshold) })
        }
    }

    @Test("Within a budget of false alarms the most windows are hit")
    func budget() {
        let series = Self.series()
        for limit in [0, 1, 3, 8] {
            let sweep = SeriesSweep.mostWindows(series, falseAlarmCountMax: limit)
            let within = Set(series.flatMap(\.scores)).map { threshold in
                series.map { $0.score(threshold: threshold) }.reduce(.zero, +)
            }.filter { $0.falseAlarmCount <= limit }
            #expect(sweep.total.falseAlarmCount <= limit)
            #expect(sweep.total.windowsHit == within.map(\.windowsHit).max() ?? 0)
        }
    }

    @Test("Leaving a series out takes the threshold of the others for it")
    func leavingOneOut() {
        let series = Self.series()
        let left = SeriesSweep.leavingOneOut(series)
        let threshold = SeriesSweep.benchmark([series[0], series[2]]).threshold
        #expect(left[1] == series[1].score(threshold: threshold))
        #expect(left.count == 3)
    }
}
