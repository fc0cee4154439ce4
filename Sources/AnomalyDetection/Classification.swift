import AnomalyModels
import Foundation

/// An indicator whose condition certainly holds, and how strong the evidence behind it is.
struct FiredIndicator {
    var indicator: Indicator
    /// The comparisons that made it fire, the strongest evidence first.
    var comparisons: [IndicatorCondition.Comparison]
    /// 0 to 1.
    var strength: Double

    /// What it adds to its type; the small constant lets weights decide where no detector saw it.
    var evidence: Double { indicator.weight * (0.02 + strength) }
    var confidence: Double { 1 - (1 - indicator.weight) * (1 - min(1, strength)) }
}

/// How much of a judgement each measure can claim.
///
/// A signal claims what its detector said: -log10 p / 5, as scores do. A feature claims its share of
/// the shortened path times what the forest said; the feature farthest from its peers claims what the
/// peer comparison said; degree and clustering claim their detectors' word too.
struct EvidenceStrengths {
    private var byDetector: [Detector: Double] = [:]
    private var byFeature = [Double](repeating: 0, count: EntityFeature.count)

    init(
        verdicts: [DetectorVerdict], contributions: [Double], farthestFeature: EntityFeature?
    ) {
        for verdict in verdicts {
            byDetector[verdict.detector] = AnomalyModels.anomalyScore(
                tailProbability: verdict.tailProbability)
        }
        let shortened = contributions.reduce(0) { $0 + max(0, -$1) }
        if shortened > 0 {
            let forest = byDetector[.isolationForest] ?? 0
            byFeature = contributions.map { max(0, -$0) / shortened * forest }
        }
        if let farthestFeature {
            byFeature[farthestFeature.rawValue] = max(
                byFeature[farthestFeature.rawValue], byDetector[.peerDeviation] ?? 0)
        }
    }

    func strength(of measure: Measure) -> Double {
        let judged = measure.detector.flatMap { byDetector[$0] } ?? 0
        guard case .feature(let feature) = measure else { return judged }
        return max(judged, byFeature[feature.rawValue])
    }

    /// The feature with the largest claim.
    var strongestFeature: EntityFeature? {
        EntityFeature.allCases.max { byFeature[$0.rawValue] < byFeature[$1.rawValue] }
    }
}

extension AnomalyDetector {
    /// The indicators that fire, the strongest evidence first.
    func firedIndicators(
        on subject: EntitySubject, _ signals: EntitySignals, type: TypeModel?,
        strength: (Measure) -> Double
    ) -> [FiredIndicator] {
        let context = ConditionContext(
            typeName: subject.typeName,
            value: { signals.value($0, features: subject.features) },
            peerQuantile: { type?.peers.distributions[$0]?.quantile($1) ?? .nan },
            settings: settings)
        return Self.fired(indicators, scope: .entity, in: context, strength: strength)
    }

    /// The indicators of a scope that fire in this context, the strongest evidence first.
    static func fired(
        _ indicators: [Indicator], scope: Indicator.Scope, in context: ConditionContext,
        strength: (Measure) -> Double
    ) -> [FiredIndicator] {
        indicators
            .filter { $0.scope == scope && $0.condition.holds(in: context) == true }
            .map { indicator in
                let ranked = indicator.condition.trueComparisons(in: context)
                    .map { (comparison: $0, strength: strength($0.measure)) }
                    .sorted { $0.strength > $1.strength }
                return FiredIndicator(
                    indicator: indicator, comparisons: ranked.map(\.comparison),
                    strength: ranked.first?.strength ?? 0)
            }
            .sorted { ($1.evidence, $0.indicator.name) < ($0.evidence, $1.indicator.name) }
    }

    /// The types that hold, the strongest first: those of the indicators, by the sum of their
    /// evidence, as far as they have at least a fifth of the strongest; without any indicator the
    /// type that the strongest detector points to.
    func anomalyTypes(
        _ fired: [FiredIndicator], verdicts: [DetectorVerdict], strengths: EvidenceStrengths?
    ) -> [AnomalyType] {
        var sums: [AnomalyType: Double] = [:]
        for fired in fired { sums[fired.indicator.anomalyType, default: 0] += fired.evidence }
        let strongest = verdicts.min { $0.tailProbability < $1.tailProbability }
        let covered = Set(fired.flatMap(\.comparisons).compactMap(\.measure.detector))
        // What an indicator has told already is not counted twice.
        if let strongest, let strengths, !covered.contains(strongest.detector) {
            let word = AnomalyModels.anomalyScore(tailProbability: strongest.tailProbability)
            let type =
                strongest.detector.family == .attributes
                ? strengths.strongestFeature?.anomalyType ?? strongest.detector.anomalyType
                : strongest.detector.anomalyType
            // Half of what an indicator of full weight would add: indicators know more.
            sums[type, default: 0] += fired.isEmpty ? 1 : 0.15 * word
        }
        let largest = sums.values.max() ?? 0
        let order = AnomalyType.allCases
        return order.filter { (sums[$0] ?? 0) > 0 && (sums[$0] ?? 0) >= largest / 5 }
            .sorted { (sums[$0] ?? 0) > (sums[$1] ?? 0) }
    }
}
