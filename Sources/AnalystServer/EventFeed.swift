import HTTPTypes
package import Logging
package import NIOCore
import ServiceLifecycle
import Storage

/// One reader of events for all who watch; who is too slow is dropped, not waited for.
package actor EventFeed: Service {
    /// Some events, as both protocols send them; none: a sign of life.
    package struct Message: Sendable {
        /// Server-sent events.
        package let text: ByteBuffer
        /// Frames of a WebSocket: a JSON object each.
        package let frames: [ByteBuffer]

        init(events: [EventStore.Event]) {
            var text = ByteBuffer()
            if events.isEmpty { text.writeString(": still here\n\n") }
            for event in events {
                let data = event.data.replacing("\n", with: " ")
                text.writeString("id: \(event.name)\nevent: \(event.kind)\ndata: \(data)\n\n")
            }
            self.text = text
            // Neither names nor kinds hold anything that JSON would escape.
            frames = events.map { event in
                ByteBuffer(
                    string:
                        #"{"id":"\#(event.name)","type":"\#(event.kind)","data":\#(event.data)}"#)
            }
        }
    }

    /// Somebody who watches.
    package struct Watcher: Sendable {
        fileprivate let messages: AsyncStream<Message>
        /// The last event that the watcher knows.
        fileprivate let last: String?
    }

    private struct Entry {
        var messages: AsyncStream<Message>.Continuation
        /// Ends the connection, whatever still waits to be sent on it.
        var drop: @Sendable () -> Void
    }

    private let desk: Desk
    private let logger: Logger
    private let bufferSize: Int
    private var watchers: [Int: Entry] = [:]
    private var nextWatcher = 0
    /// Nil while nobody watches.
    private var reader: EventReader?
    private var isOver = false

    /// Between two looks.
    private static let interval = Duration.milliseconds(250)
    /// A sign of life goes out after so many looks without an event.
    private static let looksBeforePing = 60
    /// How many may watch at once.
    private static let watcherLimit = 2000

    /// A feed that reads with the desk's sessions.
    ///
    /// Of a watcher who takes nothing, `bufferSize` messages may wait.
    package init(desk: Desk, bufferSize: Int = 64, logger: Logger) {
        self.desk = desk
        self.bufferSize = bufferSize
        self.logger = logger
    }

    /// Reads and sends until a graceful shutdown.
    package func run() async throws {
        await cancelWhenGracefulShutdown { await self.follow() }
        isOver = true
        for entry in watchers.values { entry.messages.finish() }
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
                    send(Message(events: []))
                }
            } else {
                reader = nil
            }
            if reader?.hasMore != true { try? await Task.sleep(for: Self.interval) }
        }
    }

    /// Sends what is new; whether there was anything.
    private func look() async throws -> Bool {
        let reader = try await begun()
        let (next, events) = try await desk.withSession { session in
            var next = reader
            let events = try await next.next(on: session)
            return (next, events)
        }
        self.reader = next
        guard !events.isEmpty else { return false }
        send(Message(events: events))
        return true
    }

    /// The reader; where there is none yet, one of what happens from now on.
    private func begun() async throws -> EventReader {
        if let reader { return reader }
        let now = try await desk.withSession { try await EventStore.now(on: $0) }
        if let reader { return reader }
        let reader = EventReader(since: now)
        self.reader = reader
        return reader
    }

    private func send(_ message: Message) {
        for (number, entry) in watchers {
            if case .dropped = entry.messages.yield(message) {
                logger.notice("a client that watches events is too slow, and dropped")
                entry.messages.finish()
                entry.drop()
                watchers[number] = nil
            }
        }
    }

    /// Somebody begins to watch: gets what happened since their last event, then what comes.
    ///
    /// `drop` ends the connection of a watcher who is too slow.
    ///
    /// - Throws: ``Problem`` where too many watch, or the sidecar is stopping.
    package func enrol(
        after last: String?, drop: @escaping @Sendable () -> Void
    ) async throws -> Watcher {
        guard !isOver else {
            throw Problem(
                .serviceUnavailable, "the sidecar is stopping", headers: [.retryAfter: "5"])
        }
        guard watchers.count < Self.watcherLimit else {
            throw Problem(
                .serviceUnavailable, "\(Self.watcherLimit) clients are watching already",
                headers: [.retryAfter: "30"])
        }
        let (messages, continuation) = AsyncStream.makeStream(
            of: Message.self, bufferingPolicy: .bufferingOldest(bufferSize))
        let number = nextWatcher
        nextWatcher += 1
        watchers[number] = Entry(messages: continuation, drop: drop)
        // Nothing that happens after this is missed.
        do {
            _ = try await begun()
        } catch {
            watchers[number] = nil
            throw error
        }
        continuation.onTermination = { [weak self] _ in
            Task { await self?.forget(number) }
        }
        return Watcher(messages: messages, last: last)
    }

    /// Sends what a watcher is to see, until the sidecar stops or the watcher is gone.
    ///
    /// - Throws: what sending throws, and where events cannot be read.
    package nonisolated func relay(
        to watcher: Watcher, _ send: (Message) async throws -> Void
    ) async throws {
        try await resume(watcher, send)
        for await message in watcher.messages { try await send(message) }
    }

    private nonisolated func resume(
        _ watcher: Watcher, _ send: (Message) async throws -> Void
    ) async throws {
        guard let name = watcher.last, let time = Int64(name.prefix { $0 != "-" }) else { return }
        var last: EventStore.Event?
        repeat {
            let missed = try await desk.withSession { [last] session in
                try await EventStore.events(
                    since: time - EventReader.overlap, after: last, limit: EventReader.limit,
                    on: session)
            }
            // Those of the overlap come again: a client may see an event twice, never miss one.
            let unknown = missed.filter { $0.name != name }
            if !unknown.isEmpty { try await send(Message(events: unknown)) }
            last = missed.count == EventReader.limit ? missed.last : nil
        } while last != nil
    }

    private func forget(_ number: Int) { watchers[number] = nil }
}
