import GraphEngine
import Testing

@testable import AnomalyDetection

@Suite("What surrounds a subject")
struct SurroundingsTests {
    /// 1 - 2 and 3 - 1 by resolves_to, 1 - 4 by owns, 3 - 5 and 4 - 5 by resolves_to.
    private func detector() throws -> AnomalyDetector {
        let risks = [0.1, 0.2, 0.6, 0.9, 0.5]
        var entities = Fixtures.entities(1...5)
        for (place, risk) in risks.enumerated() { entities[place].riskScore = risk }
        return try Fixtures.detector(
            ChangeBatch(
                entities: entities,
                relationships: [
                    Fixtures.relationship(1, 1, 2, type: 1),
                    Fixtures.relationship(2, 3, 1, type: 1),
                    Fixtures.relationship(3, 1, 4, type: 2),
                    Fixtures.relationship(4, 3, 5, type: 1),
                    Fixtures.relationship(5, 4, 5, type: 1),
                ]))
    }

    @Test("Means one and two steps away, over all types and by type")
    func means() throws {
        let detector = try detector()
        let node = try #require(detector.graph.nodeIndex(of: NodeKey(1)))
        let values = detector.surroundings(of: node, asOf: 0)
        func risk(_ group: String) -> Double? { values["\(group).risk_score"] }
        // (0.2 + 0.6 + 0.9) / 3, with four digits.
        #expect(risk("neighbours(any)") == 0.5667)
        #expect(risk("neighbours(resolves_to)") == 0.4)
        #expect(risk("neighbours(owns)") == 0.9)
        // 2 leads nowhere else, 3 and 4 to 5.
        #expect(risk("second_neighbours(any)") == 0.5)
        #expect(risk("second_neighbours(resolves_to)") == 0.5)
        #expect(risk("second_neighbours(owns)") == nil)
    }

    @Test("Of a relationship: the traits of its ends, and of their neighbours")
    func ends() throws {
        let detector = try detector()
        let (_, edge) = try #require(detector.liveRelationship(4))
        let values = detector.surroundings(of: edge, asOf: 0)
        #expect(values["source.risk_score"] == 0.6)
        #expect(values["target.risk_score"] == 0.5)
        #expect(values["neighbours(source).risk_score"] == 0.3)
        #expect(values["neighbours(target).risk_score"] == 0.75)
    }

    @Test("Who has no relationship has no surroundings")
    func lonely() throws {
        var detector = try detector()
        _ = try detector.apply(ChangeBatch(entities: [EntityRecord(id: 9, typeCode: 1)]))
        let node = try #require(detector.graph.nodeIndex(of: NodeKey(9)))
        #expect(detector.surroundings(of: node, asOf: 0).isEmpty)
    }
}
