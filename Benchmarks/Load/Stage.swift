import AnomalyDetection
import BenchmarkSupport
import Foundation
import LocalCluster
import PostgresClient
import Sidecar
import Storage

/// A private cluster with a sample graph and an active model, ready to be measured.
struct Stage: Sendable {
    let cluster: LocalCluster
    /// A session for what is beside the measurement.
    private(set) var control: PostgresConnection
    let entityIDs: [Int64]
    var facts: StageFacts

    private static let databaseName = "vigil"

    var conninfo: String { cluster.conninfo(database: Self.databaseName) }

    /// Prepares the stage, lends it, and takes it down.
    static func run(
        _ options: StageOptions, _ body: @escaping @Sendable (Stage) async throws -> Void
    ) async throws {
        let folder = options.folder.map { URL(filePath: $0) }
        try await LocalCluster.use(in: folder, settings: try options.serverSettings()) { cluster in
            let stage = try await prepare(options, on: cluster)
            try await body(stage)
            await stage.control.close()
        }
    }

    /// Starts the sidecar and waits until it has nothing left to judge.
    func startSidecar() async throws -> SidecarProcess {
        let started = ContinuousClock.now
        let sidecar = try await SidecarProcess.start(conninfo: conninfo)
        try await sidecar.waitUntilFollowing(control)
        say("the sidecar follows after \(seconds(since: started)) s; waiting for its first scan")
        try await SidecarRest.waitForScan(on: control)
        let judged = try await SidecarRest.waitUntilQuiet(on: control)
        say("at rest after \(seconds(since: started)) s and \(judged) judgements")
        return sidecar
    }

    /// A copy of the database without triggers of the feed, index and column of its transaction ids.
    ///
    /// The template must be left alone meanwhile: no sidecar, and the control session is closed.
    func makeBareDatabase(named name: String) async throws {
        await control.close()
        try await cluster.run(
            sql: """
                DROP DATABASE IF EXISTS \(name);
                CREATE DATABASE \(name) TEMPLATE \(Self.databaseName);
                """)
        try await cluster.run(
            sql: """
                DO $$ DECLARE t record; BEGIN
                FOR t IN SELECT tgname, tgrelid::regclass AS relation FROM pg_trigger
                    WHERE NOT tgisinternal AND tgparentid = 0 AND tgrelid IN ('vigil.entities'::regclass,
                        'vigil.relationships'::regclass, 'vigil.observation_history'::regclass)
                LOOP EXECUTE format('DROP TRIGGER %I ON %s', t.tgname, t.relation); END LOOP; END $$;
                DROP INDEX vigil.entities_inserted_xid_idx, vigil.relationships_inserted_xid_idx;
                ALTER TABLE vigil.entities DROP COLUMN inserted_xid CASCADE;
                ALTER TABLE vigil.relationships DROP COLUMN inserted_xid CASCADE;
                """, database: name)
    }

    /// The stage with a new control session.
    func reconnected() async throws -> Stage {
        var stage = self
        stage.control = try await PostgresConnection.connect(
            conninfo, applicationName: "load-benchmark")
        return stage
    }

    // MARK: - Preparing

    private static func prepare(
        _ options: StageOptions, on cluster: LocalCluster
    ) async throws -> Stage {
        let conninfo = cluster.conninfo(database: databaseName)
        if try await !isReady(cluster) {
            try await cluster.run(sql: "DROP DATABASE IF EXISTS \(databaseName)")
            try await cluster.createDatabase(name: databaseName)
            try await load(options, conninfo, on: cluster)
        }
        let control = try await PostgresConnection.connect(
            conninfo, applicationName: "load-benchmark")
        // What an earlier measurement in the same folder has set.
        try await control.execute(
            "UPDATE vigil.settings SET value = default_value WHERE value <> default_value")
        if let limit = options.memoryLimitMegabytes {
            try await control.execute(
                """
                UPDATE vigil.settings SET value = '\(limit)' WHERE name = 'memory_limit_megabytes'
                """)
        }
        let ids = try await control.query(
            "SELECT id FROM vigil.entities WHERE is_active ORDER BY id")
        let facts = try await control.query(
            """
            SELECT (SELECT count(*) FROM vigil.relationships), current_setting('server_version')
            """)
        return Stage(
            cluster: cluster, control: control,
            entityIDs: try (0..<ids.rowCount).map { try ids.int64(row: $0, column: 0) },
            facts: StageFacts(
                entities: ids.rowCount, relationships: Int(try facts.int64(row: 0, column: 0)),
                cores: ProcessInfo.processInfo.activeProcessorCount,
                postgres: try facts.string(row: 0, column: 1), seed: options.seed))
    }

    private static func isReady(_ cluster: LocalCluster) async throws -> Bool {
        let found = try await cluster.run(
            sql: "SELECT 1 FROM pg_database WHERE datname = '\(databaseName)'")
        guard !found.isEmpty else { return false }
        let model = try await cluster.run(
            sql: """
                SELECT CASE WHEN to_regclass('vigil.models') IS NOT NULL THEN (xpath('/row/n/text()',
                    query_to_xml('SELECT count(*) AS n FROM vigil.models WHERE state = ''active''', false, true, '')))[1]::text END
                """, database: databaseName)
        return (Int(model.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0) > 0
    }

    private static func load(
        _ options: StageOptions, _ conninfo: String, on cluster: LocalCluster
    ) async throws {
        let started = ContinuousClock.now
        let database = try await PostgresConnection.connect(
            conninfo, applicationName: "load-benchmark")
        let world = try await SampleWorld.load(
            SampleWorld.generate(relationshipCount: options.edges, seed: options.seed), on: database
        )
        try await database.execute("VACUUM ANALYZE")
        say("\(world) loaded after \(seconds(since: started)) s")
        let run = TrainingRun(seed: options.seed)
        guard options.edges > options.trainingEdges else {
            _ = try await run.run(on: database) { _, _, _ in }
            say("trained after \(seconds(since: started)) s")
            return await database.close()
        }
        // A model knows names of types and distributions, no row: one of a smaller world will do.
        let school = databaseName + "_training"
        try await cluster.run(sql: "DROP DATABASE IF EXISTS \(school)")
        try await cluster.createDatabase(name: school)
        let smaller = try await PostgresConnection.connect(
            cluster.conninfo(database: school), applicationName: "load-benchmark")
        let lesson = try await SampleWorld.load(
            SampleWorld.generate(relationshipCount: options.trainingEdges, seed: options.seed),
            on: smaller)
        let outcome = try await run.train(on: smaller) { _, _, _ in }
        await smaller.close()
        try await cluster.run(sql: "DROP DATABASE \(school)")
        let version = outcome.model.version
        try await ModelStore.save(
            version: version, kind: "ensemble", card: try outcome.card(),
            archive: outcome.archive, on: database)
        try await ModelStore.activate(version: version, on: database)
        say("trained on \(lesson) after \(seconds(since: started)) s")
        await database.close()
    }
}

/// What was measured on.
struct StageFacts: Encodable, Sendable {
    var entities: Int
    var relationships: Int
    var cores: Int
    var postgres: String
    var seed: UInt64

    var text: String {
        "\(entities) entities, \(relationships) relationships; PostgreSQL \(postgres), fsync on, \(cores) cores"
    }
}

/// Seconds since then, as text with one decimal.
func seconds(since instant: ContinuousClock.Instant) -> String {
    String(format: "%.1f", (ContinuousClock.now - instant) / .seconds(1))
}
