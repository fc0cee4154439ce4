import AnomalyDetection
import ArgumentParser
import Foundation
import GraphFiles

/// What reviews do for the list, on a graph set with labels.
struct EvaluateReviews: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reviews",
        abstract: "Review the top of a graph set's list as its labels say; measure the rest.",
        discussion: """
            Trains on the set without labels, lists entities and relationships by score, answers the \
            first as the labels say, learns from these answers alone, and measures precision at 20 \
            on subjects that were not reviewed: the rest of the list, and a random half of all \
            subjects of which none was up for review.
            """)

    @Argument(help: "Folder with entities.csv[.gz] and relationships.csv[.gz].")
    var folder: String

    @Option(help: "How many of the strangest are reviewed.")
    var reviews = 50

    @Flag(help: "Shuffle the verdicts: then the reviews must teach nothing.")
    var shuffle = false

    @Option(parsing: .upToNextOption, help: "Seeds; one model is trained for each.")
    var seeds: [UInt64] = [1, 2, 3]

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard !seeds.isEmpty else { throw ValidationError("A model needs a seed.") }
        guard reviews > 0 else { throw ValidationError("--reviews is \(reviews); it is above 0") }
    }

    func run() async throws {
        let started = ContinuousClock.now
        let set = try GraphSetGraph(
            try GraphSet(folder: folder),
            options: GraphSetGraph.Options(ratingTypes: [], usesRatings: true))
        var report = try ReviewEvaluation(
            set, name: URL(filePath: folder).lastPathComponent,
            indicators: try ShippedIndicators.load(), reviewCount: reviews,
            shufflesVerdicts: shuffle, seeds: seeds,
            asOf: EvaluateGraph.generatedAsOf(folder) ?? set.newest,
            threadCount: ProcessInfo.processInfo.activeProcessorCount)
        report.seconds = (ContinuousClock.now - started) / .seconds(1)
        Terminal.say(json ? try jsonText(report) : report.table)
    }
}
