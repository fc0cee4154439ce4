import GraphEngine

extension AnomalyDetector {
    /// The ends of a relationship; nil where there is no such relationship.
    package func ends(ofRelationship id: Int64) -> (sourceEntityID: Int64, targetEntityID: Int64)? {
        guard let row = graph.edgeIndex(of: EdgeKey(id)) else { return nil }
        let edge = graph.edge(at: row)
        return (graph.nodeKey(at: edge.source).rawValue, graph.nodeKey(at: edge.target).rawValue)
    }

    /// Where whoever judges everything goes by, ascending: the live entities, and those that are not
    /// active but from which active relationships start.
    /// - Complexity: O(n log n), plus the relationships of entities that are not active.
    package var scannedEntityIDs: [Int64] {
        states.compactMap { state in
            guard let record = state?.record else { return nil }
            let isScanned =
                record.isActive || !outgoingRelationshipIDs(of: record.id).isEmpty
            return isScanned ? record.id : nil
        }.sorted()
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
