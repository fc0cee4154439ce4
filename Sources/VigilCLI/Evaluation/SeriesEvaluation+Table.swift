extension SeriesEvaluation {
    /// The report for people.
    var table: String {
        var text = """
            \(rows) rows, \(windows) windows, \(gaps) gaps; seeds \(seeds), \(epochs) epochs at most

            """
        text += "\n" + measures + "\n"
        if detectors[0].series.count > 1 { text += "\n" + perSeries + "\n" }
        text += """

            hit, false: windows with an alarm, and alarms outside of windows. The threshold is chosen by
            the labels (\(isBenchmark ? "for the NAB score, one for all series" : "for F1")); "1/1000": \
            chosen by the labels for at most one
            false alarm per 1,000 rows; "p 0.001": by the rows to learn from alone. An alarm is followed by
            a quiet period of 0.5 % of the rows, at least 10. Ranks of rows (AUROC, AP) say little where
            windows are wide.

            \(formatted(seconds, places: 1)) s
            """
        return text
    }

    private var isBenchmark: Bool { detectors[0].nabScore != nil }

    private var measures: String {
        var header = ["detector"]
        if isBenchmark { header += ["NAB", "leave one out", "p 0.001"] }
        header += [
            "hit", "false", "F1", "hit 1/1000", "false", "hit p 0.001", "false", "AUROC", "AP",
            "fit s", "us/value",
        ]
        let rows = detectors.map { result in
            let nab = [
                result.nabScore, result.nabScoreLeaveOneOut, result.nabScoreCalibrated,
            ].map { formatted($0 ?? .nan, places: 1) }
            return [result.detector] + (isBenchmark ? nab : [])
                + [
                    formatted(result.windowsHit, places: 1),
                    formatted(result.falseAlarms, places: 1),
                    formatted(result.bestF1),
                    formatted(result.windowsHitInBudget, places: 1),
                    formatted(result.falseAlarmsInBudget, places: 1),
                    formatted(result.windowsHitCalibrated, places: 1),
                    formatted(result.falseAlarmsCalibrated, places: 1),
                    formatted(result.auroc, places: 3),
                    formatted(result.averagePrecision, places: 3),
                    formatted(result.fitSeconds), formatted(result.microsecondsPerValue),
                ]
        }
        return alignedTable(
            header: header, rows: rows, rightAligned: Set(1..<header.count))
    }

    /// Each series at the threshold chosen for all of them.
    private var perSeries: String {
        let names = detectors[0].series.map(\.file)
        let legend = names.enumerated().map { "\($0 + 1): \($1)" }.joined(separator: "\n")
        let rows = detectors.map { result in
            [result.detector]
                + result.series.map { one in
                    let value = one.nabValue.map { formatted($0) + "  " } ?? ""
                    return value + "\(formatted(one.windowsHit, places: 1)) of \(one.windows), "
                        + formatted(one.falseAlarms, places: 1)
                }
        }
        return "Each series: NAB value, windows hit, false alarms\n" + legend + "\n"
            + alignedTable(
                header: ["detector"] + names.indices.map { "\($0 + 1)" }, rows: rows,
                rightAligned: Set(1...names.count))
    }
}
