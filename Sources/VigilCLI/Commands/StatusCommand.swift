import ArgumentParser
import Foundation
import PostgresClient
import Storage

/// One screen about the feed and the sidecar.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show what the sidecar and the change feed are doing.")

    @OptionGroup var connection: ConnectionOptions

    @Flag(help: "Print JSON; with --watch one object a line.")
    var json = false

    @Flag(help: "Show it again and again until interrupted.")
    var watch = false

    @Option(help: ArgumentHelp("Time between two looks.", valueName: "seconds"))
    var interval = 2.0

    func validate() throws {
        guard interval >= 0.1, interval <= 86_400 else {
            throw ValidationError("--interval is \(interval); it must be from 0.1 to 86400 seconds")
        }
    }

    func run() async throws {
        var database: PostgresConnection? = try await connected()
        var former: StatusScreen.Former?
        while true {
            do {
                let session: PostgresConnection
                if let database { session = database } else { session = try await connected() }
                database = session
                let answer = try await StatusStore.json(on: session)
                let report = try StatusStore.report(answer)
                let now = ContinuousClock.now
                show(answer, StatusScreen(report: report, former: former, now: now))
                former = StatusScreen.Former(feed: report.feed.first, at: now)
            } catch let error as PostgresError where watch {
                // The server will come back; the watcher is still there then.
                Terminal.complain("vigil: \(error.description)")
                await database?.close()
                database = nil
            }
            guard watch else { break }
            try await Task.sleep(for: .seconds(interval))
        }
        await database?.close()
    }

    private func connected() async throws -> PostgresConnection {
        let database = try await connection.connect()
        try await Installation.check(on: database)
        return database
    }

    private func show(_ answer: String, _ screen: StatusScreen) {
        if json {
            Terminal.say(watch ? harmlessJSON(answer) : indentedJSON(answer))
        } else if watch {
            Terminal.clear()
            Terminal.say(screen.text + "\n")
        } else {
            Terminal.say(screen.text)
        }
    }
}
