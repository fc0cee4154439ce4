import AnomalyModels
import Foundation

/// The detectors of entities and of relationships; each has its own calibration, each family one vote.
package enum Detector: String, CaseIterable, Codable, Sendable {
    /// Isolation forest over the 18 features of an entity.
    case isolationForest = "isolation_forest"
    /// The rarest of its own features and signals among the peers of its type.
    case peerDeviation = "peer_deviation"
    /// The numbers of the metadata that its type watches.
    case numericMetadata = "numeric_metadata"
    /// Triangles beyond what the degrees let expect.
    case triangleExcess = "triangle_excess"
    /// Log degree above the entity's own type.
    case degree
    /// How far apart the ends of its newest relationships are without them.
    case tieRange = "tie_range"
    /// Pairs of neighbours from two groups that nothing else joins.
    case brokerage
    /// Tags and numbers unlike those of its neighbours, one and two steps away.
    case homophily
    /// The rarest of the signals of its neighbours, their types and risks, among the peers of its type.
    case neighbourDeviation = "neighbour_deviation"
    /// New relationships within the burst window.
    case burst
    /// Silence before the activity of the last day, against the entity's own rhythm before it.
    case dormancy
    /// Daily activity against what was forecast for the day.
    case residual
    /// Daily activity that has drifted away from its own level.
    case cusum
    /// Behaviour that the autoencoder cannot reconstruct.
    case reconstruction
    /// Activity at hours at which it and its type are silent.
    case offHours = "off_hours"
    /// Contacts with one other at intervals that hardly vary.
    case regularity
    /// First digits of the amounts it sends.
    case benford
    /// Amounts just under a limit.
    case structuring
    /// Bad ratings received.
    case trust
    /// The strangest of the relationships of the burst window, times their number.
    case relationships
    /// The rarest of the indicators that hold and that join what no other detector joins.
    case indicators

    /// Isolation forest over the 12 features of a relationship.
    case relationshipForest = "relationship_forest"
    /// The rarest feature of a relationship among the peers of its type.
    case relationshipDeviation = "relationship_deviation"
    /// A type that such ends are hardly ever joined by.
    case typeSurprise = "type_surprise"
    /// An amount beyond its sender's habit.
    case amount
    /// Records of its source or target that come faster, or from more partners, than ever.
    case stream

    /// Detectors that see the same kind of evidence vote together.
    package enum Family: String, CaseIterable, Codable, Sendable {
        case attributes, structure, context, behaviour, stream, amounts, trust, types
        case relationships, rules
    }

    /// Whether it judges entities or relationships.
    package var scope: Indicator.Scope {
        switch self {
        case .relationshipForest, .relationshipDeviation, .typeSurprise, .amount, .stream:
            .relationship
        default: .entity
        }
    }

    /// The family that it votes in.
    package var family: Family {
        switch self {
        case .isolationForest, .peerDeviation, .numericMetadata: .attributes
        case .relationshipForest, .relationshipDeviation: .attributes
        case .triangleExcess, .degree, .tieRange, .brokerage: .structure
        case .homophily, .neighbourDeviation: .context
        case .burst, .dormancy, .residual, .cusum, .reconstruction, .offHours, .regularity:
            .behaviour
        case .benford, .structuring, .amount: .amounts
        case .stream: .stream
        case .trust: .trust
        case .typeSurprise: .types
        case .relationships: .relationships
        case .indicators: .rules
        }
    }

    /// The raw score on the scale of the calibration: heavy tails through a logarithm, counts
    /// through the root that evens out their spread.
    package func calibrationScale(_ score: Double) -> Double {
        switch self {
        case .dormancy, .numericMetadata: log1p(max(0, score))
        case .burst, .brokerage: max(0, score).squareRoot()
        // Fewer triangles than chance are no evidence: they are all alike.
        case .triangleExcess: max(0, score)
        default: score
        }
    }

    /// True where the raw score is a whole number with few different values.
    package var isCount: Bool {
        switch self {
        case .burst, .tieRange, .brokerage: true
        default: false
        }
    }

    /// The unit of the far-out rule on the scale of the calibration; nil for bounded scores.
    ///
    /// One standard deviation or one step where the score is in them; half a unit on the scale of
    /// a logarithm, which is a factor of 1.6, and of a root. `trust` takes a tenth of the range of ratings instead.
    package var farOutUnit: Double? {
        switch self {
        case .isolationForest, .relationshipForest: nil
        case .triangleExcess, .degree, .tieRange: 1
        // A tenth as many peers.
        case .peerDeviation, .neighbourDeviation, .relationshipDeviation: 1
        case .burst, .brokerage, .dormancy: 0.5
        case .trust: nil
        case .homophily, .residual, .cusum, .offHours, .regularity, .typeSurprise, .amount: 1
        case .numericMetadata, .reconstruction: 0.5
        // They bring their own probabilities.
        case .benford, .structuring, .stream, .relationships, .indicators: nil
        }
    }

    /// Whether its score is how rare one measure is among the peers of the type.
    var restsOnRarities: Bool {
        switch self {
        case .peerDeviation, .neighbourDeviation, .relationshipDeviation: true
        default: false
        }
    }

    /// Above this probability a detector of rare measures is silent.
    ///
    /// That nothing is rare is no vote that all is well, which would weaken those that something is
    /// strange. One that is a family by itself, where there are no tags to compare, must have more to say.
    var heardProbabilityMax: Double { self == .neighbourDeviation ? 0.05 : 0.3 }

    /// Whether it looks at many measures, each of which points to a type of its own.
    var restsOnMeasures: Bool { family == .attributes || self == .neighbourDeviation }

    /// The scale on which degrees are compared with those of the type.
    package static func logDegree(_ degree: Double) -> Double { log1p(degree) }

    /// The anomaly type that it points to when no indicator fires.
    var anomalyType: AnomalyType {
        switch self {
        case .isolationForest, .peerDeviation, .numericMetadata, .degree: .behavioral
        case .residual, .cusum, .reconstruction, .regularity, .benford, .structuring, .amount:
            .behavioral
        case .triangleExcess, .tieRange, .brokerage, .trust: .relationship
        case .relationshipForest, .relationships, .neighbourDeviation: .relationship
        case .relationshipDeviation: .dataQuality
        case .burst, .dormancy, .offHours, .stream: .temporal
        case .homophily, .typeSurprise: .semantic
        case .indicators: .behavioral
        }
    }
}

