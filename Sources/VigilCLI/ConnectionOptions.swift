import ArgumentParser
import Foundation
import PostgresClient

/// How to reach the database; shared by the commands that need one.
struct ConnectionOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Connection string or URI, as libpq takes it.",
            discussion: """
                Default: the variable VIGIL_DSN, else libpq's own (PGHOST, PGDATABASE, ...). Keep \
                the password in ~/.pgpass or PGPASSWORD: arguments are seen in the process list.
                """,
            valueName: "conninfo"))
    var dsn: String?

    var conninfo: String {
        dsn ?? ProcessInfo.processInfo.environment["VIGIL_DSN"] ?? ""
    }

    func connect() async throws -> PostgresConnection {
        try await PostgresConnection.connect(conninfo, applicationName: "vigil")
    }
}
