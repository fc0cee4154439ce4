import ArgumentParser
import PostgresClient
import Storage

/// The plain-SQL counterpart of `ALTER EXTENSION vigil UPDATE`.
struct UpgradeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "upgrade",
        abstract: "Bring a schema that `vigil install` made to this program's version.",
        discussion: """
            Runs in one transaction, as the role that owns schema vigil; it locks Vigil's tables, so \
            it waits for open transactions that have written them. Nothing is lost: rows, settings, \
            reviews, attached tables, and what others have built on Vigil stay. A running sidecar \
            of the old version notices, writes nothing more and says so: start the new one. Where \
            Vigil is an extension, run ALTER EXTENSION vigil UPDATE instead.
            """)

    @OptionGroup var connection: ConnectionOptions

    @Option(
        name: .customLong("print-sql"),
        help: ArgumentHelp(
            "Print the SQL of the update from this version instead of running it.",
            valueName: "version"))
    var printedVersion: String?

    func run() async throws {
        if let printedVersion {
            Terminal.say(try Installation.updateScript(from: printedVersion))
            return
        }
        let database = try await connection.connect()
        let before = try await Installation.upgrade(on: database)
        await database.close()
        Terminal.say(
            before == extensionVersion
                ? "Vigil \(extensionVersion) is installed; there is nothing to upgrade."
                : "Vigil was upgraded from \(before) to \(extensionVersion).")
    }
}
