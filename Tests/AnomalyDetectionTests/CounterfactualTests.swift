import AnomalyModels
import GraphEngine
import Testing

@testable import AnomalyDetection

@Suite("Counterfactuals")
struct CounterfactualTests {
    /// Candidates 1...count, whose judge is this function of those that are left out.
    private func search(
        _ count: Int, trialCountMax: Int = 1000, _ score: @escaping (Set<Int64>) -> Double
    ) -> Counterfactual {
        var search = CounterfactualSearch(
            candidates: (0..<count).map {
                CounterfactualCandidate(id: Int64($0 + 1), typeName: $0 < 4 ? "owns" : "rates")
            }, threshold: 0.5, trialCountMax: trialCountMax
        ) { ids in
            CounterfactualSearch.Outcome(pValue: 0.01, anomalyScore: score(Set(ids)))
        }
        return search.run(pValue: 0.001, anomalyScore: score([]), possessive: "its")
    }

    @Test("The one relationship is found that lowers the score most")
    func single() {
        let found = search(5) { $0.contains(4) ? 0.1 : $0.contains(2) ? 0.3 : 0.7 }
        #expect(found.relationshipIDs == [4])
        #expect(found.anomalyScore == 0.1)
        #expect(found.severity == .low)
        #expect(found.isExhaustive)
        #expect(found.trialCount == 5)
        #expect(found.sentence == "Without its owns relationship 4 its score would be 0.1 (low).")
    }

    @Test(
        "A set is the smallest there is: what is found has the size of what all subsets give",
        arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64])
    func smallest(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<20 {
            // Each relationship takes something, and some only together.
            let shares = (0..<7).map { _ in random.uniform() * 0.25 }
            let pair = (Int64(1 + random.index(below: 7)), Int64(1 + random.index(below: 7)))
            func score(_ without: Set<Int64>) -> Double {
                let lost = without.reduce(0) { $0 + shares[Int($1) - 1] }
                let together = without.contains(pair.0) && without.contains(pair.1) ? 0.2 : 0
                return 0.8 - lost - together
            }
            let found = search(7, score)
            let sizes = (1...3).filter { size in
                CounterfactualSearch.sets(of: size, below: 7).contains { places in
                    score(Set(places.map { Int64($0 + 1) })) < 0.5
                }
            }
            #expect(found.relationshipIDs.count == sizes.first ?? 0)
            #expect(found.isExhaustive || sizes.isEmpty)
            if !found.relationshipIDs.isEmpty {
                #expect(score(Set(found.relationshipIDs)) == found.anomalyScore)
            }
        }
    }

    @Test("Where no set explains it, it says so, and how much was tried")
    func none() {
        let standing = search(6) { _ in 0.9 }
        #expect(standing.relationshipIDs.isEmpty)
        #expect(standing.anomalyScore == 0.9)
        #expect(standing.trialCount == 7)
        #expect(!standing.isExhaustive)
        #expect(
            standing.sentence
                == "It would be an anomaly without any of the 6 relationships that were looked at, too."
        )
        let four = search(6) { $0.count >= 4 ? 0.1 : 0.9 }
        #expect(four.relationshipIDs.isEmpty)
        #expect(four.isExhaustive)
        #expect(four.trialCount == 6 + 1 + 15 + 20)
        #expect(
            four.sentence
                == "No set of up to 3 of the 6 relationships that were looked at explains it.")
        let hasty = search(6, trialCountMax: 10) { $0.count >= 4 ? 0.1 : 0.9 }
        #expect(hasty.trialCount == 10)
        #expect(!hasty.isExhaustive)
        #expect(
            hasty.sentence
                == "No set of up to 3 of the 6 relationships that were looked at was found that explains it."
        )
        #expect(
            search(0) { _ in 0.9 }.sentence == "It has no relationship that could explain it.")
        #expect(search(1) { _ in 0.9 }.relationshipIDs.isEmpty)
    }

    @Test("Relationships of several types are named with theirs")
    func words() {
        let found = search(6) { $0.isSuperset(of: [2, 5, 6]) ? 0.41 : 0.9 }
        #expect(found.relationshipIDs == [2, 5, 6])
        #expect(
            found.sentence
                == "Without its relationships 2 (owns), 5 (rates) and 6 (rates) its score would be 0.41 (medium)."
        )
    }

    @Test("What is supposed is what the changes themselves give, and leaves the detector as it is")
    func supposing() throws {
        var random = SeededRandom(seed: 3)
        let world = try RandomWorld(seed: 11).detector()
        var detector = world
        detector.keepMetrics()
        let before = detector.entityIDs.map { detector.featureVector(of: $0, asOf: Fixtures.now) }
        for _ in 0..<20 {
            let ids = (0..<3).map { _ in Int64(1 + random.index(below: 300)) }
            let batch = ChangeBatch(deletedRelationshipIDs: ids)
            let supposed = try detector.supposing(batch)
            var changed = world
            _ = try changed.apply(batch)
            for id in changed.entityIDs {
                #expect(
                    supposed.featureVector(of: id, asOf: Fixtures.now)?.map(\.bitPattern)
                        == changed.featureVector(of: id, asOf: Fixtures.now)?.map(\.bitPattern))
            }
        }
        let after = detector.entityIDs.map { detector.featureVector(of: $0, asOf: Fixtures.now) }
        #expect(before.map { $0?.map(\.bitPattern) } == after.map { $0?.map(\.bitPattern) })
    }

    @Test("Without the relationship that it names an entity is no anomaly when it is deleted")
    func deletion() throws {
        let rule = try Indicator(
            name: "watched", anomalyType: "relationship", scope: "entity",
            conditionJSON: #"{"signal":"in_degree","op":">=","value":3}"#, weight: 0.7,
            description: "Many point at it", recommendation: "Look at {name}.")
        var detector = try Fixtures.detector(
            ChangeBatch(
                entities: Fixtures.entities(1...5),
                relationships: [
                    Fixtures.relationship(11, 2, 1), Fixtures.relationship(12, 3, 1),
                    Fixtures.relationship(13, 4, 1), Fixtures.relationship(14, 5, 1),
                ]), indicators: [rule])
        let judgement = try #require(detector.judge(1, asOf: Fixtures.now))
        let found = try #require(judgement.anomaly?.explanation.counterfactual)
        #expect(found.relationshipIDs.count == 2, "each alone leaves three")
        #expect(found.isExhaustive)
        #expect(found.pValue.isNaN)
        _ = try detector.apply(ChangeBatch(deletedRelationshipIDs: found.relationshipIDs))
        let without = try #require(detector.judge(1, asOf: Fixtures.now))
        #expect(without.anomaly == nil)
        #expect(without.anomalyScore == found.anomalyScore)
    }
}
