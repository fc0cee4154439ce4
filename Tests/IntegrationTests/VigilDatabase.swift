import LocalCluster
import PostgresClient
import Storage
import TestSupport

/// A database with Vigil installed, and what tests ask it again and again.
struct VigilDatabase: Sendable {
    /// The superuser's connection string.
    let conninfo: String
    let cluster: LocalCluster
    let name: String
    /// The superuser's session.
    let session: PostgresConnection

    /// A database of its own in the shared cluster.
    static func fresh() async throws -> VigilDatabase {
        let database = try await TestCluster.freshDatabase()
        return try await VigilDatabase(in: database.cluster, name: database.name)
    }

    /// Installs Vigil in an empty database.
    init(
        in cluster: LocalCluster, name: String, installs: Bool = true, conninfo: String? = nil
    ) async throws {
        self.cluster = cluster
        self.name = name
        self.conninfo = conninfo ?? cluster.conninfo(database: name)
        session = try await PostgresConnection.connect(
            self.conninfo, applicationName: "vigil tests")
        guard installs else { return }
        try await Installation.install(on: session)
        // Only changes score: so counts can be told exactly.
        try await set("metrics_refresh_seconds", "86400")
        try await set("heartbeat_seconds", "1")
    }

    /// A further session of the superuser.
    func connect() async throws -> PostgresConnection {
        try await PostgresConnection.connect(conninfo, applicationName: "vigil tests")
    }

    func execute(_ sql: String) async throws {
        try await session.execute(sql)
    }

    /// A few hundred entities of two types in a ring with chords.
    func addWorld() async throws {
        try await execute(
            """
            INSERT INTO vigil.entities (type, name, confidence, risk_score, first_seen)
            SELECT CASE i % 2 WHEN 0 THEN 'domain' ELSE 'ip_address' END, 'e' || i,
                (i * 37 % 100) / 100.0, (i * 61 % 100) / 100.0, now() - i * interval '1 hour'
            FROM generate_series(1, 300) AS i;
            INSERT INTO vigil.relationships (source_entity_id, target_entity_id, type)
            SELECT a.id, b.id, 'resolves_to' FROM vigil.entities a
            JOIN vigil.entities b ON b.id IN ((a.id * 3) % 300 + 1, a.id % 300 + 1)
            """)
    }

    func int(_ sql: String) async throws -> Int64 {
        try await session.query(sql).int64(row: 0, column: 0)
    }

    func text(_ sql: String) async throws -> String {
        try await session.query(sql).string(row: 0, column: 0)
    }

    func set(_ setting: String, _ value: String) async throws {
        _ = try await session.query(
            "UPDATE vigil.settings SET value = $2::text::jsonb WHERE name = $1",
            [.text(setting), .text(value)])
    }

    /// Inserts entities and returns their ids.
    @discardableResult
    func addEntities(_ count: Int, type: String = "domain") async throws -> [Int64] {
        let answer = try await session.query(
            """
            INSERT INTO vigil.entities (type, name, confidence)
            SELECT $2, 'e' || i, 0.8 FROM generate_series(1, $1::bigint) AS i RETURNING id
            """, [.int64(Int64(count)), .text(type)])
        return try (0..<answer.rowCount).map { try answer.int64(row: $0, column: 0) }
    }

    @discardableResult
    func relate(_ source: Int64, _ target: Int64) async throws -> Int64 {
        try await session.query(
            """
            INSERT INTO vigil.relationships (source_entity_id, target_entity_id, type)
            VALUES ($1, $2, 'related_to') RETURNING id
            """, [.int64(source), .int64(target)]
        ).int64(row: 0, column: 0)
    }

    /// Changes that the feed has counted.
    func countedChanges() async throws -> Int64 {
        try await int("SELECT changes FROM vigil.feed_state")
    }

    func waitForChanges(_ count: Int64, within patience: Duration = .seconds(45)) async throws {
        try await eventually("counted changes", within: patience, equals: count) {
            try await countedChanges()
        }
    }

