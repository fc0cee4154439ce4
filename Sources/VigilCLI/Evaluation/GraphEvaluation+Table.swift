/// The report for people.
extension GraphScopeEvaluation {
    var table: String {
        var text = "\(anomalyCount) anomalies, \(normalCount) normal"
        if unlabelledCount > 0 { text += ", \(unlabelledCount) without a label" }
        if leftOutCount > 0 { text += ", \(leftOutCount) parts of cases left out" }
        guard !auroc.isNaN else { return text + "; nothing to measure" }
        var rows = [
            ["ensemble"]
                + Self.cells(
                    Score(
                        auroc: auroc, averagePrecision: averagePrecision, recall: recall))
        ]
        for (prefix, scores) in [("", detectors), ("baseline: ", baselines)] {
            rows += scores.sorted { ($1.value.auroc, $0.key) < ($0.value.auroc, $1.key) }
                .map { [prefix + $0.key] + Self.cells($0.value) }
        }
        text +=
            "\n\n"
            + alignedTable(
                header: ["", "AUROC", "average precision", "recall at 1 % false positives"],
                rows: rows, rightAligned: [1, 2, 3])
        if !labelledAUROC.isNaN {
            text +=
                "\n\nAgainst those labelled normal: AUROC "
                + formatted(labelledAUROC, places: 3)
        }
        for (title, kinds) in [("kind", perKind), ("type", perType)] where !kinds.isEmpty {
            text +=
                "\n\n"
                + alignedTable(
                    header: [title, "anomalies", "recall at 1 % false positives"],
                    rows: kinds.sorted { $0.key < $1.key }.map {
                        [$0.key, "\($0.value.count)", formatted($0.value.recall, places: 3)]
                    }, rightAligned: [1, 2])
        }
        if let typeAccuracy {
            text += """


                Primary type of the \(formatted(typeAccuracy.detected, places: 1)) found: right \
                \(formatted(100 * typeAccuracy.exact, places: 1)) %, acceptable \
                \(formatted(100 * typeAccuracy.acceptable, places: 1)) %
                """
        }
        if let anomalySeverities, let normalSeverities {
            text +=
                "\n\n"
                + alignedTable(
                    header: ["", "low", "medium", "high", "critical"],
                    rows: [
                        ["anomalies"] + anomalySeverities.cells,
                        ["everybody else"] + normalSeverities.cells,
                    ], rightAligned: [1, 2, 3, 4])
        }
        return text
    }

    private static func cells(_ score: Score) -> [String] {
        [score.auroc, score.averagePrecision, score.recall].map { formatted($0, places: 3) }
    }
}

extension GraphScopeEvaluation.Severities {
    fileprivate var cells: [String] {
        [low, medium, high, critical].map { formatted(100 * $0, places: 2) + " %" }
    }
}
