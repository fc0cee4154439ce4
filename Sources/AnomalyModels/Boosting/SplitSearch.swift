/// The best place to divide a node's rows by one column.
struct SplitCandidate: BitwiseCopyable, Sendable {
    /// Which side missing values go to.
    enum MissingSide: UInt8, BitwiseCopyable, Sendable {
        case left, right
        /// The node has none; they will go where the greater weight goes.
        case heavier
    }

    /// G_L² / (H_L + λ) + G_R² / (H_R + λ); negative where nothing can be divided.
    var score = -1.0
    /// The last bin that goes left.
    var cut: Int32 = 0
    var missingSide = MissingSide.heavier
}

/// Looks for the best split of a histogram's bins.
struct SplitSearch: Sendable {
    private let units: GradientUnits
    /// λ in units of the packed curvature.
    private let regularization: Double
    private let leafCurvatureMin: Int64
    private let leafRowsMin: Int64

    init(_ parameters: GradientBoostedTrees.Parameters, units: GradientUnits) {
        self.units = units
        regularization = parameters.regularization / units.packedCurvature
        // A leaf without any curvature and λ would divide by zero.
        let least = (parameters.leafWeightMin / units.packedCurvature).rounded(.up)
        leafCurvatureMin = Int64(min(max(least, 1), 0x1p61))
        leafRowsMin = Int64(parameters.leafRowsMin)
    }

    /// Whether a node's rows suffice for two leaves.
    func canSplit(_ sum: NodeSum) -> Bool {
        units.rowCount(sum) >= 2 * Int(leafRowsMin)
            && sum.y >> units.countBits >= 2 * leafCurvatureMin
    }

    /// What a node counts undivided, on the scale of the candidates' scores.
    func score(_ sum: NodeSum) -> Double {
        let gradient = Double(sum.x)
        return gradient * gradient / (Double(sum.y >> units.countBits) + regularization)
    }

    /// What a difference of scores is in the unit of the loss.
    func gain(scoreDifference: Double) -> Double {
        scoreDifference * units.gradient * units.gradient / units.packedCurvature / 2
    }

    /// The best cut between the bins of one column; the first of equal ones.
    func best(
        _ bins: UnsafePointer<GradientSum>, column: BinnedMatrix.Column, total: GradientSum
    ) -> SplitCandidate {
        var found = SplitCandidate()
        let valueBinCount = column.valueBinCount
        let missing = column.hasMissing ? bins[valueBinCount] : .zero
        let missingSide: SplitCandidate.MissingSide = missing == .zero ? .heavier : .right
        var left = GradientSum.zero
        for cut in 0..<valueBinCount &- 1 {
            let bin = bins[cut]
            // Without rows in the bin the division is that of the cut before.
            if bin == .zero { continue }
            left &+= bin
            consider(left, total, cut, missingSide, &found)
            if missingSide == .right { consider(left &+ missing, total, cut, .left, &found) }
        }
        if missingSide == .right {
            consider(total &- missing, total, valueBinCount &- 1, .right, &found)
        }
        return found
    }

    @inline(__always)
    private func consider(
        _ left: GradientSum, _ total: GradientSum, _ cut: Int,
        _ missingSide: SplitCandidate.MissingSide, _ found: inout SplitCandidate
    ) {
        let right = total &- left
        let countMask: Int64 = 1 << units.countBits &- 1
        let (leftCurvature, rightCurvature) = (
            left.y >> units.countBits, right.y >> units.countBits
        )
        guard left.y & countMask >= leafRowsMin, right.y & countMask >= leafRowsMin,
            leftCurvature >= leafCurvatureMin, rightCurvature >= leafCurvatureMin
        else { return }
        let (leftGradient, rightGradient) = (Double(left.x), Double(right.x))
        let leftWeight = Double(leftCurvature) + regularization
        let rightWeight = Double(rightCurvature) + regularization
        // Compared as a fraction, so that only a better split pays for a division.
        let numerator =
            leftGradient * leftGradient * rightWeight + rightGradient * rightGradient * leftWeight
        let denominator = leftWeight * rightWeight
        guard numerator > found.score * denominator else { return }
        found = SplitCandidate(
            score: numerator / denominator, cut: Int32(truncatingIfNeeded: cut),
            missingSide: missingSide)
    }
}
