import ArgumentParser
import Foundation
import PostgresClient
import Storage

/// Lists anomalies, or writes them to a file.
struct AnomaliesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "anomalies",
        abstract:
            "List anomalies: the strangest first, page by page, or all of them as CSV or JSON lines.",
        discussion: """
            Options that take words take several with commas. The id of a line can be given to the \
            other commands as far as it is shown. In CSV a text that a spreadsheet would take for a \
            formula is preceded by an apostrophe.
            """)

    enum Format: String, CaseIterable, ExpressibleByArgument { case table, csv, jsonl, json }

    @OptionGroup var connection: ConnectionOptions
    @Option(help: "low, medium, high or critical.") var severity: String?
    @Option(
        help: "behavioral, relationship, infrastructure, data_quality, temporal or semantic.")
    var type: String?
    @Option(help: "open, suppressed, closed or all.") var state = "open"
    @Option(help: "true_positive, false_positive, benign, undecided or none.") var verdict: String?
    @Option(help: "Only of this entity, by its id.") var entity: Int64?
    @Option(help: "Only of this relationship, by its id.") var relationship: Int64?
    @Option(help: "Only of subjects whose name begins so.") var subject: String?
    @Option(help: "Only those last detected from then on, ISO 8601.") var since: Instant?
    @Option(help: "Only those last detected before then, ISO 8601.") var until: Instant?
    @Option(help: "Only from this score on.") var scoreMin: Double?
    @Option(help: "Only up to this score.") var scoreMax: Double?
    @Option(help: "Only of this detection method.") var method: String?
    @Option(help: "Only of this incident.") var incident: Int64?
    @Option(help: "Only those that this person looks after.") var assignedTo: String?
    @Option(help: "score or time.") var order = "score"
    @Option(help: "Lines of the page.") var limit = 20
    @Option(help: "The place where the page begins, as the page before has said it.")
    var after: String?
    @Flag(help: "All pages.") var all = false
    @Option(help: "table, csv, jsonl (one object a line) or json (one document).")
    var format: Format = .table
    @Flag(help: "Print JSON.") var json = false
    @Option(
        name: [.customShort("o"), .customLong("out")],
        help: "The file to write; by default standard output.")
    var output: String?

    func validate() throws {
        guard (1...10_000).contains(limit) else {
            throw ValidationError("--limit is \(limit); it must be from 1 to 10000")
        }
    }

    private var filter: AnomalyFilter {
        var filter = AnomalyFilter()
        (filter.severity, filter.type, filter.verdict) = (severity, type, verdict)
        (filter.subject, filter.method, filter.assignedTo) = (subject, method, assignedTo)
        (filter.entity, filter.relationship, filter.incident) = (entity, relationship, incident)
        (filter.since, filter.until) = (since?.seconds, until?.seconds)
        (filter.scoreMin, filter.scoreMax) = (scoreMin, scoreMax)
        (filter.state, filter.order) = (state, order)
        return filter
    }

    func run() async throws {
        let database = try await connection.connect()
        try await Installation.check(on: database)
        // One snapshot for all pages: what is found meanwhile neither shifts nor repeats a line.
        try await database.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        let format: Format = json ? .json : self.format
        var rest = all ? Int.max : limit
        var place = after
        var shown: [AnomalyRow] = []
        let file = try OutputFile(output)
        if format == .csv { try file.write(Array(AnomalyCSV.header.utf8)) }
        if format == .json { try file.write(Array("[".utf8)) }
        var isFirst = true
        repeat {
            let (rows, next) = try await AnomalyStore.page(
                filter, size: min(rest, AnomalyStore.pageSizeMax), after: place, on: database)
            place = next
            rest -= rows.count
            for row in rows {
                switch format {
                case .table: shown.append(try AnomalyRow(json: row))
                case .csv: try file.write(Array(try AnomalyCSV.record(row).utf8))
                case .jsonl: try file.write(Array((harmlessJSON(row) + "\n").utf8))
                case .json:
                    try file.write(
                        Array(((isFirst ? "\n" : ",\n") + indentedJSON(row)).utf8))
                }
                isFirst = false
            }
        } while place != nil && rest > 0
        try await database.execute("COMMIT")
        await database.close()
        if format == .json { try file.write(Array("\n]\n".utf8)) }
        if format == .table {
            let text = shown.isEmpty ? "No anomaly fits." : AnomalyRow.table(shown)
            try file.write(Array((Terminal.printable(text) + "\n").utf8))
        }
        try file.finish()
        if let place { Terminal.complain("more: --after \(place)") }
    }
}
