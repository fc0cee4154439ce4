/// What a judgement is about: an entity or a relationship, by its database key.
package enum Subject: Hashable, Sendable {
    /// An entity.
    case entity(Int64)
    /// A relationship.
    case relationship(Int64)

    /// The database key, whatever it is.
    package var id: Int64 {
        switch self {
        case .entity(let id), .relationship(let id): id
        }
    }

    /// The key of an entity; nil for a relationship.
    package var entityID: Int64? {
        if case .entity(let id) = self { id } else { nil }
    }

    /// The key of a relationship; nil for an entity.
    package var relationshipID: Int64? {
        if case .relationship(let id) = self { id } else { nil }
    }
}

/// What a batch of changes moved, and so what is to be judged.
package struct MovedSubjects: Sendable, Equatable {
    /// Live entities whose features moved.
    package var entityIDs: Set<Int64>
    /// Active relationships that are new or changed.
    package var relationshipIDs: Set<Int64>

    /// These entities and relationships.
    package init(entityIDs: Set<Int64> = [], relationshipIDs: Set<Int64> = []) {
        self.entityIDs = entityIDs
        self.relationshipIDs = relationshipIDs
    }

    /// Adds what another has.
    package mutating func formUnion(_ other: MovedSubjects) {
        entityIDs.formUnion(other.entityIDs)
        relationshipIDs.formUnion(other.relationshipIDs)
    }
}
