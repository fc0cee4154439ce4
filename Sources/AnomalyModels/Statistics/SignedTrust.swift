// S. Kumar, F. Spezzano, V. S. Subrahmanian, C. Faloutsos, "Edge Weight Prediction in Weighted Signed
// Networks", ICDM 2016, 10.1109/ICDM.2016.0033: goodness g(v) = mean over the ratings of v of f(u) w(u, v),
// fairness f(u) = 1 - mean over the ratings by u of |w(u, v) - g(v)| / 2, weights within -1...1. Different
// here: the means that are read are shrunk towards the mean of all ratings, a streaming update moves the
// two ends of a rating only, and raters are weighted by their own standing.

import Foundation

/// What the ratings that entities give each other say about those who receive them.
///
/// Each pair of rater and rated has one rating; a newer one replaces it. An update is O(1) and touches
/// two entities; what follows from it for others waits for ``refresh()``, which is the batch form:
/// after it, the order in which the ratings came leaves no trace in any bit.
package struct SignedTrust: Sendable {
    /// The rounds of fairness and goodness in a refresh.
    package static let roundCount = 20
    /// The pseudo-ratings at the mean of all ratings that each received mean starts with.
    package static let pseudoCount = 2.0

    /// A rating on the scale -1...1 with what it added to its ends' sums.
    struct Rating: Sendable {
        var source, target: Int32
        var weight: Double
        /// f(u) w at the time of the update.
        var goodnessTerm = 0.0
        /// 1 - |w - g(v)| / 2 at the time of the update.
        var fairnessTerm = 0.0
        /// c(u), the standing of the rater at the time of the update.
        var standing = 0.0
    }

    /// The sums over the ratings of one entity.
    struct Sums: Sendable {
        var receivedCount = 0
        var givenCount = 0
        var negativeCount = 0
        /// Σ w received.
        var weight = 0.0
        /// Σ f(u) w received.
        var goodness = 0.0
        /// Σ 1 - |w - g(v)| / 2 given.
        var fairness = 0.0
        /// Σ c(u), Σ c(u) w and Σ c(u) |w| of the negative ratings, received.
        var standing = 0.0
        var trustedWeight = 0.0
        var trustedNegative = 0.0
    }

    private struct Pair: Hashable {
        var source, target: Int32
    }

    /// The rating that is full trust; larger ones count as this.
    package let ratingMax: Double
    private var positions: [Pair: Int] = [:]
    private(set) var ratings: [Rating] = []
    private(set) var entities: [Sums] = []
    /// Σ w and Σ c(u) over all ratings.
    var weightSum = 0.0
    var standingSum = 0.0

    /// No ratings yet.
    package init(ratingMax: Double) {
        precondition(ratingMax > 0 && ratingMax.isFinite, "Full trust is a positive rating.")
        self.ratingMax = ratingMax
    }

    /// The number of pairs with a rating.
    package var ratingCount: Int { ratings.count }

    /// The mean of all ratings, on the scale -1...1; 0 without ratings.
    package var meanRating: Double {
        ratings.isEmpty ? 0 : weightSum / Double(ratings.count)
    }

    /// Adds a rating, or replaces the one of the same pair; a rating that is NaN is skipped.
    ///
    /// Entities are small whole numbers; memory grows with the largest of them.
    ///
    /// - Complexity: O(1).
    package mutating func rate(source: Int32, target: Int32, rating: Double) {
        precondition(source >= 0 && target >= 0, "Entities are numbered from 0.")
        guard !rating.isNaN else { return }
        removeRating(source: source, target: target)
        let needed = Int(max(source, target)) + 1
        if entities.count < needed {
            entities += [Sums](repeating: Sums(), count: needed - entities.count)
        }
        var new = Rating(
            source: source, target: target,
            weight: min(max(rating / ratingMax, -1), 1))
        let (rater, rated) = (Int(source), Int(target))
        new.goodnessTerm = fairness(rater) * new.weight
        new.standing = standing(rater)
        entities[rated].receive(new, sign: 1)
        new.fairnessTerm = 1 - abs(new.weight - paperGoodness(rated)) / 2
        entities[rater].give(new, sign: 1)
        weightSum += new.weight
        standingSum += new.standing
        positions[Pair(source: source, target: target)] = ratings.count
        ratings.append(new)
    }

    /// Takes the rating of a pair back, where there is one.
    ///
    /// - Complexity: O(1).
    package mutating func removeRating(source: Int32, target: Int32) {
        guard let position = positions.removeValue(forKey: Pair(source: source, target: target))
        else { return }
        let old = ratings[position]
        entities[Int(target)].receive(old, sign: -1)
        entities[Int(source)].give(old, sign: -1)
        weightSum -= old.weight
        standingSum -= old.standing
        if let last = ratings.popLast(), position < ratings.count {
            ratings[position] = last
            positions[Pair(source: last.source, target: last.target)] = position
        }
    }

    /// Takes over what a refresh computed, for the ratings in their new order.
    mutating func adopt(_ ratings: [Rating], _ entities: [Sums]) {
        self.ratings = ratings
        self.entities = entities
        for (position, rating) in ratings.enumerated() {
            positions[Pair(source: rating.source, target: rating.target)] = position
        }
    }

    /// f(u): 1 for who has rated nobody.
    func fairness(_ entity: Int) -> Double {
        entities[entity].givenCount > 0
            ? entities[entity].fairness / Double(entities[entity].givenCount) : 1
    }

    /// g(v) as in the paper; 0 for whom nobody has rated.
    func paperGoodness(_ entity: Int) -> Double {
        entities[entity].receivedCount > 0
            ? entities[entity].goodness / Double(entities[entity].receivedCount) : 0
    }

    /// c(u) = max(g, 0) ln(2 + k): the weight of what an entity says about others, where g is its
    /// shrunk goodness and k the ratings that it has received; a stranger counts for little.
    func standing(_ entity: Int) -> Double {
        let count = Double(entities[entity].receivedCount)
        let goodness =
            (entities[entity].goodness + Self.pseudoCount * meanRating)
            / (count + Self.pseudoCount)
        return max(goodness, 0) * log1p(1 + count)
    }
}

extension SignedTrust.Sums {
    fileprivate mutating func receive(_ rating: SignedTrust.Rating, sign: Int) {
        let factor = Double(sign)
        receivedCount += sign
        if rating.weight < 0 {
            negativeCount += sign
            trustedNegative -= factor * rating.standing * rating.weight
        }
        weight += factor * rating.weight
        goodness += factor * rating.goodnessTerm
        standing += factor * rating.standing
        trustedWeight += factor * rating.standing * rating.weight
    }

    fileprivate mutating func give(_ rating: SignedTrust.Rating, sign: Int) {
        givenCount += sign
        fairness += Double(sign) * rating.fairnessTerm
    }
}
