import AnomalyModels
import Foundation

extension AnomalyDetector {
    /// What reviews may look at of a subject; nil where there is none, or no model judges it.
    package func reviewInputs(of subject: Subject, asOf: Double) -> ReviewInputs? {
        switch subject {
        case .entity(let id): reviewInputs(of: id, asOf: asOf)
        case .relationship(let id): reviewInputs(ofRelationship: id, asOf: asOf)
        }
    }

    /// What reviews may look at of an entity; nil where there is none, or no model judges it.
    ///
    /// With all that surrounds it, whether a head looks at it or not.
    package func reviewInputs(of entityID: Int64, asOf: Double) -> ReviewInputs? {
        guard let assessment = assess(entityID, asOf: asOf), case .model = assessment.basis else {
            return nil
        }
        let subject = assessment.subject
        return ReviewInputs(
            scope: .entity, features: subject.features, verdicts: assessment.judgement.detectors,
            measures: assessment.signals.named.merging(
                surroundings(of: subject.node, asOf: asOf)
            ) { signal, _ in signal })
    }

    /// What reviews may look at of a relationship; nil where there is none, or no model judges it.
    private func reviewInputs(ofRelationship id: Int64, asOf: Double) -> ReviewInputs? {
        guard let subject = relationshipSubject(of: id, asOf: asOf),
            let (model, type) = relationshipModel(for: subject)
        else { return nil }
        return reviewInputs(of: subject, verdicts(on: subject, by: model, type))
    }

    /// What the head sees of an entity that is being judged.
    func reviewInputs(
        of subject: EntitySubject, _ signals: EntitySignals, _ verdicts: [DetectorVerdict]
    ) -> ReviewInputs {
        var measures = signals.named
        if heardReviews(of: .entity)?.needsSurroundings == true {
            measures.merge(surroundings(of: subject.node, asOf: subject.asOf)) { own, _ in own }
        }
        return ReviewInputs(
            scope: .entity, features: subject.features, verdicts: verdicts, measures: measures)
    }

    /// What the head sees of a relationship that is being judged.
    func reviewInputs(
        of subject: RelationshipSubject, _ verdicts: [DetectorVerdict]
    ) -> ReviewInputs {
        let measures = subject.signals.named.merging(
            surroundings(of: subject.edge, asOf: subject.asOf)
        ) { own, _ in own }
        return ReviewInputs(
            scope: .relationship, features: subject.features, verdicts: verdicts,
            measures: measures)
    }

    /// So many inputs of the head are told with their contributions.
    private static let toldInputsMax = 10

    /// What the reviews say of a judgement, with their reasons; nil where none were heard.
    func reviews(
        on judgement: Judgement, _ scope: Indicator.Scope, _ inputs: JudgementInputs
    ) -> Explanation.Reviews? {
        guard let reading = judgement.reviews, let head = reviewHead,
            let heard = heardReviews(of: scope)
        else { return nil }
        let row = inputs.reviewInputs(judgement.detectors).row(heard.inputNames)
        let (expected, contributions) = heard.model.supervised.contributions(row)
        let order = contributions.indices.sorted {
            (-abs(contributions[$0]), heard.inputNames[$0])
                < (-abs(contributions[$1]), heard.inputNames[$1])
        }
        let told = order.prefix(Self.toldInputsMax).filter { contributions[$0] != 0 }
        return Explanation.Reviews(
            version: head.version, confirmed: heard.confirmedCount,
            rejected: heard.rejectedCount, weight: heard.weight,
            ensemblePValue: reading.ensemblePValue, tailProbability: reading.tailProbability,
            confirmation: heard.confirmation.probability(reading.margin),
            margin: reading.margin, expectedMargin: expected,
            contributions: told.map { place in
                Explanation.InputContribution(
                    name: heard.inputNames[place],
                    value: row[place].isNaN ? nil : row[place],
                    contribution: contributions[place])
            },
            otherContributions: order.dropFirst(told.count).reduce(0) { $0 + contributions[$1] })
    }
}

extension Judgement {
    /// What the ensemble alone says; confidence, class and explanation stay as they are.
    package var withoutReviews: Judgement {
        guard let reviews else { return self }
        var judgement = self
        judgement.reviews = nil
        judgement.pValue = reviews.ensemblePValue
        judgement.anomalyScore = AnomalyModels.anomalyScore(tailProbability: judgement.pValue)
        judgement.severity = Severity(score: judgement.anomalyScore)
        return judgement
    }
}

extension Explanation.Reviews {
    /// The same in words.
    var sentence: String {
        let score = NumberText.number(anomalyScore(tailProbability: ensemblePValue))
        let direction = confirmation >= 0.5 ? "speak for" : "speak against"
        let reasons = contributions.prefix(2).map(\.name).joined(separator: " and ")
        return "\(confirmed + rejected) reviews (\(confirmed) confirmed, \(rejected) rejected) "
            + "\(direction) such a finding, above all by \(reasons); without them its score would "
            + "be \(score)."
    }
}
