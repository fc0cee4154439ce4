import AnalystServer
import ArgumentParser
import Foundation
import Logging
import OperationsServer
import ServiceLifecycle
import Sidecar
import Storage
import Telemetry
import UnixSignals
import WebhookDelivery

/// The sidecar itself.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Follow the database's changes, score and explain them.",
        discussion: """
            Loads the graph from one consistent snapshot, then follows the change feed until \
            SIGTERM or SIGINT. Reconnects by itself when PostgreSQL restarts. Where another sidecar \
            leads, it follows warm and takes over as soon as that one is gone or stands still.

            Every option but --config and --print-config can also stand in a file (`log-level = debug`, \
            one a line) and in the environment (VIGIL_LOG_LEVEL). What is given twice is taken from \
            the flag, else from the environment, else from the file.
            """)

    @OptionGroup var connection: ConnectionOptions

    @Option(help: "Seed of everything random: sampled metrics, retry delays (default: 1).")
    var seed: String?

    @Option(help: "Threads for large batches and for the start (default: one for each processor).")
    var threads: String?

    @Flag(
        inversion: .prefixedNo,
        help: "Whether to wait warm where another sidecar leads, or to refuse (default: yes).")
    var standby: Bool?

    @Option(help: "trace, debug, info, notice, warning, error or critical (default: info).")
    var logLevel: String?

    @Option(help: "text, or json: one object a line (default: text).")
    var logFormat: String?

    @Option(
        help: ArgumentHelp(
            "Serve the page, the REST API, /metrics, /healthz and /readyz there: HOST:PORT, a port alone for 127.0.0.1, or unix:/path.",
            discussion: """
                Page and API ask for a token (vigil token create); what is measured is shown to \
                whoever asks. Default: off.
                """, valueName: "address"))
    var http: String?

    @Option(
        help: ArgumentHelp(
            "Speak TLS at --http with this certificate and its chain, in PEM.", valueName: "file"))
    var tlsCertificate: String?

    @Option(help: ArgumentHelp("The key of the certificate, in PEM.", valueName: "file"))
    var tlsKey: String?

    @Flag(
        inversion: .prefixedNo,
        help: """
            Whether --http may be reached by other machines, where no TLS protects tokens on their \
            way: say yes where something in front of it does (default: no).
            """)
    var httpOpen: Bool?

    @Option(
        help: ArgumentHelp(
            "/readyz fails while a change has waited longer for its result (default: 10).",
            valueName: "seconds"))
    var readyLagSeconds: String?

    @Option(
        help: ArgumentHelp(
            "/healthz fails, and the watchdog is not fed, when a step of the loop takes so much longer than it should (default: 60).",
            valueName: "seconds"))
    var stallSeconds: String?

    @Option(
        help: ArgumentHelp(
            "A file of settings (default: VIGIL_CONFIG, else none).", valueName: "file"))
    var config: String?

    @Flag(help: "Print every setting with the place that it comes from, and end.")
    var printConfig = false

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let settings = try RunConfiguration(
            flags: flags, file: config, environment: environment)
        if printConfig {
            Terminal.say(settings.table)
            return
        }
        let logsJSON = settings.logsJSON
        LoggingSystem.bootstrap { label in
            if logsJSON { return JSONLogHandler(label: label) as any LogHandler }
            return StreamLogHandler.standardError(label: label)
        }
        var logger = Logger(label: "vigil")
        logger.logLevel = settings.logLevel
        try await ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: try services(settings, environment: environment, logger: logger),
                gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet(logger))
        ).run()
    }

    /// The sidecar, and beside it whoever shows what it does.
    private func services(
        _ settings: RunConfiguration, environment: [String: String], logger: Logger
    ) throws -> [ServiceGroupConfiguration.ServiceConfiguration] {
        let health = SidecarHealth(motionLimit: settings.motionLimit)
        let registry = MetricRegistry(
            SidecarMetrics.descriptions + SidecarHealth.descriptions
                + ProcessSamples.descriptions)
        registry.add { health.samples(version: extensionVersion) }
        registry.add(ProcessSamples.collect)
        let sidecar = Sidecar(
            options: Sidecar.Options(
                conninfo: settings.conninfo, seed: settings.seed,
                threadCount: settings.threadCount, standsBy: settings.standsBy,
                metrics: SidecarMetrics(factory: registry), health: health),
            logger: logger)
        var services: [any Service] = [
            sidecar, WebhookSender(conninfo: settings.conninfo, logger: logger),
        ]
        if let address = settings.http {
            if address.isOpenToOthers, settings.certificate == nil {
                logger.warning(
                    "other machines can reach the server, without TLS",
                    metadata: ["http": "\(address)"])
            }
            let desk = Desk(conninfo: settings.conninfo)
            let events = EventFeed(desk: desk, logger: logger)
            let analysts = try AnalystRoutes(
                desk: desk, events: events, version: extensionVersion, logger: logger)
            services.append(
                OperationsServer(
                    at: address, certificate: settings.certificate, registry: registry,
                    health: health, limits: settings.limits,
                    parts: [analysts], version: extensionVersion, logger: logger))
            // Ended before the server, which waits for those who watch.
            services.append(events)
        }
        if let notifier = ServiceNotifier(
            environment: environment, processID: ProcessInfo.processInfo.processIdentifier,
            health: health)
        {
            services.append(notifier)
        }
        return services.map { service in
            .init(
                service: service, successTerminationBehavior: .gracefullyShutdownGroup,
                failureTerminationBehavior: .cancelGroup)
        }
    }

    private func quiet(_ logger: Logger) -> Logger {
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .error)
        return quiet
    }

    private var flags: [String: String] {
        let given = [
            "dsn": connection.dsn, "seed": seed, "threads": threads, "log-level": logLevel,
            "log-format": logFormat, "http": http, "ready-lag-seconds": readyLagSeconds,
            "stall-seconds": stallSeconds, "standby": standby.map { $0 ? "yes" : "no" },
            "tls-certificate": tlsCertificate, "tls-key": tlsKey,
            "http-open": httpOpen.map { $0 ? "yes" : "no" },
        ]
        return given.compactMapValues(\.self)
    }
}
