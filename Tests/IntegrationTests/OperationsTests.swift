import Foundation
import LocalCluster
import OperationsServer
import PostgresClient
import Sidecar
import Telemetry
import Testing

extension Integration {
    /// What the sidecar says of itself over HTTP.
    @Suite("Operations", .requiresProgram) struct OperationsTests {
        @Test("/metrics counts what the database counts, in the form that Prometheus reads")
        func metrics() async throws {
            let database = try await VigilDatabase.fresh()
            let ids = try await database.addEntities(30)
            let program = try run(on: database.conninfo)
            let port = try await program.httpPort()
            try await ready(port)
            try await database.waitUntilScanned()
            for id in ids.dropFirst() { try await database.relate(ids[0], id) }
            try await database.waitForChanges(29)
            let answer = try await eventually("the last batch is counted") {
                try await HTTPAnswer.get("/metrics", port: port)
            } is: {
                value("vigil_changes_total", in: $0.body) == 29
                    && value("vigil_relationships", in: $0.body) == 29
            }
            #expect(
                value("vigil_replays_total", in: answer.body) == 0, "\(program.complaints)")
            #expect(answer.type == "text/plain; version=0.0.4; charset=utf-8")
            let batches = Double(try await database.int("SELECT batches FROM vigil.feed_state"))
            for name in [
                "vigil_batches_total", "vigil_commit_to_detect_seconds_count",
                "vigil_batch_changes_count", "vigil_batch_seconds_count",
                "vigil_stage_seconds_count{stage=\"apply\"}",
            ] {
                #expect(value(name, in: answer.body) == batches, "\(name)")
            }
            #expect(value("vigil_batch_changes_sum", in: answer.body) == 29)
            #expect(value("vigil_entities", in: answer.body) == 30)
            #expect(value("vigil_relationships", in: answer.body) == 29)
            #expect(value("vigil_sidecar_state{state=\"following\"}", in: answer.body) == 1)
            #expect(value("vigil_feed_pending_changes", in: answer.body) == 0)
            #expect((value("process_resident_memory_bytes", in: answer.body) ?? 0) > 1e6)
            let described = Set(
                (SidecarMetrics.descriptions + SidecarHealth.descriptions
                    + ProcessSamples.descriptions).map(\.name))
            let shown = Set(
                answer.body.matches(of: /# TYPE (\S+)/).map { String($0.1) })
            #expect(shown == described)
            try await checkWithPromtool(answer.body)
            program.send(SIGTERM)
            #expect(try await program.outcome().status == 0)
        }

        @Test("/readyz fails while the graph is loaded, and says so; then it tells the lag's limit")
        func loadingAndLag() async throws {
            let database = try await VigilDatabase.fresh()
            let ids = try await database.addEntities(3)
            let other = try await database.connect()
            try await other.execute("BEGIN; LOCK TABLE vigil.relationships")
            let program = try run(
                on: database.conninfo, "--ready-lag-seconds", "0.3", "--stall-seconds", "1")
            let port = try await program.httpPort()
            try await failing("/readyz", port, "the graph is being loaded")
            #expect(try await HTTPAnswer.get("/healthz", port: port).status == 200)
            try await other.execute("COMMIT")
            try await ready(port)
            try await database.waitUntilScanned()

            // The result of a change cannot be written: it waits, and the loop with it.
            try await other.execute("BEGIN; LOCK TABLE vigil.entity_scores")
            try await database.relate(ids[0], ids[1])
            try await failing("/readyz", port, "has waited", "the limit is 0.3 s")
            try await failing("/healthz", port, "does not move", "write should have been over")
            try await other.execute("COMMIT")
            try await ready(port)
            #expect(try await HTTPAnswer.get("/healthz", port: port).status == 200)
            try await database.waitForChanges(1)
            program.send(SIGTERM)
            #expect(try await program.outcome().status == 0)
        }

        @Test("/readyz fails while PostgreSQL is away, and names why; /healthz does not")
        func serverAway() async throws {
            let cluster = try await LocalCluster.start(
                settings: ["shared_buffers": "16MB", "log_min_messages": "panic"], durable: false)
            let database = try await VigilDatabase(in: cluster, name: "postgres")
            let program = try run(on: database.conninfo)
            let port = try await program.httpPort()
            try await ready(port)
            await database.session.close()
            try cluster.kill9()
            try await failing("/readyz", port, "not connected to PostgreSQL", "cannot be reached")
            #expect(try await HTTPAnswer.get("/healthz", port: port).status == 200)
            try await cluster.restart()
            try await ready(port)
            program.send(SIGTERM)
            #expect(try await program.outcome().status == 0)
            try await cluster.stop()
        }

        @Test("/readyz fails while an indicator in the database cannot be used, and names it")
        func refusedIndicator() async throws {
            let database = try await VigilDatabase.fresh()
            try await database.addEntities(3)
            let program = try run(on: database.conninfo)
            let port = try await program.httpPort()
            try await ready(port)
            // Past the checks of the table, as a damaged row would be.
            let name = try await database.text("SELECT min(name) FROM vigil.indicators")
            try await database.execute(
                """
                CREATE TABLE kept AS SELECT * FROM vigil.indicators WHERE name = '\(name)';
                SET session_replication_role = replica;
                UPDATE vigil.indicators SET condition = '{"no": "condition"}' WHERE name = '\(name)';
                SET session_replication_role = DEFAULT;
                NOTIFY vigil_configuration, 'indicators'
                """)
            try await failing("/readyz", port, name)
            try await database.execute(
                """
                UPDATE vigil.indicators AS i SET condition = kept.condition
                FROM kept WHERE i.name = kept.name
                """)
            try await ready(port)
            program.send(SIGTERM)
            #expect(try await program.outcome().status == 0)
        }

        @Test("An address that is taken is 75 and named; one that is none is refused at once")
        func addressTaken() async throws {
            let database = try await VigilDatabase.fresh()
            let program = try run(on: database.conninfo)
            let port = try await program.httpPort()
            let second = try await VigilProgram.run(
                "run", "--dsn", database.conninfo, "--http", "127.0.0.1:\(port)")
            #expect(second.status == 75, "\(second)")
            program.send(SIGTERM)
            #expect(try await program.outcome().status == 0)
            let third = try await VigilProgram.run("run", "--http", "everywhere")
            #expect(third.status == 64, "\(third)")
            #expect(third.errorLines.first?.contains("everywhere") == true, "\(third)")
        }

        @Test("docs/operations.md and the alert rules name the metrics that there are")
        func documented() throws {
            let described = Set(
                (SidecarMetrics.descriptions + SidecarHealth.descriptions
                    + ProcessSamples.descriptions).map(\.name))
            let root = URL(filePath: #filePath).deletingLastPathComponent()
                .deletingLastPathComponent().deletingLastPathComponent()
            let page = try String(
                contentsOf: root.appending(path: "docs/operations.md"), encoding: .utf8)
            let listed = page.matches(of: /\n\| `((?:vigil|process)_\w+)` \|/).map { String($0.1) }
            #expect(Set(listed) == described)
            #expect(listed.count == described.count)
            let rules = try String(
                contentsOf: root.appending(path: "packaging/alerts.yml"), encoding: .utf8)
            for used in rules.matches(of: /\b(vigil_[a-z_]+|process_[a-z_]+)\b/) {
                let name = String(used.1).replacing(/_bucket$/, with: "")
                #expect(described.contains(name), "\(name)")
            }
        }

        @Test(
            "An address is a host and a port, a port alone, or a socket",
            arguments: [
                ("127.0.0.1:8642", "127.0.0.1:8642", false), ("8642", "127.0.0.1:8642", false),
                (":8642", "127.0.0.1:8642", false), ("[::1]:80", "[::1]:80", false),
                ("0.0.0.0:1", "0.0.0.0:1", true), ("unix:/run/v", "unix:/run/v", false),
                ("::1:80", nil, false), ("host", nil, false), ("h:70000", nil, false),
                ("unix:v", nil, false), ("h:+1", nil, false),
            ] as [(String, String?, Bool)])
        func address(text: String, shown: String?, isOpen: Bool) {
            let address = ListenAddress(text)
            #expect(address?.description == shown)
            #expect((address?.isOpenToOthers ?? false) == isOpen)
        }

        // MARK: - Parts

        private func run(on conninfo: String, _ more: String...) throws -> VigilProgram {
            try VigilProgram(
                ["run", "--dsn", conninfo, "--threads", "1", "--http", "127.0.0.1:0"] + more)
        }

        private func ready(_ port: Int) async throws {
            try await eventually("ready") {
                try await HTTPAnswer.get("/readyz", port: port)
            } is: {
                $0.status == 200 && $0.body.contains("\"status\" : \"ok\"")
            }
        }

        /// Waits until the path answers 503 with all of these words.
        private func failing(_ path: String, _ port: Int, _ words: String...) async throws {
            try await eventually("\(path) fails with \(words)") {
                try await HTTPAnswer.get(path, port: port)
            } is: { answer in
                answer.status == 503 && words.allSatisfy { answer.body.contains($0) }
            }
        }

        private func value(_ name: String, in text: String) -> Double? {
            let line = text.split(separator: "\n").first { $0.hasPrefix(name + " ") }
            return line.flatMap { Double($0.dropFirst(name.count + 1)) }
        }

        /// Prometheus' own opinion, where its tool is installed.
        private func checkWithPromtool(_ text: String) async throws {
            let places = ["/usr/bin/promtool", "/usr/local/bin/promtool"]
            let given = ProcessInfo.processInfo.environment["PROMTOOL"].map { [$0] } ?? []
            guard
                let tool = (given + places).first(where: {
                    FileManager.default.isExecutableFile(atPath: $0)
                })
            else {
                print("promtool is not installed: the format is not checked by it")
                return
            }
            let process = Process()
            process.executableURL = URL(filePath: tool)
            process.arguments = ["check", "metrics"]
            let input = Pipe()
            let output = Pipe()
            process.standardInput = input
            process.standardError = output
            process.standardOutput = output
            try process.run()
            try input.fileHandleForWriting.write(contentsOf: Data(text.utf8))
            try input.fileHandleForWriting.close()
            let said = try output.fileHandleForReading.readToEnd() ?? Data()
            process.waitUntilExit()
            #expect(process.terminationStatus == 0, "\(String(decoding: said, as: UTF8.self))")
        }
    }
}
