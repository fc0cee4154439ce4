import ArgumentParser
import PostgresClient
import Storage

/// Records a verdict, or takes one back.
struct ReviewCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "review",
        abstract: "Record a verdict on anomalies, or take the newest one back.",
        usage: "vigil review <id> ... <verdict> [--notes <notes>]\nvigil review --undo <id> ...",
        discussion:
            "Verdicts: true_positive, false_positive, benign, undecided. On several anomalies it is recorded on all or on none."
    )

    static let verdicts = ["true_positive", "false_positive", "benign", "undecided"]

    @OptionGroup var connection: ConnectionOptions
    @Argument(help: "Ids of anomalies, or their beginnings; then the verdict.")
    var words: [String]
    @Option(help: "Why.") var notes: String?
    @Flag(help: "Take the newest review back: the one before is in force again.") var undo = false
    @Flag(help: "Print JSON.") var json = false

    private var verdict: String? {
        undo ? nil : words.last?.replacing("-", with: "_").lowercased()
    }

    func validate() throws {
        if undo {
            guard notes == nil else { throw ValidationError("--undo takes no --notes") }
            return
        }
        guard let verdict, Self.verdicts.contains(verdict) else {
            throw ValidationError(
                "the last word is the verdict: \(Self.verdicts.joined(separator: ", "))")
        }
        guard words.count > 1 else { throw ValidationError("name the anomaly before the verdict") }
    }

    private struct Outcome: Encodable {
        var anomaly: String
        var verdict: String?
    }

    func run() async throws {
        let database = try await connection.connect()
        try await Installation.check(on: database)
        var ids: [String] = []
        for word in undo ? words[...] : words.dropLast() {
            let id = try await AnomalyStore.identify(word, on: database)
            if !ids.contains(id) { ids.append(id) }
        }
        var outcomes: [Outcome] = []
        try await database.execute("BEGIN")
        if let verdict {
            _ = try await database.ask(
                "SELECT vigil.review_anomalies($1, $2, $3)",
                [.uuidArray(ids), .text(verdict), .optional(notes)])
            outcomes = ids.map { Outcome(anomaly: $0, verdict: verdict) }
        } else {
            for id in ids {
                let answer = try await database.ask("SELECT vigil.undo_review($1)", [.uuid(id)])
                outcomes.append(
                    Outcome(
                        anomaly: id,
                        verdict: answer.isNull(row: 0, column: 0)
                            ? nil : try answer.string(row: 0, column: 0)))
            }
        }
        try await database.execute("COMMIT")
        await database.close()
        if json { return Terminal.say(try jsonText(outcomes)) }
        for outcome in outcomes {
            let verdict = outcome.verdict?.replacing("_", with: " ") ?? "not reviewed"
            Terminal.say("\(outcome.anomaly): \(verdict)")
        }
    }
}
