/// One number of a subject that a condition can compare: a feature, a signal, or a count of
/// distinct entities that point at an entity by one relationship type.
package enum Measure: Hashable, Sendable {
    case feature(EntityFeature)
    case signal(EntitySignal)
    case inboundCount(relationshipType: String)
    case relationshipFeature(RelationshipFeature)
    case relationshipSignal(RelationshipSignal)

    /// The name of the counts of inbound relationships.
    static let inboundCountName = "inbound_count"

    /// The name in models and in error messages.
    package var name: String {
        switch self {
        case .feature(let feature): feature.name
        case .signal(let signal): signal.rawValue
        case .inboundCount(let type): "inbound_count(\(type))"
        case .relationshipFeature(let feature): feature.name
        case .relationshipSignal(let signal): signal.rawValue
        }
    }

    /// The measure of relationships with this name; nil when there is none.
    package init?(relationshipMeasure name: String) {
        if let feature = RelationshipFeature(name: name) {
            self = .relationshipFeature(feature)
        } else if let signal = RelationshipSignal(rawValue: name) {
            self = .relationshipSignal(signal)
        } else {
            return nil
        }
    }

    /// The measure of entities with this name; nil when there is none.
    package init?(name: String) {
        if let feature = EntityFeature(name: name) {
            self = .feature(feature)
        } else if let signal = EntitySignal(rawValue: name) {
            self = .signal(signal)
        } else if name.hasPrefix("inbound_count("), name.hasSuffix(")") {
            self = .inboundCount(
                relationshipType: String(name.dropFirst("inbound_count(".count).dropLast()))
        } else {
            return nil
        }
    }

    /// The feature or signal of this name in a condition; nil when there is none.
    init?(name: String, scope: Indicator.Scope) {
        switch scope {
        case .entity: self.init(name: name)
        case .relationship: self.init(relationshipMeasure: name)
        }
    }

    /// True where the values are whole numbers.
    var isCount: Bool {
        switch self {
        case .feature(.relationshipCount), .feature(.sourceCount), .feature(.tagCount),
            .signal(.degree), .signal(.inDegree), .signal(.outDegree), .signal(.burstCount),
            .signal(.tieRange), .signal(.bridgedPairs), .signal(.distinctNeighbourTypes),
            .signal(.ratingCount), .signal(.structuringCount), .signal(.riskyNeighbours),
            .signal(.foreignTriangles), .inboundCount:
            true
        case .relationshipSignal(let signal): signal.isCount
        default: false
        }
    }

    /// The anomaly type that a deviation of this measure alone points to; nil where another detector
    /// judges it.
    var anomalyType: AnomalyType? {
        switch self {
        case .feature(let feature): feature.anomalyType
        case .relationshipFeature(let feature): feature.anomalyType
        case .signal(.hasName), .signal(.confidenceSwing), .signal(.riskSwing),
            .relationshipSignal(.confidenceSwing):
            .dataQuality
        case .signal(.neighbourRiskGap), .signal(.neighbourRiskExcess),
            .signal(.riskyNeighbours), .signal(.foreignTriangles):
            .relationship
        case .signal(.distinctNeighbourTypes), .signal(.unexpectedNeighbourTypes): .semantic
        case .signal, .inboundCount, .relationshipSignal: nil
        }
    }

    /// The detector that judges the same evidence; other features are the forest's.
    var detector: Detector? {
        switch self {
        case .feature(.relationshipCount), .feature(.degreeCentrality): .degree
        case .feature, .relationshipFeature: nil
        case .signal(let signal): signal.detector
        case .relationshipSignal(let signal): signal.detector
        case .inboundCount: .degree
        }
    }
}
