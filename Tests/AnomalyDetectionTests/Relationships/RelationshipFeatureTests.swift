import AnomalyModels
import Foundation
import GraphEngine
import Testing

@testable import AnomalyDetection

@Suite("The features of a relationship")
struct RelationshipFeatureTests {
    private static let now = Fixtures.now
    private static let day = Fixtures.day

    /// Two domains and an address; five relationships, of which the first is looked at.
    private func batch(_ record: RelationshipRecord) -> ChangeBatch {
        var batch = ChangeBatch(
            entities: [
                EntityRecord(id: 1, typeCode: 1, confidence: 0.9, riskScore: 0.2),
                EntityRecord(id: 2, typeCode: 1, confidence: 0.7, riskScore: 0.9),
                EntityRecord(id: 3, typeCode: 2, confidence: 0.7),
            ],
            relationships: [record])
        let time = record.firstObserved
        batch.relationships += [
            Fixtures.relationship(2, 2, 1, weight: 10, time: time - 3600),
            Fixtures.relationship(3, 1, 3, type: 1, weight: 10, time: time - 3 * Self.day),
            Fixtures.relationship(4, 2, 3, type: 1, weight: 20, time: time + 7200),
            Fixtures.relationship(5, 1, 2, type: 1, weight: 10, time: .nan),
        ]
        return batch
    }

    private func record(
        time: Double = now - 4 * day, weight: Double = 30, isActive: Bool = true
    ) -> RelationshipRecord {
        RelationshipRecord(
            id: 1, sourceEntityID: 1, targetEntityID: 2, typeCode: 2, confidence: 0.5,
            weight: weight, firstObserved: time, sourceKeys: [7, 8], evidenceCount: 2,
            isActive: isActive)
    }

    @Test("Every feature is what its definition says, computed by hand")
    func byHand() throws {
        let detector = try Fixtures.detector(batch(record()))
        let vector = try #require(detector.relationshipFeatureVector(of: 1, asOf: Self.now))
        #expect(vector[relationship: .confidenceScore] == 0.5)
        #expect(vector[relationship: .confidenceVariance].isNaN)
        #expect(vector[relationship: .sourceDiversity] == 0.4)
        // Others at entity 1: rows 2 (an hour), 3 (days) and 5 (no time); at entity 2: rows 2, 4 (two
        // hours) and 5. So 3 of the 4 that are dated lie within two hours.
        #expect(vector[relationship: .temporalClustering] == 0.75)
        // Weights of type 2 are 30 and 10; the median of their logarithms is that of √300.
        let share = 30 / (30 + 300.0.squareRoot())
        let strength = 1 - (1 - share) * (1 - 0.5)
        #expect(abs(vector[relationship: .strengthMetric] - strength) < 0.01)
        #expect(vector[relationship: .bidirectionality] == 1)
        // Between two domains there are two rows of type 2 and one of type 1.
        #expect(abs(vector[relationship: .relationshipTypeEncoded] + log2(2.0 / 3)) < 1e-12)
        #expect(vector[relationship: .ageDays] == 4)
        #expect(vector[relationship: .updateFrequency] == 0)
        #expect(vector[relationship: .entityDegreeProduct] == log1p(4))
        #expect(abs(vector[relationship: .riskScoreDifference] - 0.7) < 1e-12)
        #expect(abs(vector[relationship: .confidenceAgreement] - 0.7) < 1e-12)
    }

    @Test("What is not known is missing")
    func missing() throws {
        var unknown = record(time: .nan, weight: .nan)
        unknown.confidence = .nan
        unknown.evidenceCount = 0
        var batch = batch(unknown)
        batch.entities[1].riskScore = .nan
        let detector = try Fixtures.detector(batch)
        let vector = try #require(detector.relationshipFeatureVector(of: 1, asOf: Self.now))
        let known: [RelationshipFeature] = [
            .sourceDiversity, .bidirectionality, .relationshipTypeEncoded, .entityDegreeProduct,
        ]
        for feature in RelationshipFeature.allCases {
            #expect(vector[relationship: feature].isNaN != known.contains(feature), "\(feature)")
        }
    }

