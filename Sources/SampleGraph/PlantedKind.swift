/// What can be planted in a world; the raw value is the name of the indicator that means it.
package enum PlantedKind: String, CaseIterable, Sendable {
    // Of entities.
    case lowMetadataRichness = "low_metadata_richness"
    case missingName = "missing_name"
    case lowConfidence = "low_confidence"
    case contradictorySources = "contradictory_sources"
    case highUpdateFrequency = "high_update_frequency"
    case suddenSpike = "sudden_spike"
    case unusualDegree = "unusual_degree"
    case unusualSequence = "unusual_sequence"
    case distrusted = "distrusted"
    case structuring = "structuring"
    case possibleHoneypot = "possible_honeypot"
    case possibleSinkhole = "possible_sinkhole"
    case suspiciousService = "suspicious_service"
    case burst = "burst"
    case rapidGrowth = "rapid_growth"
    case dormantReactivation = "dormant_reactivation"
    case offHours = "off_hours"
    case bridgingNode = "bridging_node"
    case riskMismatch = "risk_mismatch"
    case denseNeighbourhood = "dense_neighbourhood"
    case unexpectedNeighbourTypes = "unexpected_neighbour_types"
    case tagOutOfContext = "tag_out_of_context"
    // Of relationships.
    case typeOutOfContext = "type_out_of_context"
    case unusualAmount = "unusual_amount"
    case contradictoryRelationship = "contradictory_relationship"
    case doubtedRelationship = "doubted_relationship"

    /// Those whose subject is an entity.
    package static let ofEntities = allCases.filter { !$0.isOfRelationship }
    /// Those whose subject is a relationship.
    package static let ofRelationships = allCases.filter(\.isOfRelationship)

    /// Whether the subject is a relationship.
    package var isOfRelationship: Bool {
        switch self {
        case .typeOutOfContext, .unusualAmount, .contradictoryRelationship, .doubtedRelationship:
            true
        default: false
        }
    }

    /// The name of the indicator: two kinds of relationships share theirs with a kind of entities.
    package var indicator: String {
        switch self {
        case .contradictoryRelationship: PlantedKind.contradictorySources.rawValue
        case .doubtedRelationship: PlantedKind.lowConfidence.rawValue
        default: rawValue
        }
    }

    /// The primary anomaly type.
    package var type: String { types[0] }

    /// Types that are no mistake either.
    package var otherTypes: [String] { Array(types.dropFirst()) }

    private var types: [String] {
        switch self {
        case .lowMetadataRichness, .missingName: ["data_quality"]
        case .lowConfidence, .doubtedRelationship: ["data_quality"]
        case .contradictorySources, .contradictoryRelationship: ["data_quality", "behavioral"]
        case .highUpdateFrequency: ["behavioral", "temporal"]
        case .suddenSpike: ["behavioral", "temporal"]
        case .unusualDegree: ["behavioral", "relationship"]
        case .unusualSequence: ["behavioral", "temporal"]
        case .distrusted: ["behavioral", "relationship"]
        case .structuring: ["behavioral", "relationship"]
        case .possibleHoneypot, .possibleSinkhole: ["infrastructure", "behavioral", "relationship"]
        case .suspiciousService: ["infrastructure", "relationship", "semantic"]
        case .burst: ["temporal", "behavioral"]
        case .rapidGrowth: ["temporal", "behavioral"]
        case .dormantReactivation: ["temporal", "behavioral"]
        case .offHours: ["temporal", "behavioral"]
        case .bridgingNode: ["relationship", "temporal", "semantic"]
        case .riskMismatch: ["relationship", "data_quality"]
        case .denseNeighbourhood: ["relationship"]
        case .unexpectedNeighbourTypes: ["semantic", "relationship"]
        case .tagOutOfContext: ["semantic"]
        case .typeOutOfContext: ["semantic", "relationship"]
        case .unusualAmount: ["behavioral", "relationship"]
        }
    }
}

/// One row of the ground truth: what was planted where.
package struct PlantedTruth: Sendable, Equatable {
    /// What a row is in its case.
    package enum Role: String, Sendable {
        /// It should be flagged.
        case subject
        /// It belongs to the case and need not be flagged; it is no proof of a false alarm either.
        case part
    }

    /// The entity or relationship, by its reference.
    package var subject: SampleObservation.Subject
    /// The number of the case, from 1; its subject and its parts share it.
    package var caseNumber: Int
    /// What the row is in its case.
    package var role: Role
    /// What was planted.
    package var kind: PlantedKind
    /// From 0, subtle, to 1, blatant.
    package var strength: Double
    /// One sentence for people.
    package var sentence: String
}
