/// A change of an existing entity; what is `nil` stays as it is.
package struct SampleUpdate: Sendable, Equatable {
    /// The entity to change.
    package var reference: Int
    /// The new confidence.
    package var confidence: Double?
    /// The new risk score.
    package var riskScore: Double?
    /// The new time of the last sighting, seconds since 1970.
    package var lastSeen: Double?
}

/// What one database transaction writes: entities first, then relationships, then updates.
package struct SampleTransaction: Sendable, Equatable {
    /// What happens, in a few words.
    package var summary: String
    /// Entities to insert.
    package var entities: [SampleEntity] = []
    /// Relationships to insert, between entities of the graph, of earlier transactions or of this.
    package var relationships: [SampleRelationship] = []
    /// Entities to change.
    package var updates: [SampleUpdate] = []
}

/// One attack as a sequence of small transactions, to be played against a loaded graph.
///
/// References up to the graph's entity count mean its entities; higher ones mean entities that the
/// script itself inserts. The times in the rows say when things happened out there, shortly before
/// the script's `now`; creation times are best left to the database's defaults.
package struct AttackScript: Sendable, Equatable {
    /// Which attack it is.
    package var scenario: AttackScenario
    /// A headline.
    package var title: String
    /// One line on what the attacker does.
    package var summary: String
    /// The reference of the entity that should be flagged.
    package var flagged: Int
    /// What to write, in order.
    package var transactions: [SampleTransaction]
    /// The first entity reference that the script leaves free.
    package var nextReference: Int
}

/// The attacks that can be played.
package enum AttackScenario: String, CaseIterable, Sendable {
    /// One registrant takes dozens of look-alike domains within minutes.
    case registrationBurst
    /// Dozens of unrelated domains suddenly resolve to one new address.
    case sinkhole
    /// Somebody obscure becomes connected to the centres of two communities far apart.
    case communityBridge
    /// An account that slept for half a year wakes and talks to malware infrastructure.
    case dormantAwakening
}
