import AnomalyModels
import Foundation

// Which types hold. Each piece of evidence (a detector, a feature, or a measure that nobody judges)
// claims something from 0 to 1, and speaks once for a type, by the heaviest indicator that names it:
//
//     confidence(type) = 1 - product over the evidence of (1 - w · claim · w / W)
//
// with w the weight of the heaviest indicator of the type that names the evidence, and W that of all
// types: what a heavy indicator explains is explained away for the lighter ones of other types.
//
// the noisy-or of J. Pearl, "Probabilistic Reasoning in Intelligent Systems", Morgan Kaufmann 1988.
// Different here: an indicator that fires where nobody found anything still claims a little, so
// that weights decide between such indicators; and a detector that no indicator names speaks for the
// type it points to itself, at a fraction: indicators know more.

/// What a claim rests on; the same evidence speaks once for each type.
enum EvidenceSource: Hashable {
    case detector(Detector)
    case measure(Measure)
}

/// What a comparison claims, and on what.
struct EvidenceClaim {
    var source: EvidenceSource
    /// 0 to 1.
    var size: Double
}

/// An indicator whose condition certainly holds, and how strong the evidence behind it is.
struct FiredIndicator {
    /// What an indicator claims that no detector and no peers speak for.
    static let claimMin = 0.02

    var indicator: Indicator
    /// The comparisons that made it fire, the strongest evidence first, then those that are none.
    var comparisons: [IndicatorCondition.Comparison]
    /// What the comparisons claim, one for each source.
    var claims: [EvidenceClaim]

    /// What all its evidence claims together, 0 to 1.
    var strength: Double { 1 - claims.reduce(1) { $0 * (1 - $1.size) } }
    /// What it adds to its type.
    var evidence: Double { indicator.weight * max(Self.claimMin, strength) }
    var confidence: Double { 1 - (1 - indicator.weight) * (1 - strength) }
}

/// A type of anomaly that holds, and how far the evidence carries it.
package struct TypeVerdict: Sendable, Equatable, Codable {
    /// The type.
    package var type: AnomalyType
    /// 0 to 1.
    package var confidence: Double
    /// The indicators, and the detectors that no indicator names, that speak for it; the strongest
    /// first.
    package var evidence: [String]

    /// A verdict of these parts.
    package init(type: AnomalyType, confidence: Double, evidence: [String]) {
        self.type = type
        self.confidence = confidence
        self.evidence = evidence
    }
}

/// How much of a judgement each measure can claim.
///
/// A signal claims what its detector said: -log10 p / 5, as scores do. A feature claims its share of
/// the shortened path times what the forest said; the rarest measure among the peers what the detector
/// of rare measures said. What no detector looks at claims its own place among the peers.
struct EvidenceStrengths {
    private var byDetector: [Detector: Double] = [:]
    private let features: [Measure]
    private var byMeasure: [Measure: Double] = [:]

    init(
        verdicts: [DetectorVerdict], features: [Measure], contributions: [Double],
        forest: Detector, tails: TypeTails, values: (Measure) -> Double
    ) {
        self.features = features
        for verdict in verdicts {
            byDetector[verdict.detector] = AnomalyModels.anomalyScore(
                tailProbability: verdict.tailProbability)
        }
        let shortened = contributions.reduce(0) { $0 + max(0, -$1) }
        if shortened > 0 {
            let claim = byDetector[forest] ?? 0
            for (feature, contribution) in zip(features, contributions) {
                byMeasure[feature] = max(0, -contribution) / shortened * claim
            }
        }
        for detector in ComparedMeasure.detectors {
            guard let claim = byDetector[detector] else { continue }
            let rarities = tails.rarities(detector, value: values)
            let rarest = rarities.map(\.rarity).max() ?? 0
            for (compared, rarity) in rarities where rarity > 0 {
                // The rarest claims what the detector said, the others in proportion.
                let size = claim * rarity / rarest
                byMeasure[compared.measure] = max(byMeasure[compared.measure] ?? 0, size)
            }
        }
    }

