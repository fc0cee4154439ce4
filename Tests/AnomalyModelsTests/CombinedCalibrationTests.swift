import AnomalyModels
import Foundation
import Testing

@Suite("Calibration of combinations and of public tables")
struct CombinedCalibrationTests {
    /// Uniform p of normal scores with one correlation between any two.
    private func falseAlarms(
        detectors count: Int, correlation: Double, level: Double, draws: Int, seed: UInt64,
        combine: ([Double]) -> Double
    ) -> Double {
        var random = SeededRandom(seed: seed)
        var hits = 0
        for _ in 0..<draws {
            let common = correlation.squareRoot() * random.normal()
            let p = (0..<count).map { _ in
                let z = common + (1 - correlation).squareRoot() * random.normal()
                return erfc(z / 2.0.squareRoot()) / 2
            }
            if combine(p) <= level { hits += 1 }
        }
        return Double(hits) / Double(draws) / level
    }

    @Test(
        "Across families one in 100 is at most 1.2 in 100, whatever the correlation",
        arguments: [3, 6], [0, 0.5, 0.9])
    func across(detectors: Int, correlation: Double) {
        let ratio = falseAlarms(
            detectors: detectors, correlation: correlation, level: 0.01, draws: 40_000, seed: 1,
            combine: combineAcrossFamilies)
        // 400 hits: three standard deviations are 0.15.
        #expect(ratio > 0.85 && ratio < 1.35, "\(ratio)")
    }

    @Test("Within a family the smallest, corrected, is never too bold", arguments: [0, 0.5, 0.9])
    func within(correlation: Double) {
        let ratio = falseAlarms(
            detectors: 4, correlation: correlation, level: 0.01, draws: 40_000, seed: 2,
            combine: combineWithinFamily)
        #expect(ratio < 1.15, "\(ratio)")
    }

    @Test(
        "A silent family changes nothing, an unclipped normal one would", arguments: [1e-2, 1e-4])
    func silence(p: Double) {
        #expect(combineAcrossFamilies([p, .nan]) == combineAcrossFamilies([p]))
        #expect(combineAcrossFamilies([p, 0.9999]) < 2.1 * p)
    }

    @Test("The floor lets 60 rows say high and 500 critical; with 59 there is no tail, so nothing")
    func reachable() throws {
        func highest(_ count: Int) throws -> Severity {
            let scores = (0..<count).map { -log(1 - (Double($0) + 0.5) / Double(count)) }
            let calibration = try #require(TailCalibration.fit(scores))
            let p = calibration.tailProbability(1e9)
            #expect(p == calibration.smallestProbability)
            return Severity(score: anomalyScore(tailProbability: p))
        }
        #expect(try highest(59) == .low && highest(60) == .high)
        #expect(try highest(499) == .high && highest(500) == .critical)
    }

    @Test(
        "On public tables p of held-back normal rows is as frequent as it says",
        .enabled(
            if: PublicTables.hasTables(["adbench-cardio", "adbench-thyroid"]),
            "The ADBench tables are missing; VIGIL_DATA names the folder that has them."),
        arguments: ["adbench-cardio", "adbench-thyroid"])
    func publicTables(table: String) throws {
        let (features, labels) = try PublicTables.read(table)
        let normal = features.selecting(rows: labels.indices.filter { !labels[$0] })
        let (runs, count) = (4, 1_000)
        var hits = [0.1: 0, 0.01: 0, 0.001: 0]
        var tested = 0
        for seed in 1...UInt64(runs) {
            var random = SeededRandom(seed: seed)
            let order = random.sample(normal.rowCount, below: normal.rowCount)
            let training = normal.selecting(rows: Array(order[..<count]))
            let forest = try IsolationForest.fit(training, parameters: .init(seed: seed))
            let calibration = try #require(TailCalibration.fit(forest.scores(training)))
            let heldBack = normal.selecting(rows: Array(order[count...]))
            for score in forest.scores(heldBack) {
                let p = calibration.tailProbability(score)
                for level in hits.keys where p <= level { hits[level, default: 0] += 1 }
                tested += 1
            }
        }
        for (level, hit) in hits {
            // Chance of the rows behind the calibrations and of those tested: three standard
            // deviations, times 1.5.
            let spread =
                (level * (1 - level) * (1 / Double(tested) + 1 / Double(runs * count))).squareRoot()
            let share = Double(hit) / Double(tested)
            print("\(table): \(share / level) times \(level)")
            #expect(share < level + 1.5 * 3 * spread)
            if level > 0.001 { #expect(share > level - 1.5 * 3 * spread) }
        }
    }
}
