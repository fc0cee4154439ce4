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
        guard
            let subject = subject(
                of: entityID, asOf: asOf, behaviourModel: resolved?.model.behaviour)
        else { return nil }
        guard let resolved else { return judgeByRules(subject) }
        let type = resolved.typeModel(subject.state.record.typeCode)
        let verdicts = verdicts(on: subject, by: resolved.model, type)
        let familyProbabilities = Self.familyProbabilities(verdicts)
        let p = combineAcrossFamilies(familyProbabilities)
        let score = p.isNaN ? 0 : AnomalyModels.anomalyScore(tailProbability: p)
        var judgement = Judgement(
            subject: .entity(entityID), features: subject.features, pValue: p, anomalyScore: score,
            severity: Severity(score: score),
            confidence: JudgementConfidence(
                verdicts: verdicts, familyProbabilities: familyProbabilities,
                features: subject.features, isAnomaly: score >= settings.anomalyThreshold
            ).value,
            detectionMethod: "ensemble", detectors: verdicts, modelVersion: resolved.model.version,
            graphEpoch: graphEpoch)
        if score >= settings.anomalyThreshold {
            judgement.anomaly = finding(on: subject, judgement, model: resolved.model, type: type)
        }
        return judgement
    }

    private func judgeByRules(_ subject: EntitySubject) -> Judgement {
        let signals = signals(of: subject)
        let fired = firedIndicators(on: subject, signals, type: nil, strengths: nil)
        let open = fired.reduce(1.0) { $0 * (1 - $1.indicator.weight) }
        let score = fired.isEmpty ? 0 : min(settings.ruleScoreMax, 1 - open)
        var judgement = Judgement(
            subject: .entity(subject.id), features: subject.features, pValue: .nan,
            anomalyScore: score,
            severity: Severity(score: score),
            confidence: JudgementConfidence.ofRules(
                features: subject.features, firedCount: fired.count),
            detectionMethod: "rules", detectors: [], modelVersion: nil, graphEpoch: graphEpoch)
        if score >= settings.anomalyThreshold, score > 0 {
            judgement.anomaly = finding(on: subject, judgement, fired: fired, signals: signals)
        }
        return judgement
    }

    /// What each detector that can speak says.
    func verdicts(
        on subject: EntitySubject, by model: DetectionModel, _ type: TypeModel
    ) -> [DetectorVerdict] {
        var verdicts: [DetectorVerdict] = []
        func add(_ detector: Detector, _ score: Double, looks: Int = 1) {
            guard !score.isNaN, let calibrations = type.calibrations[detector] else { return }
            // Where two speak it must be strange for both.
            let scaled = detector.calibrationScale(score)
            guard let p = calibrations.map({ $0.tailProbability(scaled) }).max(),
                let count = calibrations.map(\.count).min()
            else { return }
            verdicts.append(
                DetectorVerdict(
                    detector: detector, score: score, tailProbability: min(1, p * Double(looks)),
                    calibrationCount: count))
        }
        if type.isForestHeard {
            add(.isolationForest, model.forest.score(subject.features.modelValues))
        }
        add(.peerDeviation, type.comparison.largestDeviation(of: subject.features)?.size ?? .nan)
        if let numbers = type.numbers {
            add(.numericMetadata, numbers.model.score(numbers.numbers(of: subject.state.record)))
        }
        add(.homophily, subject.context?.score ?? .nan)
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
        for detector in BehaviourReading.detectors {
            add(detector, subject.behaviour.score(detector))
        }
        add(.trust, -subject.trustedRating)
        verdicts += subject.amounts?.verdicts(type) ?? []
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
