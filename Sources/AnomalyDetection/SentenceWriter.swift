import Foundation

/// Turns the measures of an entity into sentences with figures; it never names an entity.
struct SentenceWriter: SubjectWriter {
    let subject: EntitySubject
    let signals: EntitySignals
    /// Nil without a model: then nothing is compared.
    let type: TypeModel?
    let settings: DetectionSettings
    /// What it did; nil where its behaviour was not judged.
    let behaviour: Explanation.Behaviour?
    /// Which of its relationships is strange, and why; nil where none is.
    var strangestRelationship: String?

    var entityIDs: [Int64] { [subject.id] }
    var typeName: String { subject.typeName }
    var endTypeNames: [String]? { nil }
    var asOf: Double { subject.asOf }
    var sequence: [Double] { subject.behaviour.sequence }
    var signalValues: [String: Double] { signals.named }
    var scope: Indicator.Scope { .entity }
    var featureMeasures: [Measure] { EntityFeature.allCases.map(Measure.feature) }
    var modelValues: [Double] { subject.features.modelValues }

    func surroundings(in detector: AnomalyDetector) -> [String: Double] {
        detector.surroundings(of: subject.node, asOf: asOf)
    }

    func value(_ measure: Measure) -> Double {
        signals.value(measure, features: subject.features)
    }

    func figure(_ measure: Measure, _ value: Double) -> String {
        switch measure {
        case .feature(let feature): figure(feature, value)
        case .signal(let signal): figure(signal, value)
        case .inboundCount(let type):
            value == 1
                ? "1 entity points at it by \(type)"
                : "\(NumberText.number(value)) different entities point at it by \(type)"
        case .relationshipFeature, .relationshipSignal: "\(measure.name) \(value)"
        }
    }

    private func figure(_ feature: EntityFeature, _ value: Double) -> String {
        let number = NumberText.number(value)
        return switch feature {
        case .relationshipCount: NumberText.quantity(value, "relationship")
        case .sourceCount: NumberText.quantity(value, "source")
        case .tagCount: NumberText.quantity(value, "tag")
        case .updateFrequency: NumberText.quantity(value, "update") + " a day over its lifetime"
        case .updateFrequencyDeviation:
            "daily updates that vary by \(number) (standard deviation)"
        case .firstSeenAgeDays: "first seen \(NumberText.ago(days: value))"
        case .lastUpdatedAgeDays: "last updated \(NumberText.ago(days: value))"
        case .isVerified: value == 1 ? "it is verified" : "it is not verified"
        case .entityTypeEncoded: "a type that is \(share(ofRarity: value, of: "all entities"))"
        case .temporalActivityScore:
            "last seen \(NumberText.ago(days: -30 * log(value)))"
        default: "\(words(feature.name)) \(number)"
        }
    }

