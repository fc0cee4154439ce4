package import LocalCluster
package import PostgresClient
import Synchronization

/// The one PostgreSQL cluster of a test process: started when first needed, without durability.
///
/// Its watchdog stops the server and removes the folder when the process ends, however that happens.
package enum TestCluster {
    private static let databaseCount = Atomic<Int>(0)
    private static let finding = Task { (try? await PostgresBinaries.find()) != nil }
    private static let starting = Task { () async throws -> LocalCluster in
        try await LocalCluster.start(
            settings: [
                "max_connections": "200", "shared_buffers": "32MB", "log_min_messages": "fatal",
                "autovacuum": "off",
            ],
            durable: false)
    }

    /// The cluster, started now where it was not.
    package static func shared() async throws -> LocalCluster {
        try await starting.value
    }

    /// Whether PostgreSQL's programs are there; looked up once.
    package static func isInstalled() async -> Bool {
        await finding.value
    }

    /// A new connection as the superuser to the database that all tests share.
    ///
    /// It is for tests that leave nothing behind there.
    package static func connect() async throws -> PostgresConnection {
        try await PostgresConnection.connect(
            try await shared().conninfo, applicationName: "vigil tests")
    }

    /// Creates an empty database of its own for a test.
    package static func freshDatabase(
        owner: String = LocalCluster.superuser
    ) async throws -> TestDatabase {
        let cluster = try await shared()
        let number = databaseCount.add(1, ordering: .relaxed).newValue
        let name = "test_\(number)"
        let connection = try await PostgresConnection.connect(
            cluster.conninfo, applicationName: "vigil tests")
        try await connection.execute("CREATE DATABASE \(name) OWNER \"\(owner)\"")
        await connection.close()
        return TestDatabase(cluster: cluster, name: name)
    }
}

/// A database that one test has for itself.
package struct TestDatabase: Sendable {
    /// The cluster that it lies in.
    package let cluster: LocalCluster
    /// Its name.
    package let name: String

    /// The connection string of the superuser for this database.
    package var conninfo: String { cluster.conninfo(database: name) }

    /// The connection string of another role for this database.
    package func conninfo(user: String) -> String {
        cluster.conninfo(user: user, database: name)
    }

    /// A new connection as the superuser.
    package func connect() async throws -> PostgresConnection {
        try await PostgresConnection.connect(conninfo, applicationName: "vigil tests")
    }
}
