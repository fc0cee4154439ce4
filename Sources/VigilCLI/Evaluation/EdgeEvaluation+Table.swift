import AnomalyModels

extension EdgeEvaluation {
    /// The report for people.
    var table: String {
        var text = """
            \(recordCount) records in time order, \(anomalyCount) labelled anomalous, \
            \(unlabelledCount) without a label; seeds \(seeds)

            """
        if timelessCount > 0 { text += "\(timelessCount) records without a time are left out\n" }
        if let plantedShare {
            text += "planted attacks, \(formatted(100 * plantedShare)) % of the records\n"
        }
        text += "\nEach record is scored with itself and the past only\n"
        text += alignedTable(
            header: [
                "score", "AUROC", "average precision", "recall at 1 % false positives",
                "million edges/s", "MB",
            ],
            rows: scores.map { score in
                [
                    score.name, formatted(score.auroc, places: 4),
                    formatted(score.averagePrecision, places: 3),
                    formatted(score.recallAtOnePercent, places: 3),
                    score.edgesPerSecond.map { formatted($0 / 1e6, places: 1) } ?? "",
                    score.memoryByteCount.map { formatted(Double($0) / 1e6, places: 1) } ?? "",
                ]
            }, rightAligned: [1, 2, 3, 4, 5])
        for score in scores {
            if let severities = score.severities {
                text += "\n\nSeverity by “\(score.name)”\n"
                text += Self.table(severities, score.normalMinutes ?? [:])
            }
        }
        text += attackTable
        if let sensitivity {
            text += "\n\nOne parameter changed at a time\n"
            text += alignedTable(
                header: ["parameter", "value", "AUROC", "average precision"],
                rows: sensitivity.map {
                    [
                        $0.parameter, $0.value, formatted($0.auroc, places: 4),
                        formatted($0.averagePrecision, places: 3),
                    ]
                }, rightAligned: [2, 3])
        }
        return text + "\n\n\(formatted(seconds, places: 1)) s"
    }

    private static func table(
        _ severities: SeverityComparison, _ normalMinutes: [String: Double]
    ) -> String {
        alignedTable(
            header: ["at least", "labelled anomalous", "others", "minutes with such others"],
            rows: [Severity.medium, .high, .critical].map { severity in
                [severities.anomalies, severities.normals].reduce(into: [severity.rawValue]) {
                    $0.append(formatted(100 * $1.share(atLeast: severity), places: 2) + " %")
                } + [formatted(normalMinutes[severity.rawValue] ?? .nan, places: 1)]
            }, rightAligned: [1, 2, 3])
    }

    /// AUROC of each detector for each kind of attack, against all normal records.
    private var attackTable: String {
        let detectors = scores.filter { $0.edgesPerSecond != nil }
        guard let first = detectors.first, !first.attacks.isEmpty else { return "" }
        let rows = first.attacks.indices.map { index in
            [
                first.attacks[index].name, String(first.attacks[index].recordCount),
                first.attacks[index].mediumShare.isNaN
                    ? "-" : formatted(100 * first.attacks[index].mediumShare, places: 1) + " %",
            ] + detectors.map { formatted($0.attacks[index].auroc, places: 3) }
        }
        return "\n\nAUROC by kind of attack, against all normal records\n"
            + alignedTable(
                header: ["attack", "records", "at least medium"] + detectors.map(\.name),
                rows: rows, rightAligned: Set(1..<3 + detectors.count))
    }
}
