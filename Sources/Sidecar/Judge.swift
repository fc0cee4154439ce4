import AnomalyDetection
import GraphDrawing
import Storage

/// Turns a set of entities into the results that one transaction writes.
struct Judge {
    /// Entities with an open anomaly: those that are judged normal now are resolved.
    var openAnomalies: Set<Int64>
    var subgraphHops: Int

    /// Judges the entities in ascending order of their ids.
    func results(
        for entityIDs: some Sequence<Int64>, deleted: [Int64] = [], by detector: AnomalyDetector,
        asOf: Double
    ) -> BatchResults {
        var results = BatchResults(asOf: asOf)
        results.deletedEntityIDs = deleted
        for id in entityIDs.sorted() {
            guard let judgement = detector.judge(id, asOf: asOf) else {
                // Inactive now: there is nothing to judge, and nothing left to warn of.
                if openAnomalies.contains(id) {
                    results.calmedEntityIDs.append(id)
                }
                continue
            }
            if let metrics = detector.metrics(of: id) {
                results.metrics.append(metrics)
            }
            if let finding = judgement.anomaly {
                results.subgraphs[id] = subgraph(of: id, finding, by: detector)
            } else if openAnomalies.contains(id) {
                results.calmedEntityIDs.append(id)
            }
            results.judgements.append(judgement)
        }
        return results
    }

    private func subgraph(
        of id: Int64, _ finding: AnomalyFinding, by detector: AnomalyDetector
    ) -> String? {
        var evidence: [Int64: String] = [:]
        for item in finding.explanation.evidence {
            evidence[item.relationshipID] = item.reason
        }
        let neighbourhood = detector.neighbourhood(
            of: id, hops: subgraphHops, nodeLimit: detector.settings.neighbourhoodNodeLimit)
        // Ids and types only: names stay in the tables and are joined when the picture is drawn.
        let subgraph = Subgraph(
            focusEntity: id, hops: subgraphHops, isTruncated: neighbourhood.isTruncated,
            nodes: neighbourhood.nodes.map {
                Subgraph.Node(id: $0.entityID, type: $0.typeName, hop: $0.hop)
            },
            edges: neighbourhood.edges.map { edge in
                Subgraph.Edge(
                    id: edge.relationshipID, source: edge.sourceEntityID,
                    target: edge.targetEntityID, type: edge.typeName,
                    isAnomalous: evidence[edge.relationshipID] != nil,
                    reason: evidence[edge.relationshipID])
            })
        return (try? subgraph.json()).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Follows what a write has stored.
    mutating func remember(_ results: BatchResults) {
        openAnomalies.subtract(results.deletedEntityIDs)
        openAnomalies.subtract(results.calmedEntityIDs)
        for judgement in results.judgements where judgement.anomaly != nil {
            openAnomalies.insert(judgement.entityID)
        }
    }
}
