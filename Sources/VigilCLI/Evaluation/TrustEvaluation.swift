import AnomalyModels
import ModelTraining

/// Measures of the scores of ratings against the labels, beside what needs no ratings.
struct TrustEvaluation: Encodable {
    struct Score: Encodable {
        var name: String
        var usesRatings: Bool
        /// Anomalies against everybody else.
        var auroc, averagePrecision: Double
        /// Anomalies against those labelled normal; NaN where none are.
        var labelledAUROC, labelledAveragePrecision: Double

        enum CodingKeys: String, CodingKey {
            case name, auroc
            case usesRatings = "uses_ratings"
            case averagePrecision = "average_precision"
            case labelledAUROC = "labelled_auroc"
            case labelledAveragePrecision = "labelled_average_precision"
        }
    }

    /// Of the detector against everybody else; NaN without ratings.
    var auroc, averagePrecision: Double
    /// Each score, the best first.
    var scores: [Score]
    /// Severities of the detector; nil without ratings.
    var severities: SeverityComparison?
    /// The largest difference between the streamed score and the batch.
    var streamError: Double
    var ratingTypes: [String]
    var ratingCount, anomalyCount, normalCount, unlabelledCount: Int
    var seeds: [UInt64]
    var seconds: Double

    enum CodingKeys: String, CodingKey {
        case auroc, scores, severities, seeds, seconds
        case averagePrecision = "average_precision"
        case streamError = "stream_error"
        case ratingTypes = "rating_types"
        case ratingCount = "ratings"
        case anomalyCount = "anomalies"
        case normalCount = "normals"
        case unlabelledCount = "unlabelled"
    }

    init(_ graph: RatedSet, _ scored: TrustScores, seeds: [UInt64], seconds: Double) {
        let labels = graph.labels
        anomalyCount = labels.count { $0 == 1 }
        normalCount = labels.count { $0 == 0 }
        unlabelledCount = labels.count { $0 == nil }
        ratingTypes = graph.ratingTypes
        ratingCount = graph.relationships.count { $0.rating != nil }
        self.seeds = seeds
        self.seconds = seconds
        streamError = scored.streamError
        let all =
            scored.withRatings.map { Self.score($0.key, [$0.value], labels, usesRatings: true) }
            + scored.withoutRatings.map { Self.score($0.key, $0.value, labels, usesRatings: false) }
        scores = all.sorted { ($1.auroc, $0.name) < ($0.auroc, $1.name) }
        let own = scores.first { $0.name == TrustScores.detector }
        auroc = own?.auroc ?? .nan
        averagePrecision = own?.averagePrecision ?? .nan
        if !scored.tailProbabilities.isEmpty {
            severities = SeverityComparison(
                tailProbabilities: scored.tailProbabilities, labels: labels.map { $0 == 1 })
        }
    }

    /// Means over the runs.
    private static func score(
        _ name: String, _ runs: [[Double]], _ labels: [Int?], usesRatings: Bool
    ) -> Score {
        let labelled = labels.indices.filter { labels[$0] != nil }
        func mean(_ rows: [Int], _ measure: ([Double], [Bool]) -> Double) -> Double {
            let truth = rows.map { labels[$0] == 1 }
            return runs.reduce(0) { sum, run in sum + measure(rows.map { run[$0] }, truth) }
                / Double(runs.count)
        }
        let everyone = Array(labels.indices)
        return Score(
            name: name, usesRatings: usesRatings,
            auroc: mean(everyone, Measures.rocAUC),
            averagePrecision: mean(everyone, Measures.averagePrecision),
            labelledAUROC: mean(labelled, Measures.rocAUC),
            labelledAveragePrecision: mean(labelled, Measures.averagePrecision))
    }

    /// The report for people.
    var table: String {
        let types =
            ratingTypes.isEmpty ? "no ratings" : "ratings: \(ratingTypes.joined(separator: ", "))"
        var text = """
            \(anomalyCount) anomalies, \(normalCount) labelled normal, \(unlabelledCount) without a \
            label; \(types) (\(ratingCount)); seeds \(seeds)


            """
        text += alignedTable(
            header: ["score", "ratings", "AUROC", "AP", "labelled AUROC", "labelled AP"],
            rows: scores.map { score in
                [score.name, score.usesRatings ? "used" : "not used"]
                    + [
                        score.auroc, score.averagePrecision, score.labelledAUROC,
                        score.labelledAveragePrecision,
                    ].map { formatted($0, places: 4) }
            }, rightAligned: [2, 3, 4, 5])
        if let severities {
            text += "\n\nSeverity of “\(TrustScores.detector)”, calibrated on all entities\n"
            text += alignedTable(
                header: ["at least", "anomalies", "everybody else"],
                rows: [Severity.medium, .high, .critical].map { severity in
                    [severities.anomalies, severities.normals].reduce(into: [severity.rawValue]) {
                        $0.append(formatted(100 * $1.share(atLeast: severity), places: 2) + " %")
                    }
                }, rightAligned: [1, 2])
            text += "\n\nStreamed, refreshed every \(TrustScores.refreshInterval) ratings: a score "
            text += "is at most \(formatted(streamError, places: 4)) from the batch."
            text += "\nLabels that were made from ratings flatter scores of ratings."
        }
        return text + "\n\n\(formatted(seconds, places: 1)) s"
    }
}
