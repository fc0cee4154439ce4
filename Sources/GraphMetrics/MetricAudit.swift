package import GraphEngine

/// A value outside its bound.
package struct MetricFinding: Sendable, Equatable, CustomStringConvertible {
    /// The metric.
    package var metric: KeptMetric
    /// The node.
    package var node: NodeKey
    /// What was kept and what is true.
    package var kept, actual: Double
    /// How far the two may be apart.
    package var bound: Double

    /// The finding in words.
    package var description: String {
        "\(metric.rawValue) of node \(node.rawValue) is kept as \(kept) but is \(actual), "
            + "further off than \(bound)"
    }
}

/// Compares kept metrics with recomputed ones, at random nodes or in full.
///
/// A sampled audit recomputes, at each node drawn, the degree and the triangles from the rows, the
/// component by a search, the residual of PageRank from the predecessors, and for the
/// core number the condition that at least as many neighbors have a number as large, and not more than
/// that many a larger one. The search and the count of triangles end at a limit, and nodes with more
/// rows than that are passed over, so that hubs do not hold up the writer. A full audit runs the kernels on a snapshot.
package struct MetricAudit: Sendable {
    /// What an audit found, and how many nodes it looked at for each metric.
    package struct Outcome: Sendable {
        /// The values outside their bounds.
        package internal(set) var findings: [MetricFinding] = []
        /// The nodes looked at.
        package internal(set) var auditedCounts: [KeptMetric: Int] = [:]
    }

    private var random: SplitMix64
    /// A search for a component, or a count of triangles, looks at so many rows.
    private let rowsMax: Int

    /// Makes an audit whose choice of nodes follows from the seed.
    package init(seed: UInt64, rowsMax: Int = 8_192) {
        random = SplitMix64(state: seed)
        self.rowsMax = rowsMax
    }

    /// Looks at random nodes, after a batch was finished.
    /// - Complexity: O(rows of the nodes drawn), and at most twice the limit of rows for each.
    package mutating func sample(
        _ nodeCount: Int, of metrics: IncrementalMetrics, _ graph: AdjacencyGraph
    ) -> Outcome {
        var check = Check(metrics: metrics, graph: graph)
        guard graph.nodeCount > 0 else { return check.outcome }
        var left = nodeCount
        while left > 0 {
            let node = NodeIndex(random.below(graph.nodeIndexBound))
            guard graph.isLive(node) else { continue }
            left -= 1
            guard graph.incidentEdgeCount(of: node) <= rowsMax else { continue }
            let neighbors = check.neighbors(of: node)
            check.compareCounts(node, neighbors, rowsMax: rowsMax)
            check.compareCore(node, neighbors)
            check.compareComponent(node, rowsMax: rowsMax)
            check.compareResidual(node)
        }
        return check.outcome
    }

    /// Looks at all nodes, after a batch was finished.
    /// - Complexity: that of the kernels.
    package func full(_ metrics: IncrementalMetrics, _ graph: AdjacencyGraph) -> Outcome {
        var check = Check(metrics: metrics, graph: graph)
        check.compareAll()
        return check.outcome
    }
}

/// One audit's work.
private struct Check {
    let metrics: IncrementalMetrics
    let graph: AdjacencyGraph
    var outcome = MetricAudit.Outcome()

    mutating func compare(
        _ metric: KeptMetric, _ node: NodeIndex, kept: Double, actual: Double, bound: Double = 0
    ) {
        outcome.auditedCounts[metric, default: 0] += 1
        if abs(kept - actual) <= bound { return }
        outcome.findings.append(
            MetricFinding(
                metric: metric, node: graph.nodeKey(at: node), kept: kept, actual: actual,
                bound: bound))
    }

    /// The neighbors from the rows themselves.
    func neighbors(of node: NodeIndex) -> Set<NodeIndex> {
        var found: Set<NodeIndex> = []
        for row in graph.incidentEdges(of: node) {
            let edge = graph.edge(at: row)
            guard edge.attributes.isActive else { continue }
            found.insert(edge.source == node ? edge.target : edge.source)
        }
        found.remove(node)
        return found
    }

    mutating func compareCounts(_ node: NodeIndex, _ neighbors: Set<NodeIndex>, rowsMax: Int) {
        compare(
            .degree, node, kept: Double(graph.degree(of: node)), actual: Double(neighbors.count))
        guard neighbors.reduce(0, { $0 + graph.incidentEdgeCount(of: $1) }) <= rowsMax else {
            return
        }
        var ends = 0
        for neighbor in neighbors {
            graph.withNeighbors(of: neighbor) { list in
                for other in list where neighbors.contains(other) { ends += 1 }
            }
        }
        compare(
            .triangleCount, node, kept: Double(graph.triangleCount(of: node)),
            actual: Double(ends / 2))
    }

