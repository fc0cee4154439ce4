import AnomalyModels
import Foundation
import GraphEngine
import GraphMetrics
import Testing

@testable import AnomalyDetection

@Suite("Entity features")
struct EntityFeatureTests {
    private let now = Fixtures.now
    private let day = Fixtures.day

    @Test("There are 18, in the order of the specification")
    func order() {
        #expect(
            EntityFeature.names == [
                "degree_centrality", "betweenness_centrality", "closeness_centrality",
                "eigenvector_centrality", "clustering_coefficient", "source_count",
                "update_frequency", "confidence_score", "risk_score", "first_seen_age_days",
                "last_updated_age_days", "update_frequency_std", "relationship_count",
                "entity_type_encoded", "is_verified", "metadata_richness", "tag_count",
                "temporal_activity_score",
            ])
        #expect(EntityFeature.allCases.map(\.rawValue) == Array(0..<18))
    }

    @Test("Degree, clustering and relationship count are of the graph as it is now")
    func localGraphFeatures() throws {
        var batch = Fixtures.smallGraph()
        batch.relationships += [
            Fixtures.relationship(7, 2, 1),  // a second row of a known pair, the other way
            Fixtures.relationship(8, 1, 4, isActive: false),
        ]
        let detector = try Fixtures.detector(batch)
        #expect(detector.feature(.degreeCentrality, of: 2) == 3.0 / 4)
        #expect(detector.feature(.degreeCentrality, of: 1) == 1.0 / 4)
        // Of the neighbours 1, 3, 5 of 2 only 3 and 5 are linked: 2 / (3 * 2).
        #expect(detector.feature(.clusteringCoefficient, of: 2) == 2.0 / 6)
        #expect(detector.feature(.clusteringCoefficient, of: 4) == 1)
        #expect(detector.feature(.clusteringCoefficient, of: 1) == 0)
        #expect(detector.feature(.relationshipCount, of: 2) == 4)
        #expect(detector.feature(.relationshipCount, of: 1) == 2)
    }

    @Test("Without an epoch the global centralities are missing, with one they are its values")
    func globalFeatures() throws {
        var detector = try Fixtures.detector(Fixtures.smallGraph())
        #expect(detector.feature(.betweennessCentrality, of: 2).isNaN)
        #expect(detector.feature(.closenessCentrality, of: 2).isNaN)
        #expect(detector.feature(.eigenvectorCentrality, of: 2).isNaN)
        let metrics = try #require(GlobalMetrics.compute(detector.makeSnapshot()))
        detector.adopt(globalMetrics: metrics, epoch: 3, asOf: now)
        #expect(detector.graphEpoch == 3)
        // 2 lies alone on the paths from 1 to 3, 4, 5 and half of those from 3 to 5: of 6 pairs.
        #expect(abs(detector.feature(.betweennessCentrality, of: 2) - 3.0 / 6) < 1e-12)
        #expect(abs(detector.feature(.closenessCentrality, of: 2) - 4.0 / 5) < 1e-12)
        let position = try #require(metrics.position(of: NodeKey(2)))
        #expect(
            detector.feature(.eigenvectorCentrality, of: 2) == metrics.eigenvector[position])
    }

    @Test("An entity that came after the epoch is placed from its neighbours")
    func laterEntities() throws {
        var detector = try Fixtures.detector(Fixtures.smallGraph())
        let metrics = try #require(GlobalMetrics.compute(detector.makeSnapshot()))
        detector.adopt(globalMetrics: metrics, epoch: 1, asOf: now)
        _ = try detector.apply(
            ChangeBatch(
                entities: Fixtures.entities(6...8),
                relationships: [
                    Fixtures.relationship(20, 6, 2), Fixtures.relationship(21, 7, 2),
                    Fixtures.relationship(22, 7, 3),
                ]))
        #expect(detector.feature(.betweennessCentrality, of: 6) == 0)
        #expect(detector.feature(.betweennessCentrality, of: 7).isNaN)
        // A leaf at 2, whose distances to 1, 3, 4, 5 are 1, 1, 2, 1: 1 + 2 + 2 + 3 + 2 = 10.
        #expect(abs(detector.feature(.closenessCentrality, of: 6) - 5.0 / 10) < 1e-12)
        let neighbours = try [2, 3].map { try #require(metrics.position(of: NodeKey($0))) }
        let sum = neighbours.reduce(0) { $0 + metrics.eigenvector[$1] }
        #expect(
            abs(detector.feature(.eigenvectorCentrality, of: 7) - sum / metrics.eigenvalue) < 1e-12)
        // An entity without neighbours is nowhere: that is known, not missing.
        #expect(detector.feature(.eigenvectorCentrality, of: 8) == 0)
        #expect(detector.feature(.closenessCentrality, of: 8) == 0)
    }

    @Test("A neighbour that is new itself says nothing about the place in the graph")
    func unknownNeighbours() throws {
        var detector = try Fixtures.detector(Fixtures.smallGraph())
        let metrics = try #require(GlobalMetrics.compute(detector.makeSnapshot()))
        detector.adopt(globalMetrics: metrics, epoch: 1, asOf: now)
        _ = try detector.apply(
            ChangeBatch(
                entities: Fixtures.entities(6...7),
                relationships: [Fixtures.relationship(20, 6, 7)]))
        #expect(detector.feature(.eigenvectorCentrality, of: 6).isNaN)
        #expect(detector.feature(.closenessCentrality, of: 6).isNaN)
    }

    @Test("The record's own numbers are taken as they are, and what is null is missing")
    func recordFeatures() throws {
        let known = EntityRecord(
            id: 1, typeCode: 1, confidence: 0.7, riskScore: 0.2, sourceCount: 3, isVerified: true,
            metadataRichness: 0.4, tagCount: 2, firstSeen: now - 10 * day,
            lastSeen: now - 30 * day, createdAt: now - 5 * day, updatedAt: now - 2 * day)
        let unknown = EntityRecord(id: 2, typeCode: 1)
        let detector = try Fixtures.detector(ChangeBatch(entities: [known, unknown]))
        #expect(detector.feature(.confidenceScore, of: 1) == 0.7)
        #expect(detector.feature(.riskScore, of: 1) == 0.2)
        #expect(detector.feature(.sourceCount, of: 1) == 3)
        #expect(detector.feature(.isVerified, of: 1) == 1)
        #expect(detector.feature(.metadataRichness, of: 1) == 0.4)
        #expect(detector.feature(.tagCount, of: 1) == 2)
        #expect(detector.feature(.firstSeenAgeDays, of: 1) == 10)
        #expect(detector.feature(.lastUpdatedAgeDays, of: 1) == 2)
        #expect(abs(detector.feature(.temporalActivityScore, of: 1) - exp(-1)) < 1e-15)
        for feature in [
            EntityFeature.confidenceScore, .riskScore, .metadataRichness, .firstSeenAgeDays,
            .lastUpdatedAgeDays, .temporalActivityScore, .updateFrequency,
            .updateFrequencyDeviation,
        ] {
            #expect(detector.feature(feature, of: 2).isNaN, "\(feature.name)")
        }
        #expect(detector.feature(.sourceCount, of: 2) == 0)
        #expect(detector.feature(.isVerified, of: 2) == 0)
    }

    @Test("What lies ahead of the time asked about is no days old")
    func futureTimes() throws {
        let record = EntityRecord(id: 1, typeCode: 1, firstSeen: now + 60, updatedAt: now + 60)
        let detector = try Fixtures.detector(ChangeBatch(entities: [record]))
        #expect(detector.feature(.firstSeenAgeDays, of: 1) == 0)
        #expect(detector.feature(.lastUpdatedAgeDays, of: 1) == 0)
    }

    @Test("A type's rarity is -log2 of its share of the active entities")
    func rarity() throws {
        var records = Fixtures.entities(1...3) + Fixtures.entities(4...4, type: 2)
        records.append(EntityRecord(id: 5, typeCode: 2, isActive: false))
        let detector = try Fixtures.detector(ChangeBatch(entities: records))
        #expect(detector.feature(.entityTypeEncoded, of: 4) == 2)
        #expect(detector.feature(.entityTypeEncoded, of: 1) == -log2(0.75))
        let alone = try Fixtures.detector(ChangeBatch(entities: Fixtures.entities(1...2)))
        #expect(alone.feature(.entityTypeEncoded, of: 1).sign == .plus)
    }

    @Test("Updates are counted a day over the lifetime, up to the time asked about")
    func updateFrequency() throws {
        let record = EntityRecord(
            id: 1, typeCode: 1, firstSeen: now - 10 * day, createdAt: now - 4 * day)
        let times = [9.0, 8, 3, 1, -1].map { now - $0 * day }
        let detector = try Fixtures.detector(
            ChangeBatch(
                entities: [record],
                observations: times.map { ObservationRecord(.entity(1), observedAt: $0) }))
        #expect(detector.feature(.updateFrequency, of: 1) == 0.4)
        #expect(detector.feature(.updateFrequency, of: 1, asOf: now - 5 * day) == 2.0 / 5)
        // A lifetime below a day counts as one, or a first update would be thousands a day.
        let young = try Fixtures.detector(
            ChangeBatch(
                entities: [EntityRecord(id: 1, typeCode: 1, createdAt: now - 10)],
                observations: [ObservationRecord(.entity(1), observedAt: now - 5)]))
        #expect(young.feature(.updateFrequency, of: 1) == 1)
    }

    @Test("Daily updates vary by their standard deviation over the days lived, 30 at most")
    func updateDeviation() throws {
        // Four days with 2, 0, 0, 2 updates: mean 1, deviation 1.
        let hours = [1.0, 2, 73, 74]
        let observations = hours.map {
            ObservationRecord(.entity(1), observedAt: now - $0 * 3600)
        }
        let record = EntityRecord(id: 1, typeCode: 1, createdAt: now - 4.5 * day)
        let detector = try Fixtures.detector(
            ChangeBatch(entities: [record], observations: observations))
        #expect(detector.feature(.updateFrequencyDeviation, of: 1) == 1)

        let old = EntityRecord(id: 1, typeCode: 1, createdAt: now - 400 * day)
        let longer = try Fixtures.detector(
            ChangeBatch(entities: [old], observations: observations))
        // 30 days with 4 updates, two on each of two days: variance 8 / 30 - (4 / 30)².
        let variance = 8.0 / 30 - (4.0 / 30) * (4.0 / 30)
        #expect(
            abs(longer.feature(.updateFrequencyDeviation, of: 1) - variance.squareRoot()) < 1e-12)

        let young = EntityRecord(id: 1, typeCode: 1, createdAt: now - 1.9 * day)
        let shorter = try Fixtures.detector(
            ChangeBatch(entities: [young], observations: observations))
        #expect(shorter.feature(.updateFrequencyDeviation, of: 1).isNaN)
    }

    @Test("Where older updates were dropped only wholly kept days count")
    func truncatedHistory() throws {
        let record = EntityRecord(id: 1, typeCode: 1, createdAt: now - 100 * day)
        // 100 updates a day over 20 days; the newest 512 reach back five whole days.
        let observations = (0..<2000).map {
            ObservationRecord(.entity(1), observedAt: now - (Double($0) + 0.5) * day / 100)
        }
        let detector = try Fixtures.detector(
            ChangeBatch(entities: [record], observations: observations.shuffledOnce()))
        #expect(detector.feature(.updateFrequencyDeviation, of: 1) == 0)
        #expect(detector.feature(.updateFrequency, of: 1) == 20)
    }

    @Test("No feature is constant and none is a function of another")
    func independence() throws {
        let detector = try RandomWorld(seed: 11).detector()
        let rows = detector.entityIDs.compactMap { detector.featureVector(of: $0, asOf: now) }
        for feature in EntityFeature.allCases {
            let values = Set(rows.map { $0[feature] }.filter { !$0.isNaN })
            #expect(values.count > 1, "\(feature.name)")
        }
        // Twice the same value of one feature with different values of another: no function.
        for first in EntityFeature.allCases {
            for second in EntityFeature.allCases where first != second {
                let groups = Dictionary(grouping: rows) { $0[first] }
                let differs = groups.values.contains { group in
                    Set(group.map { $0[second] }.filter { !$0.isNaN }).count > 1
                }
                let isContinuous = groups.values.allSatisfy { $0.count == 1 }
                #expect(
                    differs || isContinuous || groups.count > rows.count / 2,
                    "\(second.name) follows from \(first.name)")
            }
        }
    }
}

extension Array {
    /// The elements in a fixed other order.
    fileprivate func shuffledOnce() -> [Element] {
        var random = SeededRandom(seed: 5)
        return shuffled(using: &random)
    }
}
