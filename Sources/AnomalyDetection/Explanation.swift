/// Why something is an anomaly: figures for programs, sentences for people; the same as JSON under
/// `docs/explanation.schema.json`.
package struct Explanation: Sendable, Equatable, Codable {
    /// The strongest evidence in one paragraph.
    package var summary: String
    /// One fact each.
    package var sentences: [String]
    /// The detectors that spoke.
    package var detectors: [DetectorVerdict]
    /// All features with their share in the path length.
    package var features: [FeatureContribution]
    /// The forest's expected path length, and that of this entity; NaN without a model.
    ///
    /// The former plus all contributions is the latter.
    package var expectedPathLength, pathLength: Double
    /// The indicators that fired.
    package var indicators: [IndicatorVerdict]
    /// The rows behind it.
    package var evidence: [EvidenceRow]
    /// With whom it was compared.
    package var peerGroup: PeerGroupSummary
    /// The types that hold with their own confidence, the strongest first.
    package var types: [TypeVerdict] = []
    /// The entities that take part in the evidence, the subject or its ends first.
    package var affectedEntityIDs: [Int64] = []
    /// Without which relationships it would not be an anomaly; nil where nobody looked.
    package var counterfactual: Counterfactual?
    /// What the figures were computed from; nil in explanations of earlier versions.
    package var inputs: JudgementInputs?
    /// What it did, and what was expected; nil where its behaviour was not judged.
    package var behaviour: Behaviour?

    /// What reviews of other findings say; nil where none are heard.
    package var reviews: Reviews?

    /// What reviews have taught about such findings, and why it holds here.
    package struct Reviews: Sendable, Equatable, Codable {
        /// The head that was learnt from them.
        package var version: String
        /// How many of them confirmed and rejected what they looked at.
        package var confirmed, rejected: Int
        /// How much they count beside the ensemble, 0 to 1.
        package var weight: Double
        /// The tail probabilities of the ensemble alone and of the head alone.
        package var ensemblePValue, tailProbability: Double
        /// The probability that a reviewer confirms a finding with this margin.
        package var confirmation: Double
        /// The log-odds of the head, and what they are for a row that it learnt from.
        ///
        /// The latter, the contributions and `otherContributions` add up to the former.
        package var margin, expectedMargin: Double
        /// The inputs that matter most.
        package var contributions: [InputContribution]
        /// The sum of those that are not told.
        package var otherContributions: Double

        enum CodingKeys: String, CodingKey {
            case version, confirmed, rejected, weight, confirmation, margin, contributions
            case ensemblePValue = "ensemble_p"
            case tailProbability = "p"
            case expectedMargin = "expected_margin"
            case otherContributions = "other_contributions"
        }
    }

    /// One input of the head; a value that is missing is null in JSON.
    package struct InputContribution: Sendable, Equatable, Codable {
        /// The name of the input.
        package var name: String
        /// Its value on the scale of the models; nil where it is missing.
        package var value: Double?
        /// How much it adds to the log-odds.
        package var contribution: Double
    }

    /// One feature of an explained entity; NaN is null in JSON.
    package struct FeatureContribution: Sendable, Equatable, Codable {
        /// The feature's name.
        package var name: String
        /// Its value.
        package var value: Double
        /// How much it lengthens the path; negative makes the entity stranger.
        package var contribution: Double
        /// The median of the peers, and the share of them below the value.
        package var peerMedian, peerQuantile: Double
    }

    /// One relationship that is evidence.
    package struct EvidenceRow: Sendable, Equatable, Codable {
        /// The relationship, its type, and its other end.
        package var relationshipID: Int64
        package var type: String
        package var otherEntityID: Int64
        /// Why it is evidence.
        package var reason: String

        enum CodingKeys: String, CodingKey {
            case type, reason
            case relationshipID = "relationship_id"
            case otherEntityID = "other_entity_id"
        }
    }

    /// The peers: their type ("all" where the type had too few), and how many they were.
    package struct PeerGroupSummary: Sendable, Equatable, Codable {
        package var type: String
        package var count: Int
    }
}

