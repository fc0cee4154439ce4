import AnomalyModels
import ArgumentParser
import Foundation

/// What the statistics' own probabilities are worth by simulation, and what an update costs.
struct StatisticsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "statistics",
        abstract: "Simulate Benford's law, structuring and CUSUM; time the streaming forms.")

    @Option(help: "Simulated entities of each kind.")
    var entities = 20_000

    func run() throws {
        benford()
        structuring()
        changes()
        try times()
    }

    private func benford() {
        print(
            "| amounts | spread of log10 | judged % | p <= 1e-2, x | p <= 1e-3, x | mean deviation |"
        )
        print("|---|---|---|---|---|---|")
        var random = SeededRandom(seed: 1)
        for spread in [0.22, 0.4, 0.5, 1] {
            row("log-normal", spread, 50) { pow(10, 2 + spread * random.normal()) }
        }
        for count in [50, 100, 1_000] {
            // Uniform over whole decades follows the law.
            row("uniform", 1.15, count) { pow(10, 4 * random.uniform()) }
        }
    }

    private func row(_ name: String, _ spread: Double, _ count: Int, _ draw: () -> Double) {
        var (judged, hundredth, thousandth, deviation) = (0.0, 0.0, 0.0, 0.0)
        for _ in 0..<entities {
            let digits = FirstDigits((0..<count).map { _ in draw() })
            guard let benford = Benford(digits) else { continue }
            judged += 1
            if benford.tailProbability <= 0.01 { hundredth += 1 }
            if benford.tailProbability <= 0.001 { thousandth += 1 }
            deviation += benford.meanAbsoluteDeviation
        }
        let cells = [
            "\(count), \(name)", "\(spread)", rounded(100 * judged / Double(entities), 1),
            rounded(hundredth / judged / 0.01, 2), rounded(thousandth / judged / 0.001, 2),
            rounded(deviation / judged, 4),
        ]
        print("| \(cells.joined(separator: " | ")) |")
    }

    private func structuring() {
        print("\n| amounts | share near the threshold | found at p <= 1e-3, % |\n|---|---|---|")
        var random = SeededRandom(seed: 2)
        var type = NearThresholdCounts()
        for index in 0..<100_000 { type.add(index % 50 == 0 ? 9_500 : 500) }
        for (count, share) in [(10, 0.3), (20, 0.3), (50, 0.1), (10, 0.02), (50, 0.02)] {
            var found = 0
            for _ in 0..<entities {
                let own = NearThresholdCounts(
                    (0..<count).map { _ in random.uniform() < share ? 9_500 : 500 })
                let result = Structuring(own, type: type)
                if result?.tailProbability ?? 1 <= 0.001 { found += 1 }
            }
            print("| \(count) | \(share) | \(rounded(100 * Double(found) / Double(entities), 2)) |")
        }
    }

    private func changes() {
        print("\n| drift | threshold | shift | steps to the first change |\n|---|---|---|---|")
        var random = SeededRandom(seed: 3)
        for (drift, threshold) in [(0.5, 4.0), (0.5, 5), (1, 10)] {
            for shift in [0.0, 1, 2] where drift < 1 || shift > 1 {
                var total = 0
                let runs = min(entities, 5_000)
                for _ in 0..<runs {
                    var sums = CUSUM(.init(drift: drift, threshold: threshold))
                    while sums.update(random.normal() + shift) == nil {}
                    total += sums.stepCount
                }
                let mean = rounded(Double(total) / Double(runs), 1)
                print("| \(drift) | \(threshold) | \(shift) | \(mean) |")
            }
        }
    }

    private func times() throws {
        print("")
        var random = SeededRandom(seed: 4)
        let count = 100_000
        let values = (0..<count).map { _ in exp(random.normal() * 2 + 4) }
        try Timing.report("benford-update", rows: count, threads: 1, repetitions: 5) {
            _ = FirstDigits(values)
        }
        try Timing.report("cusum-update", rows: count, threads: 1, repetitions: 5) {
            var sums = CUSUM()
            for value in values { _ = sums.update(value) }
        }
        try Timing.report("structuring-update", rows: count, threads: 1, repetitions: 5) {
            _ = NearThresholdCounts(values)
        }
        try Timing.report("amount-update-and-score", rows: count, threads: 1, repetitions: 5) {
            var amounts = AmountDeviation()
            for (index, value) in values.enumerated() {
                amounts.add(value, sender: Int64(index % 1_000), type: 1)
                _ = amounts.score(value, sender: Int64(index % 1_000), type: 1)
            }
        }
        try Timing.report("burst-update", rows: count, threads: 1, repetitions: 5) {
            var burst = Burst()
            for index in 0..<count { burst.update(time: Double(index) * 20) }
        }
        try Timing.report("peer-insert-18-columns", rows: 10_000, threads: 1, repetitions: 3) {
            var peers = PeerDeviation(columnCount: 18)
            for index in 0..<10_000 { peers.insert(Array(values[index..<index + 18]), group: 0) }
        }
        var peers = PeerDeviation(columnCount: 18)
        for index in 0..<10_000 { peers.insert(Array(values[index..<index + 18]), group: 0) }
        try Timing.report("peer-score-18-columns", rows: 1_000, threads: 1, repetitions: 3) {
            for index in 0..<1_000 { _ = peers.score(Array(values[index..<index + 18]), group: 0) }
        }
        try Timing.report("trust-update", rows: count, threads: 1, repetitions: 3) {
            var trust = SignedTrust(ratingMax: 10)
            for index in 0..<count {
                trust.rate(
                    source: Int32(index % 5_003), target: Int32(index % 4_999),
                    rating: Double(index % 21) - 10)
            }
        }
    }
}
