import Foundation
import PostgresClient

/// The server, and the session that it gives.
extension DeploymentCheck {
    func server() async throws -> [CheckFinding] {
        let version = try await text("SHOW server_version") ?? "-"
        guard await connection.serverVersion >= 150_000 else {
            return [
                CheckFinding(
                    "server", .problem, "PostgreSQL \(version) is too old",
                    advice: "Vigil needs PostgreSQL 15 or later")
            ]
        }
        if try await text("SELECT pg_is_in_recovery()::text") == "true" {
            return [
                CheckFinding(
                    "server", .problem, "PostgreSQL \(version) is a standby: it takes no writes",
                    advice: "name the primary, or both with target_session_attrs=read-write")
            ]
        }
        return [CheckFinding("server", .ok, "PostgreSQL \(version), a primary")]
    }

    func session() async throws -> [CheckFinding] {
        var findings: [CheckFinding] = []
        do {
            try await SidecarRegistry.requireOwnSession(on: connection)
            findings.append(CheckFinding("session", .ok, "no connection pooler in between"))
        } catch let error as StorageError {
            findings.append(
                CheckFinding("session", .problem, error.message, advice: error.hint))
        }
        let encrypted = try await text(
            "SELECT ssl::text || coalesce(' ' || version, '') FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
        )
        if !isLocal, encrypted?.hasPrefix("true") != true {
            findings.append(
                CheckFinding(
                    "session", .warning, "the connection crosses the network without TLS",
                    advice: "sslmode=verify-full with sslrootcert in the connection string"))
        }
        let role = try await text("SHOW session_replication_role") ?? ""
        if role != "origin" {
            findings.append(
                CheckFinding(
                    "session", .problem,
                    "session_replication_role is \(role): no trigger fires, so no change is found",
                    advice: "ALTER ROLE ... RESET session_replication_role, and look who set it"))
        }
        let replicas = try await text(
            """
            SELECT string_agg(coalesce(r.rolname, 'all roles') || ' in ' || coalesce(d.datname, 'all databases'), ', ')
            FROM pg_db_role_setting AS s
            LEFT JOIN pg_roles AS r ON r.oid = s.setrole LEFT JOIN pg_database AS d ON d.oid = s.setdatabase
            WHERE EXISTS (SELECT FROM unnest(s.setconfig) AS c WHERE c ~ '^session_replication_role=(replica|local)')
            """)
        if let replicas {
            findings.append(
                CheckFinding(
                    "session", .warning,
                    "session_replication_role is set for \(replicas): what they write is not found by triggers",
                    advice:
                        "let a subscription that feeds Vigil's tables fire them: ALTER TABLE ... ENABLE ALWAYS TRIGGER"
                ))
        }
        return findings
    }

