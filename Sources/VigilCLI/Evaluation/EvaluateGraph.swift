import AnomalyDetection
import ArgumentParser
import Foundation
import GraphFiles

/// The whole unsupervised judgement of a graph set, without a database.
struct EvaluateGraph: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "graph",
        abstract: "Judge the entities and relationships of a graph set; compare with its labels.",
        discussion: """
            Everything runs in this process: the same detector, trainer, metrics and indicators as in \
            the sidecar. No label is ever an input: the columns label, outlier_kind, attack and \
            those that count attacks, and the file truth.csv are held back. Rows without a label \
            count as normal; parts of a planted case that are not its subject are left out. Sparse \
            features are tags, numeric columns and numbers of the metadata that at least half of a \
            type's entities have are watched numbers. With a database, import the set and run \
            vigil train and vigil detect.
            """)

    @Argument(help: "Folder with entities.csv[.gz] and relationships.csv[.gz].")
    var folder: String

    @Option(
        help: ArgumentHelp(
            "A relationship type whose weights are ratings; by default those with a negative weight.",
            valueName: "type"))
    var rating: [String] = []

    @Flag(inversion: .prefixedNo, help: "Use ratings.")
    var ratings = true

    @Option(
        help:
            "The instant that ages are taken against; by default as_of of set.json, or the newest.")
    var asOf: Instant?

    @Option(
        parsing: .upToNextOption,
        help: "Seeds; one model is trained for each, and means are reported.")
    var seeds: [UInt64] = [1, 2, 3]

    @Flag(help: "Print JSON.")
    var json = false

    /// When a generated set was made.
    static func generatedAsOf(_ folder: String) -> Double? {
        struct Head: Decodable {
            var asOf: String

            enum CodingKeys: String, CodingKey { case asOf = "as_of" }
        }
        let file = URL(filePath: folder).appending(path: "set.json")
        guard let data = try? Data(contentsOf: file),
            let head = try? JSONDecoder().decode(Head.self, from: data)
        else { return nil }
        return Instant(argument: head.asOf)?.seconds
    }

    func validate() throws {
        guard !seeds.isEmpty else { throw ValidationError("A model needs a seed.") }
    }

    func run() async throws {
        let started = ContinuousClock.now
        let set = try GraphSetGraph(
            try GraphSet(folder: folder),
            options: GraphSetGraph.Options(ratingTypes: Set(rating), usesRatings: ratings))
        let indicators = try ShippedIndicators.load()
        let instant = asOf?.seconds ?? Self.generatedAsOf(folder) ?? set.newest
        let threads = ProcessInfo.processInfo.activeProcessorCount
        let runs = try seeds.map { seed in
            try GraphJudgements(
                set, indicators: indicators, seed: seed, asOf: instant,
                threadCount: threads)
        }
        let report = GraphEvaluation(
            set: URL(filePath: folder).lastPathComponent,
            entities: GraphScopeEvaluation(set.entityTruth, runs: runs.map(\.entities)),
            relationships: GraphScopeEvaluation(
                set.relationshipTruth, runs: runs.map(\.relationships)),
            ratings: set.ratingTypes, heldBack: set.heldBack.sorted(),
            graphCheck: runs.first?.measures ?? [:], seeds: seeds,
            seconds: (ContinuousClock.now - started) / .seconds(1))
        Terminal.say(json ? try jsonText(report) : report.table)
    }
}
