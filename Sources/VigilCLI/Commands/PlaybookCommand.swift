import ArgumentParser
import Foundation
import PostgresClient
import Storage

/// Lists, changes and follows playbooks.
struct PlaybookCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "playbook",
        abstract: "List and change playbooks, and work through the checklist of an anomaly.",
        subcommands: [
            List.self, Set.self, Drop.self, Checklist.self, Tick.self, Untick.self, Start.self,
        ])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the playbooks with their steps.")
        @OptionGroup var connection: ConnectionOptions
        @Flag(help: "Print JSON.") var json = false

        private struct Playbook: Decodable {
            struct Step: Decodable { var text: String; var link, task, webhook: String? }
            var name, description: String
            var anomaly_type, severity_min, indicator, subject_type: String?
            var steps: [Step]
        }

        func run() async throws {
            let database = try await connection.connect()
            try await Installation.check(on: database)
            let answer = try await database.askJSON(
                """
                SELECT coalesce(jsonb_agg(to_jsonb(p) ORDER BY p.name), '[]')::text
                FROM vigil.playbooks p
                """)
            await database.close()
            if json { return Terminal.say(indentedJSON(answer)) }
            let playbooks = try JSONDecoder().decode([Playbook].self, from: Data(answer.utf8))
            for playbook in playbooks {
                let conditions = [
                    playbook.indicator.map { "indicator \($0)" },
                    playbook.subject_type.map { "subject \($0)" },
                    playbook.anomaly_type.map { "type \($0)" },
                    playbook.severity_min.map { "\($0) or higher" },
                ].compactMap { $0 }
                let when = conditions.isEmpty ? "always" : conditions.joined(separator: ", ")
                Terminal.say("\(playbook.name) (\(when)): \(playbook.description)")
                for (position, step) in playbook.steps.enumerated() {
                    Terminal.say(
                        "  \(position + 1). "
                            + PlaybookCommand.line(step.text, step.link, step.task, step.webhook))
                }
            }
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add a playbook, or change the one of this name.",
            discussion:
                "The steps in their order: by --step as plain text, or by --steps as JSON with link, task and webhook."
        )
        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "Name of the playbook.") var name: String
        @Option(help: "A step; once for each.") var step: [String] = []
        @Option(help: #"All steps, such as '[{"text": "Ask.", "task": "detect"}]'."#)
        var steps: String?
        @Option(help: "Only for this type of anomaly.") var type: String?
        @Option(help: "Only from this severity on.") var severity: String?
        @Option(help: "Only where this indicator fired.") var indicator: String?
        @Option(help: "Only for subjects of this type.") var subject: String?
        @Option(help: "What it is for.") var description = ""

        func validate() throws {
            guard step.isEmpty != (steps == nil) else {
                throw ValidationError("give the steps by --step or by --steps")
            }
        }

        func run() async throws {
            let steps = try self.steps ?? jsonText(step.map { ["text": $0] })
            let database = try await connection.connect()
            try await Installation.check(on: database)
            _ = try await database.ask(
                "SELECT vigil.set_playbook($1, $2::text::jsonb, $3, $4, $5, $6, $7)",
                [
                    .text(name), .text(steps), .optional(type), .optional(severity),
                    .optional(indicator), .optional(subject), .text(description),
                ])
            await database.close()
            Terminal.say("The playbook \(name) is in force.")
        }
    }

    struct Drop: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remove a playbook; what was done by it stays with the anomalies.")
        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "Name of the playbook.") var name: String

        func run() async throws {
            let database = try await connection.connect()
            try await Installation.check(on: database)
            _ = try await database.ask("SELECT vigil.drop_playbook($1)", [.text(name)])
            await database.close()
            Terminal.say("The playbook \(name) is removed.")
        }
    }

    /// What the commands about one checklist share.
    struct Target: ParsableArguments {
        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "The anomaly's id, or as much of its beginning as is unique.")
        var anomaly: String

        func open() async throws -> (PostgresConnection, String) {
            let database = try await connection.connect()
            try await Installation.check(on: database)
            return (database, try await AnomalyStore.identify(anomaly, on: database))
        }
    }

    struct Checklist: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the checklist of an anomaly.")
        @OptionGroup var target: Target
        @Flag(help: "Print JSON.") var json = false

        private struct Step: Decodable {
            var number: Int
            var step: String
            var is_done: Bool
            var done_by, done_at, note, link, task, webhook, playbook: String?
            var task_id: Int64?
        }

        func run() async throws {
            let (database, id) = try await target.open()
            let answer = try await database.askJSON(
                """
                SELECT coalesce(jsonb_agg(to_jsonb(c) ORDER BY c.number), '[]')::text
                FROM vigil.checklist($1) c
                """, [.uuid(id)])
            await database.close()
            if json { return Terminal.say(indentedJSON(answer)) }
            let steps = try JSONDecoder().decode([Step].self, from: Data(answer.utf8))
            guard let first = steps.first else { return Terminal.say("No playbook fits it.") }
            Terminal.say("\(id)  \(first.playbook.map { "playbook \($0)" } ?? "no playbook")")
            for step in steps {
                let text = PlaybookCommand.line(step.step, step.link, step.task, step.webhook)
                let who = [
                    step.done_by, step.done_at.map { String($0.prefix(19)) }, step.note,
                    step.task_id.map { "task \($0)" },
                ].compactMap { $0 }
                Terminal.say(
                    "  [\(step.is_done ? "x" : " ")] \(step.number). \(text)"
                        + (who.isEmpty ? "" : "  (\(who.joined(separator: ", ")))"))
            }
        }
    }

    struct Tick: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Say that a step is done.")
        @OptionGroup var target: Target
        @Argument(help: "Number of the step.") var number: Int32
        @Option(help: "What was found.") var note: String?

        func run() async throws {
            let (database, id) = try await target.open()
            let open = try await database.ask(
                "SELECT vigil.tick_step($1, $2, $3)",
                [.uuid(id), .int32(number), .optional(note)]
            ).int32(row: 0, column: 0)
            await database.close()
            Terminal.say("Step \(number) is done; open: \(open).")
        }
    }

    struct Untick: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take back that a step is done.")
        @OptionGroup var target: Target
        @Argument(help: "Number of the step.") var number: Int32

        func run() async throws {
            let (database, id) = try await target.open()
            let open = try await database.ask(
                "SELECT vigil.untick_step($1, $2)", [.uuid(id), .int32(number)]
            ).int32(row: 0, column: 0)
            await database.close()
            Terminal.say("Step \(number) is open; open: \(open).")
        }
    }

    struct Start: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Start the task or webhook that a step names.")
        @OptionGroup var target: Target
        @Argument(help: "Number of the step.") var number: Int32

        func run() async throws {
            let (database, id) = try await target.open()
            let answer = try await database.ask(
                "SELECT vigil.start_step($1, $2)", [.uuid(id), .int32(number)])
            let task =
                answer.isNull(row: 0, column: 0) ? nil : try answer.int64(row: 0, column: 0)
            await database.close()
            Terminal.say(task.map { "Task \($0) is queued." } ?? "Its webhook is called.")
        }
    }

    /// A step in one line.
    static func line(
        _ text: String, _ link: String?, _ task: String?, _ webhook: String?
    ) -> String {
        let more = [
            task.map { "starts \($0)" }, webhook.map { "calls \($0)" }, link,
        ].compactMap { $0 }
        return text + (more.isEmpty ? "" : "  [\(more.joined(separator: "; "))]")
    }
}
