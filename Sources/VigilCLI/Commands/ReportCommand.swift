import ArgumentParser
import Foundation
import GraphDrawing
import PostgresClient
import Sidecar
import Storage

/// A report on demand, or one that was made before.
struct ReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Write a report: text, Markdown, HTML with pictures, or JSON.",
        discussion: """
            By default of the last 24 hours, made now and not kept. The daily ones, which the \
            schedule makes, are read by --id. HTML needs nothing from elsewhere.
            """)

    enum Format: String, CaseIterable, ExpressibleByArgument { case text, markdown, html, json }

    @OptionGroup var connection: ConnectionOptions
    @Option(help: "text, markdown, html or json.") var format: Format = .text
    @Flag(help: "Print JSON.") var json = false
    @Option(help: "Where the period begins, ISO 8601.") var since: Instant?
    @Option(help: "Where the period ends, ISO 8601.") var until: Instant?
    @Option(help: "A report that was kept, by its id; `latest` for the newest.") var id: String?
    @Option(help: "Pictures of the strangest open anomalies in HTML, at most.") var pictures = 5
    @Option(
        name: [.customShort("o"), .customLong("out")],
        help: "The file to write; by default standard output.")
    var output: String?

    func validate() throws {
        guard (0...10).contains(pictures) else {
            throw ValidationError("--pictures is \(pictures); it must be from 0 to 10")
        }
        guard id == nil || (since == nil && until == nil) else {
            throw ValidationError("--id is of a report that has its period")
        }
        guard id == nil || id == "latest" || id.flatMap(Int64.init) != nil else {
            throw ValidationError("--id is a number or `latest`")
        }
    }

    func run() async throws {
        let database = try await connection.connect()
        try await Installation.check(on: database)
        let content = try await content(on: database)
        let format: Format = json ? .json : self.format
        let text: String
        switch format {
        case .json: text = indentedJSON(content) + "\n"
        case .text:
            text = try await formatted("format_report($1::text::jsonb)", [content], database)
        case .markdown:
            text = try await formatted(
                "format_report_markdown($1::text::jsonb)", [content], database)
        case .html:
            let drawn = try await drawings(for: content, on: database)
            text = try await formatted(
                "format_report_html($1::text::jsonb, $2::text::jsonb)", [content, drawn], database)
        }
        await database.close()
        let file = try OutputFile(output)
        let shown = format == .text || format == .markdown ? Terminal.printable(text) : text
        try file.write(Array(shown.utf8))
        try file.finish()
    }

    private func formatted(
        _ call: String, _ arguments: [String], _ database: PostgresConnection
    ) async throws -> String {
        try await database.askJSON("SELECT vigil.\(call)", arguments.map { .text($0) })
    }

    private func content(on database: PostgresConnection) async throws -> String {
        if let id {
            let answer = try await database.query(
                """
                SELECT content::text FROM vigil.reports WHERE $1::bigint IS NULL OR id = $1
                ORDER BY period_end DESC, id DESC LIMIT 1
                """, [.optional(Int64(id))])
            guard answer.rowCount == 1 else {
                throw Failure(
                    exitCode: .noInput,
                    message: id == "latest"
                        ? "no report was kept yet; SELECT vigil.make_report() keeps one"
                        : "there is no report \(id); see SELECT id, period_end FROM vigil.reports")
            }
            return try answer.string(row: 0, column: 0)
        }
        return try await database.askJSON(
            """
            SELECT vigil.report_content(
                coalesce($1::timestamptz, coalesce($2::timestamptz, now()) - interval '24 hours'),
                coalesce($2::timestamptz, now()), now())::text
            """,
            [
                since.map { .timestampSeconds($0.seconds) } ?? .null,
                until.map { .timestampSeconds($0.seconds) } ?? .null,
            ])
    }

    private struct Content: Decodable {
        struct Strangest: Decodable { var id: String }
        var strangest: [Strangest]
    }

    /// SVG by the id of the anomaly, as JSON; one that cannot be drawn is left out and named.
    private func drawings(
        for content: String, on database: PostgresConnection
    ) async throws -> String {
        let listed = try JSONDecoder().decode(Content.self, from: Data(content.utf8))
        let seesLabels = try await AnomalyStore.seesLabels(on: database)
        var drawn: [String: String] = [:]
        for anomaly in listed.strangest.prefix(pictures) {
            do {
                let bytes = try await AnomalyPicture.draw(
                    anomaly.id, format: .svg, hops: 1, nodeCountMax: 40,
                    redacted: !seesLabels, on: database)
                drawn[anomaly.id] = String(decoding: bytes, as: UTF8.self)
            } catch let error as DrawingError {
                Terminal.complain("vigil: no picture of \(anomaly.id): \(error.message)")
            } catch let error as StorageError where error.code == .unknownAnomaly {
                continue
            }
        }
        return String(decoding: try JSONEncoder().encode(drawn), as: UTF8.self)
    }
}