    func claim(
        _ measure: Measure, value: Double, relation: IndicatorCondition.Relation,
        peers: PeerDistribution?
    ) -> EvidenceClaim {
        if let detector = measure.detector, let judged = byDetector[detector] {
            return EvidenceClaim(source: .detector(detector), size: judged)
        }
        let source = EvidenceSource.measure(measure)
        if let size = byMeasure[measure] { return EvidenceClaim(source: source, size: size) }
        guard measure.detector == nil, let peers else {
            return EvidenceClaim(source: source, size: 0)
        }
        return EvidenceClaim(source: source, size: peers.claim(of: value, relation))
    }

    /// What the forest or the rare measures say of those that no indicator names.
    func claims(except named: Set<Measure>) -> [(measure: Measure, size: Double)] {
        (features + Measure.comparedSignals).filter { !named.contains($0) }
            .map { ($0, byMeasure[$0] ?? 0) }
            .filter { $0.1 > 0 }
    }
}

extension PeerDistribution {
    /// -log10 of the share of the peers that are as far out, over 5; what lies beyond all of them
    /// is one in their number.
    func claim(of value: Double, _ relation: IndicatorCondition.Relation) -> Double {
        let below = position(of: value)
        guard !below.isNaN else { return 0 }
        let share =
            switch relation {
            case .below, .atMost: below
            case .above, .atLeast: 1 - below
            case .equal, .different: 2 * min(below, 1 - below)
            }
        return AnomalyModels.anomalyScore(
            tailProbability: max(share, 1 / Double(count + 1)))
    }
}

extension AnomalyDetector {
    /// The indicators of a scope that fire, the strongest evidence first.
    static func fired(
        _ indicators: [Indicator], scope: Indicator.Scope, in context: ConditionContext,
        claim: (IndicatorCondition.Comparison) -> EvidenceClaim
    ) -> [FiredIndicator] {
        // By position: most do not fire, and a copy of one counts references.
        indicators.indices
            .filter { place in
                indicators[place].scope == scope
                    && indicators[place].condition.holds(in: context) == true
            }
            .map { place in
                let indicator = indicators[place]
                let comparisons = indicator.condition.trueComparisons(in: context)
                let ranked = comparisons.filter(\.isEvidence)
                    .map { (comparison: $0, claim: claim($0)) }
                    .sorted { $0.claim.size > $1.claim.size }
                var claims: [EvidenceClaim] = []
                for (_, claim) in ranked
                where !claims.contains(where: { $0.source == claim.source }) {
                    claims.append(claim)
                }
                return FiredIndicator(
                    indicator: indicator,
                    comparisons: ranked.map(\.comparison)
                        + comparisons.filter { !$0.isEvidence && !$0.isTrivial },
                    claims: claims)
            }
            .sorted { ($1.evidence, $0.indicator.name) < ($0.evidence, $1.indicator.name) }
    }

    /// The indicators that fire on an entity, the strongest evidence first; without strengths all
    /// evidence is certain.
    func firedIndicators(
        on subject: EntitySubject, _ signals: EntitySignals, type: TypeModel?,
        strengths: EvidenceStrengths?
    ) -> [FiredIndicator] {
        let context = ConditionContext(
            typeName: subject.typeName,
            value: { signals.value($0, features: subject.features) },
            peerQuantile: { type?.peers.distributions[$0]?.quantile($1) ?? .nan },
            settings: settings)
        return Self.firedIndicators(
            indicators, of: .entity, in: context, type: type, strengths: strengths)
    }

    /// The indicators of a scope that fire, the strongest evidence first; without strengths all
    /// evidence is certain.
    static func firedIndicators(
        _ indicators: [Indicator], of scope: Indicator.Scope, in context: ConditionContext,
        type: TypeModel?, strengths: EvidenceStrengths?
    ) -> [FiredIndicator] {
        fired(indicators, scope: scope, in: context) { comparison in
            let measure = comparison.measure
            guard let strengths else {
                return EvidenceClaim(source: .measure(measure), size: 1)
            }
            return strengths.claim(
                measure, value: context.value(measure), relation: comparison.relation,
                peers: type?.peers.distributions[measure])
        }
    }
}

extension AnomalyDetector {
    /// The names of the indicators that fire on an entity, whether it is an anomaly or not.
    package func indicatorNames(of entityID: Int64, asOf: Double) -> [String] {
        guard let subject = subject(of: entityID, asOf: asOf) else { return [] }
        let type = resolved?.typeModel(subject.state.record.typeCode)
        return firedIndicators(on: subject, signals(of: subject), type: type, strengths: nil)
            .map(\.indicator.name)
    }
}

