// M. Abramowitz, I. A. Stegun (eds.), "Handbook of Mathematical Functions", National Bureau of Standards
// 1964, 26.4.4 and 26.4.5: the chi-square distribution of whole degrees is a finite sum.

import Foundation

/// P(X ≥ x) of the chi-square distribution with whole degrees of freedom; NaN for NaN.
///
/// Even degrees ν: e^(-x/2) Σ_{r < ν/2} (x/2)^r / r!. Odd ones: erfc(√(x/2)) and a sum of the same kind.
/// All terms are positive, so nothing cancels far out in the tail.
///
/// - Complexity: O(degrees).
package func chiSquareTail(_ statistic: Double, degrees: Int) -> Double {
    precondition(degrees >= 1, "A chi-square distribution has a degree of freedom.")
    guard !statistic.isNaN else { return .nan }
    let half = max(statistic, 0) / 2
    guard half.isFinite else { return 0 }
    // Each term is the one before times half / (r + offset); the exponential goes into the first one,
    // in logarithms, since it vanishes where the power is still growing.
    let isEven = degrees % 2 == 0
    var sum = isEven ? 0 : erfc(half.squareRoot())
    for r in 0..<(degrees / 2) {
        let power = Double(r) + (isEven ? 0 : 0.5)
        let logarithm = power == 0 ? 0 : power * log(half) - logGamma(power + 1)
        sum += exp(logarithm - half)
    }
    return min(sum, 1)
}

/// ln Γ(x) for positive x.
func logGamma(_ x: Double) -> Double {
    // The C function keeps the sign in a global variable; the reentrant one does not.
    var sign: Int32 = 0
    return lgamma_r(x, &sign)
}
