/// All that the figures of a judgement were computed from: with the same model, or the same
/// indicators, they give the same bits again.
package struct JudgementInputs: Sendable, Equatable, Codable {
    /// The name of this layout; it changes with the meaning of its parts.
    package static let schema = "judgement-inputs-1"

    /// The layout that it was written in.
    package var schema: String
    /// The name of the type of the entity or relationship.
    package var type: String
    /// The names of the types of a relationship's source and target; nil for an entity.
    package var endTypes: [String]?
    /// The time of the judgement, seconds since 1970.
    package var asOf: Double
    /// The features, exact; NaN where missing.
    package var features: [Double]
    /// The raw scores, in the order of the verdicts.
    package var readings: [Reading]
    /// Signals and counts by the name of their ``Measure``, and, where a model judged, the traits of what
    /// surrounds the subject; without those that are unknown.
    package var measures: [String: Double]
    /// The behavioural sequence, bucket by bucket, where the network judged it; else empty.
    package var sequence: [Double]
    /// From this score on it was an anomaly.
    package var anomalyThreshold: Double
    /// What rules alone could reach.
    package var ruleScoreMax: Double

    /// What one detector saw, before any calibration.
    package struct Reading: Sendable, Equatable, Codable {
        /// The detector.
        package var detector: Detector
        /// Its raw score.
        package var score: Double
        /// How many places it looked at before it chose this one.
        package var looks: Int
        /// The tail probability, where the detector brings its own and the model's calibration does not
        /// give it.
        package var tailProbability: Double?
        /// How many rows stand behind that probability.
        package var calibrationCount: Int?

        enum CodingKeys: String, CodingKey {
            case detector, score, looks
            case tailProbability = "p"
            case calibrationCount = "calibration_count"
        }
    }

    enum CodingKeys: String, CodingKey {
        case schema, type, features, readings, measures, sequence
        case endTypes = "end_types"
        case asOf = "as_of"
        case anomalyThreshold = "anomaly_threshold"
        case ruleScoreMax = "rule_score_max"
    }
}

extension JudgementInputs {
    /// What these verdicts were made of; `type` says which of them the model calibrates.
    init(
        _ judgement: Judgement, typeName: String, asOf: Double, type: TypeModel?,
        measures: [String: Double], sequence: [Double], settings: DetectionSettings
    ) {
        schema = Self.schema
        self.type = typeName
        self.asOf = asOf
        features = judgement.features
        readings = judgement.detectors.map { verdict in
            // Some bring a probability of their own, and the shyer of the two counts.
            let calibrated = type?.verdict(verdict.detector, verdict.score, looks: verdict.looks)
            let isCalibrated =
                calibrated?.tailProbability.bitPattern == verdict.tailProbability.bitPattern
                && calibrated?.calibrationCount == verdict.calibrationCount
            return Reading(
                detector: verdict.detector, score: verdict.score, looks: verdict.looks,
                tailProbability: isCalibrated ? nil : verdict.tailProbability,
                calibrationCount: isCalibrated ? nil : verdict.calibrationCount)
        }
        self.measures = measures.filter { $0.value.isFinite }
        let isSequenceUsed = judgement.detectors.contains { $0.detector == .reconstruction }
        self.sequence = isSequenceUsed ? sequence : []
        anomalyThreshold = settings.anomalyThreshold
        ruleScoreMax = settings.ruleScoreMax
    }

    /// Decodes; null is NaN.
    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        schema = try values.decode(String.self, forKey: .schema)
        type = try values.decode(String.self, forKey: .type)
        endTypes = try values.decodeIfPresent([String].self, forKey: .endTypes)
        asOf = try values.decode(Double.self, forKey: .asOf)
        features = try values.decode([Double?].self, forKey: .features).map { $0 ?? .nan }
        readings = try values.decode([Reading].self, forKey: .readings)
        measures = try values.decode([String: Double].self, forKey: .measures)
        sequence =
            try values.decodeIfPresent([Double?].self, forKey: .sequence)?.map { $0 ?? .nan } ?? []
        anomalyThreshold = try values.decode(Double.self, forKey: .anomalyThreshold)
        ruleScoreMax = try values.decode(Double.self, forKey: .ruleScoreMax)
    }

    /// Encodes; NaN is null.
    package func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(schema, forKey: .schema)
        try values.encode(type, forKey: .type)
        try values.encodeIfPresent(endTypes, forKey: .endTypes)
        try values.encode(asOf, forKey: .asOf)
        try values.encode(features.map { $0.isFinite ? $0 : nil }, forKey: .features)
        try values.encode(readings, forKey: .readings)
        try values.encode(measures, forKey: .measures)
        if !sequence.isEmpty {
            try values.encode(sequence.map { $0.isFinite ? $0 : nil }, forKey: .sequence)
        }
        try values.encode(anomalyThreshold, forKey: .anomalyThreshold)
        try values.encode(ruleScoreMax, forKey: .ruleScoreMax)
    }
}
