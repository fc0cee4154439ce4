import ArgumentParser
import Foundation
import GraphFiles

extension MetricTable.Format: ExpressibleByArgument {}

/// The metrics of a graph, of a file or of the database.
struct MetricsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "metrics",
        abstract: "Compute the metrics of an edge list or of the database's graph.",
        discussion: """
            One row for each node, in the order of the nodes: numbers by value, other names by their \
            text. Metrics: \(Metric.allCases.map(\.rawValue).joined(separator: ", ")). Closeness, \
            harmonic and betweenness are exact while that takes seconds; beyond, they come from \
            sampled searches, and the report says within which error. Times, memory and findings \
            about the whole graph are reported on standard error. docs/metrics.md has the definitions.
            """)

    /// How the report on standard error is written.
    enum ReportFormat: String, CaseIterable, ExpressibleByArgument {
        case text, json, none
    }

    @OptionGroup var source: EdgeSourceOptions

    @Option(
        help: ArgumentHelp("Metrics to compute, commas between them.", valueName: "names"))
    var metrics: MetricChoice = .all

    @Option(help: "csv or json.")
    var format: MetricTable.Format = .csv

    @Option(name: .shortAndLong, help: "The file to write; by default standard output.")
    var output: String?

    @Option(help: "What goes to standard error: text, json or none.")
    var report: ReportFormat = .text

    @Option(help: "Threads to use; by default one for each core.")
    var threads: Int?

    @Option(help: "Seed of sampled metrics and of communities.")
    var seed: UInt64 = 1

    @Option(help: "The error that sampled betweenness may have; by default what a budget gives.")
    var epsilon: Double?

    @Flag(help: "Never sample, whatever it takes.")
    var exact = false

    @Flag(help: "Only tell the memory that it would need.")
    var estimate = false

    func validate() throws {
        if let threads, !(1...1024).contains(threads) {
            throw ValidationError("--threads is \(threads); it must be from 1 to 1024")
        }
        if let epsilon, !(epsilon > 0 && epsilon < 1) {
            throw ValidationError("--epsilon is \(epsilon); it must be between 0 and 1")
        }
        if exact, epsilon != nil {
            throw ValidationError("--exact and --epsilon exclude each other")
        }
    }

    func run() async throws {
        let threadCount = threads ?? ProcessInfo.processInfo.activeProcessorCount
        guard !estimate else {
            let (nodes, edges) = try await source.size()
            try await EstimateCommand.tell(
                nodes: nodes, edges: edges, threadCount: threadCount,
                columnCount: metrics.metrics.count, limit: source.memoryLimitBytes,
                json: report == .json)
            return
        }
        // A place that cannot be written is said before the work, not after it.
        let output = try OutputFile(output)
        let started = ContinuousClock.now
        let rows = try await source.read(
            wantsWeights: metrics.metrics.contains(.strength), threadCount: threadCount)
        let loadSeconds = (ContinuousClock.now - started) / .seconds(1)
        let need = MemoryNeed(
            nodes: rows.names.count, edges: rows.sources.count, threadCount: threadCount,
            columnCount: metrics.metrics.count)
        try need.check(limit: source.memoryLimitBytes)
        let graph = MetricGraph(
            rows, wantsStrengths: metrics.metrics.contains(.strength), loadSeconds: loadSeconds,
            threadCount: threadCount)
        var run = MetricRun(
            graph,
            options: MetricRun.Options(
                metrics: metrics.metrics, threadCount: threadCount, seed: seed, epsilon: epsilon,
                isExact: exact))
        run.run { stage in
            if report == .text, Terminal.showsProgress { Terminal.complain("\(stage) ...") }
        }
        let writing = ContinuousClock.now
        let table = MetricTable(
            names: graph.names,
            columns: Metric.allCases.compactMap { metric in
                run.columns[metric].map { (metric, $0) }
            })
        try table.write(format, to: output, threadCount: threadCount)
        try output.finish()
        var outcome = run.report
        outcome.writeSeconds = (ContinuousClock.now - writing) / .seconds(1)
        outcome.peakResidentBytes = MemoryNeed.peakResidentByteCount
        switch report {
        case .text: Terminal.complain(outcome.table)
        case .json: Terminal.complain(try jsonText(outcome))
        case .none: break
        }
    }
}
