import ArgumentParser
import Foundation
import LocalCluster
import PostgresClient

/// What durable committers pay, and that their commits do not queue for the NOTIFY lock.
struct NotifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "notify",
        abstract: "Durable committers under a busy sidecar: rate, and what they wait for.")

    @OptionGroup var stage: StageOptions

    @Option(help: "Committers.")
    var clients = 8

    @Option(help: "Seconds of each run.")
    var seconds = 10

    @Option(help: "Rounds; the variants take turns, and medians count.")
    var rounds = 3

    @Option(help: "Milliseconds between two looks at what they wait for.")
    var sampleMilliseconds = 5.0

    private static let bareName = "bare"
    private static let armedName = "armed"

    func run() async throws {
        try await Stage.run(stage) { try await measure(on: $0) }
    }

    private func measure(on stage: Stage) async throws {
        try await stage.makeBareDatabase(named: Self.bareName)
        // The counter-proof: here the reader always sleeps, so that every commit rings.
        try await stage.cluster.run(
            sql: """
                DROP DATABASE IF EXISTS \(Self.armedName);
                CREATE DATABASE \(Self.armedName) TEMPLATE vigil;
                """)
        try await stage.cluster.run(
            sql: "SELECT vigil.arm_feed(true)", database: Self.armedName)
        let stage = try await stage.reconnected()
        let sidecar = try await stage.startSidecar()
        let script = try writeScript(among: stage.entityIDs)
        defer { try? FileManager.default.removeItem(at: script) }
        var variants = [
            NotifyVariant(title: "without Vigil's triggers", database: Self.bareName),
            NotifyVariant(title: "Vigil, sidecar at work", database: "vigil"),
            NotifyVariant(title: "every commit rings (no sidecar)", database: Self.armedName),
        ]
        for round in 1...max(1, rounds) {
            for place in variants.indices {
                say("round \(round) of \(rounds): \(variants[place].title)")
                try await bench(&variants[place], script, on: stage)
            }
        }
        let usage = try sidecar.usage
        await sidecar.stop()
        try NotifyReport(
            stage: stage.facts, clients: clients, seconds: seconds, rounds: rounds,
            sampleMilliseconds: sampleMilliseconds, variants: variants,
            sidecarCPUSeconds: usage.cpuSeconds
        ).print(asJSON: self.stage.json)
    }

    private func bench(
        _ variant: inout NotifyVariant, _ script: URL, on stage: Stage
    ) async throws {
        let conninfo = stage.cluster.conninfo(database: variant.database)
        let sampler = try await WaitSampler(
            conninfo: conninfo, pause: .milliseconds(sampleMilliseconds))
        let sampling = Task { try await sampler.sample() }
        defer { sampling.cancel() }
        let output = try await ProgramRun.output(
            of: "pgbench",
            [
                "-n", "-M", "prepared", "-f", script.path(), "-c", "\(clients)", "-j", "2", "-T",
                "\(seconds)", conninfo,
            ], of: stage.cluster)
        sampling.cancel()
        variant.add(try await sampling.value)
        await sampler.close()
        guard
            let line = output.split(separator: "\n").first(where: { $0.hasPrefix("tps = ") }),
            let rate = line.split(separator: " ").dropFirst(2).first.flatMap({ Double($0) })
        else { throw Failure("pgbench printed no rate: \(output)") }
        variant.rates.append(rate)
    }

    private func writeScript(among entityIDs: [Int64]) throws -> URL {
        let script = FileManager.default.temporaryDirectory
            .appending(path: "load-benchmark-\(UUID().uuidString).sql")
        // The sample graph's ids follow each other; what came later may have gaps.
        let first = entityIDs[0]
        let count = entityIDs.enumerated().prefix { $0.element == first + Int64($0.offset) }.count
        let last = first + Int64(count) - 1
        let text = """
            \\set source random(\(first), \(last))
            \\set target random(\(first), \(last))
            INSERT INTO vigil.relationships (source_entity_id, target_entity_id, type, confidence) \
            VALUES (:source, :target, 'related_to', 0.7);

            """
        try text.write(to: script, atomically: false, encoding: .utf8)
        return script
    }
}

/// One kind of database that is committed to.
private struct NotifyVariant: Encodable {
    var title: String
    var database: String
    /// Commits a second, a round each.
    var rates: [Double] = []
    var seen = WaitSampler.Seen()

    init(title: String, database: String) {
        self.title = title
        self.database = database
    }

    var rate: Double {
        let sorted = rates.sorted()
        return sorted.isEmpty ? .nan : sorted[sorted.count / 2]
    }

    mutating func add(_ more: WaitSampler.Seen) {
        seen.samples += more.samples
        seen.notifyLockWaiters += more.notifyLockWaiters
        seen.notifyLockHolders += more.notifyLockHolders
        seen.waits.merge(more.waits, uniquingKeysWith: +)
    }
}

/// What `notify` prints.
private struct NotifyReport: Report {
    var stage: StageFacts
    var clients, seconds, rounds: Int
    var sampleMilliseconds: Double
    var variants: [NotifyVariant]
    var sidecarCPUSeconds: Double

    var text: String {
        let heading = ["commits/s", "to bare", "samples", "lock waits", "lock held"]
        let bare = variants.first?.rate ?? .nan
        let lines = variants.map { variant in
            label(variant.title, 32) + column(variant.rate, 12, decimals: 0)
                + column(String(format: "%.0f %%", variant.rate / bare * 100), 12)
                + column(variant.seen.samples, 12) + column(variant.seen.notifyLockWaiters, 12)
                + column(variant.seen.notifyLockHolders, 12)
        }
        let events = Set(variants.flatMap { $0.seen.waits.keys }).sorted {
            (variants[0].seen.waits[$1] ?? 0, $0) < (variants[0].seen.waits[$0] ?? 0, $1)
        }
        let waits = events.map { event in
            label(event, 32)
                + variants.map { variant in
                    let share =
                        Double(variant.seen.waits[event] ?? 0)
                        / Double(max(1, variant.seen.samples))
                    return column(share, 12, decimals: 3)
                }.joined()
        }
        return """
            \(clients) durable committers by pgbench, one relationship each; \(rounds) rounds of \(seconds) s, medians
            \(stage.text)
            "lock" is the one of NOTIFY (object 0 of class pg_database), seen in pg_locks every \(sampleMilliseconds) ms
            \(label("", 32))\(heading.map { column($0, 12) }.joined())
            \(lines.joined(separator: "\n"))

            Sessions seen in each wait event, for each look
            \(label("", 32))\(["bare", "vigil", "armed"].map { column($0, 12) }.joined())
            \(waits.joined(separator: "\n"))
            """
    }
}
