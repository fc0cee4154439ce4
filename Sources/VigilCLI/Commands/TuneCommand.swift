import ArgumentParser
import Foundation
import ModelTraining
import PostgresClient
import Sidecar

/// Searches the parameters of the forests on the database as it is.
struct TuneCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tune",
        abstract:
            "Search parameters of the forests on the database; vigil train --study uses them.",
        discussion: """
            A tree-structured Parzen estimator proposes trials; each is cross-validated, and given up \
            where others were better at the same fold. Trials stand in vigil.trials; the same \
            study goes on where it was. For administrators: docs/learning.md.
            """)

    @OptionGroup var connection: ConnectionOptions

    @Argument(help: "The name of the study.")
    var study: String

    @Option(help: "Trials of the study in all.")
    var trials = 30

    @Option(help: "Seed of the proposals and of everything drawn.")
    var seed: UInt64 = 1

    @Option(
        help: """
            planted (corruptions) or reviews; by default reviews where there are enough of them.
            """)
    var objective: String?

    @Flag(help: "Print the trials as JSON.")
    var json = false

    func validate() throws {
        guard trials >= 1 else {
            throw ValidationError("--trials is \(trials); it must be at least 1")
        }
        guard !study.isEmpty else { throw ValidationError("a study has a name") }
        let names = TuningObjective.Measure.allCases.map(\.rawValue)
        guard objective.map(names.contains) ?? true else {
            throw ValidationError("--objective is one of \(names.joined(separator: ", "))")
        }
    }

    func run() async throws {
        let database = try await connection.connect()
        let bar = ProgressBar()
        let run = TuningRun(
            study: study, trialCount: trials, seed: seed,
            measure: objective.flatMap(TuningObjective.Measure.init))
        let (measure, trials) = try await Interruptible.run {
            try await run.run(
                on: database,
                progress: { bar.show($0, $1, of: $2, unit: $2 == 100 ? "%" : "rows") },
                told: { _, _ in })
        }
        bar.finish()
        await database.close()
        if json { return Terminal.say(try jsonText(trials.map(TrialLine.init))) }
        Terminal.say(
            alignedTable(
                header: ["trial", "state", measure.rawValue, "parameters"],
                rows: trials.map {
                    [
                        "\($0.number)", $0.state.rawValue,
                        $0.value.map { String(format: "%.4f", $0) } ?? "",
                        TuningObjective.space.text(of: $0.parameters),
                    ]
                }, rightAligned: [0, 2]))
        if let best = trials.best {
            Terminal.say(
                "Best: trial \(best.number). Use it: vigil train --study \(study)")
        }
    }
}

/// A trial as JSON.
private struct TrialLine: Encodable {
    var number: Int
    var state: String
    var value: Double?
    var intermediate: [Double]
    var parameters: [String: Double]

    init(_ trial: Trial) {
        number = trial.number
        state = trial.state.rawValue
        value = trial.value
        intermediate = trial.intermediate
        parameters = trial.parameters
    }
}
