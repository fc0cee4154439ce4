import ArgumentParser
import Foundation
import Logging
import ServiceLifecycle
import Sidecar
import UnixSignals

/// The sidecar itself.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Follow the database's changes, score and explain them.",
        discussion: """
            Loads the graph from one consistent snapshot, then follows the change feed until \
            SIGTERM or SIGINT. Reconnects by itself when PostgreSQL restarts. Where another sidecar \
            leads, it follows warm and takes over as soon as that one is gone or stands still.
            """)

    @OptionGroup var connection: ConnectionOptions

    @Option(help: "Seed of everything random: sampled metrics, retry delays.")
    var seed: UInt64 = 1

    @Option(help: "Threads that judge large batches and compute metrics at the start.")
    var threads = ProcessInfo.processInfo.activeProcessorCount

    @Flag(
        inversion: .prefixedNo,
        help: "Whether to wait warm where another sidecar leads, or to refuse.")
    var standby = true

    @Option(help: "trace, debug, info, notice, warning, error or critical.")
    private var logLevel = LevelName(.info)

    func validate() throws {
        guard threads >= 1 else {
            throw ValidationError("--threads is \(threads); it must be at least 1")
        }
    }

    func run() async throws {
        LoggingSystem.bootstrap(StreamLogHandler.standardError)
        var logger = Logger(label: "vigil")
        logger.logLevel = logLevel.level
        let sidecar = Sidecar(
            options: Sidecar.Options(
                conninfo: connection.conninfo, seed: seed, threadCount: threads, standsBy: standby),
            logger: logger)
        var quiet = logger
        quiet.logLevel = max(logLevel.level, .error)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [
                    .init(
                        service: sidecar, successTerminationBehavior: .gracefullyShutdownGroup,
                        failureTerminationBehavior: .cancelGroup)
                ],
                gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet))
        try await group.run()
    }
}

/// A log level by its name.
private struct LevelName: ExpressibleByArgument {
    let level: Logger.Level

    init(_ level: Logger.Level) {
        self.level = level
    }

    init?(argument: String) {
        guard let level = Logger.Level(rawValue: argument) else { return nil }
        self.level = level
    }

    var defaultValueDescription: String { level.rawValue }
}
