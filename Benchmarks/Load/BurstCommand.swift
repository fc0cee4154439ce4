import AnomalyModels
import ArgumentParser
import Foundation
import PostgresClient
import Synchronization

/// One COPY of very many relationships: what the sidecar needs for it, and when it is done.
struct BurstCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "burst",
        abstract: "One COPY of many rows: memory, lag over time, time until all are scored.")

    @OptionGroup var stage: StageOptions

    @Option(help: "Relationships that the COPY brings.")
    var rows = 1_000_000

    @Option(help: "Seconds between two looks at lag and memory.")
    var every = 1.0

    @Option(help: "Give up after so many seconds.")
    var patience = 3600.0

    func run() async throws {
        try await Stage.run(stage) { try await measure(on: $0) }
    }

    private func measure(on stage: Stage) async throws {
        let sidecar = try await stage.startSidecar()
        let before = try sidecar.usage
        let progress = try await BurstProgress(stage, sidecar)
        let writer = try await PostgresConnection.connect(
            stage.conninfo, applicationName: "load-benchmark writer")
        let started = ContinuousClock.now
        let end = Mutex<Result<Copied, any Error>?>(nil)
        let copying = Task {
            do {
                let copied = try await copy(among: stage.entityIDs, on: writer)
                end.withLock { $0 = .success(copied) }
            } catch {
                end.withLock { $0 = .failure(error) }
            }
        }
        var looks: [BurstLook] = []
        var copied: Copied?
        var scoredAfter: Double?
        while scoredAfter == nil {
            try await Task.sleep(for: .seconds(every))
            let elapsed = (ContinuousClock.now - started) / .seconds(1)
            guard elapsed < patience else {
                throw Failure("not all rows were scored after \(Int(patience)) s")
            }
            looks.append(try await progress.look(at: elapsed))
            copied = try end.withLock { try $0?.get() }
            if let copied, try await progress.isScored(copied.transaction) {
                scoredAfter = (ContinuousClock.now - started) / .seconds(1) - copied.seconds
            }
        }
        await copying.value
        let usage = try sidecar.usage
        await writer.close()
        await sidecar.stop()
        guard let copied, let scoredAfter else { return }
        try BurstReport(
            stage: stage.facts, rows: rows, copySeconds: copied.seconds,
            scoredSecondsAfterCommit: scoredAfter, residentBytesBefore: before.residentBytes,
            residentBytesMaxBefore: before.residentBytesMax,
            residentBytesMax: usage.residentBytesMax,
            sidecarCPUSeconds: usage.cpuSeconds - before.cpuSeconds, looks: looks
        ).print(asJSON: self.stage.json)
    }

    /// The transaction of the COPY, and the seconds until its COMMIT returned.
    private struct Copied: Sendable {
        var transaction: UInt64
        var seconds: Double
    }

    private func copy(
        among entityIDs: [Int64], on writer: PostgresConnection
    ) async throws -> Copied {
        let started = ContinuousClock.now
        try await writer.execute("BEGIN")
        let transaction = try await writer.query("SELECT pg_current_xact_id()")
            .uint64(row: 0, column: 0)
        let rows = CopyRows(count: rows, among: entityIDs, seed: stage.seed &+ 3000)
        _ = try await writer.copyIn(
            """
            COPY vigil.relationships (source_entity_id, target_entity_id, type, confidence)
            FROM STDIN
            """, from: rows
        ) { $0.nextChunk() }
        try await writer.execute("COMMIT")
        return Copied(
            transaction: transaction, seconds: (ContinuousClock.now - started) / .seconds(1))
    }
}

/// Random relationships as text for COPY, some thousand at a time.
private struct CopyRows: Sendable {
    private var left: Int
    private let entityIDs: [Int64]
    private var random: SeededRandom

    init(count: Int, among entityIDs: [Int64], seed: UInt64) {
        left = count
        self.entityIDs = entityIDs
        random = SeededRandom(seed: seed)
    }

