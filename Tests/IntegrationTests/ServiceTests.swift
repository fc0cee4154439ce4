import Foundation
import PostgresClient
import Testing

extension Integration {
    /// The sidecar as a service: what its manager hears, and where its settings come from.
    @Suite("The sidecar as a service", .requiresProgram) struct ServiceTests {
        @Test("The service manager hears of progress, readiness, signs of life and the end")
        func notifies() async throws {
            let database = try await VigilDatabase.fresh()
            try await database.addEntities(4)
            let folder = try TemporaryFolder()
            let manager = try NotifyListener(in: folder)
            let other = try await database.connect()
            try await other.execute("BEGIN; LOCK TABLE vigil.relationships")
            let program = try VigilProgram(
                ["run", "--dsn", database.conninfo, "--threads", "1", "--stall-seconds", "1"],
                environment: ["NOTIFY_SOCKET": manager.path, "WATCHDOG_USEC": "400000"])
            try await eventually("the load is told") {
                manager.assignments()
            } is: {
                $0.contains { $0.hasPrefix("STATUS=loading") } && $0.contains("WATCHDOG=1")
            }
            #expect(!manager.assignments().contains("READY=1"))
            #expect(manager.assignments().contains { $0.hasPrefix("EXTEND_TIMEOUT_USEC=") })
            try await other.execute("COMMIT")
            try await eventually("ready") {
                manager.assignments()
            } is: {
                $0.contains("READY=1")
                    && $0.contains { $0.hasPrefix("STATUS=following: 4 entities") }
            }
            // The loop hangs in a write: after its limit nobody feeds the watchdog any more.
            try await other.execute("BEGIN; LOCK TABLE vigil.entity_scores")
            try await database.addEntities(1)
            try await eventually("no sign of life for a second") {
                let before = manager.assignments().count { $0 == "WATCHDOG=1" }
                try await Task.sleep(for: .seconds(1))
                return manager.assignments().count { $0 == "WATCHDOG=1" } - before
            } is: {
                $0 == 0
            }
            let hung = manager.assignments().count { $0 == "WATCHDOG=1" }
            try await other.execute("COMMIT")
            try await eventually("signs of life again") {
                manager.assignments().count { $0 == "WATCHDOG=1" }
            } is: {
                $0 > hung
            }
            program.send(SIGTERM)
            #expect(try await program.outcome().status == 0)
            #expect(manager.assignments().contains("STOPPING=1"))
            #expect(manager.assignments().count { $0 == "READY=1" } == 1)
        }

        @Test("A flag outdoes the environment, that the file, and that the default")
        func order() async throws {
            let folder = try TemporaryFolder()
            try folder.write(
                """
                # A comment, and an empty line.

                dsn = host=/nowhere dbname=file
                log_level = debug
                log-format = json   # for the collector
                threads = 3
                http = "127.0.0.1:8642"
                """, to: "vigil.conf")
            let file = "\(folder.path)/vigil.conf"
            let outcome = try await VigilProgram.run(
                "run", "--print-config", "--config", file, "--threads", "1",
                environment: ["VIGIL_LOG_LEVEL": "warning", "VIGIL_THREADS": "2"])
            #expect(outcome.status == 0, "\(outcome)")
            let lines = outcome.output.split(separator: "\n").map { line in
                line.split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ")
            }
            for line in [
                "dsn dbname=file host=/nowhere \(file), line 3",
                "log-level warning environment, VIGIL_LOG_LEVEL", "threads 1 --threads",
                "log-format json \(file), line 5", "http 127.0.0.1:8642 \(file), line 7",
                "seed 1 default",
            ] {
                #expect(lines.contains(line), "\(line): \(outcome)")
            }
        }

        @Test(
            "A file that is wrong is refused with the line and what is possible",
            arguments: [
                ("htpp = 1", "line 1: there is no setting \"htpp\"; there are: dsn, "),
                ("\nthreads = many", "threads is \"many\" ("), ("threads", "not of the form"),
                ("seed = 1\nseed = 2", "line 2: seed was set in line 1"),
                ("http = \"127.0.0.1:1", "quotes"),
            ])
        func wrongFile(text: String, reason: String) async throws {
            let folder = try TemporaryFolder()
            try folder.write(text, to: "vigil.conf")
            let outcome = try await VigilProgram.run(
                "run", environment: ["VIGIL_CONFIG": "\(folder.path)/vigil.conf"])
            #expect(outcome.status == 78, "\(outcome)")
            #expect(outcome.errorLines.count == 1, "\(outcome)")
            #expect(outcome.errorLines.first?.contains(reason) == true, "\(outcome)")
        }

        @Test("With --log-format json every line is an object with time, level and message")
        func jsonLog() async throws {
            let folder = try TemporaryFolder()
            let program = try VigilProgram([
                "run", "--dsn", "host=\(folder.path)", "--log-format", "json",
            ])
            try await eventually("three lines") {
                program.complaints
            } is: {
                $0.split(separator: "\n").count >= 3
            }
            program.send(SIGTERM)
            let outcome = try await program.outcome()
            struct Line: Decodable {
                var time: Date
                var level, logger, message: String
                var fields: [String: String]?
            }
            let decoder = JSONDecoder()
            decoder.dateDecodingStrategy = .custom { decoder in
                let text = try decoder.singleValueContainer().decode(String.self)
                return try Date(
                    text, strategy: .iso8601.time(includingFractionalSeconds: true))
            }
            let lines = try outcome.complaints.split(separator: "\n").map { line in
                try decoder.decode(Line.self, from: Data(line.utf8))
            }
            let first = try #require(lines.first)
            #expect(first.level == "warning" && first.message == "the feed was interrupted")
            #expect(first.fields?["reason"]?.contains("cannot be reached") == true, "\(first)")
            #expect(lines.last?.message == "stopped")
        }

        @Test("The status fits a screen, tells what is wrong, and is repeated with --watch")
        func status() async throws {
            let database = try await VigilDatabase.fresh()
            try await database.addWorld()
            let idle = try await VigilProgram.run("status", "--dsn", database.conninfo)
            #expect(idle.status == 0, "\(idle)")
            #expect(idle.output.contains("start one with `vigil run`"), "\(idle)")
            try await RunningSidecar.following(database) { _ in
                try await database.relate(1, 200)
                try await database.waitForChanges(1)
                // The heartbeat brings the counters.
                let shown = try await eventually("the latency is shown") {
                    try await VigilProgram.run("status", "--dsn", database.conninfo)
                } is: {
                    $0.output.contains("latency    p50 ")
                }
                let lines = shown.output.split(separator: "\n")
                #expect(lines.count < 24 && lines.allSatisfy { $0.count <= 100 }, "\(shown)")
                #expect(shown.output.contains("following"), "\(shown)")
                #expect(shown.output.contains("300 entities, 599 relationships"), "\(shown)")
                let program = try VigilProgram([
                    "status", "--watch", "--json", "--interval", "0.1", "--dsn", database.conninfo,
                ])
                try await eventually("three objects") {
                    program.output
                } is: {
                    $0.split(separator: "\n").count >= 3
                }
                program.send(SIGINT)
                _ = try await program.outcome()
                for line in program.output.split(separator: "\n").dropLast() {
                    let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
                    #expect((object as? [String: Any])?["feed_health"] != nil)
                }
            }
        }
    }
}