    mutating func compareCore(_ node: NodeIndex, _ neighbors: Set<NodeIndex>) {
        // The largest k for which k neighbors have a number of at least k.
        let cores = neighbors.map { metrics.coreNumber(of: $0) }.sorted(by: >)
        var core = 0
        while core < cores.count, cores[core] > core { core += 1 }
        compare(
            .coreNumber, node, kept: Double(metrics.coreNumber(of: node)), actual: Double(core))
    }

    mutating func compareComponent(_ node: NodeIndex, rowsMax: Int) {
        let name = metrics.component(of: node, graph)
        var found: [NodeIndex] = [node]
        var isFound: Set<NodeIndex> = [node]
        var least = graph.nodeKey(at: node)
        var place = 0
        var rowsLeft = rowsMax
        while place < found.count {
            rowsLeft -= graph.incidentEdgeCount(of: found[place])
            guard rowsLeft >= 0 else { break }
            for neighbor in self.neighbors(of: found[place])
            where isFound.insert(neighbor).inserted {
                found.append(neighbor)
                least = min(least, graph.nodeKey(at: neighbor))
            }
            place += 1
        }
        let isComplete = place == found.count
        // Beyond the limit it is only known that the name is not larger, and the component not smaller.
        if isComplete || least < name {
            compare(
                .component, node, kept: Double(name.rawValue), actual: Double(least.rawValue))
        }
        let size = metrics.componentSize(of: node)
        if isComplete ? size != found.count : size < found.count {
            compare(.component, node, kept: Double(size), actual: Double(found.count))
        }
        let parted = found.first { !metrics.components.areConnected($0, node) }
        if let parted {
            compare(
                .component, node, kept: Double(name.rawValue),
                actual: Double(metrics.component(of: parted, graph).rawValue), bound: -1)
        }
    }

    mutating func compareResidual(_ node: NodeIndex) {
        let rank = metrics.pageRank
        var sum = ExactSum()
        var predecessors: Set<NodeIndex> = []
        for row in graph.incidentEdges(of: node) {
            let edge = graph.edge(at: row)
            guard edge.attributes.isActive, edge.target == node,
                predecessors.insert(edge.source).inserted
            else { continue }
            let source = rank.nodes[Int(edge.source)]
            sum.add(source.value / Double(source.successorCount))
        }
        let kept = rank.nodes[Int(node)]
        let actual = 1 - rank.damping + rank.damping * sum.value - kept.value
        compare(
            .pageRank, node, kept: kept.residual, actual: actual,
            bound: DynamicPageRank.roundingMax * (1 + kept.value))
    }

    mutating func compareAll() {
        let snapshot = graph.makeSnapshot()
        let cores = coreNumbers(snapshot)
        let labels = connectedComponents(snapshot)
        let errorMax = metrics.pageRank.errorMax
        let ranks = pageRank(
            snapshot, damping: metrics.pageRank.damping, tolerance: errorMax * 1e-4)
        let triangles = triangleCounts(snapshot)
        var (worst, worstError, error) = (NodeIndex(-1), -1.0, ExactSum())
        for position in 0..<snapshot.nodeCount {
            guard let node = graph.nodeIndex(of: snapshot.nodeKeys[position]) else { continue }
            compare(
                .degree, node, kept: Double(graph.degree(of: node)),
                actual: Double(snapshot.degree(at: position)))
            compare(
                .triangleCount, node, kept: Double(graph.triangleCount(of: node)),
                actual: Double(triangles[position]))
            compare(
                .coreNumber, node, kept: Double(metrics.coreNumber(of: node)),
                actual: Double(cores[position]))
            let name = snapshot.nodeKeys[Int(labels[position])]
            compare(
                .component, node, kept: Double(metrics.component(of: node, graph).rawValue),
                actual: Double(name.rawValue))
            let difference = abs(metrics.pageRank(of: node) - ranks[position])
            error.add(difference)
            if difference > worstError { (worst, worstError) = (node, difference) }
        }
        outcome.auditedCounts[.pageRank, default: 0] += snapshot.nodeCount
        let bound = max(errorMax, metrics.pageRank.errorBound) * 1.001
        guard worst >= 0, error.value > bound else { return }
        // The L1 error belongs to no node; the worst one is named with the whole error.
        let kept = metrics.pageRank(of: worst)
        outcome.findings.append(
            MetricFinding(
                metric: .pageRank, node: graph.nodeKey(at: worst), kept: kept,
                actual: kept - error.value, bound: bound))
    }
}
