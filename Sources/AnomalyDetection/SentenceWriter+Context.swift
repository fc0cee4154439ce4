import AnomalyModels
extension SentenceWriter {
    /// "shares 2 % with its neighbours; random pairs of its type share 6 %".
    func context(_ share: Double) -> String {
        let text = "it shares \(percent(share)) of its tags and numbers with its neighbours"
        guard let reading = subject.context else { return text }
        return "\(text); random pairs of its type share \(percent(reading.usual))"
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
