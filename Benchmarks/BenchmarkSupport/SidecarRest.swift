package import PostgresClient

/// When a sidecar has nothing left to do.
package enum SidecarRest {
    /// Waits until the first scan is over: every entity has a score.
    package static func waitForScan(on database: PostgresConnection) async throws {
        while true {
            let missing = try await database.query(
                """
                SELECT count(*) FROM vigil.entities e LEFT JOIN vigil.entity_scores s
                    ON s.entity_id = e.id WHERE s.entity_id IS NULL AND e.is_active
                """)
            if try missing.int64(row: 0, column: 0) == 0 { return }
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    /// Waits until nothing is judged any more, neither changes nor what is judged again, for three
    /// heartbeats of a second; returns how many judgements there have been since the sidecar's start.
    @discardableResult
    package static func waitUntilQuiet(on database: PostgresConnection) async throws -> Int64 {
        try await database.execute(
            "UPDATE vigil.settings SET value = '1' WHERE name = 'heartbeat_seconds'")
        var before: Int64 = -1
        var quietBeats = 0
        while quietBeats < 3 {
            try await Task.sleep(for: .milliseconds(1100))
            let answer = try await database.query(
                """
                SELECT coalesce((counters ->> 'entities_scored')::bigint
                        + (counters ->> 'relationships_scored')::bigint, 0),
                    clock_timestamp() - heartbeat_at < interval '2 seconds'
                        AND (SELECT lag_rows = 0 FROM vigil.feed_health)
                FROM vigil.sidecars WHERE state = 'following'
                """)
            guard answer.rowCount == 1, try answer.bool(row: 0, column: 1) else {
                quietBeats = 0
                continue
            }
            let judged = try answer.int64(row: 0, column: 0)
            quietBeats = judged == before ? quietBeats + 1 : 0
            before = judged
        }
        try await database.execute(
            "UPDATE vigil.settings SET value = default_value WHERE name = 'heartbeat_seconds'")
        return before
    }
}
