import AnomalyModels
import Foundation

extension AnomalyDetector {
    /// Verdicts below this are told in a sentence of their own.
    static let toldProbability = 0.05
    /// So many features are named in the sentence about the forest.
    private static let toldFeaturesMax = 3

    /// Class, explanation and next steps of an anomaly.
    func finding(on assessment: EntityAssessment) -> AnomalyFinding {
        switch assessment.basis {
        case .model(let model, let type): finding(on: assessment, model: model, type: type)
        case .rules(let fired):
            finding(
                on: assessment.subject, assessment.judgement, fired: fired,
                signals: assessment.signals)
        }
    }

    /// Class, explanation and next steps of what the ensemble found.
    private func finding(
        on assessment: EntityAssessment, model: DetectionModel, type: TypeModel
    ) -> AnomalyFinding {
        let (subject, judgement) = (assessment.subject, assessment.judgement)
        let signals = assessment.signals
        let path = model.forest.contributions(of: subject.features.modelValues)
        let strengths = EvidenceStrengths(
            verdicts: judgement.detectors,
            features: EntityFeature.allCases.map(Measure.feature),
            contributions: path.contributions, forest: .isolationForest,
            tails: type.tails, values: signals.modelValues(subject.features))
        let fired = firedIndicators(
            on: subject, signals, type: type, strengths: strengths)
        let told = told(judgement.detectors)
        let strangest =
            told.contains { $0.detector == .relationships }
            ? strangestRelationship(of: subject) : nil
        let writer = SentenceWriter(
            subject: subject, signals: signals, type: type, settings: settings,
            behaviour: subject.behaviour.explanation(by: resolved?.model.behaviour),
            strangestRelationship: strangest.map { sentence(about: $0, of: subject) })
        var rows = EvidenceRows(limit: settings.evidenceRowsMax)
        for row in evidence(on: subject, fired: fired, told: told) { rows.add(row) }
        if let strangest { rows.add(evidence(about: strangest, of: subject)) }
        return finding(
            judgement, writer, fired: fired, told: told,
            types: TypeEvidence(fired, verdicts: judgement.detectors, strengths: strengths)
                .verdicts,
            path: path, evidence: rows.rows)
    }

    /// The verdicts that are told in a sentence of their own, the strangest first.
    func told(_ verdicts: [DetectorVerdict]) -> [DetectorVerdict] {
        // Indicators tell themselves.
        verdicts.filter {
            $0.tailProbability < Self.toldProbability && $0.detector != .indicators
        }
        .sorted { $0.tailProbability < $1.tailProbability }
    }

    /// Class, explanation and next steps of what rules alone found.
    private func finding(
        on subject: EntitySubject, _ judgement: Judgement, fired: [FiredIndicator],
        signals: EntitySignals
    ) -> AnomalyFinding {
        finding(
            judgement,
            SentenceWriter(
                subject: subject, signals: signals, type: nil, settings: settings,
                behaviour: subject.behaviour.explanation(by: resolved?.model.behaviour)),
            fired: fired, told: [],
            types: TypeEvidence(fired, verdicts: [], strengths: nil).verdicts, path: nil,
            evidence: evidence(on: subject, fired: fired, told: []))
    }

    /// What is said of a subject of either kind.
    func finding(
        _ judgement: Judgement, _ writer: some SubjectWriter, fired: [FiredIndicator],
        told: [DetectorVerdict], types: [TypeVerdict], path: PathLengthContributions?,
        evidence: [Explanation.EvidenceRow]
    ) -> AnomalyFinding {
        let indicators = fired.map { fired in
            IndicatorVerdict(
                name: fired.indicator.name, type: fired.indicator.anomalyType,
                sentence: fired.sentence(by: writer), confidence: fired.confidence)
        }
        let detectorSentences = sentences(writer, fired: fired, told: told, path: path)
        let inputs = inputs(of: judgement, writer)
        let reviews = reviews(on: judgement, writer.scope, inputs)
        let sentences =
            (indicators.map(\.sentence) + detectorSentences + [reviews?.sentence].compactMap { $0 })
            .withoutRepetitions
        let primary = types.first?.type ?? .behavioral
        // The headline is the strongest fact of the primary type.
        let headline =
            indicators.first { $0.type == primary }?.sentence ?? detectorSentences.first
            ?? sentences.first
            ?? "Its score is \(NumberText.number(judgement.anomalyScore))."
        let affected = affectedEntities(of: writer.entityIDs, evidence)
        let explanation = Explanation(
            summary: Explanation.facts(headline: headline, sentences: sentences),
            sentences: sentences,
            detectors: judgement.detectors,
            features: Self.contributions(
                of: judgement.features, writer.featureMeasures, writer.type, path: path),
            expectedPathLength: path?.expected ?? .nan, pathLength: path?.pathLength ?? .nan,
            indicators: indicators, evidence: evidence,
            peerGroup: Explanation.PeerGroupSummary(
                type: writer.type?.peerTypeName.nonEmpty ?? "all",
                count: writer.type?.peers.count ?? 0),
            types: types, affectedEntityIDs: affected, inputs: inputs,
            behaviour: writer.behaviour, reviews: reviews)
        return AnomalyFinding(
            primaryType: primary, allTypes: types.map(\.type), indicators: indicators,
            explanation: explanation,
            description: headline,
            recommendations: recommendations(writer, fired, told: told, primary: primary))
    }

