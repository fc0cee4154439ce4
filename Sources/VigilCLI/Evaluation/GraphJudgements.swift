import AnomalyDetection
import AnomalyModels
import Foundation
import GraphMetrics
import ModelTraining
import ParallelLoops

/// What the detector, trained on a graph set without any label, says of its rows.
struct GraphJudgements {
    /// Rows of one scope, in the file's order; scores are larger for stranger, NaN for silence.
    struct Rows {
        /// The tail probability of the whole judgement.
        var probabilities: [Double] = []
        /// -log10 p by detector, and what anybody could do without a model.
        var detectors: [String: [Double]] = [:]
        var baselines: [String: [Double]] = [:]
        /// The primary type by name; nil where nothing was explained.
        var types: [String?] = []

        /// -log10 p of the whole judgement.
        var ensemble: [Double] { probabilities.map { $0.isNaN ? .nan : -log10($0) } }
    }

    /// What one judgement leaves.
    fileprivate struct Voice: Sendable {
        var probability = Double.nan
        var detectors: [Detector: Double] = [:]
        var type: String?

        init(_ judgement: Judgement?) {
            guard let judgement else { return }
            probability = judgement.pValue
            for verdict in judgement.detectors {
                detectors[verdict.detector] = -log10(verdict.tailProbability)
            }
            type = judgement.anomaly?.primaryType.rawValue
        }
    }

    private(set) var entities = Rows()
    /// Empty where the set names no strange relationship: there is nothing to compare with.
    private(set) var relationships = Rows()
    /// Whether the graph helps, by the training's own check.
    private(set) var measures: [String: Double] = [:]

    /// From this score on a judgement is explained, and so has a type, where the right one is known.
    static let explainedScore = 0.3
    /// Nothing reaches this score: an explanation costs far more than a judgement.
    static let unreachableScore = 2.0

    /// A detector with a set's rows and the model that it was trained to; it explains nothing.
    static func trained(
        _ set: GraphSetGraph, indicators: [Indicator], seed: UInt64, asOf: Double,
        threadCount: Int
    ) throws -> (detector: AnomalyDetector, model: DetectionModel) {
        var settings = DetectionSettings()
        settings.anomalyThreshold = unreachableScore
        var detector = try set.detector(
            settings: settings, indicators: indicators, threadCount: threadCount
        ).withGlobalMetrics(asOf: asOf, seed: seed, threadCount: threadCount)
        let model = try ModelTrainer.train(
            detector, asOf: asOf,
            options: ModelTrainer.Options(
                seed: seed, version: "evaluation", createdAt: asOf, threadCount: threadCount))
        detector.adopt(model: model)
        return (detector, model)
    }

    init(
        _ set: GraphSetGraph, indicators: [Indicator], seed: UInt64, asOf: Double,
        threadCount: Int
    ) throws {
        let (detector, model) = try Self.trained(
            set, indicators: indicators, seed: seed, asOf: asOf, threadCount: threadCount)
        measures = model.card.measures
        var settings = DetectionSettings()
        settings.anomalyThreshold = Self.explainedScore
        var explaining = detector
        explaining.adopt(settings: settings, indicators: indicators, catalog: set.catalog)
        let (silent, talking) = (detector, explaining)

        entities = Rows(set.entityTruth, threadCount: threadCount) { row, isExplained in
            (isExplained ? talking : silent).judge(Int64(row), asOf: asOf)
        }
        entities.baselines = set.baselines(detector)
        let baseline = try NoGraphBaseline(
            detector, model: model, asOf: asOf, seed: seed, threadCount: threadCount)
        entities.baselines["no graph (forest, peers, numbers)"] = parallelMap(
            set.entities.count, threadCount: threadCount
        ) { -log10(baseline.tailProbability(of: Int64($0), silent, asOf: asOf)) }
        entities.baselines["plain forest on the features"] = set.entities.map { record in
            detector.featureVector(of: record.id, asOf: asOf)
                .map { model.forest.score($0.modelValues) } ?? .nan
        }

        guard set.relationshipTruth.contains(where: { $0.isJudged && $0.label == 1 }) else {
            return
        }
        relationships = Rows(set.relationshipTruth, threadCount: threadCount) { row, isExplained in
            (isExplained ? talking : silent).judge(relationshipID: Int64(row), asOf: asOf)
        }
        relationships.baselines = set.relationshipBaselines(detector)
    }
}

extension GraphJudgements.Rows {
    /// Judges every row of a scope; explains those alone whose right type is known.
    fileprivate init(
        _ truth: [GraphSetGraph.Truth], threadCount: Int,
        judge: @escaping @Sendable (_ row: Int, _ isExplained: Bool) -> Judgement?
    ) {
        let isExplained = truth.map { $0.isJudged && !$0.types.isEmpty }
        let voices = parallelMap(truth.count, threadCount: threadCount) { row in
            GraphJudgements.Voice(judge(row, isExplained[row]))
        }
        probabilities = voices.map(\.probability)
        types = voices.map(\.type)
        for detector in Detector.allCases
        where voices.contains(where: { $0.detectors[detector] != nil }) {
            detectors[detector.rawValue] = voices.map { $0.detectors[detector] ?? .nan }
        }
    }
}
