import AnomalyModels
import Foundation
import GraphEngine
import GraphMetrics

/// Computes the chosen metrics of a graph one after the other, and keeps the time of each.
struct MetricRun {
    /// How far to go and how to split the work.
    struct Options {
        var metrics: Set<Metric>
        var threadCount: Int
        var seed: UInt64
        /// The error that sampled values may have; nil leaves it to the budget.
        var epsilon: Double?
        /// Every node is a source, whatever it costs.
        var isExact: Bool
    }

    private(set) var columns: [Metric: MetricColumn] = [:]
    private(set) var report: MetricReport
    private let graph: MetricGraph
    private let options: Options
    private var snapshot: GraphSnapshot { graph.snapshot }

    /// Above this product of nodes and edges, searches start from a sample of the nodes: some
    /// ten seconds of Brandes' algorithm on one core.
    private static let exactWorkMax = 10_000_000_000
    /// The sources of a sampled run without `--epsilon`.
    private static let sourceCount = 256
    /// The probability that a sampled betweenness is off by more than its epsilon.
    private static let delta = 0.1

    init(_ graph: MetricGraph, options: Options) {
        self.graph = graph
        self.options = options
        report = MetricReport(graph, threadCount: options.threadCount, seed: options.seed)
    }

    /// Computes everything that was asked for.
    mutating func run(progress: (String) -> Void) {
        computeDegrees()
        for (stage, metrics, compute) in Self.stages where !metrics.isDisjoint(with: options.metrics) {
            progress(stage)
            compute(&self)
        }
    }

    private static let stages: [(String, Set<Metric>, @Sendable (inout MetricRun) -> Void)] = [
        ("triangles", [.triangles, .clustering], { $0.computeTriangles() }),
        ("core numbers", [.coreNumber], { $0.computeCores() }),
        ("components", [.component], { $0.computeComponents() }),
        ("PageRank", [.pageRank], { $0.computePageRank() }),
        ("eigenvector", [.eigenvector], { $0.computeEigenvector() }),
        ("closeness", [.closeness, .harmonic], { $0.computeCloseness() }),
        ("betweenness", [.betweenness], { $0.computeBetweenness() }),
    ]

    private mutating func keep(_ metric: Metric, _ column: @autoclosure () -> MetricColumn) {
        if options.metrics.contains(metric) { columns[metric] = column() }
    }

    /// Runs a kernel and books its time; what comes after it is not the kernel's.
    private mutating func timed<Value>(
        _ name: String, method: String = "exact", _ body: () -> Value
    ) -> Value {
        let started = ContinuousClock.now
        let value = body()
        report.add(name, seconds: (ContinuousClock.now - started) / .seconds(1), method: method)
        return value
    }

    // MARK: - Local metrics

    private mutating func computeDegrees() {
        let graph = snapshot
        let degrees = (0..<graph.nodeCount).map { Int32(graph.degree(at: $0)) }
        keep(.degree, .counts(graph.inKeyOrder(degrees)))
        keep(.outDegree, .counts(graph.inKeyOrder(graph.outDegrees.map { Int32($0) })))
        keep(
            .inDegree,
            .counts(
                graph.inKeyOrder(
                    (0..<graph.nodeCount).map { Int32(row(graph.inOffsets, $0).count) })))
        let strengths = self.graph.strengths
        keep(.strength, .reals(strengths))
        if options.metrics.contains(.degreeCentrality) {
            let values = timed("degree centrality") { degreeCentrality(graph) }
            keep(.degreeCentrality, .reals(graph.inKeyOrder(values)))
        }
    }

    private mutating func computeTriangles() {
        let graph = snapshot
        let triangles = timed("triangles, clustering") { triangleCounts(graph) }
        keep(.triangles, .largeCounts(graph.inKeyOrder(triangles)))
        keep(
            .clustering,
            .reals(
                graph.inKeyOrder(
                    triangles.indices.map {
                        clusteringCoefficient(
                            triangleCount: triangles[$0], degree: graph.degree(at: $0))
                    })))
        report.triangleCount = triangles.reduce(0, +) / 3
    }

    private mutating func computeCores() {
        let graph = snapshot
        let cores = timed("core numbers") { coreNumbers(graph) }
        keep(.coreNumber, .counts(graph.inKeyOrder(cores)))
        report.coreNumberMax = Int(cores.max() ?? 0)
    }

    // MARK: - Structure

    private mutating func computeComponents() {
        let graph = snapshot
        let labels = timed("components") { connectedComponents(graph) }
        let (column, count) = MetricColumn.groups(labels, of: graph)
        keep(.component, column)
        report.componentCount = count
    }

    // MARK: - Spectral

    private mutating func computePageRank() {
        let graph = snapshot
        let values = timed("PageRank") { pageRank(graph, tolerance: 1e-12) }
        keep(.pageRank, .reals(graph.inKeyOrder(values)))
    }

    private mutating func computeEigenvector() {
        let graph = snapshot
        let (values, eigenvalue) = timed("eigenvector") { eigenvectorCentrality(graph) }
        keep(.eigenvector, .reals(graph.inKeyOrder(values)))
        report.eigenvalue = eigenvalue
    }

    // MARK: - Paths

    /// How many sources to search from; nil for all nodes.
    private var sourceCountMax: Int? {
        let nodeCount = snapshot.nodeCount
        guard !options.isExact else { return nil }
        if let epsilon = options.epsilon {
            let needed = log(2 * Double(nodeCount) / Self.delta) / (2 * epsilon * epsilon)
            return needed < Double(nodeCount) ? max(1, Int(needed.rounded(.up))) : nil
        }
        let work = nodeCount.multipliedReportingOverflow(by: snapshot.edgeCount)
        guard work.overflow || work.partialValue > Self.exactWorkMax else { return nil }
        return min(Self.sourceCount, nodeCount)
    }

    private mutating func computeCloseness() {
        let graph = snapshot
        let (seed, threads, countMax) = (options.seed, options.threadCount, sourceCountMax)
        let method = countMax.map { "sampled, \($0) sources" } ?? "exact"
        let values = timed("closeness, harmonic", method: method) {
            closenessValues(graph, sourceCountMax: countMax, seed: seed, threadCount: threads)
        }
        guard let values else { return }
        keep(.closeness, .reals(graph.inKeyOrder(values.closeness)))
        keep(.harmonic, .reals(graph.inKeyOrder(values.harmonic)))
    }

    private mutating func computeBetweenness() {
        let graph = snapshot
        let (threads, countMax) = (options.threadCount, sourceCountMax)
        var sources: [Int32]?
        var method = "exact"
        if let countMax {
            var random = SeededRandom(seed: options.seed)
            sources = Self.sample(countMax, of: graph.nodeCount, &random)
            let epsilon =
                (log(2 * Double(graph.nodeCount) / Self.delta) / (2 * Double(countMax))).squareRoot()
            method = "sampled, \(countMax) sources, within \(formatted(epsilon, places: 4)) with probability \(1 - Self.delta)"
        }
        let values = timed("betweenness", method: method) {
            betweennessCentrality(graph, sources: sources, threadCount: threads)
        }
        keep(.betweenness, .reals(graph.inKeyOrder(values)))
    }

    private static func sample(_ count: Int, of all: Int, _ random: inout SeededRandom) -> [Int32] {
        var members = (0..<Int32(all)).map { $0 }
        for step in 0..<count {
            members.swapAt(step, step + Int(random.next() % UInt64(all - step)))
        }
        return Array(members.prefix(count))
    }
}
