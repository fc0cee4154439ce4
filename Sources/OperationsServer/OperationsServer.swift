package import Hummingbird
import HummingbirdCore
import HummingbirdTLS
package import Logging
package import NIOCore
import ServiceLifecycle
package import Sidecar
package import Telemetry

/// What else the server answers.
package protocol ServerPart: Sendable {
    /// Adds routes and their middleware.
    func addRoutes(to router: Router<ServerContext>)
    /// Who takes a connection over as a WebSocket, for a request that asks for one; nil: nobody.
    func webSocketHandler(
        for request: Request, from address: SocketAddress?
    ) -> WebSocketHandler?
}

/// The one HTTP server of the sidecar: what it measures and how it is, and the parts it is given.
///
/// Its own answers are what the loop has told; they never wait for it, so it answers while the loop
/// does not. They need no authentication: it listens where it is told to.
package struct OperationsServer: Service {
    private let address: ListenAddress
    private let certificate: ServerCertificate?
    private let routes: OperationsRoutes
    private let parts: [any ServerPart]
    private let onListening: @Sendable (ListenAddress) -> Void
    private let logger: Logger

    /// A server that shows this sidecar.
    ///
    /// The parts answer what else it answers. With a certificate it speaks TLS alone. `onListening` is
    /// told the address when it listens, with the port that the system has chosen.
    package init(
        at address: ListenAddress, certificate: ServerCertificate? = nil, registry: MetricRegistry,
        health: SidecarHealth,
        limits: HealthReport.Limits = HealthReport.Limits(), parts: [any ServerPart] = [],
        version: String, logger: Logger,
        onListening: @escaping @Sendable (ListenAddress) -> Void = { _ in }
    ) {
        self.address = address
        self.certificate = certificate
        self.parts = parts
        self.onListening = onListening
        self.logger = logger
        routes = OperationsRoutes(
            registry: registry, health: health, limits: limits, version: version)
    }

    /// Listens until a graceful shutdown.
    ///
    /// - Throws: ``OperationsError`` where the address cannot be listened at.
    package func run() async throws {
        let router = Router(context: ServerContext.self)
        for part in parts { part.addRoutes(to: router) }
        router.addRoutes(routes.routes())
        var quiet = logger
        quiet.logLevel = .critical
        let (address, logger, onListening) = (address, logger, onListening)
        let application = Application(
            router: router, server: try server(),
            configuration: ApplicationConfiguration(address: address.bound, serverName: "vigil"),
            onServerRunning: { channel in
                let bound = address.with(port: channel.localAddress?.port)
                logger.info("listening", metadata: ["http": "\(bound)"])
                onListening(bound)
            }, logger: quiet)
        do {
            try await application.run()
        } catch let error as IOError {
            throw OperationsError(address: address, reason: "\(error)")
        }
    }

    /// HTTP/1.1 and WebSocket, within TLS where there is a certificate.
    private func server() throws -> HTTPServerBuilder {
        let (parts, isSecure) = (parts, certificate != nil)
        let plain = HTTPServerBuilder { responder in
            UpgradableChannel(responder: responder, isSecure: isSecure) { request, address in
                parts.lazy.compactMap { $0.webSocketHandler(for: request, from: address) }.first
            }
        }
        guard let certificate else { return plain }
        return try .tls(plain, tlsConfiguration: certificate.configuration)
    }
}

/// The server cannot listen where it was told to.
package struct OperationsError: Error, Sendable, CustomStringConvertible {
    package var address: ListenAddress
    package var reason: String

    package var description: String {
        "cannot listen at \(address): \(reason); choose another address with --http"
    }
}

extension ListenAddress {
    fileprivate var bound: BindAddress {
        switch self {
        case .socket(let path): .unixDomainSocket(path: path)
        case .host(let host, let port): .hostname(host, port: port)
        }
    }

    /// The same with the port that the system has chosen.
    fileprivate func with(port: Int?) -> ListenAddress {
        guard case .host(let host, _) = self, let port else { return self }
        return .host(host, port: port)
    }
}
