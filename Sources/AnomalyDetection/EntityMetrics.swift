import GraphEngine
import GraphMetrics

/// The metrics of one entity for `vigil.entity_metrics`: those that are kept under changes as they are
/// now, the others of the last epoch; NaN or nil where unknown.
package struct EntityMetrics: Sendable, Equatable {
    /// The entity.
    package var entityID: Int64

    // As they are now.

    /// Distinct neighbours, and their share of all others.
    package var degree: Int
    package var degreeCentrality: Double
    /// Active relationships that lead to it and that start from it.
    package var incomingCount, outgoingCount: Int
    /// The sum of the weights of its active relationships; NaN where none has one.
    package var strength: Double
    /// Local clustering and triangles.
    package var clusteringCoefficient: Double
    package var triangleCount: Int
    /// The core number.
    package var coreNumber: Int?
    /// The smallest entity key in its component.
    package var componentID: Int64?
    /// PageRank, and how far all of them together may be off (L1).
    package var pageRank, pageRankError: Double

    // Of the last epoch.

    /// Centralities, and how far each may be off: 0 where exact, NaN where it is an estimate for an
    /// entity that came later.
    package var betweennessCentrality, betweennessError: Double
    package var closenessCentrality, closenessError: Double
    package var harmonicCentrality, harmonicError: Double
    package var eigenvectorCentrality, eigenvectorError: Double
    /// The smallest entity key in its community.
    package var communityID: Int64?
    /// Whether its component falls apart without it.
    package var isArticulationPoint: Bool?
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
    /// - Complexity: O(relationships of the entity) for the strength.
    package func metrics(of entityID: Int64) -> EntityMetrics? {
        guard let (node, state) = live(entityID) else { return nil }
        let features = featureVector(of: node, state, asOf: .nan)
        let local = LocalMetrics(of: node, graph)
        var metrics = EntityMetrics(
            entityID: entityID, degree: state.degree,
            degreeCentrality: features[.degreeCentrality], incomingCount: local.inDegree,
            outgoingCount: local.outDegree, strength: local.isWeighted ? local.strength : .nan,
            clusteringCoefficient: features[.clusteringCoefficient],
            triangleCount: local.triangleCount, coreNumber: nil, componentID: nil, pageRank: .nan,
            pageRankError: .nan, betweennessCentrality: features[.betweennessCentrality],
            betweennessError: .nan, closenessCentrality: features[.closenessCentrality],
            closenessError: .nan, harmonicCentrality: .nan, harmonicError: .nan,
            eigenvectorCentrality: features[.eigenvectorCentrality], eigenvectorError: .nan,
            communityID: nil, isArticulationPoint: nil, asOf: epoch?.asOf ?? .nan,
            graphEpoch: graphEpoch, isExact: false)
        if let epoch, let position = epoch.position(of: NodeKey(entityID)) {
            metrics.take(epoch.metrics, at: position)
        }
        if let kept {
            metrics.coreNumber = kept.coreNumber(of: node)
            metrics.componentID = kept.component(of: node, graph).rawValue
            metrics.pageRank = kept.pageRank(of: node)
            metrics.pageRankError = kept.pageRank.errorBound
        }
        return metrics
    }
}

extension EntityMetrics {
    fileprivate mutating func take(_ global: GlobalMetrics, at position: Int) {
        betweennessError = global.betweennessAccuracy.epsilon
        closenessError = global.closenessAccuracy.epsilon
        harmonicCentrality = global.harmonic[position]
        harmonicError = global.harmonicAccuracy.epsilon
        eigenvectorError = global.eigenvectorResidual
        communityID = global.name(of: global.community, at: position).rawValue
        isArticulationPoint = global.isArticulationPoint[position]
        pageRank = global.pageRank[position]
        pageRankError = global.pageRankError
        coreNumber = Int(global.coreNumber[position])
        componentID = global.name(of: global.component, at: position).rawValue
        isExact = global.isExact
    }
}
