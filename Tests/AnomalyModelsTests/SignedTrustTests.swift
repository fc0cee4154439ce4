import Foundation
import Testing

@testable import AnomalyModels

@Suite("Signed trust")
struct SignedTrustTests {
    private func random(_ count: Int, entities: Int, seed: UInt64) -> [SignedTrust.Rated] {
        var random = SeededRandom(seed: seed)
        return (0..<count).map { _ in
            SignedTrust.Rated(
                source: Int32(random.index(below: entities)),
                target: Int32(random.index(below: entities)),
                rating: Double(random.index(below: 21)) - 10)
        }
    }

    @Test("Two raters who disagree about one entity, by hand")
    func byHand() {
        // 0 rates 2 with 1, 1 rates 2 with -1, and 0 rates 3 with 1.
        let trust = SignedTrust(
            [
                .init(source: 0, target: 2, rating: 10), .init(source: 1, target: 2, rating: -10),
                .init(source: 0, target: 3, rating: 10),
            ], ratingMax: 10)
        // With a = f(0) and b = f(1): g(2) = (a - b) / 2, g(3) = a, 3 a = 2 + g(2) and
        // 2 b = 1 - g(2), which is solved by sevenths. 20 rounds come within 1e-9 of it.
        #expect(abs(trust.fairness(of: 0) - 5.0 / 7) < 1e-9)
        #expect(abs(trust.fairness(of: 1) - 3.0 / 7) < 1e-9)
        #expect(abs(trust.goodness(of: 2) - 1.0 / 7) < 1e-9)
        #expect(abs(trust.goodness(of: 3) - 5.0 / 7) < 1e-9)
        #expect(trust.fairness(of: 2).isNaN && trust.goodness(of: 0).isNaN)
        // w₀ = 1/3; entity 2 received 1 and -1: -(0 + 2/3) / 4; one of two is negative.
        let scores = trust.scores(of: 2)
        #expect(abs(scores.badMean + 1.0 / 6) < 1e-15 && scores.negativeShare == 0.5)
        #expect(trust.scores(of: 0).badMean.isNaN && trust.scores(of: 99).badGoodness.isNaN)
    }

    @Test("Fairness and goodness are those of the definition, iterated plainly")
    func definition() {
        let rated = random(400, entities: 40, seed: 1)
        let trust = SignedTrust(rated, ratingMax: 10)
        var weights: [SIMD2<Int>: Double] = [:]
        for row in rated { weights[SIMD2(Int(row.source), Int(row.target))] = row.rating / 10 }
        var fairness = [Double](repeating: 1, count: 40)
        var goodness = [Double](repeating: 0, count: 40)
        for _ in 0..<20 {
            for entity in 0..<40 {
                let received = weights.filter { $0.key[1] == entity }
                guard !received.isEmpty else { continue }
                goodness[entity] =
                    received.reduce(0) { $0 + fairness[$1.key[0]] * $1.value }
                    / Double(received.count)
            }
            for entity in 0..<40 {
                let given = weights.filter { $0.key[0] == entity }
                guard !given.isEmpty else { continue }
                let sum = given.reduce(0) { $0 + abs($1.value - goodness[$1.key[1]]) / 2 }
                fairness[entity] = 1 - sum / Double(given.count)
            }
        }
        for entity in 0..<40 where !trust.goodness(of: Int32(entity)).isNaN {
            #expect(abs(trust.goodness(of: Int32(entity)) - goodness[entity]) < 1e-12)
            #expect(abs(trust.fairness(of: Int32(entity)) - fairness[entity]) < 1e-12)
        }
    }

    @Test("After a refresh, ratings in any order, replaced and taken back, leave the batch's bits")
    func streaming() {
        let rated = random(600, entities: 50, seed: 2)
        var last: [SIMD2<Int32>: SignedTrust.Rated] = [:]
        for row in rated { last[SIMD2(row.source, row.target)] = row }
        let batch = SignedTrust(rated, ratingMax: 10)
        var stream = SignedTrust(ratingMax: 10)
        for (step, row) in random(300, entities: 50, seed: 3).enumerated() {
            stream.rate(source: row.source, target: row.target, rating: row.rating)
            if step == 200 { stream.refresh() }
        }
        for row in random(300, entities: 50, seed: 3) {
            stream.removeRating(source: row.source, target: row.target)
        }
        #expect(stream.ratingCount == 0)
        for row in last.values.sorted(by: { $0.rating > $1.rating }) {
            stream.rate(source: row.source, target: row.target, rating: row.rating)
        }
        stream.refresh()
        #expect(stream.ratingCount == batch.ratingCount)
        #expect(stream.meanRating.bitPattern == batch.meanRating.bitPattern)
        for entity: Int32 in 0..<50 {
            #expect(stream.scores(of: entity) == batch.scores(of: entity))
            #expect(stream.fairness(of: entity) == batch.fairness(of: entity))
        }
    }

    @Test("Means and shares need no refresh; goodness is near without one")
    func lazy() {
        let rated = random(2_000, entities: 60, seed: 4)
        let batch = SignedTrust(rated, ratingMax: 10)
        var stream = SignedTrust(ratingMax: 10)
        for row in rated { stream.rate(source: row.source, target: row.target, rating: row.rating) }
        for entity: Int32 in 0..<60 {
            let (own, all) = (stream.scores(of: entity), batch.scores(of: entity))
            #expect(abs(own.badMean - all.badMean) < 1e-12)
            #expect(own.negativeShare == all.negativeShare)
            #expect(abs(own.badGoodness - all.badGoodness) < 0.1)
        }
    }

    @Test("Ratings beyond full trust count as full trust, and NaN is none")
    func range() {
        var trust = SignedTrust(ratingMax: 5)
        trust.rate(source: 0, target: 1, rating: 50)
        trust.rate(source: 2, target: 1, rating: .nan)
        #expect(trust.ratingCount == 1 && trust.meanRating == 1)
        trust.removeRating(source: 2, target: 1)
        trust.rate(source: 0, target: 1, rating: -50)
        #expect(trust.ratingCount == 1 && trust.meanRating == -1)
        trust.removeRating(source: 0, target: 1)
        #expect(trust.ratingCount == 0 && trust.meanRating == 0)
        trust.refresh()
        #expect(trust.scores(of: 1).badMean.isNaN)
    }
}
