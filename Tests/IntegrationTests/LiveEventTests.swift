import AnalystServer
import Foundation
import Logging
import PostgresClient
import Synchronization
import Testing

extension Integration {
    /// Live events on the wire, besides those of ``AnalystAPITests``.
    @Suite("Live events", .requiresProgram) struct LiveEventTests {
        @Test("a WebSocket has the same events, answers pings, and asks who is there")
        func webSocket() async throws {
            let desk = try await Desk.open()
            let first = try await desk.plantAnomaly(name: "before \"it\"\n")
            let path = "/api/ai/events/socket"
            let wire = try RawWire(
                port: desk.port,
                request: "GET \(path)?last_event_id=1-x HTTP/1.1",
                fields: WebSocketFields.upgrade + ["Authorization: Bearer \(desk.reader)"],
                // A ping that says "hey", masked with zeros.
                then: #"\x89\x83\x00\x00\x00\x00hey"#)
            try await eventually("what was missed, and a pong", equals: true) {
                let text = wire.text
                return text.contains(first) && text.contains("\u{03}hey")
            }
            // The key and its answer of RFC 6455, 1.3.
            #expect(wire.text.contains("101 Switching Protocols"))
            #expect(
                wire.text.lowercased().contains(
                    "sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo="))
            let second = try await desk.plantAnomaly()
            try await eventually("what happens", equals: true) { wire.text.contains(second) }
            #expect(wire.text.contains(#""type":"metrics:anomaly:detected","data":{"id" : "#))
            wire.close()
            for (fields, words) in [
                (WebSocketFields.upgrade, "a token is needed"),
                (
                    WebSocketFields.upgrade + ["Authorization: Bearer vigil_1_00"],
                    "the token is not valid"
                ),
                (["Authorization: Bearer \(desk.reader)"], "HTTP/1.1 426"),
                ([], "HTTP/1.1 401"),
            ] {
                let refused = try RawWire(
                    port: desk.port, request: "GET \(path) HTTP/1.1", fields: fields, then: "")
                try await eventually("refused: \(words)", equals: true) {
                    refused.text.contains(words)
                }
                refused.close()
            }
            try await desk.close()
        }

        @Test("a page of another site gets no WebSocket by our cookie")
        func webSocketOrigin() async throws {
            let desk = try await Desk.open()
            let signedIn = try RawWire(
                port: desk.port, request: "POST /sign-in HTTP/1.1",
                fields: [
                    "Content-Type: application/x-www-form-urlencoded",
                    "Sec-Fetch-Site: same-origin",
                    "Content-Length: \(desk.reader.utf8.count + 6)",
                ], then: "token=\(desk.reader)")
            try await eventually("a cookie", equals: true) {
                signedIn.text.contains("vigil_session=")
            }
            let cookie = try #require(signedIn.text.firstMatch(of: /vigil_session=[0-9a-f]+/))
                .output
            for (site, isRefused) in [("cross-site", true), ("same-origin", false)] {
                let wire = try RawWire(
                    port: desk.port, request: "GET /api/ai/events/socket HTTP/1.1",
                    fields: WebSocketFields.upgrade
                        + ["Cookie: \(cookie)", "Sec-Fetch-Site: \(site)"],
                    then: #"\x89\x83\x00\x00\x00\x00hey"#)
                try await eventually("\(site): refused \(isRefused)", equals: true) {
                    wire.text.contains(isRefused ? "another site" : "\u{03}hey")
                }
                wire.close()
            }
            signedIn.close()
            try await desk.close()
        }

        @Test("who takes nothing is dropped, and the others go on")
        func slowClients() async throws {
            let database = try await VigilDatabase.fresh()
            let feed = EventFeed(
                desk: AnalystServer.Desk(conninfo: database.conninfo), bufferSize: 2,
                logger: Logger(label: "test"))
            let drops = Mutex(0)
            let seen = Mutex(0)
            let service = Task { try await feed.run() }
            let idle = try await feed.enrol(after: nil) { drops.withLock { $0 += 1 } }
            let busy = try await feed.enrol(after: nil) { Issue.record("the busy one is dropped") }
            let taking = Task {
                try await feed.relay(to: busy) { message in
                    seen.withLock { $0 += message.frames.count }
                }
            }
            try await eventually("the idle one is dropped", equals: 1) {
                try await database.execute(
                    """
                    INSERT INTO vigil.drift_reports (checked_at, verdict, summary, findings, action)
                    SELECT now(), 'stable', 'nothing', '[]', 'report'
                    """)
                return drops.withLock { $0 }
            }
            let before = seen.withLock { $0 }
            #expect(before >= 3)
            try await database.execute(
                """
                INSERT INTO vigil.drift_reports (checked_at, verdict, summary, findings, action)
                SELECT now(), 'stable', 'nothing', '[]', 'report'
                """)
            try await eventually("the busy one goes on", equals: true) {
                seen.withLock { $0 } > before
            }
            service.cancel()
            _ = await service.result
            _ = await taking.result
            withExtendedLifetime(idle) {}
        }
    }

    /// What a request for a WebSocket says, with the key of RFC 6455, 1.3.
    enum WebSocketFields {
        static let upgrade = [
            "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        ]
    }

    /// A connection whose bytes are seen as they come.
    final class RawWire: @unchecked Sendable {
        private let process = Process()
        private let output = FileManager.default.temporaryDirectory
            .appending(path: "vigil-wire-\(UUID().uuidString)")

        /// Sends a request, and then what `printf` makes of some text; stays open.
        init(port: Int, request: String, fields: [String], then rest: String) throws {
            let head = ([request, "Host: 127.0.0.1:\(port)"] + fields).map { $0 + #"\r\n"# }
                .joined()
            process.executableURL = URL(filePath: "/bin/bash")
            process.arguments = [
                "-c",
                #"exec 3<>/dev/tcp/127.0.0.1/"$1"; printf "$2" >&3; printf "$3" >&3; exec cat <&3 >"$4""#,
                "wire", String(port), head + #"\r\n"#, rest, output.path(),
            ]
            try process.run()
        }

        /// What has come; bytes that are no text are replaced.
        var text: String {
            String(decoding: (try? Data(contentsOf: output)) ?? Data(), as: UTF8.self)
        }

        func close() {
            process.terminate()
            try? FileManager.default.removeItem(at: output)
        }
    }
}
