import AnomalyModels

extension Explanation {
    /// So many facts are told in the paragraph; the others stand in the sentences.
    private static let factsMax = 3

    /// The headline and the strongest other facts, without those that repeat what was said.
    static func facts(headline: String, sentences: [String]) -> String {
        var told = [headline]
        for sentence in sentences where told.count < factsMax {
            // A fact is what stands before its comparison with the peers.
            let fact = sentence.fact
            if !told.contains(where: { $0.lowercased().contains(fact) }) { told.append(sentence) }
        }
        return told.joined(separator: " ")
    }

    /// Ends the explanation of a judgement: how rare all of it is, and what would undo it.
    ///
    /// `noun` is what the judgement is one of: "entities" or "relationships".
    mutating func conclude(
        _ judgement: Judgement, counterfactual: Counterfactual?, noun: String
    ) {
        let score = NumberText.number(judgement.anomalyScore)
        let severity = judgement.severity.rawValue
        var paragraph = [summary]
        if judgement.pValue.isNaN {
            paragraph.append("By rules alone its score is \(score) (\(severity)).")
        } else {
            paragraph.append(
                "All in all that is expected in \(NumberText.oneIn(judgement.pValue)) \(noun): "
                    + "score \(score) (\(severity)).")
        }
        if let counterfactual, !counterfactual.relationshipIDs.isEmpty {
            paragraph.append(counterfactual.sentence)
        }
        summary = paragraph.joined(separator: " ")
        self.counterfactual = counterfactual
    }
}

extension String {
    /// What a sentence says before it compares, in small letters and without the full stop.
    fileprivate var fact: String {
        let clause = split(separator: ";", maxSplits: 1).first.map(String.init) ?? self
        return (clause.hasSuffix(".") ? String(clause.dropLast()) : clause).lowercased()
    }
}
