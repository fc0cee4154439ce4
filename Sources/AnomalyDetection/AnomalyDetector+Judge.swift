import AnomalyModels
import Foundation

extension AnomalyDetector {
    /// Judges a live entity as of a time; nil where there is none.
    ///
    /// With a model the ensemble decides, and indicators classify and explain. Without one the
    /// indicators decide: 1 minus the product of what each leaves open.
    /// - Complexity: O(relationships of the entity + trees); an explanation costs more, and only
    ///   an anomaly has one.
    package func judge(_ entityID: Int64, asOf: Double) -> Judgement? {
        judge(entityID, asOf: asOf) { _ in true }
    }

    /// Judges a live entity or an active relationship as of a time; nil where there is none.
    ///
    /// An anomaly gets class and explanation where `isExplained` wants them of its assessment.
    package func judge(
        _ subject: Subject, asOf: Double, where isExplained: (Judgement) -> Bool = { _ in true }
    ) -> Judgement? {
        switch subject {
        case .entity(let id): judge(id, asOf: asOf, where: isExplained)
        case .relationship(let id): judge(relationshipID: id, asOf: asOf, where: isExplained)
        }
    }

    private func judge(
        _ entityID: Int64, asOf: Double, where isExplained: (Judgement) -> Bool
    ) -> Judgement? {
        guard let assessment = assess(entityID, asOf: asOf) else { return nil }
        var judgement = assessment.judgement
        guard isAnomaly(judgement), isExplained(judgement) else { return judgement }
        judgement.anomaly = concluded(
            finding(on: assessment), judgement, noun: "entities", asOf: asOf)
        return judgement
    }

    /// Judges a live entity or an active relationship as of a time, without class and explanation; nil where
    /// there is none.
    package func assess(_ subject: Subject, asOf: Double) -> Judgement? {
        switch subject {
        case .entity(let id): assess(id, asOf: asOf)?.judgement
        case .relationship(let id): assess(relationshipID: id, asOf: asOf)
        }
    }

    /// Whether what was judged so is an anomaly.
    package func isAnomaly(_ judgement: Judgement) -> Bool {
        judgement.anomalyScore >= settings.anomalyThreshold && judgement.anomalyScore > 0
    }

    /// The judgement without class and explanation, and what they need; nil where there is no such
    /// entity.
    func assess(_ entityID: Int64, asOf: Double) -> EntityAssessment? {
        guard
            let subject = subject(
                of: entityID, asOf: asOf, behaviourModel: resolved?.model.behaviour)
        else { return nil }
        guard let resolved else { return assessByRules(subject) }
        let type = resolved.typeModel(subject.state.record.typeCode)
        let signals = signals(of: subject)
        let verdicts = verdicts(on: subject, signals, by: resolved.model, type)
        let combined = CombinedVerdicts(
            verdicts, features: subject.features, anomalyThreshold: settings.anomalyThreshold
        ) { pValue in
            heardReviews(of: .entity)?.reading(
                of: reviewInputs(of: subject, signals, verdicts), pValue: pValue)
        }
        return EntityAssessment(
            subject: subject, signals: signals,
            judgement: Judgement(
                subject: .entity(entityID), features: subject.features, pValue: combined.pValue,
                anomalyScore: combined.anomalyScore,
                severity: Severity(score: combined.anomalyScore), confidence: combined.confidence,
                detectionMethod: "ensemble", detectors: verdicts, reviews: combined.reviews,
                modelVersion: judgementVersion, graphEpoch: graphEpoch),
            basis: .model(resolved.model, type))
    }

    private func assessByRules(_ subject: EntitySubject) -> EntityAssessment {
        let signals = signals(of: subject)
        let fired = firedIndicators(on: subject, signals, type: nil, strengths: nil)
        let score = Self.ruleScore(fired, scoreMax: settings.ruleScoreMax)
        return EntityAssessment(
            subject: subject, signals: signals,
            judgement: Judgement(
                subject: .entity(subject.id), features: subject.features, pValue: .nan,
                anomalyScore: score, severity: Severity(score: score),
                confidence: JudgementConfidence.ofRules(
                    features: subject.features, firedCount: fired.count),
                detectionMethod: "rules", detectors: [], modelVersion: nil,
                graphEpoch: graphEpoch),
            basis: .rules(fired))
    }

    /// 1 minus the product of what each indicator leaves open.
    static func ruleScore(_ fired: [FiredIndicator], scoreMax: Double) -> Double {
        let open = fired.reduce(1.0) { $0 * (1 - $1.indicator.weight) }
        return fired.isEmpty ? 0 : min(scoreMax, 1 - open)
    }

    /// What each detector that can speak says.
    func verdicts(
        on subject: EntitySubject, _ signals: EntitySignals, by model: DetectionModel,
        _ type: TypeModel
    ) -> [DetectorVerdict] {
        var verdicts: [DetectorVerdict] = []
        func add(_ detector: Detector, _ score: Double, looks: Int = 1) {
            if let verdict = type.verdict(detector, score, looks: looks) {
                verdicts.append(verdict)
            }
        }
        if type.isForestHeard {
            add(.isolationForest, model.forest.score(subject.features.modelValues))
        }
        let values = signals.modelValues(subject.features)
        for detector in [Detector.peerDeviation, .neighbourDeviation] {
            if let verdict = type.rareVerdict(detector, value: values) { verdicts.append(verdict) }
        }
        if let numbers = type.numbers {
            add(.numericMetadata, numbers.model.score(numbers.numbers(of: subject.state.record)))
        }
        add(.homophily, subject.homophilyScore)
        add(.triangleExcess, subject.triangleExcess)
        add(.degree, type.comparison.degreeDeviation(of: subject.state.degree))
        if let tie = subject.longestTie {
            add(.tieRange, Double(tie.range), looks: tie.checkedCount)
        }
        if let brokerage = subject.brokerage {
            add(.brokerage, Double(brokerage.pairCount))
        }
        // A few relationships that come with a registration are no burst.
        if subject.activity.burstCount >= settings.burstCountMin {
            add(.burst, Double(subject.activity.burstCount))
        }
        // A silence that is short for anybody is not looked at.
        if subject.activity.dormancyDays >= settings.dormancyDays {
            add(.dormancy, subject.activity.rhythm.surprise)
        }
        add(.trust, -subject.trustedRating)
        verdicts += subject.amounts?.verdicts(type) ?? []
        if let strangest = strangestRelationship(of: subject) { verdicts.append(strangest.verdict) }
        for detector in BehaviourReading.detectors {
            add(detector, subject.behaviour.score(detector))
        }
        if let verdict = indicatorVerdict(on: subject, signals) { verdicts.append(verdict) }
        return verdicts
    }

    /// One probability for each family, NaN where it is silent.
    static func familyProbabilities(_ verdicts: [DetectorVerdict]) -> [Double] {
        Detector.Family.allCases.map { family in
            combineWithinFamily(
                verdicts.filter { $0.detector.family == family }.map(\.tailProbability))
        }
    }
}

/// A judgement before class and explanation, and what it rests on.
struct EntityAssessment {
    /// What decided.
    enum Basis {
        case model(DetectionModel, TypeModel)
        case rules([FiredIndicator])
    }

    let subject: EntitySubject
    let signals: EntitySignals
    let judgement: Judgement
    let basis: Basis
}