    private func figure(_ signal: EntitySignal, _ value: Double) -> String {
        switch signal {
        case .degree: return NumberText.quantity(value, "distinct neighbour")
        case .inDegree: return NumberText.quantity(value, "inbound relationship")
        case .outDegree: return NumberText.quantity(value, "outbound relationship")
        case .burstCount:
            let window = NumberText.duration(seconds: settings.burstWindowSeconds)
            return NumberText.quantity(value, "new relationship") + " within \(window)"
        case .dormancyDays:
            return reactivation(value)
        case .tieRange:
            let apart =
                value > Double(settings.tieRangeMax)
                ? "more than \(NumberText.quantity(Double(settings.tieRangeMax), "step")) apart"
                : "\(NumberText.quantity(value, "step")) apart"
            return "a new relationship joins two entities that are otherwise \(apart)"
        case .bridgedPairs: return brokerage(value)
        case .triangleExcess:
            let count = subject.features[.clusteringCoefficient]
            return "its neighbours are linked among each other \(excess(value)) "
                + "(clustering coefficient \(NumberText.number(count)))"
        case .distinctNeighbourTypes:
            return NumberText.quantity(value, "type") + " among its neighbours"
        case .hasName: return value == 1 ? "it has a name" : "it has no name"
        case .meanRating:
            let received = NumberText.quantity(signals.value(.ratingCount), "rating")
            return "mean rating received \(NumberText.number(value)) over \(received), "
                + "drawn towards the mean of all"
        case .ratingCount: return NumberText.quantity(value, "rating") + " received"
        case .homophily: return context(value)
        case .trustedRating:
            let received = NumberText.quantity(signals.value(.ratingCount), "rating")
            return "rated \(NumberText.number(value)) on average by raters of standing, over "
                + "\(received), drawn towards the mean of all"
        case .structuringShare, .structuringCount: return structuring()
        case .benfordDeviation: return benford()
        case .unexpectedNeighbourTypes:
            let share = share(ofRarity: value, of: "the neighbours that its type has")
            let type = signals.leastExpectedType.map { "the type \($0), which is" }
            return "neighbours of \(type ?? "a type that is") \(share)"
        case .activityResidual:
            return residualSentence() ?? "activity \(number(value)) deviations above its forecast"
        case .activityDrift:
            return driftSentence() ?? "a drift of its activity of \(number(value)) deviations"
        case .reconstructionError:
            return reconstructionSentence() ?? "behaviour rebuilt with an error of \(number(value))"
        case .offHoursSurprise:
            return offHoursSentence() ?? "hours with a surprise of \(number(value)) decades"
        case .contactRegularity:
            return regularitySentence() ?? "intervals of a regularity of \(number(value)) bits"
        case .confidenceSwing:
            return "its confidence went back and forth by \(number(value)) within "
                + NumberText.quantity(RecentValues.ageDaysMax, "day")
        case .riskSwing:
            return "its risk went back and forth by \(number(value)) within "
                + NumberText.quantity(RecentValues.ageDaysMax, "day")
        case .riskyNeighbours:
            let risky = NumberText.number(EntitySignal.riskyMin)
            return NumberText.quantity(value, "neighbour") + " with a risk of at least \(risky)"
        case .neighbourRiskGap:
            let risk = NumberText.number(subject.features[.riskScore])
            return "risk score \(risk), \(NumberText.number(value)) away from the mean of its "
                + "neighbours"
        case .neighbourRiskExcess: return riskExcess()
        case .tagMisfit: return tagMisfit()
        case .foreignTriangles:
            let pairs = value == 1 ? "1 pair" : "\(number(value)) pairs"
            return "\(pairs) of its neighbours know each other though the tags of no two of the "
                + "three go together"
        }
    }

    /// "active again after 219 days of silence, with 12 new relationships and 8 updates; before that
    /// active every 3.2 days".
    private func reactivation(_ days: Double) -> String {
        let activity = subject.activity
        let deeds = [
            activity.newRowCount > 0
                ? NumberText.quantity(Double(activity.newRowCount), "new relationship") : nil,
            activity.updateCount > 0
                ? NumberText.quantity(Double(activity.updateCount), "update") : nil,
        ].compactMap { $0 }
        var text = "active again after \(NumberText.quantity(days.rounded(), "day")) of silence"
        if !deeds.isEmpty { text += ", with " + deeds.joined(separator: " and ") }
        let between = activity.rhythm.daysBetween
        if between < days {
            let rhythm = NumberText.span(days: max(1, between))
            text += "; before that it was active every \(rhythm == "1 day" ? "day" : rhythm)"
        }
        return text
    }

    private func number(_ value: Double) -> String { NumberText.number(value) }

    private func brokerage(_ pairCount: Double) -> String {
        guard let brokerage = subject.brokerage else {
            return NumberText.quantity(pairCount, "pair")
                + " of its neighbours meet only through it"
        }
        let pairs =
            pairCount == 1
            ? "1 pair of its neighbours meets"
            : "\(NumberText.number(pairCount)) pairs of its neighbours meet"
        var text =
            "\(pairs) only through it: it joins a group of "
            + "\(brokerage.first.count) with a group of \(brokerage.second.count)"
        if subject.state.degree > brokerage.checkedCount {
            text += " among the \(brokerage.checkedCount) looked at"
        }
        return text
    }

    private func excess(_ deviations: Double) -> String {
        let size = NumberText.number(abs(deviations))
        return "\(size) standard deviations \(deviations < 0 ? "less" : "more") than chance"
    }

    private func share(ofRarity rarity: Double, of whole: String) -> String {
        NumberText.number(pow(2, -rarity) * 100) + " % of \(whole)"
    }

    private func words(_ name: String) -> String {
        name.replacingOccurrences(of: "_", with: " ")
    }

