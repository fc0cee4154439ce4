import Crypto
import Foundation
import Hummingbird
import Logging
import PostgresClient
import ServiceLifecycle
import Storage
import Synchronization
import Testing
import WebhookDelivery

extension Integration {
    /// Webhooks as their receivers meet them.
    @Suite("Webhooks") struct WebhookTests {
        private static let quick = WebhookSender.Retries(
            firstPause: 0.05, pauseMax: 0.2, attemptsMax: 3)

        @Test("the documents' example has the signature that it gives")
        func signature() throws {
            // standard-webhooks/spec: example of the verification libraries.
            let signature = try #require(
                WebhookSignature(secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
            #expect(
                signature.header(
                    id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: 1_614_265_330,
                    body: #"{"test": 2432232314}"#)
                    == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
            #expect(WebhookSignature(secret: "whsec_!") == nil)
            #expect(WebhookSignature(secret: "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw") == nil)
        }

        @Test("pauses grow fourfold, and end")
        func pauses() {
            let retries = WebhookSender.Retries()
            #expect((1...4).map { retries.pause(after: $0) } == [5, 20, 80, 320])
            #expect(retries.pause(after: 9) == 21_600)
            #expect(retries.pause(after: 10) == nil)
        }

        @Test("events arrive signed, once each, by severity; more than a look holds at once")
        func events() async throws {
            let database = try await VigilDatabase.fresh()
            try await Receiver.serving { receiver in
                try await database.execute(
                    """
                    SELECT vigil.set_webhook('all', '\(receiver.url)/all',
                        '{metrics:anomaly:detected,metrics:anomaly:reviewed}',
                        secret => 'whsec_' || encode('\(Receiver.key)', 'base64'));
                    SELECT vigil.set_webhook('severe', '\(receiver.url)/severe', severity_min => 'critical',
                        secret => 'whsec_' || encode('\(Receiver.key)', 'base64'))
                    """)
                try await Self.sending(to: database, Self.quick) {
                    // One statement: all have the very same time.
                    try await Self.plant(1200, severity: "high", in: database)
                    try await Self.plant(3, severity: "critical", in: database)
                    try await database.execute(
                        "SELECT vigil.review_anomaly(id, 'benign') FROM vigil.anomalies WHERE severity = 'critical'"
                    )
                    try await eventually("calls of all", equals: 1206) {
                        receiver.calls.filter { $0.path == "/all" }.count
                    }
                    try await eventually("calls of severe", equals: 3) {
                        receiver.calls.filter { $0.path == "/severe" }.count
                    }
                }
                let calls = receiver.calls
                #expect(calls.filter { !$0.isSigned }.isEmpty)
                #expect(Set(calls.map(\.id)).count == 1209)
                let severe = try #require(calls.first { $0.path == "/severe" })
                let body = try #require(
                    try JSONSerialization.jsonObject(with: Data(severe.body.utf8))
                        as? [String: Any])
                #expect(body["type"] as? String == "metrics:anomaly:detected")
                #expect((body["data"] as? [String: Any])?["severity"] as? String == "critical")
                #expect(
                    try await database.int(
                        "SELECT count(*) FROM vigil.webhook_deliveries WHERE state = 'delivered' AND attempts = 1"
                    ) == 1209)
            }
        }

