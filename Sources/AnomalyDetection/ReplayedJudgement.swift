package import AnomalyModels

/// A judgement computed again from what was stored of it.
package struct ReplayedJudgement: Sendable {
    /// The combined tail probability; NaN for rules.
    package var pValue: Double
    /// The score.
    package var anomalyScore: Double
    /// How far it can be trusted.
    package var confidence: Double
    /// The verdicts.
    package var detectors: [DetectorVerdict]
    /// The features with their contributions; empty for rules.
    package var features: [Explanation.FeatureContribution]
    /// The forest's path lengths; NaN for rules.
    package var expectedPathLength, pathLength: Double
    /// The indicators that fire, by name; only for rules.
    package var indicators: [String]

    /// The score in words.
    package var severity: Severity { Severity(score: anomalyScore) }
}

extension JudgementInputs {
    /// The judgement of the model over these inputs.
    ///
    /// Forest, contributions, rare measures, the network's reconstruction, tail probabilities,
    /// combination, score and confidence are computed; the raw scores of detectors that look at the
    /// graph are taken as they were stored.
    package func replayed(
        by model: DetectionModel, hearing head: ReviewHead? = nil
    ) -> ReplayedJudgement {
        let (forest, values, typeModel) = parts(of: model)
        let verdicts = readings.compactMap { reading -> DetectorVerdict? in
            let score = rawScore(reading, model, forest, values, typeModel)
            guard !score.isNaN else { return nil }
            if let p = reading.tailProbability {
                return DetectorVerdict(
                    detector: reading.detector, score: score, tailProbability: p,
                    calibrationCount: reading.calibrationCount ?? 0, looks: reading.looks)
            }
            return typeModel.verdict(reading.detector, score, looks: reading.looks)
        }
        let combined = CombinedVerdicts(
            verdicts, features: features, anomalyThreshold: anomalyThreshold
        ) { pValue in
            head?[scope]?.reading(of: reviewInputs(verdicts), pValue: pValue)
        }
        let path = forest.contributions(of: values)
        return ReplayedJudgement(
            pValue: combined.pValue, anomalyScore: combined.anomalyScore,
            confidence: combined.confidence, detectors: verdicts,
            features: AnomalyDetector.contributions(
                of: features, featureMeasures, typeModel, path: path),
            expectedPathLength: path.expected, pathLength: path.pathLength, indicators: [])
    }

    /// What a head learnt from reviews sees of these inputs, with these verdicts.
    package func reviewInputs(_ verdicts: [DetectorVerdict]) -> ReviewInputs {
        ReviewInputs(scope: scope, features: features, verdicts: verdicts, measures: measures)
    }

    /// An entity's end types are nobody's.
    private var scope: Indicator.Scope { endTypes == nil ? .entity : .relationship }

    private var featureMeasures: [Measure] {
        switch scope {
        case .entity: EntityFeature.allCases.map(Measure.feature)
        case .relationship: RelationshipFeature.allCases.map(Measure.relationshipFeature)
        }
    }

    /// The forest, the features on its scale, and what the model knows about the type.
    private func parts(
        of model: DetectionModel
    ) -> (forest: IsolationForest, values: [Double], type: TypeModel) {
        if scope == .relationship, let relationships = model.relationships {
            return (
                relationships.forest, RelationshipFeature.modelValues(features),
                TypeModel(relationships, of: model, typeName: type)
            )
        }
        return (
            model.forest, features.modelValues,
            TypeModel(model: model, typeName: type, watched: [])
        )
    }

