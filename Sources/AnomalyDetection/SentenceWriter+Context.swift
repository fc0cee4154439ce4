import AnomalyModels
import Foundation

extension SentenceWriter {
    /// "shares 2 % with its neighbours; random pairs of its type share 6 %".
    func context(_ share: Double) -> String {
        let text = "it shares \(percent(share)) of its tags and numbers with its neighbours"
        guard let reading = subject.context else { return text }
        return "\(text); random pairs of its type share \(percent(reading.usual))"
    }

    /// "of its 12 neighbours with tags 1 carries one of its own 3; across relationships such tags meet 8.2
    /// times less often than by chance".
    func tagMisfit() -> String {
        guard let reading = subject.tags, reading.neighbourCount > 0 else {
            return "tags that do not go with those of its neighbours"
        }
        let neighbours = NumberText.quantity(Double(reading.neighbourCount), "neighbour")
        let carry = reading.sharingCount == 1 ? "carries" : "carry"
        let sharing = reading.sharingCount == 0 ? "none" : "\(reading.sharingCount)"
        let factor = NumberText.number((exp(abs(reading.meanFit)) * 10).rounded() / 10)
        return "of its \(neighbours) with known tags \(sharing) \(carry) one of its own "
            + "\(reading.tagCount); across relationships such tags meet \(factor) times "
            + "\(reading.meanFit < 0 ? "less" : "more") often than by chance"
    }

    /// "risk score 0.84; its 7 neighbours with one have 0.24 on average".
    func riskExcess() -> String {
        let risk = subject.features[.riskScore]
        let count = signals.riskNeighbourCount
        let mean = meanNeighbourRisk(risk)
        return "risk score \(NumberText.number(risk)); "
            + (count == 1
                ? "its one neighbour with one has \(mean)"
                : "its \(count) neighbours with one have \(mean) on average")
    }

    private func meanNeighbourRisk(_ risk: Double) -> String {
        let gap = signals.value(.neighbourRiskGap)
        return NumberText.number(signals.value(.neighbourRiskExcess) < 0 ? risk + gap : risk - gap)
    }

    /// The watched number that says most, beside those of the peers; nil where none is known.
    func numbers() -> String? {
        guard let resolved = type?.numbers else { return nil }
        let numbers = resolved.numbers(of: subject.state.record)
        guard let place = resolved.model.strongest(numbers)?.place else { return nil }
        let (key, value) = (resolved.model.keys[place], numbers[place])
        let figure = "its \(key) is \(NumberText.number(value))"
        guard let peers = resolved.model.peers[place] else { return figure }
        let group = NumberText.entities(peers.count, ofType: subject.typeName)
        var text = "\(figure); the median of \(group) is \(NumberText.number(peers.median))"
        let isLow = value < peers.median
        let limit = peers.quantile(isLow ? 0.01 : 0.99)
        if isLow ? value < limit : value > limit {
            text +=
                ", and 99 in 100 have at \(isLow ? "least" : "most") "
                + NumberText.number(limit)
        }
        return text
    }

    private func percent(_ share: Double) -> String {
        "\(NumberText.number((share * 1000).rounded() / 10)) %"
    }
}

extension SentenceWriter {
    /// "31 of the 40 amounts it sends lie just below 10,000; 1.2 % of those of its type do".
    func structuring() -> String {
        guard let found = subject.amounts?.structuring else {
            return "amounts just below a threshold"
        }
        return "\(found.nearCount) of the \(found.count) amounts it sends lie just below "
            + "\(NumberText.number(found.threshold)); \(percent(found.usualShare)) of those of its "
            + "type do"
    }

    /// "the first digits of its 120 amounts deviate from those of its type by 0.051 on average".
    func benford() -> String {
        guard let found = subject.amounts?.benford else { return "unusual first digits of amounts" }
        let reference = found.reference == .law ? "Benford's law" : "those of its type"
        return "the first digits of its \(found.count) amounts deviate from \(reference) by "
            + "\(NumberText.number(found.meanAbsoluteDeviation)) on average "
            + "(chi-square \(NumberText.number(found.chiSquare)))"
    }
}
