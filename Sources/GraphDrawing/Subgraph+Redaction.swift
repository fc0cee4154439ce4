extension Subgraph {
    /// The same graph without what names anybody: types, scores, keys and shape stay.
    ///
    /// Sentences go too, since they are made with names.
    package func redacted() -> Subgraph {
        var subgraph = self
        for index in subgraph.nodes.indices { subgraph.nodes[index].name = nil }
        for index in subgraph.edges.indices { subgraph.edges[index].reason = nil }
        if let header {
            let subject =
                focusEntity.map { "entity \($0)" } ?? focusRelationship.map { "relationship \($0)" }
            subgraph.header = Header(
                title: subject.map { "\($0), names hidden" } ?? "names hidden", reason: nil,
                severity: header.severity, anomalyID: header.anomalyID,
                detectedAt: header.detectedAt, modelVersion: header.modelVersion)
        }
        return subgraph
    }
}
