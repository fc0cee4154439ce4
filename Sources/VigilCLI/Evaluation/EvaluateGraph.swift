import AnomalyDetection
import ArgumentParser
import Foundation
import GraphFiles
import GraphMetrics
import ModelTraining

/// The unsupervised judgement of a graph set, without a database.
struct EvaluateGraph: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "graph",
        abstract: "Score the entities of a graph set; compare with its labels.",
        discussion: """
            Everything runs in this process: the same detector, trainer and metrics as in the \
            sidecar. No label is ever an input. Entities without a label count as normal in \
            `all`, and are left out in `labelled`.
            """)

    @Argument(help: "Folder with entities.csv[.gz] and relationships.csv[.gz].")
    var folder: String

    @Option(
        help: ArgumentHelp(
            "A relationship type whose weights are ratings; without it weights of that kind are not used.",
            valueName: "type"))
    var rating: [String] = []

    @Option(help: "The instant that ages are taken against; by default the newest in the data.")
    var asOf: Instant?

    @Option(help: "Seeds; one model is trained for each, and means are reported.")
    var seeds: [UInt64] = [1, 2, 3]

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        let started = ContinuousClock.now
        let set = try GraphSetGraph(try GraphSet(folder: folder), ratingTypes: Set(rating))
        let threads = ProcessInfo.processInfo.activeProcessorCount
        var runs: [[String: [Double]]] = []
        for seed in seeds {
            runs.append(
                try set.scores(seed: seed, asOf: asOf?.seconds, threadCount: threads))
        }
        let report = GraphEvaluation(
            labels: set.labels, runs: runs, seeds: seeds,
            usesRatings: !rating.isEmpty,
            seconds: (ContinuousClock.now - started) / .seconds(1))
        Terminal.say(json ? try jsonText(report) : report.table)
    }
}
