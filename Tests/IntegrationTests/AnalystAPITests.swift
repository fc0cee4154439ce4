import Foundation
import FoundationNetworking
import PostgresClient
import Testing

extension Integration {
    /// The REST API as a program meets it.
    @Suite("REST API", .requiresProgram) struct AnalystAPITests {
        @Test("without a valid token nothing is told, and roles are those of the database")
        func tokens() async throws {
            let desk = try await Desk.open()
            let anomaly = try await desk.plantAnomaly()
            #expect(try await desk.ask("/api/ai/anomalies", token: nil).status == 401)
            let forged = "vigil_1_" + String(repeating: "0", count: 64)
            for token in ["", "x", forged, desk.reader + "0", String(desk.reader.dropLast())] {
                let answer = try await desk.ask("/api/ai/anomalies", token: token)
                #expect(answer.status == 401, "\(token)")
                #expect(answer.header("WWW-Authenticate").hasPrefix("Bearer"))
            }
            #expect(try await desk.ask("/api/ai/anomalies", token: desk.reader).status == 200)
            let verdict = #"{"verdict": "benign"}"#
            let path = "/api/ai/anomalies/\(anomaly)/review"
            #expect(try await desk.ask(path, "POST", verdict, token: desk.reader).status == 403)
            #expect(
                try await desk.ask("/api/ai/retrain", "POST", "{}", token: desk.analyst).status
                    == 403)
            #expect(try await desk.ask(path, "POST", verdict, token: desk.analyst).status == 200)
            #expect(
                try await desk.database.text("SELECT reviewed_by FROM vigil.anomalies")
                    == "an analyst")
            #expect(
                try await desk.database.text(
                    "SELECT actor FROM vigil.audit_log WHERE action = 'review' OR object_kind = 'anomaly' OR object_kind = 'review' ORDER BY seq DESC LIMIT 1"
                )
                    == "an analyst")
            // An ordinary session cannot pretend to be somebody else.
            try await desk.database.execute(
                """
                CREATE ROLE pretender LOGIN IN ROLE vigil_analyst;
                SET SESSION AUTHORIZATION pretender;
                SET vigil.acting_person = 'an analyst'
                """)
            #expect(
                try await desk.database.text("SELECT vigil.acting_person()") == "pretender")
            try await desk.database.execute("RESET SESSION AUTHORIZATION; DROP ROLE pretender")
            try await desk.database.execute("SELECT vigil.revoke_token('a reader')")
            #expect(try await desk.ask("/api/ai/anomalies", token: desk.reader).status == 401)
            try await desk.close()
        }

        @Test("what is wrong is said as problem details, with the status that fits")
        func problems() async throws {
            let desk = try await Desk.open()
            let anomaly = try await desk.plantAnomaly()
            let missing = UUID().uuidString
            for (path, method, body, status) in [
                ("/api/ai/anomaly/\(missing)", "GET", nil, 404),
                ("/api/ai/anomaly/none", "GET", nil, 422),
                ("/api/ai/anomalies?severity=huge", "GET", nil, 422),
                ("/api/ai/anomalies?limit=0", "GET", nil, 422),
                ("/api/ai/anomalies?limit=1&limit=2", "GET", nil, 422),
                ("/api/ai/anomalies?after=nowhere", "GET", nil, 404),
                ("/api/ai/anomalies/\(anomaly)/review", "POST", "{", 422),
                ("/api/ai/anomalies/\(anomaly)/review", "POST", #"{"verdict": "maybe"}"#, 422),
                ("/api/ai/anomalies/\(anomaly)/review", "GET", nil, 405),
                ("/api/ai/detect-batch", "POST", #"{"entity_ids": []}"#, 422),
                ("/api/ai/tasks/12345", "GET", nil, 404),
                ("/api/ai/tasks/12345/cancel", "POST", nil, 404),
                ("/api/ai/reviews", "POST", String(repeating: " ", count: 2 << 20), 413),
            ] as [(String, String, String?, Int)] {
                let answer = try await desk.ask(path, method, body, token: desk.analyst)
                #expect(answer.status == status, "\(method) \(path): \(answer.body.prefix(300))")
                guard answer.status == status else { continue }
                #expect(answer.header("Content-Type") == "application/problem+json", "\(path)")
                let problem = try answer.json()
                #expect(problem["status"] as? Int == status)
                #expect((problem["detail"] as? String)?.isEmpty == false, "\(path)")
            }
            try await desk.close()
        }

        @Test("lists go page by page, and answers have tags")
        func pages() async throws {
            let desk = try await Desk.open()
            for _ in 0..<5 { try await desk.plantAnomaly() }
            var path = "/api/ai/anomalies?limit=2"
            var seen: [String] = []
            for _ in 0..<3 {
                let answer = try await desk.ask(path, token: desk.reader)
                let lines = try #require(try answer.json()["anomalies"] as? [[String: Any]])
                seen += lines.compactMap { $0["id"] as? String }
                guard let next = answer.header("Link").firstMatch(of: /<(.*)>; rel="next"/) else {
                    break
                }
                path = String(next.1)
            }
            #expect(seen.count == 5 && Set(seen).count == 5)
            let answer = try await desk.ask("/api/ai/anomaly/\(seen[0])", token: desk.reader)
            let again = try await desk.ask(
                "/api/ai/anomaly/\(seen[0])", token: desk.reader,
                headers: ["If-None-Match": answer.header("ETag")])
            #expect(again.status == 304 && again.body.isEmpty)
            try await desk.close()
        }

        @Test("a checklist is worked through the API, and the list comes as CSV")
        func checklist() async throws {
            let desk = try await Desk.open()
            let anomaly = try await desk.plantAnomaly(name: "=1+1")
            try await desk.database.execute(
                "UPDATE vigil.anomalies SET anomaly_type = 'infrastructure'")
            let path = "/api/ai/anomalies/\(anomaly)/steps/1"
            #expect(
                try await desk.ask(path + "/tick", "POST", "{}", token: desk.reader).status == 403)
            let ticked = try await desk.ask(
                path + "/tick", "POST", #"{"note": "seen"}"#, token: desk.analyst)
            #expect(ticked.status == 200)
            #expect(try #require(try ticked.json()["open"] as? Int) > 0)
            let list = try await desk.ask(
                "/api/ai/anomaly/\(anomaly)/checklist", token: desk.reader)
            let steps = try #require(
                try JSONSerialization.jsonObject(with: Data(list.body.utf8)) as? [[String: Any]])
            #expect(steps.first?["is_done"] as? Bool == true)
            #expect(steps.first?["done_by"] as? String == "an analyst")
            #expect(steps.first?["note"] as? String == "seen")
            #expect(try await desk.ask(path + "/untick", "POST", token: desk.analyst).status == 200)
            let started = try await desk.ask(path + "/start", "POST", token: desk.analyst)
            #expect(started.status == 200, "\(started.body)")
            let task = try await desk.database.int("SELECT max(id) FROM vigil.tasks")
            #expect(try started.json()["task_id"] as? Int == Int(task))
            for (step, status) in [("99/tick", 404), ("2/start", 409)] {
                #expect(
                    try await desk.ask(
                        "/api/ai/anomalies/\(anomaly)/steps/\(step)", "POST", "{}",
                        token: desk.analyst
                    ).status == status, "\(step)")
            }
            let csv = try await desk.ask("/anomalies.csv?state=all", token: desk.reader)
            #expect(csv.status == 200 && csv.header("Content-Type").hasPrefix("text/csv"))
            let lines = csv.body.split(separator: "\r\n")
            #expect(
                lines.count == 2 && lines[0].hasPrefix("id,severity,")
                    && lines[1].contains(",'=1+1,"))
            #expect(
                try await desk.ask("/anomalies.csv?severity=huge", token: desk.reader).status == 422
            )
            try await desk.close()
        }

        @Test("the old routes: detect, batch, delete as review, statistics, pictures")
        func compatibility() async throws {
            let desk = try await Desk.open()
            let anomaly = try await desk.plantAnomaly()
            try await desk.database.waitUntilScanned()
            let entity = try await desk.database.int("SELECT max(id) FROM vigil.entities")
            let one = try await desk.ask(
                "/api/ai/detect-anomalies", "POST", #"{"entity_id": \#(entity)}"#,
                token: desk.reader)
            #expect(try one.json()["entity_id"] as? Int64 == entity, "\(one.body)")
            let batch = try await desk.ask(
                "/api/ai/detect-batch", "POST", #"{"entity_ids": [\#(entity)]}"#,
                token: desk.reader)
            #expect((try batch.json()["detections"] as? [Any])?.count == 1)
            let listed = try await desk.ask("/api/ai/anomalies/\(entity)", token: desk.reader)
            #expect((try listed.json()["anomalies"] as? [Any])?.count == 1)
            for (form, start) in [("svg", "<svg"), ("dot", "digraph"), ("json", "{")] {
                let drawn = try await desk.ask(
                    "/api/ai/anomaly/\(anomaly)/subgraph.\(form)", token: desk.reader)
                #expect(drawn.body.contains(start), "\(drawn.status) \(drawn.body.prefix(200))")
            }
            #expect(
                try await desk.ask("/api/ai/anomaly-stats?days=2", token: desk.reader).status
                    == 200)
            let deleted = try await desk.ask(
                "/api/ai/anomalies/\(anomaly)", "DELETE", token: desk.analyst)
            #expect(deleted.status == 200, "\(deleted.body)")
            #expect(
                try await desk.database.text("SELECT verdict FROM vigil.anomalies")
                    == "false_positive")
            try await desk.close()
        }

        @Test("every operation of the OpenAPI document is there, and hostile names stay text")
        func document() async throws {
            let desk = try await Desk.open()
            let names = [
                "<script>alert(1)</script>", "\"}],\"x\":[{\"", "\u{202E}evil\u{1B}[31m\u{7}",
                "a\nb\r\nc", "'\u{301}\"\u{301}", String(repeating: "\u{1F4A9}", count: 5000),
            ]
            for name in names { try await desk.plantAnomaly(name: name) }
            let listed = try await desk.ask("/api/ai/anomalies", token: desk.reader)
            let lines = try #require(try listed.json()["anomalies"] as? [[String: Any]])
            #expect(Set(lines.compactMap { $0["subject_name"] as? String }) == Set(names))
            #expect(listed.header("X-Content-Type-Options") == "nosniff")
            #expect(listed.header("Content-Security-Policy").contains("default-src 'none'"))
            let document = try await desk.ask("/openapi.json", token: nil).json()
            #expect(document["openapi"] as? String == "3.1.0")
            let paths = try #require(document["paths"] as? [String: [String: Any]])
            #expect(paths.values.map(\.count).reduce(0, +) == 35)
            for (path, operations) in paths {
                let concrete = path.replacing("{id}", with: "1")
                for method in operations.keys {
                    let answer = try await desk.ask(concrete, method.uppercased(), token: nil)
                    #expect(answer.status == 401, "\(method) \(path)")
                }
            }
            try await desk.close()
        }

        @Test("a cookie changes nothing for another site's page, and a token stands in no log")
        func sessions() async throws {
            let desk = try await Desk.open()
            let anomaly = try await desk.plantAnomaly()
            let form = ["Content-Type": "application/x-www-form-urlencoded"]
            let own = form.merging(["Sec-Fetch-Site": "same-origin"]) { $1 }
            let signedIn = try await desk.ask(
                "/sign-in", "POST", "token=\(desk.analyst)", token: nil, headers: own)
            let cookie = signedIn.header("Set-Cookie")
            #expect(signedIn.status == 303, "\(signedIn.body)")
            #expect(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"))
            let session = ["Cookie": String(cookie.prefix { $0 != ";" })]
            let foreign = form.merging(session) { $1 }
                .merging(["Sec-Fetch-Site": "cross-site"]) { $1 }
            let path = "/anomalies/\(anomaly)/review"
            for headers in [foreign, form.merging(session) { $1 }] {
                let refused = try await desk.ask(
                    path, "POST", "verdict=benign", token: nil, headers: headers)
                #expect(refused.status == 403)
            }
            let done = try await desk.ask(
                path, "POST", "verdict=benign", token: nil,
                headers: own.merging(session) { $1 })
            #expect(done.status == 303, "\(done.body)")
            #expect(
                try await desk.database.text("SELECT verdict FROM vigil.anomalies") == "benign")
            let log = desk.program.complaints
            #expect(log.contains("request") && !log.contains(desk.analyst.suffix(64)))
            try await desk.close()
        }

        @Test("events come as they happen, and again after a lost connection")
        func events() async throws {
            let desk = try await Desk.open()
            let stream = EventStreamReader(desk: desk)
            try await stream.open(after: nil)
            try await Task.sleep(for: .seconds(1))
            let first = try await desk.plantAnomaly()
            let seen = try await stream.wait(for: first)
            #expect(seen.kind == "metrics:anomaly:detected")
            stream.close()
            let second = try await desk.plantAnomaly()
            _ = try await desk.ask(
                "/api/ai/anomalies/\(second)/review", "POST", #"{"verdict": "benign"}"#,
                token: desk.analyst)
            let resumed = EventStreamReader(desk: desk)
            try await resumed.open(after: seen.id)
            #expect(try await resumed.wait(for: second).kind == "metrics:anomaly:detected")
            #expect(
                try await resumed.wait(for: second, kind: "metrics:anomaly:reviewed").kind
                    == "metrics:anomaly:reviewed")
            resumed.close()
            try await desk.close()
        }

        @Test("TLS by a certificate and its key; files that are none are named")
        func tls() async throws {
            let database = try await VigilDatabase.fresh()
            let folder = FileManager.default.temporaryDirectory
                .appending(path: "vigil-tls-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            let (certificate, key) = (
                folder.appending(path: "server.crt").path(),
                folder.appending(path: "server.key").path()
            )
            _ = try await command([
                "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
                "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout",
                key, "-out", certificate,
            ])
            // With TLS it may be reached from anywhere, as far as the program goes.
            let program = try VigilProgram([
                "run", "--dsn", database.conninfo, "--http", "127.0.0.1:0", "--tls-certificate",
                certificate, "--tls-key", key, "--log-level", "debug",
            ])
            let port = try await program.httpPort()
            let answer = try await command([
                "curl", "-s", "--cacert", certificate, "https://127.0.0.1:\(port)/openapi.json",
            ])
            #expect(answer.contains(#""openapi""#))
            let plain = try await command(
                ["curl", "-s", "-m", "5", "http://127.0.0.1:\(port)/openapi.json"], status: nil)
            #expect(!plain.contains("openapi"))
            program.send(SIGTERM)
            #expect(try await program.outcome().status == 0)
            for (arguments, words) in [
                (["--tls-certificate", certificate], "both tls-certificate and tls-key"),
                (
                    ["--tls-certificate", certificate, "--tls-key", certificate],
                    "server.crt holds no private key"
                ),
                (
                    ["--tls-certificate", "/nowhere.pem", "--tls-key", key],
                    "/nowhere.pem holds no certificate"
                ),
            ] {
                let refused = try VigilProgram(
                    ["run", "--dsn", database.conninfo, "--http", "0.0.0.0:0"] + arguments)
                let outcome = try await refused.outcome()
                #expect(outcome.status == 78)
                #expect(outcome.complaints.contains(words), "\(outcome.complaints)")
            }
        }

        /// Runs a command and returns what it prints.
        private func command(_ arguments: [String], status: Int32? = 0) async throws -> String {
            let (process, pipe) = (Process(), Pipe())
            process.executableURL = URL(filePath: "/usr/bin/env")
            process.arguments = arguments
            process.standardOutput = pipe
            process.standardError = FileHandle.nullDevice
            try process.run()
            let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
            process.waitUntilExit()
            if let status {
                try #require(process.terminationStatus == status, "\(arguments[0])")
            }
            return String(decoding: output, as: UTF8.self)
        }

        @Test("other machines are refused without a word that says so")
        func openAddress() async throws {
            let database = try await VigilDatabase.fresh()
            let refused = try VigilProgram(
                ["run", "--dsn", database.conninfo, "--http", "0.0.0.0:0"])
            let outcome = try await refused.outcome()
            #expect(outcome.status == 78)
            #expect(outcome.complaints.contains("--http-open"), "\(outcome.complaints)")
        }
    }

    /// A sidecar with its server, tokens of every role, and anomalies that are put there.
    struct Desk {
        let database: VigilDatabase
        let program: VigilProgram
        let port: Int
        let reader, analyst: String

        static func open() async throws -> Desk {
            let database = try await VigilDatabase.fresh()
            let program = try VigilProgram([
                "run", "--dsn", database.conninfo, "--http", "127.0.0.1:0", "--log-level", "debug",
            ])
            return Desk(
                database: database, program: program, port: try await program.httpPort(),
                reader: try await database.text(
                    "SELECT vigil.create_token('a reader', 'reader')"),
                analyst: try await database.text(
                    "SELECT vigil.create_token('an analyst', 'analyst')"))
        }

        func close() async throws {
            program.send(SIGTERM)
            _ = try await program.outcome()
        }

        /// An anomaly of a new entity, as a sidecar would write it; its id.
        @discardableResult
        func plantAnomaly(name: String = "strange.invalid") async throws -> String {
            try await database.session.query(
                """
                WITH entity AS (
                    INSERT INTO vigil.entities (type, name) VALUES ('domain', $1) RETURNING id)
                INSERT INTO vigil.anomalies (subject_kind, subject_id, subject_type, subject_name,
                    entity_id, anomaly_type, anomaly_score, peak_score, confidence, severity,
                    description, detection_method)
                SELECT 'entity', id, 'domain', $1, id, 'temporal', 0.7, 0.7, 0.5, 'high', $1, 'rules'
                FROM entity RETURNING id::text
                """, [.text(name)]
            ).string(row: 0, column: 0)
        }

        func ask(
            _ path: String, _ method: String = "GET", _ body: String? = nil, token: String?,
            headers: [String: String] = [:]
        ) async throws -> DeskAnswer {
            let url = try #require(URL(string: "http://127.0.0.1:\(port)\(path)"))
            var request = URLRequest(url: url)
            request.httpMethod = method
            request.httpBody = body.map { Data($0.utf8) }
            if body != nil {
                request.setValue("application/json", forHTTPHeaderField: "Content-Type")
            }
            if let token {
                request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization")
            }
            for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
            let configuration = URLSessionConfiguration.ephemeral
            configuration.httpShouldSetCookies = false
            let session = URLSession(
                configuration: configuration, delegate: StaysThere(), delegateQueue: nil)
            defer { session.finishTasksAndInvalidate() }
            let (data, response) = try await session.data(for: request)
            let head = response as? HTTPURLResponse
            return DeskAnswer(
                status: head?.statusCode ?? 0, body: String(decoding: data, as: UTF8.self),
                response: head)
        }

        /// Redirections are answers, too.
        private final class StaysThere: NSObject, URLSessionTaskDelegate {
            func urlSession(
                _ session: URLSession, task: URLSessionTask,
                willPerformHTTPRedirection response: HTTPURLResponse, newRequest: URLRequest,
                completionHandler: @escaping @Sendable (URLRequest?) -> Void
            ) {
                completionHandler(nil)
            }
        }
    }

    /// What the server has answered.
    struct DeskAnswer {
        let status: Int
        let body: String
        let response: HTTPURLResponse?

        func header(_ name: String) -> String { response?.value(forHTTPHeaderField: name) ?? "" }

        func json() throws -> [String: Any] {
            try #require(
                try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any],
                "\(status): \(body.prefix(300))")
        }
    }

    /// A client of the event stream: curl, whose output is read as it comes.
    final class EventStreamReader: @unchecked Sendable {
        struct Event {
            var id, kind, data: String
        }

        private let desk: Desk
        private let process = Process()
        private let output = FileManager.default.temporaryDirectory
            .appending(path: "vigil-events-\(UUID().uuidString)")

        init(desk: Desk) { self.desk = desk }

        func open(after id: String?) async throws {
            process.executableURL = URL(filePath: "/usr/bin/env")
            process.arguments =
                [
                    "curl", "-sN", "-o", output.path(), "-H",
                    "Authorization: Bearer \(desk.reader)",
                ] + (id.map { ["-H", "Last-Event-ID: \($0)"] } ?? [])
                + ["http://127.0.0.1:\(desk.port)/api/ai/events"]
            try process.run()
            _ = try await eventually("the stream opens") {
                (try? String(contentsOf: output, encoding: .utf8)) ?? ""
            } is: {
                $0.contains("retry:")
            }
        }

        func close() {
            process.terminate()
            try? FileManager.default.removeItem(at: output)
        }

        func wait(
            for anomaly: String, kind: String = "metrics:anomaly:detected"
        ) async throws -> Event {
            let found = try await eventually("the event of \(anomaly)") {
                events().first { $0.kind == kind && $0.data.contains(anomaly) }
            } is: {
                $0 != nil
            }
            return try #require(found)
        }

        private func events() -> [Event] {
            let text = (try? String(contentsOf: output, encoding: .utf8)) ?? ""
            return text.components(separatedBy: "\n\n").compactMap { block in
                var parts: [String: String] = [:]
                for line in block.split(separator: "\n") {
                    let pair = line.split(separator: ":", maxSplits: 1)
                    guard pair.count == 2 else { continue }
                    parts[String(pair[0])] = pair[1].trimmingCharacters(in: .whitespaces)
                }
                guard let id = parts["id"], let kind = parts["event"] else { return nil }
                return Event(id: id, kind: kind, data: parts["data"] ?? "")
            }
        }
    }
}
