import AnomalyDetection
import AnomalyModels
import Foundation
import ModelTraining
import PostgresClient
import Sidecar
import Storage

/// Loads the graph, trains the entity model and stores it.
struct TrainingRun {
    var seed: UInt64 = 1
    var treeCount = 100
    var sampleSize = 256
    var contamination = 0.02
    /// By default the next v1.N.0.
    var version: String?
    /// Seconds since 1970; by default the database's now.
    var asOf: Double?
    var activates = true

    /// What was trained, and its bytes.
    struct Outcome {
        var model: EntityModel
        var archive: [UInt8]
    }

    func run(on database: PostgresConnection, _ bar: ProgressBar) async throws -> Outcome {
        let progress: ProgressReport = { bar.show($0, $1, of: $2) }
        try await Installation.check(on: database)
        var graph = try await GraphLoader.load(on: database, since: nil, progress: progress)
        let instant = asOf ?? graph.readAt
        let threads = ProcessInfo.processInfo.activeProcessorCount
        await graph.computeMetrics(seed: seed, threadCount: threads, progress: progress)
        let existing = try await ModelStore.list(on: database)
        let version = version ?? Self.nextVersion(after: existing.map(\.version))
        let model = try EntityModelTrainer.train(
            graph.detector, asOf: instant,
            options: EntityModelTrainer.Options(
                seed: seed, treeCount: treeCount, sampleSize: sampleSize,
                contamination: contamination, version: version, createdAt: instant,
                threadCount: threads, excludedEntityIDs: graph.openAnomalies),
            progress: { stage, share in bar.show(stage.rawValue, Int(share * 100), of: 100, unit: "%") })
        bar.finish()
        let outcome = Outcome(model: model, archive: model.archive().encoded())
        try await ModelStore.save(
            version: version, kind: "entity", card: try jsonText(model.card),
            archive: outcome.archive, on: database)
        if activates {
            try await ModelStore.activate(version: version, on: database)
        }
        return outcome
    }

    private static func nextVersion(after versions: [String]) -> String {
        let minors = versions.compactMap { version -> Int? in
            let parts = version.split(separator: ".")
            return parts.count == 3 && parts[0] == "v1" ? Int(parts[1]) : nil
        }
        return "v1.\((minors.max() ?? -1) + 1).0"
    }
}
