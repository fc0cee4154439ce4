import ArgumentParser
import Foundation
import Logging
import OperationsServer
import ServiceLifecycle
import UnixSignals

/// The main job on a fresh machine, in one command.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Watch Vigil catch four live attacks on a sample graph.",
        discussion: """
            Starts a private PostgreSQL in a folder of its own on a Unix socket, installs Vigil, \
            loads a sample graph, trains, starts the sidecar and plays attacks against it. Touches \
            no other cluster and needs no root. Ctrl-C stops everything it started.
            """)

    @Option(help: "Seed of the sample graph, the model and the attacks.")
    var seed: UInt64 = 1

    @Option(help: "Entities of the sample graph.")
    var entities = 6000

    @Option(help: "Folder for the pictures.")
    var pictures = "vigil-demo"

    @Option(help: "Sidecar's log file; by default sidecar.log beside the pictures.")
    var log: String?

    @Option(
        help: ArgumentHelp(
            "Where the page is served: HOST:PORT, a port alone for 127.0.0.1, or off; by default at 127.0.0.1, at a port that is free.",
            valueName: "address"))
    var http = "127.0.0.1:0"

    @Flag(help: "End by itself after the attacks and stop everything.")
    var exit = false

    func validate() throws {
        guard entities >= 1000 else {
            throw ValidationError("--entities is \(entities); the sample graph needs at least 1000")
        }
        guard http == "off" || address?.isOpenToOthers == false else {
            throw ValidationError(
                "--http must be an address of this machine, such as 127.0.0.1:8642")
        }
    }

    private var address: ListenAddress? { http == "off" ? nil : ListenAddress(http) }

    func run() async throws {
        var logger = Logger(label: "vigil", factory: { _ in SwiftLogNoOpLogHandler() })
        logger.logLevel = .error
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [
                    .init(
                        service: Demo(
                            seed: seed, entityCount: entities, pictures: pictures,
                            logFile: log ?? "\(pictures)/sidecar.log", endsByItself: exit,
                            http: address),
                        successTerminationBehavior: .gracefullyShutdownGroup,
                        failureTerminationBehavior: .cancelGroup)
                ],
                gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        try await group.run()
    }
}
