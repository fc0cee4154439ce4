import AnomalyModels
import Foundation

/// Proposes where to look next from the trials so far, larger values being better.
///
/// J. Bergstra, R. Bardenet, Y. Bengio, B. Kegl, Algorithms for hyper-parameter optimization, NIPS 24,
/// 2011: the trials are parted into the best ones and the others; l is a density over the former, g
/// over the latter; of some points drawn from l the one with the largest l / g is proposed, which has the
/// largest expected improvement under them.
///
/// The multivariate variant (S. Falkner, A. Klein, F. Hutter, BOHB, ICML 2018): a trial is one kernel over
/// all parameters, a product over them, where the paper has a mixture for each parameter alone, so that
/// parameters that only do well together are drawn together. The kernels are Gaussian, cut off at the ends of the
/// range, with a bandwidth of 0.2 n^(-1/(d+4)) of it, n points and d parameters, but at least a hundredth
/// and, as in the paper, at most the distance to the ends. A choice keeps half of its weight for itself
/// and spreads the other half over all. A uniform prior has the weight of one trial. The best are a
/// tenth of the trials, rounded up, 25 at most.
///
/// A proposal depends on the seed, its number and the trials of smaller number alone: a study that was
/// interrupted goes on as if it had not been.
package struct TreeParzenEstimator: Sendable {
    /// So many trials are drawn at random first.
    package var randomCount = 10
    /// The share of the trials that count as the best, and how many at most.
    package var bestShare = 0.1
    package var bestCountMax = 25
    /// So many points are drawn and compared for one proposal.
    package var candidateCount = 24
    /// The weight of the prior, in trials.
    package var priorWeight = 1.0
    /// The bandwidth of one point alone, as a share of the range.
    package var bandwidth = 0.2

    private let space: SearchSpace
    private let seed: UInt64

    /// An estimator over a space.
    package init(_ space: SearchSpace, seed: UInt64) {
        self.space = space
        self.seed = seed
    }

    /// The point of a trial, from the trials of smaller number.
    package func proposal(number: Int, after trials: [Trial]) -> [String: Double] {
        var random = SeededRandom(seed: seed, stream: 0x7BE0_0000 + UInt64(number))
        let ranked = Self.ranked(trials.filter { $0.number < number })
        guard ranked.count >= max(2, randomCount) else { return space.draw(&random) }
        let bestCount = min(
            bestCountMax, max(1, Int((bestShare * Double(ranked.count)).rounded(.up))))
        let best = density(of: ranked.prefix(bestCount))
        let others = density(of: ranked.dropFirst(bestCount))
        var proposal: (point: [Double], gain: Double)?
        for _ in 0..<max(1, candidateCount) {
            let point = best.draw(&random)
            let gain = best.logDensity(at: point) - others.logDensity(at: point)
            if gain > proposal?.gain ?? -.infinity { proposal = (point, gain) }
        }
        guard let proposal else { return space.draw(&random) }
        var values: [String: Double] = [:]
        for (parameter, place) in zip(space.parameters, proposal.point) {
            values[parameter.name] = parameter.domain.value(at: place)
        }
        return values
    }

    /// The trials that tell something, the best first.
    ///
    /// Those that were given up come after the complete ones, the later the better.
    private static func ranked(_ trials: [Trial]) -> [Trial] {
        let complete = trials.filter { $0.state == .complete && $0.value?.isNaN == false }
            .sorted { ($1.value ?? 0, $0.number) < ($0.value ?? 0, $1.number) }
        let pruned = trials.filter { $0.state == .pruned && !$0.intermediate.isEmpty }
            .sorted {
                let (first, second) = ($0.intermediate.count, $1.intermediate.count)
                return (second, $1.runningMean(second) ?? 0, $0.number)
                    < (first, $0.runningMean(first) ?? 0, $1.number)
            }
        return complete + pruned
    }

    private func density(of trials: some Collection<Trial>) -> ParzenDensity {
        let points = trials.map { trial in
            space.parameters.map { parameter in
                trial.parameters[parameter.name].map(parameter.domain.place) ?? 0.5
            }
        }
        let dimensions = Double(space.parameters.count)
        let width =
            bandwidth * pow(Double(max(1, points.count)), -1 / (dimensions + 4))
        return ParzenDensity(
            points: points, categoryCounts: space.parameters.map(\.domain.categoryCount),
            bandwidth: max(0.01, width), priorWeight: priorWeight)
    }
}

/// A mixture of product kernels around points of the unit cube, and of the uniform prior.
private struct ParzenDensity {
    let points: [[Double]]
    let categoryCounts: [Int?]
    let bandwidth: Double
    let priorWeight: Double

    private var totalWeight: Double { Double(points.count) + priorWeight }

    func draw(_ random: inout SeededRandom) -> [Double] {
        let place = random.uniform() * totalWeight
        guard Int(place) < points.count else {
            return categoryCounts.map { _ in random.uniform() }
        }
        return zip(points[Int(place)], categoryCounts).map { center, categoryCount in
            if categoryCount != nil {
                return random.uniform() < 0.5 ? center : random.uniform()
            }
            // The quantile of the cut-off normal distribution.
            let low = NormalDistribution.cumulative(-center / bandwidth)
            let high = NormalDistribution.cumulative((1 - center) / bandwidth)
            let drawn = NormalDistribution.quantile(low + random.uniform() * (high - low))
            return min(max(center + bandwidth * drawn, 0), 1)
        }
    }

    func logDensity(at point: [Double]) -> Double {
        let prior = priorWeight / totalWeight
        let sum = points.reduce(prior) { sum, center in
            var product = 1 / totalWeight
            for (place, categoryCount) in categoryCounts.enumerated() {
                product *= kernel(point[place], center[place], categoryCount)
            }
            return sum + product
        }
        return log(max(sum, .leastNormalMagnitude))
    }

    private func kernel(_ value: Double, _ center: Double, _ categoryCount: Int?) -> Double {
        if let count = categoryCount.map(Double.init) {
            // A density over the unit interval, each choice a part of it.
            let isOwn = (value * count).rounded(.down) == (center * count).rounded(.down)
            return isOwn ? 0.5 * count + 0.5 : 0.5
        }
        let mass =
            NormalDistribution.cumulative((1 - center) / bandwidth)
            - NormalDistribution.cumulative(-center / bandwidth)
        return NormalDistribution.density((value - center) / bandwidth) / (bandwidth * mass)
    }
}
