import ArgumentParser
import Foundation
import GraphFiles
import SampleGraph

/// A graph of any size with planted anomalies, as files.
struct GenerateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Write a seeded OSINT and payment graph with planted anomalies.",
        discussion: """
            Writes entities, relationships and months of their history as compressed CSV, what was \
            planted to truth.csv.gz, and what was asked for to set.json. The same arguments give the \
            same text on every machine. Seeds 1 to 9 are for development; figures that are reported \
            use 101 to 110.
            """)

    @Argument(help: "The folder to write; it must not exist, or be empty.")
    var folder: String

    @Option(help: "How many entities, from 1000 on.")
    var entities = 10_000

    @Option(help: "Where all chance comes from.")
    var seed: UInt64 = 1

    @Option(help: "How far the history reaches back, in months of 30 days, from 7 to 60.")
    var months = 9

    @Option(
        help: ArgumentHelp(
            "The share of the entities that anomalies are planted in, from 0 to 0.01.",
            valueName: "share"))
    var anomalies = 0.01

    @Option(help: "The end of the history, ISO 8601; by default 2026-03-31T15:00:00Z, a payday.")
    var asOf: Instant?

    @Flag(help: "Print what was written as JSON.")
    var json = false

    /// 2026-03-31T15:00:00Z: the afternoon of a Tuesday, and of the month's last working day.
    static let asOfDefault = 1_774_969_200.0
    private static let entityCountMax = 5_000_000

    func validate() throws {
        let least = SampleGraph.Options.entityCountMin
        guard (least...Self.entityCountMax).contains(entities) else {
            throw ValidationError(
                "--entities is \(entities); it must lie between \(least) and "
                    + "\(Self.entityCountMax)")
        }
        guard (SampleGraph.Options.monthsOfHistoryMin...60).contains(months) else {
            throw ValidationError("--months is \(months); it must lie between 7 and 60")
        }
        guard (0...SampleGraph.Options.anomalyShareMax).contains(anomalies) else {
            throw ValidationError("--anomalies is \(anomalies); it must lie between 0 and 0.01")
        }
        if let asOf, !(0...253_402_300_799).contains(asOf.seconds - Double(months) * 2_592_000) {
            throw ValidationError("the history must lie between the years 1970 and 9999")
        }
    }

    func run() async throws {
        // Before the work: what is in the way should not be told after minutes.
        let target = try GraphSetFolder(
            folder, mark: String(ProcessInfo.processInfo.processIdentifier))
        let bar = ProgressBar()
        bar.show("making the world", 0, of: entities, unit: "entities")
        let options = SampleGraph.Options(
            seed: seed, now: (asOf?.seconds ?? Self.asOfDefault).rounded(.down),
            entityCount: entities, monthsOfHistory: months, anomalyShare: anomalies)
        let graph = SampleGraph.generate(options)
        let files = SampleFiles(graph)
        var about = GeneratedSet(graph)
        for (position, file) in SampleFiles.File.allCases.enumerated() {
            bar.show("writing", position, of: SampleFiles.File.allCases.count, unit: "files")
            let name = file.rawValue + ".csv.gz"
            let output = try target.file(name)
            let rows = try files.write(file) { try output.write($0) }
            try output.finish()
            about.files[name] = GeneratedSet.File(
                rows: rows, bytes: output.byteCount, crc32: output.checksum)
        }
        let text = try jsonText(about)
        try target.write(text + "\n", to: "set.json")
        try target.finish()
        bar.finish()
        if json {
            Terminal.say(text)
        } else {
            let subjects = graph.truth.count { $0.role == .subject }
            Terminal.say(
                """
                \(target.folder): \(graph.entities.count) entities, \
                \(graph.relationships.count) relationships, \(graph.observations.count) \
                observations, \(subjects) planted anomalies of \(about.planted.count) kinds, \
                as of \(about.asOf)
                """)
        }
    }
}

/// What `set.json` tells: enough to make the set again and to check that it is the same.
private struct GeneratedSet: Encodable {
    struct File: Encodable {
        var rows: Int
        /// Bytes and CRC-32 of the text, which do not depend on how it was compressed.
        var bytes: Int
        var crc32: UInt32
    }

    var generator = "vigil generate"
    var version = 1
    var seed: UInt64
    var entities: Int
    var months: Int
    var anomalies: Double
    var asOf: String
    var begin: String
    var files: [String: File] = [:]
    /// How many subjects each kind has.
    var planted: [String: Int] = [:]

    enum CodingKeys: String, CodingKey {
        case generator, version, seed, entities, months, anomalies
        case asOf = "as_of"
        case begin, files, planted
    }

    init(_ graph: SampleGraph) {
        seed = graph.options.seed
        entities = graph.options.entityCount
        months = graph.options.monthsOfHistory
        anomalies = graph.options.anomalyShare
        asOf = SampleFiles.instant(graph.options.now)
        begin = SampleFiles.instant(graph.options.start)
        for row in graph.truth where row.role == .subject {
            planted[row.kind.rawValue, default: 0] += 1
        }
    }
}
