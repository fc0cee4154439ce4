import AnomalyModels
import ModelTraining

/// Measures of detectors on labelled series: which windows they alarm in, and how often elsewhere.
struct SeriesEvaluation: Encodable {
    /// One detector on all series together; means over the seeds.
    struct Result: Encodable {
        var detector: String
        /// The benchmark's score at the threshold that is best on these series; none for a pair of files.
        var nabScore: Double?
        /// The same with each series at the threshold that is best on the others.
        var nabScoreLeaveOneOut: Double?
        /// The same at the tail probability of the false-alarm budget, without any label.
        var nabScoreCalibrated: Double?
        /// The threshold chosen by labels, for the figures that follow.
        var threshold: Double
        var windowsHit: Double
        var falseAlarms: Double
        /// The best F1 of windows hit and false alarms, by hindsight.
        var bestF1: Double
        /// Each series at the threshold that hits most within the budget, by hindsight.
        var windowsHitInBudget: Double
        var falseAlarmsInBudget: Double
        /// At the tail probability of the budget by the rows to learn from, without any label.
        var windowsHitCalibrated: Double
        var falseAlarmsCalibrated: Double
        /// Over rows, means over the series.
        var auroc: Double
        var averagePrecision: Double
        /// Fitting and scoring.
        var seconds: Double
        var fitSeconds: Double
        /// Scoring alone.
        var microsecondsPerValue: Double
        var series: [Single]

        enum CodingKeys: String, CodingKey {
            case detector, threshold, auroc, seconds, series
            case nabScore = "nab_score"
            case nabScoreLeaveOneOut = "nab_score_leave_one_out"
            case nabScoreCalibrated = "nab_score_calibrated"
            case windowsHit = "windows_hit"
            case falseAlarms = "false_alarms"
            case bestF1 = "best_f1"
            case windowsHitInBudget = "windows_hit_in_budget"
            case falseAlarmsInBudget = "false_alarms_in_budget"
            case windowsHitCalibrated = "windows_hit_calibrated"
            case falseAlarmsCalibrated = "false_alarms_calibrated"
            case averagePrecision = "average_precision"
            case fitSeconds = "fit_seconds"
            case microsecondsPerValue = "microseconds_per_value"
        }
    }

    /// One detector on one series, at the threshold chosen for all; means over the seeds.
    struct Single: Encodable {
        var file: String
        /// The benchmark's score before it is normalized; at most one for each window.
        var nabValue: Double?
        var windowsHit: Double
        var windows: Int
        var falseAlarms: Double
        var auroc: Double

        enum CodingKeys: String, CodingKey {
            case file, windows, auroc
            case nabValue = "nab_value"
            case windowsHit = "windows_hit"
            case falseAlarms = "false_alarms"
        }
    }

    /// The detector that the figures of this level are of.
    var detector: String
    var auroc: Double
    var averagePrecision: Double
    var windowsHit: Double
    var windows: Int
    var falseAlarms: Double
    var bestF1: Double
    var nabScore: Double?
    var rows: Int
    var gaps: Int
    var seeds: [UInt64]
    var epochs: Int
    var seconds: Double
    var detectors: [Result]

    enum CodingKeys: String, CodingKey {
        case detector, auroc, windows, rows, gaps, seeds, epochs, seconds, detectors
        case averagePrecision = "average_precision"
        case windowsHit = "windows_hit"
        case falseAlarms = "false_alarms"
        case bestF1 = "best_f1"
        case nabScore = "nab_score"
    }

    /// False alarms for each row that is measured.
    static let falseAlarmBudget = 0.001

    /// The first result is the one whose figures stand at the top level.
    init(
        _ series: [SeriesInput], _ results: [Result], seeds: [UInt64], epochs: Int,
        seconds: Double
    ) {
        let first = results[0]
        detector = first.detector
        auroc = first.auroc
        averagePrecision = first.averagePrecision
        windowsHit = first.windowsHit
        falseAlarms = first.falseAlarms
        bestF1 = first.bestF1
        nabScore = first.nabScore
        windows = series.reduce(0) { $0 + $1.truth.windows.count }
        rows = series.reduce(0) { $0 + $1.measured.count }
        gaps = series.reduce(0) { total, one in
            total + one.values[one.measured].count { $0.isNaN }
        }
        self.seeds = seeds
        self.epochs = epochs
        self.seconds = seconds
        detectors = results
    }
}

