import ArgumentParser
import GraphDrawing
import PostgresClient
import Sidecar
import Storage

extension DrawingFormat: ExpressibleByArgument {}

/// Draws the subgraph around an anomaly.
struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract:
            "Draw the subgraph around an anomaly: svg, png, pdf, dot, mermaid, graphml or json.",
        discussion: """
            The picture is of the graph as it was at detection, as far as that was kept; more hops \
            than were kept are drawn from the graph as it is now. GraphML and JSON hold all of it, \
            unfolded. Where the setting picture_labels keeps names from the role that connects, they \
            are left out.
            """)

    @OptionGroup var connection: ConnectionOptions

    @Argument(help: "The anomaly's id, or as much of its beginning as is unique.")
    var anomaly: String

    @Option(help: "svg, png, pdf, dot, mermaid, graphml or json.")
    var format: DrawingFormat = .svg

    @Option(help: "Steps from the anomaly's subject.")
    var hops = 1

    @Option(help: "Nodes drawn at most; the rest is folded into counted groups.")
    var nodes = 60

    @Flag(help: "Leave names and sentences out.") var redact = false

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
        let id = try await AnomalyStore.identify(anomaly, on: database)
        let seesLabels = try await AnomalyStore.seesLabels(on: database)
        let bytes = try await AnomalyPicture.draw(
            id, format: format, hops: hops, nodeCountMax: nodes, redacted: redact || !seesLabels,
            on: database)
        await database.close()
        let file = try OutputFile(output)
        try file.write(bytes)
        try file.finish()
    }
}
