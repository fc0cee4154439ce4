import AnomalyDetection
import Testing

@testable import AnomalyDetection

@Suite("Groups that only one entity joins")
struct BrokerageTests {
    private static let now = Fixtures.now

    /// Two cliques of `size` whose members all know entity 1, newly.
    private func twoCliques(of size: Int64, links: [(Int64, Int64)] = []) -> ChangeBatch {
        var batch = ChangeBatch(entities: Fixtures.entities(1...(1 + 2 * size)))
        var next: Int64 = 1
        func relate(_ first: Int64, _ second: Int64, daysAgo: Double) {
            batch.relationships.append(
                Fixtures.relationship(
                    next, first, second, time: Self.now - 60 - daysAgo * Fixtures.day))
            next += 1
        }
        for start in [2, 2 + size] {
            for first in start..<(start + size) {
                relate(1, first, daysAgo: 0)
                for second in (first + 1)..<(start + size + 1) where second < start + size {
                    relate(first, second, daysAgo: 30)
                }
            }
        }
        for (first, second) in links { relate(first, second, daysAgo: 30) }
        return batch
    }

    private func brokerage(
        _ batch: ChangeBatch, settings: DetectionSettings = DetectionSettings()
    ) throws -> Brokerage? {
        let detector = try Fixtures.detector(batch, settings: settings)
        return try #require(detector.subject(of: 1, asOf: Self.now)).brokerage
    }

    @Test("Who joins two cliques of five stands between 25 pairs", arguments: [2, 3, 5, 7])
    func pairs(size: Int64) throws {
        let found = try #require(try brokerage(twoCliques(of: size)))
        #expect(found.pairCount == Int(size * size))
        #expect(found.checkedCount == Int(2 * size))
    }

    @Test("A single link between the groups does not make them one")
    func singleLink() throws {
        let found = try #require(try brokerage(twoCliques(of: 5, links: [(2, 7)])))
        #expect((16..<25).contains(found.pairCount))
    }

    @Test("Strangers at a hub are no groups, and the hub does not join them")
    func star() throws {
        var batch = ChangeBatch(entities: Fixtures.entities(1...200))
        batch.relationships = (2...9).map { Fixtures.relationship($0, 1, $0, time: Self.now - 60) }
        #expect(try brokerage(batch)?.pairCount == 1)
        // All of them know 200, and so does everybody.
        batch.relationships += (2...150).map {
            Fixtures.relationship(1000 + $0, $0, 200, time: Self.now - Fixtures.day)
        }
        #expect(try brokerage(batch)?.pairCount == 1)
        var settings = DetectionSettings()
        settings.bridgeHubDegree = 500
        #expect(try brokerage(batch, settings: settings)?.pairCount == 0)
    }

    @Test("It is silent below four neighbours and where nothing is new")
    func silence() throws {
        var batch = ChangeBatch(entities: Fixtures.entities(1...9))
        batch.relationships = (2...4).map { Fixtures.relationship($0, 1, $0, time: Self.now - 60) }
        #expect(try brokerage(batch) == nil)
        batch.relationships = (2...9).map {
            Fixtures.relationship($0, 1, $0, time: Self.now - 3 * Fixtures.day)
        }
        #expect(try brokerage(batch) == nil)
    }

    @Test("So many neighbours are looked at as the setting says, the newest among them")
    func sample() throws {
        var batch = ChangeBatch(entities: Fixtures.entities(1...100))
        batch.relationships = (2...100).map {
            Fixtures.relationship($0, 1, $0, time: Self.now - Double($0) * 60)
        }
        #expect(try brokerage(batch)?.checkedCount == 16)
        var settings = DetectionSettings()
        settings.bridgeNeighboursMax = 500
        #expect(try brokerage(batch, settings: settings)?.checkedCount == 64)
    }
}
