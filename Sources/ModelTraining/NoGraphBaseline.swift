package import AnomalyDetection
import AnomalyModels

/// The honest baseline: what can be said of entities without their place in the graph.
///
/// A forest over the features that need no graph, the peers, and the watched numbers; the smallest tail
/// probability times the number of those that speak. What the ensemble finds beyond it, the graph
/// has found.
package struct NoGraphBaseline: Sendable {
    /// The features that need no graph.
    package static let features = EntityFeature.allCases.filter {
        !EntityFeature.placesInGraph.contains($0)
    }

    private let forest: IsolationForest
    private let forestCalibration: DetectorCalibration
    private let model: DetectionModel
    private let tails: [String: TypeTails]

    /// Grows the forest over all live entities of a detector, to be used beside this model of it.
    package init(
        _ detector: AnomalyDetector, model: DetectionModel, asOf: Double, seed: UInt64,
        threadCount: Int = 1
    ) throws(TrainingError) {
        self.model = model
        var rows: [(type: String, values: [Double])] = []
        for id in detector.entityIDs {
            guard let features = detector.featureVector(of: id, asOf: asOf),
                let record = detector.record(of: id)
            else { continue }
            rows.append(
                (detector.catalog.entityTypeName(record.typeCode), Self.withoutGraph(features)))
        }
        let matrix = FeatureMatrix(columnCount: Self.features.count, rows: rows.map(\.values))
        do throws(ModelError) {
            forest = try IsolationForest.fitInTwoPasses(
                matrix, parameters: IsolationForest.Parameters(seed: seed),
                threadCount: threadCount
            ).forest
        } catch {
            throw TrainingError(code: .invalidOption, message: error.message)
        }
        let scores = zip(rows, forest.scores(matrix, threadCount: threadCount))
        var byType: [String: [Double]] = [:]
        for (row, score) in scores { byType[row.type, default: []].append(score) }
        let all = byType.values.joined()
        forestCalibration = .fit(
            .isolationForest, scores: byType,
            farOutUnit: ((all.max() ?? 0) - (all.min() ?? 0)) / 10)
        tails = Dictionary(
            uniqueKeysWithValues: byType.keys.map { ($0, model.measureTails.tails(for: $0)) })
    }

    /// The tail probability of an entity; NaN where there is none, or nothing to say.
    package func tailProbability(
        of id: Int64, _ detector: AnomalyDetector, asOf: Double
    ) -> Double {
        guard let features = detector.featureVector(of: id, asOf: asOf),
            let record = detector.record(of: id)
        else { return .nan }
        let type = detector.catalog.entityTypeName(record.typeCode)
        let deviation = tails[type].map { detector.peerDeviation(of: id, by: $0, asOf: asOf) }
        var voices = [
            voice(
                .isolationForest, forest.score(Self.withoutGraph(features)), forestCalibration,
                type),
            voice(
                .peerDeviation, deviation ?? .nan, model.calibrations[.peerDeviation],
                type),
        ]
        if let numbers = model.numbers[type] {
            let watched = detector.catalog.numericMetadata[record.typeCode] ?? []
            let values = ResolvedNumbers(numbers, watched: watched).numbers(of: record)
            voices.append(
                voice(
                    .numericMetadata, numbers.score(values), model.calibrations[.numericMetadata],
                    type))
        }
        return combineWithinFamily(voices)
    }

    private func voice(
        _ detector: Detector, _ score: Double, _ calibration: DetectorCalibration?, _ type: String
    ) -> Double {
        guard !score.isNaN, let calibration else { return .nan }
        let scaled = detector.calibrationScale(score)
        return calibration.calibrations(for: type).map { $0.tailProbability(scaled) }.max() ?? .nan
    }

    private static func withoutGraph(_ features: [Double]) -> [Double] {
        let values = features.modelValues
        return Self.features.map { values[$0] }
    }
}
