import AnomalyDetection
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
    ) -> String {
        var evidence: [Int64: String] = [:]
        for item in finding.explanation.evidence {
            evidence[item.relationshipID] = item.reason
        }
        let neighbourhood = detector.neighbourhood(
            of: id, hops: subgraphHops, nodeLimit: detector.settings.neighbourhoodNodeLimit)
        return JudgementJSON.subgraph(neighbourhood, hops: subgraphHops, evidence: evidence)
    }

    /// Follows what a write has stored.
    mutating func remember(_ results: BatchResults) {
        openAnomalies.subtract(results.deletedEntityIDs)
        openAnomalies.subtract(results.calmedEntityIDs)
        for judgement in results.judgements where judgement.anomaly != nil {
            if let id = judgement.subject.entityID { openAnomalies.insert(id) }
        }
    }
}
