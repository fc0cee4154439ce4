package import Foundation
import Synchronization

/// A private PostgreSQL in a folder of its own, reached by a Unix socket alone.
///
/// Call `stop()` when it is no longer needed. A cluster that is not stopped ends with this process,
/// or with the last reference to this object: a watchdog stops the server then, and removes a
/// temporary folder. With `stopsWithProcess: false` the server stays.
///
/// When the caller is root, the server runs as `postgres`, or as `nobody` where there is no such
/// user. Every user who can enter the socket's folder is trusted; that is the caller alone, and root.
package final class LocalCluster: Sendable {
    /// The folder that holds the cluster.
    package var folder: URL { layout.url }
    /// The folder of the Unix socket: the `host` of a connection string.
    package var socketDirectory: String { layout.socketDirectory }
    /// PostgreSQL's programs in use.
    package let binaries: PostgresBinaries
    /// The superuser's name inside the cluster.
    package static let superuser = "postgres"

    let layout: ClusterFolder
    private let watchdog: Mutex<ClusterWatchdog?>

    private init(
        layout: ClusterFolder, binaries: PostgresBinaries, watchdog: ClusterWatchdog?
    ) {
        self.layout = layout
        self.binaries = binaries
        self.watchdog = Mutex(watchdog)
    }

    /// Starts a cluster, and makes it first where the folder has none.
    /// - Parameters:
    ///   - folder: where it lies; nil: a new temporary folder, removed by `stop()`.
    ///   - settings: lines of postgresql.conf.
    ///   - durable: false gives up safety against a crash of the machine for speed.
    ///   - accessRules: lines of pg_hba.conf.
    ///   - stopsWithProcess: whether the server ends with this process at the latest.
    /// - Returns: a cluster that accepts connections.
    /// - Throws: what is missing or in the way, and what to do about it.
    package static func start(
        in folder: URL? = nil, settings: [String: String] = [:], durable: Bool = true,
        accessRules: [String] = ["local all all trust"], stopsWithProcess: Bool = true
    ) async throws(LocalClusterError) -> LocalCluster {
        let account = try ServerAccount.current()
        let layout = try ClusterFolder.prepare(folder, for: account)
        do throws(LocalClusterError) {
            try await layout.checkAccess()
            let binaries = try await PostgresBinaries.find(majorVersion: layout.majorVersion)
            let server = ClusterServer(layout: layout, binaries: binaries)
            try server.refuseIfRunning()
            if !layout.hasCluster { try await server.initialize(durable: durable) }
            try server.configure(settings, durable: durable, accessRules: accessRules)
            let watchdog =
                stopsWithProcess
                ? try ClusterWatchdog(
                    of: layout, stopCommand: server.stopCommand(durable ? "fast" : "immediate"))
                : nil
            let cluster = LocalCluster(layout: layout, binaries: binaries, watchdog: watchdog)
            try await server.start()
            return cluster
        } catch {
            layout.removeTemporaries()
            throw error
        }
    }

    /// Stops the server, ending its sessions, and removes a temporary folder.
    ///
    /// Harmless when repeated.
    package func stop() async throws(LocalClusterError) {
        try await server.stop()
        layout.removeTemporaries()
        watchdog.withLock { $0 = nil }
    }

    /// Ends the server as a crash of the machine would: SIGKILL, no clean-up.
    package func kill9() throws(LocalClusterError) {
        try server.kill9()
    }

    /// Stops the server where it runs, and starts it again on the same data.
    package func restart() async throws(LocalClusterError) {
        try await server.stop()
        try await server.start()
    }

    /// Whether the server runs.
    package var isRunning: Bool { layout.runningProcessID != nil }

    /// The connection string of the superuser's own database.
    package var conninfo: String { conninfo() }

    /// A libpq connection string for a user and a database of the cluster.
    package func conninfo(
        user: String = LocalCluster.superuser, database: String = "postgres"
    ) -> String {
        let parts = [
            ("host", socketDirectory), ("port", "5432"), ("user", user), ("dbname", database),
        ]
        return parts.map { "\($0.0)=\(Self.quoted($0.1))" }.joined(separator: " ")
    }

    private var server: ClusterServer { ClusterServer(layout: layout, binaries: binaries) }

    /// A value of a connection string; plain words stay as they are.
    private static func quoted(_ value: String) -> String {
        let isPlain = value.utf8.allSatisfy { byte in
            byte > 32 && byte != UInt8(ascii: "'") && byte != UInt8(ascii: "\\")
        }
        if isPlain, !value.isEmpty { return value }
        let escaped = value.replacingOccurrences(of: "\\", with: "\\\\")
            .replacingOccurrences(of: "'", with: "\\'")
        return "'\(escaped)'"
    }
}
