import Foundation

/// The channels' own tail probabilities from a histogram of past scores, in constant time and memory.
///
/// Buckets are thirty-seconds of an octave of 1 + s. At the edge of a bucket p = (scores at or above it
/// + 1) / (n + 1), at s = 0 the scores that are equal count half; between the edges log p is linear.
/// The tail begins at the edge that has at most the tail share above it, or 30 scores where that is more,
/// and falls there as exp(-z / m) with m the mean excess. A count has no largest value, so the shape of
/// a generalised Pareto tail is held at 0: a negative one would end the tail and tie all that lies
/// beyond, and a positive one follows the floods among the calibration's own records.
struct StreamCalibration: Sendable, Equatable {
    /// The records with which a first, provisional calibration is made.
    static let recordCountMin = 100
    /// The scores in the tail, at least.
    static let exceedanceCountMin = 30
    /// Records that are stranger, as -log10 p, do not feed a calibration that is refreshed.
    static let refreshStrangenessMax = 3.0

    static let bucketCount = 1_024
    private static let bucketBits: UInt64 = 5
    static let laneCount = 4

    /// Scores in each bucket, channel by channel.
    var counts: [Int64]
    /// Their sums.
    var sums: [Double]
    /// The records behind the histogram.
    var recordCount = 0
    /// The records behind the calibration in force; 0 before there is one.
    var calibratedCount = 0

    private let recordCountMax: Int
    private let tailShare: Double
    private let refreshes: Bool

    /// -log10 p at the edges of the buckets, bucket by bucket, one lane a channel.
    var edges: [SIMD4<Double>] = []
    /// Where each channel's tail begins, its -log10 p there, and its slope.
    var tailStart = SIMD4<Double>(repeating: .infinity)
    var tailBase = SIMD4<Double>.zero
    var tailSlope = SIMD4<Double>.zero

    init(_ parameters: EdgeStreamDetector.Parameters) {
        recordCountMax = parameters.calibrationCount
        tailShare = parameters.tailShare
        refreshes = parameters.refreshesCalibration
        counts = [Int64](repeating: 0, count: Self.bucketCount * Self.laneCount)
        sums = [Double](repeating: 0, count: counts.count)
    }

    /// -log10 p of each channel's score; NaN before the first calibration.
    ///
    /// Without a floor: it grows with the score for ever, as a ranking wants it.
    @inline(__always)
    func strangeness(_ scores: SIMD4<Double>) -> SIMD4<Double> {
        guard calibratedCount > 0 else { return SIMD4(repeating: .nan) }
        var result = SIMD4<Double>.zero
        edges.withUnsafeBufferPointer { edges in
            for lane in 0..<Self.laneCount {
                let (bucket, share) = Self.position(scores[lane])
                let below = edges[bucket][lane]
                result[lane] = below + (edges[bucket &+ 1][lane] - below) * share
            }
        }
        result.replace(
            with: tailBase + (scores - tailStart) * tailSlope, where: scores .>= tailStart)
        return result
    }

    /// The smallest p that the records behind the calibration support: 1 / (20 n).
    @inline(__always)
    var smallestProbability: Double { 1 / (20 * Double(calibratedCount)) }

    /// The memory of the histogram and the table.
    var byteCount: Int { (counts.count + sums.count + edges.count * Self.laneCount) * 8 }

    /// Takes the scores of a record that was judged with the given strangeness.
    @inline(__always)
    mutating func learn(_ scores: SIMD4<Double>, strangeness: Double) {
        if recordCount >= recordCountMax {
            guard refreshes, !(strangeness > Self.refreshStrangenessMax) else { return }
        }
        add(scores)
    }

    /// Empties the histogram; the calibration in force stays until as many records came again.
    mutating func restart() {
        for index in counts.indices { (counts[index], sums[index]) = (0, 0) }
        recordCount = 0
    }

    private mutating func add(_ scores: SIMD4<Double>) {
        for lane in 0..<Self.laneCount {
            let index = Self.position(scores[lane]).bucket &* Self.laneCount &+ lane
            counts[index] &+= 1
            sums[index] += scores[lane]
        }
        recordCount &+= 1
        // At 100, 200, 400 and so on, and where the calibration is complete.
        let isDoubled = recordCount >= max(Self.recordCountMin, 2 * calibratedCount)
        if recordCount == recordCountMax || isDoubled { fit() }
    }

    /// The bucket of a score and how far the score lies in it; the last bucket has no end.
    @inline(__always)
    private static func position(_ score: Double) -> (bucket: Int, share: Double) {
        // 1 + s = 2^e (1 + m): the exponent and the upper bits of the mantissa are the bucket.
        let bits = (1 + score).bitPattern &- (1.0).bitPattern
        let shift = 52 - bucketBits
        let bucket = Int(truncatingIfNeeded: bits >> shift)
        guard bucket < bucketCount else { return (bucketCount - 1, 1) }
        let share = Double(bits & (1 << shift - 1)) * (1 / Double(1 << shift))
        return (bucket, share)
    }

    /// The score at the lower edge of a bucket.
    private static func edge(_ bucket: Int) -> Double {
        Double(bitPattern: (1.0).bitPattern + UInt64(bucket) << (52 - bucketBits)) - 1
    }

    private mutating func fit() {
        calibratedCount = recordCount
        edges = [SIMD4<Double>](repeating: .zero, count: Self.bucketCount + 1)
        for lane in 0..<Self.laneCount { fit(lane) }
    }

    private mutating func fit(_ lane: Int) {
        let total = Double(recordCount)
        let wanted = max(Int64(Self.exceedanceCountMin), Int64(tailShare * total))
        var above: Int64 = 0
        var sum = 0.0
        var tailCount: Int64 = 0
        var tailSum = 0.0
        var tailBucket = Self.bucketCount
        for bucket in stride(from: Self.bucketCount - 1, through: 1, by: -1) {
            above += counts[bucket * Self.laneCount + lane]
            sum += sums[bucket * Self.laneCount + lane]
            edges[bucket][lane] = -log10((Double(above) + 1) / (total + 1))
            if above <= wanted {
                (tailBucket, tailCount, tailSum) = (bucket, above, sum)
            }
        }
        let zeros = Double(counts[lane])
        edges[0][lane] = -log10((total - zeros / 2 + 1) / (total + 1))
        edges[Self.bucketCount][lane] = edges[Self.bucketCount - 1][lane]
        // One exceedance of 1, the score's own unit, besides those there are: never a mean of 0.
        let start = Self.edge(tailBucket)
        let mean = (tailSum - Double(tailCount) * start + 1) / Double(tailCount + 1)
        tailStart[lane] = start
        tailBase[lane] = edges[tailBucket][lane]
        tailSlope[lane] = M_LOG10E / mean
    }
}
