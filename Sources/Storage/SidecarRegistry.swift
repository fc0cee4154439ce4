import Foundation
package import PostgresClient

/// The row of this sidecar in `vigil.sidecars`.
package enum SidecarRegistry {
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

    package static func beat(
        _ report: Report, on connection: PostgresConnection
    ) async throws(PostgresError) {
        _ = try await connection.query(
            """
            UPDATE vigil.sidecars
            SET heartbeat_at = clock_timestamp(), state = $2, node_count = $3, edge_count = $4,
                model_version = $5, graph_epoch = $6, counters = $7,
                lease_until = CASE WHEN $2 <> 'stopped' THEN lease_until END
            WHERE pid = $1 AND host = $8
            """,
            [
                .int32(ProcessInfo.processInfo.processIdentifier), .text(report.state),
                .int64(Int64(report.nodeCount)), .int64(Int64(report.edgeCount)),
                report.modelVersion.map { .text($0) } ?? .null, .int64(report.graphEpoch),
                .jsonb(report.counters), .text(ProcessInfo.processInfo.hostName),
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