    func peerClause(_ measure: Measure, _ value: Double, isLow: Bool) -> String? {
        guard let type, let peers = type.peers.distributions[measure], !value.isNaN else {
            return nil
        }
        let group = NumberText.entities(peers.count, ofType: type.peerTypeName)
        switch measure {
        case .signal(.hasName), .feature(.isVerified), .feature(.entityTypeEncoded),
            .feature(.temporalActivityScore), .signal(.triangleExcess), .signal(.tagMisfit),
            .signal(.neighbourRiskExcess):
            return nil
        case .signal(.activityResidual), .signal(.activityDrift),
            .signal(.reconstructionError), .signal(.offHoursSurprise),
            .signal(.contactRegularity):
            // The figure tells what was expected of itself.
            return nil
        case .signal(.unexpectedNeighbourTypes):
            // The figure is a share of what peers have.
            return nil
        case .signal(.dormancyDays):
            // What counts is its own rhythm, which the figure tells.
            return nil
        case .signal(.burstCount) where value > peers.maximum:
            return "the most for any of \(group) in training was "
                + NumberText.number(peers.maximum)
        case .signal(.tieRange):
            // The distribution is of relationships, not of entities.
            guard value > peers.quantile(0.99) else { return nil }
            return "of \(NumberText.quantity(Double(peers.count), "relationship")) in training "
                + "99 in 100 join entities at most "
                + "\(NumberText.quantity(peers.quantile(0.99), "step")) apart"
        default:
            return quantileClause(measure, value, peers, of: group, isLow: isLow) {
                text(measure, $0)
            }
        }
    }

    /// A value of a measure as a peer clause tells it.
    private func text(_ measure: Measure, _ value: Double) -> String {
        switch measure {
        case .feature(.firstSeenAgeDays), .feature(.lastUpdatedAgeDays):
            NumberText.span(days: value)
        default: NumberText.number(value)
        }
    }

    func sentence(_ verdict: DetectorVerdict, topFeatures: [Measure]) -> String {
        let rarity = NumberText.oneIn(verdict.tailProbability)
        switch verdict.detector {
        case .isolationForest:
            let figures = topFeatures.map { figure($0, value($0)) }
            let rare = "such a combination of features is expected in \(rarity) entities"
            return figures.isEmpty
                ? rare : "\(rare), above all for: \(figures.joined(separator: ", "))"
        case .peerDeviation, .neighbourDeviation:
            return rarest(verdict.detector).map { measured($0.measure, isLow: $0.side == .below) }
                ?? rarity
        case .triangleExcess: return measured(.triangleExcess)
        case .degree: return measured(.degree)
        case .tieRange: return measured(.tieRange)
        case .brokerage: return measured(.bridgedPairs)
        case .burst: return measured(.burstCount)
        case .dormancy: return measured(.dormancyDays)
        case .trust: return measured(.trustedRating, isLow: true)
        case .structuring: return structuring()
        case .benford: return benford()
        case .homophily:
            let told = signals.value(.tagMisfit) > 0 ? EntitySignal.tagMisfit : .homophily
            return figure(told, signals.value(told))
        case .numericMetadata: return numbers() ?? "unusual numbers: expected in \(rarity)"
        case .residual: return residualSentence() ?? rarity
        case .cusum: return driftSentence() ?? rarity
        case .reconstruction: return reconstructionSentence() ?? rarity
        case .offHours: return offHoursSentence() ?? rarity
        case .regularity: return regularitySentence() ?? rarity
        case .relationships:
            return strangestRelationship
                ?? "one of its newest relationships is expected in \(rarity)"
        case .relationshipForest, .relationshipDeviation, .typeSurprise, .amount, .stream,
            .indicators:
            return "\(words(verdict.detector.rawValue)): expected in \(rarity)"
        }
    }

    func rarest(_ detector: Detector) -> ComparedMeasure? {
        type?.tails.rarest(detector, value: signals.modelValues(subject.features))?.compared
    }

    private func measured(_ signal: EntitySignal, isLow: Bool = false) -> String {
        measured(.signal(signal), isLow: isLow)
    }
}

extension String {
    /// With a capital first letter and a full stop.
    var asSentence: String {
        let text = prefix(1).uppercased() + dropFirst()
        return text.hasSuffix(".") ? text : text + "."
    }
}