/// What one detector said about one entity.
package struct DetectorVerdict: Sendable, Equatable, Codable {
    /// The detector.
    package var detector: Detector
    /// Its raw score; larger is stranger.
    package var score: Double
    /// The tail probability of that score among the peers.
    package var tailProbability: Double
    /// How many rows stand behind the probability; not part of the JSON form.
    package var calibrationCount: Int
    /// How many places it looked at before it chose this one; not part of the JSON form.
    package var looks: Int

    /// The detector's name.
    package var name: String { detector.rawValue }
    /// The name of its family.
    package var family: String { detector.family.rawValue }
    /// The tail probability of its score.
    package var p: Double { tailProbability }

    /// A verdict of these parts.
    package init(
        detector: Detector, score: Double, tailProbability: Double, calibrationCount: Int,
        looks: Int = 1
    ) {
        self.detector = detector
        self.score = score
        self.tailProbability = tailProbability
        self.calibrationCount = calibrationCount
        self.looks = looks
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        detector = try values.decode(Detector.self, forKey: .name)
        score = try values.decode(Double.self, forKey: .score)
        tailProbability = try values.decode(Double.self, forKey: .p)
        calibrationCount = 0
        looks = 1
    }

    package func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(name, forKey: .name)
        try values.encode(family, forKey: .family)
        try values.encode(score, forKey: .score)
        try values.encode(tailProbability, forKey: .p)
    }

    enum CodingKeys: String, CodingKey {
        case name, family, score, p
    }
}
