import HTTPTypes
import Hummingbird
import NIOCore
import NIOWebSocket
import OperationsServer

/// The live events as server-sent events and as a WebSocket.
struct EventRoutes: Sendable {
    let feed: EventFeed

    static let streamPath = "/api/ai/events"
    static let socketPath = "/api/ai/events/socket"

    func add(to group: RouterGroup<AnalystContext>) {
        group.get(RouterPath(Self.streamPath)) { request, context in
            _ = try context.identity(atLeast: .reader)
            return try await stream(for: request, on: context.channel)
        }
        // Only who does not ask for a WebSocket comes here.
        group.get(RouterPath(Self.socketPath)) { _, context -> Response in
            _ = try context.identity(atLeast: .reader)
            throw Problem(
                .upgradeRequired, "this address speaks WebSocket (RFC 6455)",
                hint: "\(Self.streamPath) has the same as server-sent events.",
                headers: [.upgrade: "websocket"])
        }
    }

    /// A browser opens WebSockets for any site's page, with our cookie.
    static func requireOwnPage(_ request: Request) throws {
        if request.headers[.authorization] == nil {
            try IdentityMiddleware.requireSameOrigin(request)
        }
    }

    private static func lastEvent(of request: Request) -> String? {
        request.headers[.lastEventID] ?? request.uri.queryParameters.get("last_event_id")
    }

    private func stream(
        for request: Request, on channel: any Channel
    ) async throws -> Response {
        let watcher = try await feed.enrol(after: Self.lastEvent(of: request)) {
            channel.close(promise: nil)
        }
        return Response(
            status: .ok,
            headers: [
                .contentType: "text/event-stream", .cacheControl: "no-store", .accelBuffering: "no",
            ],
            body: ResponseBody { [feed] writer in
                try await writer.write(ByteBuffer(string: "retry: 2000\n\n"))
                try await feed.relay(to: watcher) { try await writer.write($0.text) }
                try await writer.finish(nil)
            })
    }

    /// Takes a connection over: events go out as text frames; pings are answered, all else is ignored.
    ///
    /// Who may not watch is told so as the reason of the close.
    func webSocketHandler(
        for request: Request, admit: @escaping @Sendable () async throws -> Void
    ) -> WebSocketHandler {
        let last = Self.lastEvent(of: request)
        return { [feed] connection in
            try await connection.executeThenClose { inbound, outbound in
                let watcher: EventFeed.Watcher
                do {
                    try await admit()
                    try Self.requireOwnPage(request)
                    watcher = try await feed.enrol(after: last) {
                        connection.channel.close(promise: nil)
                    }
                } catch {
                    return try await outbound.write(Self.refusal(error))
                }
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        try await feed.relay(to: watcher) { message in
                            for frame in message.frames {
                                try await outbound.write(
                                    WebSocketFrame(fin: true, opcode: .text, data: frame))
                            }
                            if message.frames.isEmpty {
                                try await outbound.write(
                                    WebSocketFrame(fin: true, opcode: .ping, data: ByteBuffer()))
                            }
                        }
                        try await outbound.write(
                            Self.close(.goingAway, "the sidecar is stopping"))
                    }
                    group.addTask {
                        for try await frame in inbound {
                            switch frame.opcode {
                            case .ping:
                                try await outbound.write(
                                    WebSocketFrame(
                                        fin: true, opcode: .pong, data: frame.unmaskedData))
                            case .connectionClose:
                                return try await outbound.write(Self.close(.normalClosure, ""))
                            default: break
                            }
                        }
                    }
                    defer { group.cancelAll() }
                    try await group.next()
                }
            }
        }
    }

    /// What a refused client is told: nobody who may watch, or later.
    private static func refusal(_ error: any Error) -> WebSocketFrame {
        let problem = Problem(error)
        let isOverload = problem.map {
            $0.status.kind == .serverError || $0.status == .tooManyRequests
        }
        return close(
            isOverload ?? true ? tryAgainLater : .policyViolation,
            problem?.detail ?? "events cannot be read")
    }

    /// The code that the registry of RFC 6455 has for it.
    private static let tryAgainLater = WebSocketErrorCode.unknown(1013)

    private static func close(_ code: WebSocketErrorCode, _ reason: String) -> WebSocketFrame {
        var data = ByteBuffer()
        data.write(webSocketErrorCode: code)
        // A control frame holds 125 bytes.
        data.writeString(String(reason.prefix(40)))
        return WebSocketFrame(fin: true, opcode: .connectionClose, data: data)
    }
}
