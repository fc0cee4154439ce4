import ArgumentParser
import Foundation
import LocalCluster
import PostgresClient

/// What a day of steady writing costs, from a run of minutes or an hour.
struct DayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "day",
        abstract: "CPU, memory, WAL and growth of tables at a given rate, for a day.")

    @OptionGroup var stage: StageOptions
    @OptionGroup var mix: ChangeMix

    @Option(help: "Changes a second.")
    var perSecond = 1000.0

    @Option(help: "Seconds of writing with Vigil.")
    var seconds = 600.0

    @Option(help: "Seconds of the same writing without it; by default as many.")
    var bareSeconds: Double?

    @Option(help: "Seconds of writing before each of the two.")
    var warmup = 10.0

    @Option(help: "Writers.")
    var writers = 8

    private static let bareName = "bare"

    func run() async throws {
        try await Stage.run(stage) { try await measure(on: $0) }
    }

    private func measure(on stage: Stage) async throws {
        try await stage.makeBareDatabase(named: Self.bareName)
        let stage = try await stage.reconnected()
        let bare = try await phase(on: Self.bareName, bareSeconds ?? seconds, nil, stage)
        let sidecar = try await stage.startSidecar()
        let vigil = try await phase(on: "vigil", seconds, sidecar, stage)
        let drained = try await LagWatch(stage.control).drain()
        await sidecar.stop()
        try DayReport(
            stage: stage.facts, mix: mix.text, perSecond: perSecond, bare: bare, vigil: vigil,
            drainSeconds: drained
        ).print(asJSON: self.stage.json)
    }

    private func phase(
        on database: String, _ seconds: Double, _ sidecar: SidecarProcess?, _ stage: Stage
    ) async throws -> DayPhase {
        let conninfo = stage.cluster.conninfo(database: database)
        var load = OpenLoop(
            conninfo: conninfo, perSecond: perSecond, seconds: warmup, mix: mix,
            entityIDs: stage.entityIDs, seed: self.stage.seed &+ (sidecar == nil ? 6000 : 7000),
            writerCount: writers)
        _ = try await load.run()
        load.seconds = seconds
        let watcher = try await PostgresConnection.connect(
            conninfo, applicationName: "load-benchmark watcher")
        // Both runs begin with a checkpoint: each page's first change after it is logged as a whole.
        try await watcher.execute("CHECKPOINT")
        let tablesBefore = try await TableSizes.read(on: watcher)
        let ledger = try await CPULedger(stage.cluster, on: watcher)
        let before = try await ServerCounts.read(on: watcher)
        let sidecarBefore = try sidecar?.usage
        say("writing \(perSecond) a second for \(seconds) s to \(database)")
        let keeping = Task { try await ledger.keep() }
        defer { keeping.cancel() }
        let outcome = try await load.run()
        keeping.cancel()
        let cpu = try await keeping.value
        let after = try await ServerCounts.read(on: watcher)
        let sidecarAfter = try sidecar?.usage
        let tables = try await TableSizes.growth(from: tablesBefore, on: watcher)
        await watcher.close()
        return DayPhase(
            seconds: outcome.seconds, changes: outcome.rowCount,
            due: Int(perSecond * seconds), commits: outcome.commits.summary,
            sidecarCPUSeconds: (sidecarAfter?.cpuSeconds ?? 0) - (sidecarBefore?.cpuSeconds ?? 0),
            sidecarBytesBefore: sidecarBefore?.residentBytes ?? 0,
            sidecarBytesAfter: sidecarAfter?.residentBytes ?? 0,
            sidecarBytesMax: sidecarAfter?.residentBytesMax ?? 0, cpuSeconds: cpu,
            walBytes: after.walBytes - before.walBytes,
            walFullPages: after.walFullPages - before.walFullPages,
            checkpoints: after.checkpoints - before.checkpoints, tables: tables)
    }
}

/// One run of `day`.
struct DayPhase: Encodable, Sendable {
    var seconds: Double
    /// Changes written in time, and those of the timetable.
    var changes, due: Int
    /// From the scheduled time to the return of COMMIT, milliseconds.
    var commits: LatencySummary
    var sidecarCPUSeconds: Double
    var sidecarBytesBefore, sidecarBytesAfter, sidecarBytesMax: Int
    /// CPU seconds of PostgreSQL's processes, by what they are.
    var cpuSeconds: [String: Double]
    var walBytes: Int64
    /// Whole pages in the WAL.
    var walFullPages: Int64
    var checkpoints: Int64
    var tables: [TableGrowth]

    var serverCPUSeconds: Double { cpuSeconds.values.reduce(0, +) }
}

/// What the server counts.
struct ServerCounts: Sendable {
    var walBytes: Int64
    var walFullPages: Int64
    var checkpoints: Int64

    static func read(on database: PostgresConnection) async throws -> ServerCounts {
        let answer = try await database.query(
            """
            SELECT (pg_current_wal_lsn() - '0/0')::bigint, wal_fpi,
                (SELECT checkpoints_timed + checkpoints_req FROM pg_stat_bgwriter)
            FROM pg_stat_wal
            """)
        return ServerCounts(
            walBytes: try answer.int64(row: 0, column: 0),
            walFullPages: try answer.int64(row: 0, column: 1),
            checkpoints: try answer.int64(row: 0, column: 2))
    }
}
