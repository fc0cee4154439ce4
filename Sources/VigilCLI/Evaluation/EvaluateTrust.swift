import ArgumentParser
import GraphFiles

/// The trust detector on a graph set, without a database.
struct EvaluateTrust: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trust",
        abstract: "Score the entities of a graph set by the ratings that they receive.",
        discussion: """
            Prints each score of the trust detector, then what can be said without any rating, and \
            trivial baselines. No label is ever an input. Entities without a label count as normal \
            against `everybody`, and are left out in `labelled`.
            """)

    @Argument(help: "Folder with entities.csv[.gz] and relationships.csv[.gz].")
    var folder: String

    @Option(
        help: ArgumentHelp(
            "A relationship type whose weights are ratings; by default those with a negative weight.",
            valueName: "type"))
    var rating: [String] = []

    @Option(help: "Seeds of the forest that uses no ratings; means are reported.")
    var seeds: [UInt64] = [1, 2, 3, 4, 5]

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard !seeds.isEmpty else { throw ValidationError("A forest needs a seed.") }
    }

    func run() async throws {
        let started = ContinuousClock.now
        let set = try RatedSet(try GraphSet(folder: folder), ratingTypes: Set(rating))
        let scores = try TrustScores(set, seeds: seeds)
        let report = TrustEvaluation(
            set, scores, seeds: seeds, seconds: (ContinuousClock.now - started) / .seconds(1))
        Terminal.say(json ? try jsonText(report) : report.table)
    }
}
