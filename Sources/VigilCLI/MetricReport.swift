import Foundation
import GraphEngine

/// What a run of `vigil metrics` took and found, for people or as JSON.
struct MetricReport: Encodable {
    /// One kernel.
    struct Stage: Encodable {
        var name: String
        var seconds: Double
        /// `exact` or `sampled`; the algorithm where there is no one answer.
        var method = "exact"
        /// With probability 1 - delta no value is off by more than epsilon.
        var epsilon: Double?
        var delta: Double?
        /// The most nodes that a component was searched from, and the shortest paths drawn.
        var sources: Int?
        var paths: Int?

        /// The method for people.
        var how: String {
            guard let epsilon, let delta, let sources else { return method }
            let drawn = paths.map { ", \($0) paths" } ?? ""
            return "\(method): \(sources) sources\(drawn); off by at most "
                + "\(formatted(epsilon, places: 5)) with probability \(formatted(1 - delta))"
        }
    }

    /// The nodes, the rows, the distinct adjacent pairs without self-loops.
    var nodes: Int
    var rows: Int
    var edges: Int
    var threads: Int
    var seed: UInt64
    var loadSeconds: Double
    var snapshotSeconds: Double
    /// The kernels in the order in which they ran.
    var metrics: [Stage] = []
    var writeSeconds = 0.0
    var peakResidentBytes = 0
    var triangleCount: Int?
    var coreNumberMax: Int?
    var componentCount: Int?
    var articulationPointCount: Int?
    var bridgeCount: Int?
    var communityCount: Int?
    var modularity: Double?
    var eigenvalue: Double?
    /// The length of A x - eigenvalue x.
    var eigenvalueResidual: Double?

    enum CodingKeys: String, CodingKey {
        case nodes, rows, edges, threads, seed, metrics, modularity, eigenvalue
        case loadSeconds = "load_seconds"
        case snapshotSeconds = "snapshot_seconds"
        case writeSeconds = "write_seconds"
        case peakResidentBytes = "peak_resident_bytes"
        case triangleCount = "triangles"
        case coreNumberMax = "core_number_max"
        case componentCount = "components"
        case articulationPointCount = "articulation_points"
        case bridgeCount = "bridges"
        case communityCount = "communities"
        case eigenvalueResidual = "eigenvector_residual"
    }

    init(_ graph: MetricGraph, threadCount: Int, seed: UInt64) {
        nodes = graph.snapshot.nodeCount
        rows = graph.rowCount
        edges = graph.snapshot.edgeCount
        threads = threadCount
        self.seed = seed
        loadSeconds = graph.loadSeconds
        snapshotSeconds = graph.snapshotSeconds
    }

    mutating func add(_ name: String, seconds: Double, method: String) {
        metrics.append(Stage(name: name, seconds: seconds, method: method))
    }

    /// Says that the newest stage was sampled, and how well.
    mutating func describe(epsilon: Double, delta: Double, sources: Int, paths: Int) {
        guard let last = metrics.indices.last else { return }
        metrics[last].method = "sampled"
        (metrics[last].epsilon, metrics[last].delta) = (epsilon, delta)
        (metrics[last].sources, metrics[last].paths) = (sources, paths > 0 ? paths : nil)
    }

    /// The report for people.
    var table: String {
        func seconds(_ value: Double) -> String {
            value.formatted(.number.precision(.fractionLength(3)))
        }
        let steps =
            [["load", seconds(loadSeconds), "\(rows) rows"]]
            + [["snapshot", seconds(snapshotSeconds), "\(nodes) nodes, \(edges) edges"]]
            + metrics.map { [$0.name, seconds($0.seconds), $0.how] }
            + [["write", seconds(writeSeconds), ""]]
        var text = alignedTable(
            header: ["step", "seconds", "how"], rows: steps, rightAligned: [1])
        let findings: [(String, String?)] = [
            ("triangles", triangleCount.map(String.init)),
            ("largest core number", coreNumberMax.map(String.init)),
            ("components", componentCount.map(String.init)),
            ("articulation points", articulationPointCount.map(String.init)),
            ("bridges", bridgeCount.map(String.init)),
            ("communities", communityCount.map(String.init)),
            ("modularity", modularity.map { formatted($0, places: 6) }),
            ("largest eigenvalue", eigenvalue.map { formatted($0, places: 6) }),
            ("peak memory", "\(peakResidentBytes >> 20) MB"),
            ("threads", String(threads)),
        ]
        text += "\n"
        for case (let name, let value?) in findings { text += "\n\(name): \(value)" }
        return text
    }
}
