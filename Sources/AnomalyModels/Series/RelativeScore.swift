/// A score in units of what it usually is: 1.645 times the score over the 90 % quantile of the last ones.
///
/// So scores of different units become comparable to a residual in standard deviations, of which one in
/// ten is larger than 1.645. NaN until 50 scores were seen, and for NaN, which is not learnt from. Each
/// score is judged before it is learnt from.
///
/// - Complexity: an ordered window of the last scores to keep.
package struct RelativeScore: Sendable, Codable, Equatable {
    private var past: SlidingOrder

    /// A scale made of the last `count` scores.
    ///
    /// - Parameter count: At least 50.
    package init(count: Int) {
        precondition(count >= 50, "A scale rests on at least 50 scores.")
        past = SlidingOrder(capacity: count)
    }

    /// The relative score, at most `ResidualDetector.scoreMax`.
    package mutating func update(_ score: Double) -> Double {
        guard !score.isNaN else { return .nan }
        defer { past.append(score) }
        guard past.count >= 50 else { return .nan }
        let relative = ResidualDetector.deviationsAtNinetyPercent * score / past.quantile(0.9)
        return relative.isNaN ? 0 : min(relative, ResidualDetector.scoreMax)
    }
}
