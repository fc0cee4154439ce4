/// The part of the graph around an anomaly, as it was at detection.
///
/// The JSON shape is that of `anomalies.subgraph`; optional keys may be missing.
package struct Subgraph: Codable, Sendable, Equatable {
    /// The entity that the anomaly is about.
    package var focusEntity: Int64?
    /// The relationship that the anomaly is about.
    package var focusRelationship: Int64?
    /// How many steps from the focus the subgraph reaches.
    package var hops: Int
    /// Whether the collector left out entities or relationships within those steps.
    package var isTruncated: Bool
    /// The entities, in any order.
    package var nodes: [Node]
    /// The relationships, in any order.
    package var edges: [Edge]
    /// What a picture says above the graph.
    package var header: Header?

    /// Makes a subgraph.
    package init(
        focusEntity: Int64? = nil, focusRelationship: Int64? = nil, hops: Int = 2,
        isTruncated: Bool = false, nodes: [Node] = [], edges: [Edge] = [], header: Header? = nil
    ) {
        self.focusEntity = focusEntity
        self.focusRelationship = focusRelationship
        self.hops = hops
        self.isTruncated = isTruncated
        self.nodes = nodes
        self.edges = edges
        self.header = header
    }

    /// Adds what another subgraph has beside this one; its entities are a step beyond.
    package mutating func add(_ other: Subgraph) {
        let nodeIDs = Set(nodes.map(\.id))
        let edgeIDs = Set(edges.map(\.id))
        let beyond = (nodes.map(\.hop).max() ?? 0) + 1
        for var node in other.nodes where !nodeIDs.contains(node.id) {
            node.hop = beyond
            nodes.append(node)
        }
        edges += other.edges.filter { !edgeIDs.contains($0.id) }
        isTruncated = isTruncated || other.isTruncated
    }

    enum CodingKeys: String, CodingKey {
        case focusEntity = "focus_entity"
        case focusRelationship = "focus_relationship"
        case hops
        case isTruncated = "truncated"
        case nodes, edges, header
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        focusEntity = try values.decodeIdentifierIfPresent(forKey: .focusEntity)
        focusRelationship = try values.decodeIdentifierIfPresent(forKey: .focusRelationship)
        hops = try values.decodeIfPresent(Int.self, forKey: .hops) ?? 2
        isTruncated = try values.decodeIfPresent(Bool.self, forKey: .isTruncated) ?? false
        nodes = try values.decodeIfPresent([Node].self, forKey: .nodes) ?? []
        edges = try values.decodeIfPresent([Edge].self, forKey: .edges) ?? []
        header = try values.decodeIfPresent(Header.self, forKey: .header)
    }
}
