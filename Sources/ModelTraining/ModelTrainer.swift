package import AnomalyDetection
import AnomalyModels
import Foundation

/// Trains the model of entities and relationships from a detector's present state: forests,
/// calibrations, peers.
///
/// The same entities, time and options give the same model, whatever the order in which the
/// changes came. The forest is grown in two passes, the second without the strangest rows.
package enum ModelTrainer {
    /// With fewer entities there is nothing that one could be stranger than: 1 in 50 is medium.
    package static let rowCountMin = 50
    /// So many relationships are drawn for the calibration of the tie range.
    package static let tieSampleCount = 2000
    /// So many entities at most stand behind the calibration of the brokerage.
    package static let brokerageSampleCount = 20_000
    /// With fewer relationships they are judged by rules alone.
    package static let relationshipCountMin = 50
    /// So many relationships at most, about, are learnt from: some seconds.
    package static let relationshipSampleCount = 200_000

    /// Above so many entities the self-check is left out: its baseline looks at all of them.
    package static let checkedEntitiesMax = 200_000

    /// What may be chosen about a training run.
    package struct Options: Sendable, Equatable {
        /// The seed of all randomness.
        package var seed: UInt64
        /// The trees of the forest, and the rows that each is grown from.
        package var treeCount, sampleSize: Int
        /// The share of rows that the second pass of the forest leaves out.
        package var contamination: Double
        /// The name of the model.
        package var version: String
        /// When it is made, seconds since 1970.
        package var createdAt: Double
        /// How many threads the forest may use; the model does not depend on it.
        package var threadCount: Int
        /// How many corruptions of each kind the self-check plants; 0 leaves it out.
        package var checkCount: Int
        /// Entities not to learn from: those with an open or confirmed anomaly.
        package var excludedEntityIDs: Set<Int64>
        /// Relationships not to learn from.
        package var excludedRelationshipIDs: Set<Int64> = []
        /// The network of behaviour learns from at most so many windows, 0 for none; more make training
        /// longer, not better.
        package var behaviourWindowCountMax = 2000
        /// The network of behaviour is trained in at most so many passes.
        package var behaviourEpochCountMax = 15

        /// Options with the defaults of the forest's authors.
        package init(
            seed: UInt64 = 1, treeCount: Int = 100, sampleSize: Int = 256,
            contamination: Double = 0.02, version: String, createdAt: Double,
            threadCount: Int = 1, checkCount: Int = 20, excludedEntityIDs: Set<Int64> = []
        ) {
            self.seed = seed
            self.treeCount = treeCount
            self.sampleSize = sampleSize
            self.contamination = contamination
            self.version = version
            self.createdAt = createdAt
            self.threadCount = threadCount
            self.checkCount = checkCount
            self.excludedEntityIDs = excludedEntityIDs
        }
    }

    /// The stages of a training run, in order.
    package enum Stage: String, CaseIterable, Sendable {
        case metrics, features, peers, forest, calibrations, relationships, indicators, check
    }

    /// Trains a model; `progress` is told each stage and how much of it is done, 0 to 1.
    package static func train(
        _ detector: AnomalyDetector, asOf: Double, options: Options,
        progress: (Stage, Double) -> Void = { _, _ in }
    ) throws(TrainingError) -> DetectionModel {
        let ids = detector.entityIDs.filter { !options.excludedEntityIDs.contains($0) }
        guard ids.count >= rowCountMin else {
            throw TrainingError(
                code: .tooFewRows,
                message: "training needs at least \(rowCountMin) active entities; there are "
                    + "\(ids.count)")
        }
        progress(.metrics, 0)
        var detector = detector.withGlobalMetrics(
            asOf: asOf, seed: options.seed, threadCount: options.threadCount)
        let context = detector.contextModel(seed: options.seed, excluded: options.excludedEntityIDs)
        detector.adopt(context: context)
        let neighbourTypes = detector.neighbourTypes(excluded: options.excludedEntityIDs)
        detector.adopt(neighbourTypes: neighbourTypes)
        progress(.metrics, 1)

        var rows: [TrainingRow] = []
        rows.reserveCapacity(ids.count)
        let brokerageStride = (ids.count - 1) / brokerageSampleCount + 1
        for (place, id) in ids.enumerated() {
            if var row = detector.trainingRow(of: id, asOf: asOf) {
                if place % brokerageStride == 0 {
                    row.values[.signal(.bridgedPairs)] = detector.bridgedPairCount(of: id)
                }
                rows.append(row)
            }
            if place % 1000 == 0 { progress(.features, Double(place) / Double(ids.count)) }
        }
        progress(.features, 1)

        let behaviour = try TrainingBehaviour(
            detector, rows: &rows, asOf: asOf, options: options
        ) { progress(.peers, $0) }
        let ties = detector.sampledTieRanges(sampleCount: tieSampleCount, seed: options.seed)
        let peers = TrainingPeers(rows: rows, tieRanges: ties).groups
        progress(.peers, 1)

        // A third as they are today, a third as at their birth, a third as at their latest change:
        // most verdicts are passed right after a change, which must not be strange in itself.
        let matrix = FeatureMatrix(
            columnCount: EntityFeature.count,
            rows: rows.enumerated().map { place, row in row.view(place % 3).modelValues })
        let parameters = IsolationForest.Parameters(
            treeCount: options.treeCount, sampleSize: options.sampleSize, seed: options.seed)
        let forest: IsolationForest
        let keptRows: [Int]
        do throws(ModelError) {
            (forest, keptRows) = try IsolationForest.fitInTwoPasses(
                matrix, parameters: parameters, contamination: options.contamination,
                threadCount: options.threadCount)
        } catch {
            throw TrainingError(code: .invalidOption, message: error.message)
        }
        progress(.forest, 1)

        let views = (0..<3).map { view in
            forest.scores(
                FeatureMatrix(
                    columnCount: EntityFeature.count, rows: rows.map { $0.view(view).modelValues }),
                threadCount: options.threadCount)
        }
        // An entity is as strange as it ever looked.
        let scores = rows.indices.map { row in views.map { $0[row] }.max() ?? .nan }
        let numbers = try TrainingNumbers(
            rows: rows, keys: detector.watchedNumbers, options: options)
        var tails = MeasureTails()
        let rowsByType = Dictionary(grouping: rows, by: \.typeName)
        for detector in [Detector.peerDeviation, .neighbourDeviation] {
            tails.learn(detector, from: rowsByType) { $0.modelValue($1) }
        }
        var calibrations = TrainingCalibrations(
            rows: rows, peers: peers, tieRanges: ties, tails: tails, numbers: numbers,
            behaviour: behaviour,
            forestScores: zip(rows, scores).map { ($0.typeName, $1) })
        progress(.calibrations, 1)
        let relationships = try TrainingRelationships(
            detector, asOf: asOf, options: options, tails: &tails)
        calibrations.add(relationships.calibrations)
        progress(.relationships, 1)

        let card = ModelCard(
            kind: .ensemble, method: .isolationForest, version: options.version,
            schema: EntityFeature.schema, features: EntityFeature.names,
            createdAt: options.createdAt, asOf: asOf,
            seed: options.seed,
            parameters: [
                "tree_count": Double(options.treeCount),
                "sample_size": Double(options.sampleSize),
                "contamination": options.contamination,
                "burst_window_seconds": detector.settings.burstWindowSeconds,
                "relationship_rows": Double(relationships.rowCount),
                "relationship_rows_needed": Double(relationshipCountMin),
                "relationship_rows_left_out": Double(relationships.leftOutCount),
                "behaviour_bucket_seconds": detector.settings.behaviourBucketSeconds,
                "behaviour_window_count": Double(behaviour.history?.trainingCount ?? 0),
            ],
            trainingRowsByType: Dictionary(grouping: rows, by: \.typeName).mapValues(\.count),
            contaminationRowCount: rows.count - keptRows.count,
            nodeCount: detector.entityCount, relationshipCount: detector.relationshipCount,
            graphEpoch: detector.graphEpoch, fingerprint: ModelCard.fingerprint(of: matrix),
            calibrations: calibrations.summaries)
        var model = DetectionModel(
            card: card, forest: forest, calibrations: calibrations.byDetector, peers: peers,
            meanRating: calibrations.meanRating)
        model.measureTails = tails
        model.relationships = relationships.model
        model.behaviour = behaviour.model
        model.context = context
        model.numbers = numbers.models
        model.neighbourTypes = neighbourTypes
        detector.adopt(model: model)
        model.knownIndicators = Set(detector.indicators.map(IndicatorRarities.key(of:)))
        model.indicatorRarities = detector.entityIndicatorRarities(of: rows, asOf: asOf)
        if relationships.model != nil {
            model.relationshipIndicatorRarities = detector.relationshipIndicatorRarities(
                of: relationships.ids, asOf: asOf)
        }
        progress(.indicators, 1)
        if options.checkCount > 0, detector.entityCount <= checkedEntitiesMax {
            detector.adopt(model: model)
            let baseline = try NoGraphBaseline(
                detector, model: model, asOf: asOf, seed: options.seed,
                threadCount: options.threadCount)
            let check = GraphSelfCheck(
                detector, baseline: baseline, asOf: asOf, seed: options.seed,
                casesPerKind: options.checkCount)
            model.card.measures.merge(check.measures) { _, new in new }
        }
        progress(.check, 1)
        model.setDriftReference(from: detector, asOf: asOf, seed: options.seed)
        return model
    }
}

extension TrainingRow {
    /// Its features today (0), at its birth (1) and at its latest change (2).
    fileprivate func view(_ place: Int) -> [Double] {
        place == 0 || place > otherViews.count ? features : otherViews[place - 1]
    }
}
