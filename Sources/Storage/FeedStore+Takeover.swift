package import AnomalyDetection
package import ChangeFeed
package import PostgresClient

/// A warm graph as one snapshot shows it, and what of that nobody has judged.
package struct TakenOver: Sendable {
    package var detector: AnomalyDetector
    package var snapshot: FeedSnapshot
    package var epoch: Int64
    /// The database's clock, in seconds since 1970.
    package var readAt: Double
    /// What the leader before has not stored results of.
    package var missed: MissedChanges
    /// Entities and relationships with an open anomaly.
    package var openAnomalies: Set<Subject>
}

extension FeedStore {
    /// Brings a warm graph up to now, and reads what became visible since the stored place: all of it
    /// under one snapshot, and piece by piece.
    package static func takeOver(
        _ detector: consuming AnomalyDetector, at position: FeedSnapshot,
        storedAt stored: FeedSnapshot, types: TypeCodes, on connection: PostgresConnection
    ) async throws -> TakenOver {
        try await connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        do {
            let (current, last) = try await pieces(
                since: position, types: types, on: connection, into: detector
            ) { detector, batch in
                _ = try detector.apply(batch.changes)
            }
            let missed = try await pieces(
                since: stored, types: types, on: connection, into: MissedChanges()
            ) { missed, batch in
                missed.add(batch, in: current)
            }.value
            let taken = TakenOver(
                detector: current, snapshot: last.snapshot, epoch: last.epoch, readAt: last.readAt,
                missed: missed,
                openAnomalies: try await AnomalyStore.subjects("is_active", on: connection))
            try await connection.execute("COMMIT")
            return taken
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