    /// Waits until the sidecar's first scan has come to every entity.
    func waitUntilScanned() async throws {
        try await eventually("entities without a score", equals: 0) {
            try await int(
                """
                SELECT count(*) FROM vigil.entities e
                WHERE e.is_active AND NOT EXISTS
                    (SELECT FROM vigil.entity_scores s WHERE s.entity_id = e.id)
                """)
        }
    }

    func scoreCount(of entity: Int64) async throws -> Int64 {
        try await int(
            "SELECT coalesce(max(score_count), 0) FROM vigil.entity_scores WHERE entity_id = \(entity)"
        )
    }

    /// How many sessions of a sidecar there are in this database.
    func sidecarSessions() async throws -> Int64 {
        try await int(
            """
            SELECT count(*) FROM pg_stat_activity
            WHERE datname = '\(name)' AND application_name = 'vigil sidecar'
            """)
    }

    /// What the scores say otherwise than the tables do; empty when every change has had its effect.
    ///
    /// Degree, triangles, clustering, row count and confidence are computed here from the tables,
    /// by SQL alone.
    func differences() async throws -> [String] {
        let answer = try await session.query(
            """
            WITH ends AS (
                SELECT source_entity_id AS id, target_entity_id AS other FROM vigil.relationships
                WHERE is_active
                UNION ALL
                SELECT target_entity_id, source_entity_id FROM vigil.relationships WHERE is_active
            ), pairs AS (SELECT DISTINCT id, other FROM ends WHERE id <> other
            ), degrees AS (SELECT id, count(*) AS degree FROM pairs GROUP BY id
            ), rows AS (SELECT id, count(*) AS row_count FROM ends GROUP BY id
            ), triangles AS (
                SELECT a.id, count(*) / 2 AS triangles
                FROM pairs a JOIN pairs b ON b.id = a.other JOIN pairs c ON c.id = b.other AND c.other = a.id
                GROUP BY a.id
            ), truth AS (
                SELECT e.id, coalesce(degree, 0) AS degree, coalesce(triangles, 0) AS triangles,
                    coalesce(row_count, 0) AS row_count, e.confidence
                FROM vigil.entities e LEFT JOIN degrees USING (id) LEFT JOIN triangles USING (id)
                    LEFT JOIN rows USING (id)
                WHERE e.is_active
            )
            SELECT format('entity %s: degree %s for %s, triangles %s for %s, rows %s for %s, confidence %s for %s',
                coalesce(t.id, s.entity_id), m.degree, t.degree, m.triangle_count, t.triangles,
                s.features[13], t.row_count, s.features[8], t.confidence)
            FROM truth t FULL JOIN vigil.entity_scores s ON s.entity_id = t.id
                LEFT JOIN vigil.entity_metrics m ON m.entity_id = t.id
            WHERE t.id IS NULL OR s.entity_id IS NULL OR m.entity_id IS NULL
                OR m.degree <> t.degree OR m.triangle_count <> t.triangles
                OR abs(s.features[5] - CASE WHEN t.degree < 2 THEN 0
                    ELSE 2.0 * t.triangles / (t.degree * (t.degree - 1)) END) > 1e-9
                OR s.features[13] <> t.row_count
                OR s.features[8] IS DISTINCT FROM coalesce(t.confidence, 'NaN')
            ORDER BY 1 LIMIT 10
            """)
        return try (0..<answer.rowCount).map { try answer.string(row: $0, column: 0) }
    }

    /// Open anomalies beyond the first of a subject and type.
    func duplicateAnomalies() async throws -> Int64 {
        try await int(
            """
            SELECT coalesce(sum(n - 1), 0)::bigint FROM (
                SELECT count(*) AS n FROM vigil.anomalies WHERE is_active
                GROUP BY subject_kind, subject_id, anomaly_type) AS open
            """)
    }
}
