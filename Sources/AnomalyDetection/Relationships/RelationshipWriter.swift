import AnomalyModels
import Foundation

/// Turns the measures of a relationship into sentences with figures.
///
/// `{source}` and `{target}` stand for the names of its ends, which the detector does not know.
struct RelationshipWriter: SubjectWriter {
    let subject: RelationshipSubject
    /// Nil without a model: then nothing is compared.
    let type: TypeModel?
    let settings: DetectionSettings

    var entityIDs: [Int64] { [subject.sourceID, subject.targetID] }
    var typeName: String { subject.typeName }
    var endTypeNames: [String]? { [subject.sourceTypeName, subject.targetTypeName] }
    var asOf: Double { subject.asOf }
    var behaviour: Explanation.Behaviour? { nil }
    var sequence: [Double] { [] }
    var signalValues: [String: Double] { subject.signals.named }
    var scope: Indicator.Scope { .relationship }
    var featureMeasures: [Measure] {
        RelationshipFeature.allCases.map(Measure.relationshipFeature)
    }
    var modelValues: [Double] { RelationshipFeature.modelValues(subject.features) }

    func surroundings(in detector: AnomalyDetector) -> [String: Double] {
        detector.surroundings(of: subject.edge, asOf: asOf)
    }

    func value(_ measure: Measure) -> Double { subject.value(measure) }

    func figure(_ measure: Measure, _ value: Double) -> String {
        switch measure {
        case .relationshipFeature(let feature): figure(feature, value)
        case .relationshipSignal(let signal): figure(signal, value)
        case .feature, .signal, .inboundCount: "\(measure.name) \(NumberText.number(value))"
        }
    }

    private func figure(_ feature: RelationshipFeature, _ value: Double) -> String {
        let number = NumberText.number(value)
        switch feature {
        case .confidenceScore: return "confidence \(number)"
        case .confidenceVariance:
            return "a confidence that varied by \(NumberText.number(value.squareRoot())) "
                + "(standard deviation) over its history"
        case .sourceDiversity: return figure(.sourceCount, subject.signals[.sourceCount])
        case .temporalClustering:
            let window = NumberText.duration(seconds: settings.burstWindowSeconds)
            return "\(percent(value)) of the other relationships of its ends were first observed "
                + "within \(window) of it"
        case .strengthMetric:
            let weight = subject.signals[.weight]
            let parts = [
                weight.isNaN ? nil : "weight \(NumberText.number(weight))",
                NumberText.quantity(
                    subject.signals[.evidenceCount], "piece of evidence", "pieces of evidence"),
            ]
            return "strength \(number) (\(parts.compactMap { $0 }.joined(separator: ", ")))"
        case .bidirectionality:
            return value > 0
                ? "{target} has a relationship back to {source}"
                : "no relationship leads back from {target} to {source}"
        case .relationshipTypeEncoded:
            return "a type that is \(percent(pow(2, -value))) of the relationships from "
                + "\(subject.sourceTypeName) to \(subject.targetTypeName) entities"
        case .ageDays: return "first observed \(NumberText.ago(days: value))"
        case .updateFrequency:
            return NumberText.quantity(value, "update") + " a day over its lifetime"
        case .entityDegreeProduct:
            return "its ends have \(NumberText.number(subject.signals[.sourceDegree])) and "
                + "\(NumberText.quantity(subject.signals[.targetDegree], "neighbour"))"
        case .riskScoreDifference:
            return "risk \(NumberText.number(subject.signals[.sourceRisk])) at {source} and "
                + "\(NumberText.number(subject.signals[.targetRisk])) at {target}"
        case .confidenceAgreement:
            let own = NumberText.number(subject.features[relationship: .confidenceScore])
            return "confidence \(own), \(NumberText.number(1 - value)) away from the mean of its "
                + "ends"
        }
    }

    private func figure(_ signal: RelationshipSignal, _ value: Double) -> String {
        let number = NumberText.number(value)
        return switch signal {
        case .weight: "weight \(number)"
        case .amount: "an amount of \(number)"
        case .amountDeviation: amount(value)
        case .typeSurprise:
            "{source} is joined to {target} by \(subject.typeName), a type expected in "
                + "\(NumberText.oneIn(pow(2, -value))) relationships from "
                + "\(subject.sourceTypeName) to \(subject.targetTypeName) entities"
        case .streamDeviation: stream()
        case .sourceCount: "named by \(NumberText.quantity(value, "source"))"
        case .evidenceCount:
            NumberText.quantity(value, "piece of evidence", "pieces of evidence")
        case .isVerified: value == 1 ? "it is verified" : "it is not verified"
        case .updateCount: NumberText.quantity(value, "update") + " in its history"
        case .confidenceRange: "confidences that are up to \(number) apart in its history"
        case .confidenceSwing:
            "its confidence went back and forth by \(number) within "
                + NumberText.quantity(RecentValues.ageDaysMax, "day")
        case .parallelCount:
            NumberText.quantity(value, "relationship") + " from {source} to {target}"
        case .sourceDegree: "{source} has \(NumberText.quantity(value, "neighbour"))"
        case .targetDegree: "{target} has \(NumberText.quantity(value, "neighbour"))"
        case .sourceRisk: "risk \(number) at {source}"
        case .targetRisk: "risk \(number) at {target}"
        case .isSelfLoop:
            value == 1 ? "it leads from {source} to itself" : "its ends are different"
        }
    }

