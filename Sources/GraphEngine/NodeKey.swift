/// The database key of an entity, the name of a node outside the engine.
package struct NodeKey: RawRepresentable, Hashable, Comparable, Sendable {
    /// The value of `vigil.entities.id`.
    package let rawValue: Int64

    /// Wraps a database key.
    package init(rawValue: Int64) { self.rawValue = rawValue }

    /// Wraps a database key.
    package init(_ rawValue: Int64) { self.rawValue = rawValue }

    /// Orders keys as the database does.
    package static func < (lhs: Self, rhs: Self) -> Bool { lhs.rawValue < rhs.rawValue }
}

/// The database key of a relationship, the name of an edge row outside the engine.
package struct EdgeKey: RawRepresentable, Hashable, Comparable, Sendable {
    /// The value of `vigil.relationships.id`.
    package let rawValue: Int64

    /// Wraps a database key.
    package init(rawValue: Int64) { self.rawValue = rawValue }

    /// Wraps a database key.
    package init(_ rawValue: Int64) { self.rawValue = rawValue }

    /// Orders keys as the database does.
    package static func < (lhs: Self, rhs: Self) -> Bool { lhs.rawValue < rhs.rawValue }
}

/// The dense position of a node inside one `AdjacencyGraph`; reused after the node is removed.
package typealias NodeIndex = Int32

/// The dense position of an edge row inside one `AdjacencyGraph`; reused after the row is removed.
package typealias EdgeIndex = Int32
