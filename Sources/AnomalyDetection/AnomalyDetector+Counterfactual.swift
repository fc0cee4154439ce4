import AnomalyModels
import GraphEngine

extension AnomalyDetector {
    /// All trials of one search together read at most so many rows of the entity, some milliseconds: of
    /// a hub's thousands three more or less decide nothing.
    private static let counterfactualRowsMax = 50_000

    /// The smallest set of relationships without which what was found would be no anomaly; nil where the
    /// search is switched off, finds nothing to look at, or the subject is gone.
    ///
    /// Most of what an anomaly costs: whoever is in a hurry judges ``withoutCounterfactuals`` and asks
    /// for this later.
    package func counterfactual(
        of judgement: Judgement, _ explanation: Explanation, asOf: Double
    ) -> Counterfactual? {
        switch judgement.subject {
        case .entity(let id):
            counterfactual(of: id, judgement, evidence: explanation.evidence, asOf: asOf)
        case .relationship:
            counterfactual(ofRelationship: judgement, evidence: explanation.evidence, asOf: asOf)
        }
    }

    /// This detector, which explains anomalies without looking for what would undo them.
    package var withoutCounterfactuals: AnomalyDetector {
        var copy = self
        copy.settings.counterfactualTrialsMax = 0
        return copy
    }

    /// The smallest set of an entity's relationships without which it would not be an anomaly; nil
    /// where the search is switched off, or the entity is too large a hub for it.
    ///
    /// The candidates are the rows of evidence, then its newest relationships, as many as
    /// `counterfactualCandidatesMax`.
    /// - Complexity: O(relationships of the entity + `counterfactualTrialsMax` judgements on a copy).
    private func counterfactual(
        of entityID: Int64, _ judgement: Judgement, evidence: [Explanation.EvidenceRow],
        asOf: Double
    ) -> Counterfactual? {
        guard let node = graph.nodeIndex(of: NodeKey(entityID)) else { return nil }
        let affordableCount = Self.counterfactualRowsMax / max(1, rowCount(of: node))
        let trialCountMax = min(settings.counterfactualTrialsMax, affordableCount)
        guard trialCountMax > 0 else { return nil }
        let candidates = counterfactualCandidates(of: node, evidence: evidence, asOf: asOf)
        var search = CounterfactualSearch(
            candidates: candidates, threshold: settings.anomalyThreshold,
            trialCountMax: trialCountMax
        ) { ids in
            let supposed = try? supposing(ChangeBatch(deletedRelationshipIDs: ids))
            return supposed?.assess(entityID, asOf: asOf).map {
                CounterfactualSearch.Outcome(
                    pValue: $0.judgement.pValue, anomalyScore: $0.judgement.anomalyScore)
            }
        }
        return search.run(
            pValue: judgement.pValue, anomalyScore: judgement.anomalyScore,
            possessive: "its")
    }

    /// The candidates are the other relationships of the evidence: without itself there is nothing to
    /// judge.
    private func counterfactual(
        ofRelationship judgement: Judgement, evidence: [Explanation.EvidenceRow], asOf: Double
    ) -> Counterfactual? {
        let candidates =
            evidence
            .filter { $0.relationshipID != judgement.subject.id }
            .prefix(settings.counterfactualCandidatesMax)
            .map { CounterfactualCandidate(id: $0.relationshipID, typeName: $0.type) }
        guard settings.counterfactualTrialsMax > 0, !candidates.isEmpty else { return nil }
        var search = CounterfactualSearch(
            candidates: candidates, threshold: settings.anomalyThreshold,
            trialCountMax: settings.counterfactualTrialsMax
        ) { ids in
            let supposed = try? supposing(ChangeBatch(deletedRelationshipIDs: ids))
            return supposed?.assess(relationshipID: judgement.subject.id, asOf: asOf).map {
                CounterfactualSearch.Outcome(pValue: $0.pValue, anomalyScore: $0.anomalyScore)
            }
        }
        return search.run(
            pValue: judgement.pValue, anomalyScore: judgement.anomalyScore, possessive: "the")
    }

    /// A finding with its end: how rare it is, and what would undo it.
    func concluded(
        _ finding: AnomalyFinding, _ judgement: Judgement, noun: String, asOf: Double
    ) -> AnomalyFinding {
        var finding = finding
        finding.explanation.conclude(
            judgement,
            counterfactual: counterfactual(of: judgement, finding.explanation, asOf: asOf),
            noun: noun)
        return finding
    }

    /// The relationships that may explain an anomaly: the evidence, then the newest.
    private func counterfactualCandidates(
        of node: NodeIndex, evidence: [Explanation.EvidenceRow], asOf: Double
    ) -> [CounterfactualCandidate] {
        let limit = settings.counterfactualCandidatesMax
        var candidates = evidence.prefix(limit).map {
            CounterfactualCandidate(id: $0.relationshipID, typeName: $0.type)
        }
        let known = Set(candidates.map(\.id))
        for row in newestRows(of: node, count: limit, asOf: asOf) {
            let edge = graph.edge(at: row)
            guard candidates.count < limit else { break }
            guard !known.contains(edge.key.rawValue) else { continue }
            candidates.append(
                CounterfactualCandidate(
                    id: edge.key.rawValue,
                    typeName: catalog.relationshipTypeName(edge.attributes.typeCode)))
        }
        return candidates
    }

    /// The newest active rows of a node up to a time, newest first; those of unknown time last.
    private func newestRows(of node: NodeIndex, count: Int, asOf: Double) -> [EdgeIndex] {
        var newest: [(time: Double, key: EdgeKey, row: EdgeIndex)] = []
        graph.withIncidentEdges(of: node) { rows in
            for row in rows {
                let edge = graph.edge(at: row)
                guard edge.attributes.isActive, !(edge.attributes.time > asOf) else { continue }
                let time = edge.attributes.time.isNaN ? -.infinity : edge.attributes.time
                if newest.count == count, let oldest = newest.last {
                    guard (time, edge.key) > (oldest.time, oldest.key) else { continue }
                    newest.removeLast()
                }
                let place =
                    newest.firstIndex { ($0.time, $0.key) < (time, edge.key) } ?? newest.endIndex
                newest.insert((time, edge.key, row), at: place)
            }
        }
        return newest.map(\.row)
    }
}
