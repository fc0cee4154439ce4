import ArgumentParser
import Foundation
import PostgresClient
import Storage

/// One screen about the feed and the sidecar.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show what the sidecar and the change feed are doing.")

    @OptionGroup var connection: ConnectionOptions

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        let database = try await connection.connect()
        try await Installation.check(on: database)
        var sections: [(String, [String: String])] = []
        for view in ["sidecar_status", "feed_health"] {
            let answer = try await database.query(
                """
                SELECT r.place, c.key, c.value
                FROM (SELECT row_number() OVER () AS place, to_jsonb(v) AS row FROM vigil.\(view) v) AS r,
                    jsonb_each_text(r.row) AS c
                """)
            var rows: [Int64: [String: String]] = [:]
            for index in 0..<answer.rowCount {
                let place = try answer.int64(row: index, column: 0)
                let name = try answer.string(row: index, column: 1)
                rows[place, default: [:]][name] =
                    try answer.optionalString(row: index, column: 2) ?? "-"
            }
            sections += rows.isEmpty ? [(view, [:])] : rows.values.map { (view, $0) }
        }
        await database.close()
        if json {
            let grouped = Dictionary(grouping: sections, by: \.0).mapValues { $0.map(\.1) }
            Terminal.say(try jsonText(grouped))
            return
        }
        for (view, row) in sections {
            Terminal.say(Terminal.colored(view.replacing("_", with: " "), 1))
            if row.isEmpty {
                Terminal.say("  none: start one with `vigil run`")
            }
            let width = row.keys.map(\.count).max() ?? 0
            for (name, value) in row.sorted(by: { $0.key < $1.key }) {
                let padding = String(repeating: " ", count: width - name.count)
                Terminal.say("  \(name.replacing("_", with: " "))\(padding)  \(value)")
            }
        }
    }
}