/// Adds up what speaks for each type; see the top of this file.
struct TypeEvidence {
    /// What a detector says that no indicator names.
    static let unnamedWeight = 0.3
    /// Types below this share of the strongest are not named.
    static let holdsShare = 0.2
    /// Above this probability a detector has seen nothing.
    static let probabilityMax = 0.05

    /// The weight of the heaviest indicator of a type that names a piece of evidence, and its claim.
    private var sources: [AnomalyType: [EvidenceSource: (weight: Double, claim: Double)]] = [:]
    private var words: [AnomalyType: [(name: String, size: Double)]] = [:]

    /// What the indicators and the detectors that they do not name say.
    init(_ fired: [FiredIndicator], verdicts: [DetectorVerdict], strengths: EvidenceStrengths?) {
        for fired in fired {
            let type = fired.indicator.anomalyType
            let weight = fired.indicator.weight
            words[type, default: []].append((fired.indicator.name, fired.evidence))
            for claim in fired.claims {
                add(claim.source, max(FiredIndicator.claimMin, claim.size), weight, to: type)
            }
            if fired.claims.isEmpty {
                // A condition over types alone.
                let source = EvidenceSource.measure(.feature(.entityTypeEncoded))
                add(source, FiredIndicator.claimMin, weight, to: type)
            }
        }
        let measures = Set(fired.flatMap(\.comparisons).filter(\.isEvidence).map(\.measure))
        let named = Set(measures.compactMap(\.detector))
        for verdict in verdicts
        where !named.contains(verdict.detector) && verdict.detector != .indicators
            && verdict.tailProbability < Self.probabilityMax
        {
            let word = AnomalyModels.anomalyScore(tailProbability: verdict.tailProbability)
            if verdict.detector.restsOnMeasures, let strengths {
                // By the measures behind it.
                for (measure, size) in strengths.claims(except: measures) {
                    guard let type = measure.anomalyType else { continue }
                    add(.measure(measure), size, Self.unnamedWeight, to: type)
                }
            } else {
                let type = verdict.detector.anomalyType
                add(.detector(verdict.detector), word, Self.unnamedWeight, to: type)
                words[type, default: []].append((verdict.name, word * Self.unnamedWeight))
            }
        }
    }

    private mutating func add(
        _ source: EvidenceSource, _ claim: Double, _ weight: Double, to type: AnomalyType
    ) {
        let known = sources[type]?[source]
        sources[type, default: [:]][source] = (
            weight: max(known?.weight ?? 0, weight), claim: max(known?.claim ?? 0, claim)
        )
    }

    /// The weight of the heaviest indicator of any type that names a piece of evidence.
    private var largestWeights: [EvidenceSource: Double] {
        var largest: [EvidenceSource: Double] = [:]
        for (source, found) in sources.values.joined() {
            largest[source] = max(largest[source] ?? 0, found.weight)
        }
        return largest
    }

    /// The types that hold, the strongest first.
    var verdicts: [TypeVerdict] {
        let largestWeights = largestWeights
        let confidences = sources.mapValues { sources in
            let parts = sources.map { source, found in
                let heaviest = largestWeights[source] ?? found.weight
                return heaviest > 0 ? found.claim * found.weight * found.weight / heaviest : 0
            }
            // In ascending order, so that the product has the same bits in every run.
            return 1 - parts.sorted().reduce(1) { $0 * (1 - $1) }
        }
        let largest = confidences.values.max() ?? 0
        return AnomalyType.allCases
            .compactMap { type -> TypeVerdict? in
                guard let confidence = confidences[type], confidence > 0,
                    confidence >= Self.holdsShare * largest
                else { return nil }
                let names = (words[type] ?? []).sorted { ($1.size, $0.name) < ($0.size, $1.name) }
                return TypeVerdict(
                    type: type, confidence: confidence, evidence: names.map(\.name))
            }
            .enumerated()
            .sorted { ($1.element.confidence, $0.offset) < ($0.element.confidence, $1.offset) }
            .map(\.element)
    }
}
