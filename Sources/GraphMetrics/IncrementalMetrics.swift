package import GraphEngine

/// A metric that is kept under changes.
package enum KeptMetric: String, Sendable, CaseIterable {
    case degree, triangleCount, coreNumber, component, pageRank
}

/// The state of a kept metric, to be shown.
package struct MetricHealth: Sendable, Equatable {
    /// Which metric it is.
    package let metric: KeptMetric
    /// `incremental`, or `recomputed` after a finding; `exact` for what the graph itself counts.
    package var method: MetricMethod
    /// The values are off by at most this; for PageRank altogether (L1).
    package var errorBound: Double
    /// The nodes that audits have looked at, and those that were outside their bound.
    package var auditedCount = 0
    package var findingCount = 0
    /// The last finding.
    package var lastFinding: MetricFinding?
    /// How often the local work gave up and the metric was searched or computed anew.
    package var fallbackCount = 0
}

/// Core numbers, components and PageRank of one `AdjacencyGraph`, kept while it changes.
///
/// One writer tells it after **each** mutation, which removes or adds but not both, and finishes after
/// each batch; then it can be read by `NodeIndex`. Around 90 bytes a node.
package struct IncrementalMetrics: Sendable {
    /// The core numbers.
    package internal(set) var coreNumbers: DynamicCoreNumbers
    /// The components.
    package internal(set) var components: DynamicComponents
    /// The PageRank.
    package internal(set) var pageRank: DynamicPageRank
    /// The nodes whose edges changed since `takeFrontier`, each once: where communities may move.
    package private(set) var frontier: [NodeIndex] = []
    private var isInFrontier: [Bool] = []
    var health: [KeptMetric: MetricHealth] = [:]
    /// What has changed since `beginPageRankLog`; nil where nobody asked, or it became too much.
    private var pageRankLog: [PageRankChange]?
    /// A log beyond so many changes costs more to replay than a batch may take.
    private static let pageRankLogMax = 1 << 20
    /// The most edges that a batch's pushes go along; what is left over stands in the error bound.
    package var edgePushesMax: Int

    /// Computes all of them from a graph.
    /// - Parameters:
    ///   - graph: The graph as it is now.
    ///   - errorMax: The L1 error of PageRank that a batch leaves at most.
    ///   - edgePushesMax: The most edges that a batch's pushes go along.
    ///   - threadCount: The threads of the static kernels.
    /// - Complexity: that of the static kernels.
    package init(
        _ graph: AdjacencyGraph, errorMax: Double = 1e-6, edgePushesMax: Int = .max,
        threadCount: Int = 1
    ) {
        let snapshot = graph.makeSnapshot(threadCount: threadCount)
        self.init(
            graph, snapshot: snapshot,
            coreNumbers: GraphMetrics.coreNumbers(snapshot, threadCount: threadCount),
            components: connectedComponents(snapshot, threadCount: threadCount),
            pageRank: GraphMetrics.pageRank(
                snapshot, tolerance: errorMax * 1e-4, threadCount: threadCount),
            errorMax: errorMax, edgePushesMax: edgePushesMax)
    }

    /// Starts from metrics of a snapshot that was just taken of a graph, each by position.
    /// - Complexity: O(nodes + edges).
    package init(
        _ graph: AdjacencyGraph, snapshot: GraphSnapshot, coreNumbers: [Int32],
        components: [Int32], pageRank: [Double], errorMax: Double = 1e-6,
        edgePushesMax: Int = .max
    ) {
        let nodes = Self.nodes(of: snapshot, graph)
        let bound = graph.nodeIndexBound
        self.coreNumbers = DynamicCoreNumbers(
            snapshot: snapshot, coreNumbers: coreNumbers, nodes: nodes, nodeIndexBound: bound)
        self.components = DynamicComponents(
            snapshot: snapshot, labels: components, nodes: nodes, nodeIndexBound: bound)
        self.pageRank = DynamicPageRank(
            snapshot: snapshot, ranks: pageRank, nodes: nodes, nodeIndexBound: bound,
            errorMax: errorMax)
        self.edgePushesMax = edgePushesMax
        isInFrontier = [Bool](repeating: false, count: bound)
        for metric in KeptMetric.allCases {
            let isCounted = metric == .degree || metric == .triangleCount
            health[metric] = MetricHealth(
                metric: metric, method: isCounted ? .exact : .incremental, errorBound: 0)
        }
        health[.pageRank]?.errorBound = self.pageRank.errorBound
    }

    /// The bytes held.
    package var byteCount: Int {
        coreNumbers.byteCount + components.byteCount + pageRank.byteCount
            + isInFrontier.capacity + frontier.capacity * 4
    }

    // MARK: - Mutations

    /// Takes in a node that was inserted, without edges.
    package mutating func insertNode(_ node: NodeIndex, _ graph: AdjacencyGraph) {
        coreNumbers.extend(to: graph.nodeIndexBound)
        components.insertNode(node)
        pageRank.insertNode(node)
        log([], then: .insertion(node))
        touch(node)
    }

    /// Takes in that a node was removed with all its rows.
    /// - Parameters:
    ///   - node: The position that it had.
    ///   - changes: What the removal changed.
    ///   - graph: The graph after it.
    package mutating func removeNode(
        _ node: NodeIndex, _ changes: GraphChanges, _ graph: AdjacencyGraph
    ) {
        coreNumbers.apply(changes.simpleEdges, graph)
        components.removeNode(node, changes.simpleEdges, graph)
        pageRank.removeNode(node, changes.directedEdges)
        log(changes.directedEdges, then: .removal(node))
        touch(changes)
    }

    /// Takes in the insertion, replacement or removal of one edge row, which removed or added.
    /// - Parameters:
    ///   - changes: What the mutation changed.
    ///   - graph: The graph after it.
    package mutating func apply(_ changes: GraphChanges, _ graph: AdjacencyGraph) {
        coreNumbers.apply(changes.simpleEdges, graph)
        components.apply(changes.simpleEdges, graph)
        pageRank.apply(changes.directedEdges)
        log(changes.directedEdges)
        touch(changes)
    }

    // MARK: - PageRank from a snapshot

    /// From now on notes what changes, for `adoptPageRank`: to be called when a copy of the graph is
    /// frozen from which PageRank is computed anew.
    package mutating func beginPageRankLog() { pageRankLog = [] }

    /// The PageRank of a frozen graph, ready to be kept.
    ///
    /// - Parameters:
    ///   - graph: The frozen graph.
    ///   - snapshot: Its snapshot.
    ///   - ranks: PageRank by position of the snapshot, more accurate than `errorMax` by some digits.
    ///   - errorMax: The L1 error that a batch leaves at most where its budget is enough.
    /// - Returns: Values whose residuals are those of the snapshot.
    /// - Complexity: O(nodes + edges).
    package static func pageRank(
        of graph: AdjacencyGraph, snapshot: GraphSnapshot, ranks: [Double],
        errorMax: Double = 1e-6
    ) -> DynamicPageRank {
        DynamicPageRank(
            snapshot: snapshot, ranks: ranks, nodes: nodes(of: snapshot, graph),
            nodeIndexBound: graph.nodeIndexBound, errorMax: errorMax)
    }

    /// Takes the PageRank of the graph that was frozen at `beginPageRankLog`, and what changed since
    /// then; so errors that the budget of the batches has left do not add up.
    /// - Returns: False where the changes are not all known; nothing is taken then.
    /// - Complexity: O(changes), beside the pushes of the next batch.
    @discardableResult
    package mutating func adoptPageRank(_ computed: DynamicPageRank) -> Bool {
        guard let changes = pageRankLog else { return false }
        pageRankLog = nil
        pageRank = computed
        pageRank.replay(changes)
        health[.pageRank]?.errorBound = pageRank.errorBound
        return true
    }

    private mutating func log(_ edges: [DirectedEdgeChange], then last: PageRankChange? = nil) {
        guard let count = pageRankLog?.count else { return }
        guard count + edges.count < Self.pageRankLogMax else {
            pageRankLog = nil
            return
        }
        for edge in edges { pageRankLog?.append(.edge(edge)) }
        if let last { pageRankLog?.append(last) }
    }

    /// Ends a batch: residuals are pushed, undecided components searched, and what the audit has found
    /// wrong is computed anew.
    package mutating func finishBatch(_ graph: AdjacencyGraph) {
        components.finishBatch(graph)
        if health[.pageRank]?.method == .incremental {
            pageRank.finishBatch(graph, edgeVisitsMax: edgePushesMax)
        }
        let isRecomputed = [KeptMetric.coreNumber, .component, .pageRank].contains {
            health[$0]?.method == .recomputed
        }
        if isRecomputed { recompute(graph) }
        health[.component]?.fallbackCount = components.fallbackCount
        health[.pageRank]?.errorBound = pageRank.errorBound
    }

    /// Hands the frontier over and begins a new one.
    package mutating func takeFrontier() -> [NodeIndex] {
        for node in frontier { isInFrontier[Int(node)] = false }
        defer { frontier = [] }
        return frontier
    }

    // MARK: - Reading

    /// The core number of a node.
    package func coreNumber(of node: NodeIndex) -> Int { coreNumbers.coreNumber(of: node) }

    /// The smallest key in a node's component.
    package func component(of node: NodeIndex, _ graph: AdjacencyGraph) -> NodeKey {
        components.name(of: node, graph)
    }

    /// How many nodes a node's component has.
    package func componentSize(of node: NodeIndex) -> Int { components.size(of: node) }

    /// The PageRank of a node.
    package func pageRank(of node: NodeIndex) -> Double { pageRank.rank(of: node) }

    /// How a metric is kept, and how it stands.
    package var healthReport: [MetricHealth] { KeptMetric.allCases.compactMap { health[$0] } }

    /// The provenance of a metric's values after a batch.
    package func provenance(of metric: KeptMetric, epoch: Int64, asOf: Double) -> MetricProvenance {
        MetricProvenance(
            method: health[metric]?.method ?? .unknown, epoch: epoch, asOf: asOf,
            errorBound: health[metric]?.errorBound ?? .nan)
    }

    // MARK: - Recomputation

    /// Counts what an audit found; a metric with a finding is recomputed in every batch from now on.
    package mutating func note(_ findings: [MetricFinding], auditedCounts: [KeptMetric: Int]) {
        for (metric, count) in auditedCounts { health[metric]?.auditedCount += count }
        for finding in findings {
            health[finding.metric]?.findingCount += 1
            health[finding.metric]?.lastFinding = finding
            if health[finding.metric]?.method == .incremental {
                health[finding.metric]?.method = .recomputed
            }
        }
    }

    /// Computes the metrics anew that the audit found wrong.
    private mutating func recompute(_ graph: AdjacencyGraph) {
        let snapshot = graph.makeSnapshot()
        let nodes = Self.nodes(of: snapshot, graph)
        let bound = graph.nodeIndexBound
        if health[.coreNumber]?.method == .recomputed {
            coreNumbers = DynamicCoreNumbers(
                snapshot: snapshot, coreNumbers: GraphMetrics.coreNumbers(snapshot),
                nodes: nodes, nodeIndexBound: bound)
            health[.coreNumber]?.fallbackCount += 1
        }
        if health[.component]?.method == .recomputed {
            components = DynamicComponents(
                snapshot: snapshot, labels: connectedComponents(snapshot), nodes: nodes,
                nodeIndexBound: bound)
        }
        if health[.pageRank]?.method == .recomputed {
            let ranks = GraphMetrics.pageRank(
                snapshot, damping: pageRank.damping, tolerance: pageRank.errorMax * 1e-4)
            pageRank = DynamicPageRank(
                snapshot: snapshot, ranks: ranks, nodes: nodes, nodeIndexBound: bound,
                damping: pageRank.damping, errorMax: pageRank.errorMax)
            health[.pageRank]?.fallbackCount += 1
        }
    }

    private static func nodes(of snapshot: GraphSnapshot, _ graph: AdjacencyGraph) -> [NodeIndex] {
        let nodes = snapshot.nodeKeys.compactMap { graph.nodeIndex(of: $0) }
        precondition(nodes.count == snapshot.nodeCount, "the snapshot is of the graph as it is")
        return nodes
    }

    private mutating func touch(_ changes: GraphChanges) {
        for change in changes.simpleEdges {
            touch(change.first)
            touch(change.second)
        }
    }

    private mutating func touch(_ node: NodeIndex) {
        while isInFrontier.count <= Int(node) { isInFrontier.append(false) }
        guard !isInFrontier[Int(node)] else { return }
        isInFrontier[Int(node)] = true
        frontier.append(node)
    }
}
