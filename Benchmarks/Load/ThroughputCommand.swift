import ArgumentParser
import Foundation
import PostgresClient

/// How many changes a second are sustained, and what the same writes reach without a sidecar.
struct ThroughputCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "throughput",
        abstract: "The most changes a second with bounded lag, beside the same without scoring.")

    @OptionGroup var stage: StageOptions
    @OptionGroup var mix: ChangeMix

    @Option(help: "Changes a second of the first step.")
    var from = 1000.0

    @Option(help: "Each step is so many times the one before.")
    var factor = 1.5

    @Option(help: "Seconds of a step.")
    var seconds = 15.0

    @Option(help: "The lag that a step may end with, in milliseconds.")
    var lagLimit = 1000.0

    @Option(help: "Rows that one statement, and so one transaction, writes.")
    var rows = 1

    @Option(help: "Writers.")
    var writers = 8

    @Option(help: "Steps at most.")
    var steps = 20

    func run() async throws {
        try await Stage.run(stage) { try await measure(on: $0) }
    }

    private func measure(on stage: Stage) async throws {
        let sidecar = try await stage.startSidecar()
        var load = OpenLoop(
            conninfo: stage.conninfo, perSecond: from, seconds: seconds, mix: mix,
            entityIDs: stage.entityIDs, seed: self.stage.seed &+ 2000, rowsPerStatement: rows,
            writerCount: writers)
        let lag = LagWatch(stage.control)
        var found: [ThroughputStep] = []
        var limit = Double.infinity
        while found.count < steps, load.perSecond < limit {
            let before = try sidecar.usage.cpuSeconds
            var step = try await self.step(load, lag)
            step.sidecarCores = (try sidecar.usage.cpuSeconds - before) / load.seconds
            step.drainSeconds = try await lag.drain()
            step.isSustained =
                step.written >= 0.95 * step.offered && step.lagAtEnd <= lagLimit
            let verdict = step.isSustained == true ? "sustained" : "not sustained"
            say("\(Int(step.offered)) a second: \(verdict)")
            found.append(step)
            if step.isSustained != true { limit = load.perSecond }
            load.perSecond *= factor
            load.seed &+= 1
        }
        await sidecar.stop()
        // A stopped sidecar leaves the bell as it was: nobody is to ring it now.
        try await stage.control.execute("SELECT vigil.arm_feed(false)")
        var floor: [ThroughputStep] = []
        for step in found {
            load.perSecond = step.offered
            load.seed &+= 1
            floor.append(try await self.step(load, nil))
        }
        load.perSecond = .infinity
        let most = try await load.run()
        try ThroughputReport(
            stage: stage.facts, mix: mix.text, rowsPerStatement: rows, writers: writers,
            secondsPerStep: seconds, lagLimit: lagLimit, steps: found, floorSteps: floor,
            sustainedPerSecond: found.filter { $0.isSustained == true }.map(\.offered).max() ?? 0,
            floorPerSecond: most.rowsPerSecond
        ).print(asJSON: self.stage.json)
    }

    private func step(_ load: OpenLoop, _ lag: LagWatch?) async throws -> ThroughputStep {
        var outcome = OpenLoop.Outcome()
        let seen = try await LagWatch.watch(lag) { outcome = try await load.run() }
        return ThroughputStep(
            offered: load.perSecond, written: outcome.rowsPerSecond,
            commits: outcome.commits.summary, lagMax: seen?.millisecondsMax ?? 0,
            lagAtEnd: seen?.millisecondsAtEnd ?? 0, rowsAtEnd: seen?.rowsAtEnd ?? 0)
    }
}

/// The feed's lag while something runs, by `vigil.feed_health`.
struct LagWatch: Sendable {
    private let database: PostgresConnection

    init(_ database: PostgresConnection) { self.database = database }

    /// What was seen.
    struct Seen: Sendable {
        var millisecondsMax = 0.0
        var millisecondsAtEnd = 0.0
        var rowsAtEnd: Int64 = 0
    }

