import ArgumentParser
import Foundation
import PostgresClient

/// COMMIT to visible anomaly row, one change at a time, beside the bare round trip in the same run.
///
/// Each insert writes one new entity and one relationship. The entity is extreme among its peers, so
/// that every insert ends in an explained row of `vigil.anomalies`; the threshold is lowered to 0.2
/// for the run, because here and there a place in the graph outweighs the entity's own oddity.
/// The floor does the same steps with nothing in between: insert and NOTIFY, wake, one read, one
/// write transaction that notifies. Blocks of both alternate, so that the machine's moods hit both alike.
struct LatencyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "latency",
        abstract: "COMMIT to visible anomaly row, one change at a time, beside the bare round trip."
    )

    @OptionGroup var stage: StageOptions

    @Option(help: "Inserts measured on each side.")
    var inserts = 1000

    @Option(help: "Inserts before the measurement.")
    var warmup = 50

    @Option(help: "Inserts of a block; blocks of both sides alternate.")
    var block = 100

    @Option(help: "Milliseconds of rest before each insert, on both sides.")
    var pauseMilliseconds = 0.0

    func run() async throws {
        try await Stage.run(stage) { try await measure(on: $0) }
    }

    private func measure(on stage: Stage) async throws {
        // Before the sidecar rests: another threshold has it judge again what lies between.
        try await stage.control.execute(
            "UPDATE vigil.settings SET value = '0.2' WHERE name = 'anomaly_threshold'")
        let sidecar = try await stage.startSidecar()
        let floor = try await FloorRig.start(conninfo: stage.conninfo)
        let vigil = try await VigilRig.start(
            conninfo: stage.conninfo, entityIDs: stage.entityIDs)
        let pause = Duration.milliseconds(pauseMilliseconds)
        var ignored = LatencyRecord()
        try await vigil.run(count: warmup, pause: pause, &ignored)
        try await floor.run(count: warmup, pause: pause, &ignored)
        var ours = LatencyRecord()
        var bare = LatencyRecord()
        while ours.count < inserts {
            let count = min(block, inserts - ours.count)
            try await vigil.run(count: count, pause: pause, &ours)
            try await floor.run(count: count, pause: pause, &bare)
        }
        await floor.stop()
        await sidecar.stop()
        try LatencyReport(
            stage: stage.facts, pauseMilliseconds: pauseMilliseconds, vigil: ours.summary,
            floor: bare.summary,
            vigilBuckets: ours.buckets, floorBuckets: bare.buckets,
            chart: LatencyRecord.chart([("vigil", ours), ("bare floor", bare)])
        ).print(asJSON: self.stage.json)
    }
}

/// What `latency` prints.
private struct LatencyReport: Report {
    var stage: StageFacts
    var pauseMilliseconds: Double
    /// Milliseconds.
    var vigil, floor: LatencySummary
    var vigilBuckets, floorBuckets: [LatencyBucket]
    var chart: String

    enum CodingKeys: String, CodingKey {
        case stage, pauseMilliseconds, vigil, floor, vigilBuckets, floorBuckets
    }

    var text: String {
        func ratio(_ quantile: (LatencySummary) -> Double) -> Double {
            quantile(vigil) / quantile(floor)
        }
        let ratios = [ratio(\.p50), ratio(\.p90), ratio(\.p99), ratio(\.p999), ratio(\.max)]
        return """
            COMMIT to visible anomaly row, milliseconds, \(vigil.count) inserts one at a time, each after \(pauseMilliseconds) ms of rest
            \(stage.text); nothing was waiting to be judged at the start
            \(label("", 12))\(LatencySummary.heading)
            \(label("vigil", 12))\(vigil.columns)
            \(label("bare floor", 12))\(floor.columns)
            \(label("ratio", 12))\(ratios.map { column($0) }.joined())

            \(chart)
            """
    }
}
