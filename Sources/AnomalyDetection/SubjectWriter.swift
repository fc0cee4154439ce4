import AnomalyModels

/// Turns the measures of one subject, an entity or a relationship, into sentences with figures.
protocol SubjectWriter {
    /// The entity itself, or the ends of the relationship.
    var entityIDs: [Int64] { get }
    /// The measures of its features, in the order of its vector.
    var featureMeasures: [Measure] { get }
    /// Its features on the scale of the models, NaN where missing.
    var modelValues: [Double] { get }
    /// The name of its type, and those of its ends' types for a relationship.
    var typeName: String { get }
    var endTypeNames: [String]? { get }
    /// The time of the judgement.
    var asOf: Double { get }
    /// All its signals by name.
    var signalValues: [String: Double] { get }
    /// What it is for reviews.
    var scope: Indicator.Scope { get }
    /// What stands around it, by name.
    func surroundings(in detector: AnomalyDetector) -> [String: Double]
    /// The behavioural sequence of an entity that the network judged, else empty.
    var sequence: [Double] { get }
    /// What an entity did; nil for relationships, and where its behaviour was not judged.
    var behaviour: Explanation.Behaviour? { get }
    /// Nil without a model: then nothing is compared.
    var type: TypeModel? { get }

    /// The number behind a measure; NaN where unknown.
    func value(_ measure: Measure) -> Double
    /// The figure alone: "60 new relationships within 2 hours", "confidence score 0.12".
    func figure(_ measure: Measure, _ value: Double) -> String
    /// How the peers compare; nil where there are none, or the measure is no quantity.
    func peerClause(_ measure: Measure, _ value: Double, isLow: Bool) -> String?
    /// The rarest measure that a detector of rare measures found; nil for other detectors.
    func rarest(_ detector: Detector) -> ComparedMeasure?
    /// What a detector saw, where no indicator says it.
    func sentence(_ verdict: DetectorVerdict, topFeatures: [Measure]) -> String
    /// The next step where no indicator gives one.
    func recommendation(for detector: Detector?) -> String
}

extension SubjectWriter {
    /// What comparisons saw: the first with its peers, the others as figures.
    func sentence(_ comparisons: [IndicatorCondition.Comparison]) -> String? {
        var parts: [String] = []
        for comparison in comparisons {
            let measure = comparison.measure
            let value = value(measure)
            let figure = figure(measure, value)
            guard !parts.contains(figure) else { continue }
            parts.append(figure)
            if parts.count == 1,
                let peers = peerClause(measure, value, isLow: comparison.relation.isUpperBound)
            {
                parts.append(peers)
            }
        }
        return parts.isEmpty ? nil : parts.joined(separator: "; ")
    }

    /// A measure with its peers.
    func measured(_ measure: Measure, isLow: Bool = false) -> String {
        let value = value(measure)
        let peers = peerClause(measure, value, isLow: isLow)
        return [figure(measure, value), peers].compactMap { $0 }.joined(separator: "; ")
    }

    /// How a value compares with the quantiles of a group; nil where that would speak against it.
    ///
    /// `text` tells a value of the measure.
    func quantileClause(
        _ measure: Measure, _ value: Double, _ peers: PeerDistribution, of group: String,
        isLow: Bool, text: (Double) -> String
    ) -> String? {
        let limit = peers.quantile(isLow ? 0.01 : 0.99)
        // A quantile between two counts is rounded to the side that keeps the sentence true.
        let shown = measure.isCount ? limit.rounded(isLow ? .down : .up) : limit
        let median = "the median of \(group) is \(text(peers.median))"
        if isLow ? value < shown : value > shown {
            return "\(median), and 99 in 100 have at \(isLow ? "least" : "most") \(text(shown))"
        }
        // Within the bounds of the peers a bound would speak against the sentence.
        guard isLow ? value < peers.median : value > peers.median else { return nil }
        let position = peers.position(of: value)
        let beyond = ((isLow ? 1 - position : position) * 100).rounded(.down)
        return beyond >= 90
            ? "\(isLow ? "less" : "more") than "
                + "\(NumberText.number(min(99, beyond))) in 100 of \(group)"
            : median
    }
}
