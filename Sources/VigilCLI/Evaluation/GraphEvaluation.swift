import AnomalyModels
import Foundation
import ModelTraining

/// Measures of a whole judgement against the truth of a graph set, means over the seeds.
struct GraphEvaluation: Encodable {
    var set: String
    var entities: GraphScopeEvaluation
    var relationships: GraphScopeEvaluation
    /// Types whose weights counted as ratings.
    var ratings: [String]
    /// Columns and files that no detector saw.
    var heldBack: [String]
    /// What the training's self-check says about the worth of the graph.
    var graphCheck: [String: Double]
    var seeds: [UInt64]
    var seconds: Double

    enum CodingKeys: String, CodingKey {
        case set, entities, relationships, ratings, seeds, seconds
        case heldBack = "held_back"
        case graphCheck = "graph_check"
    }

    /// The report for people.
    var table: String {
        let used = ratings.isEmpty ? "none" : ratings.joined(separator: ", ")
        var text = """
            \(set): ratings \(used); held back: \(heldBack.joined(separator: ", ")); \
            seeds \(seeds.map(String.init).joined(separator: ", "))

            """
        for (name, scope) in [("Entities", entities), ("Relationships", relationships)] {
            text += "\n\(name): " + scope.table + "\n"
        }
        if let graph = graphCheck["graph_auroc"], let baseline = graphCheck["baseline_auroc"] {
            let verdict = graphCheck["graph_helps"] == 1 ? "the graph helps" : "no help is shown"
            text += """

                On planted corruptions (no label used): ensemble \(formatted(graph, places: 3)), \
                without the graph \(formatted(baseline, places: 3)): \(verdict)

                """
        }
        return text + "\n\(formatted(seconds, places: 1)) s"
    }
}

/// A number that is null in JSON where it could not be measured.
@propertyWrapper
struct Measured: Encodable {
    var wrappedValue: Double

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if wrappedValue.isFinite {
            try container.encode(wrappedValue)
        } else {
            try container.encodeNil()
        }
    }
}

/// The measures of entities, or of relationships.
struct GraphScopeEvaluation: Encodable {
    /// Of one score; NaN, null in JSON, without anomalies or without normals.
    struct Score: Encodable {
        @Measured var auroc: Double
        @Measured var averagePrecision: Double
        @Measured var recall: Double

        enum CodingKeys: String, CodingKey {
            case auroc
            case averagePrecision = "average_precision"
            case recall = "recall_at_1pct_fpr"
        }
    }

    /// How many of a kind there are, and the share of them found at 1 % false positives.
    struct Kind: Encodable {
        var count: Int
        var recall: Double
    }

    /// Of the anomalies found at 1 % false positives whose type is known.
    struct TypeAccuracy: Encodable {
        var detected: Double
        /// The share whose primary type is the right one, and the share where it is acceptable.
        var exact, acceptable: Double
    }

    /// Shares at each severity; silence is low.
    struct Severities: Encodable {
        var low, medium, high, critical: Double
    }

    @Measured var auroc = Double.nan
    @Measured var averagePrecision = Double.nan
    @Measured var recall = Double.nan
    /// Against the rows labelled normal alone.
    @Measured var labelledAUROC = Double.nan
    var anomalyCount = 0
    var normalCount = 0
    var unlabelledCount = 0
    /// Rows that belong to a case without being its subject: left out.
    var leftOutCount = 0
    var detectors: [String: Score] = [:]
    var baselines: [String: Score] = [:]
    var perKind: [String: Kind] = [:]
    /// By the right type.
    var perType: [String: Kind] = [:]
    var typeAccuracy: TypeAccuracy?
    /// Of the anomalies, and of everybody else.
    var anomalySeverities: Severities?
    var normalSeverities: Severities?

    enum CodingKeys: String, CodingKey {
        case auroc, detectors, baselines
        case averagePrecision = "average_precision"
        case recall = "recall_at_1pct_fpr"
        case labelledAUROC = "labelled_auroc"
        case anomalyCount = "anomalies"
        case normalCount = "normals"
        case unlabelledCount = "unlabelled"
        case leftOutCount = "left_out"
        case perKind = "per_kind"
        case perType = "per_type"
        case typeAccuracy = "type_accuracy"
        case anomalySeverities = "anomaly_severities"
        case normalSeverities = "normal_severities"
    }

