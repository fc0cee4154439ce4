import AnomalyModels
import ModelTraining

/// Measures of the scores of a table's rows against its labels, means over the seeds.
struct TableEvaluation: Encodable {
    /// `nil` where a class has no labelled row, for then nothing can be told from anything.
    struct Score: Encodable {
        var name: String
        var auroc, averagePrecision, recallAtOnePercent: Double?
        /// Of the AUROC over the seeds; `nil` for a single run.
        var aurocDeviation: Double?

        enum CodingKeys: String, CodingKey {
            case name, auroc
            case averagePrecision = "average_precision"
            case recallAtOnePercent = "recall_at_1pct_fpr"
            case aurocDeviation = "auroc_deviation"
        }

        func encode(to encoder: any Encoder) throws {
            // Written out, because a measure without a value is null and not absent.
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(name, forKey: .name)
            try container.encode(auroc, forKey: .auroc)
            try container.encode(averagePrecision, forKey: .averagePrecision)
            try container.encode(recallAtOnePercent, forKey: .recallAtOnePercent)
            try container.encode(aurocDeviation, forKey: .aurocDeviation)
        }
    }

    /// The forest's, fitted once on all rows.
    var own: Score
    /// The others', the best first.
    var others: [Score]
    /// Labelled rows at each severity after the calibration, all seeds together.
    var severities: SeverityComparison
    var model: String
    var rowCount, columnCount, missingCount: Int
    var anomalyCount, normalCount, unlabelledCount: Int
    var ignoredColumns: [String]
    var contamination: Double
    var seeds: [UInt64]
    var seconds: Double

    enum CodingKeys: String, CodingKey {
        case auroc, scores, severities, model, contamination, seeds, seconds
        case averagePrecision = "average_precision"
        case recallAtOnePercent = "recall_at_1pct_fpr"
        case rowCount = "rows"
        case columnCount = "columns"
        case missingCount = "missing_values"
        case anomalyCount = "anomalies"
        case normalCount = "normals"
        case unlabelledCount = "unlabelled"
        case ignoredColumns = "ignored_columns"
        case note
    }

    init(
        _ table: TableFile, _ scored: TableScores, model: String, contamination: Double,
        seeds: [UInt64], seconds: Double
    ) {
        let labels = table.labels
        anomalyCount = labels.count { $0 == 1 }
        normalCount = labels.count { $0 == 0 }
        unlabelledCount = labels.count { $0 == nil }
        rowCount = labels.count
        columnCount = table.featureNames.count
        missingCount = table.features.values.count(where: \.isNaN)
        ignoredColumns = table.otherNames
        self.model = model
        self.contamination = contamination
        self.seeds = seeds
        self.seconds = seconds
        let labelled = labels.indices.filter { labels[$0] != nil }
        let truth = labelled.map { labels[$0] == 1 }
        func score(_ name: String) -> Score {
            Self.score(
                name, (scored.runs[name] ?? []).map { run in labelled.map { run[$0] } }, truth)
        }
        own = score(TableScores.forestName)
        others = scored.runs.keys.filter { $0 != TableScores.forestName }.map(score).sorted {
            ($1.auroc ?? 0, $0.name) < ($0.auroc ?? 0, $1.name)
        }
        severities = SeverityComparison()
        for p in scored.tailProbabilities {
            severities.add(
                SeverityComparison(tailProbabilities: labelled.map { p[$0] }, labels: truth))
        }
    }

    private static func score(_ name: String, _ runs: [[Double]], _ truth: [Bool]) -> Score {
        guard truth.contains(true), truth.contains(false) else { return Score(name: name) }
        func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
        let areas = runs.map { Measures.rocAUC(scores: $0, labels: truth) }
        let center = mean(areas)
        let variance = mean(areas.map { ($0 - center) * ($0 - center) })
        return Score(
            name: name, auroc: center,
            averagePrecision: mean(
                runs.map { Measures.averagePrecision(scores: $0, labels: truth) }),
            recallAtOnePercent: mean(
                runs.map {
                    Measures.recall(atFalsePositiveRate: 0.01, scores: $0, labels: truth)
                }),
            aurocDeviation: runs.count > 1 ? variance.squareRoot() : nil)
    }

    /// What the reader has to know about missing measures; `nil` where there are none.
    private var note: String? {
        guard anomalyCount == 0 || normalCount == 0 else { return nil }
        let missing = anomalyCount == 0 ? "labelled anomalous (y = 1)" : "labelled normal (y = 0)"
        return "No row is \(missing), so there is nothing to measure."
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(own.auroc, forKey: .auroc)
        try container.encode(own.averagePrecision, forKey: .averagePrecision)
        try container.encode(own.recallAtOnePercent, forKey: .recallAtOnePercent)
        try container.encode([own] + others, forKey: .scores)
        try container.encode(severities, forKey: .severities)
        try container.encode(model, forKey: .model)
        try container.encode(rowCount, forKey: .rowCount)
        try container.encode(columnCount, forKey: .columnCount)
        try container.encode(missingCount, forKey: .missingCount)
        try container.encode(anomalyCount, forKey: .anomalyCount)
        try container.encode(normalCount, forKey: .normalCount)
        try container.encode(unlabelledCount, forKey: .unlabelledCount)
        try container.encode(ignoredColumns, forKey: .ignoredColumns)
        try container.encode(contamination, forKey: .contamination)
        try container.encode(seeds, forKey: .seeds)
        try container.encode(seconds, forKey: .seconds)
        try container.encode(note, forKey: .note)
    }

    /// The report for people.
    var table: String {
        var text = """
            \(rowCount) rows of \(columnCount) columns, \(missingCount) values missing; \
            \(anomalyCount) anomalies, \(normalCount) normal, \(unlabelledCount) without a label
            \(model); seeds \(seeds)


            """
        if !ignoredColumns.isEmpty {
            text += "Not used: \(ignoredColumns.joined(separator: ", "))\n\n"
        }
        text += alignedTable(
            header: ["score", "AUROC", "±", "average precision", "recall at 1 % false positives"],
            rows: ([own] + others).map { score in
                [score.name]
                    + [
                        score.auroc, score.aurocDeviation, score.averagePrecision,
                        score.recallAtOnePercent,
                    ].map { formatted($0 ?? .nan, places: 4) }
            }, rightAligned: [1, 2, 3, 4])
        if let note { text += "\n\(note)" }
        text += "\n\nSeverities after the calibration, without the strangest "
        text += "\(formatted(100 * contamination, places: 1)) %\n"
        text += alignedTable(
            header: ["severity", "anomalies", "normals"], rows: severityRows,
            rightAligned: [1, 2])
        if severities.normals.silentCount + severities.anomalies.silentCount > 0 {
            text += "\nToo few rows to calibrate on; a calibration needs at least "
            text += "\(TailCalibration.minimumCount)."
        }
        return text + "\n\n\(formatted(seconds, places: 2)) s"
    }

    private var severityRows: [[String]] {
        let order: [Severity] = [.low, .medium, .high, .critical]
        return order.indices.map { index in
            [severities.anomalies, severities.normals].reduce(into: [order[index].rawValue]) {
                let next = index + 1 < order.count ? $1.share(atLeast: order[index + 1]) : 0
                let share = 100 * ($1.share(atLeast: order[index]) - next)
                $0.append(formatted(share, places: 2) + (share.isNaN ? "" : " %"))
            }
        }
    }
}
