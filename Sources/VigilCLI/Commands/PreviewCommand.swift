import AnomalyDetection
import ArgumentParser
import Foundation
import PostgresClient
import Sidecar
import Storage

/// Judges entities and relationships that are not there.
struct PreviewCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "preview",
        abstract: "Judge entities and relationships that are not there; nothing is stored of them.",
        discussion: """
            The file is a JSON object with the arrays entities and relationships, in the columns of \
            vigil.entities and vigil.relationships. An entity has a "ref" of your choice, or the id \
            of one that is there and is to be thought otherwise; a relationship names its "source" \
            and "target" by either. A running sidecar does it as a task; where there is none, the \
            graph is loaded for it.
            """)

    @OptionGroup var connection: ConnectionOptions

    @Argument(help: "A JSON file, or - for standard input.")
    var file: String

    @Option(help: "Seconds to wait for the sidecar at most.")
    var timeout = 60.0

    @Option(help: "Seed of sampled metrics, where the graph is loaded.")
    var seed: UInt64 = 1

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        let arguments = try text()
        let database = try await connection.connect()
        try await Installation.check(on: database)
        let checked = try await PreviewStore.checked(arguments, on: database)
        let result: String
        if try await SidecarRegistry.isFollowed(on: database) {
            let task = try await TaskList.add(kind: "preview", arguments: checked, on: database)
            result = try await TaskList.wait(for: task, seconds: timeout, on: database)
        } else {
            result = try await load(on: database).result(of: checked, on: database)
        }
        await database.close()
        guard !json else {
            Terminal.say(result)
            return
        }
        let answer = try JSONDecoder().decode(Answer.self, from: Data(result.utf8))
        Terminal.say(
            alignedTable(
                header: ["subject", "before", "score", "severity", "type", "why"],
                rows: answer.subjects.map { subject in
                    [
                        "\(subject.type ?? subject.kind) \(subject.name ?? subject.ref ?? "\(subject.id)")"
                            .truncated(to: 40),
                        subject.scoreBefore.map { formatted($0, places: 3) } ?? "new",
                        formatted(subject.score, places: 3), subject.severity,
                        subject.anomalyType ?? "", (subject.summary ?? "").truncated(to: 100),
                    ]
                }, rightAligned: [1, 2]))
    }

    private func text() throws -> String {
        do {
            let bytes =
                file == "-"
                ? FileHandle.standardInput.readDataToEndOfFile()
                : try Data(contentsOf: URL(filePath: file))
            return String(decoding: bytes, as: UTF8.self)
        } catch {
            throw Failure(exitCode: .noInput, message: "cannot read \(file)")
        }
    }

    private func load(on database: PostgresConnection) async throws -> Preview {
        let bar = ProgressBar()
        let progress: ProgressReport = { bar.show($0, $1, of: $2) }
        var graph = try await GraphLoader.load(on: database, since: nil, progress: progress)
        try await graph.adoptActiveModel(on: database)
        await graph.computeMetrics(
            seed: seed, threadCount: ProcessInfo.processInfo.activeProcessorCount,
            progress: progress)
        bar.finish()
        return Preview(detector: graph.detector.withoutKeptMetrics)
    }

    private struct Answer: Decodable {
        struct Subject: Decodable {
            var kind: String
            var id: Int64
            var ref, name, type: String?
            var scoreBefore: Double?
            var score: Double
            var severity: String
            var anomalyType, summary: String?

            enum CodingKeys: String, CodingKey {
                case kind, id, ref, name, type, score, severity, summary
                case scoreBefore = "score_before"
                case anomalyType = "anomaly_type"
            }
        }

        var subjects: [Subject]
    }
}
