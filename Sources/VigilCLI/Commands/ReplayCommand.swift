import AnomalyDetection
import ArgumentParser
import Foundation
import PostgresClient
import Sidecar
import Storage

/// Computes a stored anomaly again and compares every figure, bit by bit.
struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Score an anomaly again from what was stored of it, and compare the bits.",
        discussion: """
            The features, raw scores and sequence that were kept with the anomaly go through the \
            model version that judged it; what rules alone found goes through the indicators as \
            they are now. Exit code 0: every figure has the same bits; 65: some have not.
            """)

    @OptionGroup var connection: ConnectionOptions

    @Argument(help: "The anomaly's id.")
    var anomaly: String

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        let database = try await connection.connect()
        try await Installation.check(on: database)
        let report = try await AnomalyReplay.run(anomaly, on: database)
        await database.close()
        if json {
            Terminal.say(try jsonText(report))
        } else if report.isSame {
            let judge =
                report.modelVersion.map { "model \($0)" } ?? "the indicators as they are now"
            Terminal.say(
                "Anomaly \(report.anomaly) (\(report.subject)) has the same bits again: score "
                    + "\(formatted(report.score, places: 4)) by \(judge).")
        } else {
            Terminal.say(
                alignedTable(
                    header: ["figure", "stored", "replayed"],
                    rows: report.differences.map { [$0.name, $0.stored ?? "", $0.replayed ?? ""] }))
        }
        guard !report.isSame else { return }
        let count = report.differences.count
        throw Failure(
            exitCode: .badData,
            message: "the replay of \(report.anomaly) differs in \(count) "
                + "\(count == 1 ? "figure" : "figures")")
    }
}
