import AnomalyDetection
import AnomalyModels
import GraphMetrics

/// Random changes, and the rows that they end in.
struct RandomWorld {
    var random: SeededRandom
    private(set) var entities: [Int64: EntityRecord] = [:]
    private(set) var relationships: [Int64: RelationshipRecord] = [:]
    private(set) var observations: [ObservationRecord] = []

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    /// A detector of a hundred entities with global metrics.
    func detector() throws -> AnomalyDetector {
        var world = self
        var detector = AnomalyDetector(catalog: Fixtures.catalog)
        for _ in 0..<12 { _ = try detector.apply(world.nextBatch()) }
        return detector.withGlobalMetrics(asOf: Fixtures.now, seed: 1, threadCount: 1)
    }

    /// The rows as they are now, in one batch in another order.
    mutating func rebuilt() throws -> AnomalyDetector {
        var detector = AnomalyDetector(catalog: Fixtures.catalog)
        _ = try detector.apply(
            ChangeBatch(
                entities: entities.values.shuffled(using: &random),
                relationships: relationships.values.shuffled(using: &random),
                observations: observations.shuffled(using: &random)))
        return detector
    }

    /// The same rows through the loader of a cold start.
    mutating func loaded() throws -> AnomalyDetector {
        var loader = AnomalyDetector.Loader(catalog: Fixtures.catalog)
        for record in entities.values.shuffled(using: &random) { loader.insert(record) }
        for record in relationships.values.shuffled(using: &random) { try loader.insert(record) }
        for observation in observations.shuffled(using: &random) { loader.insert(observation) }
        return try loader.finish(threadCount: 2)
    }

    mutating func nextBatch() -> ChangeBatch {
        var batch = ChangeBatch()
        for _ in 0..<4 where entities.count > 20 && random.uniform() < 0.5 {
            let id = pick(entities.keys.sorted())
            entities[id] = nil
            observations.removeAll { $0.subject == .entity(id) }
            for (key, row) in relationships
            where row.sourceEntityID == id || row.targetEntityID == id {
                relationships[key] = nil
                observations.removeAll { $0.subject == .relationship(key) }
            }
            batch.deletedEntityIDs.append(id)
        }
        for _ in 0..<12 {
            let record = entity(Int64(1 + random.index(below: 90)))
            entities[record.id] = record
            batch.entities.removeAll { $0.id == record.id }
            batch.entities.append(record)
        }
        for _ in 0..<10 where !relationships.isEmpty && random.uniform() < 0.5 {
            let id = pick(relationships.keys.sorted())
            relationships[id] = nil
            observations.removeAll { $0.subject == .relationship(id) }
            batch.deletedRelationshipIDs.append(id)
        }
        let ids = entities.keys.sorted()
        for _ in 0..<30 {
            let row = RelationshipRecord(
                id: Int64(1 + random.index(below: 300)), sourceEntityID: pick(ids),
                targetEntityID: pick(ids), typeCode: Int32(1 + random.index(below: 3)),
                confidence: random.uniform() < 0.2 ? .nan : random.uniform(),
                weight: Double(random.index(below: 21)) - 10.1,
                firstObserved: Fixtures.now - 200_000 * random.uniform(),
                sourceKeys: (0..<random.index(below: 7)).map { UInt64($0) },
                evidenceCount: random.index(below: 4), isVerified: random.uniform() < 0.3,
                isActive: random.uniform() < 0.85)
            relationships[row.id] = row
            batch.relationships.removeAll { $0.id == row.id }
            batch.relationships.append(row)
        }
        for _ in 0..<20 {
            let observation = ObservationRecord(
                .entity(pick(ids)), observedAt: Fixtures.now - 3_000_000 * random.uniform())
            observations.append(observation)
            batch.observations.append(observation)
        }
        let rows = relationships.keys.sorted()
        for _ in 0..<10 {
            let observation = ObservationRecord(
                .relationship(pick(rows)), observedAt: Fixtures.now - 200_000 * random.uniform(),
                confidence: random.uniform() < 0.1 ? .nan : random.uniform(),
                confidenceBefore: random.uniform() < 0.1 ? .nan : random.uniform())
            observations.append(observation)
            batch.observations.append(observation)
        }
        return batch
    }

    private mutating func entity(_ id: Int64) -> EntityRecord {
        let now = Fixtures.now
        return EntityRecord(
            id: id, typeCode: Int32(1 + random.index(below: 3)),
            confidence: random.uniform() < 0.2 ? .nan : random.uniform(),
            riskScore: random.uniform() < 0.2 ? .nan : random.uniform(),
            sourceCount: random.index(below: 5), hasName: random.uniform() < 0.8,
            isVerified: random.uniform() < 0.5, metadataRichness: random.uniform(),
            tagCount: random.index(below: 6), firstSeen: now - 8_000_000 * random.uniform(),
            lastSeen: now - 3_000_000 * random.uniform(),
            createdAt: now - 8_000_000 * random.uniform(),
            updatedAt: now - 900_000 * random.uniform(), isActive: random.uniform() < 0.95)
    }

    private mutating func pick(_ ids: [Int64]) -> Int64 { ids[random.index(below: ids.count)] }
}
