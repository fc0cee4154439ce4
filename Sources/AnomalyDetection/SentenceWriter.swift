import Foundation

/// Turns measures into sentences with figures; it never names an entity.
struct SentenceWriter {
    let subject: EntitySubject
    let signals: EntitySignals
    /// Nil without a model: then nothing is compared.
    let type: TypeModel?
    let settings: DetectionSettings

    /// What comparisons saw: the first with its peers, the others as figures.
    func sentence(_ comparisons: [IndicatorCondition.Comparison]) -> String? {
        var parts: [String] = []
        for comparison in comparisons {
            let measure = comparison.measure
            let value = signals.value(measure, features: subject.features)
            let figure = figure(measure, value)
            guard !parts.contains(figure) else { continue }
            parts.append(figure)
            if parts.count == 1,
                let peers = peerClause(measure, value, isLow: comparison.relation.isUpperBound)
            {
                parts.append(peers)
            }
        }
        return parts.isEmpty ? nil : parts.joined(separator: "; ")
    }

    /// The figure alone: "60 new relationships within 2 hours", "confidence score 0.12".
    func figure(_ measure: Measure, _ value: Double) -> String {
        switch measure {
        case .feature(let feature): figure(feature, value)
        case .signal(let signal): figure(signal, value)
        case .inboundCount(let type):
            value == 1
                ? "1 entity points at it by \(type)"
                : "\(NumberText.number(value)) different entities point at it by \(type)"
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
        case .firstSeenAgeDays: "first seen \(NumberText.quantity(value, "day")) ago"
        case .lastUpdatedAgeDays: "last updated \(NumberText.quantity(value, "day")) ago"
        case .isVerified: value == 1 ? "it is verified" : "it is not verified"
        case .entityTypeEncoded: "a type that is \(share(ofRarity: value)) of all entities"
        case .temporalActivityScore:
            "last seen \(NumberText.quantity(-30 * log(value), "day")) ago"
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
            return "active again after \(NumberText.quantity(value, "day")) of silence"
        case .tieRange:
            let apart =
                value > Double(settings.tieRangeMax)
                ? "more than \(NumberText.quantity(Double(settings.tieRangeMax), "step")) apart"
                : "\(NumberText.quantity(value, "step")) apart"
            return "a new relationship joins two entities that are otherwise \(apart)"
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
        case .neighbourRiskGap:
            let risk = NumberText.number(subject.features[.riskScore])
            return "risk score \(risk), \(NumberText.number(value)) away from the mean of its "
                + "neighbours"
        }
    }

    private func excess(_ deviations: Double) -> String {
        let size = NumberText.number(abs(deviations))
        return "\(size) standard deviations \(deviations < 0 ? "less" : "more") than chance"
    }

    private func share(ofRarity rarity: Double) -> String {
        NumberText.number(pow(2, -rarity) * 100) + " %"
    }

    private func words(_ name: String) -> String {
        name.replacingOccurrences(of: "_", with: " ")
    }

    /// How the peers compare; nil where there are none, or the measure is no quantity.
    func peerClause(_ measure: Measure, _ value: Double, isLow: Bool) -> String? {
        guard let type, let peers = type.peers.distributions[measure], !value.isNaN else {
            return nil
        }
        let group = NumberText.entities(peers.count, ofType: type.peerTypeName)
        switch measure {
        case .signal(.hasName), .feature(.isVerified), .feature(.entityTypeEncoded),
            .feature(.temporalActivityScore), .signal(.triangleExcess):
            return nil
        case .signal(.burstCount):
            return "the most for any of \(group) in training was "
                + NumberText.number(peers.maximum)
        case .signal(.dormancyDays):
            let silences = NumberText.quantity(Double(peers.count), "silence")
            let whose = type.peerTypeName.isEmpty ? "all entities" : "\(type.peerTypeName) entities"
            return "of \(silences) of \(whose) in training the longest was "
                + NumberText.quantity(peers.maximum, "day")
        case .signal(.tieRange):
            // The distribution is of relationships, not of entities.
            return "of \(NumberText.quantity(Double(peers.count), "relationship")) in training "
                + "99 in 100 join entities at most "
                + "\(NumberText.quantity(peers.quantile(0.99), "step")) apart"
        default:
            let limit = peers.quantile(isLow ? 0.01 : 0.99)
            // A quantile between two counts is rounded to the side that keeps the sentence true.
            let shown = measure.isCount ? limit.rounded(isLow ? .down : .up) : limit
            return "the median of \(group) is \(NumberText.number(peers.median)), and 99 in 100 "
                + "have at \(isLow ? "least" : "most") \(NumberText.number(shown))"
        }
    }

    /// What a detector saw, where no indicator says it.
    func sentence(_ verdict: DetectorVerdict, topFeatures: [EntityFeature]) -> String {
        let rarity = NumberText.oneIn(verdict.tailProbability)
        switch verdict.detector {
        case .isolationForest:
            let figures = topFeatures.map { feature in
                self.figure(.feature(feature), subject.features[feature])
            }
            let rare = "such a combination of features is expected in \(rarity) entities"
            return figures.isEmpty
                ? rare : "\(rare), above all for: \(figures.joined(separator: ", "))"
        case .peerDeviation:
            guard let far = type?.comparison.largestDeviation(of: subject.features) else {
                return rarity
            }
            let value = subject.features[far.feature]
            let isLow = value < type?.featurePeers[far.feature.rawValue]?.median ?? value
            let peers = peerClause(.feature(far.feature), value, isLow: isLow)
            return [figure(.feature(far.feature), value), peers].compactMap { $0 }
                .joined(separator: "; ")
        case .triangleExcess: return measured(.triangleExcess)
        case .degree: return measured(.degree)
        case .tieRange: return measured(.tieRange)
        case .burst: return measured(.burstCount)
        case .dormancy: return measured(.dormancyDays)
        case .trust: return measured(.meanRating, isLow: true)
        }
    }

    private func measured(_ signal: EntitySignal, isLow: Bool = false) -> String {
        let value = signals.value(signal)
        let peers = peerClause(.signal(signal), value, isLow: isLow)
        return [figure(signal, value), peers].compactMap { $0 }.joined(separator: "; ")
    }
}

extension String {
    /// With a capital first letter and a full stop.
    var asSentence: String {
        let text = prefix(1).uppercased() + dropFirst()
        return text.hasSuffix(".") ? text : text + "."
    }
}
