import AnomalyModels
import Foundation

/// How often a combination of true tail probabilities falls below a level by chance.
///
/// The detectors' scores are normal with one correlation between any two, so each p is uniform.
struct CombinationSimulation {
    let draws: Int

    private static let levels = [1e-2, 1e-3, 1e-4]

    func run() {
        print("| detectors | correlation | combination | x 1e-2 | x 1e-3 | x 1e-4 |")
        print("|---|---|---|---|---|---|")
        for count in 3...6 {
            for correlation in [0, 0.5, 0.9] { simulate(count, correlation) }
        }
    }

    private func simulate(_ count: Int, _ correlation: Double) {
        var random = SeededRandom(seed: 1, stream: UInt64(count * 10) + UInt64(correlation * 10))
        let (shared, own) = (correlation.squareRoot(), (1 - correlation).squareRoot())
        var hits = [[Int]](repeating: [0, 0, 0], count: 4)
        var p = [Double](repeating: 0, count: count)
        for _ in 0..<draws {
            let common = shared * random.normal()
            for index in 0..<count {
                p[index] = erfc((common + own * random.normal()) / 2.0.squareRoot()) / 2
            }
            let combined = [
                combineAcrossFamilies(p), combineWithinFamily(p),
                -expm1(Double(count) * log1p(-(p.min() ?? 1))),
                chiSquareTail(-2 * p.reduce(0) { $0 + log($1) }, degrees: 2 * count),
            ]
            for (place, value) in combined.enumerated() {
                for (index, level) in Self.levels.enumerated() where value <= level {
                    hits[place][index] += 1
                }
            }
        }
        let names = ["Cauchy, clipped", "smallest, Bonferroni", "smallest, Sidak", "Fisher"]
        for (name, hit) in zip(names, hits) {
            let ratios = zip(hit, Self.levels).map { rounded(Double($0) / Double(draws) / $1, 2) }
            print("| \(count) | \(correlation) | \(name) | \(ratios.joined(separator: " | ")) |")
        }
    }
}

/// A number with so many decimals.
func rounded(_ value: Double, _ places: Int) -> String {
    value.isNaN ? "-" : String(format: "%.\(places)f", value)
}
