import ArgumentParser
import Foundation
import GraphEngine
import GraphFiles
import GraphMetrics

/// Times the kernels on a graph inside one process and prints JSON, one line a kernel.
///
/// The seconds are those of the fastest of several runs, without reading and without the process's
/// own start. `Benchmarks/graph/run.py` sets them beside the peers' of the same run.
@main
struct GraphBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "graph-benchmark", abstract: "Time the kernels on a graph.")

    @Argument(help: "Pairs of 32-bit integers: the ends of each edge.")
    var graph: String

    @Option(help: "The nodes, from 0 on.")
    var nodes: Int

    @Option(help: "Threads to use.")
    var threads = 1

    @Option(help: "Runs of each kernel at most; slow ones run less often.")
    var runs = 5

    @Option(help: "The same edges as CSV, to time reading them.")
    var csv: String?

    @Option(help: "Sources of the sampled searches; 0 searches from every node.")
    var sources = 0

    @Option(help: "A file with the sources of betweenness as 32-bit integers.")
    var sourceFile: String?

    @Option(help: "A folder for the values of each metric, 64-bit floats by node.")
    var values: String?

    @Option(help: "Kernels to run, commas between them; by default all.")
    var only: String?

    @Option(help: "Only keep metrics under so many changes, and time each metric's share.")
    var incremental: Int?

    /// Kernels that took longer are not run again for a better time.
    private static let patienceSeconds = 10.0

    func run() throws {
        let ends = try Self.integers(in: graph)
        let sources = stride(from: 0, to: ends.count, by: 2).map { ends[$0] }
        let targets = stride(from: 1, to: ends.count, by: 2).map { ends[$0] }
        let keys = (0..<Int64(nodes)).map { NodeKey($0) }
        if let incremental {
            var changes = try IncrementalBenchmark(keys: keys, sources: sources, targets: targets)
            try changes.run(count: incremental)
            return
        }
        if let csv, isChosen("load") {
            try measure("load") {
                let list = try EdgeList(file: csv)
                guard case .integers(let names) = list.names else { return GraphSnapshot?.none }
                return GraphSnapshot(
                    keys: names.map { NodeKey($0) }, sources: list.sources, targets: list.targets,
                    threadCount: threads)
            }
        }
        let before = residentByteCount()
        let snapshot = GraphSnapshot(
            keys: keys, sources: sources, targets: targets, threadCount: threads)
        // Tells the truth where the allocator hands everything freed back; see run.py.
        let memory = residentByteCount() - before
        if isChosen("build") {
            try measure("build", more: ["bytes": Double(memory)]) {
                GraphSnapshot(
                    keys: keys, sources: sources, targets: targets, threadCount: threads)
            }
        }
        for kernel in Kernel.all(
            snapshot, threads: threads, sourceCount: self.sources,
            chosenSources: try chosenSources(snapshot))
        where isChosen(kernel.name) {
            let outcome = try measure(kernel.name, kernel.run)
            try keep(outcome, of: kernel.name, snapshot)
        }
    }

    private func isChosen(_ name: String) -> Bool {
        only.map { $0.split(separator: ",").contains(Substring(name)) } ?? true
    }

    /// The sources of betweenness as positions of the snapshot; nil for all.
    private func chosenSources(_ snapshot: GraphSnapshot) throws -> [Int32]? {
        guard let sourceFile else { return nil }
        return try Self.integers(in: sourceFile).compactMap { key in
            snapshot.position(of: NodeKey(Int64(key))).map { Int32($0) }
        }
    }

    @discardableResult
    private func measure<Value>(
        _ name: String, more: [String: Double] = [:], _ body: () throws -> Value
    ) throws -> Value {
        var best = Double.infinity
        var spent = 0.0
        var result: Value
        var run = 0
        repeat {
            let started = ContinuousClock.now
            result = try body()
            let seconds = (ContinuousClock.now - started) / .seconds(1)
            best = min(best, seconds)
            spent += seconds
            run += 1
        } while run < runs && spent < Self.patienceSeconds
        var line = more
        line["seconds"] = best
        if let outcome = result as? KernelOutcome { line.merge(outcome.more) { $1 } }
        let fields = line.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \($0.value)" }
        print("{\"metric\": \"\(name)\", \(fields.joined(separator: ", "))}")
        fflush(nil)
        return result
    }

    private func keep(_ outcome: KernelOutcome, of name: String, _ snapshot: GraphSnapshot) throws {
        guard let values else { return }
        let ordered = snapshot.inKeyOrder(outcome.values)
        let data = ordered.withUnsafeBytes { Data($0) }
        try data.write(to: URL(filePath: values).appending(path: "\(name).f64"))
    }

    private static func integers(in file: String) throws -> [Int32] {
        try Data(contentsOf: URL(filePath: file)).withUnsafeBytes {
            [Int32]($0.bindMemory(to: Int32.self))
        }
    }

    private func residentByteCount() -> Int {
        let status = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        let pages = status.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return pages * sysconf(Int32(_SC_PAGESIZE))
    }
}