    /// The entities of the subject and the other ends of the relationships that are evidence, each
    /// once.
    private func affectedEntities(
        of entityIDs: [Int64], _ evidence: [Explanation.EvidenceRow]
    ) -> [Int64] {
        var seen: Set<Int64> = []
        return (entityIDs + evidence.map(\.otherEntityID)).filter { seen.insert($0).inserted }
    }

    /// What the figures were computed from, and what the reviews may look at.
    private func inputs(of judgement: Judgement, _ writer: some SubjectWriter) -> JudgementInputs {
        var measures = writer.signalValues
        if writer.type != nil {
            // What a reviewer of this finding will teach about.
            measures.merge(writer.surroundings(in: self)) { signal, _ in signal }
        }
        var inputs = JudgementInputs(
            judgement, typeName: writer.typeName, asOf: writer.asOf, type: writer.type,
            measures: measures, sequence: writer.sequence, settings: settings)
        inputs.endTypes = writer.endTypeNames
        return inputs
    }

    /// The sentences of detectors that no indicator speaks for.
    private func sentences(
        _ writer: some SubjectWriter, fired: [FiredIndicator], told: [DetectorVerdict],
        path: PathLengthContributions?
    ) -> [String] {
        let covered = Set(fired.flatMap(\.comparisons).compactMap(\.measure.detector))
        let contributions = path?.contributions ?? []
        let modelValues = writer.modelValues
        let measures = writer.featureMeasures
        let topFeatures = contributions.indices
            .filter { contributions[$0] < 0 && !modelValues[$0].isNaN }
            .sorted { (contributions[$0], $0) < (contributions[$1], $1) }
            .prefix(Self.toldFeaturesMax).map { measures[$0] }
        let named = Set(fired.flatMap(\.comparisons).filter(\.isEvidence).map(\.measure))
        return told.filter { verdict in
            if let rarest = writer.rarest(verdict.detector) {
                return !named.contains(rarest.measure)
            }
            return !covered.contains(verdict.detector)
        }.map {
            writer.sentence($0, topFeatures: topFeatures).asSentence
        }
    }

    /// Each feature beside its peers, with its share in the path length.
    static func contributions(
        of features: [Double], _ measures: [Measure], _ type: TypeModel?,
        path: PathLengthContributions?
    ) -> [Explanation.FeatureContribution] {
        measures.enumerated().map { place, measure in
            let peers = type?.featurePeers[place]
            let value = features[place]
            return Explanation.FeatureContribution(
                name: measure.name, value: value,
                contribution: path?.contributions[place] ?? .nan,
                peerMedian: peers?.median ?? .nan, peerQuantile: peers?.position(of: value) ?? .nan)
        }
    }

    /// What to do: the indicators' advice, else a look at what the strongest detector saw.
    private func recommendations(
        _ writer: some SubjectWriter, _ fired: [FiredIndicator], told: [DetectorVerdict],
        primary: AnomalyType
    ) -> [String] {
        let advice = fired.sorted { first, second in
            // Stable: those of the primary type first, each part by evidence.
            first.indicator.anomalyType == primary && second.indicator.anomalyType != primary
        }.map { "\($0.indicator.description): \($0.indicator.recommendation)" }
        guard advice.isEmpty else { return advice }
        return [writer.recommendation(for: told.first?.detector)]
    }
}

extension [String] {
    /// The first of each group of equals, in order.
    fileprivate var withoutRepetitions: [String] {
        var seen: Set<String> = []
        return filter { seen.insert($0).inserted }
    }
}

extension FiredIndicator {
    /// Its comparisons in one sentence.
    fileprivate func sentence(by writer: some SubjectWriter) -> String {
        (writer.sentence(comparisons) ?? indicator.description).asSentence
    }
}

extension SentenceWriter {
    func recommendation(for detector: Detector?) -> String {
        switch detector {
        case .isolationForest, .peerDeviation, .neighbourDeviation:
            "Unusual features: compare {name} with its peers, beginning with the features of the "
                + "largest contribution."
        case .triangleExcess:
            "Dense neighbourhood: check whether the neighbours of {name} act together."
        case .degree: "Unusual degree: check where the relationships of {name} come from."
        case .tieRange, .brokerage: "Bridge: check the newest relationships of {name}."
        case .burst: "Burst: check who wrote the newest relationships of {name}, and why."
        case .dormancy: "Reactivation: check what woke {name}."
        case .trust: "Bad ratings: read the ratings that {name} received."
        case .residual, .cusum:
            "Unusual activity: check what {name} did since it began, and who wrote it."
        case .reconstruction:
            "Unusual sequence: compare the days named with the weeks of {name} before them."
        case .regularity:
            "Clockwork: check whether a machine acts for {name}, and what it sends to whom it contacts."
        case .offHours: "Unusual hours: check who acted for {name} at that time."
        case .relationships:
            "Strange relationship: check the first of those that are evidence, and who wrote it."
        case .numericMetadata, .homophily, .benford, .structuring, .relationshipForest,
            .relationshipDeviation, .typeSurprise, .amount, .stream, .indicators, nil:
            "Look at {name} and its neighbourhood."
        }
    }
}
