// Y. Liu, J. Xie, "Cauchy Combination Test: A Powerful Test With Analytic p-Value Calculation Under
// Arbitrary Dependency Structures", JASA 115(529), 2020, 10.1080/01621459.2018.1554485. Different
// here: tail probabilities are clipped at 0.5 from above, so that no very normal detector cancels the
// finding of another.

import Foundation

/// One tail probability for a family of detectors that look at the same evidence.
///
/// The smallest one times the number of detectors that speak, at most 1 (Bonferroni). NaN is silence; NaN
/// where none speaks.
package func combineWithinFamily(_ tailProbabilities: [Double]) -> Double {
    let speaking = tailProbabilities.filter { !$0.isNaN }
    guard let smallest = speaking.min() else { return .nan }
    return min(1, smallest * Double(speaking.count))
}

/// One tail probability for families that look at different evidence, one vote each.
///
/// T = mean of tan((0.5 - p) π), and the result is 0.5 - arctan(T) / π, which is at most 0.5. NaN is
/// silence; NaN where none speaks.
package func combineAcrossFamilies(_ tailProbabilities: [Double]) -> Double {
    let speaking = tailProbabilities.filter { !$0.isNaN }
    guard !speaking.isEmpty else { return .nan }
    // tan((0.5 - p) π) = 1 / tan(p π) and 0.5 - arctan(T) / π = arctan(1 / T) / π: these forms lose
    // nothing near 0, where the differences would cancel.
    let total = speaking.reduce(0) { $0 + 1 / tan(min(max($1, 0), 0.5) * .pi) }
    return min(0.5, atan2(Double(speaking.count), total) / .pi)
}

/// The score of a tail probability: min(1, -log10(p) / 5), so one in 100 is 0.4; NaN stays NaN.
package func anomalyScore(tailProbability: Double) -> Double {
    guard !tailProbability.isNaN else { return .nan }
    guard tailProbability > 0 else { return 1 }
    return tailProbability < 1 ? min(1, -log10(tailProbability) / 5) : 0
}
