import Foundation
import GraphEngine

/// What a run of `vigil metrics` took and found, for people or as JSON.
struct MetricReport: Encodable {
    /// One kernel.
    struct Stage: Encodable {
        var name: String
        var seconds: Double
        var method: String
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

    /// The report for people.
    var table: String {
        func seconds(_ value: Double) -> String {
            value.formatted(.number.precision(.fractionLength(3)))
        }
        let steps =
            [["load", seconds(loadSeconds), "\(rows) rows"]]
            + [["snapshot", seconds(snapshotSeconds), "\(nodes) nodes, \(edges) edges"]]
            + metrics.map { [$0.name, seconds($0.seconds), $0.method] }
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
