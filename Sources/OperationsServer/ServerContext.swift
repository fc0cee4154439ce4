package import Hummingbird
package import NIOCore

/// A request, and from where it came.
package struct ServerContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// The other end of the connection; nil on a socket of the file system.
    package var remoteAddress: SocketAddress? { channel.remoteAddress }
    /// The connection.
    package let channel: any Channel

    package init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }
}
