package import PostgresClient

/// Installs Vigil's schema and checks the one that is there.
package enum Installation {
    /// What stands in the database.
    package enum State: Sendable, Equatable {
        case absent
        case plain(version: String)
        case `extension`(version: String)
    }

    package static func state(on connection: PostgresConnection) async throws -> State {
        let answer = try await connection.query(
            """
            SELECT (SELECT extversion FROM pg_extension WHERE extname = 'vigil'),
                to_regprocedure('vigil.version()') IS NOT NULL
            """)
        if !answer.isNull(row: 0, column: 0) {
            return .extension(version: try answer.string(row: 0, column: 0))
        }
        guard try answer.bool(row: 0, column: 1) else { return .absent }
        let version = try await connection.query("SELECT vigil.version()")
        return .plain(version: try version.string(row: 0, column: 0))
    }

    /// The plain-SQL route: the extension's own SQL, in one transaction, for servers where
    /// `CREATE EXTENSION vigil` is not to be had.
    package static func install(on connection: PostgresConnection) async throws {
        switch try await state(on: connection) {
        case .absent: break
        case .plain(let version), .extension(let version):
            throw StorageError(
                code: .alreadyInstalled,
                message: "Vigil \(version) is already installed in this database",
                hint: "drop it first: DROP EXTENSION vigil, or DROP SCHEMA vigil CASCADE")
        }
        try await connection.execute(
            """
            BEGIN;
            CREATE SCHEMA vigil;
            SET LOCAL search_path = vigil, pg_catalog, pg_temp;
            SET LOCAL client_min_messages = warning;
            \(installationScript)
            COMMIT;
            """)
    }

    /// Refuses a database without Vigil, or with a version that this sidecar does not speak.
    package static func check(on connection: PostgresConnection) async throws {
        switch try await state(on: connection) {
        case .absent:
            throw StorageError(
                code: .notInstalled, message: "Vigil is not installed in this database",
                hint: "run CREATE EXTENSION vigil there, or `vigil install`")
        case .plain(extensionVersion), .extension(extensionVersion):
            return
        case .plain(let version):
            throw StorageError(
                code: .wrongVersion,
                message: "the database has Vigil \(version), this program is \(extensionVersion)",
                hint: "run the program of that version")
        case .extension(let version):
            throw StorageError(
                code: .wrongVersion,
                message: "the database has Vigil \(version), this program is \(extensionVersion)",
                hint: "run ALTER EXTENSION vigil UPDATE TO '\(extensionVersion)'")
        }
    }
}
