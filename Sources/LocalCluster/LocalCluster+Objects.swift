import Foundation

/// Databases and roles, made by the superuser.
extension LocalCluster {
    /// Creates a database.
    package func createDatabase(
        name: String, owner: String? = nil
    ) async throws(LocalClusterError) {
        let ownership = owner.map { " OWNER " + Self.quotedIdentifier($0) } ?? ""
        try await run(sql: "CREATE DATABASE \(Self.quotedIdentifier(name))\(ownership)")
    }

    /// Creates a role that can log in; `options` are those of CREATE ROLE.
    package func createRole(
        name: String, options: String = ""
    ) async throws(LocalClusterError) {
        try await run(sql: "CREATE ROLE \(Self.quotedIdentifier(name)) LOGIN \(options)")
    }

    /// Runs a script as the superuser by psql, and returns what its queries print: a row a line,
    /// values separated by `|`.
    @discardableResult
    package func run(
        sql: String, database: String = "postgres"
    ) async throws(LocalClusterError) -> String {
        let command = ChildProcess(
            executable: binaries.path("psql"),
            arguments: [
                "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", conninfo(database: database),
            ])
        let outcome = try await command.run(input: sql)
        guard outcome.status == 0 else {
            throw LocalClusterError(
                code: .commandFailed,
                message: outcome.output.trimmingCharacters(in: .whitespacesAndNewlines))
        }
        return outcome.output
    }

    /// The name as an identifier in SQL.
    static func quotedIdentifier(_ name: String) -> String {
        "\"" + name.replacingOccurrences(of: "\"", with: "\"\"") + "\""
    }
}
