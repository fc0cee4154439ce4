import ArgumentParser
import Foundation
import LocalCluster
import Logging
import PostgresClient
import SampleGraph
import SampleLoading
import Sidecar
import Storage

/// COMMIT to visible anomaly row on the demo's graph, beside the bare round trip in the same run.
///
/// Each insert writes one new entity and one relationship. The entity is extreme among its peers, so
/// that every insert ends in an explained row of `vigil.anomalies`; the threshold is lowered to 0.2
/// for the run, because here and there a place in the graph outweighs the entity's own oddity.
/// The floor does the same steps with nothing in between: insert and NOTIFY, wake, one read, one
/// write transaction that notifies. Blocks of both alternate, so that the machine's moods hit both alike.
@main
struct CommitLatency: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "commit-latency",
        abstract: "Measure COMMIT to visible anomaly row beside the bare round trip.")

    @Option(help: "Inserts measured on each side.")
    var inserts = 1000

    @Option(help: "Inserts before the measurement.")
    var warmup = 50

    @Option(help: "Inserts of a block; blocks of both sides alternate.")
    var block = 100

    @Option(help: "Entities of the sample graph.")
    var entities = 6000

    @Option(help: "Seed of the sample graph and the model.")
    var seed: UInt64 = 1

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        let cluster = try await LocalCluster.start()
        do {
            try await measure(on: cluster)
        } catch {
            try? await cluster.stop()
            throw error
        }
        try await cluster.stop()
    }

    private func measure(on cluster: LocalCluster) async throws {
        let conninfo = cluster.conninfo()
        let database = try await PostgresConnection.connect(
            conninfo, applicationName: "commit-latency")
        try await Installation.install(on: database)
        let now = Date().timeIntervalSince1970.rounded(.down)
        let world = SampleGraph.generate(
            SampleGraph.Options(seed: seed, now: now, entityCount: entities))
        var ids = SampleIDs()
        try await ids.load(world, now: now, on: database) { _, _, _ in }
        _ = try await TrainingRun(seed: seed).run(on: database) { _, _, _ in }
        var logger = Logger(label: "sidecar")
        logger.logLevel = .error
        let sidecar = Sidecar(
            options: Sidecar.Options(conninfo: conninfo, threadCount: 2), logger: logger)
        let following = Task { try await sidecar.run() }
        defer { following.cancel() }
        try await waitForScan(on: database)
        try await database.execute(
            """
            UPDATE vigil.settings SET value = '0.2' WHERE name = 'anomaly_threshold';
            CREATE TABLE floor_in (id bigint PRIMARY KEY, payload text);
            CREATE TABLE floor_out (id bigint PRIMARY KEY, payload text);
            """)
        let floor = try await FloorRig.start(conninfo: conninfo)
        let vigil = try await VigilRig.start(conninfo: conninfo, neighbours: ids.entityIDs)
        _ = try await vigil.run(count: warmup)
        _ = try await floor.run(count: warmup)
        var vigilLatencies: [Double] = []
        var floorLatencies: [Double] = []
        while vigilLatencies.count < inserts {
            let count = min(block, inserts - vigilLatencies.count)
            vigilLatencies += try await vigil.run(count: count)
            floorLatencies += try await floor.run(count: count)
        }
        await floor.stop()
        report(Latency(vigilLatencies), Latency(floorLatencies), world)
        following.cancel()
        _ = try? await following.value
    }

    /// The sidecar's first scan is over when every entity has a score.
    private func waitForScan(on database: PostgresConnection) async throws {
        while true {
            let missing = try await database.query(
                """
                SELECT count(*) FROM vigil.entities e LEFT JOIN vigil.entity_scores s
                    ON s.entity_id = e.id WHERE s.entity_id IS NULL
                """)
            if try missing.int64(row: 0, column: 0) == 0 { return }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    private func report(_ vigil: Latency, _ floor: Latency, _ world: SampleGraph) {
        if json {
            print(
                """
                {"entities": \(world.entities.count), "relationships": \(world.relationships.count), \
                "inserts": \(vigil.count), "vigil_p50_ms": \(vigil.p50), "vigil_p99_ms": \(vigil.p99), \
                "floor_p50_ms": \(floor.p50), "floor_p99_ms": \(floor.p99), \
                "ratio_p50": \(vigil.p50 / floor.p50), "ratio_p99": \(vigil.p99 / floor.p99)}
                """)
            return
        }
        func text(_ value: Double) -> String { String(format: "%8.3f", value) }
        print(
            """
            COMMIT to visible row, milliseconds, \(vigil.count) inserts, \(world.entities.count) entities, \
            \(world.relationships.count) relationships
                               p50       p90       p99       max
            vigil         \(text(vigil.p50))  \(text(vigil.p90))  \(text(vigil.p99))  \(text(vigil.max))
            bare floor    \(text(floor.p50))  \(text(floor.p90))  \(text(floor.p99))  \(text(floor.max))
            ratio         \(text(vigil.p50 / floor.p50))  \(text(vigil.p90 / floor.p90))  \
            \(text(vigil.p99 / floor.p99))  \(text(vigil.max / floor.max))
            """)
    }
}

/// Quantiles of latencies in milliseconds.
struct Latency {
    let count: Int
    let p50, p90, p99, max: Double

    init(_ values: [Double]) {
        let sorted = values.sorted()
        func quantile(_ share: Double) -> Double {
            sorted[Swift.min(sorted.count - 1, Int(share * Double(sorted.count)))]
        }
        count = sorted.count
        p50 = quantile(0.5)
        p90 = quantile(0.9)
        p99 = quantile(0.99)
        max = quantile(1)
    }
}
