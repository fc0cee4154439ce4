/// An entity on its way into `vigil.entities` by COPY; `nil` leaves the column's default or null.
package struct BulkEntity: Sendable {
    package var id: Int64
    package var type: String
    package var name: String?
    package var value: String?
    package var riskScore: Double?
    package var confidence: Double?
    package var source: String?
    package var sources: [String] = []
    package var isVerified = false
    package var isActive = true
    package var description: String?
    package var tags: [String] = []
    /// A JSON object.
    package var metadata = "{}"
    package var firstSeen: Double?
    package var lastSeen: Double?
    package var createdAt: Double?
    package var updatedAt: Double?

    package init(id: Int64, type: String) {
        self.id = id
        self.type = type
    }

    static let columns = """
        id, type, name, value, risk_score, confidence, source, sources, is_verified, is_active,
        description, tags, metadata, first_seen, last_seen, created_at, updated_at
        """

    func write(to row: inout CopyTextRow, now: Double) {
        row.field(id)
        row.field(type)
        row.field(name)
        row.field(value)
        row.field(riskScore)
        row.field(confidence)
        row.field(source)
        row.field(arrayLiteral(sources))
        row.field(isVerified)
        row.field(isActive)
        row.field(description)
        row.field(arrayLiteral(tags))
        row.field(metadata)
        row.timestamp(firstSeen)
        row.timestamp(lastSeen)
        row.timestamp(createdAt ?? now)
        row.timestamp(updatedAt ?? createdAt ?? now)
        row.end()
    }
}

/// A relationship on its way into `vigil.relationships` by COPY.
package struct BulkRelationship: Sendable {
    package var id: Int64
    package var source: Int64
    package var target: Int64
    package var type: String
    package var confidence: Double?
    package var weight: Double?
    package var sources: [String] = []
    /// JSON, or nil without any.
    package var evidence: String?
    package var description: String?
    package var isVerified = false
    package var isActive = true
    /// A JSON object.
    package var metadata = "{}"
    package var firstObserved: Double?
    package var lastObserved: Double?
    package var createdAt: Double?
    package var updatedAt: Double?

    package init(id: Int64, source: Int64, target: Int64, type: String) {
        self.id = id
        self.source = source
        self.target = target
        self.type = type
    }

    static let columns = """
        id, source_entity_id, target_entity_id, type, confidence, weight, sources, evidence,
        description, verified, is_active, metadata, first_observed, last_observed, created_at,
        updated_at
        """

    func write(to row: inout CopyTextRow, now: Double) {
        row.field(id)
        row.field(source)
        row.field(target)
        row.field(type)
        row.field(confidence)
        row.field(weight)
        row.field(arrayLiteral(sources))
        row.field(evidence)
        row.field(description)
        row.field(isVerified)
        row.field(isActive)
        row.field(metadata)
        row.timestamp(firstObserved)
        row.timestamp(lastObserved)
        row.timestamp(createdAt ?? now)
        row.timestamp(updatedAt ?? createdAt ?? now)
        row.end()
    }
}

/// An observation from before the row was in Vigil, for `vigil.observation_history`.
package struct BulkObservation: Sendable {
    /// `e` for an entity, `r` for a relationship.
    package var kind: Character
    package var subjectID: Int64
    package var observedAt: Double
    package var confidence: Double?
    package var riskScore: Double?
    package var weight: Double?
    package var confidenceBefore: Double?
    package var riskBefore: Double?
    package var weightBefore: Double?

    package init(kind: Character, subjectID: Int64, observedAt: Double) {
        self.kind = kind
        self.subjectID = subjectID
        self.observedAt = observedAt
    }

    static let columns = """
        observed_at, kind, operation, subject_id, confidence, risk_score, weight,
        confidence_before, risk_before, weight_before
        """

    func write(to row: inout CopyTextRow, now: Double) {
        row.timestamp(observedAt)
        row.field(String(kind))
        row.field("H")
        row.field(subjectID)
        row.field(confidence)
        row.field(riskScore)
        row.field(weight)
        row.field(confidenceBefore)
        row.field(riskBefore)
        row.field(weightBefore)
        row.end()
    }
}
