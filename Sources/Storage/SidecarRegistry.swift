import Foundation
package import PostgresClient

/// The row of this sidecar in `vigil.sidecars`, and the lock that keeps it the only writer.
package enum SidecarRegistry {
    /// The advisory lock of the one writer ("vigil" in ASCII); held by the feed's own session, so
    /// it is gone with the connection, and a write after its loss is impossible.
    static let lockKey: Int64 = 0x76_69_67_69_6C

    /// Refuses a connection through a pooler: LISTEN and the writer's lock belong to a session, and
    /// a pooler may give the session to somebody else after each transaction.
    ///
    /// A pooler shows by the process id that it made up when the connection was opened.
    package static func requireOwnSession(on connection: PostgresConnection) async throws {
        let answer = try await connection.query("SELECT pg_backend_pid()")
        guard try await answer.int32(row: 0, column: 0) != connection.processID else { return }
        throw StorageError(
            code: .pooledConnection,
            message: "the connection goes through a connection pooler, and the sidecar needs a"
                + " session of its own for LISTEN and for its lock",
            hint:
                "give it the address of PostgreSQL itself; writers and analysts may use the pooler")
    }

    /// Takes the writer's lock, or says who has it.
    package static func lead(on connection: PostgresConnection) async throws {
        let answer = try await connection.query(
            "SELECT pg_try_advisory_lock($1)", [.int64(lockKey)])
        guard try !answer.bool(row: 0, column: 0) else { return }
        let holder = try await connection.query(
            """
            SELECT format('process %s on %s, started %s', pid, host, started_at::timestamptz(0))
            FROM vigil.sidecars WHERE state <> 'stopped' ORDER BY heartbeat_at DESC LIMIT 1
            """)
        let who =
            holder.rowCount == 1 ? try holder.string(row: 0, column: 0) : "another session"
        throw StorageError(
            code: .anotherSidecar, message: "another sidecar follows this database: \(who)",
            hint: "stop it first, or let it do the work")
    }

    /// Whether a sidecar follows this database.
    package static func isFollowed(on connection: PostgresConnection) async throws -> Bool {
        try await connection.query(
            """
            SELECT EXISTS (SELECT FROM vigil.sidecars AS s
                WHERE s.state = 'following' AND vigil.sidecar_is_alive(s.heartbeat_at, s.state))
            """
        ).bool(row: 0, column: 0)
    }

    /// What the heartbeat tells.
    package struct Report: Sendable {
        package var state: String
        package var nodeCount: Int
        package var edgeCount: Int
        package var modelVersion: String?
        package var graphEpoch: Int64
        /// Counters as a JSON object.
        package var counters: String

        package init(
            state: String, nodeCount: Int, edgeCount: Int, modelVersion: String?,
            graphEpoch: Int64, counters: String
        ) {
            self.state = state
            self.nodeCount = nodeCount
            self.edgeCount = edgeCount
            self.modelVersion = modelVersion
            self.graphEpoch = graphEpoch
            self.counters = counters
        }
    }

    /// Replaces the rows of sidecars that are gone by this one's: the lock proves that they are.
    package static func register(on connection: PostgresConnection) async throws(PostgresError) {
        _ = try await connection.pipeline([
            Statement("BEGIN"),
            Statement("DELETE FROM vigil.sidecars"),
            Statement(
                """
                INSERT INTO vigil.sidecars (pid, host, started_at, heartbeat_at, state, version)
                VALUES ($1, $2, now(), now(), 'loading', $3)
                """,
                [
                    .int32(ProcessInfo.processInfo.processIdentifier),
                    .text(ProcessInfo.processInfo.hostName), .text(extensionVersion),
                ]),
            Statement("COMMIT"),
        ])
    }

    package static func beat(
        _ report: Report, on connection: PostgresConnection
    ) async throws(PostgresError) {
        _ = try await connection.query(
            """
            UPDATE vigil.sidecars
            SET heartbeat_at = clock_timestamp(), state = $2, node_count = $3, edge_count = $4,
                model_version = $5, graph_epoch = $6, counters = $7
            WHERE pid = $1
            """,
            [
                .int32(ProcessInfo.processInfo.processIdentifier), .text(report.state),
                .int64(Int64(report.nodeCount)), .int64(Int64(report.edgeCount)),
                report.modelVersion.map { .text($0) } ?? .null, .int64(report.graphEpoch),
                .jsonb(report.counters),
            ])
    }

    /// One small step of the upkeep: removes what has outlived its retention.
    ///
    /// - Returns: whether there was something to do; a round is over when there was not.
    package static func upkeep(on connection: PostgresConnection) async throws(PostgresError)
        -> Bool
    {
        try await connection.query("SELECT vigil.run_upkeep()").bool(row: 0, column: 0)
    }
}
