import Foundation
import GraphEngine
import GraphFiles
import PostgresClient
import Storage

/// A graph on its way to its metrics: the nodes' names, a snapshot, and what a snapshot lacks.
struct MetricGraph {
    /// The nodes in the order of their names, which is that of the rows that come out.
    let names: NodeNames
    /// The graph itself.
    let snapshot: GraphSnapshot
    /// The sum of the weights of each node's rows, in the order of the names.
    ///
    /// A self-loop counts at both of its ends, a row of a file without weights 1. Empty where nobody
    /// asked.
    let strengths: [Double]
    /// The rows read.
    let rowCount: Int
    /// Seconds for reading, and for building the snapshot.
    let loadSeconds: Double
    let snapshotSeconds: Double

    /// Builds the snapshot.
    init(_ list: consuming EdgeRows, wantsStrengths: Bool, loadSeconds: Double, threadCount: Int) {
        let started = ContinuousClock.now
        let keys: [NodeKey]
        switch list.names {
        case .integers(let values): keys = values.map { NodeKey($0) }
        case .texts(let texts): keys = (0..<Int64(texts.count)).map { NodeKey($0) }
        }
        names = list.names
        rowCount = list.sources.count
        strengths = wantsStrengths ? Self.strengths(list) : []
        list.weights = nil
        snapshot = GraphSnapshot(
            keys: keys, sources: list.sources, targets: list.targets, threadCount: threadCount)
        self.loadSeconds = loadSeconds
        snapshotSeconds = (ContinuousClock.now - started) / .seconds(1)
    }

    private static func strengths(_ list: borrowing EdgeRows) -> [Double] {
        var strengths = [Double](repeating: 0, count: list.names.count)
        for row in list.sources.indices {
            let weight = list.weights?[row] ?? 1
            strengths[Int(list.sources[row])] += weight
            strengths[Int(list.targets[row])] += weight
        }
        return strengths
    }
}

/// Rows with the positions of their ends, from a file or a database.
struct EdgeRows: ~Copyable {
    let names: NodeNames
    let sources: [Int32]
    let targets: [Int32]
    var weights: [Double]?

    init(_ list: EdgeList) {
        names = list.names
        sources = list.sources
        targets = list.targets
        weights = list.weights
    }

    init(_ graph: StoredEdges) {
        names = .integers(graph.entityIDs)
        sources = graph.sources
        targets = graph.targets
        weights = graph.weights
    }
}
