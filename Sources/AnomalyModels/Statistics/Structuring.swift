// Structuring: amounts kept just below a threshold from which payments are reported. A one-sided
// binomial test of the share that an entity has there against the share of its type.

import Foundation

/// How many amounts of an entity, or of a type, lie just below each of some thresholds.
///
/// Whole numbers only: any order of additions and removals ends at the counts of what is left.
package struct NearThresholdCounts: Sendable, Equatable {
    /// An amount is near a threshold T in [0.9 T, T).
    package static let nearness = 0.9

    /// The thresholds.
    package let thresholds: [Double]
    /// All positive finite amounts.
    package private(set) var count = 0
    /// The amounts near each threshold.
    package private(set) var nearCounts: [Int]

    /// No amounts yet; thresholds are positive.
    package init(thresholds: [Double] = [10_000]) {
        precondition(
            !thresholds.isEmpty && thresholds.allSatisfy { $0 > 0 && $0.isFinite },
            "Thresholds are positive amounts.")
        self.thresholds = thresholds
        nearCounts = [Int](repeating: 0, count: thresholds.count)
    }

    /// The batch form: all amounts of an array.
    package init(_ amounts: some Sequence<Double>, thresholds: [Double] = [10_000]) {
        self.init(thresholds: thresholds)
        for amount in amounts { add(amount) }
    }

    /// Counts an amount; one that is not positive and finite is skipped.
    package mutating func add(_ amount: Double) { change(amount, by: 1) }

    /// Takes an amount back that was counted.
    package mutating func remove(_ amount: Double) { change(amount, by: -1) }

    private mutating func change(_ amount: Double, by difference: Int) {
        guard amount > 0, amount.isFinite else { return }
        count += difference
        for (index, threshold) in thresholds.enumerated()
        where amount >= Self.nearness * threshold && amount < threshold {
            nearCounts[index] += difference
        }
    }
}

/// What an entity's share of amounts just below a threshold says.
package struct Structuring: Sendable, Equatable {
    /// The fewest amounts that are judged.
    package static let countMin = 10
    /// The least share that is taken for usual.
    package static let usualShareMin = 0.002

    /// The threshold below which the amounts crowd the most.
    package let threshold: Double
    /// The entity's amounts, and those near the threshold.
    package let count, nearCount: Int
    /// The share that the other amounts of its type let expect.
    package let usualShare: Double
    /// P(as many or more near), times the number of thresholds, at most 1: the detector's own p.
    package let tailProbability: Double

    /// The share of the entity's amounts near the threshold.
    package var share: Double { Double(nearCount) / Double(count) }

    /// Compares an entity with its type; nil, silence, below `countMin` amounts.
    ///
    /// The usual share is (near + 1) / (amounts + 1) of the type's other amounts, so that a type with
    /// few of them calls nothing strange, and at least `usualShareMin`.
    ///
    /// - Parameters:
    ///   - entity: The entity's amounts.
    ///   - type: All amounts of its type, the entity's among them; they are taken out first.
    package init?(_ entity: NearThresholdCounts, type: NearThresholdCounts) {
        precondition(entity.thresholds == type.thresholds, "Both count below the same thresholds.")
        guard entity.count >= Self.countMin else { return nil }
        let otherCount = max(type.count - entity.count, 0)
        var best: (index: Int, usual: Double, p: Double) = (0, 1, .infinity)
        for index in entity.thresholds.indices {
            let otherNear = max(type.nearCounts[index] - entity.nearCounts[index], 0)
            let usual = max(
                Self.usualShareMin, Double(otherNear + 1) / Double(otherCount + 1))
            let p = binomialTail(
                entity.nearCounts[index], trials: entity.count, chance: min(usual, 1))
            if p < best.p { best = (index, usual, p) }
        }
        threshold = entity.thresholds[best.index]
        count = entity.count
        nearCount = entity.nearCounts[best.index]
        usualShare = best.usual
        tailProbability = min(1, best.p * Double(entity.thresholds.count))
    }
}
