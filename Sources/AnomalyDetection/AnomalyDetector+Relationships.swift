import GraphEngine

extension AnomalyDetector {
    /// The ends of a relationship; nil where there is no such relationship.
    package func ends(ofRelationship id: Int64) -> (sourceEntityID: Int64, targetEntityID: Int64)? {
        guard let row = graph.edgeIndex(of: EdgeKey(id)) else { return nil }
        let edge = graph.edge(at: row)
        return (graph.nodeKey(at: edge.source).rawValue, graph.nodeKey(at: edge.target).rawValue)
    }

    /// The active relationships that start from an entity, by key.
    /// - Complexity: O(relationships of the entity)
    package func outgoingRelationshipIDs(of entityID: Int64) -> [Int64] {
        guard let node = graph.nodeIndex(of: NodeKey(entityID)) else { return [] }
        var ids: Set<Int64> = []
        for row in graph.incidentEdges(of: node) {
            let edge = graph.edge(at: row)
            if edge.source == node, edge.attributes.isActive { ids.insert(edge.key.rawValue) }
        }
        return ids.sorted()
    }
}
