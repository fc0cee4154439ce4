import GraphEngine

/// Mutations that return their changes, for tests that look at each one.
extension AdjacencyGraph {
    @discardableResult
    mutating func upsertEdge(
        _ key: EdgeKey, source: NodeKey, target: NodeKey, attributes: EdgeAttributes
    ) throws(GraphError) -> GraphChanges {
        var changes = GraphChanges()
        try upsertEdge(
            key, source: source, target: target, attributes: attributes, changes: &changes)
        return changes
    }

    @discardableResult
    mutating func removeEdge(_ key: EdgeKey) -> GraphChanges {
        var changes = GraphChanges()
        removeEdge(key, changes: &changes)
        return changes
    }

    @discardableResult
    mutating func removeNode(_ key: NodeKey) -> GraphChanges {
        var changes = GraphChanges()
        removeNode(key, changes: &changes)
        return changes
    }
}
