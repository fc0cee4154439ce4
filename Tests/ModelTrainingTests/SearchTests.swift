import AnomalyModels
import Foundation
import Testing

@testable import ModelTraining

@Suite("Search for parameters")
struct SearchTests {
    private func run(
        _ space: SearchSpace, _ method: Search.Method, trials: Int, seed: UInt64,
        _ objective: ([String: Double]) -> Double
    ) -> Search {
        var search = Search(space, method: method, seed: seed)
        for _ in 0..<trials {
            var trial = search.next()
            trial.value = objective(trial.parameters)
            trial.state = .complete
            search.end(trial)
        }
        return search
    }

    /// Branin's function; its least value is 0.397887.
    private func branin(_ point: [String: Double]) -> Double {
        let (x, y) = (point["x"] ?? 0, point["y"] ?? 0)
        let bend = y - 5.1 / (4 * .pi * .pi) * x * x + 5 / .pi * x - 6
        return bend * bend + 10 * (1 - 1 / (8 * .pi)) * cos(x) + 10
    }

    private let braninSpace = SearchSpace([
        .init("x", .float(-5...10)), .init("y", .float(0...15)),
    ])

    /// Hartmann's function of six variables; its least value is -3.32237.
    private func hartmann(_ point: [String: Double]) -> Double {
        let weights = [1.0, 1.2, 3.0, 3.2]
        let scales: [[Double]] = [
            [10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8],
            [17, 8, 0.05, 10, 0.1, 14],
        ]
        let centers: [[Double]] = [
            [1312, 1696, 5569, 124, 8283, 5886], [2329, 4135, 8307, 3736, 1004, 9991],
            [2348, 1451, 3522, 2883, 3047, 6650], [4047, 8828, 8732, 5743, 1091, 381],
        ]
        var sum = 0.0
        for row in 0..<4 {
            var distance = 0.0
            for column in 0..<6 {
                let difference = (point["x\(column)"] ?? 0) - centers[row][column] / 10_000
                distance += scales[row][column] * difference * difference
            }
            sum -= weights[row] * exp(-distance)
        }
        return sum
    }

    private let hartmannSpace = SearchSpace(
        (0..<6).map { SearchSpace.Parameter("x\($0)", .float(0...1)) })

    @Test("The functions have their published minima")
    func minima() {
        #expect(abs(branin(["x": .pi, "y": 2.275]) - 0.397887) < 1e-5)
        let best = [0.20169, 0.150011, 0.476874, 0.275332, 0.311652, 0.6573]
        let point = Dictionary(uniqueKeysWithValues: best.enumerated().map { ("x\($0)", $1) })
        #expect(abs(hartmann(point) + 3.32237) < 1e-5)
    }

    private func meanBest(
        _ method: Search.Method, _ space: SearchSpace, trials: Int,
        _ function: ([String: Double]) -> Double
    ) -> Double {
        let seeds = 1...12 as ClosedRange<UInt64>
        return seeds.reduce(0) { sum, seed in
            let best = run(space, method, trials: trials, seed: seed) { -function($0) }.trials.best
            return sum - (best?.value ?? .nan) / Double(seeds.count)
        }
    }

    @Test("It beats random search at equal trials on Branin's function, over twelve seeds")
    func braninAgainstRandom() {
        let parzen = meanBest(.parzen, braninSpace, trials: 50, branin)
        let random = meanBest(.random, braninSpace, trials: 50, branin)
        #expect(parzen < random, "\(parzen) against \(random)")
        #expect(parzen < 0.397887 + 0.35)
    }

    @Test("It beats random search at equal trials on Hartmann's function, over twelve seeds")
    func hartmannAgainstRandom() {
        let parzen = meanBest(.parzen, hartmannSpace, trials: 80, hartmann)
        let random = meanBest(.random, hartmannSpace, trials: 80, hartmann)
        #expect(parzen < random - 0.4, "\(parzen) against \(random)")
    }

    private let mixed = SearchSpace([
        .init("rate", .logFloat(0.001...1)), .init("trees", .logInt(10...1000)),
        .init("depth", .int(2...6)), .init("kind", .categorical(["a", "b", "c"])),
    ])

    private func objective(_ point: [String: Double]) -> Double {
        let rate = log10(point["rate"] ?? 1) + 2
        return -rate * rate - abs((point["depth"] ?? 0) - 4) - (point["kind"] == 1 ? 0 : 1)
    }

    @Test("Every proposal lies in the space, and good choices come more often")
    func mixedSpace() {
        let trials = run(mixed, .parzen, trials: 60, seed: 3, objective).trials
        for trial in trials {
            let values = trial.parameters
            #expect((0.001...1).contains(values["rate"] ?? 0))
            #expect((10...1000).contains(values["trees"] ?? 0))
            #expect([2, 3, 4, 5, 6].contains(values["depth"] ?? 0))
            #expect([0, 1, 2].contains(values["kind"] ?? -1))
        }
        #expect(trials.suffix(30).count { $0.parameters["kind"] == 1 } > 18)
        #expect(
            mixed.text(of: ["rate": 0.01, "trees": 50, "depth": 4, "kind": 1])
                == "rate 0.01, trees 50, depth 4, kind b")
    }

    @Test("Places and values are inverse to each other, and ends are as likely as the others")
    func domains() {
        for domain in mixed.parameters.map(\.domain) {
            for place in [0, 0.1, 0.35, 0.5, 0.77, 1] {
                let value = domain.value(at: place)
                #expect(abs(domain.value(at: domain.place(of: value)) - value) < 1e-12)
            }
        }
        var random = SeededRandom(seed: 1)
        let depths = (0..<5000).map { _ in mixed.draw(&random)["depth"] ?? 0 }
        for depth in 2...6 {
            #expect((900...1100).contains(depths.count { $0 == Double(depth) }))
        }
    }

    @Test("A study that was interrupted goes on as if it had not been", arguments: [4, 15, 27])
    func resumption(at number: Int) {
        let whole = run(mixed, .parzen, trials: 40, seed: 5, objective).trials
        var stored = Array(whole.prefix(number))
        // The one that was running when the process died.
        stored.append(Trial(number: number, parameters: ["rate": 0.5]))
        var search = Search(mixed, seed: 5, trials: stored.reversed())
        while search.trials.count < 40 {
            var trial = search.next()
            trial.value = objective(trial.parameters)
            trial.state = .complete
            search.end(trial)
        }
        #expect(search.trials == whole)
    }

    @Test("A trial below the median of the others at the same step is given up")
    func pruning() {
        let others = [0.5, 0.6, 0.7, 0.8, 0.9].enumerated().map { number, value in
            Trial(
                number: number, parameters: [:], state: .complete, value: value,
                intermediate: [value - 0.1, value + 0.1])
        }
        let rule = MedianPruning()
        // The running means of the others: 0.4 to 0.8 after one step, 0.5 to 0.9 after two.
        #expect(rule.isHopeless([0.59], among: others))
        #expect(!rule.isHopeless([0.6], among: others))
        #expect(rule.isHopeless([0.6, 0.78], among: others))
        #expect(!rule.isHopeless([0.6, 0.81], among: others))
        #expect(!rule.isHopeless([0], among: Array(others.prefix(4))))
        #expect(!rule.isHopeless([0, 0, 0], among: others))
        #expect(!MedianPruning(stepCountMin: 2).isHopeless([0.1], among: others))
        #expect(rule.isHopeless([.nan], among: others))
    }
}