        @Test("what is refused is tried again, then given up, listed, and tried again on demand")
        func retries() async throws {
            let database = try await VigilDatabase.fresh()
            try await Receiver.serving { receiver in
                try await database.execute(
                    """
                    SELECT vigil.set_webhook('flaky', '\(receiver.url)/flaky', '{}',
                        secret => 'whsec_' || encode('\(Receiver.key)', 'base64'));
                    SELECT vigil.set_webhook('nobody', 'http://127.0.0.1:1/', '{}')
                    """)
                receiver.refuse(2)
                try await Self.sending(to: database, Self.quick) {
                    try await database.execute("SELECT vigil.test_webhook('flaky')")
                    try await eventually("delivered at the third attempt", equals: 1) {
                        try await database.int(
                            "SELECT count(*) FROM vigil.webhook_deliveries WHERE state = 'delivered' AND attempts = 3"
                        )
                    }
                    // The same id every time: a receiver knows it again.
                    #expect(Set(receiver.calls.map(\.id)).count == 1 && receiver.calls.count == 3)
                    receiver.refuse(3)
                    try await database.execute("SELECT vigil.test_webhook('flaky')")
                    try await database.execute("SELECT vigil.test_webhook('nobody')")
                    try await eventually("dead letters", equals: 2) {
                        try await database.int("SELECT count(*) FROM vigil.webhook_dead_letters")
                    }
                    #expect(
                        try await database.text(
                            "SELECT attempts || ' ' || last_status || ' ' || last_error FROM vigil.webhook_dead_letters WHERE webhook = 'flaky'"
                        ) == "3 503 it answered with 503")
                    #expect(
                        try await database.text(
                            "SELECT last_error FROM vigil.webhook_dead_letters WHERE webhook = 'nobody'"
                        ).hasPrefix("it cannot be called: "))
                    try await database.execute(
                        "SELECT vigil.retry_delivery(id) FROM vigil.webhook_dead_letters WHERE webhook = 'flaky'"
                    )
                    try await eventually("delivered on demand", equals: 2) {
                        try await database.int(
                            "SELECT count(*) FROM vigil.webhook_deliveries WHERE state = 'delivered'"
                        )
                    }
                }
            }
        }

        @Test("what happens while nobody sends is sent afterwards; a claim that was lost, too")
        func absence() async throws {
            let database = try await VigilDatabase.fresh()
            try await Receiver.serving { receiver in
                try await database.execute(
                    """
                    SELECT vigil.set_webhook('all', '\(receiver.url)/all',
                        secret => 'whsec_' || encode('\(Receiver.key)', 'base64'))
                    """)
                try await Self.plant(5, severity: "low", in: database)
                // A process that died with a call in hand, and whose time is over.
                try await database.execute(
                    """
                    SELECT vigil.test_webhook('all');
                    UPDATE vigil.webhook_deliveries
                    SET attempts = 1, next_attempt_at = now() - interval '1 second'
                    """)
                try await Self.sending(to: database, Self.quick) {
                    try await eventually("calls", equals: 6) { receiver.calls.count }
                }
            }
        }

        @Test("two senders send each call once")
        func two() async throws {
            let database = try await VigilDatabase.fresh()
            try await Receiver.serving { receiver in
                try await database.execute(
                    """
                    SELECT vigil.set_webhook('all', '\(receiver.url)/all',
                        secret => 'whsec_' || encode('\(Receiver.key)', 'base64'))
                    """)
                try await Self.sending(to: database, Self.quick) {
                    try await Self.sending(to: database, Self.quick) {
                        for _ in 0..<10 {
                            try await Self.plant(20, severity: "low", in: database)
                        }
                        try await eventually("calls", equals: 200) {
                            Set(receiver.calls.map(\.id)).count
                        }
                    }
                }
                #expect(receiver.calls.count == 200)
            }
        }

        @Test("vigil webhook: set, test, list, dead, drop", .requiresProgram)
        func commands() async throws {
            let database = try await VigilDatabase.fresh()
            let dsn = ["--dsn", database.conninfo]
            try await Receiver.serving { receiver in
                let made = try await Self.vigil(
                    ["webhook", "set", "siem", receiver.url + "/siem", "--severity", "high"] + dsn)
                #expect(made.status == 0 && made.output.hasPrefix("whsec_"), "\(made)")
                let lonely = try await Self.vigil(
                    ["webhook", "test", "siem", "--seconds", "1"] + dsn)
                #expect(lonely.status == 69 && lonely.complaints.contains("vigil status"))
                let sidecar = try VigilProgram(["run"] + dsn)
                let tested = try await Self.vigil(["webhook", "test", "siem"] + dsn)
                #expect(tested.output == "siem answered with 204.\n", "\(tested)")
                let list = try await Self.vigil(["webhook", "list", "--json"] + dsn)
                #expect(list.status == 0 && list.output.contains(#""delivered" : 2"#), "\(list)")
                #expect(!list.output.contains("whsec_"))
                sidecar.send(SIGTERM)
                #expect(try await sidecar.outcome().status == 0)
                #expect(receiver.calls.count == 2)
                let dead = try await Self.vigil(["webhook", "dead"] + dsn)
                #expect(dead.status == 0, "\(dead)")
                let missing = try await Self.vigil(["webhook", "test", "none"] + dsn)
                #expect(missing.status == 66, "\(missing)")
                let dropped = try await Self.vigil(["webhook", "drop", "siem"] + dsn)
                #expect(dropped.status == 0, "\(dropped)")
            }
        }

        private static func vigil(_ arguments: [String]) async throws -> VigilProgram.Outcome {
            try await VigilProgram(arguments).outcome(within: .seconds(40))
        }

        /// So many anomalies of one moment, as a sidecar would write them.
        private static func plant(
            _ count: Int, severity: String, in database: VigilDatabase
        ) async throws {
            try await database.execute(
                """
                WITH entity AS (
                    INSERT INTO vigil.entities (type, name)
                    SELECT 'domain', 'e' || i FROM generate_series(1, \(count)) AS i RETURNING id)
                INSERT INTO vigil.anomalies (subject_kind, subject_id, subject_type, subject_name,
                    entity_id, anomaly_type, anomaly_score, peak_score, confidence, severity,
                    description, detection_method)
                SELECT 'entity', id, 'domain', 'x', id, 'temporal', 0.7, 0.7, 0.5, '\(severity)', 'x',
                    'rules'
                FROM entity
                """)
        }

        /// Runs the body beside a sender.
        private static func sending(
            to database: VigilDatabase, _ retries: WebhookSender.Retries,
            _ body: () async throws -> Void
        ) async throws {
            let silent = Logger(label: "webhooks") { _ in SwiftLogNoOpLogHandler() }
            let sender = WebhookSender(
                conninfo: database.conninfo, retries: retries, logger: silent)
            let task = Task { try await sender.run() }
            do {
                try await body()
            } catch {
                task.cancel()
                _ = try? await task.value
                throw error
            }
            task.cancel()
            _ = try? await task.value
        }
    }

    /// An HTTP server on loopback that keeps what it is sent.
    private final class Receiver: Sendable {
        struct Call: Sendable {
            var path, id, body: String
            /// Whether the signature is that of id, time and body, and the time is now.
            var isSigned: Bool
        }

        static let key = "a key of thirty-two bytes, indeed"

        private let state = Mutex<(calls: [Call], refusals: Int)>(([], 0))
        private let port = Mutex(0)

        var url: String { "http://127.0.0.1:\(port.withLock { $0 })" }
        var calls: [Call] { state.withLock { $0.calls } }

        /// Answers the next ones with 503.
        func refuse(_ count: Int) { state.withLock { $0.refusals = count } }

        static func serving(_ body: (Receiver) async throws -> Void) async throws {
            let receiver = Receiver()
            let router = Router()
            router.post("/**") { request, _ in
                let text = String(buffer: try await request.body.collect(upTo: 1 << 20))
                func header(_ name: String) -> String {
                    request.headers.first { $0.name.canonicalName == name }?.value ?? ""
                }
                let (id, time) = (header("webhook-id"), header("webhook-timestamp"))
                let code = HMAC<SHA256>.authenticationCode(
                    for: Data("\(id).\(time).\(text)".utf8),
                    using: SymmetricKey(data: Data(key.utf8)))
                let isNow = abs((Double(time) ?? 0) - Date().timeIntervalSince1970) < 60
                let call = Call(
                    path: request.uri.path, id: id, body: text,
                    isSigned: isNow
                        && header("webhook-signature") == "v1," + Data(code).base64EncodedString())
                let isRefused = receiver.state.withLock { state in
                    state.calls.append(call)
                    state.refusals -= 1
                    return state.refusals >= 0
                }
                return Response(status: isRefused ? .serviceUnavailable : .noContent)
            }
            let (ports, started) = AsyncStream.makeStream(of: Int.self)
            let application = Application(
                router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
                onServerRunning: { started.yield($0.localAddress?.port ?? 0) },
                logger: Logger(label: "receiver") { _ in SwiftLogNoOpLogHandler() })
            let task = Task { try await application.run() }
            for await port in ports {
                receiver.port.withLock { $0 = port }
                break
            }
            do {
                try await body(receiver)
            } catch {
                task.cancel()
                _ = try? await task.value
                throw error
            }
            task.cancel()
            _ = try? await task.value
        }
    }
}
