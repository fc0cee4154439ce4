import Foundation
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
        try await run("CREATE SCHEMA vigil;\n\(installationScript)", on: connection)
    }

    /// Brings a plain installation to this program's version, in one transaction.
    ///
    /// - Returns: the version that was there; the same as this program's where nothing was to do.
    package static func upgrade(on connection: PostgresConnection) async throws -> String {
        let installed: String
        switch try await state(on: connection) {
        case .absent: throw notInstalled
        case .extension(let version):
            throw StorageError(
                code: .wrongRoute, message: "Vigil \(version) is installed here as an extension",
                hint: "run ALTER EXTENSION vigil UPDATE")
        case .plain(let version): installed = version
        }
        guard installed != extensionVersion else { return installed }
        try await run(try updateScript(from: installed), on: connection)
        return installed
    }

    /// The SQL of the update from a released version to this program's.
    package static func updateScript(from version: String) throws(StorageError) -> String {
        if let script = updateScripts[version] { return script }
        throw StorageError(
            code: .wrongVersion,
            message: "there is no update from Vigil \(version) to \(extensionVersion)",
            hint: version.compare(extensionVersion, options: .numeric) == .orderedDescending
                ? "it is newer than this program: run the program of version \(version)"
                : "updates are known from: "
                    + updateScripts.keys.sorted {
                        $0.compare($1, options: .numeric) == .orderedAscending
                    }
                    .joined(separator: ", "))
    }

    /// Runs a joined script in one transaction, in which only its own words have a meaning.
    private static func run(_ script: String, on connection: PostgresConnection) async throws {
        // Apart: a script is read as a whole before its first statement runs.
        try await connection.execute("SET standard_conforming_strings = on")
        try await connection.execute(
            """
            BEGIN;
            SET LOCAL search_path = vigil, pg_catalog, pg_temp;
            SET LOCAL client_min_messages = warning;
            SET LOCAL check_function_bodies = off;
            \(script)
            COMMIT;
            """)
    }

    /// Refuses a database without Vigil, or with a version that this sidecar does not speak.
    package static func check(on connection: PostgresConnection) async throws {
        switch try await state(on: connection) {
        case .absent: throw notInstalled
        case .plain(extensionVersion), .extension(extensionVersion):
            return
        case .plain(let version):
            throw StorageError(
                code: .wrongVersion,
                message: "the database has Vigil \(version), this program is \(extensionVersion)",
                hint: updateScripts[version] == nil
                    ? "run the program of that version" : "run `vigil upgrade`")
        case .extension(let version):
            throw StorageError(
                code: .wrongVersion,
                message: "the database has Vigil \(version), this program is \(extensionVersion)",
                hint: "run ALTER EXTENSION vigil UPDATE TO '\(extensionVersion)'")
        }
    }

    private static let notInstalled = StorageError(
        code: .notInstalled, message: "Vigil is not installed in this database",
        hint: "run CREATE EXTENSION vigil there, or `vigil install`")
}
