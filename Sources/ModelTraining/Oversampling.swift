import AnomalyModels

/// Positives repeated until they are a share of what is learnt from.
///
/// Only rows of the training part are given, so a copy cannot cross the split: it is the same row again,
/// by its place. Every positive is repeated as often as the others, give or take one.
package enum Oversampling {
    /// The share of positives that is aimed at.
    package static let positiveShare = 0.2

    /// The places of `training` with copies of its positives behind them.
    ///
    /// They are unchanged where there is no positive, or where there are enough.
    package static func rows(
        _ training: [Int], labels: [Bool], positiveShare: Double = positiveShare, seed: UInt64
    ) -> [Int] {
        precondition((0..<1).contains(positiveShare), "the share is from 0 to below 1")
        let positives = training.filter { labels[$0] }
        let negativeCount = training.count - positives.count
        // p / (p + n) >= share; a rounding error must not add one more.
        let exact = positiveShare / (1 - positiveShare) * Double(negativeCount)
        let wanted = Int((exact - 1e-9).rounded(.up))
        guard !positives.isEmpty, wanted > positives.count else { return training }
        let missing = wanted - positives.count
        var copies: [Int] = []
        copies.reserveCapacity(missing)
        for _ in 0..<missing / positives.count { copies += positives }
        var random = SeededRandom(seed: seed, stream: 0x0E55)
        copies += random.sample(missing % positives.count, below: positives.count).sorted()
            .map { positives[$0] }
        return training + copies
    }
}
