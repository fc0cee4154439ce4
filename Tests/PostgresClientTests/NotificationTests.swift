import PostgresClient
import TestSupport
import Testing

@Suite("A wait for notifications", .tags(.postgres), .requiresPostgres)
struct NotificationTests {
    private static let channel = "vigil_test"

    private func pair() async throws -> (listener: PostgresConnection, sender: PostgresConnection) {
        let database = try await TestCluster.freshDatabase()
        let listener = try await database.connect()
        try await listener.execute("LISTEN \(Self.channel)")
        return (listener, try await database.connect())
    }

    @Test("returns what was sent, with channel, payload and sender")
    func arrival() async throws {
        let (listener, sender) = try await pair()
        async let waited = listener.waitForNotification(timeout: .seconds(60))
        try await sender.execute("NOTIFY \(Self.channel), 'ä'")
        let expected = PostgresNotification(
            channel: Self.channel, payload: "ä", processID: await sender.processID)
        #expect(try await waited == [expected])
    }

    @Test("returns what came during earlier statements, all of it at once")
    func earlierNotifications() async throws {
        let (listener, sender) = try await pair()
        for payload in 1...3 { try await sender.execute("NOTIFY \(Self.channel), '\(payload)'") }
        _ = try await listener.query("SELECT 1")
        let notifications = try await listener.waitForNotification(timeout: .seconds(60))
        #expect(notifications.map(\.payload) == ["1", "2", "3"])
    }

    @Test("returns nothing after its timeout, and not before", arguments: [0, 1, 30])
    func timeout(milliseconds: Int) async throws {
        let (listener, _) = try await pair()
        let timeout = Duration.milliseconds(milliseconds)
        let start = ContinuousClock.now
        #expect(try await listener.waitForNotification(timeout: timeout).isEmpty)
        #expect(ContinuousClock.now - start >= timeout)
    }

    @Test("ends at once when its task is cancelled, before or during it")
    func cancellation() async throws {
        let (listener, _) = try await pair()
        let start = ContinuousClock.now
        let task = Task {
            // A wait in a cancelled task ends at once; so this loop ends only by cancellation.
            while !Task.isCancelled {
                _ = try await listener.waitForNotification(timeout: .seconds(600))
            }
            return try await listener.waitForNotification(timeout: .seconds(600))
        }
        task.cancel()
        #expect(try await task.value.isEmpty)
        #expect(ContinuousClock.now - start < .seconds(60))
        #expect(try await listener.query("SELECT 1").rowCount == 1)
    }

    @Test("ends at once by a wake that came before it")
    func earlyWake() async throws {
        let (listener, _) = try await pair()
        listener.wake()
        let start = ContinuousClock.now
        #expect(try await listener.waitForNotification(timeout: .seconds(600)).isEmpty)
        #expect(ContinuousClock.now - start < .seconds(60))
    }

    @Test("throws when the server ends the session")
    func terminated() async throws {
        let (listener, sender) = try await pair()
        let processID = await listener.processID
        let wait = Task { try await listener.waitForNotification(timeout: .seconds(600)) }
        _ = try await sender.query("SELECT pg_terminate_backend($1)", [.int32(processID)])
        let error = await #expect(throws: PostgresError.self) { try await wait.value }
        #expect(error?.code == .connectionLost)
        let later = await #expect(throws: PostgresError.self) {
            try await listener.query("SELECT 1")
        }
        #expect(later?.code == .connectionLost)
    }
}
