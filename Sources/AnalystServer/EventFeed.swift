import HTTPTypes
import Hummingbird
package import Logging
import NIOCore
import ServiceLifecycle
import Storage

/// One reader of events for all who watch; who is too slow is dropped, not waited for.
package actor EventFeed: Service {
    private let desk: Desk
    private let logger: Logger
    private var watchers: [Int: AsyncStream<ByteBuffer>.Continuation] = [:]
    private var nextWatcher = 0
    /// Nil while nobody watches.
    private var reader: EventReader?
    private var isOver = false

    /// Between two looks.
    private static let interval = Duration.milliseconds(250)
    /// Messages that may wait for one watcher.
    private static let bufferSize = 512
    /// A sign of life goes out after so many looks without an event.
    private static let looksBeforePing = 60
    /// How many may watch at once.
    private static let watcherLimit = 2000

    /// A feed that reads with the desk's sessions.
    package init(desk: Desk, logger: Logger) {
        self.desk = desk
        self.logger = logger
    }

    /// Reads and sends until a graceful shutdown.
    package func run() async throws {
        await cancelWhenGracefulShutdown { await self.follow() }
        isOver = true
        for watcher in watchers.values { watcher.finish() }
        watchers = [:]
        await desk.close()
    }

    private func follow() async {
        var quiet = 0
        while !Task.isCancelled {
            if !watchers.isEmpty {
                do {
                    quiet = try await look() ? 0 : quiet + 1
                } catch {
                    logger.debug("events cannot be read", metadata: ["error": "\(error)"])
                }
                if quiet >= Self.looksBeforePing {
                    quiet = 0
                    send(ByteBuffer(string: ": still here\n\n"))
                }
            } else {
                reader = nil
            }
            if reader?.hasMore != true { try? await Task.sleep(for: Self.interval) }
        }
    }

    /// Sends what is new; whether there was anything.
    private func look() async throws -> Bool {
        let reader: EventReader
        if let known = self.reader {
            reader = known
        } else {
            reader = EventReader(
                since: try await desk.withSession { try await EventStore.now(on: $0) })
        }
        let (next, events) = try await desk.withSession { session in
            var next = reader
            let events = try await next.next(on: session)
            return (next, events)
        }
        self.reader = next
        guard !events.isEmpty else { return false }
        var message = ByteBuffer()
        for event in events { message.writeString(Self.text(event)) }
        send(message)
        return true
    }

    private func send(_ message: ByteBuffer) {
        for (number, watcher) in watchers {
            if case .dropped = watcher.yield(message) {
                watcher.finish()
                watchers[number] = nil
            }
        }
    }

    /// The stream of a watcher: first what it has missed since its last event, then what comes.
    func response(to request: Request) async throws -> Response {
        guard !isOver else {
            throw Problem(
                .serviceUnavailable, "the sidecar is stopping", headers: [.retryAfter: "5"])
        }
        guard watchers.count < Self.watcherLimit else {
            throw Problem(
                .serviceUnavailable, "\(Self.watcherLimit) clients are watching already",
                headers: [.retryAfter: "30"])
        }
        let (stream, continuation) = AsyncStream.makeStream(
            of: ByteBuffer.self, bufferingPolicy: .bufferingOldest(Self.bufferSize))
        let number = nextWatcher
        nextWatcher += 1
        continuation.yield(ByteBuffer(string: "retry: 2000\n\n"))
        let last =
            request.headers[.lastEventID]
            ?? request.uri.queryParameters.get("last_event_id")
        if let last, let time = Int64(last.prefix { $0 != "-" }) {
            await resume(after: time, name: last, to: continuation)
        }
        watchers[number] = continuation
        continuation.onTermination = { [weak self] _ in
            Task { await self?.forget(number) }
        }
        return Response(
            status: .ok,
            headers: [
                .contentType: "text/event-stream", .cacheControl: "no-store",
                .accelBuffering: "no",
            ],
            body: ResponseBody(asyncSequence: stream))
    }

    private func resume(
        after time: Int64, name: String, to continuation: AsyncStream<ByteBuffer>.Continuation
    ) async {
        var last: EventStore.Event?
        repeat {
            guard
                let missed = try? await desk.withSession({ [last] session in
                    try await EventStore.events(
                        since: time - EventReader.overlap, after: last, limit: EventReader.limit,
                        on: session)
                })
            else { return }
            // Those of the overlap come again: a client may see an event twice, never miss one.
            for event in missed where event.name != name {
                continuation.yield(ByteBuffer(string: Self.text(event)))
            }
            last = missed.count == EventReader.limit ? missed.last : nil
        } while last != nil
    }

    private func forget(_ number: Int) { watchers[number] = nil }

    private static func text(_ event: EventStore.Event) -> String {
        let data = event.data.replacing("\n", with: " ")
        return "id: \(event.name)\nevent: \(event.kind)\ndata: \(data)\n\n"
    }
}
