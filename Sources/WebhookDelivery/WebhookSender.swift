import AsyncHTTPClient
import Foundation
package import Logging
import NIOCore
import NIOHTTP1
import PostgresClient
import ServiceLifecycle
import Storage

/// Calls webhooks: files what has happened, and sends what is due, at least once.
///
/// A call that is not answered with 2xx within ten seconds is tried again, ever less often, and given
/// up after the tenth attempt. The calls of one webhook go out one after the other, so a slow one holds
/// up no other. Several sidecars share the work: a row belongs to whoever claims it, for a while.
package actor WebhookSender: Service {
    /// How a call is tried again.
    package struct Retries: Sendable {
        /// Seconds until the second attempt; each further pause is four times the one before.
        package var firstPause: Double
        package var pauseMax: Double
        package var attemptsMax: Int

        package init(firstPause: Double = 5, pauseMax: Double = 21_600, attemptsMax: Int = 10) {
            self.firstPause = firstPause
            self.pauseMax = pauseMax
            self.attemptsMax = attemptsMax
        }

        /// The pause after so many attempts, in seconds; nil: no further one.
        package func pause(after attempts: Int) -> Double? {
            guard attempts < attemptsMax else { return nil }
            var pause = firstPause
            for _ in 1..<max(attempts, 1) { pause = min(pause * 4, pauseMax) }
            return pause
        }
    }

    private let conninfo: String
    private let retries: Retries
    private let logger: Logger
    private var busy: Set<String> = []

    private static let interval = Duration.milliseconds(500)
    private static let intervalWhileCalling = Duration.milliseconds(100)
    private static let timeout = TimeAmount.seconds(10)
    private static let forgettingInterval = Duration.seconds(3600)
    private static let pauseAfterFailure = Duration.seconds(1)...Duration.seconds(60)

    /// A sender for one database.
    package init(conninfo: String, retries: Retries = Retries(), logger: Logger) {
        self.conninfo = conninfo
        self.retries = retries
        self.logger = logger
    }

    /// Sends until a graceful shutdown; what fails is logged and tried again.
    package func run() async throws {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: .init(connect: .seconds(5), read: Self.timeout))
        configuration.maximumUsesPerConnection = 1000
        let client = HTTPClient(
            eventLoopGroupProvider: .singleton, configuration: configuration)
        await cancelWhenGracefulShutdown { await self.serve(with: client) }
        try await client.shutdown()
    }

    private func serve(with client: HTTPClient) async {
        var pause = Self.pauseAfterFailure.lowerBound
        while !Task.isCancelled {
            do {
                let session = try await PostgresConnection.connect(
                    conninfo, applicationName: "vigil webhooks")
                pause = Self.pauseAfterFailure.lowerBound
                do {
                    try await send(with: client, on: session)
                    await session.close()
                } catch {
                    await session.close()
                    throw error
                }
            } catch  where !Task.isCancelled {
                logger.warning(
                    "webhooks are not called",
                    metadata: ["reason": "\(error)", "again_in": "\(pause)"])
                try? await Task.sleep(for: pause)
                pause = min(pause * 2, Self.pauseAfterFailure.upperBound)
            } catch {}
        }
    }

    private func send(with client: HTTPClient, on session: PostgresConnection) async throws {
        try await session.execute(
            "SET statement_timeout = '30s'; SET lock_timeout = '2s'; LISTEN \(WebhookStore.channel)"
        )
        busy = []
        try await withThrowingDiscardingTaskGroup { group in
            var forgotten: ContinuousClock.Instant?
            while !Task.isCancelled, !group.isCancelled {
                if forgotten.map({ .now - $0 > Self.forgettingInterval }) ?? true {
                    try await WebhookStore.forgetOld(on: session)
                    forgotten = .now
                }
                _ = try await WebhookStore.fileEvents(on: session)
                let claimed = try await WebhookStore.claim(except: Array(busy), on: session)
                for (webhook, deliveries) in Dictionary(grouping: claimed, by: \.webhook) {
                    busy.insert(webhook)
                    group.addTask {
                        var deliveries = deliveries
                        while !deliveries.isEmpty, !Task.isCancelled {
                            try await self.deliver(deliveries, with: client, on: session)
                            deliveries = try await WebhookStore.claim(of: webhook, on: session)
                        }
                        await self.rest(webhook)
                    }
                }
                if busy.isEmpty {
                    _ = try await session.waitForNotification(timeout: Self.interval)
                } else {
                    // Who waits for a notification holds the session, and those who call need it.
                    try await Task.sleep(for: Self.intervalWhileCalling)
                }
            }
        }
    }

    /// The calls of one webhook, one after the other.
    private func deliver(
        _ deliveries: [WebhookStore.Delivery], with client: HTTPClient,
        on session: PostgresConnection
    ) async throws {
        for (place, delivery) in deliveries.enumerated() {
            guard !Task.isCancelled else {
                try? await WebhookStore.release(Array(deliveries[place...]), on: session)
                break
            }
            do {
                let status = try await call(delivery, with: client)
                if (200..<300).contains(status) {
                    try await WebhookStore.succeed(delivery, status: status, on: session)
                } else {
                    try await fail(
                        delivery, status: status, error: "it answered with \(status)", on: session)
                }
            } catch let error as PostgresError {
                throw error
            } catch  where !Task.isCancelled {
                try await fail(
                    delivery, status: nil, error: Self.words(of: error), on: session)
            } catch {
                try? await WebhookStore.release(Array(deliveries[place...]), on: session)
                break
            }
        }
    }

    private func rest(_ webhook: String) { busy.remove(webhook) }

    private func call(
        _ delivery: WebhookStore.Delivery, with client: HTTPClient
    ) async throws -> Int {
        guard let signature = WebhookSignature(secret: delivery.secret) else {
            throw WebhookError("its secret is not whsec_ and base64")
        }
        let id = "vigil_\(delivery.id)"
        let timestamp = Int64(Date().timeIntervalSince1970)
        var request = HTTPClientRequest(url: delivery.url)
        request.method = .POST
        request.headers = [
            "content-type": "application/json", "user-agent": "vigil", "webhook-id": id,
            "webhook-timestamp": String(timestamp),
            "webhook-signature": signature.header(
                id: id, timestamp: timestamp, body: delivery.payload),
        ]
        request.body = .bytes(ByteBuffer(string: delivery.payload))
        let response = try await client.execute(request, timeout: Self.timeout)
        // What it says is not needed; read to the end, the connection serves again.
        _ = try? await response.body.collect(upTo: 1 << 16)
        return Int(response.status.code)
    }

    private func fail(
        _ delivery: WebhookStore.Delivery, status: Int?, error: String,
        on session: PostgresConnection
    ) async throws {
        let pause = retries.pause(after: delivery.attempts)
        try await WebhookStore.fail(
            delivery, status: status, error: error, retryAfterSeconds: pause, on: session)
        logger.log(
            level: pause == nil ? .error : .warning,
            pause == nil ? "a webhook's call is given up" : "a webhook's call failed",
            metadata: [
                "webhook": "\(delivery.webhook)", "delivery": "\(delivery.id)",
                "attempt": "\(delivery.attempts)", "reason": "\(error)",
            ])
    }

    /// What went wrong; the client's errors name their kind alone.
    private static func words(of error: any Error) -> String {
        switch error {
        case let error as WebhookError: error.words
        case let error as HTTPClientError where error == .connectTimeout:
            "no connection within 5 seconds"
        case let error as HTTPClientError
        where error == .deadlineExceeded || error == .readTimeout:
            "no answer within 10 seconds"
        default: "it cannot be called: \(error)"
        }
    }
}

/// Why a call could not be made.
private struct WebhookError: Error {
    var words: String

    init(_ words: String) { self.words = words }
}
