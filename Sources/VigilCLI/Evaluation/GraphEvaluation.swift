import ModelTraining

/// Measures of each detector against the labels, means over the seeds.
struct GraphEvaluation: Encodable {
    struct Measures: Encodable {
        var auroc: Double
        var averagePrecision: Double
        var recallAtOnePercent: Double

        enum CodingKeys: String, CodingKey {
            case auroc
            case averagePrecision = "average_precision"
            case recallAtOnePercent = "recall_at_1pct_fpr"
        }
    }

    /// Anomalies against everybody else, and against those labelled normal, by detector.
    var all: [String: Measures]
    var labelled: [String: Measures]
    var anomalyCount: Int
    var normalCount: Int
    var unlabelledCount: Int
    var usesRatings: Bool
    var seeds: [UInt64]
    var seconds: Double

    init(
        labels: [Int?], runs: [[String: [Double]]], seeds: [UInt64], usesRatings: Bool,
        seconds: Double
    ) {
        anomalyCount = labels.count { $0 == 1 }
        normalCount = labels.count { $0 == 0 }
        unlabelledCount = labels.count { $0 == nil }
        self.usesRatings = usesRatings
        self.seeds = seeds
        self.seconds = seconds
        let everyone = Array(labels.indices)
        all = Self.measures(labels, runs, everyone)
        labelled = Self.measures(labels, runs, everyone.filter { labels[$0] != nil })
    }

    private static func measures(
        _ labels: [Int?], _ runs: [[String: [Double]]], _ chosen: [Int]
    ) -> [String: Measures] {
        let truth = chosen.map { labels[$0] == 1 }
        guard truth.contains(true), truth.contains(false) else { return [:] }
        var measures: [String: Measures] = [:]
        for name in (runs.first ?? [:]).keys {
            let each = runs.compactMap { run -> Measures? in
                guard let scores = run[name].map({ all in chosen.map { all[$0] } }) else {
                    return nil
                }
                return Measures(
                    auroc: ModelTraining.Measures.rocAUC(scores: scores, labels: truth),
                    averagePrecision: ModelTraining.Measures.averagePrecision(
                        scores: scores, labels: truth),
                    recallAtOnePercent: ModelTraining.Measures.recall(
                        atFalsePositiveRate: 0.01, scores: scores, labels: truth))
            }
            func mean(_ value: (Measures) -> Double) -> Double {
                each.map(value).reduce(0, +) / Double(each.count)
            }
            measures[name] = Measures(
                auroc: mean(\.auroc), averagePrecision: mean(\.averagePrecision),
                recallAtOnePercent: mean(\.recallAtOnePercent))
        }
        return measures
    }

    /// The report for people.
    var table: String {
        func rows(_ measures: [String: Measures]) -> [[String]] {
            measures.sorted { ($1.value.auroc, $0.key) < ($0.value.auroc, $1.key) }.map {
                [
                    $0.key, formatted($0.value.auroc, places: 3),
                    formatted($0.value.averagePrecision, places: 3),
                    formatted($0.value.recallAtOnePercent, places: 3),
                ]
            }
        }
        let header = ["detector", "AUROC", "average precision", "recall at 1 % false positives"]
        let ratings = usesRatings ? "used" : "not used"
        var text = """
            \(anomalyCount) anomalies, \(normalCount) labelled normal, \(unlabelledCount) without \
            a label; ratings \(ratings); seeds \(seeds)

            """
        text += "\nAnomalies against everybody else\n"
        text += alignedTable(header: header, rows: rows(all), rightAligned: [1, 2, 3])
        if unlabelledCount > 0, !labelled.isEmpty {
            text += "\n\nAnomalies against those labelled normal\n"
            text += alignedTable(header: header, rows: rows(labelled), rightAligned: [1, 2, 3])
        }
        return text + "\n\n\(formatted(seconds, places: 1)) s"
    }
}
