import ArgumentParser
import Foundation
import PostgresClient
import Storage

/// Makes, lists and tries webhooks.
struct WebhookCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "webhook",
        abstract: "Make, list and try webhooks, and see which calls were given up.",
        subcommands: [
            Set.self, List.self, Test.self, Drop.self, Dead.self, Retry.self,
        ])

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add a webhook, or change the one of this name.",
            discussion: "Prints the secret that its calls are signed with.")
        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "Name of the webhook; steps of playbooks call it by this name.")
        var name: String
        @Argument(help: "Where it is called, https://... or http://...") var url: String
        @Option(
            help: """
                An event that it is called for, once for each: detected, reviewed, resolved, task or \
                drift; none: only steps of playbooks call it (default: detected).
                """)
        var event: [String] = ["detected"]
        @Option(help: "Only anomalies of this severity or a higher one.") var severity = "low"
        @Option(help: "Its secret, whsec_ and base64 (default: its own, or a new one).")
        var secret: String?

        private static let kinds = [
            "detected": "metrics:anomaly:detected", "reviewed": "metrics:anomaly:reviewed",
            "resolved": "metrics:anomaly:resolved", "task": "task:progress", "drift": "drift",
        ]

        func run() async throws {
            let events = event.filter { $0 != "none" }.map { Self.kinds[$0] ?? $0 }
            let database = try await connection.connect()
            try await Installation.check(on: database)
            let secret = try await database.ask(
                "SELECT vigil.set_webhook($1, $2, $3, $4, $5)",
                [
                    .text(name), .text(url), .textArray(events), .text(severity),
                    .optional(self.secret),
                ]
            ).string(row: 0, column: 0)
            await database.close()
            Terminal.say(secret)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the webhooks with what became of their calls.")
        @OptionGroup var connection: ConnectionOptions
        @Flag(help: "Print JSON.") var json = false

        private struct Webhook: Decodable {
            var name, url, severity_min: String
            var events: [String]
            var queued, delivered, dead: Int
            var last_error: String?
        }

        func run() async throws {
            let database = try await connection.connect()
            try await Installation.check(on: database)
            let answer = try await database.askJSON(
                """
                SELECT coalesce(jsonb_agg(to_jsonb(line) ORDER BY line.name), '[]')::text
                FROM (
                    SELECT webhook.name, webhook.url, webhook.events, webhook.severity_min,
                        webhook.created_by, webhook.created_at, calls.*
                    FROM vigil.webhooks webhook, LATERAL (
                        SELECT count(*) FILTER (WHERE state = 'queued') AS queued,
                            count(*) FILTER (WHERE state = 'delivered') AS delivered,
                            count(*) FILTER (WHERE state = 'dead') AS dead,
                            (array_agg(last_error ORDER BY id DESC)
                                FILTER (WHERE last_error IS NOT NULL))[1] AS last_error
                        FROM vigil.webhook_deliveries WHERE webhook = webhook.name) calls) line
                """)
            await database.close()
            if json { return Terminal.say(indentedJSON(answer)) }
            let webhooks = try JSONDecoder().decode([Webhook].self, from: Data(answer.utf8))
            Terminal.say(
                alignedTable(
                    header: [
                        "name", "address", "events", "from", "queued", "delivered", "dead",
                        "last error",
                    ],
                    rows: webhooks.map {
                        [
                            $0.name, $0.url,
                            $0.events.map { $0.replacing("metrics:anomaly:", with: "") }
                                .joined(separator: ","),
                            $0.severity_min, String($0.queued), String($0.delivered),
                            String($0.dead), $0.last_error ?? "",
                        ]
                    }))
        }
    }

    struct Test: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Have the sidecar call a webhook with a test event, and say what it answers.")
        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "Name of the webhook.") var name: String
        @Option(help: "How long to wait for the answer.") var seconds = 20.0

        func run() async throws {
            let database = try await connection.connect()
            try await Installation.check(on: database)
            let id = try await database.ask("SELECT vigil.test_webhook($1)", [.text(name)])
                .int64(row: 0, column: 0)
            let deadline = ContinuousClock.now + .seconds(max(0, seconds))
            while true {
                let answer = try await database.ask(
                    "SELECT state, last_status, last_error FROM vigil.webhook_deliveries WHERE id = $1",
                    [.int64(id)])
                guard answer.rowCount == 1 else {
                    throw Failure(
                        exitCode: .noInput, message: "the webhook \(name) was removed meanwhile")
                }
                if try answer.string(row: 0, column: 0) == "delivered" {
                    Terminal.say(
                        "\(name) answered with \(try answer.int32(row: 0, column: 1)).")
                    break
                }
                if let error = try answer.optionalString(row: 0, column: 2) {
                    throw Failure(
                        exitCode: .unavailable, message: "\(name): \(error); it is tried again")
                }
                guard ContinuousClock.now < deadline else {
                    throw Failure(
                        exitCode: .unavailable,
                        message:
                            "\(name) was not called within \(Int(seconds)) seconds: is a sidecar "
                            + "running? See `vigil status`.")
                }
                try await Task.sleep(for: .milliseconds(100))
            }
            await database.close()
        }
    }

    struct Drop: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remove a webhook with its calls.")
        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "Name of the webhook.") var name: String

        func run() async throws {
            let database = try await connection.connect()
            try await Installation.check(on: database)
            _ = try await database.ask("SELECT vigil.drop_webhook($1)", [.text(name)])
            await database.close()
            Terminal.say("The webhook \(name) is removed.")
        }
    }

    struct Dead: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the calls that were given up, the last ones first.")
        @OptionGroup var connection: ConnectionOptions
        @Option(help: "The most lines.") var limit: Int32 = 50
        @Flag(help: "Print JSON.") var json = false

        private struct Letter: Decodable {
            var id: Int64
            var webhook, kind, finished_at: String
            var attempts: Int
            var last_error: String?
        }

        func run() async throws {
            let database = try await connection.connect()
            try await Installation.check(on: database)
            let answer = try await database.askJSON(
                """
                SELECT coalesce(jsonb_agg(to_jsonb(line) ORDER BY line.finished_at DESC, line.id DESC),
                    '[]')::text
                FROM (SELECT * FROM vigil.webhook_dead_letters LIMIT $1) line
                """, [.int32(limit)])
            await database.close()
            if json { return Terminal.say(indentedJSON(answer)) }
            let letters = try JSONDecoder().decode([Letter].self, from: Data(answer.utf8))
            Terminal.say(
                alignedTable(
                    header: ["id", "webhook", "event", "given up", "attempts", "last error"],
                    rows: letters.map {
                        [
                            String($0.id), $0.webhook, $0.kind, String($0.finished_at.prefix(19)),
                            String($0.attempts), $0.last_error ?? "",
                        ]
                    }))
        }
    }

    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Try a call again that was given up.")
        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "Its id, from `vigil webhook dead`.") var id: Int64

        func run() async throws {
            let database = try await connection.connect()
            try await Installation.check(on: database)
            _ = try await database.ask("SELECT vigil.retry_delivery($1)", [.int64(id)])
            await database.close()
            Terminal.say("The call \(id) is tried again.")
        }
    }
}
