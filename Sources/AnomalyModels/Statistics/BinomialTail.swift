// C. Loader, "Fast and Accurate Computation of Binomial Probabilities", 2000: the probability of one
// count from its deviance, so that no large logarithms cancel. The tail is summed from there by the
// ratio of neighbours.

import Foundation

/// P(X ≥ `successes`) of `trials` independent trials with the given chance each; NaN for a NaN chance.
///
/// - Complexity: O(√trials) terms where the count is near the expected one, fewer far out.
package func binomialTail(_ successes: Int, trials: Int, chance: Double) -> Double {
    precondition(trials >= 0, "There is no negative number of trials.")
    guard !chance.isNaN else { return .nan }
    if successes <= 0 { return 1 }
    if successes > trials || chance <= 0 { return 0 }
    if chance >= 1 { return 1 }
    let odds = chance / (1 - chance)
    // The smaller side is summed, so that the larger one loses nothing to it.
    if Double(successes) > Double(trials) * chance {
        var term = binomialProbability(successes, trials, chance)
        var sum = term
        var count = successes
        while count < trials, term > sum * 1e-18 {
            term *= Double(trials - count) / Double(count + 1) * odds
            count += 1
            sum += term
        }
        return min(sum, 1)
    }
    var count = successes - 1
    var term = binomialProbability(count, trials, chance)
    var sum = term
    while count > 0, term > sum * 1e-18 {
        term *= Double(count) / Double(trials - count + 1) / odds
        count -= 1
        sum += term
    }
    return max(0, 1 - sum)
}

/// P(X = count) for a chance strictly between 0 and 1.
func binomialProbability(_ count: Int, _ trials: Int, _ chance: Double) -> Double {
    let (x, n) = (Double(count), Double(trials))
    if count == 0 { return exp(n * log1p(-chance)) }
    if count == trials { return exp(n * log(chance)) }
    let logarithm =
        stirlingError(n) - stirlingError(x) - stirlingError(n - x)
        - deviance(x, n * chance) - deviance(n - x, n * (1 - chance))
    return exp(logarithm) * (n / (2 * .pi * x * (n - x))).squareRoot()
}

/// ln n! less Stirling's formula √(2πn) (n/e)^n.
private func stirlingError(_ n: Double) -> Double {
    guard n > 15 else {
        return logGamma(n + 1) - (n + 0.5) * log(n) + n - 0.5 * log(2 * .pi)
    }
    // The asymptotic series: 1/12n - 1/360n³ + 1/1260n⁵ - 1/1680n⁷ + 1/1188n⁹.
    let square = n * n
    let inner = 1 / 1_260 - (1 / 1_680 - (1 / 1_188) / square) / square
    return (1 / 12 - (1 / 360 - inner / square) / square) / n
}

/// x ln(x / m) + m - x, without cancellation where x is near m.
private func deviance(_ x: Double, _ m: Double) -> Double {
    let ratio = (x - m) / (x + m)
    guard abs(ratio) < 0.1 else { return x * log(x / m) + m - x }
    // ln(x / m) = 2 artanh(ratio), whose series gives the deviance term by term.
    var sum = (x - m) * ratio
    var power = 2 * x * ratio
    for order in 1..<100 {
        power *= ratio * ratio
        let next = sum + power / Double(2 * order + 1)
        if next == sum { break }
        sum = next
    }
    return sum
}
