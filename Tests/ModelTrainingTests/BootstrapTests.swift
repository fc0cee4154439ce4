import AnomalyModels
import Foundation
import Testing

@testable import ModelTraining

@Suite("Bootstrap")
struct BootstrapTests {
    /// Scores of 26 children in a spatial test.
    ///
    /// From B. Efron, R. Tibshirani, An introduction to the bootstrap, 1993, table 14.1, A.
    private let spatialTest = [
        48, 36, 20, 29, 42, 42, 20, 42, 22, 41, 45, 14, 6, 0, 33, 28, 34, 4, 32, 24, 47, 41, 24,
        26, 30, 41,
    ].map(Double.init)

    private func variance(_ values: [Double], _ weights: [Int]) -> Double {
        let count = Double(weights.reduce(0, +))
        let mean = zip(values, weights).reduce(0) { $0 + $1.0 * Double($1.1) } / count
        return zip(values, weights).reduce(0) { $0 + ($1.0 - mean) * ($1.0 - mean) * Double($1.1) }
            / count
    }

    private func interval(_ method: Bootstrap.Method, resampleCount: Int) -> Bootstrap.Interval {
        Bootstrap(resampleCount: resampleCount, level: 0.9, method: method, seed: 1).intervals(
            strata: [Int](repeating: 0, count: 26)
        ) { [variance(spatialTest, $0)] }[0]
    }

    @Test("The variance of the spatial test has the published intervals")
    func publishedIntervals() {
        // Table 14.2, of 2,000 resamples: percentile 100.8 to 233.9, BCa 115.8 to 259.6. Other
        // resamples move the ends by some units.
        let percentile = interval(.percentile, resampleCount: 4000)
        #expect(abs(percentile.estimate - 171.5) < 0.05)
        #expect(abs(percentile.lower - 100.8) < 5 && abs(percentile.upper - 233.9) < 5)
        let accelerated = interval(.accelerated, resampleCount: 4000)
        #expect(abs(accelerated.lower - 115.8) < 6 && abs(accelerated.upper - 259.6) < 8)
    }

    @Test("Strata keep their sizes, and rows of a cluster come together")
    func strataAndClusters() {
        let strata = [0, 0, 0, 0, 1, 1]
        let clusters = [7, 7, 8, 8, 9, 10]
        _ = Bootstrap(resampleCount: 50, method: .percentile, seed: 1).intervals(
            strata: strata, clusters: clusters
        ) { weights in
            #expect(weights[0] == weights[1] && weights[2] == weights[3])
            #expect(weights[0] + weights[2] == 2)
            #expect(weights[4] + weights[5] == 2)
            return []
        }
    }

    @Test("What cannot vary has an interval of one point, what is unknown has none")
    func edges() {
        let bootstrap = Bootstrap(resampleCount: 100, seed: 1)
        let intervals = bootstrap.intervals(strata: [0, 0, 0]) { _ in [0.5, .nan] }
        #expect(intervals[0] == Bootstrap.Interval(estimate: 0.5, lower: 0.5, upper: 0.5))
        #expect(intervals[1].lower.isNaN && intervals[1].upper.isNaN)
        #expect(bootstrap.intervals(strata: []) { _ in [.nan] }[0].lower.isNaN)
    }

    @Test("Nine in ten intervals of 90 % hold the mean of a skewed distribution, about")
    func coverage() {
        var random = SeededRandom(seed: 1)
        var hits = 0
        for seed in 1...100 as ClosedRange<UInt64> {
            let values = (0..<30).map { _ in -log(1 - random.uniform()) }
            let interval = Bootstrap(resampleCount: 200, level: 0.9, seed: seed).intervals(
                strata: [Int](repeating: 0, count: 30)
            ) { weights in
                [zip(values, weights).reduce(0) { $0 + $1.0 * Double($1.1) } / 30]
            }[0]
            if interval.lower <= 1, interval.upper >= 1 { hits += 1 }
        }
        // Three standard errors about 87 %, which is what 30 exponential values allow.
        #expect((77...97).contains(hits))
    }

    @Test("Quantiles of the normal distribution are the published ones")
    func normalQuantiles() {
        // NIST/SEMATECH e-Handbook, 1.3.6.7.1.
        for (probability, value) in [
            (0.5, 0), (0.975, 1.959963984540054), (0.01, -2.3263478740408408),
            (0.001, -3.090232306167813),
        ] {
            #expect(abs(NormalDistribution.quantile(probability) - value) < 1e-12)
            #expect(abs(NormalDistribution.cumulative(value) - probability) < 1e-15)
        }
    }
}
