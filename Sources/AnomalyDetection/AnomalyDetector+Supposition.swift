/// What an entity or relationship would be judged, and what it is judged now.
package struct SupposedJudgement: Sendable {
    /// The judgement with the supposed rows.
    package var judgement: Judgement
    /// The judgement without them; nil for what is not there.
    package var before: Judgement?
}

extension AnomalyDetector {
    /// This detector without the metrics that are kept up to date: core numbers, components and
    /// PageRank are no features.
    ///
    /// What is asked of a copy needs none of them, and to copy them costs in the size of the graph.
    package var withoutKeptMetrics: AnomalyDetector {
        var copy = self
        copy.kept = nil
        return copy
    }

    /// A copy with these changes, to be asked what would be; this detector stays as it is.
    /// - Complexity: that of the changes, and a copy of the pages that they touch.
    package func supposing(_ changes: ChangeBatch) throws(DetectionError) -> AnomalyDetector {
        var supposed = withoutKeptMetrics
        supposed.relationships.stream?.isLearning = false
        supposed.relationships.challengerStream?.isLearning = false
        _ = try supposed.apply(changes)
        return supposed
    }

    /// What the entities of these changes, the ends of their relationships, and the relationships
    /// themselves would be judged.
    ///
    /// Entities that are not there come first, in the order of the changes, then the others by key, then
    /// the relationships in the order of the changes.
    package func judgements(
        supposing changes: ChangeBatch, asOf: Double
    ) throws(DetectionError) -> [SupposedJudgement] {
        let supposed = try supposing(changes)
        let named = changes.entities.map(\.id)
        let ends = changes.relationships.flatMap { [$0.sourceEntityID, $0.targetEntityID] }
        let new = named.filter { record(of: $0) == nil }
        let known = Set(named + ends).filter { record(of: $0) != nil }
        let entities = (new + known.sorted()).compactMap { id in
            supposed.judge(id, asOf: asOf).map {
                SupposedJudgement(judgement: $0, before: judge(id, asOf: asOf))
            }
        }
        let relationships = changes.relationships.map(\.id).compactMap { id in
            supposed.judge(relationshipID: id, asOf: asOf).map {
                SupposedJudgement(judgement: $0, before: judge(relationshipID: id, asOf: asOf))
            }
        }
        return entities + relationships
    }
}
