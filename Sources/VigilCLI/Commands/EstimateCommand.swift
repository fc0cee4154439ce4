import ArgumentParser
import Foundation

/// The memory that a graph will need.
struct EstimateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "estimate",
        abstract: "Tell the memory that a graph of a given size needs, before there is one.",
        discussion: "For a file or a database, see `vigil metrics --estimate`.")

    @Option(help: "The nodes.")
    var nodes: Int

    @Option(help: "The edges, one for each row.")
    var edges: Int

    @Option(help: "Threads to use; by default one for each core.")
    var threads: Int?

    @Option(
        help: ArgumentHelp(
            "Megabytes that may be used; by default what the machine has free.",
            valueName: "megabytes"))
    var memoryLimit: Int?

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        for (name, value) in [("--nodes", nodes), ("--edges", edges)] {
            guard (0...Int(Int32.max)).contains(value) else {
                throw ValidationError("\(name) is \(value); it must be from 0 to \(Int32.max)")
            }
        }
        if let threads, !(1...1024).contains(threads) {
            throw ValidationError("--threads is \(threads); it must be from 1 to 1024")
        }
        if let memoryLimit, memoryLimit < 1 {
            throw ValidationError("--memory-limit is \(memoryLimit); it must be at least 1")
        }
    }

    func run() async throws {
        try await Self.tell(
            nodes: nodes, edges: edges,
            threadCount: threads ?? ProcessInfo.processInfo.activeProcessorCount,
            columnCount: Metric.allCases.count, limit: memoryLimit.map { $0 << 20 }, json: json)
    }

    /// Prints the figures, and then refuses what is too large.
    static func tell(
        nodes: Int, edges: Int, threadCount: Int, columnCount: Int, limit: Int?, json: Bool
    ) async throws {
        let need = MemoryNeed(
            nodes: nodes, edges: edges, threadCount: threadCount, columnCount: columnCount)
        Terminal.say(
            json ? try jsonText(need) : "\(nodes) nodes, \(edges) edges\n\n\(need.table)")
        try need.check(limit: limit)
    }
}
