import AnomalyDetection
import AnomalyModels
import Foundation
import GraphEngine
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
    private struct Voice: Sendable {
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
    private(set) var relationships = Rows()
    /// Whether the graph helps, by the training's own check.
    private(set) var measures: [String: Double] = [:]

    /// From this score on a judgement is explained, and so has a type.
    static let explainedScore = 0.3

    init(
        _ set: GraphSetGraph, indicators: [Indicator], seed: UInt64, asOf: Double,
        threadCount: Int
    ) throws {
        var settings = DetectionSettings()
        settings.anomalyThreshold = Self.explainedScore
        var detector = try set.detector(
            settings: settings, indicators: indicators, threadCount: threadCount
        ).withGlobalMetrics(asOf: asOf, seed: seed, threadCount: threadCount)
        let model = try ModelTrainer.train(
            detector, asOf: asOf,
            options: ModelTrainer.Options(
                seed: seed, version: "evaluation", createdAt: asOf, threadCount: threadCount))
        detector.adopt(model: model)
        measures = model.card.measures
        let baseline = try NoGraphBaseline(
            detector, model: model, asOf: asOf, seed: seed, threadCount: threadCount)
        let (judge, count) = (detector, set.entities.count)
        let voices = parallelMap(count, threadCount: threadCount) { position in
            Voice(judge.judge(Int64(position), asOf: asOf))
        }
        entities.add(voices.map(\.probability), voices.map(\.detectors), voices.map(\.type))
        entities.baselines = set.baselines(detector)
        entities.baselines["no graph (forest, peers, numbers)"] = parallelMap(
            count, threadCount: threadCount
        ) { -log10(baseline.tailProbability(of: Int64($0), judge, asOf: asOf)) }
        entities.baselines["plain forest on the features"] = set.entities.map { record in
            detector.featureVector(of: record.id, asOf: asOf)
                .map { model.forest.score($0.modelValues) } ?? .nan
        }
    }
}

extension GraphJudgements.Rows {
    fileprivate mutating func add(
        _ probabilities: [Double], _ voices: [[Detector: Double]], _ types: [String?]
    ) {
        self.probabilities = probabilities
        self.types = types
        for detector in Detector.allCases where voices.contains(where: { $0[detector] != nil }) {
            detectors[detector.rawValue] = voices.map { $0[detector] ?? .nan }
        }
    }
}

extension GraphSetGraph {
    /// What needs no model: degree, the length of the feature vector, row counts, the mean of the
    /// received ratings.
    func baselines(_ detector: AnomalyDetector) -> [String: [Double]] {
        var rowCounts = [Double](repeating: 0, count: entities.count)
        var sums = rowCounts
        var ratingCounts = rowCounts
        for row in relationships {
            rowCounts[Int(row.sourceEntityID)] += 1
            rowCounts[Int(row.targetEntityID)] += 1
            if catalog.ratingTypeCodes.contains(row.typeCode), !row.weight.isNaN {
                sums[Int(row.targetEntityID)] += row.weight
                ratingCounts[Int(row.targetEntityID)] += 1
            }
        }
        var baselines = [
            "degree": entities.map { record in
                detector.graph.nodeIndex(of: NodeKey(record.id))
                    .map { Double(detector.graph.degree(of: $0)) } ?? 0
            },
            "relationship count": rowCounts,
        ]
        if entities.contains(where: { !$0.tagKeys.isEmpty || !$0.numericMetadata.isEmpty }) {
            baselines["norm (tags, numbers)"] = entities.map(Self.norm)
        }
        if !ratingTypes.isEmpty {
            baselines["mean rating received"] = zip(sums, ratingCounts).map { sum, count in
                count > 0 ? -sum / count : .nan
            }
        }
        return baselines
    }

    private static func norm(_ record: EntityRecord) -> Double {
        let squares = record.numericMetadata.reduce(0.0) { sum, number in
            number.isNaN ? sum : sum + Double(number) * Double(number)
        }
        // A sparse feature has the value one divided by the number of those that are active.
        let tags = Double(record.tagKeys.count)
        return (squares + (tags > 0 ? 1 / tags : 0)).squareRoot()
    }
}
