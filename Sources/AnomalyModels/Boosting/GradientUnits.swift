import Foundation

/// The sums of rows' gradients and curvatures, and their number, in whole units.
///
/// The first number counts gradients. The second one counts curvatures in its upper bits and rows in
/// the lower ones, so that a histogram's bin is one vector of 16 bytes.
typealias GradientSum = SIMD2<Int64>

/// The sums of rows' gradients, packed curvatures and numbers, exact curvatures, and weights.
typealias NodeSum = SIMD4<Int64>

/// The units, powers of two, in which no sum over the training rows overflows.
struct GradientUnits: Sendable {
    let gradient: Double
    /// Of the curvature beside the number of rows; coarser, and only used to compare splits.
    let packedCurvature: Double
    /// Of the curvature by itself, from which leaves are computed.
    let curvature: Double
    /// The bits of the number of rows.
    let countBits: Int64

    init(totalWeight: Double, rowCount: Int) {
        let exponent = ceil(log2(totalWeight))
        countBits = Int64(Int.bitWidth - rowCount.leadingZeroBitCount)
        // Sums stay below 2^51, so that doubles hold them: see SplitSearch.
        gradient = exp2(exponent - 50)
        // A row's curvature is at most a quarter of its weight.
        curvature = exp2(exponent - 2 - 61)
        packedCurvature = exp2(exponent - 2 - Double(min(50, 61 - countBits)))
    }

    /// What one row adds to the sums of its nodes.
    func terms(margin: Double, isAnomalous: Bool, weight: Double, weightUnits: Int64) -> NodeSum {
        let p = logistic(margin)
        let slope = weight * (isAnomalous ? p - 1 : p)
        let bend = weight * max(p * (1 - p), 1e-16)
        return NodeSum(
            Int64((slope / gradient).rounded()),
            Int64((bend / packedCurvature).rounded()) << countBits | 1,
            Int64((bend / curvature).rounded()), weightUnits)
    }

    func rowCount(_ sum: NodeSum) -> Int { Int(sum.y & (1 << countBits - 1)) }

    /// The curvature that a node's rows have together.
    func curvature(_ sum: NodeSum) -> Double { Double(sum.z) * curvature }

    /// The Newton step -G / (H + λ), at most 100 either way; 0 without curvature and regularization.
    ///
    /// A row that is told wrong with certainty has next to no curvature, and would throw its leaf
    /// anywhere.
    func step(_ sum: NodeSum, regularization: Double) -> Double {
        let denominator = curvature(sum) + regularization
        guard denominator > 0 else { return 0 }
        return max(-100, min(-Double(sum.x) * gradient / denominator, 100))
    }
}
