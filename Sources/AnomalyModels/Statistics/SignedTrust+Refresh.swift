import Foundation

extension SignedTrust {
    /// One rating of the batch form.
    package struct Rated: Sendable, Equatable {
        /// Who rates, and who is rated.
        package var source, target: Int32
        /// How.
        package var rating: Double

        /// A rating of these parts.
        package init(source: Int32, target: Int32, rating: Double) {
            self.source = source
            self.target = target
            self.rating = rating
        }
    }

    /// The batch form: all ratings, the last one of each pair, refreshed.
    package init(_ ratings: some Sequence<Rated>, ratingMax: Double) {
        self.init(ratingMax: ratingMax)
        for rated in ratings {
            rate(source: rated.source, target: rated.target, rating: rated.rating)
        }
        refresh()
    }

    /// Computes fairness, goodness and all sums anew, in 20 rounds from fairness 1.
    ///
    /// - Complexity: O(ratings · rounds).
    package mutating func refresh() {
        var rows = ratings.sorted { ($0.target, $0.source) < ($1.target, $1.source) }
        let bySource = rows.indices.sorted {
            (rows[$0].source, rows[$0].target) < (rows[$1].source, rows[$1].target)
        }
        var sums = [Sums](repeating: Sums(), count: entities.count)
        var total = 0.0
        for row in rows {
            sums[Int(row.target)].receivedCount += 1
            sums[Int(row.target)].weight += row.weight
            if row.weight < 0 { sums[Int(row.target)].negativeCount += 1 }
            sums[Int(row.source)].givenCount += 1
            total += row.weight
        }
        var fairness = [Double](repeating: 1, count: sums.count)
        for _ in 0..<Self.roundCount { Self.round(&rows, bySource, &sums, &fairness) }
        weightSum = total
        adopt(rows, sums)
        weighRaters()
    }

    /// Goodness from fairness, then fairness from goodness.
    private static func round(
        _ rows: inout [Rating], _ bySource: [Int], _ sums: inout [Sums],
        _ fairness: inout [Double]
    ) {
        for entity in sums.indices {
            sums[entity].goodness = 0
            sums[entity].fairness = 0
        }
        for index in rows.indices {
            rows[index].goodnessTerm = fairness[Int(rows[index].source)] * rows[index].weight
            sums[Int(rows[index].target)].goodness += rows[index].goodnessTerm
        }
        for index in bySource {
            let rated = sums[Int(rows[index].target)]
            let goodness = rated.goodness / Double(rated.receivedCount)
            rows[index].fairnessTerm = 1 - abs(rows[index].weight - goodness) / 2
            sums[Int(rows[index].source)].fairness += rows[index].fairnessTerm
        }
        for entity in sums.indices where sums[entity].givenCount > 0 {
            fairness[entity] = sums[entity].fairness / Double(sums[entity].givenCount)
        }
    }

    /// The sums that weigh each rating by the standing of its rater.
    private mutating func weighRaters() {
        let standings = entities.indices.map(standing)
        var (rows, sums) = (ratings, entities)
        var total = 0.0
        for index in rows.indices {
            let standing = standings[Int(rows[index].source)]
            let target = Int(rows[index].target)
            rows[index].standing = standing
            sums[target].standing += standing
            sums[target].trustedWeight += standing * rows[index].weight
            if rows[index].weight < 0 {
                sums[target].trustedNegative -= standing * rows[index].weight
            }
            total += standing
        }
        standingSum = total
        adopt(rows, sums)
    }
}
