import AnomalyDetection
import ArgumentParser
import Foundation
import PostgresClient
import Sidecar
import Storage

/// Scores every entity once and lists the strangest.
struct DetectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "detect",
        abstract: "Score every entity with the active model and list the strangest.",
        discussion: """
            Where a sidecar follows the database, it has scored every change already: then the \
            newest scores are listed without computing them again.
            """)

    @OptionGroup var connection: ConnectionOptions

    @Option(help: "Lines to list.")
    var limit = 20

    @Option(
        help: "The instant that ages are taken against, ISO 8601; by default the database's now.")
    var asOf: Instant?

    @Option(help: "Seed of sampled metrics.")
    var seed: UInt64 = 1

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard limit >= 0 else {
            throw ValidationError("--limit is \(limit); it must not be negative")
        }
    }

    func run() async throws {
        let database = try await connection.connect()
        let bar = ProgressBar()
        try await Installation.check(on: database)
        if try await SidecarLead.take(on: database) {
            try await score(on: database, bar)
        } else {
            let leader = try await SidecarLead.leader(on: database)
            Terminal.complain(
                "vigil: another sidecar follows this database: \(leader); listing its scores")
        }
        let anomalies = try await AnomalyStore.open(limit: limit, on: database)
        await database.close()
        if json {
            Terminal.say(try jsonText(anomalies))
            return
        }
        Terminal.say(
            alignedTable(
                header: ["anomaly", "score", "severity", "type", "subject", "why"],
                rows: anomalies.map {
                    [
                        $0.id, formatted($0.anomalyScore, places: 3), $0.severity, $0.anomalyType,
                        "\($0.subjectType) \($0.subjectName)".truncated(to: 40),
                        $0.description.truncated(to: 100),
                    ]
                }, rightAligned: [1]))
    }

    private func score(on database: PostgresConnection, _ bar: ProgressBar) async throws {
        let progress: ProgressReport = { bar.show($0, $1, of: $2) }
        var graph = try await GraphLoader.load(on: database, since: nil, progress: progress)
        try await graph.adoptActiveModel(on: database)
        if graph.detector.modelVersion == nil {
            Terminal.complain(
                "vigil: no model is active yet, so rules judge; `vigil train` makes one")
        }
        await graph.computeMetrics(
            seed: seed, threadCount: ProcessInfo.processInfo.activeProcessorCount,
            progress: progress)
        let counts = try await FullScan.run(
            on: graph, asOf: asOf?.seconds, connection: database, progress: progress)
        bar.finish()
        Terminal.complain("\(counts.scored) entities scored, \(counts.opened) anomalies opened")
    }
}

extension String {
    /// The text cut to a length, with an ellipsis where something is left out.
    func truncated(to length: Int) -> String {
        count <= length ? self : prefix(length - 1) + "…"
    }
}
