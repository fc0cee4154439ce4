import AnomalyModels
import GraphEngine
import Testing

@testable import AnomalyDetection

@Suite("Amounts and trust under changes")
struct AmountAndTrustTests {
    private func payment(_ id: Int64, _ amount: Double, from source: Int64 = 1)
        -> RelationshipRecord
    {
        Fixtures.relationship(id, source, 2 + id % 7, weight: amount)
    }

    @Test("Amounts just below the limit are structuring; of its type hardly any are")
    func structuring() throws {
        var batch = ChangeBatch(entities: Fixtures.entities(1...60))
        for id in Int64(1)...40 {
            batch.relationships.append(payment(id, id % 2 == 0 ? 9500 : 120 * Double(id)))
        }
        for id in Int64(100)...900 {
            batch.relationships.append(payment(id, Double(id * 13 % 4000), from: 10 + id % 40))
        }
        let detector = try Fixtures.detector(batch)
        let (node, state) = try #require(detector.live(1))
        let found = try #require(detector.amountReading(of: node, state)?.structuring)
        #expect(found.count == 40)
        #expect(found.nearCount == 20)
        #expect(found.tailProbability < 1e-20)
    }

    @Test("Where nobody pays near a limit the detector of structuring is silent")
    func silence() throws {
        var batch = ChangeBatch(entities: Fixtures.entities(1...10))
        for id in Int64(1)...40 { batch.relationships.append(payment(id, 100 + Double(id))) }
        let detector = try Fixtures.detector(batch)
        let (node, state) = try #require(detector.live(1))
        #expect(detector.amountReading(of: node, state)?.structuring == nil)
    }

    @Test("Kept counts of amounts are those of the rows, whatever the changes", arguments: 1...6)
    func counts(seed: UInt64) throws {
        var world = RandomWorld(seed: seed)
        var detector = AnomalyDetector(catalog: Fixtures.catalog)
        for _ in 0..<40 { _ = try detector.apply(world.nextBatch()) }
        var (rebuilt, loaded) = (try world.rebuilt(), try world.loaded())
        for other in [rebuilt, loaded] {
            #expect(
                detector.amounts.byType.filter { $0.value.digits.count > 0 }
                    == other.amounts.byType.filter { $0.value.digits.count > 0 })
            for id in detector.entityIDs {
                let nodes = [detector, other].compactMap { $0.live(id)?.node }
                try #require(nodes.count == 2)
                #expect(detector.sentAmounts(of: nodes[0]) == other.sentAmounts(of: nodes[1]))
            }
        }
        let standings = TrustStandings.compute(
            detector.graph, ratingTypes: Fixtures.catalog.ratingTypeCodes)
        #expect(
            standings == TrustStandings.compute(rebuilt.graph, ratingTypes: [3]),
            "standings do not depend on the places of the nodes")
        // Adopted early and changed since, or adopted now: the sums are the same.
        detector.adopt(standings: standings)
        _ = try detector.apply(world.nextBatch())
        rebuilt = try world.rebuilt()
        loaded = try world.loaded()
        for var other in [rebuilt, loaded] {
            other.adopt(standings: standings)
            for id in detector.entityIDs {
                let (node, state) = try #require(detector.live(id))
                let (otherNode, otherState) = try #require(other.live(id))
                let first = detector.trustedRating(of: node, state)
                let second = other.trustedRating(of: otherNode, otherState)
                #expect(first.isNaN == second.isNaN)
                if !first.isNaN { #expect(first == second) }
            }
        }
    }

    @Test("A bad word of a trusted rater counts, that of an unknown one for little")
    func trust() throws {
        var batch = ChangeBatch(entities: Fixtures.entities(1...20))
        var row: Int64 = 1
        func rate(_ source: Int64, _ target: Int64, _ rating: Double) {
            batch.relationships.append(
                Fixtures.relationship(row, source, target, type: 3, weight: rating))
            row += 1
        }
        for source in Int64(2)...10 {
            for target in Int64(2)...10 where target != source { rate(source, target, 8) }
        }
        rate(2, 15, -10)
        rate(16, 17, -10)
        var detector = try Fixtures.detector(batch)
        detector.adopt(
            standings: TrustStandings.compute(detector.graph, ratingTypes: [3]))
        func rating(_ id: Int64) throws -> Double {
            let (node, state) = try #require(detector.live(id))
            return detector.trustedRating(of: node, state)
        }
        #expect(try rating(3) > 7)
        #expect(try rating(15) < rating(17))
        // The word of a stranger is heard, and counts for little.
        let usual = (8.0 * 72 - 20) / 74
        #expect(try rating(17) < usual)
        #expect(try usual - rating(17) < (usual - rating(15)) / 2)
        #expect(try rating(1).isNaN)
    }
}
