import ArgumentParser
import PostgresClient
import Storage

/// Files, lists and steers the background work of a sidecar.
struct TaskCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "task", abstract: "List, run, cancel and retry background tasks.",
        subcommands: [List.self, Run.self, Cancel.self, Retry.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the tasks, the newest first.")
        @OptionGroup var connection: ConnectionOptions
        @Option(help: "Lines to list.") var limit = 20
        @Flag(help: "Print JSON.") var json = false

        func run() async throws {
            let database = try await connection.connect()
            try await Installation.check(on: database)
            let tasks = try await TaskList.newest(limit, on: database)
            await database.close()
            if json {
                Terminal.say(try jsonText(tasks))
                return
            }
            Terminal.say(
                alignedTable(
                    header: [
                        "id", "kind", "state", "progress", "filed", "took", "tries", "by", "note",
                    ],
                    rows: tasks.map {
                        [
                            String($0.id), $0.kind, $0.state, $0.progress, $0.filed, $0.took,
                            $0.tries, $0.by, $0.note,
                        ]
                    }, rightAligned: [0]))
        }
    }

    struct Run: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "File a task for the running sidecar.",
            discussion: """
                Kinds: detect, scan_all, retrain, daily_report, export, preview, maintenance, drift. Their \
                arguments are in docs/tasks.md.
                """)
        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "What is to be done.") var kind: String
        @Option(help: "Arguments as a JSON object.") var arguments = "{}"
        @Flag(help: "Wait until it is done, and print its result.") var wait = false
        @Option(help: "Seconds to wait at most.") var timeout = 600.0

        func run() async throws {
            let database = try await connection.connect()
            try await Installation.check(on: database)
            let id = try await TaskList.add(kind: kind, arguments: arguments, on: database)
            guard wait else {
                await database.close()
                Terminal.say("Task \(id) is queued.")
                return
            }
            let result = try await TaskList.wait(for: id, seconds: timeout, on: database)
            await database.close()
            Terminal.say(result)
        }
    }

    struct Cancel: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Cancel a task.")
        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "The task's id.") var id: Int64

        func run() async throws {
            let database = try await connection.connect()
            try await Installation.check(on: database)
            let state = try await TaskList.cancel(id, on: database)
            await database.close()
            Terminal.say(
                state == "running" ? "Task \(id) is asked to stop." : "Task \(id) is \(state).")
        }
    }

    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Queue a failed, dead or cancelled task again.")
        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "The task's id.") var id: Int64

        func run() async throws {
            let database = try await connection.connect()
            try await Installation.check(on: database)
            try await TaskList.retry(id, on: database)
            await database.close()
            Terminal.say("Task \(id) is queued.")
        }
    }
}
