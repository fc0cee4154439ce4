// A. Kolmogorov, "Sulla determinazione empirica di una legge di distribuzione", Giornale dell'Istituto
// Italiano degli Attuari 4, 1933; N. Smirnov, "Table for estimating the goodness of fit of empirical
// distributions", Annals of Mathematical Statistics 19(2), 1948, 10.1214/aoms/1177730256. The correction for
// finite samples is that of M. A. Stephens, "Use of the Kolmogorov-Smirnov, Cramér-von Mises and related
// statistics without extensive tables", Journal of the Royal Statistical Society B 32(1), 1970,
// 10.1111/j.2517-6161.1970.tb00821.x.
//
//     D = sup |F(x) - G(x)|,   P(D ≥ d) ≈ Q((√e + 0.12 + 0.11 / √e) d),   e = n m / (n + m)
//     Q(λ) = 2 Σ over k ≥ 1 of (-1)^(k-1) exp(-2 k² λ²)
//
// With ties it errs on the shy side. One sample may be known by its quantiles alone: what lies between two
// of them may be anywhere there, and is not counted as a distance.

import Foundation

/// The largest distance of the distribution functions of a sorted sample and of sorted quantiles; NaN
/// where one is empty.
///
/// The function of the quantiles may be off by `resolution` between two of them.
package func kolmogorovSmirnovStatistic(
    sorted: [Float], quantiles: [Float], resolution: Double = 0
) -> Double {
    guard !sorted.isEmpty, !quantiles.isEmpty else { return .nan }
    var (first, second) = (0, 0)
    var largest = 0.0
    while first < sorted.count, second < quantiles.count {
        let value = min(sorted[first], quantiles[second])
        while first < sorted.count, sorted[first] == value { first += 1 }
        while second < quantiles.count, quantiles[second] == value { second += 1 }
        let distance =
            Double(first) / Double(sorted.count) - Double(second) / Double(quantiles.count)
        largest = max(largest, abs(distance))
    }
    return max(0, largest - resolution)
}

/// The probability that two samples of these sizes from one distribution are at least so far apart; NaN
/// where the statistic is.
package func kolmogorovSmirnovTail(
    _ statistic: Double, _ firstCount: Double, _ secondCount: Double
) -> Double {
    guard !statistic.isNaN, firstCount > 0, secondCount > 0 else { return .nan }
    let root = (firstCount * secondCount / (firstCount + secondCount)).squareRoot()
    return kolmogorovTail((root + 0.12 + 0.11 / root) * statistic)
}

/// Q(λ), the tail of Kolmogorov's distribution.
func kolmogorovTail(_ lambda: Double) -> Double {
    // Below 0.2 it is 1 to more than 12 digits, and the alternating sum is slow.
    guard lambda >= 0.2 else { return 1 }
    var sum = 0.0
    for k in 1...100 {
        let term = exp(-2 * Double(k * k) * lambda * lambda)
        sum += k % 2 == 1 ? term : -term
        if term < 1e-17 { break }
    }
    return min(1, max(0, 2 * sum))
}
