import ArgumentParser
import Foundation
import PostgresClient
import Storage

/// Everything about one anomaly.
struct ShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract:
            "Show an anomaly: why it is one, the evidence, what would undo it, its checklist and history."
    )

    @OptionGroup var connection: ConnectionOptions
    @Argument(help: "The anomaly's id, or as much of its beginning as is unique.")
    var anomaly: String
    @Flag(help: "Print JSON.") var json = false

    private struct Dossier: Decodable {
        struct Anomaly: Decodable { var id, severity, state: String }
        struct Decision: Decodable { var at, action, actor: String }

        var anomaly: Anomaly
        var text: String
        var decisions: [Decision]
    }

    func run() async throws {
        let database = try await connection.connect()
        try await Installation.check(on: database)
        let id = try await AnomalyStore.identify(anomaly, on: database)
        let answer = try await AnomalyStore.dossier(of: id, on: database)
        await database.close()
        if json {
            Terminal.say(indentedJSON(answer))
            return
        }
        let dossier = try JSONDecoder().decode(Dossier.self, from: Data(answer.utf8))
        var lines = dossier.text.split(separator: "\n", omittingEmptySubsequences: false)
            .map(String.init)
        if let color = AnomalyRow.color(of: dossier.anomaly.severity), !lines.isEmpty {
            lines[0] = Terminal.colored(Terminal.printable(lines[0]), color)
        }
        lines.insert("anomaly \(dossier.anomaly.id), \(dossier.anomaly.state)", at: 1)
        if !dossier.decisions.isEmpty {
            lines += ["", "History"]
            lines += dossier.decisions.map { "  - \($0.at.prefix(19)) \($0.action) by \($0.actor)" }
        }
        Terminal.say(lines.joined(separator: "\n"))
    }
}
