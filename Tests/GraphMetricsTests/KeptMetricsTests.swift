import GraphEngine
import Testing

@testable import GraphMetrics

@Suite("Kept metrics and their audit")
struct KeptMetricsTests {
    private func run(_ kind: SequenceKind, count: Int, seed: UInt64) -> SequenceRun {
        var run = SequenceRun(edgeVisitsMax: kind.edgeVisitsMax)
        for mutation in kind.sequence(count: count, seed: seed) { run.apply(mutation) }
        run.metrics.finishBatch(run.graph)
        return run
    }

    @Test("start right from a graph that stands already", arguments: GraphShape.all)
    func start(shape: GraphShape) throws {
        let graph = try TestGraphs.graph(shape.nodeCount, shape.edges)
        var metrics = IncrementalMetrics(graph)
        metrics.finishBatch(graph)
        #expect(MetricAudit(seed: 1).full(metrics, graph).findings.isEmpty)
        #expect(metrics.pageRank.errorBound <= 1e-6)
        var audit = MetricAudit(seed: 2)
        let outcome = audit.sample(20, of: metrics, graph)
        #expect(outcome.findings.isEmpty)
        #expect(outcome.auditedCounts[.pageRank] == (shape.nodeCount > 0 ? 20 : nil))
    }

    @Test("follow when built from a graph that stands already", arguments: GraphShape.all)
    func follow(shape: GraphShape) throws {
        guard shape.nodeCount > 1 else { return }
        var graph = try TestGraphs.graph(shape.nodeCount, shape.edges)
        var metrics = IncrementalMetrics(graph)
        var random = TestRandom(seed: 3)
        for step in 0..<60 {
            var changes = GraphChanges()
            if random.below(2) == 0, !shape.edges.isEmpty {
                let edge = EdgeKey(Int64(random.below(shape.edges.count)))
                graph.removeEdge(edge, changes: &changes)
            } else {
                try graph.upsertEdge(
                    EdgeKey(Int64(1_000_000 + step)),
                    source: NodeKey(Int64(random.below(shape.nodeCount))),
                    target: NodeKey(Int64(random.below(shape.nodeCount))),
                    attributes: EdgeAttributes(), changes: &changes)
            }
            metrics.apply(changes, graph)
        }
        metrics.finishBatch(graph)
        #expect(MetricAudit(seed: 1).full(metrics, graph).findings.isEmpty)
    }

    @Test("state an error that is never below nothing, however little is left", arguments: 2..<40)
    func errorBound(leafCount: Int) throws {
        var graph = try TestGraphs.graph(leafCount + 1, [])
        var metrics = IncrementalMetrics(graph)
        for leaf in 1...leafCount {
            var changes = GraphChanges()
            try graph.upsertEdge(
                EdgeKey(Int64(leaf)), source: NodeKey(0), target: NodeKey(Int64(leaf)),
                attributes: EdgeAttributes(), changes: &changes)
            metrics.apply(changes, graph)
            #expect(metrics.pageRank.errorBound >= 0)
            // In batches of all sizes: what is left differs with them.
            if leaf % (leafCount / 5 + 1) == 0 { metrics.finishBatch(graph) }
        }
        metrics.finishBatch(graph)
        #expect(metrics.pageRank.errorBound >= 0)
        #expect(metrics.pageRank.errorBound <= 1e-6)
    }

