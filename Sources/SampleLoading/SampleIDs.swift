package import PostgresClient
package import SampleGraph
import Storage

/// Database ids of the sample graph's entities, by reference.
package struct SampleIDs: Sendable {
    package private(set) var entityIDs: [Int: Int64] = [:]

    package init() {}

    package subscript(reference: Int) -> Int64? {
        get { entityIDs[reference] }
        set { entityIDs[reference] = newValue }
    }

    /// Loads the graph and its history by COPY in one transaction.
    package mutating func load(
        _ world: SampleGraph, now: Double, on database: PostgresConnection,
        progress: @escaping @Sendable (_ table: String, _ done: Int, _ total: Int) -> Void
    ) async throws {
        let entities = try await BulkLoad.reserveIDs(
            table: "vigil.entities", count: world.entities.count, on: database)
        let relationships = try await BulkLoad.reserveIDs(
            table: "vigil.relationships", count: world.relationships.count, on: database)
        var load = BulkLoad(now: now)
        for (entity, id) in zip(world.entities, entities) {
            entityIDs[entity.reference] = id
            load.add(Self.bulkEntity(entity, id: id))
        }
        var relationshipIDs: [Int: Int64] = [:]
        for (relationship, id) in zip(world.relationships, relationships) {
            relationshipIDs[relationship.reference] = id
            guard let source = entityIDs[relationship.source],
                let target = entityIDs[relationship.target]
            else { continue }
            var row = BulkRelationship(
                id: id, source: source, target: target, type: relationship.type)
            row.confidence = relationship.confidence
            row.weight = relationship.weight
            row.sources = relationship.sources
            row.firstObserved = relationship.firstObserved
            row.lastObserved = relationship.lastObserved
            row.createdAt = relationship.createdAt
            row.updatedAt = relationship.updatedAt
            row.isVerified = relationship.isVerified
            row.evidence = relationship.evidenceJSON
            load.add(row)
        }
        for observation in world.observations {
            var (kind, id): (Character, Int64?)
            switch observation.subject {
            case .entity(let reference): (kind, id) = ("e", entityIDs[reference])
            case .relationship(let reference): (kind, id) = ("r", relationshipIDs[reference])
            }
            guard let id else { continue }
            var row = BulkObservation(
                kind: kind, subjectID: id, observedAt: observation.observedAt)
            row.confidence = observation.confidence
            row.riskScore = observation.riskScore
            row.weight = observation.weight
            row.confidenceBefore = observation.confidenceBefore
            row.riskBefore = observation.riskScoreBefore
            row.weightBefore = observation.weightBefore
            load.add(row)
        }
        try await load.run(on: database, progress: progress)
    }

    private static func bulkEntity(_ entity: SampleEntity, id: Int64) -> BulkEntity {
        var row = BulkEntity(id: id, type: entity.type)
        row.name = entity.name
        row.value = entity.value
        row.riskScore = entity.riskScore
        row.confidence = entity.confidence
        row.source = entity.sources.first
        row.sources = entity.sources
        row.isVerified = entity.isVerified
        // All of them hold here: who watches the demonstration waits until every one has a score.
        row.description = entity.description
        row.tags = entity.tags
        row.metadata = entity.metadata
        row.firstSeen = entity.firstSeen
        row.lastSeen = entity.lastSeen
        row.createdAt = entity.createdAt
        row.updatedAt = entity.updatedAt
        return row
    }
}
