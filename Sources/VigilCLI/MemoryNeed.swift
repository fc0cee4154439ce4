import Foundation
import GraphEngine

/// The memory that metrics need, from the numbers of nodes and edges; told before anything is loaded.
struct MemoryNeed: Encodable {
    var nodes: Int
    var edges: Int
    /// The rows as they are read, and the snapshot while it is built from them.
    var loadBytes: Int
    /// The snapshot, the result's columns, and the working memory of the metric that takes most.
    var metricsBytes: Int
    /// The mutable graph of the sidecar, which a file's metrics do without.
    var engineBytes: Int
    /// The larger of loading and computing, with the program itself.
    var peakBytes: Int

    enum CodingKeys: String, CodingKey {
        case nodes, edges
        case loadBytes = "load_bytes"
        case metricsBytes = "metrics_bytes"
        case engineBytes = "engine_bytes"
        case peakBytes = "peak_bytes"
    }

    /// The program, its libraries and a few buffers.
    private static let programByteCount = 32 << 20

    init(nodes: Int, edges: Int, threadCount: Int, isWeighted: Bool = true, columnCount: Int = 16) {
        self.nodes = nodes
        self.edges = edges
        let (n, m) = (nodes, edges)
        let snapshot = n * (8 + 4 + 4 + 4 + 4) + m * (8 + 4)
        // Both ends and the weight of a row, names of 16 bytes, and what the builder sorts with.
        loadBytes = m * (isWeighted ? 16 : 8) + n * 32 + snapshot + m * 32 + n * 24
        metricsBytes = snapshot + n * 8 * columnCount + threadCount * n * 128 + n * 64 + m * 16
        engineBytes = AdjacencyGraph.estimatedByteCount(nodeCount: n, edgeCount: m)
        peakBytes = Self.programByteCount + max(loadBytes, metricsBytes)
    }

    /// What this process may still take: the machine's free memory, or less where its group is bounded.
    static var availableByteCount: Int {
        var available = Int(ProcessInfo.processInfo.physicalMemory)
        if let free = byteCount("MemAvailable:", in: "/proc/meminfo") {
            available = min(available, free)
        }
        let group = "/sys/fs/cgroup/"
        for (limit, used) in [
            ("memory.max", "memory.current"),
            ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"),
        ] {
            guard let limit = number(in: group + limit), let used = number(in: group + used)
            else { continue }
            available = min(available, max(0, limit - used))
        }
        return available
    }

    /// The most memory that this process has had at once.
    static var peakResidentByteCount: Int { byteCount("VmHWM:", in: "/proc/self/status") ?? 0 }

    /// A line of the kernel's tables, which count in kilobytes.
    private static func byteCount(_ name: String, in file: String) -> Int? {
        guard let text = try? String(contentsOfFile: file, encoding: .utf8),
            let line = text.split(separator: "\n").first(where: { $0.hasPrefix(name) })
        else { return nil }
        let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
        return words.dropFirst().first.flatMap { Int($0) }.map { $0 << 10 }
    }

    private static func number(in file: String) -> Int? {
        guard let text = try? String(contentsOfFile: file, encoding: .utf8) else { return nil }
        return Int(text.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    /// Refuses rather than dies.
    func check(limit: Int?) throws {
        let bound = limit ?? Self.availableByteCount
        guard peakBytes > bound else { return }
        throw Failure(
            exitCode: .configuration,
            message: """
                \(nodes) nodes and \(edges) edges need about \(peakBytes >> 20) MB, \
                \(limit == nil ? "\(bound >> 20) MB are free" : "the limit is \(bound >> 20) MB"): \
                choose fewer --metrics or --threads, a larger --memory-limit, or another machine
                """)
    }

    /// The figures for people.
    var table: String {
        func megabytes(_ bytes: Int) -> String { "\((bytes + (1 << 20) - 1) >> 20) MB" }
        return alignedTable(
            header: ["for", "memory"],
            rows: [
                ["loading", megabytes(loadBytes)], ["metrics", megabytes(metricsBytes)],
                ["vigil metrics at its peak", megabytes(peakBytes)],
                ["the sidecar's graph", megabytes(engineBytes)],
            ], rightAligned: [1])
    }
}
