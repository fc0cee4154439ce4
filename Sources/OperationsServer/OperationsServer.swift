package import Hummingbird
package import Logging
import NIOCore
import ServiceLifecycle
package import Sidecar
package import Telemetry

/// What else the server answers.
package protocol ServerPart: Sendable {
    /// Adds routes and their middleware.
    func addRoutes(to router: Router<ServerContext>)
}

/// The one HTTP server of the sidecar: what it measures and how it is, and the parts it is given.
///
/// Its own answers are what the loop has told; they never wait for it, so it answers while the loop
/// does not. They need no authentication: it listens where it is told to.
package struct OperationsServer: Service {
    private let address: ListenAddress
    private let routes: OperationsRoutes
    private let parts: [any ServerPart]
    private let onListening: @Sendable (ListenAddress) -> Void
    private let logger: Logger

    /// A server that shows this sidecar.
    ///
    /// The parts answer what else it answers. `onListening` is told the address when it listens, with
    /// the port that the system has chosen.
    package init(
        at address: ListenAddress, registry: MetricRegistry, health: SidecarHealth,
        limits: HealthReport.Limits = HealthReport.Limits(), parts: [any ServerPart] = [],
        version: String, logger: Logger,
        onListening: @escaping @Sendable (ListenAddress) -> Void = { _ in }
    ) {
        self.address = address
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
            router: router,
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