extension SeriesEvaluation.Result {
    /// The measures of one run: the scores of every row of every series.
    init(
        _ detector: SeriesDetector, _ series: [SeriesInput], _ scores: [[Double]],
        isBenchmark: Bool, fitSeconds: Double, seconds: Double
    ) {
        let scorings = zip(series, scores).map { $0.scoring($1) }
        let byF1 = SeriesSweep(scorings) { $0.windowF1 }
        let chosen = isBenchmark ? SeriesSweep.benchmark(scorings) : byF1
        let inBudget = scorings.map { one in
            let limit = Double(one.scores.count) * SeriesEvaluation.falseAlarmBudget
            return SeriesSweep.mostWindows([one], falseAlarmCountMax: Int(limit)).total
        }.reduce(.zero, +)
        let calibrated = zip(series, scores).map { $0.calibratedScore($1) }.reduce(.zero, +)
        let ranked = zip(series, scores).map { one, scores in
            let rows = one.measured.dropFirst(one.truth.probationCount)
            let labels = Array(one.labels.dropFirst(one.truth.probationCount))
            return (scores: rows.map { scores[$0] }, labels: labels)
        }
        let areas = ranked.map { Measures.rocAUC(scores: $0.scores, labels: $0.labels) }
        let precisions = ranked.map {
            Measures.averagePrecision(scores: $0.scores, labels: $0.labels)
        }
        let valueCount = series.reduce(0) { $0 + $1.values.count }
        self.init(
            detector: detector.rawValue,
            nabScore: isBenchmark ? chosen.total.normalized : nil,
            nabScoreLeaveOneOut: isBenchmark && series.count > 1
                ? SeriesSweep.leavingOneOut(scorings).reduce(.zero, +).normalized : nil,
            nabScoreCalibrated: isBenchmark ? calibrated.normalized : nil,
            threshold: chosen.threshold,
            windowsHit: Double(chosen.total.windowsHit),
            falseAlarms: Double(chosen.total.falseAlarmCount),
            bestF1: byF1.total.windowF1,
            windowsHitInBudget: Double(inBudget.windowsHit),
            falseAlarmsInBudget: Double(inBudget.falseAlarmCount),
            windowsHitCalibrated: Double(calibrated.windowsHit),
            falseAlarmsCalibrated: Double(calibrated.falseAlarmCount),
            auroc: areas.reduce(0, +) / Double(areas.count),
            averagePrecision: precisions.reduce(0, +) / Double(precisions.count),
            seconds: seconds, fitSeconds: fitSeconds,
            microsecondsPerValue: (seconds - fitSeconds) / Double(valueCount) * 1e6,
            series: series.indices.map { index in
                SeriesEvaluation.Single(
                    file: series[index].name,
                    nabValue: isBenchmark ? chosen.scores[index].value : nil,
                    windowsHit: Double(chosen.scores[index].windowsHit),
                    windows: chosen.scores[index].windowCount,
                    falseAlarms: Double(chosen.scores[index].falseAlarmCount),
                    auroc: areas[index])
            })
    }

    /// The means of several runs that differ in their seeds.
    static func mean(_ runs: [Self]) -> Self {
        var mean = runs[0]
        guard runs.count > 1 else { return mean }
        func average(_ value: (Self) -> Double) -> Double {
            runs.reduce(0) { $0 + value($1) } / Double(runs.count)
        }
        for path in [
            \Self.threshold, \.windowsHit, \.falseAlarms, \.bestF1, \.windowsHitInBudget,
            \.falseAlarmsInBudget, \.windowsHitCalibrated, \.falseAlarmsCalibrated, \.auroc,
            \.averagePrecision, \.seconds, \.fitSeconds, \.microsecondsPerValue,
        ] { mean[keyPath: path] = average { $0[keyPath: path] } }
        for path in [\Self.nabScore, \.nabScoreLeaveOneOut, \.nabScoreCalibrated]
        where mean[keyPath: path] != nil {
            mean[keyPath: path] = average { $0[keyPath: path] ?? .nan }
        }
        for index in mean.series.indices {
            mean.series[index].nabValue = mean.series[index].nabValue.map { _ in
                average { $0.series[index].nabValue ?? .nan }
            }
            mean.series[index].windowsHit = average { $0.series[index].windowsHit }
            mean.series[index].falseAlarms = average { $0.series[index].falseAlarms }
            mean.series[index].auroc = average { $0.series[index].auroc }
        }
        return mean
    }
}

extension SeriesInput {
    /// The alarms where the tail probability is within the budget, by the rows for calibrating alone.
    fileprivate func calibratedScore(_ scores: [Double]) -> SeriesScore {
        let calibration = TailCalibration.fit(Array(scores[calibrated]))
        let rarities = scores.map { score -> Double in
            guard let p = calibration?.tailProbability(score) else { return .nan }
            return -p
        }
        return scoring(rarities).score(threshold: -SeriesEvaluation.falseAlarmBudget)
    }
}
