import Foundation

/// What the stream knows of one key in one role: its records, and those with a first-time partner.
///
/// Lane 0 counts all records, lane 1 those between a pair that was never seen before. 64 bytes.
struct KeyCounters: Sendable, Equatable {
    /// The key's tag; 0 in an empty place.
    var tag: UInt64 = 0
    /// When the key was last touched, in seconds.
    var last = 0.0
    /// When the key was first seen, in seconds.
    var birth = 0.0
    /// Fills the cache line; always 0.
    private let padding = 0.0
    /// Records, each worth 2^(-age / half-life), as of `last`.
    var fast = SIMD2<Double>.zero
    /// Records since `birth`, hot ones filtered.
    var slow = SIMD2<Double>.zero

    /// The counters of a key that nobody has seen before `time`.
    @inline(__always)
    init(tag: UInt64, birth time: Double) {
        self.tag = tag
        last = time
        birth = time
    }

    /// An empty place.
    init() {}
}

/// The constants of a step, worked out once.
struct StreamRates: Sendable, Equatable {
    private let halfLife: Double
    private let exposurePrior: Double
    private let countPrior: Double
    private let filterThreshold: Double
    private let growthPerSecond: Double
    /// The sum of 2^(-age / half-life) over records at a rate of one a second.
    private let memory: Double

    init(_ parameters: EdgeStreamDetector.Parameters) {
        halfLife = parameters.halfLifeSeconds
        exposurePrior = parameters.priorExposureSeconds
        countPrior = parameters.priorCount
        filterThreshold = parameters.filterThreshold
        growthPerSecond = parameters.growthPerDay / 86_400
        memory = parameters.halfLifeSeconds / M_LN2
    }

    /// The fast counts at `time`, of which `counters.last` is not later.
    @inline(__always)
    func decayed(_ counters: borrowing KeyCounters, _ time: Double) -> SIMD2<Double> {
        guard time > counters.last else { return counters.fast }
        // Beyond 64 half-lives nothing is left; numbers below the normal ones would be slow.
        let halvings = (time - counters.last) / halfLife
        return halvings < 64 ? counters.fast * exp2(-halvings) : .zero
    }

    /// The fast counts that the slow ones let expect at `time`.
    @inline(__always)
    func expected(_ counters: borrowing KeyCounters, _ time: Double) -> SIMD2<Double> {
        counters.slow * (memory / (time - counters.birth + exposurePrior)) + countPrior
    }

    /// The slow counts that let expect the fast counts `level` at `time`; at least those there are.
    func slow(
        _ counters: borrowing KeyCounters, expecting level: SIMD2<Double>, _ time: Double
    ) -> SIMD2<Double> {
        let exposure = time - counters.birth + exposurePrior
        return pointwiseMax(counters.slow, (level - countPrior) * (exposure / memory))
    }

    /// Counts a record at `time`, learns from it, and says how far it exceeds what was expected.
    ///
    /// Score: (f - μ) / √μ above the expectation μ, else 0, with the record itself in f.
    @inline(__always)
    func step(
        _ record: SIMD2<Double>, at time: Double, in counters: inout KeyCounters
    ) -> EdgeStreamCounters.Step {
        let fast = decayed(counters, time) + record
        let expected = expected(counters, time)
        let scores = pointwiseMax((fast - expected) / expected.squareRoot(), .zero)
        // A hot record adds only as much as keeps the learnt rate; with growth, a little more.
        var share = SIMD2<Double>.one
        let growth = 1 + growthPerSecond * (time - counters.birth + exposurePrior)
        let filtered = pointwiseMin(expected / fast * growth, .one)
        share.replace(with: filtered, where: scores .>= filterThreshold)
        counters.fast = fast
        counters.slow += record * share
        counters.last = time
        return EdgeStreamCounters.Step(scores: scores, counts: fast, expected: expected)
    }
}
