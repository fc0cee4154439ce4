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
    /// By default all cores.
    package var threadCount: Int?
    /// Folds of the validation; 0 for none.
    package var foldCount = 5

    /// What was trained, and its bytes.
    package struct Outcome: Sendable {
        package var model: DetectionModel
        package var archive: [UInt8]

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
        threadCount: Int? = nil
    ) {
        self.seed = seed
        self.treeCount = treeCount
        self.sampleSize = sampleSize
        self.contamination = contamination
        self.version = version
        self.asOf = asOf
        self.activates = activates
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
        if activates {
            try await ModelStore.activate(version: outcome.model.version, on: database)
        }
        return outcome
    }

    /// Trains the model, and stores nothing.
    package func train(
        on database: PostgresConnection, progress: ProgressReport
    ) async throws -> Outcome {
        try await Installation.check(on: database)
        var graph = try await GraphLoader.load(on: database, since: nil, progress: progress)
        let instant = asOf ?? graph.readAt
        let threads = threadCount ?? ProcessInfo.processInfo.activeProcessorCount
        await graph.computeMetrics(seed: seed, threadCount: threads, progress: progress)
        let suspects = try await AnomalyStore.suspects(on: database)
        let existing = try await ModelStore.list(on: database)
        let version = version ?? Self.nextVersion(after: existing.map(\.version))
        var options = ModelTrainer.Options(
            seed: seed, treeCount: treeCount, sampleSize: sampleSize,
            contamination: contamination, version: version, createdAt: instant,
            threadCount: threads, excludedEntityIDs: Set(suspects.compactMap(\.entityID)))
        options.excludedRelationshipIDs = Set(suspects.compactMap(\.relationshipID))
        options.foldCount = foldCount
        let model = try ModelTrainer.train(
            graph.detector, asOf: instant, options: options,
            progress: { stage, share in
                progress("training: \(stage.rawValue)", Int(share * 100), 100)
            })
        return Outcome(model: model, archive: model.archive().encoded())
    }

    private static func nextVersion(after versions: [String]) -> String {
        let minors = versions.compactMap { version -> Int? in
            let parts = version.split(separator: ".")
            return parts.count == 3 && parts[0] == "v1" ? Int(parts[1]) : nil
        }
        return "v1.\((minors.max() ?? -1) + 1).0"
    }
}