    @Test("a wrong core number is found, named, and then recomputed")
    func wrongCore() throws {
        var run = run(SequenceKind.all[1], count: 800, seed: 1)
        let node = try #require(
            (0..<NodeIndex(run.graph.nodeIndexBound)).first {
                run.graph.isLive($0) && run.metrics.coreNumber(of: $0) > 1
            })
        let core = run.metrics.coreNumber(of: node)
        run.metrics.coreNumbers.nodes[Int(node)].core += 1
        var audit = MetricAudit(seed: 7)
        let sampled = audit.sample(400, of: run.metrics, run.graph)
        #expect(sampled.findings.contains { $0.metric == .coreNumber })
        let full = audit.full(run.metrics, run.graph)
        let finding = try #require(full.findings.first)
        #expect(full.findings.count == 1)
        #expect(
            finding
                == MetricFinding(
                    metric: .coreNumber, node: run.graph.nodeKey(at: node), kept: Double(core + 1),
                    actual: Double(core), bound: 0))
        run.metrics.note(full.findings, auditedCounts: full.auditedCounts)
        let health = try #require(run.metrics.healthReport.first { $0.metric == .coreNumber })
        #expect(health.method == .recomputed && health.findingCount == 1)
        #expect(health.lastFinding == finding)
        run.metrics.finishBatch(run.graph)
        #expect(run.difference() == nil)
    }

    @Test("a wrong value or residual of PageRank is found and then recomputed")
    func wrongRank() throws {
        for isValue in [true, false] {
            var run = run(SequenceKind.all[1], count: 800, seed: 2)
            let node = try #require(
                (0..<run.graph.nodeIndexBound).first { run.graph.isLive(NodeIndex($0)) })
            if isValue {
                run.metrics.pageRank.nodes[node].value += 0.01
            } else {
                run.metrics.pageRank.nodes[node].residual += 0.01
            }
            var audit = MetricAudit(seed: 7)
            let outcome = audit.sample(400, of: run.metrics, run.graph)
            #expect(outcome.findings.contains { $0.metric == .pageRank })
            run.metrics.note(outcome.findings, auditedCounts: outcome.auditedCounts)
            run.metrics.finishBatch(run.graph)
            #expect(run.difference() == nil)
            let provenance = run.metrics.provenance(of: .pageRank, epoch: 3, asOf: 5)
            #expect(provenance.method == .recomputed && provenance.errorBound <= 1e-6)
        }
    }

    @Test("a wrong component is found and then recomputed")
    func wrongComponent() throws {
        var run = run(SequenceKind.all[6], count: 800, seed: 3)
        let root = run.metrics.components.components.firstIndex { $0.nodeCount > 3 }
        run.metrics.components.components[try #require(root)].nodeCount -= 1
        var audit = MetricAudit(seed: 7)
        let outcome = audit.sample(400, of: run.metrics, run.graph)
        #expect(outcome.findings.contains { $0.metric == .component })
        run.metrics.note(outcome.findings, auditedCounts: outcome.auditedCounts)
        run.metrics.finishBatch(run.graph)
        #expect(run.difference() == nil)
    }

    @Test("the frontier names each node with changed edges once")
    func frontier() throws {
        var graph = try TestGraphs.graph(5, [(0, 1), (1, 2)])
        var metrics = IncrementalMetrics(graph)
        for key in 2..<4 {
            var changes = GraphChanges()
            try graph.upsertEdge(
                EdgeKey(Int64(key)), source: NodeKey(2), target: NodeKey(Int64(key + 1)),
                attributes: EdgeAttributes(), changes: &changes)
            metrics.apply(changes, graph)
        }
        #expect(metrics.takeFrontier().sorted() == [2, 3, 4])
        #expect(metrics.takeFrontier().isEmpty)
        #expect(metrics.coreNumber(of: 4) == 1 && metrics.componentSize(of: 0) == 5)
    }

    @Test("a component that cannot be searched at once says so until the batch ends")
    func fallback() throws {
        // A ring: a removed edge leaves it whole, which only a walk all round can tell.
        let ring = (0..<200).map { ($0, ($0 + 1) % 200) }
        var graph = try TestGraphs.graph(200, ring)
        var metrics = IncrementalMetrics(graph)
        let snapshot = graph.makeSnapshot()
        metrics.components = DynamicComponents(
            snapshot: snapshot, labels: connectedComponents(snapshot),
            nodes: snapshot.nodeKeys.compactMap { graph.nodeIndex(of: $0) },
            nodeIndexBound: graph.nodeIndexBound, edgeVisitsMax: 50)
        for key in [Int64(0), 100] {
            var changes = GraphChanges()
            graph.removeEdge(EdgeKey(key), changes: &changes)
            metrics.apply(changes, graph)
        }
        #expect(!metrics.components.isExact(0) && metrics.componentSize(of: 0) == 200)
        metrics.finishBatch(graph)
        #expect(metrics.components.isExact(0) && metrics.componentSize(of: 0) == 100)
        #expect(metrics.component(of: 50, graph) == NodeKey(1))
        #expect(metrics.components.fallbackCount == 1)
    }

    @Test("a sum of weights does not depend on the order of the rows")
    func exactSums() {
        let numbers = [1e16, 1, -1e16, 0.1, 0.2, 0.3, 1e-30, -0.6, 3e15, 7]
        var forwards = ExactSum()
        var backwards = ExactSum()
        for number in numbers { forwards.add(number) }
        for number in numbers.reversed() { backwards.add(number) }
        #expect(forwards.value == backwards.value)
        #expect(forwards.value == 3e15 + 8)
        #expect(ExactSum().value == 0)
    }

    @Test("local metrics of a node count its rows, weights and triangles")
    func local() throws {
        var graph = try TestGraphs.graph(4, [(0, 1), (1, 2), (2, 0)])
        var changes = GraphChanges()
        let rows: [(source: Int64, target: Int64, weight: Double)] = [
            (0, 1, 0.1), (3, 0, 0.2), (0, 0, 0.3), (0, 2, .nan),
        ]
        for (key, row) in rows.enumerated() {
            try graph.upsertEdge(
                EdgeKey(Int64(10 + key)), source: NodeKey(row.source), target: NodeKey(row.target),
                attributes: EdgeAttributes(weight: row.weight), changes: &changes)
        }
        let metrics = LocalMetrics(of: 0, graph)
        #expect(metrics.degree == 3 && metrics.degreeCentrality == 1)
        #expect(metrics.outDegree == 4 && metrics.inDegree == 3)
        #expect(metrics.outStrength == 0.4 && metrics.inStrength == 0.5)
        #expect(abs(metrics.strength - 0.9) < 1e-15)
        #expect(metrics.triangleCount == 1 && abs(metrics.clusteringCoefficient - 1 / 3) < 1e-15)
    }

    @Test("a new node's closeness lies within the stated bound", arguments: GraphShape.all)
    func estimates(shape: GraphShape) throws {
        guard shape.nodeCount > 3 else { return }
        var random = TestRandom(seed: 9)
        let before = PlainMetrics(shape)
        let estimates = CentralityEstimates(
            nodeCount: shape.nodeCount, eigenvalue: 1, epoch: 1, asOf: 0)
        for count in 1...4 {
            let start = random.below(shape.nodeCount)
            let reachable = [start] + before.reachable(from: start)
            let ends = Set((0..<count).map { _ in reachable[random.below(reachable.count)] })
            let neighbors = ends.map {
                EpochNeighbor(
                    componentSize: reachable.count, closeness: before.closeness($0),
                    harmonic: before.harmonic($0), eigenvector: 0)
            }
            var larger = shape
            larger.nodeCount += 1
            larger.edges += ends.map { (shape.nodeCount, $0) }
            let after = PlainMetrics(larger)
            let closeness = estimates.closeness(neighbors, degree: ends.count)
            let harmonic = estimates.harmonic(neighbors, degree: ends.count)
            #expect(
                abs(closeness.value - after.closeness(shape.nodeCount))
                    <= closeness.provenance.errorBound + 1e-12)
            #expect(
                abs(harmonic.value - after.harmonic(shape.nodeCount))
                    <= harmonic.provenance.errorBound + 1e-12)
        }
    }
}
