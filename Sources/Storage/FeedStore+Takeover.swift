package import AnomalyDetection
package import ChangeFeed
package import PostgresClient

/// What a standby reads when it takes the lead, all of it under one snapshot.
package struct TakeoverNews: Sendable {
    /// What its graph does not have yet.
    package var unread: FeedBatch
    /// What the leader before it has not stored results of.
    package var missed: FeedBatch
    /// Entities and relationships with an open anomaly.
    package var openAnomalies: Set<Subject>
}

extension FeedStore {
    /// Reads what became visible since the graph's own place and since the stored one.
    package static func readForTakeover(
        graphAt position: FeedSnapshot, storedAt stored: FeedSnapshot, types: TypeCodes,
        on connection: PostgresConnection
    ) async throws -> TakeoverNews {
        try await connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        do {
            let news = TakeoverNews(
                unread: try await read(since: position, types: types, on: connection),
                missed: try await read(since: stored, types: types, on: connection),
                openAnomalies: try await AnomalyStore.subjects("is_active", on: connection))
            try await connection.execute("COMMIT")
            return news
        } catch {
            try? await connection.execute("ROLLBACK")
            throw error
        }
    }

    /// Stores the place from which a standby goes on as the leader, with a disarmed doorbell.
    package static func recordTakeover(
        snapshot: FeedSnapshot, epoch: Int64, on connection: PostgresConnection
    ) async throws(PostgresError) {
        _ = try await connection.query(
            """
            UPDATE vigil.feed_state
            SET snapshot = $1::text::pg_snapshot, epoch_seen = $2, armed = false
            """, [.text(snapshot.description), .int64(epoch)])
    }
}
