/// The changes that one read of the feed brought: the rows as they are now, and the keys that are gone.
///
/// Deletions are applied before the rows, so a key may be deleted and come back in one batch.
package struct ChangeBatch: Sendable {
    /// Entities that are new or changed.
    package var entities: [EntityRecord]
    /// Entities that no longer exist; their relationships go with them.
    package var deletedEntityIDs: [Int64]
    /// Relationships that are new or changed.
    package var relationships: [RelationshipRecord]
    /// Relationships that no longer exist.
    package var deletedRelationshipIDs: [Int64]
    /// Updates of entities, or their loaded history.
    package var observations: [ObservationRecord]

    /// A batch of these changes.
    package init(
        entities: [EntityRecord] = [], deletedEntityIDs: [Int64] = [],
        relationships: [RelationshipRecord] = [], deletedRelationshipIDs: [Int64] = [],
        observations: [ObservationRecord] = []
    ) {
        self.entities = entities
        self.deletedEntityIDs = deletedEntityIDs
        self.relationships = relationships
        self.deletedRelationshipIDs = deletedRelationshipIDs
        self.observations = observations
    }

    /// How many changes there are of the graph itself.
    var changeCount: Int {
        entities.count + deletedEntityIDs.count + relationships.count
            + deletedRelationshipIDs.count
    }

    /// True where nothing changed.
    package var isEmpty: Bool {
        entities.isEmpty && deletedEntityIDs.isEmpty && relationships.isEmpty
            && deletedRelationshipIDs.isEmpty && observations.isEmpty
    }
}

/// One observation of an entity: an update of its row, or a line of loaded history.
package struct ObservationRecord: Sendable, Equatable {
    /// Whom it is about.
    package var entityID: Int64
    /// When it was observed, seconds since 1970.
    package var observedAt: Double

    /// An observation of this entity at this time.
    package init(entityID: Int64, observedAt: Double) {
        self.entityID = entityID
        self.observedAt = observedAt
    }
}
