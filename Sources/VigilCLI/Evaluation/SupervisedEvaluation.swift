import AnomalyModels

/// Measures of models learnt from a table's labels, means over seeds and folds.
struct SupervisedEvaluation: Encodable {
    struct Score: Encodable {
        var name: String
        /// Means over the seeds of the means over the folds, and the deviations over the seeds.
        var auroc, aurocDeviation, averagePrecision, averagePrecisionDeviation: Double
        var fitMilliseconds, rowMicroseconds: Double

        enum CodingKeys: String, CodingKey {
            case name, auroc
            case aurocDeviation = "auroc_deviation"
            case averagePrecision = "average_precision"
            case averagePrecisionDeviation = "average_precision_deviation"
            case fitMilliseconds = "fit_ms"
            case rowMicroseconds = "row_us"
        }
    }

    var scores: [Score]
    var rowCount, columnCount, anomalyCount, normalCount, unlabelledCount, foldCount: Int
    var seeds: [UInt64]
    var seconds: Double

    enum CodingKeys: String, CodingKey {
        case scores, seeds, seconds
        case rowCount = "rows"
        case columnCount = "columns"
        case anomalyCount = "anomalies"
        case normalCount = "normals"
        case unlabelledCount = "unlabelled"
        case foldCount = "folds"
    }

    init(_ table: TableFile, _ scores: [SupervisedScores], seeds: [UInt64], seconds: Double) {
        rowCount = table.labels.count
        columnCount = table.featureNames.count
        anomalyCount = table.labels.count { $0 == 1 }
        normalCount = table.labels.count { $0 == 0 }
        unlabelledCount = rowCount - anomalyCount - normalCount
        foldCount = scores.first?.foldCount ?? 0
        self.seeds = seeds
        self.seconds = seconds
        self.scores = scores.map { score in
            let area = Self.spread(score.areas)
            let precision = Self.spread(score.averagePrecisions)
            return Score(
                name: score.name, auroc: area.mean, aurocDeviation: area.deviation,
                averagePrecision: precision.mean,
                averagePrecisionDeviation: precision.deviation,
                fitMilliseconds: 1e3 * score.fitSeconds, rowMicroseconds: 1e6 * score.rowSeconds)
        }
    }

    private static func spread(_ values: [Double]) -> (mean: Double, deviation: Double) {
        let mean = values.reduce(0, +) / Double(values.count)
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return (mean, (squares / Double(values.count)).squareRoot())
    }

    /// The report for people.
    var table: String {
        let head = """
            \(rowCount) rows of \(columnCount) columns; \(anomalyCount) anomalies, \
            \(normalCount) normal, \(unlabelledCount) without a label and left out
            Learnt from labels: \(foldCount) folds, each judged by a model that has not seen it; \
            seeds \(seeds)


            """
        return head
            + alignedTable(
                header: ["model", "AUROC", "±", "average precision", "±", "fit, ms", "a row, us"],
                rows: scores.map { score in
                    [
                        score.name, formatted(score.auroc, places: 4),
                        formatted(score.aurocDeviation, places: 4),
                        formatted(score.averagePrecision, places: 4),
                        formatted(score.averagePrecisionDeviation, places: 4),
                        formatted(score.fitMilliseconds, places: 1),
                        formatted(score.rowMicroseconds, places: 2),
                    ]
                }, rightAligned: [1, 2, 3, 4, 5, 6])
            + "\n\n\(formatted(seconds, places: 2)) s"
    }
}
