import AnomalyDetection
import ArgumentParser
import Foundation
import ModelTraining
import Sidecar
import Storage

/// Trains the entity model on the database as it is.
struct TrainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Train the entity model, store it in vigil.models and activate it.",
        discussion: """
            A running sidecar takes the new model up by itself. Entities with an open anomaly are \
            left out of the training rows unless a review has called them benign.
            """)

    @OptionGroup var connection: ConnectionOptions

    @Option(help: "Seed of the forest and of every sample drawn.")
    var seed: UInt64 = 1

    @Option(help: "Trees of the isolation forest.")
    var trees = 100

    @Option(help: "Rows that each tree is grown on.")
    var sampleSize = 256

    @Option(help: "Share of the rows dropped as the strangest before the second pass.")
    var contamination = 0.02

    @Option(help: "Version to write; by default the next v1.N.0.")
    var modelVersion: String?

    @Option(help: "The instant that ages are taken against, ISO 8601; by default the database's now.")
    var asOf: Instant?

    @Option(help: "Folder for the model's files; a folder per version is made in it.")
    var output = "models"

    @Flag(help: "Store the model as a candidate only.")
    var noActivate = false

    func run() async throws {
        let database = try await connection.connect()
        let bar = ProgressBar()
        let progress: ProgressReport = { bar.show($0, $1, of: $2) }
        try await Installation.check(on: database)
        var graph = try await GraphLoader.load(on: database, since: nil, progress: progress)
        let instant = asOf?.seconds ?? graph.readAt
        let threads = ProcessInfo.processInfo.activeProcessorCount
        await graph.computeMetrics(seed: seed, threadCount: threads, progress: progress)
        let existing = try await ModelStore.list(on: database)
        let version = modelVersion ?? nextVersion(after: existing.map(\.version))
        let model = try EntityModelTrainer.train(
            graph.detector, asOf: instant,
            options: EntityModelTrainer.Options(
                seed: seed, treeCount: trees, sampleSize: sampleSize, contamination: contamination,
                version: version, createdAt: instant, threadCount: threads,
                excludedEntityIDs: graph.openAnomalies),
            progress: { stage, share in bar.show(stage, Int(share * 100), of: 100, unit: "%") })
        bar.finish()
        let archive = model.archive().encoded()
        try await ModelStore.save(
            version: version, kind: "entity", card: try jsonText(model.card), archive: archive,
            on: database)
        if !noActivate {
            try await ModelStore.activate(version: version, on: database)
        }
        let files = try ModelFiles.write(
            archive, card: try jsonText(model.card), version: version, under: output)
        await database.close()
        Terminal.say(
            """
            Model \(version): \(model.card.trainingRowCount) entities, \(trees) trees of \
            \(sampleSize), seed \(seed); \(noActivate ? "a candidate" : "active now").
            Files: \(files.path())
            """)
    }

    private func nextVersion(after versions: [String]) -> String {
        let minors = versions.compactMap { version -> Int? in
            let parts = version.split(separator: ".")
            return parts.count == 3 && parts[0] == "v1" ? Int(parts[1]) : nil
        }
        return "v1.\((minors.max() ?? -1) + 1).0"
    }
}
