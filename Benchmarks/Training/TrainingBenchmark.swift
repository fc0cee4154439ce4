import ArgumentParser
import BenchmarkSupport
import Foundation
import LocalCluster
import PostgresClient
import Sidecar
import Synchronization

/// What a full training costs: seconds of every stage, and the peak of resident memory.
///
/// A sample graph is loaded into a cluster of its own; a second process of this program then does what
/// `vigil train` does, so that the memory is that of the training alone.
@main
struct TrainingBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "training-benchmark",
        abstract: "Measure a full training: seconds of every stage, and the peak of memory.")

    @Option(help: "Entities of the sample graph; it has some five times as many relationships.")
    var entities = 100_000

    @Option(help: "Seed of the sample graph and the model.")
    var seed: UInt64 = 101

    @Option(help: "Threads; by default all cores.")
    var threads: Int?

    @Option(help: "Train on this database instead of a sample graph; stores nothing.")
    var conninfo: String?

    func run() async throws {
        if let conninfo { return try await train(on: conninfo) }
        try await LocalCluster.use { try await load(into: $0) }
    }

    private func load(into cluster: LocalCluster) async throws {
        let conninfo = cluster.conninfo()
        let database = try await PostgresConnection.connect(
            conninfo, applicationName: "training-benchmark")
        let world = try await SampleWorld.load(
            SampleWorld.generate(entityCount: entities, seed: seed), on: database)
        try await database.execute("VACUUM ANALYZE")
        await database.close()
        print(world)
        let training = Process()
        training.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        training.arguments =
            ["--conninfo", conninfo, "--seed", "\(seed)"]
            + (threads.map { ["--threads", "\($0)"] } ?? [])
        try training.run()
        training.waitUntilExit()
        guard training.terminationStatus == 0 else { throw ExitCode.failure }
    }

    private func train(on conninfo: String) async throws {
        let database = try await PostgresConnection.connect(
            conninfo, applicationName: "training-benchmark")
        let clock = StageClock()
        let started = ContinuousClock.now
        let outcome = try await TrainingRun(seed: seed, threadCount: threads).train(on: database) {
            stage, _, _ in clock.enter(stage)
        }
        let total = (ContinuousClock.now - started) / .seconds(1)
        await database.close()
        clock.enter("")
        for (stage, seconds) in clock.stages {
            print("\(stage.padding(toLength: 44, withPad: " ", startingAt: 0))\(text(seconds)) s")
        }
        print("in all".padding(toLength: 44, withPad: " ", startingAt: 0) + "\(text(total)) s")
        print("\(outcome.archive.count) bytes; peak of resident memory \(peakMegabytes()) MB")
    }

    private func text(_ seconds: Double) -> String {
        let text = String(format: "%.2f", seconds)
        return String(repeating: " ", count: max(0, 7 - text.count)) + text
    }

    private func peakMegabytes() -> Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return (line?.split(separator: " ").compactMap { Int($0) }.first ?? 0) / 1024
    }
}

/// How long each stage took, in the order in which they began.
private final class StageClock: Sendable {
    private struct State {
        var stages: [(name: String, seconds: Double)] = []
        var since = ContinuousClock.now
    }

    private let state = Mutex(State())

    var stages: [(name: String, seconds: Double)] {
        state.withLock { $0.stages.filter { !$0.name.isEmpty } }
    }

    func enter(_ stage: String) {
        state.withLock { state in
            guard state.stages.last?.name != stage else { return }
            let now = ContinuousClock.now
            if let last = state.stages.indices.last {
                state.stages[last].seconds += (now - state.since) / .seconds(1)
            }
            state.stages.append((stage, 0))
            state.since = now
        }
    }
}
