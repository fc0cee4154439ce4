import AnomalyDetection
import AnomalyModels
import SampleGraph

/// An invented world as it stood at a time, and as it goes on: as before, or otherwise.
struct DriftWorld {
    /// What is otherwise about the rows that come after a time.
    enum Change: String, CaseIterable, Codable {
        /// Nothing: the alarm must keep silent.
        case none
        /// Their confidence is 0.25 lower.
        case confidence
        /// The source that names most of them has died: it names none, and what it alone named is missing.
        case source
        /// Every second source has died, the one that names most first.
        case collector
        /// One entity in ten is of a type that there was not.
        case newType = "new_type"
        /// Twice as many relationships come.
        case activity
        /// Entities come without metadata and tags.
        case bare
    }

    private let world: SampleGraph
    let catalog: TypeCatalog
    private let entityCodes: [String: Int32]
    private let relationshipCodes: [String: Int32]
    private static let newTypeCode: Int32 = 900

    init(_ world: SampleGraph) {
        self.world = world
        func codes(_ names: some Sequence<String>) -> [String: Int32] {
            Dictionary(
                uniqueKeysWithValues: Set(names).sorted().enumerated().map { ($1, Int32($0 + 1)) })
        }
        entityCodes = codes(world.entities.map(\.type))
        relationshipCodes = codes(world.relationships.map(\.type))
        var entityTypes = Dictionary(uniqueKeysWithValues: entityCodes.map { ($1, $0) })
        entityTypes[Self.newTypeCode] = "vessel"
        catalog = TypeCatalog(
            entityTypes: entityTypes,
            relationshipTypes: Dictionary(
                uniqueKeysWithValues: relationshipCodes.map { ($1, $0) }))
    }

    /// The detector with all rows that had come by a time, as they were then; what came after `since` is
    /// otherwise.
    func detector(
        at time: Double, since: Double, change: Change, indicators: [Indicator], seed: UInt64,
        threadCount: Int
    ) throws -> AnomalyDetector {
        var random = SeededRandom(seed: seed, stream: 71)
        let ranked = sources(before: since)
        let lost: Set<String> =
            switch change {
            case .source: Set(ranked.prefix(1))
            case .collector: Set(ranked.indices.filter { $0 % 2 == 0 }.map { ranked[$0] })
            case .none, .confidence, .newType, .activity, .bare: []
            }
        var loader = AnomalyDetector.Loader(
            catalog: catalog, indicators: indicators, entityCount: world.entities.count)
        let past = Past(world, at: time)
        var present: Set<Int> = []
        for entity in world.entities where entity.createdAt <= time {
            let isNew = entity.createdAt > since
            let sources = isNew ? entity.sources.filter { !lost.contains($0) } : entity.sources
            if sources.isEmpty, !entity.sources.isEmpty { continue }
            var record = record(of: entity, past, sourceCount: sources.count)
            let isOfNewType = random.uniform() < 0.1
            if isNew {
                switch change {
                case .confidence: record.confidence = max(0.02, record.confidence - 0.25)
                case .newType where isOfNewType: record.typeCode = Self.newTypeCode
                case .bare:
                    record.metadataRichness = 0
                    record.tagCount = 0
                    record.tagKeys = []
                case .none, .source, .collector, .newType, .activity: break
                }
            }
            present.insert(entity.reference)
            loader.insert(record)
        }
        var copyCount = 0
        let arrived = world.relationships.filter { $0.createdAt > since && $0.createdAt <= time }
        for relationship in world.relationships
        where relationship.createdAt <= time && present.contains(relationship.source)
            && present.contains(relationship.target)
        {
            let isNew = relationship.createdAt > since
            let sources =
                isNew ? relationship.sources.filter { !lost.contains($0) } : relationship.sources
            if sources.isEmpty, !relationship.sources.isEmpty { continue }
            var record = record(of: relationship, past, sources: sources)
            if isNew, change == .confidence {
                record.confidence = max(0.02, record.confidence - 0.25)
            }
            try loader.insert(record)
            guard isNew, change == .activity else { continue }
            let other = arrived[random.index(below: arrived.count)]
            guard present.contains(other.target) else { continue }
            copyCount += 1
            record.id = Int64(world.relationships.count + copyCount)
            record.targetEntityID = Int64(other.target)
            try loader.insert(record)
        }
        for observation in world.observations where observation.observedAt <= time {
            loader.insert(Self.record(of: observation))
        }
        return try loader.finish(threadCount: threadCount)
            .withGlobalMetrics(asOf: time, seed: seed, threadCount: threadCount)
    }

