import GraphEngine
import GraphMetrics

/// The metrics of one entity for `vigil.entity_metrics`: local ones of now, global ones of the last
/// epoch; NaN or nil where the epoch does not know the entity yet.
package struct EntityMetrics: Sendable, Equatable {
    /// The entity.
    package var entityID: Int64
    /// Distinct neighbours, and their share of all others.
    package var degree: Int
    package var degreeCentrality: Double
    /// Local clustering and triangles.
    package var clusteringCoefficient: Double
    package var triangleCount: Int
    /// Centralities of the epoch; betweenness, closeness and eigenvector are estimated for an
    /// entity that came later where that is possible.
    package var betweennessCentrality, closenessCentrality, harmonicCentrality: Double
    package var eigenvectorCentrality, pageRank: Double
    /// The core number of the epoch.
    package var coreNumber: Int?
    /// The smallest entity key in its component of the epoch.
    package var componentID: Int64?
    /// When the epoch's snapshot was taken, seconds since 1970; NaN before the first.
    package var asOf: Double
    /// The number of the epoch, 0 before the first.
    package var graphEpoch: Int64
    /// Whether the epoch's centralities are exact for this entity: computed from every node, and
    /// the entity was there.
    package var isExact: Bool
}

extension AnomalyDetector {
    /// The metrics of a live entity; nil where there is none.
    package func metrics(of entityID: Int64) -> EntityMetrics? {
        guard let (node, state) = live(entityID) else { return nil }
        let features = featureVector(of: node, state, asOf: .nan)
        var metrics = EntityMetrics(
            entityID: entityID, degree: state.degree,
            degreeCentrality: features[.degreeCentrality],
            clusteringCoefficient: features[.clusteringCoefficient],
            triangleCount: graph.triangleCount(of: node),
            betweennessCentrality: features[.betweennessCentrality],
            closenessCentrality: features[.closenessCentrality], harmonicCentrality: .nan,
            eigenvectorCentrality: features[.eigenvectorCentrality], pageRank: .nan,
            coreNumber: nil, componentID: nil, asOf: epoch?.asOf ?? .nan, graphEpoch: graphEpoch,
            isExact: false)
        if let epoch, let position = epoch.position(of: NodeKey(entityID)) {
            let global = epoch.metrics
            metrics.harmonicCentrality = global.harmonic[position]
            metrics.pageRank = global.pageRank[position]
            metrics.coreNumber = Int(global.coreNumber[position])
            metrics.componentID = global.nodeKeys[Int(global.component[position])].rawValue
            metrics.isExact = global.isExact
        }
        return metrics
    }
}
