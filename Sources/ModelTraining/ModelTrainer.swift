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
        /// How many folds the validation has, each of which refits what is cheap; 0 leaves it out.
        package var foldCount = 0
        /// Entities that somebody has reviewed: whether an anomaly was confirmed.
        ///
        /// They measure, and teach nothing.
        package var reviewedEntities: [Int64: Bool] = [:]
        /// Relationships that somebody has reviewed.
        package var reviewedRelationships: [Int64: Bool] = [:]
        /// The height at which a tree of the forests stops growing; nil for the authors' limit.
        package var heightLimit: Int?

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
        case metrics, features, relationships, behaviour, forest, calibrations, indicators,
            validation
        case check
    }

    /// Trains a model; `progress` is told each stage and how much of it is done, 0 to 1.
    ///
    /// `isCancelled` is asked several times a second; once it says true the run ends with an error.
    package static func train(
        _ detector: AnomalyDetector, asOf: Double, options: Options,
        progress: (Stage, Double) -> Void = { _, _ in },
        isCancelled: @escaping () -> Bool = { false }
    ) throws(TrainingError) -> DetectionModel {
        let loop = TrainingLoop(threadCount: options.threadCount, isCancelled: isCancelled)
        let material = try TrainingMaterial(
            detector, asOf: asOf, options: options, loop: loop, progress: progress)
        var model = try material.fit(
            entities: Array(material.rows.indices),
            relationships: Array(material.relationshipRows.indices), loop: loop,
            progress: progress)
        model.card = material.card(of: model, fingerprint: detector.dataFingerprint())
        progress(.validation, 0)
        if options.foldCount > 1 {
            let measures = try TrainingValidation(material).measures(loop: loop) {
                progress(.validation, $0)
            }
            model.card.measures.merge(measures) { _, new in new }
        }
        progress(.validation, 1)
        try loop.check()
        if options.checkCount > 0, detector.entityCount <= checkedEntitiesMax {
            var judging = material.detector
            judging.adopt(model: model)
            let baseline = try NoGraphBaseline(
                judging, model: model, asOf: asOf, seed: options.seed,
                threadCount: options.threadCount)
            try loop.check()
            let check = GraphSelfCheck(
                judging, baseline: baseline, asOf: asOf, seed: options.seed,
                casesPerKind: options.checkCount)
            model.card.measures.merge(check.measures) { _, new in new }
        }
        progress(.check, 1)
        try loop.check()
        model.setDriftReference(from: detector, asOf: asOf, seed: options.seed)
        return model
    }
}
