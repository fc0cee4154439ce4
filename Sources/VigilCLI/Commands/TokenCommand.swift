import ArgumentParser
import PostgresClient
import Storage

/// Makes, lists and revokes the tokens of the REST API and the page.
struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Make, list and revoke tokens of the REST API and the page.",
        subcommands: [Create.self, List.self, Revoke.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a token, and print it once: only its hash is kept.")
        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "Who holds it: the name that reviews and the audit log show.")
        var name: String
        @Option(help: "What it may do: reader, analyst or admin.") var role = "analyst"
        @Option(help: "Days until it expires; 0: never.") var days = 90.0

        func validate() throws {
            guard days >= 0, days <= 36_500 else {
                throw ValidationError("--days must be from 0 to 36500")
            }
        }

        func run() async throws {
            let database = try await connection.connect()
            try await Installation.check(on: database)
            let token = try await TokenStore.create(
                name: name, role: role, days: days == 0 ? nil : days, on: database)
            await database.close()
            Terminal.say(token)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the tokens.")
        @OptionGroup var connection: ConnectionOptions
        @Flag(help: "Print JSON.") var json = false

        func run() async throws {
            let database = try await connection.connect()
            try await Installation.check(on: database)
            let tokens = try await TokenStore.all(on: database)
            await database.close()
            if json {
                Terminal.say(try jsonText(tokens))
                return
            }
            Terminal.say(
                alignedTable(
                    header: ["name", "role", "state", "created", "by", "expires", "last used"],
                    rows: tokens.map {
                        [
                            $0.name, $0.role, $0.state, $0.created, $0.createdBy, $0.expires,
                            $0.lastUsed,
                        ]
                    }))
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a token back: requests with it are refused at once.")
        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "Its name.") var name: String

        func run() async throws {
            let database = try await connection.connect()
            try await Installation.check(on: database)
            try await TokenStore.revoke(name: name, on: database)
            await database.close()
            Terminal.say("The token of \(name) is revoked.")
        }
    }
}
