import AnomalyModels
import Foundation
import GraphEngine

extension AnomalyDetector {
    /// With fewer bits a type is not surprising: three are one in eight.
    static let typeSurpriseMin = 3.0

    /// Judges an active relationship as of a time; nil where there is none.
    ///
    /// With a model of relationships the ensemble decides, and indicators of relationships classify and
    /// explain; without one they decide, as for entities.
    /// - Complexity: O(trees) and the rows of its ends, at most ``HubRows/rowCountMin`` for each; an
    ///   explanation costs more, and only an anomaly has one.
    package func judge(relationshipID: Int64, asOf: Double) -> Judgement? {
        judge(relationshipID: relationshipID, asOf: asOf) { _ in true }
    }

    func judge(
        relationshipID: Int64, asOf: Double, where isExplained: (Judgement) -> Bool
    ) -> Judgement? {
        guard let subject = relationshipSubject(of: relationshipID, asOf: asOf) else { return nil }
        guard let (model, type) = relationshipModel(for: subject) else {
            return judgeByRules(subject, where: isExplained)
        }
        var judgement = assess(subject, by: model, type)
        if isAnomaly(judgement), isExplained(judgement) {
            judgement.anomaly = concluded(
                finding(on: subject, judgement, model: model, type: type), judgement,
                noun: "relationships", asOf: asOf)
        }
        return judgement
    }

    /// The judgement without class and explanation; nil where there is no such relationship.
    func assess(relationshipID: Int64, asOf: Double) -> Judgement? {
        guard let subject = relationshipSubject(of: relationshipID, asOf: asOf) else { return nil }
        guard let (model, type) = relationshipModel(for: subject) else {
            return assessByRules(subject).judgement
        }
        return assess(subject, by: model, type)
    }

    /// What the ensemble says, without class and explanation.
    private func assess(
        _ subject: RelationshipSubject, by model: RelationshipModel, _ type: TypeModel
    ) -> Judgement {
        let verdicts = verdicts(on: subject, by: model, type)
        let combined = CombinedVerdicts(
            verdicts, features: subject.features, anomalyThreshold: settings.anomalyThreshold
        ) { pValue in
            heardReviews(of: .relationship)?.reading(
                of: reviewInputs(of: subject, verdicts), pValue: pValue)
        }
        return Judgement(
            subject: .relationship(subject.id), features: subject.features,
            pValue: combined.pValue, anomalyScore: combined.anomalyScore,
            severity: Severity(score: combined.anomalyScore), confidence: combined.confidence,
            detectionMethod: "ensemble", detectors: verdicts, reviews: combined.reviews,
            modelVersion: judgementVersion, graphEpoch: graphEpoch)
    }

    /// The parts of the model that judge a relationship; nil where there is none.
    func relationshipModel(
        for subject: RelationshipSubject
    ) -> (model: RelationshipModel, type: TypeModel)? {
        guard let resolved, let model = resolved.model.relationships,
            let type = resolved.relationshipTypeModel(subject.edge.attributes.typeCode)
        else { return nil }
        return (model, type)
    }

    private func judgeByRules(
        _ subject: RelationshipSubject, where isExplained: (Judgement) -> Bool
    ) -> Judgement {
        var (judgement, fired) = assessByRules(subject)
        if isAnomaly(judgement), isExplained(judgement) {
            judgement.anomaly = concluded(
                finding(on: subject, judgement, fired: fired), judgement, noun: "relationships",
                asOf: subject.asOf)
        }
        return judgement
    }

    private func assessByRules(
        _ subject: RelationshipSubject
    ) -> (judgement: Judgement, fired: [FiredIndicator]) {
        let fired = firedIndicators(on: subject, type: nil, strengths: nil)
        let score = Self.ruleScore(fired, scoreMax: settings.ruleScoreMax)
        let judgement = Judgement(
            subject: .relationship(subject.id), features: subject.features, pValue: .nan,
            anomalyScore: score, severity: Severity(score: score),
            confidence: JudgementConfidence.ofRules(
                features: subject.features, firedCount: fired.count),
            detectionMethod: "rules", detectors: [], modelVersion: nil, graphEpoch: graphEpoch)
        return (judgement, fired)
    }

