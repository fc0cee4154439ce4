import AnomalyDetection
import AnomalyModels
import ArgumentParser
import Foundation
import ModelTraining
import PostgresClient
import Sidecar

/// Trains the entity model on the database as it is.
struct TrainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Train the entity model, store it in vigil.models and activate it.",
        discussion: """
            A running sidecar takes the new model up by itself. Entities with an open anomaly are \
            left out of the training rows unless a review has called them benign. The model is \
            fitted to all other rows; what it is worth is measured by cross-validation on rows that \
            were held back: docs/learning.md. Ctrl-C ends it and stores nothing.
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

    @Option(
        help: "The instant that ages are taken against, ISO 8601; by default the database's now.")
    var asOf: Instant?

    @Option(help: "Folder for the model's files; a folder per version is made in it.")
    var output = "models"

    @Option(
        help: "Folds of the validation: each is judged by parts that were fitted to the others.")
    var folds = 5

    @Option(
        help: ArgumentHelp(
            "Take trees, sample size, height limit and contamination from the best trial of a study.",
            valueName: "name"))
    var study: String?

    @Flag(help: "Measure nothing: a third of the time less.")
    var noValidation = false

    @Flag(help: "Print the card and the measures as JSON.")
    var json = false

    @Flag(help: "Store the model as a candidate only.")
    var noActivate = false

    @Flag(help: "Make the model the challenger of the active one, where there is one.")
    var challenge = false

    func validate() throws {
        guard trees >= 1 else {
            throw ValidationError("--trees is \(trees); it must be at least 1")
        }
        guard sampleSize >= 2 else {
            throw ValidationError("--sample-size is \(sampleSize); it must be at least 2")
        }
        guard (0..<0.5).contains(contamination) else {
            throw ValidationError(
                "--contamination is \(contamination); it must be from 0 to below 0.5")
        }
        guard (2...20).contains(folds) else {
            throw ValidationError(
                "--folds is \(folds); it must be from 2 to 20, or --no-validation")
        }
    }

    func run() async throws {
        let database = try await connection.connect()
        let bar = ProgressBar()
        var run = TrainingRun(
            seed: seed, treeCount: trees, sampleSize: sampleSize, contamination: contamination,
            version: modelVersion, asOf: asOf?.seconds, activates: !noActivate,
            challenges: challenge)
        run.foldCount = noValidation ? 0 : folds
        if let study {
            guard let best = try await TuningRun.best(of: study, on: database) else {
                throw Failure(
                    exitCode: .noInput,
                    message: "study \(study) has no complete trial; run `vigil tune \(study)`")
            }
            run.adopt(best)
        }
        let outcome = try await Interruptible.run { [run] in
            try await run.run(on: database) {
                bar.show($0, $1, of: $2, unit: $2 == 100 ? "%" : "rows")
            }
        }
        bar.finish()
        await database.close()
        let version = outcome.model.version
        let files = try ModelFiles.write(
            outcome.archive, card: try outcome.card(), version: version, under: output)
        if json {
            let report = TrainingReport(
                version: version, state: noActivate ? "candidate" : "active",
                files: files.path(), shortfalls: outcome.shortfalls, card: outcome.model.card)
            return Terminal.say(try jsonText(report))
        }
        let card = outcome.model.card
        Terminal.say(
            """
            Model \(version): \(card.trainingRowCount) entities, \(run.treeCount) trees of \(run.sampleSize), \
            seed \(seed), data \(card.fingerprint); \(noActivate ? "a candidate" : "active now").
            """)
        for shortfall in outcome.shortfalls { Terminal.say("Too little: \(shortfall).") }
        if let table = MeasureTable(card.measures).text { Terminal.say(table) }
        Terminal.say("Files: \(files.path())")
    }
}

/// What `vigil train --json` prints.
private struct TrainingReport: Encodable {
    var version, state, files: String
    var shortfalls: [String]
    var card: ModelCard
}
