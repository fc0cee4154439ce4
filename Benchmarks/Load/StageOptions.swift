import ArgumentParser
import Foundation

/// What every measurement can be told.
struct StageOptions: ParsableArguments {
    @Option(help: "Relationships of the sample graph, about; the report says how many there are.")
    var edges = 10_000

    @Option(help: "Seed of the sample graph, the model and the changes.")
    var seed: UInt64 = 1

    @Option(help: "Train on a graph of so many relationships where the graph itself is larger.")
    var trainingEdges = 100_000

    @Option(
        help: ArgumentHelp(
            "Keep the cluster in this folder and go on with what is in it.",
            discussion: """
                Loading, training and the first scan of a large graph take minutes: the next \
                measurement in the same folder goes without. By default nothing is kept.
                """))
    var folder: String?

    @Option(help: "The sidecar's limit of memory; by default the extension's.")
    var memoryLimitMegabytes: Int?

    @Option(help: "Write a line of postgresql.conf, NAME=VALUE; may be repeated.")
    var set: [String] = []

    @Flag(help: "Print JSON.")
    var json = false

    /// Lines of postgresql.conf; fsync and full_page_writes stay on.
    func serverSettings() throws -> [String: String] {
        var settings = [
            "shared_buffers": "512MB", "max_wal_size": "8GB", "max_connections": "60",
        ]
        for line in set {
            let parts = line.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2 else {
                throw ValidationError("--set takes NAME=VALUE, not \(line)")
            }
            settings[parts[0]] = parts[1]
        }
        return settings
    }
}
