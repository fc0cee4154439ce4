import AnomalyDetection
import ArgumentParser
import BenchmarkSupport
import Foundation
import LocalCluster
import Logging
import PostgresClient
import Sidecar
import Storage

/// What one judgement costs, in process and with the database.
///
/// In process: an entity gets a new relationship, and is judged: features, every detector, exact SHAP,
/// class, counterfactual and text. The threshold is 0 for the run, so that every judgement has its
/// explanation. With the database: a transaction changes so many entities, and the clock runs from
/// the return of its COMMIT to the commit of the sidecar's answer, which is its batch.
@main
struct JudgementBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "judgement-benchmark",
        abstract: "Measure one judgement in process, and a batch with the database.")

    @Option(help: "Entities of the sample graph.")
    var entities = 100_000

    @Option(help: "Changed entities that are judged in process.")
    var judgements = 2000

    @Option(help: "Entities that one transaction changes, for the batch.")
    var batch = 100

    @Option(help: "Batches that are measured.")
    var batches = 50

    @Option(help: "Seed of the sample graph, the model and the changes.")
    var seed: UInt64 = 101

    func run() async throws {
        try await LocalCluster.use { try await measure(on: $0) }
    }

    private func measure(on cluster: LocalCluster) async throws {
        let conninfo = cluster.conninfo()
        let database = try await PostgresConnection.connect(
            conninfo, applicationName: "judgement-benchmark")
        let world = try await SampleWorld.load(
            SampleWorld.generate(entityCount: entities, seed: seed), on: database)
        let started = ContinuousClock.now
        _ = try await TrainingRun(seed: seed).run(on: database) { _, _, _ in }
        let trained = ContinuousClock.now
        print(
            """
            \(world); trained in \(seconds(trained - started)) s
            """)
        var graph = try await GraphLoader.load(on: database, since: nil) { _, _, _ in }
        try await graph.adoptActiveModel(on: database)
        await graph.computeMetrics(seed: seed, threadCount: 1) { _, _, _ in }
        try measureInProcess(&graph)
        try await measureBatches(on: database, conninfo: conninfo)
    }

    // MARK: - In process

    private func measureInProcess(_ graph: inout LoadedGraph) throws {
        var detector = graph.detector
        graph.detector = AnomalyDetector(catalog: graph.catalog.types)
        let typical = detector.settings
        let keys = detector.entityIDs
        let cases: [(title: String, threshold: Double, trials: Int)] = [
            ("explained", 0, 0),
            ("explained with the counterfactual", 0, typical.counterfactualTrialsMax),
            ("as set", typical.anomalyThreshold, typical.counterfactualTrialsMax),
        ]
        for (title, threshold, trials) in cases {
            var settings = typical
            settings.anomalyThreshold = threshold
            settings.counterfactualTrialsMax = trials
            detector.adopt(
                settings: settings, indicators: graph.catalog.indicators,
                catalog: graph.catalog.types)
            var costs: [(apply: Double, judge: Double)] = []
            for change in 0..<judgements {
                costs.append(try cost(of: change, keys, on: &detector, asOf: graph.readAt))
            }
            print(
                "one change, \(title), microseconds: judged \(Quantiles(costs.map(\.judge))), "
                    + "applied \(Quantiles(costs.map(\.apply)))")
        }
        graph.detector = detector
    }

    /// A new relationship between two entities that are spread over the graph; the source is judged.
    private func cost(
        of change: Int, _ keys: [Int64], on detector: inout AnomalyDetector, asOf: Double
    ) throws -> (apply: Double, judge: Double) {
        let ids = (
            source: keys[change * 7919 % keys.count],
            target: keys[(change * 104_729 + 1) % keys.count]
        )
        let code = detector.catalog.relationshipTypes.first { $0.value == "related_to" }?.key ?? 1
        let record = RelationshipRecord(
            id: 1_000_000_000 + Int64(change), sourceEntityID: ids.source,
            targetEntityID: ids.target, typeCode: code, confidence: 0.7, firstObserved: asOf - 1,
            createdAt: asOf - 1)
        let started = ContinuousClock.now
        _ = try detector.apply(ChangeBatch(relationships: [record]))
        let applied = ContinuousClock.now
        let judgement = detector.judge(ids.source, asOf: asOf)
        let judged = ContinuousClock.now
        guard judgement != nil else { throw ValidationError("entity \(ids.source) is not judged") }
        return ((applied - started) / .microseconds(1), (judged - applied) / .microseconds(1))
    }

    // MARK: - With the database

    private func measureBatches(on database: PostgresConnection, conninfo: String) async throws {
        var logger = Logger(label: "sidecar")
        logger.logLevel = .error
        let sidecar = Sidecar(
            options: Sidecar.Options(conninfo: conninfo, threadCount: 2), logger: logger)
        let following = Task { try await sidecar.run() }
        defer { following.cancel() }
        try await SidecarRest.waitForScan(on: database)
        let observer = try await PostgresConnection.connect(
            conninfo, applicationName: "judgement-benchmark observer")
        // So many entities in each of the batches' neighbourhoods; each batch takes another class.
        let stride = max(1, entities / batch)
        var costs: [Double] = []
        for round in 0..<batches {
            let changed = try await database.query(
                """
                WITH changed AS (
                    UPDATE vigil.entities SET risk_score = 0.01 * (1 + \(round) % 90)
                    WHERE id % \(stride) = \(round) % \(stride) RETURNING id)
                SELECT pg_current_xact_id()::text, count(*) FROM changed
                """)
            let committed = ContinuousClock.now
            let transaction = try changed.string(row: 0, column: 0)
            while try await observer.query(
                """
                SELECT pg_visible_in_snapshot('\(transaction)'::xid8, snapshot)
                FROM vigil.feed_state
                """
            ).bool(row: 0, column: 0) == false {}
            costs.append((ContinuousClock.now - committed) / .milliseconds(1))
        }
        print("a batch of \(batch) from COMMIT to COMMIT, milliseconds: \(Quantiles(costs))")
        following.cancel()
        _ = try? await following.value
    }

    private func seconds(_ duration: Duration) -> String {
        String(format: "%.1f", duration / .seconds(1))
    }
}