extension Explanation {
    enum CodingKeys: String, CodingKey {
        case summary, sentences, detectors, features, indicators, evidence, behaviour
        case counterfactual, inputs, reviews
        case expectedPathLength = "expected_path_length"
        case pathLength = "path_length"
        case peerGroup = "peer_group"
        case types
        case affectedEntityIDs = "affected_entities"
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        summary = try values.decode(String.self, forKey: .summary)
        sentences = try values.decode([String].self, forKey: .sentences)
        detectors = try values.decode([DetectorVerdict].self, forKey: .detectors)
        features = try values.decode([FeatureContribution].self, forKey: .features)
        expectedPathLength = try values.decodeNumber(forKey: .expectedPathLength)
        pathLength = try values.decodeNumber(forKey: .pathLength)
        indicators = try values.decode([IndicatorVerdict].self, forKey: .indicators)
        evidence = try values.decode([EvidenceRow].self, forKey: .evidence)
        peerGroup = try values.decode(PeerGroupSummary.self, forKey: .peerGroup)
        types = try values.decodeIfPresent([TypeVerdict].self, forKey: .types) ?? []
        affectedEntityIDs =
            try values.decodeIfPresent([Int64].self, forKey: .affectedEntityIDs) ?? []
        counterfactual = try values.decodeIfPresent(Counterfactual.self, forKey: .counterfactual)
        inputs = try values.decodeIfPresent(JudgementInputs.self, forKey: .inputs)
        behaviour = try values.decodeIfPresent(Behaviour.self, forKey: .behaviour)
        reviews = try values.decodeIfPresent(Reviews.self, forKey: .reviews)
    }

    package func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(summary, forKey: .summary)
        try values.encode(sentences, forKey: .sentences)
        try values.encode(detectors, forKey: .detectors)
        try values.encode(features, forKey: .features)
        try values.encodeNumber(expectedPathLength, forKey: .expectedPathLength)
        try values.encodeNumber(pathLength, forKey: .pathLength)
        try values.encode(indicators, forKey: .indicators)
        try values.encode(evidence, forKey: .evidence)
        try values.encode(peerGroup, forKey: .peerGroup)
        try values.encode(types, forKey: .types)
        try values.encode(affectedEntityIDs, forKey: .affectedEntityIDs)
        try values.encodeIfPresent(counterfactual, forKey: .counterfactual)
        try values.encodeIfPresent(inputs, forKey: .inputs)
        try values.encodeIfPresent(behaviour, forKey: .behaviour)
        try values.encodeIfPresent(reviews, forKey: .reviews)
    }
}

extension Explanation.FeatureContribution {
    enum CodingKeys: String, CodingKey {
        case name, value, contribution
        case peerMedian = "peer_median"
        case peerQuantile = "peer_quantile"
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        name = try values.decode(String.self, forKey: .name)
        value = try values.decodeNumber(forKey: .value)
        contribution = try values.decodeNumber(forKey: .contribution)
        peerMedian = try values.decodeNumber(forKey: .peerMedian)
        peerQuantile = try values.decodeNumber(forKey: .peerQuantile)
    }

    package func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(name, forKey: .name)
        try values.encodeNumber(value, forKey: .value)
        try values.encodeNumber(contribution, forKey: .contribution)
        try values.encodeNumber(peerMedian, forKey: .peerMedian)
        try values.encodeNumber(peerQuantile, forKey: .peerQuantile)
    }
}

extension KeyedEncodingContainer {
    /// Encodes a number, NaN and infinities as null.
    fileprivate mutating func encodeNumber(_ number: Double, forKey key: Key) throws {
        if number.isFinite { try encode(number, forKey: key) } else { try encodeNil(forKey: key) }
    }
}

extension KeyedDecodingContainer {
    /// Decodes a number, null as NaN.
    fileprivate func decodeNumber(forKey key: Key) throws -> Double {
        try decodeIfPresent(Double.self, forKey: key) ?? .nan
    }
}
