package import AnomalyDetection
import AnomalyModels
import Foundation
import ModelTraining
package import PostgresClient
import Storage

/// Loads the graph, trains the model and stores it.
package struct TrainingRun: Sendable {
    package var seed: UInt64 = 1
    package var treeCount = 100
    package var sampleSize = 256
    package var contamination = 0.02
    /// By default the next v1.N.0.
    package var version: String?
    /// Seconds since 1970; by default the database's now.
    package var asOf: Double?
    package var activates = true
    /// To be the challenger of the active model instead.
    package var challenges = false
    /// By default all cores.
    package var threadCount: Int?
    /// Folds of the validation; 0 for none.
    package var foldCount = 5
    /// The height at which a tree of the forests stops growing; by default the authors' limit.
    package var heightLimit: Int?

    /// What was trained, and its bytes.
    package struct Outcome: Sendable {
        package var model: DetectionModel
        package var archive: [UInt8]

        /// What the model does without, as there was too little to learn from: who judges instead, and the
        /// number needed.
        package var shortfalls: [String] {
            let facts = model.card.parameters
            func count(_ name: String) -> Int { Int(facts[name] ?? 0) }
            var shortfalls: [String] = []
            if model.relationships == nil {
                shortfalls.append(
                    """
                    relationships are judged by rules alone: there are \
                    \(count("relationship_rows")) to learn from, it takes \
                    \(count("relationship_rows_needed"))
                    """)
            }
            if model.behaviour?.autoencoder == nil {
                shortfalls.append(
                    """
                    sequences of behaviour are not judged: there are \
                    \(count("behaviour_windows")) windows to learn from, it takes \
                    \(count("behaviour_windows_needed"))
                    """)
            }
            return shortfalls
        }

        /// The model's card as JSON.
        package func card() throws -> String {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(model.card), as: UTF8.self)
        }
    }

    package init(
        seed: UInt64 = 1, treeCount: Int = 100, sampleSize: Int = 256, contamination: Double = 0.02,
        version: String? = nil, asOf: Double? = nil, activates: Bool = true,
        challenges: Bool = false, threadCount: Int? = nil
    ) {
        self.seed = seed
        self.treeCount = treeCount
        self.sampleSize = sampleSize
        self.contamination = contamination
        self.version = version
        self.asOf = asOf
        self.activates = activates
        self.challenges = challenges
        self.threadCount = threadCount
    }

    /// Trains the model and stores it.
    package func run(
        on database: PostgresConnection, progress: ProgressReport
    ) async throws -> Outcome {
        let outcome = try await train(on: database, progress: progress)
        try await ModelStore.save(
            version: outcome.model.version, kind: "ensemble", card: try outcome.card(),
            archive: outcome.archive, on: database)
        let version = outcome.model.version
        if challenges, try await ModelStore.versionsInUse(on: database).active != nil {
            try await ModelStore.challenge(version: version, on: database)
        } else if activates {
            try await ModelStore.activate(version: version, on: database)
        }
        return outcome
    }

    /// Trains the model, and stores nothing.
    ///
    /// A cancelled task ends it within a second or two, with ``TrainingError`` or `CancellationError`.
    package func train(
        on database: PostgresConnection, progress: ProgressReport
    ) async throws -> Outcome {
        let (graph, options) = try await prepare(on: database, progress: progress)
        let report = progress
        let stages = StageCounts(
            entities: graph.detector.entityCount,
            relationships: min(
                graph.detector.relationshipCount, ModelTrainer.relationshipSampleCount))
        var model = try ModelTrainer.train(
            graph.detector, asOf: options.createdAt, options: options,
            progress: { stages.report($0, $1, to: report) }, isCancelled: { Task.isCancelled })
        try Task.checkCancellation()
        model.card.snapshot = "\(graph.snapshot)"
        model.card.feedEpoch = graph.epoch
        return Outcome(model: model, archive: model.archive().encoded())
    }

    /// The graph with its metrics, and how a model is trained on it.
    func prepare(
        on database: PostgresConnection, progress: ProgressReport
    ) async throws -> (graph: LoadedGraph, options: ModelTrainer.Options) {
        try await Installation.check(on: database)
        var graph = try await GraphLoader.load(on: database, since: nil, progress: progress)
        try Task.checkCancellation()
        let instant = asOf ?? graph.readAt
        let threads = threadCount ?? ProcessInfo.processInfo.activeProcessorCount
        await graph.computeMetrics(seed: seed, threadCount: threads, progress: progress)
        try Task.checkCancellation()
        let suspects = try await AnomalyStore.suspects(on: database)
        let reviewed = try await AnomalyStore.reviewed(on: database)
        let existing = try await ModelStore.list(on: database)
        let version = version ?? Self.nextVersion(after: existing.map(\.version))
        var options = ModelTrainer.Options(
            seed: seed, treeCount: treeCount, sampleSize: sampleSize,
            contamination: contamination, version: version, createdAt: instant,
            threadCount: threads, excludedEntityIDs: Set(suspects.compactMap(\.entityID)))
        options.excludedRelationshipIDs = Set(suspects.compactMap(\.relationshipID))
        options.foldCount = foldCount
        options.heightLimit = heightLimit
        for (subject, isAnomaly) in reviewed {
            switch subject {
            case .entity(let id): options.reviewedEntities[id] = isAnomaly
            case .relationship(let id): options.reviewedRelationships[id] = isAnomaly
            }
        }
        return (graph, options)
    }

    private static func nextVersion(after versions: [String]) -> String {
        let minors = versions.compactMap { version -> Int? in
            let parts = version.split(separator: ".")
            return parts.count == 3 && parts[0] == "v1" ? Int(parts[1]) : nil
        }
        return "v1.\((minors.max() ?? -1) + 1).0"
    }
}
