import ArgumentParser
import Foundation
import GraphDrawing
import PostgresClient
import Sidecar
import Storage

extension DrawingFormat: ExpressibleByArgument {}

/// Draws the subgraph around an anomaly.
struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Draw the subgraph around an anomaly: svg, png, dot or json.",
        discussion: """
            The picture is of the graph as it was at detection, as far as that was kept; more hops \
            than were kept are drawn from the graph as it is now.
            """)

    @OptionGroup var connection: ConnectionOptions

    @Argument(help: "The anomaly's id, as in vigil.anomalies_open.")
    var anomaly: String

    @Option(help: "svg, png, dot or json.")
    var format: DrawingFormat = .svg

    @Option(help: "Steps from the anomaly's subject.")
    var hops = 1

    @Option(help: "Nodes drawn at most; the rest is folded into counted groups.")
    var nodes = 60

    @Option(name: .shortAndLong, help: "The file to write; by default standard output.")
    var output: String?

    func validate() throws {
        guard (0...10).contains(hops) else {
            throw ValidationError("--hops is \(hops); it must be from 0 to 10")
        }
        guard (1...DrawingOptions.nodeCountLimit).contains(nodes) else {
            throw ValidationError(
                "--nodes is \(nodes); it must be from 1 to \(DrawingOptions.nodeCountLimit)")
        }
    }

    func run() async throws {
        let database = try await connection.connect()
        try await Installation.check(on: database)
        let bytes = try await AnomalyPicture.draw(
            anomaly, format: format, hops: hops, nodeCountMax: nodes, on: database)
        await database.close()
        guard let output else {
            FileHandle.standardOutput.write(Data(bytes))
            return
        }
        do {
            try Data(bytes).write(to: URL(filePath: output), options: .atomic)
        } catch {
            throw Failure(
                exitCode: .cannotCreate,
                message: "cannot write \(output): \(error.localizedDescription)")
        }
    }
}
