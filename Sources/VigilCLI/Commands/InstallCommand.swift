import ArgumentParser
import PostgresClient
import Storage

/// The plain-SQL route for servers where the extension's files cannot be copied.
struct InstallCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "install",
        abstract: "Install Vigil's schema by plain SQL, without the extension machinery.",
        discussion: """
            For managed PostgreSQL. The SQL is the extension's own, run in one transaction by the \
            role that connects; it needs CREATE on the database and nothing else.
            """)

    @OptionGroup var connection: ConnectionOptions

    @Flag(help: "Print the SQL instead of running it.")
    var printSQL = false

    func run() async throws {
        if printSQL {
            Terminal.say(installationScript)
            return
        }
        let database = try await connection.connect()
        try await Installation.install(on: database)
        await database.close()
        Terminal.say("Vigil \(extensionVersion) is installed in schema vigil.")
    }
}
