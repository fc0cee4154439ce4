import Foundation
import LocalCluster
import PostgresClient
import Synchronization

/// PostgreSQL under torture: the first server, and the standby that may take its place.
final class TortureServer: Sendable {
    private struct State {
        var active: LocalCluster
        var standby: LocalCluster?
    }

    private let state: Mutex<State>
    private let folder: URL
    let database = "graph"
    /// Finds whichever server takes writes.
    let conninfo: String

    private static let settings = [
        "max_prepared_transactions": "8", "shared_buffers": "64MB", "max_connections": "60",
        "track_commit_timestamp": "on", "synchronous_commit": "on", "wal_level": "replica",
        "max_wal_senders": "4", "max_wal_size": "128MB", "min_wal_size": "32MB",
        "wal_keep_size": "256MB", "deadlock_timeout": "300ms", "log_line_prefix": "%m [%p] %a ",
        "log_min_messages": "warning", "checkpoint_timeout": "30s",
    ]

    /// Starts the first server in the folder.
    static func start(in folder: URL) async throws -> TortureServer {
        let first = try await LocalCluster.start(
            in: folder.appending(path: "first"), settings: settings, durable: false,
            accessRules: LocalCluster.replicatingRules)
        let server = TortureServer(first, in: folder)
        try await first.createDatabase(name: server.database)
        return server
    }

    private init(_ first: LocalCluster, in folder: URL) {
        state = Mutex(State(active: first))
        self.folder = folder
        let second = folder.appending(path: "second/socket").path()
        conninfo =
            "host=\(first.socketDirectory),\(second) port=5432,5432 user=postgres"
            + " dbname=\(database) target_session_attrs=read-write"
    }

    /// The server that takes writes.
    var active: LocalCluster { state.withLock { $0.active } }

    /// The logs of both servers.
    var logFiles: [URL] {
        ["first", "second"].map { folder.appending(path: "\($0)/log/server.log") }
    }

    /// Whether there is a standby that could take over.
    var hasStandby: Bool { state.withLock { $0.standby != nil } }

    func connect(_ name: String = "torture") async throws -> PostgresConnection {
        try await PostgresConnection.connect(conninfo, applicationName: name)
    }

    /// Makes a standby that streams from the first server.
    func startStandby() async throws {
        let standby = try await active.startStandby(
            in: folder.appending(path: "second"), settings: Self.settings, durable: false)
        state.withLock { $0.standby = standby }
    }

    /// Has commits wait for the standby, kills the first server and promotes the other.
    ///
    /// - Returns: false where the standby does not stream, and nothing was done.
    func failOver() async throws -> Bool {
        guard let standby = state.withLock({ $0.standby }) else { return false }
        let first = active
        if !standby.isRunning { try await standby.restart() }
        guard try await streams(from: first, "state = 'streaming'") else { return false }
        // What a writer has been told is committed must be on the standby too.
        try await first.run(
            sql: """
                ALTER SYSTEM SET synchronous_standby_names = 'standby';
                SELECT pg_reload_conf();
                """)
        guard try await streams(from: first, "sync_state = 'sync'") else {
            try await first.run(
                sql: "ALTER SYSTEM RESET synchronous_standby_names; SELECT pg_reload_conf();")
            return false
        }
        try first.kill9()
        try await standby.promote()
        state.withLock { state in
            state.active = standby
            state.standby = nil
        }
        return true
    }

    /// Waits half a minute at most for the standby.
    private func streams(from first: LocalCluster, _ condition: String) async throws -> Bool {
        for _ in 0..<60 {
            let answer = try await first.run(
                sql: "SELECT count(*) FROM pg_stat_replication WHERE \(condition)")
            if answer.hasPrefix("1") { return true }
            try await Task.sleep(for: .milliseconds(500))
        }
        return false
    }

    func kill() throws { try active.kill9() }

    /// Starts the server where it is down.
    func restart() async throws { try await active.restart() }

    func stop() async {
        let (standby, active) = state.withLock { ($0.standby, $0.active) }
        try? await standby?.stop()
        try? await active.stop()
    }
}
