/// One entity as it stands at the end of the generated history.
package struct SampleEntity: Sendable, Equatable {
    /// Names the entity within its graph or script: 1, 2, 3 and so on.
    package var reference: Int
    /// One of the entity types that Vigil ships.
    package var type: String
    /// What people call it; `nil` where no source says.
    package var name: String?
    /// The identifying text, unique within the type.
    package var value: String
    /// From 0 to 1; `nil` unknown.
    package var confidence: Double?
    /// From 0 to 1; `nil` unknown.
    package var riskScore: Double?
    /// The distinct sources that report it; may be empty.
    package var sources: [String]
    /// Free words, among them mostly the sector; may be empty.
    package var tags: [String]
    /// A JSON object as text.
    package var metadata: String
    /// What a source wrote about it; `nil` mostly.
    package var description: String?
    /// Whether an analyst has confirmed it.
    package var isVerified: Bool
    /// False for what is kept and no longer holds.
    package var isActive = true
    /// The first sighting in seconds since 1970, at most `lastSeen`.
    package var firstSeen: Double
    /// The last sighting, at most `updatedAt`.
    package var lastSeen: Double
    /// When the row came into the database.
    package var createdAt: Double
    /// The last update, or `createdAt` if there was none.
    package var updatedAt: Double
    /// The community that the generator put it in; `nil` for what belongs to all.
    ///
    /// For tests and scripts; not part of the data.
    package var sector: Sector?
}

/// One relationship as it stands at the end of the generated history.
package struct SampleRelationship: Sendable, Equatable {
    /// Names the relationship within its graph or script: 1, 2, 3 and so on.
    package var reference: Int
    /// The reference of the entity that it leaves.
    package var source: Int
    /// The reference of the entity that it reaches.
    package var target: Int
    /// One of the relationship types that Vigil ships.
    package var type: String
    /// From 0 to 1; `nil` unknown.
    package var confidence: Double?
    /// An amount or a strength; `nil` where the type has none.
    package var weight: Double?
    /// The distinct sources that report it; may be empty.
    package var sources: [String]
    /// What supports it; may be empty.
    package var evidence: [SampleEvidence] = []
    /// Whether an analyst has confirmed it.
    package var isVerified: Bool
    /// The first observation in seconds since 1970, at most `lastObserved`.
    package var firstObserved: Double
    /// The last observation, at most `updatedAt`.
    package var lastObserved: Double
    /// When the row came into the database.
    package var createdAt: Double
    /// The last update, or `createdAt` if there was none.
    package var updatedAt: Double
}

extension SampleRelationship {
    /// The evidence as a JSON array; `nil` without any.
    package var evidenceJSON: String? {
        guard !evidence.isEmpty else { return nil }
        return JSONValue.list(evidence.map { .text($0.rawValue) }).text
    }
}

/// What supports a relationship.
package enum SampleEvidence: String, Sendable {
    case record, screenshot, capture, statement, document
}

/// One past update of an entity or a relationship: a row of the observation history (`H`).
package struct SampleObservation: Sendable, Equatable {
    /// What was updated.
    package enum Subject: Sendable, Hashable {
        /// An entity, by its reference.
        case entity(Int)
        /// A relationship, by its reference.
        case relationship(Int)
    }

    /// What was updated.
    package var subject: Subject
    /// Seconds since 1970, after the subject's `createdAt`, at most its `updatedAt`.
    package var observedAt: Double
    /// The value after the update; `nil` unknown.
    package var confidence: Double?
    /// The value after the update; `nil` unknown, and for every relationship.
    package var riskScore: Double?
    /// The value after the update; `nil` without one, and for every entity.
    package var weight: Double?
    /// The value before the update.
    package var confidenceBefore: Double?
    /// The value before the update.
    package var riskScoreBefore: Double?
    /// The value before the update.
    package var weightBefore: Double?
}