    /// "9,900 from {source} to {target} by pays, 41 times the 240 that is usual for {source}".
    private func amount(_ decades: Double) -> String {
        let amount = subject.signals[.weight]
        let times = NumberText.number(pow(10, abs(decades)))
        let usual = NumberText.number(amount / pow(10, decades))
        let size =
            decades >= 0
            ? "\(times) times the \(usual) that is usual for {source}"
            : "one \(times)th of the \(usual) that is usual for {source}"
        return
            "\(NumberText.number(amount)) from {source} to {target} by \(subject.typeName), \(size)"
    }

    private func stream() -> String {
        guard let stream = subject.stream, let channel = stream.channel else {
            return "more records of its ends than their past lets expect"
        }
        let count = Double(stream.count).rounded()
        let expected = NumberText.number(Double(stream.expected))
        let fact =
            switch channel {
            case .sourceRecords: NumberText.quantity(count, "record") + " of {source}"
            case .sourceFirstPartners:
                NumberText.quantity(count, "first-time partner") + " of {source}"
            case .targetRecords: NumberText.quantity(count, "record") + " of {target}"
            case .targetFirstPartners:
                NumberText.quantity(count, "first-time partner") + " of {target}"
            }
        return "about \(fact) within minutes when it came, where \(expected) are usual"
    }

    private func percent(_ share: Double) -> String { NumberText.number(share * 100) + " %" }

    func peerClause(_ measure: Measure, _ value: Double, isLow: Bool) -> String? {
        guard let type, !value.isNaN else { return nil }
        switch measure {
        case .relationshipFeature(let feature) where !feature.isComparedWithPeers: return nil
        case .relationshipSignal(.typeSurprise), .relationshipSignal(.streamDeviation),
            .relationshipSignal(.isVerified), .relationshipSignal(.isSelfLoop):
            return nil
        // What counts is the sender's own habit; beside it the amounts of all are of interest.
        case .relationshipSignal(.amountDeviation):
            return peerClause(
                .relationshipSignal(.amount), subject.signals[.amount], isLow: isLow)
        default: break
        }
        guard let peers = type.peers.distributions[measure] else { return nil }
        let noun =
            type.peerTypeName.isEmpty
            ? "relationship" : "\(type.peerTypeName) relationship"
        return quantileClause(
            measure, value, peers, of: NumberText.quantity(Double(peers.count), noun),
            isLow: isLow, text: NumberText.number)
    }

    func sentence(_ verdict: DetectorVerdict, topFeatures: [Measure]) -> String {
        let rarity = NumberText.oneIn(verdict.tailProbability)
        switch verdict.detector {
        case .relationshipForest:
            let figures = topFeatures.map { figure($0, value($0)) }
            let rare = "such a combination of features is expected in \(rarity) relationships"
            return figures.isEmpty
                ? rare : "\(rare), above all for: \(figures.joined(separator: ", "))"
        case .relationshipDeviation:
            return rarest(.relationshipDeviation)
                .map { measured($0.measure, isLow: $0.side == .below) } ?? rarity
        case .typeSurprise: return measured(.relationshipSignal(.typeSurprise))
        case .amount: return measured(.relationshipSignal(.amountDeviation))
        case .stream: return measured(.relationshipSignal(.streamDeviation))
        default: return "\(verdict.detector.rawValue): expected in \(rarity)"
        }
    }

    func rarest(_ detector: Detector) -> ComparedMeasure? {
        type?.tails.rarest(detector, value: subject.modelValue)?.compared
    }

    func recommendation(for detector: Detector?) -> String {
        switch detector {
        case .amount:
            "Unusual amount: check why {source} exceeds its habit with {target}, and whether the figure "
                + "was mistyped."
        case .typeSurprise:
            "Unusual type: check whether {source} and {target} are what they are said to be, and "
                + "who says that they are joined by \(subject.typeName)."
        case .stream: "Surge: check what {source} and {target} did at that time."
        case .relationshipForest, .relationshipDeviation:
            "Unusual features: compare the relationship of {source} and {target} with others of "
                + "its type, beginning with the features of the largest contribution."
        default: "Look at {source}, {target} and what joins them."
        }
    }
}
