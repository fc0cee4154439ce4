import Foundation

/// The 18 features of an entity, in the fixed order of every feature vector and model.
package enum EntityFeature: Int, CaseIterable, Sendable {
    case degreeCentrality, betweennessCentrality, closenessCentrality, eigenvectorCentrality
    case clusteringCoefficient, sourceCount, updateFrequency, confidenceScore, riskScore
    case firstSeenAgeDays, lastUpdatedAgeDays, updateFrequencyDeviation, relationshipCount
    case entityTypeEncoded, isVerified, metadataRichness, tagCount, temporalActivityScore

    /// How many features a vector has.
    package static let count = allCases.count

    /// The names in order, as models and the database spell them.
    package static let names: [String] = allCases.map(\.name)

    /// The name of this layout of features; it changes with their names, order or meaning.
    package static let schema = "entity-features-1"

    /// The feature of this name; nil when there is none.
    package init?(name: String) {
        guard let feature = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = feature
    }

    /// The name that models, conditions and the database use.
    package var name: String {
        switch self {
        case .degreeCentrality: "degree_centrality"
        case .betweennessCentrality: "betweenness_centrality"
        case .closenessCentrality: "closeness_centrality"
        case .eigenvectorCentrality: "eigenvector_centrality"
        case .clusteringCoefficient: "clustering_coefficient"
        case .sourceCount: "source_count"
        case .updateFrequency: "update_frequency"
        case .confidenceScore: "confidence_score"
        case .riskScore: "risk_score"
        case .firstSeenAgeDays: "first_seen_age_days"
        case .lastUpdatedAgeDays: "last_updated_age_days"
        case .updateFrequencyDeviation: "update_frequency_std"
        case .relationshipCount: "relationship_count"
        case .entityTypeEncoded: "entity_type_encoded"
        case .isVerified: "is_verified"
        case .metadataRichness: "metadata_richness"
        case .tagCount: "tag_count"
        case .temporalActivityScore: "temporal_activity_score"
        }
    }

    /// The value as the forest and the peers see it; NaN stays NaN.
    ///
    /// Counts and shares with long tails go through a logarithm, so that a hub is not the whole
    /// range. Ages are rounded to quarter steps of log2(1 + days): rows that were loaded within
    /// the same hours must not differ, or every one of them would look strange a day later. They
    /// begin at one day: most verdicts are passed within a second of a change.
    package func modelValue(_ value: Double) -> Double {
        switch self {
        case .degreeCentrality, .betweennessCentrality, .eigenvectorCentrality:
            log1p(10_000 * value)
        case .sourceCount, .updateFrequency, .updateFrequencyDeviation, .relationshipCount,
            .tagCount:
            log1p(value)
        case .firstSeenAgeDays, .lastUpdatedAgeDays:
            value.isNaN ? .nan : (4 * log2(1 + max(1, value))).rounded() / 4
        case .temporalActivityScore: value.isNaN ? .nan : min(value, exp(-1.0 / 30))
        default: value
        }
    }

    /// So many days an entity must be old before its updates make a frequency.
    static let frequencyDaysMin = 7.0

    /// What an entity without relationships does not have.
    package static let placesInGraph: [EntityFeature] = [
        .degreeCentrality, .betweennessCentrality, .closenessCentrality, .eigenvectorCentrality,
        .clusteringCoefficient, .relationshipCount,
    ]

    /// The anomaly type that a deviation of this feature alone points to.
    package var anomalyType: AnomalyType {
        switch self {
        case .betweennessCentrality, .closenessCentrality, .eigenvectorCentrality,
            .clusteringCoefficient:
            .relationship
        case .degreeCentrality, .relationshipCount, .updateFrequency, .updateFrequencyDeviation:
            .behavioral
        case .riskScore: .infrastructure
        case .firstSeenAgeDays, .lastUpdatedAgeDays, .temporalActivityScore: .temporal
        case .entityTypeEncoded: .semantic
        // Which tags they are is for homophily to say; how many says how well it is described.
        case .sourceCount, .confidenceScore, .isVerified, .metadataRichness, .tagCount:
            .dataQuality
        }
    }
}

extension [Double] {
    /// A feature vector on the scale of the models.
    ///
    /// Without relationships there is no place in the graph yet, and in its first week an entity
    /// has no update frequency worth the name: those features are missing.
    package var modelValues: [Double] {
        var values = self
        for feature in EntityFeature.allCases where feature.rawValue < count {
            values[feature.rawValue] = feature.modelValue(self[feature.rawValue])
        }
        if self[.firstSeenAgeDays] < EntityFeature.frequencyDaysMin {
            values[EntityFeature.updateFrequency.rawValue] = .nan
        }
        if self[.relationshipCount] == 0 {
            for feature in EntityFeature.placesInGraph { values[feature.rawValue] = .nan }
        }
        return values
    }

    /// The value of one feature of this vector.
    package subscript(feature: EntityFeature) -> Double { self[feature.rawValue] }
}