    /// The judgement of these indicators, where no model decided.
    package func replayed(
        by indicators: [Indicator], settings: DetectionSettings
    ) -> ReplayedJudgement {
        let context = ConditionContext(
            typeName: type, sourceTypeName: endTypes?.first ?? "",
            targetTypeName: endTypes?.last ?? "",
            value: { measure in
                if case .feature(let feature) = measure { return features[feature] }
                if case .relationshipFeature(let feature) = measure {
                    return features[relationship: feature]
                }
                if case .inboundCount = measure { return measures[measure.name] ?? 0 }
                return measures[measure.name] ?? .nan
            }, peerQuantile: { _, _ in .nan }, settings: settings)
        let fired = AnomalyDetector.fired(indicators, scope: scope, in: context) {
            EvidenceClaim(source: .measure($0.measure), size: 1)
        }
        let score = AnomalyDetector.ruleScore(fired, scoreMax: ruleScoreMax)
        return ReplayedJudgement(
            pValue: .nan, anomalyScore: score,
            confidence: JudgementConfidence.ofRules(features: features, firedCount: fired.count),
            detectors: [],
            features: AnomalyDetector.contributions(
                of: features, featureMeasures, nil, path: nil),
            expectedPathLength: .nan, pathLength: .nan, indicators: fired.map(\.indicator.name))
    }

    private func rawScore(
        _ reading: Reading, _ model: DetectionModel, _ forest: IsolationForest,
        _ values: [Double], _ type: TypeModel
    ) -> Double {
        switch reading.detector {
        case .isolationForest, .relationshipForest: forest.score(values)
        case .peerDeviation, .neighbourDeviation, .relationshipDeviation:
            type.tails.score(reading.detector) { measure in
                let place = featureMeasures.firstIndex(of: measure)
                return place.map { values[$0] }
                    ?? measure.modelValue(measures[measure.name] ?? .nan)
            }
        case .reconstruction:
            model.behaviour?.reconstructionScore(of: sequence) ?? .nan
        default: reading.score
        }
    }
}

/// A figure that a replay gives otherwise than it was stored.
package struct ReplayDifference: Sendable, Equatable, Codable {
    /// Which figure.
    package var name: String
    /// As it was stored, and as it is now; nil where there is none.
    package var stored, replayed: String?

    /// A difference of this figure.
    package init(_ name: String, stored: String?, replayed: String?) {
        self.name = name
        self.stored = stored
        self.replayed = replayed
    }
}

extension ReplayedJudgement {
    /// The figures of a stored explanation that are not those of the replay, bit by bit.
    ///
    /// Zero has no sign in JSON, and what is not finite is null there: so neither makes a difference.
    package func differences(from stored: Explanation) -> [ReplayDifference] {
        var found: [ReplayDifference] = []
        func compare(_ name: String, _ before: Double?, _ now: Double?) {
            let (before, now) = (before?.canonical, now?.canonical)
            guard before?.bitPattern != now?.bitPattern else { return }
            found.append(
                ReplayDifference(
                    name, stored: before.map { "\($0)" }, replayed: now.map { "\($0)" }))
        }
        for (before, now) in stored.detectors.paired(detectors, by: \.name) {
            let name = before?.name ?? now?.name ?? ""
            compare("score of \(name)", before?.score, now?.score)
            compare("p of \(name)", before?.tailProbability, now?.tailProbability)
        }
        for (before, now) in stored.features.paired(features, by: \.name) {
            let name = before?.name ?? now?.name ?? ""
            compare("value of \(name)", before?.value, now?.value)
            compare("contribution of \(name)", before?.contribution, now?.contribution)
            compare("peer median of \(name)", before?.peerMedian, now?.peerMedian)
            compare("peer quantile of \(name)", before?.peerQuantile, now?.peerQuantile)
        }
        compare("expected path length", stored.expectedPathLength, expectedPathLength)
        compare("path length", stored.pathLength, pathLength)
        return found
    }
}

extension Double {
    /// This number as JSON keeps it.
    package var canonical: Double { isFinite ? (self == 0 ? 0 : self) : .nan }
}

extension Array {
    /// Elements of the same name, in the order of this array and then of the other.
    fileprivate func paired(
        _ other: [Element], by name: (Element) -> String
    ) -> [(Element?, Element?)] {
        var rest = other
        var pairs: [(Element?, Element?)] = []
        for element in self {
            let place = rest.firstIndex { name($0) == name(element) }
            pairs.append((element, place.map { rest.remove(at: $0) }))
        }
        return pairs + rest.map { (nil, $0) }
    }
}
