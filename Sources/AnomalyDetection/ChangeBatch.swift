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
    /// Updates of rows, or their loaded history.
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

/// One observation of an entity or relationship: an update of its row, or a line of loaded history.
package struct ObservationRecord: Sendable, Equatable {
    /// What it is about.
    package var subject: Subject
    /// When it was observed, seconds since 1970.
    package var observedAt: Double
    /// The values after it; NaN where unknown, and where the subject has no such value.
    package var confidence, riskScore, weight: Double
    /// The confidence before it; NaN where unknown.
    package var confidenceBefore: Double

    /// An observation of this subject at this time.
    package init(
        _ subject: Subject, observedAt: Double, confidence: Double = .nan,
        riskScore: Double = .nan, weight: Double = .nan, confidenceBefore: Double = .nan
    ) {
        self.subject = subject
        self.observedAt = observedAt
        self.confidence = confidence
        self.riskScore = riskScore
        self.weight = weight
        self.confidenceBefore = confidenceBefore
    }
}
