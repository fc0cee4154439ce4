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
        let cutCount = column.valueBinCount &- 1
        let missing = column.hasMissing ? bins[cutCount &+ 1] : .zero
        guard missing != .zero else {
            return best(bins, cutCount, from: .zero, total, missingSide: .heavier)
        }
        // Behind the last bin of values the cut is between these and the missing ones.
        let right = best(bins, cutCount &+ 1, from: .zero, total, missingSide: .right)
        let left = best(bins, cutCount, from: missing, total, missingSide: .left)
        return left.score > right.score ? left : right
    }

    /// The best cut behind one of the first bins, with what goes left in any case.
    private func best(
        _ bins: UnsafePointer<GradientSum>, _ cutCount: Int, from start: GradientSum,
        _ total: GradientSum, missingSide: SplitCandidate.MissingSide
    ) -> SplitCandidate {
        var lanes = BestCuts(total: total)
        var sum = start
        var cut = 0
        while cut &+ 4 <= cutCount {
            let a = sum &+ bins[cut]
            let b = a &+ bins[cut &+ 1]
            let c = b &+ bins[cut &+ 2]
            let d = c &+ bins[cut &+ 3]
            consider(a, b, c, d, cut, &lanes)
            sum = d
            cut &+= 4
        }
        if cut < cutCount {
            // Cuts that are not there leave nothing right, which no leaf may do.
            let a = sum &+ bins[cut]
            let b = cut &+ 1 < cutCount ? a &+ bins[cut &+ 1] : total
            let c = cut &+ 2 < cutCount ? b &+ bins[cut &+ 2] : total
            consider(a, b, c, total, cut, &lanes)
        }
        return lanes.first(missingSide)
    }

    /// Compares four cuts with the best ones so far of their lanes.
    @inline(__always)
    private func consider(
        _ a: GradientSum, _ b: GradientSum, _ c: GradientSum, _ d: GradientSum, _ cut: Int,
        _ best: inout BestCuts
    ) {
        let packed = SIMD4(a.y, b.y, c.y, d.y)
        let right = best.packedTotal &- packed
        let bits = SIMD4(repeating: units.countBits)
        let countMask = SIMD4<Int64>(repeating: 1 << units.countBits &- 1)
        let (leftCurvature, rightCurvature) = (packed &>> bits, right &>> bits)
        let least = SIMD4(repeating: leafRowsMin)
        let leastCurvature = SIMD4(repeating: leafCurvatureMin)
        let leftGradient = SIMD4(a.x, b.x, c.x, d.x).smallDoubles
        let rightGradient = best.gradientTotal - leftGradient
        let leftWeight = leftCurvature.smallDoubles + regularization
        let rightWeight = rightCurvature.smallDoubles + regularization
        // Compared as a fraction, so that only the best split pays for a division.
        let numerator =
            leftGradient * leftGradient * rightWeight + rightGradient * rightGradient * leftWeight
        let denominator = leftWeight * rightWeight
        let isBetter =
            (numerator * best.denominator .> best.numerator * denominator)
            .& ((packed & countMask) .>= least) .& ((right & countMask) .>= least)
            .& (leftCurvature .>= leastCurvature) .& (rightCurvature .>= leastCurvature)
        best.numerator.replace(with: numerator, where: isBetter)
        best.denominator.replace(with: denominator, where: isBetter)
        best.block.replace(with: SIMD4(repeating: Int64(cut)), where: isBetter)
    }
}

/// The best cuts so far: those at 0, 4, 8 and so on in the first lane, the next ones in the second.
private struct BestCuts {
    let packedTotal: SIMD4<Int64>
    let gradientTotal: SIMD4<Double>
    var numerator = SIMD4<Double>(repeating: -1)
    var denominator = SIMD4<Double>(repeating: 1)
    var block = SIMD4<Int64>.zero

    init(total: GradientSum) {
        packedTotal = SIMD4(repeating: total.y)
        gradientTotal = SIMD4(repeating: Double(total.x))
    }

    /// The best of all lanes, the first of equal ones.
    func first(_ missingSide: SplitCandidate.MissingSide) -> SplitCandidate {
        var found = SplitCandidate()
        let scores = numerator / denominator
        for lane in 0..<4 {
            let score = scores[lane]
            let cut = Int32(truncatingIfNeeded: block[lane]) &+ Int32(lane)
            if score > found.score || (score == found.score && score >= 0 && cut < found.cut) {
                found = SplitCandidate(score: score, cut: cut, missingSide: missingSide)
            }
        }
        return found
    }
}

extension SIMD4<Int64> {
    /// The numbers as doubles; none is as large as 2^51.
    ///
    /// Added to the bits of 1.5 · 2^52 they are its last bits, where each counts one. The processor has
    /// no instruction for four at once.
    @inline(__always)
    fileprivate var smallDoubles: SIMD4<Double> {
        let base = 0x1.8p52
        let shifted = self &+ SIMD4(repeating: Int64(bitPattern: base.bitPattern))
        return unsafeBitCast(shifted, to: SIMD4<Double>.self) - base
    }
}
