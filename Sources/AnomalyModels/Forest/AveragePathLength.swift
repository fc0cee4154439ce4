// F. T. Liu, K. M. Ting, Z.-H. Zhou, "Isolation Forest", ICDM 2008, 10.1109/ICDM.2008.17,
// equation 1. The paper estimates the harmonic number by ln(i) + 0.5772; here it is exact, which
// matters for the small counts found in leaves (three rows: 1.667, by the estimate 1.207).

import Foundation

/// The average length of the path to a leaf in a random binary search tree with `count` leaves.
///
/// c(n) = 2 H(n - 1) - 2 (n - 1) / n, and 0 for fewer than two.
package func averagePathLength(_ count: Int) -> Double {
    guard count > 1 else { return 0 }
    let n = Double(count)
    return 2 * harmonicNumber(count - 1) - 2 * (n - 1) / n
}

/// The sum of 1/i for i in 1...n: term by term up to 128, then by its asymptotic series (to 1e-15).
private func harmonicNumber(_ count: Int) -> Double {
    let eulerConstant = 0.577_215_664_901_532_860_6
    if count <= 128 {
        return stride(from: count, through: 1, by: -1).reduce(0) { $0 + 1 / Double($1) }
    }
    let n = Double(count)
    let square = n * n
    return log(n) + eulerConstant + 1 / (2 * n) - 1 / (12 * square) + 1 / (120 * square * square)
}
