import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
package import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1
package import NIOWebSocket

/// A connection that speaks WebSocket (RFC 6455).
package typealias WebSocketConnection = NIOAsyncChannel<WebSocketFrame, WebSocketFrame>
/// What happens on such a connection, until it is to be closed.
package typealias WebSocketHandler = @Sendable (WebSocketConnection) async throws -> Void

/// A connection of HTTP/1.1 that can be taken over as a WebSocket.
struct UpgradableChannel: HTTPChannelHandler {
    enum Negotiated: Sendable {
        case http(NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>)
        case webSocket(WebSocketConnection, WebSocketHandler)
    }

    struct Value: ServerChildChannelValue {
        let channel: any Channel
        let negotiated: EventLoopFuture<Negotiated>
    }

    /// Who takes over the connection that a request came on; where nobody does it is answered as any other.
    typealias Takeover = @Sendable (Request, SocketAddress?) -> WebSocketHandler?

    let responder: Responder
    let isSecure: Bool
    let takeover: Takeover

    /// Clients have little to say.
    private static let frameSizeMax = 1 << 12

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            var configuration = NIOUpgradableHTTPServerPipelineConfiguration(
                upgradeConfiguration: .init(upgraders: [upgrader()]) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let pipeline = channel.pipeline.syncOperations
                        try pipeline.addHandler(HTTP1ToHTTPServerCodec(secure: isSecure))
                        try pipeline.addHandler(HTTPConnectionStateHandler(logger: logger))
                        return .http(
                            try NIOAsyncChannel(
                                wrappingChannelSynchronously: channel,
                                configuration: .init(isOutboundHalfClosureEnabled: true)))
                    }
                })
            // As Hummingbird has it: the rest of the connection is read in order, and errors are answered.
            configuration.enablePipelining = false
            configuration.enableErrorHandling = false
            configuration.enableResponseHeaderValidation = false
            return Value(
                channel: channel,
                negotiated: try channel.pipeline.syncOperations
                    .configureUpgradableHTTPServerPipeline(configuration: configuration))
        }
    }

    // Decided at once, by the request alone: where NIO has waited and nobody takes over, it loses the end
    // of the request. Who asks is found out on the WebSocket itself.
    private func upgrader() -> NIOTypedWebSocketServerUpgrader<Negotiated> {
        NIOTypedWebSocketServerUpgrader(
            maxFrameSize: Self.frameSizeMax,
            shouldUpgrade: { channel, head in
                channel.eventLoop.makeSucceededFuture(
                    handler(for: head, on: channel) == nil ? nil : HTTPHeaders())
            },
            upgradePipelineHandler: { channel, head in
                channel.eventLoop.makeCompletedFuture {
                    guard let handler = handler(for: head, on: channel) else {
                        throw ChannelError.inappropriateOperationForState
                    }
                    return .webSocket(
                        try NIOAsyncChannel(wrappingChannelSynchronously: channel), handler)
                }
            })
    }

    private func handler(
        for head: HTTPRequestHead, on channel: any Channel
    ) -> WebSocketHandler? {
        guard let head = try? HTTPRequest(head, secure: isSecure, splitCookie: false) else {
            return nil
        }
        return takeover(
            Request(head: head, body: RequestBody(buffer: ByteBuffer())), channel.remoteAddress)
    }

    func handle(value: Value, logger: Logger) async {
        do {
            switch try await value.negotiated.get() {
            case .http(let channel): await handleHTTP(asyncChannel: channel, logger: logger)
            case .webSocket(let connection, let handler): try await handler(connection)
            }
        } catch {
            logger.trace("a connection ended", metadata: ["error": "\(error)"])
            try? await value.channel.close()
        }
    }
}