    @Test("An inactive relationship, or one that is gone, has no features and no judgement")
    func inactive() throws {
        var detector = try Fixtures.detector(batch(record(isActive: false)))
        #expect(detector.relationshipFeatureVector(of: 1, asOf: Self.now) == nil)
        #expect(detector.judge(relationshipID: 1, asOf: Self.now) == nil)
        #expect(detector.relationshipIDs == [2, 3, 4, 5])
        let moved = try detector.apply(
            ChangeBatch(
                relationships: [record()], deletedRelationshipIDs: [2],
                observations: [ObservationRecord(.relationship(3), observedAt: Self.now)]))
        #expect(moved.relationshipIDs == [1, 3])
        #expect(detector.relationshipIDs == [1, 3, 4, 5])
        #expect(detector.relationshipFeatureVector(of: 2, asOf: Self.now) == nil)
    }

    @Test(
        "History gives the variance of the confidence and the frequency of updates, as of any time")
    func history() throws {
        var batch = batch(record(time: Self.now - 10 * Self.day))
        for (days, before, after) in [(8.0, 0.9, 0.5), (2.0, 0.5, 0.1)] {
            batch.observations.append(
                ObservationRecord(
                    .relationship(1), observedAt: Self.now - days * Self.day, confidence: after,
                    confidenceBefore: before))
        }
        let detector = try Fixtures.detector(batch)
        func value(_ feature: RelationshipFeature, daysAgo: Double) throws -> Double {
            let asOf = Self.now - daysAgo * Self.day
            let vector = detector.relationshipFeatureVector(of: 1, asOf: asOf)
            return try #require(vector)[relationship: feature]
        }
        // 0.9, 0.5, 0.1 around 0.5; then 0.9, 0.5 around 0.7; then nothing.
        #expect(abs(try value(.confidenceVariance, daysAgo: 0) - 0.32 / 3) < 1e-7)
        #expect(abs(try value(.confidenceVariance, daysAgo: 5) - 0.04) < 1e-7)
        #expect(try value(.confidenceVariance, daysAgo: 9).isNaN)
        #expect(try value(.updateFrequency, daysAgo: 0) == 0.2)
        #expect(try value(.updateFrequency, daysAgo: 5) == 0.2)
        #expect(try value(.updateFrequency, daysAgo: 9) == 0)
        #expect(try value(.ageDays, daysAgo: 9) == 1)
        let subject = try #require(detector.relationshipSubject(of: 1, asOf: Self.now))
        #expect(abs(subject.signals[.confidenceRange] - 0.8) < 1e-7)
    }

    @Test("A history keeps the newest observations, whatever their order", arguments: [1, 2, 3])
    func histories(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let observations = (0..<100).map { place in
            ObservationRecord(
                .relationship(1), observedAt: Double(place / 2), confidence: random.uniform(),
                confidenceBefore: random.uniform() < 0.3 ? .nan : random.uniform())
        }
        var first = RelationshipHistory()
        var second = RelationshipHistory()
        for observation in observations { first.insert(observation) }
        for observation in observations.shuffled(using: &random) { second.insert(observation) }
        #expect(first == second)
        #expect(first.observations.count == RelationshipHistory.capacity)
        #expect(first.count(through: 49) == 100)
        #expect(first.count(through: 48) == 98)
    }