    mutating func nextChunk() -> [UInt8]? {
        guard left > 0 else { return nil }
        let count = min(left, 5000)
        left -= count
        var text = ""
        for _ in 0..<count {
            let place = Int.random(in: 0..<entityIDs.count, using: &random)
            let step = Int.random(in: 1..<entityIDs.count, using: &random)
            text += "\(entityIDs[place])\t\(entityIDs[(place + step) % entityIDs.count])"
            text += "\trelated_to\t0.7\n"
        }
        return Array(text.utf8)
    }
}

/// Looks at the feed and the sidecar while a burst is taken up.
private struct BurstProgress {
    private let stage: Stage
    private let sidecar: SidecarProcess
    private let lag: LagWatch
    private let judgedBefore: Int64

    init(_ stage: Stage, _ sidecar: SidecarProcess) async throws {
        self.stage = stage
        self.sidecar = sidecar
        lag = LagWatch(stage.control)
        judgedBefore = try await Self.judged(stage)
    }

    func look(at seconds: Double) async throws -> BurstLook {
        let lag = try await lag.look()
        return BurstLook(
            seconds: seconds, lagRows: lag.rows, lagMilliseconds: lag.milliseconds,
            judged: try await Self.judged(stage) - judgedBefore,
            residentBytes: try sidecar.usage.residentBytes)
    }

    func isScored(_ transaction: UInt64) async throws -> Bool {
        try await stage.control.query(
            "SELECT pg_visible_in_snapshot($1, snapshot) FROM vigil.feed_state",
            [.xid8(transaction)]
        ).bool(row: 0, column: 0)
    }

    private static func judged(_ stage: Stage) async throws -> Int64 {
        try await stage.control.query(
            """
            SELECT coalesce(max((counters ->> 'entities_scored')::bigint
                + (counters ->> 'relationships_scored')::bigint), 0) FROM vigil.sidecars
            """
        ).int64(row: 0, column: 0)
    }
}

/// What was seen at one moment of a burst.
private struct BurstLook: Encodable {
    var seconds: Double
    var lagRows: Int64
    var lagMilliseconds: Double
    /// Judgements since the start, as of the last heartbeat.
    var judged: Int64
    var residentBytes: Int
}

/// What `burst` prints.
private struct BurstReport: Report {
    var stage: StageFacts
    var rows: Int
    var copySeconds, scoredSecondsAfterCommit: Double
    var residentBytesBefore, residentBytesMaxBefore, residentBytesMax: Int
    var sidecarCPUSeconds: Double
    var looks: [BurstLook]

    var text: String {
        // At most forty lines, the first and the last among them.
        let stride = max(1, looks.count / 40)
        let shown = looks.enumerated().filter {
            $0.offset % stride == 0 || $0.offset == looks.count - 1
        }.map(\.element)
        let heading = ["seconds", "lag rows", "lag ms", "judged", "memory MB"]
        let lines = shown.map { look in
            column(look.seconds, 12, decimals: 1)
                + column(look.lagRows >= 100_000 ? ">= 100000" : "\(look.lagRows)", 12)
                + column(look.lagMilliseconds, 12, decimals: 0) + column(look.judged, 12)
                + column(look.residentBytes >> 20, 12)
        }
        return """
            One COPY of \(rows) relationships
            \(stage.text)
            COPY to the return of COMMIT        \(column(copySeconds, decimals: 1)) s
            COMMIT to all of them scored        \(column(scoredSecondsAfterCommit, decimals: 1)) s
            sidecar's CPU time                  \(column(sidecarCPUSeconds, decimals: 1)) s
            sidecar's memory before             \(column(residentBytesBefore >> 20)) MB (peak of loading \(residentBytesMaxBefore >> 20) MB)
            sidecar's peak memory in all        \(column(residentBytesMax >> 20)) MB
            \(heading.map { column($0, 12) }.joined())
            \(lines.joined(separator: "\n"))
            """
    }
}