    /// What each detector that can speak says.
    func verdicts(
        on subject: RelationshipSubject, by model: RelationshipModel, _ type: TypeModel
    ) -> [DetectorVerdict] {
        var verdicts: [DetectorVerdict] = []
        func add(_ detector: Detector, _ score: Double) {
            if let verdict = type.verdict(detector, score) { verdicts.append(verdict) }
        }
        add(
            .relationshipForest,
            model.forest.score(RelationshipFeature.modelValues(subject.features)))
        if let verdict = type.rareVerdict(.relationshipDeviation, value: subject.modelValue) {
            verdicts.append(verdict)
        }
        let surprise = subject.signals[.typeSurprise]
        if var verdict = type.verdict(.typeSurprise, surprise) {
            // A type that one in a few is of surprises nobody, however alike the others of its kind are.
            if surprise < Self.typeSurpriseMin {
                verdict.tailProbability = max(0.5, verdict.tailProbability)
            }
            verdicts.append(verdict)
        }
        add(.amount, subject.signals.amountScore)
        if let stream = subject.stream {
            verdicts.append(
                DetectorVerdict(
                    detector: .stream, score: Double(stream.strangeness),
                    tailProbability: Double(stream.tailProbability),
                    calibrationCount: relationships.stream?.calibratedCount ?? 0))
        }
        if let verdict = indicatorVerdict(on: subject) { verdicts.append(verdict) }
        return verdicts
    }

    /// The indicators of relationships that fire, the strongest evidence first.
    func firedIndicators(
        on subject: RelationshipSubject, type: TypeModel?, strengths: EvidenceStrengths?
    ) -> [FiredIndicator] {
        Self.firedIndicators(
            indicators, of: .relationship,
            in: ConditionContext(
                typeName: subject.typeName, sourceTypeName: subject.sourceTypeName,
                targetTypeName: subject.targetTypeName, value: subject.value,
                peerQuantile: { type?.peers.distributions[$0]?.quantile($1) ?? .nan },
                settings: settings),
            type: type, strengths: strengths)
    }

    /// Class, explanation and next steps of what the ensemble found.
    private func finding(
        on subject: RelationshipSubject, _ judgement: Judgement, model: RelationshipModel,
        type: TypeModel
    ) -> AnomalyFinding {
        let path = model.forest.contributions(
            of: RelationshipFeature.modelValues(subject.features))
        let strengths = EvidenceStrengths(
            verdicts: judgement.detectors,
            features: RelationshipFeature.allCases.map(Measure.relationshipFeature),
            contributions: path.contributions, forest: .relationshipForest,
            tails: type.tails, values: subject.modelValue)
        let fired = firedIndicators(on: subject, type: type, strengths: strengths)
        let told = told(judgement.detectors)
        return finding(
            judgement, RelationshipWriter(subject: subject, type: type, settings: settings),
            fired: fired, told: told,
            types: TypeEvidence(fired, verdicts: judgement.detectors, strengths: strengths)
                .verdicts,
            path: path, evidence: evidence(on: subject, fired: fired, told: told))
    }

    /// Class, explanation and next steps of what rules alone found.
    private func finding(
        on subject: RelationshipSubject, _ judgement: Judgement, fired: [FiredIndicator]
    ) -> AnomalyFinding {
        finding(
            judgement, RelationshipWriter(subject: subject, type: nil, settings: settings),
            fired: fired, told: [],
            types: TypeEvidence(fired, verdicts: [], strengths: nil).verdicts,
            path: nil, evidence: evidence(on: subject, fired: fired, told: []))
    }
}
