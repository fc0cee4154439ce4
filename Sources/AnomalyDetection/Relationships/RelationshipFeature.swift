import Foundation

/// The 12 features of a relationship, in the fixed order of every feature vector and model.
package enum RelationshipFeature: Int, CaseIterable, Sendable {
    case confidenceScore, confidenceVariance, sourceDiversity, temporalClustering, strengthMetric
    case bidirectionality, relationshipTypeEncoded, ageDays, updateFrequency, entityDegreeProduct
    case riskScoreDifference, confidenceAgreement

    /// How many features a vector has.
    package static let count = allCases.count

    /// The names in order, as models and the database spell them.
    package static let names: [String] = allCases.map(\.name)

    /// The name of this layout of features; it changes with their names, order or meaning.
    package static let schema = "relationship-features-1"

    /// The feature of this name; nil when there is none.
    package init?(name: String) {
        guard let feature = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = feature
    }

    /// The name that models, conditions and the database use.
    package var name: String {
        switch self {
        case .confidenceScore: "confidence_score"
        case .confidenceVariance: "confidence_variance"
        case .sourceDiversity: "source_diversity"
        case .temporalClustering: "temporal_clustering"
        case .strengthMetric: "strength_metric"
        case .bidirectionality: "bidirectionality"
        case .relationshipTypeEncoded: "relationship_type_encoded"
        case .ageDays: "age_days"
        case .updateFrequency: "update_frequency"
        case .entityDegreeProduct: "entity_degree_product"
        case .riskScoreDifference: "risk_score_diff"
        case .confidenceAgreement: "confidence_agreement"
        }
    }

    /// The value as the forest and the peers see it; NaN stays NaN.
    ///
    /// A variance through its root, a frequency through a logarithm. Ages as those of entities: in
    /// quarter steps of log2(1 + days), from one day on.
    package func modelValue(_ value: Double) -> Double {
        switch self {
        case .confidenceVariance: value.squareRoot()
        case .updateFrequency: log1p(value)
        case .ageDays: EntityFeature.firstSeenAgeDays.modelValue(value)
        default: value
        }
    }

    /// True where a quantile of the relationships of the type has a meaning for people.
    package var isComparedWithPeers: Bool {
        switch self {
        case .bidirectionality, .relationshipTypeEncoded, .ageDays: false
        default: true
        }
    }

    /// The anomaly type that a deviation of this feature alone points to.
    package var anomalyType: AnomalyType {
        switch self {
        case .strengthMetric, .updateFrequency: .behavioral
        case .temporalClustering, .ageDays: .temporal
        case .bidirectionality, .entityDegreeProduct, .riskScoreDifference: .relationship
        case .relationshipTypeEncoded: .semantic
        case .confidenceScore, .confidenceVariance, .sourceDiversity, .confidenceAgreement:
            .dataQuality
        }
    }

    /// A feature vector on the scale of the models.
    ///
    /// In its first week a relationship has no update frequency worth the name.
    package static func modelValues(_ vector: [Double]) -> [Double] {
        var values = vector
        for feature in allCases where feature.rawValue < vector.count {
            values[feature.rawValue] = feature.modelValue(vector[feature.rawValue])
        }
        if vector[ageDays.rawValue] < EntityFeature.frequencyDaysMin {
            values[updateFrequency.rawValue] = .nan
        }
        return values
    }
}

extension Measure {
    /// The value of a relationship of this age on the scale of the models, as in
    /// ``RelationshipFeature/modelValues(_:)``.
    func modelValue(_ value: Double, ageDays: Double) -> Double {
        self == .relationshipFeature(.updateFrequency) && ageDays < EntityFeature.frequencyDaysMin
            ? .nan : modelValue(value)
    }
}

extension [Double] {
    /// The value of one feature of this vector of a relationship.
    package subscript(relationship feature: RelationshipFeature) -> Double {
        self[feature.rawValue]
    }
}
