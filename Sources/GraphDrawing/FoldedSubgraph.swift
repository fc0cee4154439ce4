/// A subgraph reduced to what one picture can hold, with everything else counted.
///
/// Nothing is dropped silently: entities drawn and folded add up to the entities given, and so do
/// the relationships.
package struct FoldedSubgraph: Sendable, Equatable {
    /// Entities that are not drawn, gathered at the drawn entity through which they are reached.
    package struct Group: Sendable, Equatable {
        /// The drawn entity; nil where no path leads to one.
        package var anchor: Int64?
        /// The entities' type; nil where several types had to be put together.
        package var type: String?
        /// How many entities it stands for.
        package var memberCount: Int
        /// How many relationships lead from the anchor into the group.
        package var edgeCount: Int
    }

    /// The relationships of one type between two drawn entities.
    package struct Link: Sendable, Equatable {
        /// The smallest of the relationships' keys.
        package var id: Int64
        package var source: Int64
        package var target: Int64
        package var type: String
        /// How many relationships it stands for.
        package var edgeCount: Int
        /// Whether there are relationships in both directions.
        package var isMutual: Bool
        package var isAnomalous: Bool
        /// The distinct reasons of the anomalous ones.
        package var reasons: [String]
    }

    /// The entities drawn: the focus first, then by rank.
    package var nodes: [Subgraph.Node]
    /// The groups of entities that are not drawn.
    package var groups: [Group]
    /// The relationships drawn.
    package var links: [Link]
    /// The entities that hold the focus: one, or both ends of a relationship.
    package var focus: Set<Int64>
    /// Entities given.
    package var totalNodeCount: Int
    /// Relationships given.
    package var totalEdgeCount: Int
    /// Relationships among folded entities, or from them to drawn ones other than their anchor.
    package var foldedEdgeCount: Int
    /// Relationships between drawn entities left out because the picture would be too dense.
    package var hiddenEdgeCount: Int
    /// Relationships with an end that is not in the subgraph.
    package var strayEdgeCount: Int

    /// Entities that are not drawn.
    package var foldedNodeCount: Int { groups.reduce(0) { $0 + $1.memberCount } }
    /// Relationships drawn, those into groups included.
    package var drawnEdgeCount: Int {
        links.reduce(0) { $0 + $1.edgeCount } + groups.reduce(0) { $0 + $1.edgeCount }
    }
}
