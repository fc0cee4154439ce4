import AnomalyDetection
import AnomalyModels
import Foundation

/// A seeded world of communities with two hundred days of history, for training and planting.
struct SmallWorld {
    static let now = 1_750_000_000.0
    static let day = 86_400.0
    static let types: [Int32: String] = [
        1: "domain", 2: "ip_address", 3: "email", 4: "person", 5: "company",
    ]
    static let relationshipTypes: [Int32: String] = [
        1: "resolves_to", 2: "owns", 3: "communicates_with", 4: "works_for", 5: "related_to",
    ]

    var batch = ChangeBatch()
    /// Entity keys by community and type.
    var members: [[Int32: [Int64]]] = []
    var random: SeededRandom
    private var nextRelationship: Int64 = 1

    /// The usual shares: of 60 entities of a community 18 domains, 9 addresses, 18 mailboxes...
    private static let shares: [(type: Int32, count: Int)] = [
        (1, 18), (2, 9), (3, 18), (4, 10), (5, 5),
    ]

    init(communityCount: Int, seed: UInt64) {
        random = SeededRandom(seed: seed)
        var next: Int64 = 1
        for _ in 0..<communityCount {
            var byType: [Int32: [Int64]] = [:]
            for (type, count) in Self.shares {
                for _ in 0..<count {
                    batch.entities.append(entity(next, type))
                    byType[type, default: []].append(next)
                    next += 1
                }
            }
            members.append(byType)
        }
        for community in members.indices { wire(community) }
        // A ring of communities with one relationship between neighbours.
        for community in members.indices {
            let other = (community + 1) % communityCount
            relate(pick(community, 4), pick(other, 4), 5, time: past())
        }
    }

    static let catalog = TypeCatalog(entityTypes: types, relationshipTypes: relationshipTypes)

    func detector(indicators: [Indicator] = []) throws -> AnomalyDetector {
        var detector = AnomalyDetector(catalog: Self.catalog, indicators: indicators)
        _ = try detector.apply(batch)
        return detector.withGlobalMetrics(asOf: Self.now, seed: 1, threadCount: 1)
    }

    mutating func past() -> Double { Self.now - Self.day * (2 + 198 * random.uniform()) }

    mutating func pick(_ community: Int, _ type: Int32) -> Int64 {
        let list = members[community][type] ?? []
        return list[random.index(below: list.count)]
    }

    mutating func entity(_ id: Int64, _ type: Int32) -> EntityRecord {
        let firstSeen = Self.now - Self.day * (200 + 100 * random.uniform())
        let lastSeen = Self.now - Self.day * 30 * random.uniform() * random.uniform()
        for _ in 0..<random.index(below: 12) {
            let time = firstSeen + (Self.now - Self.day - firstSeen) * random.uniform()
            batch.observations.append(ObservationRecord(.entity(id), observedAt: time))
        }
        return EntityRecord(
            id: id, typeCode: type,
            confidence: random.uniform() < 0.05 ? .nan : min(1, 0.6 + 0.35 * random.uniform()),
            riskScore: random.uniform() < 0.1 ? .nan : 0.4 * random.uniform() * random.uniform(),
            sourceCount: 1 + random.index(below: 4), hasName: true,
            isVerified: random.uniform() < 0.3,
            metadataRichness: 0.3 + 0.6 * random.uniform(), tagCount: random.index(below: 5),
            firstSeen: firstSeen, lastSeen: lastSeen, createdAt: firstSeen,
            updatedAt: lastSeen, isActive: true)
    }

    /// A relationship; its key.
    @discardableResult
    mutating func relate(
        _ source: Int64, _ target: Int64, _ type: Int32, time: Double
    ) -> Int64 {
        let record = relationship(source, target, type, time: time)
        batch.relationships.append(record)
        return record.id
    }

    mutating func relationship(
        _ source: Int64, _ target: Int64, _ type: Int32, time: Double
    ) -> RelationshipRecord {
        nextRelationship += 1
        return RelationshipRecord(
            id: nextRelationship, sourceEntityID: source, targetEntityID: target, typeCode: type,
            confidence: 0.7, weight: 1, firstObserved: time, createdAt: time)
    }

    private mutating func wire(_ community: Int) {
        for domain in members[community][1] ?? [] {
            for _ in 0...random.index(below: 2) {
                relate(domain, pick(community, 2), 1, time: past())
            }
            relate(pick(community, 5), domain, 2, time: past())
        }
        for email in members[community][3] ?? [] {
            relate(pick(community, 4), email, 2, time: past())
            for _ in 0..<2 + random.index(below: 5) {
                // Conversations come in small bursts.
                let time = past()
                for step in 0...random.index(below: 3) {
                    relate(email, pick(community, 3), 3, time: time + 1200 * Double(step))
                }
            }
        }
        for person in members[community][4] ?? [] {
            relate(person, pick(community, 5), 4, time: past())
            relate(person, pick(community, 4), 5, time: past())
            relate(person, pick(community, 4), 5, time: past())
        }
    }
}
