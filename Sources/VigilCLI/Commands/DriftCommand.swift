import AnomalyDetection
import ArgumentParser
import Foundation
import ModelTraining
import PostgresClient
import Sidecar
import Storage

/// Compares the data with those that the active model was trained on.
struct DriftCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drift",
        abstract: "Compare the data with those that the active model was trained on.",
        discussion: """
            A running sidecar does it as a task, which stores the report and does what the setting \
            drift_action asks for; where there is none, the graph is loaded, and nothing is stored. \
            docs/learning.md tells what is compared.
            """)

    @OptionGroup var connection: ConnectionOptions

    @Flag(help: "Show every measure, not only those that have moved.")
    var all = false

    @Flag(help: "Exit with 1 where there is drift.")
    var fail = false

    @Option(help: "Seconds to wait for the sidecar at most.")
    var timeout = 600.0

    @Option(help: "Seed of the rows that are drawn.")
    var seed: UInt64 = 1

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        let database = try await connection.connect()
        try await Installation.check(on: database)
        let report =
            try await SidecarRegistry.isFollowed(on: database)
            ? await task(on: database) : await load(on: database)
        await database.close()
        Terminal.say(json ? try jsonText(report) : text(report))
        if fail, report.verdict == .drift { throw ExitCode(1) }
    }

    private func task(on database: PostgresConnection) async throws -> DriftReport {
        let id = try await TaskList.add(
            kind: "drift", arguments: #"{"seed": \#(seed)}"#, on: database)
        _ = try await TaskList.wait(for: id, seconds: timeout, on: database)
        guard let text = try await DriftStore.report(ofTask: id, on: database) else {
            throw Failure(
                exitCode: .unexpected, message: "task \(id) has left no report; see vigil.tasks")
        }
        return try JSONDecoder().decode(DriftReport.self, from: Data(text.utf8))
    }

    private func load(on database: PostgresConnection) async throws -> DriftReport {
        let bar = ProgressBar()
        let progress: ProgressReport = { bar.show($0, $1, of: $2) }
        var graph = try await GraphLoader.load(on: database, since: nil, progress: progress)
        try await graph.adoptActiveModel(on: database)
        await graph.computeMetrics(
            seed: seed, threadCount: ProcessInfo.processInfo.activeProcessorCount,
            progress: progress)
        bar.finish()
        return try await DriftRun(detector: graph.detector.withoutKeptMetrics, seed: seed)
            .report(on: database)
    }

    private func text(_ report: DriftReport) -> String {
        let shown = report.findings.filter { all || [.drift, .shifted].contains($0.verdict) }
        guard !shown.isEmpty else { return report.summary }
        let table = alignedTable(
            header: [
                "rows of", "compared", "measure", "verdict", "training", "now", "PSI", "KS", "p",
                "rows",
            ],
            rows: shown.map { finding in
                [
                    finding.scope.rawValue, finding.group.rawValue, finding.measure,
                    finding.verdict.rawValue, formatted(finding.reference ?? .nan, places: 3),
                    formatted(finding.value ?? .nan, places: 3),
                    formatted(finding.psi ?? .nan, places: 3),
                    formatted(finding.ks ?? .nan, places: 3),
                    finding.adjustedP.map { $0 < 0.001 ? "< 0.001" : formatted($0, places: 3) }
                        ?? "-",
                    "\(finding.rows)",
                ]
            }, rightAligned: [4, 5, 6, 7, 8, 9])
        return report.summary + "\n\n" + table
    }
}
