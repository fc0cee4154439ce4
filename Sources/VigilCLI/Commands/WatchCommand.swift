import ArgumentParser
import Foundation
import PostgresClient
import Storage

/// Anomalies as they come.
struct WatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Show anomalies as they are found, change, are reviewed and close.",
        discussion: "Ends on Ctrl-C. Where the server goes away, it waits until it is back.")

    @OptionGroup var connection: ConnectionOptions
    @Option(
        help: ArgumentHelp(
            "Time between two looks; a new anomaly is seen at once.", valueName: "seconds"))
    var interval = 2.0
    @Flag(help: "Print one JSON object a line.") var json = false

    /// How far each look goes back: longer than a transaction that finds anomalies stays open.
    private static let reachSeconds = 120.0

    func validate() throws {
        guard interval >= 0.1, interval <= 3600 else {
            throw ValidationError("--interval is \(interval); it must be from 0.1 to 3600 seconds")
        }
    }

    func run() async throws {
        do {
            try await Interruptible.run { try await follow() }
        } catch is CancellationError {
            // Whoever watches ends it so.
        } catch let error as PostgresError where error.code == .cancelled {
        }
    }

    private func follow() async throws {
        var database: PostgresConnection?
        var known: [String: AnomalyRow]?
        while true {
            try Task.checkCancellation()
            do {
                let session: PostgresConnection
                if let database {
                    session = database
                } else {
                    session = try await connection.connect()
                    try await Installation.check(on: session)
                    try await session.execute("LISTEN vigil_anomalies")
                    if known == nil { Terminal.complain("watching; Ctrl-C ends it") }
                }
                database = session
                known = try show(
                    try await AnomalyStore.movements(
                        sinceSecondsAgo: Self.reachSeconds, on: session), known)
                _ = try await session.waitForNotification(timeout: .seconds(interval))
            } catch let error as PostgresError where known != nil && error.code != .cancelled {
                // The server will come back; the watcher is still there then.
                Terminal.complain("vigil: \(error.description)")
                await database?.close()
                database = nil
                try await Task.sleep(for: .seconds(interval))
            }
        }
    }

    /// Tells what is new beside what is known; the first look only learns.
    private func show(
        _ movements: [String], _ known: [String: AnomalyRow]?
    ) throws -> [String: AnomalyRow] {
        var next: [String: AnomalyRow] = [:]
        for json in movements {
            var row = try AnomalyRow(json: json)
            row.age = ""
            next[row.id] = row
            guard let known, let event = Self.event(from: known[row.id], to: row) else { continue }
            if self.json {
                Terminal.say(harmlessJSON(#"{"event": "\#(event)", "anomaly": \#(json)}"#))
                continue
            }
            let severity = row.severity.padding(toLength: 8, withPad: " ", startingAt: 0)
            let time = Date().formatted(.dateTime.hour().minute().second())
            Terminal.say(
                "\(time)  \(row.shortID)  \(event.padding(toLength: 8, withPad: " ", startingAt: 0))  "
                    + (AnomalyRow.color(of: row.severity).map { Terminal.colored(severity, $0) }
                        ?? severity)
                    + "  \(String(format: "%.2f", row.score))  \(Terminal.printable(row.subject)): "
                    + Terminal.printable(
                        row.description.replacing("\n", with: " ").truncated(to: 100)))
        }
        // What has left the window may come back only changed; it is told again then.
        return next
    }

    private static func event(from old: AnomalyRow?, to row: AnomalyRow) -> String? {
        guard let old else {
            return row.state == "closed" ? "closed" : row.occurrences > 1 ? "again" : "new"
        }
        if old == row { return nil }
        if old.state != row.state && row.state == "closed" { return "closed" }
        if old.state == "closed" { return "reopened" }
        if old.verdict != row.verdict { return row.verdict == nil ? "undone" : "reviewed" }
        return "changed"
    }
}