    @Test("The rows of a hub are kept as they would be counted", arguments: [1, 2])
    func hubs(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var batch = ChangeBatch(entities: Fixtures.entities(1...20))
        for id in Int64(1)...400 {
            batch.relationships.append(hubRow(id, &random))
        }
        var detector = try Fixtures.detector(batch)
        #expect(detector.relationships.hubs.count == 1)
        for step in 0..<8 {
            try expectHubsExact(detector)
            let changed = Set((0..<20).map { _ in Int64(1 + random.index(below: 400)) })
            let deleted = (1...Int64(400)).filter { _ in random.uniform() < 0.05 * Double(step) }
            _ = try detector.apply(
                ChangeBatch(
                    relationships: changed.sorted().map { hubRow($0, &random) },
                    deletedRelationshipIDs: deleted))
        }
        try expectHubsExact(detector)
        #expect(detector.relationships.hubs.count <= 1)
        _ = try detector.apply(ChangeBatch(deletedEntityIDs: [1]))
        #expect(detector.relationships.hubs.isEmpty)
    }

    private func hubRow(_ id: Int64, _ random: inout SeededRandom) -> RelationshipRecord {
        let other = Int64(1 + random.index(below: 20))
        let isOut = random.uniform() < 0.5
        return Fixtures.relationship(
            id, isOut ? 1 : other, isOut ? other : 1, type: Int32(1 + random.index(below: 3)),
            weight: random.uniform() < 0.2 ? .nan : 1000 * random.uniform() - 100,
            time: random.uniform() < 0.1 ? .nan : Self.now - Self.day * random.uniform(),
            isActive: random.uniform() < 0.9)
    }

    private func expectHubsExact(_ detector: AnomalyDetector) throws {
        for (node, hub) in detector.relationships.hubs {
            for row in detector.graph.incidentEdges(of: node) {
                let edge = detector.graph.edge(at: row)
                let time = edge.attributes.time
                let question = EndQuestion(
                    node: node, other: edge.source == node ? edge.target : edge.source,
                    typeCode: edge.attributes.typeCode,
                    window: time.isNaN ? nil : time - 7200...time + 7200,
                    asOf: Self.now - Self.day / 3)
                let kept = hub.answer(question)
                let counted = EndRows(question, in: detector.graph)
                #expect(kept.datedCount == counted.datedCount)
                #expect(kept.windowCount == counted.windowCount)
                #expect(kept.forthCount == counted.forthCount)
                #expect(kept.backCount == counted.backCount)
                #expect(kept.sentCount == counted.sentCount)
                #expect(
                    kept.sentMedianLogarithm.bitPattern == counted.sentMedianLogarithm.bitPattern)
            }
        }
    }

    @Test("A relationship's type is counted again when an end changes its own")
    func typesOfEnds() throws {
        var detector = try Fixtures.detector(batch(record()))
        _ = try detector.apply(ChangeBatch(entities: [EntityRecord(id: 2, typeCode: 3)]))
        var rebuilt = batch(record())
        rebuilt.entities[1] = EntityRecord(id: 2, typeCode: 3)
        let expected = try Fixtures.detector(rebuilt)
        for id in Int64(1)...5 {
            let now = detector.relationshipFeatureVector(of: id, asOf: Self.now)
            let then = expected.relationshipFeatureVector(of: id, asOf: Self.now)
            #expect(now?.map(\.bitPattern) == then?.map(\.bitPattern))
        }
    }

    @Test("Models see a root, a logarithm, and ages in coarse steps")
    func modelValues() {
        var vector = [Double](repeating: .nan, count: RelationshipFeature.count)
        vector[RelationshipFeature.confidenceVariance.rawValue] = 0.04
        vector[RelationshipFeature.updateFrequency.rawValue] = 1
        vector[RelationshipFeature.ageDays.rawValue] = 7
        var values = RelationshipFeature.modelValues(vector)
        #expect(abs(values[relationship: .confidenceVariance] - 0.2) < 1e-12)
        #expect(values[relationship: .updateFrequency] == log1p(1))
        #expect(values[relationship: .ageDays] == 3)
        vector[RelationshipFeature.ageDays.rawValue] = 0.1
        values = RelationshipFeature.modelValues(vector)
        #expect(values[relationship: .ageDays] == 1)
        #expect(values[relationship: .updateFrequency].isNaN, "a first week has no frequency")
    }
}