    /// Looks twice a second while the body runs, and once when it has ended.
    static func watch(
        _ lag: LagWatch?, _ body: () async throws -> Void
    ) async throws -> Seen? {
        guard let lag else {
            try await body()
            return nil
        }
        let looking = Task {
            var most = 0.0
            while !Task.isCancelled {
                most = max(most, try await lag.look().milliseconds)
                try? await Task.sleep(for: .milliseconds(500))
            }
            return most
        }
        do {
            try await body()
        } catch {
            looking.cancel()
            throw error
        }
        let end = try await lag.look()
        looking.cancel()
        return Seen(
            millisecondsMax: max(try await looking.value, end.milliseconds),
            millisecondsAtEnd: end.milliseconds, rowsAtEnd: end.rows)
    }

    /// Waits until everything has been read and scored; returns how many seconds that took.
    func drain() async throws -> Double {
        let started = ContinuousClock.now
        while try await look().rows > 0 { try await Task.sleep(for: .milliseconds(20)) }
        return (ContinuousClock.now - started) / .seconds(1)
    }

    /// Rows unread (counted up to 100,000 a table), and how long the oldest has waited.
    func look() async throws -> (rows: Int64, milliseconds: Double) {
        let answer = try await database.query(
            "SELECT lag_rows, lag_milliseconds FROM vigil.feed_health")
        return (
            try answer.int64(row: 0, column: 0),
            try answer.optionalDouble(row: 0, column: 1) ?? 0
        )
    }
}

/// One rate of `throughput`.
private struct ThroughputStep: Encodable {
    /// Rows a second of the timetable, and those written.
    var offered, written: Double
    /// From the scheduled time to the return of COMMIT, milliseconds.
    var commits: LatencySummary
    /// Milliseconds, by `vigil.feed_health`.
    var lagMax, lagAtEnd: Double
    var rowsAtEnd: Int64
    var drainSeconds: Double?
    /// CPU seconds of the sidecar for each second.
    var sidecarCores: Double?
    var isSustained: Bool?
}

/// What `throughput` prints.
private struct ThroughputReport: Report {
    var stage: StageFacts
    var mix: String
    var rowsPerStatement, writers: Int
    var secondsPerStep, lagLimit: Double
    var steps, floorSteps: [ThroughputStep]
    var sustainedPerSecond, floorPerSecond: Double

    var text: String {
        let heading = [
            "offered/s", "written/s", "commit p50", "commit p99", "lag max", "lag at end",
            "rows left", "drained s", "CPU cores", "", "floor/s", "commit p50", "commit p99",
        ]
        let lines = zip(steps, floorSteps).map { step, floor in
            [
                column(step.offered, 11, decimals: 0), column(step.written, 11, decimals: 0),
                column(step.commits.p50, 11), column(step.commits.p99, 11),
                column(step.lagMax, 11, decimals: 0), column(step.lagAtEnd, 11, decimals: 0),
                column(step.rowsAtEnd, 11), column(step.drainSeconds ?? 0, 11),
                column(step.sidecarCores ?? 0, 11),
                column(step.isSustained == true ? "sustained" : "too much", 11),
                column(floor.written, 11, decimals: 0), column(floor.commits.p50, 11),
                column(floor.commits.p99, 11),
            ].joined()
        }
        return """
            Changes a second, \(rowsPerStatement) to a transaction, by \(writers) durable writers (\(mix)); \(secondsPerStep) s a step, milliseconds
            \(stage.text)
            \(heading.map { column($0, 11) }.joined())
            \(lines.joined(separator: "\n"))
            sustained with a lag of at most \(Int(lagLimit)) ms at the end of the step: \(Int(sustainedPerSecond)) a second
            the most that the same writers reach with Vigil's triggers and no sidecar: \(Int(floorPerSecond)) a second
            """
    }
}