    /// Settings of the server that make no sense with Vigil, or lose data.
    func serverSettings() async throws -> [CheckFinding] {
        let values = Dictionary(
            try await rows(
                """
                SELECT name, reset_val FROM pg_settings WHERE name IN ('fsync', 'full_page_writes',
                    'synchronous_commit', 'autovacuum', 'track_counts', 'max_prepared_transactions',
                    'statement_timeout', 'transaction_timeout', 'idle_session_timeout',
                    'default_transaction_read_only', 'max_connections')
                """
            ).map { ($0[0], $0[1]) }
        ) { first, _ in first }
        var findings: [CheckFinding] = []
        func warn(_ level: CheckFinding.Level, _ message: String, _ advice: String) {
            findings.append(CheckFinding("settings", level, message, advice: advice))
        }
        if values["fsync"] == "off" {
            warn(.problem, "fsync is off: a crash of the machine ruins the database", "fsync = on")
        }
        if values["full_page_writes"] == "off" {
            warn(
                .warning, "full_page_writes is off: a crash can leave torn pages",
                "full_page_writes = on, unless the file system prevents torn pages")
        }
        if values["synchronous_commit"] == "off" {
            warn(
                .warning,
                "synchronous_commit is off: a crash of the server forgets the last commits of writers",
                "synchronous_commit = on; the sidecar switches it off for its own session by itself"
            )
        }
        if values["autovacuum"] == "off" || values["track_counts"] == "off" {
            warn(
                .problem,
                "autovacuum is off: scores are updated all the time, and their tables bloat",
                "autovacuum = on, track_counts = on")
        }
        if values["default_transaction_read_only"] == "on" {
            warn(
                .problem, "default_transaction_read_only is on: the sidecar cannot write",
                "ALTER ROLE ... SET default_transaction_read_only = off")
        }
        for name in ["statement_timeout", "transaction_timeout", "idle_session_timeout"] {
            guard let value = values[name].flatMap({ Int($0) }), value > 0 else { continue }
            warn(
                .warning, "\(name) is \(value) ms in new sessions of this role",
                name == "idle_session_timeout"
                    ? "ALTER ROLE ... SET idle_session_timeout = 0: the sidecar's sessions rest between changes"
                    : "the sidecar sets its own; ALTER ROLE ... SET \(name) = 0 where loads are cut short"
            )
        }
        let doorbell = try? await text(
            "SELECT value::text FROM vigil.settings WHERE name = 'feed_arm'")
        if doorbell == "true", values["max_prepared_transactions"] != "0" {
            warn(
                .warning,
                "transactions can be prepared, and PREPARE TRANSACTION fails where the doorbell was rung",
                "if writers prepare transactions: UPDATE vigil.settings SET value = 'false' WHERE name = 'feed_arm'"
            )
        }
        let usage = Double(try await text("SELECT pg_notification_queue_usage()::text") ?? "") ?? 0
        if usage > 0.5 {
            warn(
                usage > 0.9 ? .problem : .warning,
                "the notification queue is \(Int(usage * 100)) % full: when it is, commits that ring fail",
                "find the session that listens and stays in a transaction: pg_stat_activity, state 'idle in transaction'"
            )
        }
        let free = try await text(
            """
            SELECT (current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
                - count(*))::text FROM pg_stat_activity WHERE backend_type = 'client backend'
            """)
        if let free = free.flatMap({ Int($0) }), free < Self.sessionCount {
            warn(
                .warning,
                "only \(free) connections are free, and a sidecar takes \(Self.sessionCount)",
                "raise max_connections, or let writers use a connection pooler")
        }
        if findings.isEmpty {
            findings.append(CheckFinding("settings", .ok, "those of the server fit"))
        }
        return findings
    }

    /// The most sessions that a sidecar holds at a time.
    ///
    /// They are the feed's, that of the lease, that of the audit, that of the tasks and that of the task in
    /// hand; for a while after it has taken over, one more that looks for what nobody has scored.
    static let sessionCount = 6

    func clock() async throws -> [CheckFinding] {
        // The shortest of a few round trips bounds the difference best.
        var best = (offset: 0.0, trip: Double.infinity)
        for _ in 1...5 {
            let before = Date().timeIntervalSince1970
            let answer = try await connection.query(
                "SELECT date_part('epoch', clock_timestamp())")
            let after = Date().timeIntervalSince1970
            guard after - before < best.trip else { continue }
            best = (try answer.double(row: 0, column: 0) - (before + after) / 2, after - before)
        }
        let seconds = (best.offset * 1000).rounded() / 1000
        guard abs(best.offset) - best.trip / 2 > 1 else {
            return [
                CheckFinding(
                    "clock", .ok, "the server's clock differs by \(seconds) s from this machine's")
            ]
        }
        return [
            CheckFinding(
                "clock", .warning, "the server's clock differs by \(seconds) s from this machine's",
                advice:
                    "keep both by NTP; judgements go by the server's clock, logs and metrics by this one's"
            )
        ]
    }

    func disk() async throws -> [CheckFinding] {
        let size = try await text("SELECT pg_size_pretty(pg_database_size(current_database()))")
        let sizes = "the database takes \(size ?? "-")"
        guard let folder = try? await text("SHOW data_directory") else {
            return [
                CheckFinding(
                    "disk", .ok,
                    "\(sizes); the free space is not visible to this role (pg_read_all_settings)")
            ]
        }
        let attributes =
            isLocal ? try? FileManager.default.attributesOfFileSystem(forPath: folder) : nil
        guard let attributes,
            let free = (attributes[.systemFreeSize] as? NSNumber)?.doubleValue,
            let total = (attributes[.systemSize] as? NSNumber)?.doubleValue, total > 0
        else {
            return [
                CheckFinding(
                    "disk", .ok, "\(sizes); the free space is not visible from this machine")
            ]
        }
        let share = free / total
        let said =
            "\(sizes); \(Int(free / 1e9)) GB, \(Int(share * 100)) % are free where its data lies"
        guard free < 1e9 || share < 0.05 else { return [CheckFinding("disk", .ok, said)] }
        return [
            CheckFinding(
                "disk", free < 2e8 ? .problem : .warning, said,
                advice: "make room: writers and the sidecar fail together when the disk is full")
        ]
    }
}
