/// Why a feature moves although nothing has happened.
package enum NaturalMotion: String, Sendable, Codable {
    /// It does not.
    case none
    /// Time passes: ages, and rates over a lifetime.
    case clock
    /// The graph grows: what is divided by its size, or collected over a lifetime.
    case growth
}

extension EntityFeature {
    /// Why this feature moves by itself; what does is told, and raises no alarm.
    package var naturalMotion: NaturalMotion {
        switch self {
        case .firstSeenAgeDays, .lastUpdatedAgeDays, .temporalActivityScore, .updateFrequency,
            .updateFrequencyDeviation:
            .clock
        // A type's rarity moves a little with every row of any type; types are compared by themselves.
        case .degreeCentrality, .betweennessCentrality, .closenessCentrality,
            .eigenvectorCentrality, .clusteringCoefficient, .relationshipCount,
            .entityTypeEncoded:
            .growth
        case .sourceCount, .confidenceScore, .riskScore, .isVerified, .metadataRichness, .tagCount:
            .none
        }
    }
}

extension RelationshipFeature {
    /// Why this feature moves by itself; what does is told, and raises no alarm.
    package var naturalMotion: NaturalMotion {
        switch self {
        case .ageDays, .updateFrequency, .confidenceVariance: .clock
        case .temporalClustering, .bidirectionality, .entityDegreeProduct,
            .relationshipTypeEncoded:
            .growth
        case .confidenceScore, .sourceDiversity, .strengthMetric, .riskScoreDifference,
            .confidenceAgreement:
            .none
        }
    }
}

/// The rows that are compared: entities or relationships.
package enum DriftScope: String, Sendable, Codable, CaseIterable {
    case entities, relationships

    /// The features in order, with the reason why each moves by itself.
    package var features: [(name: String, motion: NaturalMotion)] {
        switch self {
        case .entities: EntityFeature.allCases.map { ($0.name, $0.naturalMotion) }
        case .relationships: RelationshipFeature.allCases.map { ($0.name, $0.naturalMotion) }
        }
    }
}
