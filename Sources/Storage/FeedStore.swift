import AnomalyDetection
package import ChangeFeed
package import PostgresClient

/// Where the feed stands, as `vigil.feed_state` stores it.
package struct FeedState: Sendable, Equatable {
    /// `nil` before the first load, and after a restore into another cluster.
    package var snapshot: FeedSnapshot?
    package var epoch: Int64
}

/// Reads the change feed and rings it off.
package enum FeedStore {
    /// Planner settings of the feed's own session.
    ///
    /// Its few statements always want the index and a plan made once: with an unknown xid the
    /// planner would guess that a third of the table matches, and scan it.
    package static let sessionSettings = """
        SET application_name = 'vigil sidecar';
        SET search_path = vigil, pg_catalog, pg_temp;
        SET synchronous_commit = off;
        SET plan_cache_mode = force_generic_plan;
        SET enable_seqscan = off;
        SET enable_bitmapscan = off;
        SET enable_hashjoin = off;
        SET enable_mergejoin = off;
        SET jit = off;
        SET max_parallel_workers_per_gather = 0;
        SET statement_timeout = '60s';
        SET lock_timeout = '10s';
        SET idle_in_transaction_session_timeout = '60s';
        -- lz4 takes a fraction of pglz's time for explanations and subgraphs; not every server has it
        DO $$ BEGIN PERFORM set_config('default_toast_compression', 'lz4', false);
        EXCEPTION WHEN invalid_parameter_value THEN NULL; END $$;
        """

    /// The stored state.
    ///
    /// A snapshot from another cluster or database, or one that lies in the
    /// future of this one, is void: transaction ids mean nothing across clusters.
    package static func state(on connection: PostgresConnection) async throws -> FeedState {
        let answer = try await connection.query(
            """
            SELECT CASE WHEN system_identifier = (SELECT system_identifier FROM pg_control_system())
                    AND database_oid = (SELECT oid FROM pg_database WHERE datname = current_database())
                    AND pg_snapshot_xmax(snapshot) <= pg_snapshot_xmax(pg_current_snapshot())
                THEN snapshot::text END, epoch_seen, snapshot IS NOT NULL
            FROM vigil.feed_state
            """)
        guard answer.rowCount == 1 else {
            throw StorageError(
                code: .corruptState,
                message: "vigil.feed_state has \(answer.rowCount) rows, not one",
                hint: "restore its row: INSERT INTO vigil.feed_state DEFAULT VALUES")
        }
        let epoch = answer.isNull(row: 0, column: 1) ? 0 : try answer.int64(row: 0, column: 1)
        guard !answer.isNull(row: 0, column: 0) else {
            if try answer.bool(row: 0, column: 2) {
                _ = try await connection.query(
                    "SELECT vigil.reset_feed('the stored snapshot belongs to another cluster')")
            }
            return FeedState(snapshot: nil, epoch: epoch)
        }
        let text = try answer.string(row: 0, column: 0)
        return FeedState(snapshot: try FeedSnapshot(parsing: text), epoch: epoch)
    }

    /// Everything that is visible now and was not visible in `previous`.
    package static func read(
        since previous: FeedSnapshot, types: TypeCodes, on connection: PostgresConnection
    ) async throws -> FeedBatch {
        let answer =
            previous.inProgress.isEmpty
            ? try await connection.query(types.feed.short, [.xid8(previous.xmax)])
            : try await connection.query(
                types.feed.whole,
                [.xid8(previous.xmax), .textArray(previous.inProgress.map { String($0) })])
        return try FeedBatch(answer, types)
    }

    /// The same for a burst that no read brings at once: batch by batch from one snapshot, each handed to
    /// `body` before the next is read.
    ///
    /// So what is in memory at a time is a piece of the burst, however large it is. The server holds the
    /// snapshot as long as `body` takes.
    package static func absorb<Value: Sendable>(
        since previous: FeedSnapshot, types: TypeCodes, on connection: PostgresConnection,
        into initial: consuming Value, _ body: (inout Value, FeedBatch) throws -> Void
    ) async throws -> (value: Value, last: FeedBatch) {
        try await connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        do {
            let absorbed = try await pieces(
                since: previous, types: types, on: connection, into: initial, body)
            try await connection.execute("COMMIT")
            return absorbed
        } catch {
            try? await connection.execute("ROLLBACK")
            throw error
        }
    }

    /// The batches of everything since a snapshot, in an open transaction.
    static func pieces<Value: Sendable>(
        since previous: FeedSnapshot, types: TypeCodes, on connection: PostgresConnection,
        into initial: consuming Value, _ body: (inout Value, FeedBatch) throws -> Void
    ) async throws -> (value: Value, last: FeedBatch) {
        var value = initial
        try await connection.execute(
            "DECLARE pieces BINARY NO SCROLL CURSOR FOR \(types.feed.all(since: previous))")
        let fetch = "FETCH \(FeedQuery.rowCountMax) FROM pieces"
        var batch = try FeedBatch(try await connection.query(fetch), types)
        try body(&value, batch)
        while true {
            let rows = try await connection.query(fetch)
            guard rows.rowCount > 0 else { break }
            batch = try FeedBatch(rows, types, after: batch)
            try body(&value, batch)
            try Task.checkCancellation()
        }
        try await connection.execute("CLOSE pieces")
        return (value, batch)
    }

    /// Says that the reader is about to sleep: from now on a commit rings the doorbell.
    ///
    /// The second transaction only assigns an id: a writer that looked at the doorbell before it
    /// was armed has a lower one than the next snapshot's xmax, so the check read sees it in
    /// progress and waits for it.
    package static func arm(on connection: PostgresConnection) async throws(PostgresError) {
        _ = try await connection.pipeline([
            Statement("BEGIN"), Statement("UPDATE vigil.feed_state SET armed = true"),
            Statement("COMMIT"), Statement("BEGIN"), Statement("SELECT pg_current_xact_id()"),
            Statement("COMMIT"),
        ])
    }

    /// Asks writers not to ring the doorbell any more.
    package static func disarm(on connection: PostgresConnection) async throws(PostgresError) {
        _ = try await connection.query("SELECT vigil.arm_feed(false)")
    }

    /// Stores the place of a full load: what it covers needs no reading again.
    package static func recordLoad(
        snapshot: FeedSnapshot, epoch: Int64, on connection: PostgresConnection
    ) async throws(PostgresError) {
        _ = try await connection.query(
            """
            UPDATE vigil.feed_state
            SET snapshot = $1::text::pg_snapshot, epoch_seen = $2, armed = false,
                system_identifier = (SELECT system_identifier FROM pg_control_system()),
                database_oid = (SELECT oid FROM pg_database WHERE datname = current_database()),
                loaded_at = clock_timestamp()
            """, [.text(snapshot.description), .int64(epoch)])
    }
}
