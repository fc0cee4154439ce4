import AnomalyModels
import ArgumentParser
import Foundation
import PostgresClient
import Synchronization

/// Asking for verdicts from SQL, with nothing else to do and under load.
struct DetectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "detect",
        abstract: "vigil.detect_entity and detect_batch from SQL, idle and under load.")

    @OptionGroup var stage: StageOptions
    @OptionGroup var mix: ChangeMix

    @Option(help: "Calls of each kind in each of the two states.")
    var calls = 1000

    @Option(help: "Entities of a batch.")
    var batch = 100

    @Option(help: "Changes a second of the load.")
    var perSecond = 1000.0

    @Option(help: "Writers of the load.")
    var writers = 8

    func run() async throws {
        try await Stage.run(stage) { try await measure(on: $0) }
    }

    private func measure(on stage: Stage) async throws {
        let sidecar = try await stage.startSidecar()
        let asker = try await PostgresConnection.connect(
            stage.conninfo, applicationName: "load-benchmark asker")
        var lines = try await ask("idle", among: stage.entityIDs, on: asker)
        let isOver = Mutex(false)
        // As long as it takes: the writers go on until the asker has asked everything.
        let load = Task {
            var seed = self.stage.seed &+ 4000
            while !isOver.withLock({ $0 }) {
                let loop = OpenLoop(
                    conninfo: stage.conninfo, perSecond: perSecond, seconds: 2, mix: mix,
                    entityIDs: stage.entityIDs, seed: seed, writerCount: writers)
                _ = try await loop.run()
                seed &+= 1
            }
        }
        try await Task.sleep(for: .seconds(3))
        lines += try await ask("under load", among: stage.entityIDs, on: asker)
        isOver.withLock { $0 = true }
        try await load.value
        await asker.close()
        await sidecar.stop()
        try DetectReport(
            stage: stage.facts, mix: mix.text, perSecond: perSecond, batch: batch, lines: lines
        ).print(asJSON: self.stage.json)
    }

    private func ask(
        _ state: String, among entityIDs: [Int64], on asker: PostgresConnection
    ) async throws -> [DetectLine] {
        var random = SeededRandom(seed: stage.seed &+ 5000)
        var lines: [DetectLine] = []
        for isChanged in [false, true] {
            for count in [1, batch] {
                say("\(state): \(count) at a time\(isChanged ? ", just changed" : "")")
                var record = LatencyRecord()
                var stale = 0
                for _ in 0..<calls {
                    let ids = (0..<count).map { _ in
                        entityIDs[Int.random(in: 0..<entityIDs.count, using: &random)]
                    }
                    if isChanged { try await change(ids, among: entityIDs, on: asker) }
                    let asked = ContinuousClock.now
                    stale += try await detect(ids, on: asker)
                    record.record(ContinuousClock.now - asked)
                }
                lines.append(
                    DetectLine(
                        state: state, ids: count, isJustChanged: isChanged,
                        latency: record.summary, staleVerdicts: stale))
            }
        }
        return lines
    }

    /// Each of them gets a relationship, in one durable transaction.
    private func change(
        _ ids: [Int64], among entityIDs: [Int64], on asker: PostgresConnection
    ) async throws {
        _ = try await asker.query(
            """
            INSERT INTO vigil.relationships (source_entity_id, target_entity_id, type, confidence)
            SELECT id, $2, 'related_to', 0.7 FROM unnest($1::bigint[]) AS changed (id)
            WHERE id <> $2
            """, [.int64Array(ids), .int64(entityIDs[0])])
    }

    /// Returns how many verdicts were not the newest.
    private func detect(_ ids: [Int64], on asker: PostgresConnection) async throws -> Int {
        let answer =
            ids.count == 1
            ? try await asker.query(
                "SELECT is_current FROM vigil.detect_entity($1)", [.int64(ids[0])])
            : try await asker.query(
                "SELECT is_current FROM vigil.detect_batch($1)", [.int64Array(ids)])
        var stale = 0
        for row in 0..<answer.rowCount where try !answer.bool(row: row, column: 0) { stale += 1 }
        return stale
    }
}

/// One kind of call of `detect`.
private struct DetectLine: Encodable {
    var state: String
    var ids: Int
    var isJustChanged: Bool
    /// Milliseconds from the call to the answer.
    var latency: LatencySummary
    var staleVerdicts: Int
}

/// What `detect` prints.
private struct DetectReport: Report {
    var stage: StageFacts
    var mix: String
    var perSecond: Double
    var batch: Int
    var lines: [DetectLine]

    var text: String {
        let rows = lines.map { line in
            let name = line.ids == 1 ? "detect_entity" : "detect_batch of \(line.ids)"
            let which = line.isJustChanged ? ", just changed" : ""
            return label("\(line.state), \(name)\(which)", 46) + line.latency.columns
                + column(line.staleVerdicts)
        }
        return """
            Verdicts from SQL, milliseconds from the call to the answer; load: \(perSecond) changes a second (\(mix))
            \(stage.text)
            \(label("", 46))\(LatencySummary.heading)\(column("stale"))
            \(rows.joined(separator: "\n"))
            """
    }
}
