extension SignedTrust {
    /// What the ratings say about one entity; larger is worse.
    ///
    /// NaN, silence, for whom nobody has rated.
    package struct Scores: Sendable, Equatable {
        /// -(Σ w + 2 w₀) / (k + 2): the mean rating received, shrunk towards that of all ratings.
        package var badMean: Double
        /// The share of negative ratings among those received.
        package var negativeShare: Double
        /// -(k g + 2 w₀) / (k + 2): the goodness of the paper, shrunk in the same way.
        package var badGoodness: Double
        /// -(Σ c w + 2 c₀ w₀) / (Σ c + 2 c₀): the detector's own score.
        ///
        /// The mean rating weighted by the standing c of the raters, shrunk in the same way; c₀ is the
        /// mean standing behind a rating.
        package var badTrustedMean: Double
        /// Σ c |w| over the negative ratings received.
        package var trustedNegativeWeight: Double
    }

    /// The scores of an entity; NaN where it has no ratings.
    package func scores(of entity: Int32) -> Scores {
        precondition(entity >= 0, "Entities are numbered from 0.")
        guard Int(entity) < entities.count, entities[Int(entity)].receivedCount > 0 else {
            return Scores(
                badMean: .nan, negativeShare: .nan, badGoodness: .nan, badTrustedMean: .nan,
                trustedNegativeWeight: .nan)
        }
        let sums = entities[Int(entity)]
        let count = Double(sums.receivedCount)
        let mean = meanRating
        let shrunk = count + Self.pseudoCount
        let usualStanding = standingSum / Double(ratings.count)
        let standing = sums.standing + Self.pseudoCount * usualStanding
        return Scores(
            badMean: -(sums.weight + Self.pseudoCount * mean) / shrunk,
            negativeShare: Double(sums.negativeCount) / count,
            badGoodness: -(sums.goodness + Self.pseudoCount * mean) / shrunk,
            badTrustedMean: standing > 0
                ? -(sums.trustedWeight + Self.pseudoCount * usualStanding * mean) / standing : .nan,
            trustedNegativeWeight: sums.trustedNegative)
    }

    /// The fairness of a rater in 0...1, as of the last refresh and the rater's own ratings since;
    /// NaN for who has rated nobody.
    package func fairness(of entity: Int32) -> Double {
        precondition(entity >= 0, "Entities are numbered from 0.")
        guard Int(entity) < entities.count, entities[Int(entity)].givenCount > 0 else {
            return .nan
        }
        return fairness(Int(entity))
    }

    /// The goodness of the paper in -1...1, not shrunk; NaN for whom nobody has rated.
    package func goodness(of entity: Int32) -> Double {
        precondition(entity >= 0, "Entities are numbered from 0.")
        guard Int(entity) < entities.count, entities[Int(entity)].receivedCount > 0 else {
            return .nan
        }
        return paperGoodness(Int(entity))
    }
}

extension SignedTrust {
    /// c(u), what the word of an entity about others counts; 0 for who is rated badly.
    package func standing(of entity: Int32) -> Double {
        precondition(entity >= 0, "Entities are numbered from 0.")
        return Int(entity) < entities.count ? standing(Int(entity)) : 0
    }

    /// c₀, the mean standing behind a rating; 0 without ratings.
    package var meanStanding: Double {
        ratings.isEmpty ? 0 : standingSum / Double(ratings.count)
    }
}
