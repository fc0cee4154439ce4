import AnomalyModels
import Foundation

/// The detectors of entities; each has its own calibration, each family one vote.
package enum Detector: String, CaseIterable, Codable, Sendable {
    /// Isolation forest over the 18 features.
    case isolationForest = "isolation_forest"
    /// The largest robust z of a feature against the entity's own type.
    case peerDeviation = "peer_deviation"
    /// Triangles beyond what the degrees let expect.
    case triangleExcess = "triangle_excess"
    /// Log degree above the entity's own type.
    case degree
    /// How far apart the ends of its newest relationships are without them.
    case tieRange = "tie_range"
    /// Pairs of neighbours from two groups that nothing else joins.
    case brokerage
    /// New relationships within the burst window.
    case burst
    /// Silence before the activity of the last day, against the entity's own rhythm before it.
    case dormancy
    /// Bad ratings received.
    case trust

    /// Detectors that see the same kind of evidence vote together.
    package enum Family: String, CaseIterable, Codable, Sendable {
        case attributes, structure, behaviour, trust
    }

    /// The family that it votes in.
    package var family: Family {
        switch self {
        case .isolationForest, .peerDeviation: .attributes
        case .triangleExcess, .degree, .tieRange, .brokerage: .structure
        case .burst, .dormancy: .behaviour
        case .trust: .trust
        }
    }

    /// The raw score on the scale of the calibration: heavy tails through a logarithm, counts
    /// through the root that evens out their spread.
    package func calibrationScale(_ score: Double) -> Double {
        switch self {
        case .peerDeviation, .dormancy: log1p(max(0, score))
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
        case .isolationForest: nil
        case .triangleExcess, .degree, .tieRange: 1
        case .peerDeviation, .burst, .brokerage, .dormancy: 0.5
        case .trust: nil
        }
    }

    /// The scale on which degrees are compared with those of the type.
    package static func logDegree(_ degree: Double) -> Double { log1p(degree) }

    /// The anomaly type that it points to when no indicator fires.
    var anomalyType: AnomalyType {
        switch self {
        case .isolationForest, .peerDeviation, .degree: .behavioral
        case .triangleExcess, .tieRange, .brokerage, .trust: .relationship
        case .burst, .dormancy: .temporal
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

    /// The detector's name.
    package var name: String { detector.rawValue }
    /// The name of its family.
    package var family: String { detector.family.rawValue }
    /// The tail probability of its score.
    package var p: Double { tailProbability }

    /// A verdict of these parts.
    package init(
        detector: Detector, score: Double, tailProbability: Double, calibrationCount: Int
    ) {
        self.detector = detector
        self.score = score
        self.tailProbability = tailProbability
        self.calibrationCount = calibrationCount
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        detector = try values.decode(Detector.self, forKey: .name)
        score = try values.decode(Double.self, forKey: .score)
        tailProbability = try values.decode(Double.self, forKey: .p)
        calibrationCount = 0
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
