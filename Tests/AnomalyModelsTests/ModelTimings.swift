import AnomalyModels
import Foundation
import Testing

/// Figures, not facts: run with VIGIL_BENCHMARK=1 and in release, see Benchmarks/models/README.md.
@Suite(
    "Timings of the models", .serialized,
    .enabled(
        if: ProcessInfo.processInfo.environment["VIGIL_BENCHMARK"] != nil,
        "Timings are taken where VIGIL_BENCHMARK is set."))
struct ModelTimings {
    private let rows = FeatureMatrix.random(
        rowCount: 10_000, columnCount: 18, missingShare: 0.05, seed: 1)

    @Test("Fitting 100 trees of 256 rows, scoring, and explaining")
    func forest() throws {
        let parameters = IsolationForest.Parameters(seed: 1)
        let forest = try IsolationForest.fit(rows, parameters: parameters)
        print("nodes \(forest.nodes.nodeCount)")
        try report("fit, one thread", count: 1) {
            _ = try IsolationForest.fit(rows, parameters: parameters)
        }
        try report("fit, two threads", count: 1) {
            _ = try IsolationForest.fit(rows, parameters: parameters, threadCount: 2)
        }
        var sum = 0.0
        let single = (0..<1_000).map { rows.row($0) }
        report("score, row by row", count: 1_000) {
            for row in single { sum += forest.score(row) }
        }
        let batch = rows.selecting(rows: Array(0..<1_000))
        report("score, batch of 1,000, one thread", count: 1_000) {
            sum += forest.scores(batch)[0]
        }
        report("score, batch of 10,000, two threads", count: 10_000) {
            sum += forest.scores(rows, threadCount: 2)[0]
        }
        report("contributions", count: 1_000) {
            for row in single { sum += forest.contributions(of: row).contributions[0] }
        }
        let scores = forest.scores(rows)
        report("calibration of 10,000 scores", count: 1) {
            sum += TailCalibration.fit(scores)?.threshold ?? 0
        }
        let calibration = try #require(TailCalibration.fit(scores))
        report("tail probability", count: 10_000) {
            for score in scores { sum += calibration.tailProbability(score) }
        }
        let bytes = ModelArchive(tensors: forest.tensors()).encoded()
        print("archive \(bytes.count) bytes")
        try report("archive read and validated", count: 1) {
            let archive = try ModelArchive(decoding: bytes)
            sum += try IsolationForest(tensors: archive.tensors, parameters: parameters)
                .expectedPathLength
        }
        #expect(sum.isFinite)
    }

    /// Prints the microseconds for each of `count` things in the fastest of 21 runs, which other work
    /// on the machine disturbs least.
    private func report(_ name: String, count: Int, _ body: () throws -> Void) rethrows {
        var seconds: [Double] = []
        for _ in 0..<21 {
            let duration = try ContinuousClock().measure(body)
            seconds.append(duration / .seconds(1))
        }
        let fastest = (seconds.min() ?? .nan) * 1e6 / Double(count)
        print("\(name): \((fastest * 100).rounded() / 100) us")
    }
}