    /// The sources of the rows of the four weeks before a time, those that name most first.
    private func sources(before time: Double) -> [String] {
        var counts: [String: Int] = [:]
        func count(_ sources: [String], _ createdAt: Double) {
            guard createdAt <= time, createdAt > time - 28 * 86_400 else { return }
            for source in sources { counts[source, default: 0] += 1 }
        }
        for entity in world.entities { count(entity.sources, entity.createdAt) }
        for row in world.relationships { count(row.sources, row.createdAt) }
        return counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
    }

    // MARK: - Rows as they were

    /// The values that were before the first update after a time.
    private struct Past {
        private(set) var confidence: [SampleObservation.Subject: Double?] = [:]
        private(set) var risk: [SampleObservation.Subject: Double?] = [:]
        private(set) var updatedAt: [SampleObservation.Subject: Double] = [:]
        let time: Double

        init(_ world: SampleGraph, at time: Double) {
            self.time = time
            for observation in world.observations {
                let subject = observation.subject
                if observation.observedAt <= time {
                    updatedAt[subject] = observation.observedAt
                } else if confidence[subject] == nil {
                    confidence[subject] = observation.confidenceBefore
                    risk[subject] = observation.riskScoreBefore
                }
            }
        }
    }

    private func record(of entity: SampleEntity, _ past: Past, sourceCount: Int) -> EntityRecord {
        let subject = SampleObservation.Subject.entity(entity.reference)
        let confidence = past.confidence[subject] ?? entity.confidence
        let risk = past.risk[subject] ?? entity.riskScore
        return EntityRecord(
            id: Int64(entity.reference), typeCode: entityCodes[entity.type] ?? 0,
            confidence: confidence ?? .nan, riskScore: risk ?? .nan, sourceCount: sourceCount,
            hasName: entity.name != nil, isVerified: entity.isVerified,
            metadataRichness: Self.richness(entity.metadata), tagCount: entity.tags.count,
            tagKeys: Set(entity.tags.map { textKey($0) }).sorted(), firstSeen: entity.firstSeen,
            lastSeen: min(entity.lastSeen, past.time), createdAt: entity.createdAt,
            updatedAt: past.updatedAt[subject] ?? entity.createdAt, isActive: entity.isActive)
    }

    private func record(
        of row: SampleRelationship, _ past: Past, sources: [String]
    ) -> RelationshipRecord {
        let subject = SampleObservation.Subject.relationship(row.reference)
        let confidence = past.confidence[subject] ?? row.confidence
        return RelationshipRecord(
            id: Int64(row.reference), sourceEntityID: Int64(row.source),
            targetEntityID: Int64(row.target), typeCode: relationshipCodes[row.type] ?? 0,
            confidence: confidence ?? .nan, weight: row.weight ?? .nan,
            firstObserved: row.firstObserved, lastObserved: min(row.lastObserved, past.time),
            createdAt: row.createdAt, sourceKeys: Set(sources.map { textKey($0) }).sorted(),
            evidenceCount: row.evidence.count, isVerified: row.isVerified)
    }

    private static func record(of observation: SampleObservation) -> ObservationRecord {
        let subject: Subject =
            switch observation.subject {
            case .entity(let reference): .entity(Int64(reference))
            case .relationship(let reference): .relationship(Int64(reference))
            }
        return ObservationRecord(
            subject, observedAt: observation.observedAt,
            confidence: observation.confidence ?? .nan, riskScore: observation.riskScore ?? .nan,
            weight: observation.weight ?? .nan,
            confidenceBefore: observation.confidenceBefore ?? .nan)
    }

    /// As the database has it: the keys of the metadata in tenths, at most 1.
    private static func richness(_ metadata: String) -> Double {
        let keyCount = metadata.split(separator: "\":").count - 1
        return min(1, Double(max(0, keyCount)) / 10)
    }
}
