import PostgresClient
import Storage

/// The database before the torture: Vigil installed, a few hundred rows, an empty ledger.
enum World {
    static func create(on server: TortureServer) async throws {
        let session = try await server.connect()
        try await Installation.install(on: session)
        try await session.execute(
            """
            CREATE SCHEMA torture;
            CREATE TABLE torture.ledger (
                id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, writer integer, changes bigint,
                at timestamptz DEFAULT clock_timestamp());
            UPDATE vigil.settings SET value = '1' WHERE name = 'heartbeat_seconds';
            UPDATE vigil.settings SET value = '0.3' WHERE name = 'anomaly_threshold';
            UPDATE vigil.settings SET value = '5' WHERE name IN ('metric_audit_seconds', 'self_audit_seconds');
            UPDATE vigil.settings SET value = '2' WHERE name IN ('task_retry_seconds', 'task_lease_seconds');
            UPDATE vigil.settings SET value = '50' WHERE name = 'task_attempts_max';
            INSERT INTO vigil.entities (type, name, confidence, risk_score, first_seen)
            SELECT CASE i % 3 WHEN 0 THEN 'domain' WHEN 1 THEN 'ip_address' ELSE 'person' END,
                'e' || i, (i * 37 % 100) / 100.0, (i * 61 % 100) / 100.0, now() - i * interval '1 hour'
            FROM generate_series(1, 600) AS i;
            INSERT INTO vigil.relationships (source_entity_id, target_entity_id, type, weight)
            SELECT a.id, b.id, 'communicates_with', a.id % 50 FROM vigil.entities a
            JOIN vigil.entities b ON b.id IN ((a.id * 3) % 600 + 1, a.id % 600 + 1, (a.id * 7) % 600 + 1);
            """)
        await session.close()
    }

    /// Waits until the sidecar has loaded the graph and scored all of it.
    /// - Returns: the changes that the feed has counted by then.
    static func waitUntilFollowed(_ server: TortureServer) async throws -> Int64 {
        let session = try await server.connect()
        for _ in 0..<600 {
            let answer = try await session.query(
                """
                SELECT (SELECT changes FROM vigil.feed_state WHERE snapshot IS NOT NULL),
                    (SELECT count(*) FROM vigil.entities e
                    WHERE NOT EXISTS (SELECT FROM vigil.entity_scores s WHERE s.entity_id = e.id))
                """)
            if let changes = try answer.optionalInt64(row: 0, column: 0),
                try answer.int64(row: 0, column: 1) == 0
            {
                await session.close()
                return changes
            }
            try await Task.sleep(for: .milliseconds(100))
        }
        await session.close()
        throw NeverFollowed()
    }
}

/// The sidecar did not load the world before the torture had begun.
struct NeverFollowed: Error, CustomStringConvertible {
    var description: String { "the sidecar does not follow within a minute" }
}
