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

    /// Above these products of nodes and edges, searches start from a sample of the nodes: each is
    /// some ten seconds of work on one core.
    private static let betweennessWorkMax = 10_000_000_000
    private static let closenessWorkMax = 100_000_000_000
    /// The sources that a component is searched from where it is sampled.
    private static let sourceCount = 256
    /// The error that a sampled betweenness may have without `--epsilon`.
    private static let epsilon = 0.02
    /// The probability that a sampled value is off by more than its epsilon.
    private static let delta = 0.1

    init(_ graph: MetricGraph, options: Options) {
        self.graph = graph
        self.options = options
        report = MetricReport(graph, threadCount: options.threadCount, seed: options.seed)
    }

    /// Computes everything that was asked for.
    mutating func run(progress: (String) -> Void) {
        computeDegrees()
        for (stage, metrics, compute) in Self.stages
        where !metrics.isDisjoint(with: options.metrics) {
            progress(stage)
            compute(&self)
        }
    }

    private static let stages: [(String, Set<Metric>, @Sendable (inout MetricRun) -> Void)] = [
        ("triangles", [.triangles, .clustering], { $0.computeTriangles() }),
        ("core numbers", [.coreNumber], { $0.computeCores() }),
        ("components", [.component], { $0.computeComponents() }),
        ("articulation points", [.isArticulationPoint], { $0.computeArticulation() }),
        ("communities", [.community], { $0.computeCommunities() }),
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
        let (degrees, strengths) = (graph.degrees, self.graph.strengths)
        keep(.degree, .counts(graph.inKeyOrder(degrees)))
        keep(.outDegree, .counts(graph.inKeyOrder(graph.outDegrees.map { Int32($0) })))
        keep(
            .inDegree,
            .counts(
                graph.inKeyOrder(
                    (0..<graph.nodeCount).map { Int32(row(graph.inOffsets, $0).count) })))
        keep(.strength, .reals(strengths))
        keep(.degreeCentrality, .reals(graph.inKeyOrder(GraphMetrics.degreeCentrality(graph))))
    }

    private mutating func computeTriangles() {
        let (graph, threads) = (snapshot, options.threadCount)
        let triangles = timed("triangles, clustering") {
            triangleCounts(graph, threadCount: threads)
        }
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
        let (graph, threads) = (snapshot, options.threadCount)
        let cores = timed("core numbers") { coreNumbers(graph, threadCount: threads) }
        keep(.coreNumber, .counts(graph.inKeyOrder(cores)))
        report.coreNumberMax = Int(cores.max() ?? 0)
    }

    // MARK: - Structure

    private mutating func computeComponents() {
        let (graph, threads) = (snapshot, options.threadCount)
        let labels = timed("components") { connectedComponents(graph, threadCount: threads) }
        let (column, count) = MetricColumn.groups(labels, of: graph)
        keep(.component, column)
        report.componentCount = count
    }

    private mutating func computeArticulation() {
        let graph = snapshot
        let found = timed("articulation points, bridges") { Biconnectivity(graph) }
        keep(.isArticulationPoint, .flags(graph.inKeyOrder(found.isArticulationPoint)))
        report.articulationPointCount = found.isArticulationPoint.count { $0 }
        report.bridgeCount = found.bridges.count
    }

    private mutating func computeCommunities() {
        let (graph, seed, threads) = (snapshot, options.seed, options.threadCount)
        let found = timed("communities", method: "Leiden") {
            leidenCommunities(graph, seed: seed, threadCount: threads)
        }
        keep(.community, MetricColumn.groups(found.labels, of: graph).column)
        report.communityCount = found.communityCount
        report.modularity = found.modularity
    }

    // MARK: - Spectral

    private mutating func computePageRank() {
        let (graph, threads) = (snapshot, options.threadCount)
        let values = timed("PageRank") {
            pageRank(graph, tolerance: 1e-12, threadCount: threads)
        }
        keep(.pageRank, .reals(graph.inKeyOrder(values)))
    }

    private mutating func computeEigenvector() {
        let (graph, threads) = (snapshot, options.threadCount)
        let result = timed("eigenvector") { eigenvectorCentrality(graph, threadCount: threads) }
        keep(.eigenvector, .reals(graph.inKeyOrder(result.values)))
        report.eigenvalue = result.eigenvalue
        report.eigenvalueResidual = result.residual
    }

    // MARK: - Paths

    /// Whether searching from every node is more work than is done without being asked.
    private func isSampled(above workMax: Int) -> Bool {
        guard !options.isExact else { return false }
        let work = snapshot.nodeCount.multipliedReportingOverflow(by: snapshot.edgeCount)
        return options.epsilon != nil || work.overflow || work.partialValue > workMax
    }

    private mutating func computeCloseness() {
        let graph = snapshot
        let (seed, threads) = (options.seed, options.threadCount)
        let countMax = isSampled(above: Self.closenessWorkMax) ? Self.sourceCount : nil
        let values = timed("closeness, harmonic") {
            closenessValues(
                graph, sourceCountMax: countMax, delta: Self.delta, seed: seed,
                threadCount: threads)
        }
        guard let values else { return }
        keep(.closeness, .reals(graph.inKeyOrder(values.closeness)))
        keep(.harmonic, .reals(graph.inKeyOrder(values.harmonic)))
        // Small components are searched from all of their nodes, whatever the limit.
        guard values.closenessEpsilon > 0 || values.harmonicEpsilon > 0 else { return }
        report.describe(
            epsilon: values.closenessEpsilon, delta: values.delta, sources: values.sourceCount,
            paths: 0)
    }

    private mutating func computeBetweenness() {
        let graph = snapshot
        let (seed, threads) = (options.seed, options.threadCount)
        let epsilon = options.epsilon ?? Self.epsilon
        let countMax = isSampled(above: Self.betweennessWorkMax) ? Self.sourceCount : nil
        let values = timed("betweenness") {
            estimatedBetweenness(
                graph, sourceCountMax: countMax, epsilon: epsilon, delta: Self.delta, seed: seed,
                threadCount: threads)
        }
        guard let values else { return }
        keep(.betweenness, .reals(graph.inKeyOrder(values.values)))
        let accuracy = values.accuracy
        guard !accuracy.isExact else { return }
        report.describe(
            epsilon: accuracy.epsilon, delta: accuracy.delta, sources: accuracy.sourceCount,
            paths: accuracy.pathCount)
    }
}

extension GraphSnapshot {
    /// The number of distinct neighbors at each position.
    fileprivate var degrees: [Int32] { (0..<nodeCount).map { Int32(degree(at: $0)) } }
}
