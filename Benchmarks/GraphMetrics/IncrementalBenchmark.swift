import Foundation
import GraphEngine
import GraphMetrics

/// The cost of one change to each metric that is kept, beside computing it anew.
///
/// Edges come and go one at a time, half of the changes each way, drawn as the graph is: a new edge joins
/// the ends of two edges drawn at random, so that hubs get their share. Every metric is told by itself.
struct IncrementalBenchmark {
    private var graph: AdjacencyGraph
    private var coreNumbers: DynamicCoreNumbers
    private var components: DynamicComponents
    private var pageRank: DynamicPageRank
    private let keys: [NodeKey]
    private let sources: [Int32]
    private let targets: [Int32]
    private var state: UInt64 = 1
    /// Seconds of each change by metric: inserts and removals.
    private var costs: [String: (inserts: [Double], removals: [Double])] = [:]
    /// Seconds of computing all values anew.
    private var full: [String: Double] = [:]

    init(keys: [NodeKey], sources: [Int32], targets: [Int32]) throws {
        self.keys = keys
        self.sources = sources
        self.targets = targets
        var loader = AdjacencyGraph.Loader()
        for key in keys { loader.insertNode(key) }
        for edge in sources.indices {
            try loader.upsertEdge(
                EdgeKey(Int64(edge)), source: keys[Int(sources[edge])],
                target: keys[Int(targets[edge])], attributes: EdgeAttributes(weight: 1))
        }
        graph = loader.finish()
        let snapshot = graph.makeSnapshot()
        var full: [String: Double] = [:]
        func timed<Value>(_ name: String, _ body: () -> Value) -> Value {
            let started = ContinuousClock.now
            let value = body()
            full[name] = (ContinuousClock.now - started) / .seconds(1)
            return value
        }
        let cores = timed("core") { GraphMetrics.coreNumbers(snapshot) }
        let labels = timed("components") { connectedComponents(snapshot) }
        let ranks = timed("pagerank") { GraphMetrics.pageRank(snapshot, tolerance: 1e-6) }
        _ = timed("degree, triangles, clustering") { localClustering(snapshot) }
        let precise = GraphMetrics.pageRank(snapshot, tolerance: 1e-10)
        self.full = full
        _ = ranks
        let nodes = snapshot.nodeKeys.compactMap { [graph] in graph.nodeIndex(of: $0) }
        let bound = graph.nodeIndexBound
        coreNumbers = DynamicCoreNumbers(
            snapshot: snapshot, coreNumbers: cores, nodes: nodes, nodeIndexBound: bound)
        components = DynamicComponents(
            snapshot: snapshot, labels: labels, nodes: nodes, nodeIndexBound: bound)
        pageRank = DynamicPageRank(
            snapshot: snapshot, ranks: precise, nodes: nodes, nodeIndexBound: bound,
            errorMax: 1e-6)
    }

    /// Makes the changes and prints JSON, one line a metric.
    mutating func run(count: Int) throws {
        var nextKey = Int64(sources.count)
        var live = (0..<nextKey).map { $0 }
        var changes = GraphChanges()
        for step in 0..<count {
            changes.removeAll()
            let isInsert = step % 2 == 0
            let started = ContinuousClock.now
            if isInsert {
                try graph.upsertEdge(
                    EdgeKey(nextKey), source: keys[Int(sources[draw(sources.count)])],
                    target: keys[Int(targets[draw(targets.count)])],
                    attributes: EdgeAttributes(weight: 1), changes: &changes)
                live.append(nextKey)
                nextKey += 1
            } else {
                let place = draw(live.count)
                graph.removeEdge(EdgeKey(live[place]), changes: &changes)
                live.swapAt(place, live.count - 1)
                live.removeLast()
            }
            note("degree, triangles, clustering", started, isInsert)
            let core = ContinuousClock.now
            coreNumbers.apply(changes.simpleEdges, graph)
            note("core", core, isInsert)
            let component = ContinuousClock.now
            components.apply(changes.simpleEdges, graph)
            components.finishBatch(graph)
            note("components", component, isInsert)
            let rank = ContinuousClock.now
            pageRank.apply(changes.directedEdges)
            pageRank.finishBatch(graph)
            note("pagerank", rank, isInsert)
        }
        report()
    }

    private mutating func note(
        _ name: String, _ started: ContinuousClock.Instant, _ isInsert: Bool
    ) {
        let seconds = (ContinuousClock.now - started) / .seconds(1)
        if isInsert {
            costs[name, default: ([], [])].inserts.append(seconds)
        } else {
            costs[name, default: ([], [])].removals.append(seconds)
        }
    }

    private func report() {
        func figures(_ seconds: [Double], _ name: String) -> [String] {
            let sorted = seconds.sorted()
            guard let last = sorted.last else { return [] }
            let mean = sorted.reduce(0, +) / Double(sorted.count)
            let tail = sorted[min(sorted.count - 1, sorted.count * 99 / 100)]
            return [
                "\"\(name)_mean\": \(mean)", "\"\(name)_p99\": \(tail)", "\"\(name)_max\": \(last)",
            ]
        }
        for (name, cost) in costs.sorted(by: { $0.key < $1.key }) {
            let fields =
                figures(cost.inserts, "insert") + figures(cost.removals, "remove")
                + ["\"full\": \(full[name] ?? .nan)"]
            print("{\"metric\": \"\(name)\", \(fields.joined(separator: ", "))}")
        }
        fflush(nil)
    }

    /// A number in 0..<bound by a 64-bit congruential generator, upper half.
    private mutating func draw(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33).multipliedFullWidth(by: UInt64(bound) << 33).high)
    }
}
