import Foundation
package import PostgresClient

/// Who of several sidecars leads: a lock that makes it the only writer, and a lease that shows that it
/// is well.
///
/// The lock belongs to the feed's own session, so it is gone with the connection, and a write after its
/// loss is impossible. The lease is for a process that stands still while its session stands: a
/// standby ends the session, and the lock with it. Nothing is written by right of the lease.
package enum SidecarLead {
    /// What a process does among several.
    package enum Role: String, Sendable {
        /// It judges and writes.
        case leader
        /// It follows warm, and takes over when the leader is gone.
        case standby
    }

    /// The advisory lock of the one writer: "vigil" in ASCII.
    static let lockKey: Int64 = 0x76_69_67_69_6C

    /// Takes the writer's lock; false where another session has it.
    package static func take(on connection: PostgresConnection) async throws -> Bool {
        try await connection.query("SELECT pg_try_advisory_lock($1)", [.int64(lockKey)])
            .bool(row: 0, column: 0)
    }

    /// Whether a leader has let its lease run out.
    package static func isStalled(on connection: PostgresConnection) async throws -> Bool {
        try await connection.query(
            """
            SELECT EXISTS (SELECT FROM vigil.sidecars
                WHERE role = 'leader' AND lease_until < clock_timestamp())
            """
        ).bool(row: 0, column: 0)
    }

    /// Ends the session of a leader whose lease has run out.
    ///
    /// - Returns: whether there was one.
    /// - Throws: `StorageError` where neither the owner of Vigil nor this role may end it.
    package static func endStalled(on connection: PostgresConnection) async throws -> Bool {
        do {
            return try await connection.query("SELECT vigil.end_stalled_leader()")
                .bool(row: 0, column: 0)
        } catch {
            guard error.sqlState == notPermitted else { throw error }
            return try await endStalledByOwnRight(on: connection)
        }
    }

    private static let notPermitted = "42501"

    /// A role may end its own sessions, also where the owner of Vigil may not.
    private static func endStalledByOwnRight(
        on connection: PostgresConnection
    ) async throws -> Bool {
        do {
            return try await connection.query(
                """
                SELECT coalesce(bool_or(pg_terminate_backend(l.pid)), false)
                FROM pg_locks AS l JOIN vigil.sidecars AS s ON s.backend_pid = l.pid
                WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
                    AND l.classid = \(lockKey >> 32) AND l.objid = \(lockKey & 0xFFFF_FFFF)
                    AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
                    AND s.role = 'leader' AND s.lease_until < clock_timestamp()
                """
            ).bool(row: 0, column: 0)
        } catch {
            guard error.sqlState == notPermitted else { throw error }
            throw StorageError(
                code: .anotherSidecar,
                message: "the leading sidecar stands still, and this one may not end its session",
                hint: "let both log in as one role, or grant the owner pg_signal_backend")
        }
    }

    /// One line that names the leading process.
    package static func leader(on connection: PostgresConnection) async throws -> String {
        let holder = try await connection.query(
            """
            SELECT format('process %s on %s, started %s', pid, host, started_at::timestamptz(0))
            FROM vigil.sidecars WHERE state <> 'stopped' AND role = 'leader'
            ORDER BY heartbeat_at DESC LIMIT 1
            """)
        return holder.rowCount == 1 ? try holder.string(row: 0, column: 0) : "another session"
    }

    /// Places this process's row, and removes those of processes whose sessions are gone.
    ///
    /// For a leader, whoever led before is gone too: the lock proves it.
    package static func register(
        as role: Role, on connection: PostgresConnection
    ) async throws(PostgresError) {
        let process = ProcessInfo.processInfo
        _ = try await connection.pipeline([
            Statement("BEGIN"),
            Statement(
                """
                DELETE FROM vigil.sidecars AS s
                WHERE s.host = $1 AND s.pid = $2 OR s.state = 'stopped'
                    OR s.role = 'leader' AND $3 = 'leader'
                    OR NOT EXISTS (SELECT FROM pg_stat_activity AS a
                        WHERE a.pid = s.backend_pid AND a.datname = current_database())
                """,
                [.text(process.hostName), .int32(process.processIdentifier), .text(role.rawValue)]),
            Statement(
                """
                INSERT INTO vigil.sidecars
                    (pid, host, started_at, heartbeat_at, state, version, role, backend_pid, lease_until)
                VALUES ($1, $2, now(), now(), 'loading', $3, $4, pg_backend_pid(),
                    CASE WHEN $4 = 'leader' THEN clock_timestamp() + interval '\(graceSeconds) s'
                        + \(leaseLength) END)
                """,
                [
                    .int32(process.processIdentifier), .text(process.hostName),
                    .text(extensionVersion), .text(role.rawValue),
                ]),
            Statement("COMMIT"),
        ])
    }

    /// Renews the lease of the leader whose feed has this server process; to be called on another
    /// session than the feed's, which may be busy for long.
    ///
    /// - Returns: how long it holds; nil where this process has the lead no more.
    package static func renew(
        backend: Int32, on connection: PostgresConnection
    ) async throws -> Duration? {
        let answer = try await connection.query(
            """
            UPDATE vigil.sidecars
            SET lease_until = clock_timestamp() + \(leaseLength), heartbeat_at = clock_timestamp()
            WHERE host = $1 AND pid = $2 AND backend_pid = $3 AND role = 'leader'
            RETURNING (vigil.get_setting('lease_milliseconds'))::bigint
            """,
            [
                .text(ProcessInfo.processInfo.hostName),
                .int32(ProcessInfo.processInfo.processIdentifier), .int32(backend),
            ])
        guard answer.rowCount == 1 else { return nil }
        return .milliseconds(try answer.int64(row: 0, column: 0))
    }

    /// Settings of the session that renews the lease.
    package static let sessionSettings = """
        SET search_path = vigil, pg_catalog, pg_temp;
        SET synchronous_commit = off;
        SET statement_timeout = '5s';
        SET lock_timeout = '2s';
        SET idle_in_transaction_session_timeout = '10s';
        """

    /// Until the first renewal, which needs a session that is still to be opened.
    private static let graceSeconds = 3
    private static let leaseLength =
        "(vigil.get_setting('lease_milliseconds'))::float8 * interval '1 millisecond'"
}