    init(_ truth: [GraphSetGraph.Truth], runs: [GraphJudgements.Rows]) {
        leftOutCount = truth.count { !$0.isJudged }
        anomalyCount = truth.count { $0.isJudged && $0.label == 1 }
        normalCount = truth.count { $0.isJudged && $0.label == 0 }
        unlabelledCount = truth.count { $0.isJudged && $0.label == nil }
        let chosen = truth.indices.filter { truth[$0].isJudged }
        let labels = chosen.map { truth[$0].label == 1 }
        guard labels.contains(true), labels.contains(false),
            !runs.isEmpty, runs.allSatisfy({ $0.probabilities.count == truth.count })
        else { return }
        // A detector may be silent about all rows under one seed and speak under another.
        let silence = [Double](repeating: .nan, count: truth.count)
        func score(_ values: (GraphJudgements.Rows) -> [Double]) -> Score {
            Self.mean(
                runs.map { run in
                    let all = values(run)
                    return Self.score(chosen.map { all[$0] }, labels)
                })
        }
        let whole = score(\.ensemble)
        (auroc, averagePrecision, recall) = (whole.auroc, whole.averagePrecision, whole.recall)
        for name in Set(runs.flatMap(\.detectors.keys)) {
            detectors[name] = score { $0.detectors[name] ?? silence }
        }
        for name in Set(runs.flatMap(\.baselines.keys)) {
            baselines[name] = score { $0.baselines[name] ?? silence }
        }
        if unlabelledCount > 0, normalCount > 0 {
            let labelled = chosen.filter { truth[$0].label != nil }
            labelledAUROC =
                runs.reduce(0) { sum, run in
                    let all = run.ensemble
                    return sum
                        + Measures.rocAUC(
                            scores: labelled.map { all[$0] },
                            labels: labelled.map { truth[$0].label == 1 })
                } / Double(runs.count)
        }
        let found = runs.map { Self.found($0.ensemble, chosen, labels) }
        perKind = Self.recalls(truth, found) { $0.kind }
        perType = Self.recalls(truth, found) { $0.types.first }
        typeAccuracy = Self.accuracy(truth, runs, found)
        anomalySeverities = Self.severities(runs, chosen.filter { truth[$0].label == 1 })
        normalSeverities = Self.severities(runs, chosen.filter { truth[$0].label != 1 })
    }

    private static func score(_ scores: [Double], _ labels: [Bool]) -> Score {
        Score(
            auroc: Measures.rocAUC(scores: scores, labels: labels),
            averagePrecision: Measures.averagePrecision(scores: scores, labels: labels),
            recall: Measures.recall(atFalsePositiveRate: 0.01, scores: scores, labels: labels))
    }

    private static func mean(_ scores: [Score]) -> Score {
        func mean(_ value: (Score) -> Double) -> Double {
            scores.reduce(0) { $0 + value($1) } / Double(scores.count)
        }
        return Score(
            auroc: mean(\.auroc), averagePrecision: mean(\.averagePrecision),
            recall: mean(\.recall))
    }

    /// The rows above the lowest threshold that keeps within 1 % false positives.
    private static func found(
        _ scores: [Double], _ chosen: [Int], _ labels: [Bool]
    ) -> Set<Int> {
        let normals = zip(chosen, labels).filter { !$0.1 }
            .map { scores[$0.0].isNaN ? -.infinity : scores[$0.0] }.sorted(by: >)
        let threshold = normals[Int(0.01 * Double(normals.count))]
        return Set(chosen.filter { scores[$0] > threshold })
    }

    private static func recalls(
        _ truth: [GraphSetGraph.Truth], _ found: [Set<Int>],
        _ name: (GraphSetGraph.Truth) -> String?
    ) -> [String: Kind] {
        var rows: [String: [Int]] = [:]
        for (row, known) in truth.enumerated() where known.label == 1 {
            if let name = name(known) { rows[name, default: []].append(row) }
        }
        return rows.mapValues { rows in
            let hits = found.reduce(0) { sum, found in sum + rows.count { found.contains($0) } }
            return Kind(
                count: rows.count, recall: Double(hits) / Double(rows.count * found.count))
        }
    }

    private static func accuracy(
        _ truth: [GraphSetGraph.Truth], _ runs: [GraphJudgements.Rows], _ found: [Set<Int>]
    ) -> TypeAccuracy? {
        var (detected, exact, acceptable) = (0, 0, 0)
        for (run, found) in zip(runs, found) {
            for row in found where truth[row].label == 1 && !truth[row].types.isEmpty {
                detected += 1
                guard let type = run.types[row] else { continue }
                if truth[row].types[0] == type { exact += 1 }
                if truth[row].types.contains(type) { acceptable += 1 }
            }
        }
        guard detected > 0 else { return nil }
        return TypeAccuracy(
            detected: Double(detected) / Double(runs.count),
            exact: Double(exact) / Double(detected),
            acceptable: Double(acceptable) / Double(detected))
    }

    private static func severities(
        _ runs: [GraphJudgements.Rows], _ rows: [Int]
    ) -> Severities? {
        guard !rows.isEmpty else { return nil }
        var counts: [Severity: Int] = [:]
        for run in runs {
            for row in rows {
                let p = run.probabilities[row]
                let score = p.isNaN ? 0 : anomalyScore(tailProbability: p)
                counts[Severity(score: score), default: 0] += 1
            }
        }
        let total = Double(rows.count * runs.count)
        func share(_ severity: Severity) -> Double { Double(counts[severity] ?? 0) / total }
        return Severities(
            low: share(.low), medium: share(.medium), high: share(.high),
            critical: share(.critical))
    }
}
