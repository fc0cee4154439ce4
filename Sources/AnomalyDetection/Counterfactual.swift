package import AnomalyModels

// Counterfactual explanations: S. Wachter, B. Mittelstadt, C. Russell, "Counterfactual Explanations
// without Opening the Black Box", Harvard Journal of Law & Technology 31(2), 2018,
// 10.2139/ssrn.3063289. For graphs: A. Lucic et al., "CF-GNNExplainer: Counterfactual Explanations
// for Graph Neural Networks", AISTATS 2022: the smallest set of edges whose removal changes the
// verdict. Different here: no gradient and no soft mask; the rows are removed from a copy of the graph
// and the same judge is asked again, so what is reported is what would have been judged.

/// The smallest set of relationships without which a subject would not be an anomaly.
package struct Counterfactual: Sendable, Equatable, Codable {
    /// The relationships, the one that matters most first; empty where no set was found.
    package var relationshipIDs: [Int64]
    /// The judgement without them; as it is where no set was found.
    package var anomalyScore: Double
    /// That score in words.
    package var severity: Severity
    /// The tail probability without them; NaN where rules decide.
    package var pValue: Double
    /// True where every smaller set of the candidates was tried, or, with no set, all of them.
    package var isExhaustive: Bool
    /// How many relationships were considered, and how many sets of them were judged.
    package var candidateCount, trialCount: Int
    /// The same in words.
    package var sentence: String

    /// Sets have at most so many relationships.
    package static let setSizeMax = 3

    enum CodingKeys: String, CodingKey {
        case severity, sentence
        case relationshipIDs = "relationship_ids"
        case anomalyScore = "score"
        case pValue = "p_value"
        case isExhaustive = "is_exhaustive"
        case candidateCount = "candidates"
        case trialCount = "trials"
    }
}

extension Counterfactual {
    /// Decodes; null is NaN.
    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        relationshipIDs = try values.decode([Int64].self, forKey: .relationshipIDs)
        anomalyScore = try values.decode(Double.self, forKey: .anomalyScore)
        severity = try values.decode(Severity.self, forKey: .severity)
        pValue = try values.decodeIfPresent(Double.self, forKey: .pValue) ?? .nan
        isExhaustive = try values.decode(Bool.self, forKey: .isExhaustive)
        candidateCount = try values.decode(Int.self, forKey: .candidateCount)
        trialCount = try values.decode(Int.self, forKey: .trialCount)
        sentence = try values.decode(String.self, forKey: .sentence)
    }

    /// Encodes; NaN is null.
    package func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(relationshipIDs, forKey: .relationshipIDs)
        try values.encode(anomalyScore, forKey: .anomalyScore)
        try values.encode(severity, forKey: .severity)
        try values.encode(pValue.isFinite ? pValue : nil, forKey: .pValue)
        try values.encode(isExhaustive, forKey: .isExhaustive)
        try values.encode(candidateCount, forKey: .candidateCount)
        try values.encode(trialCount, forKey: .trialCount)
        try values.encode(sentence, forKey: .sentence)
    }
}

/// One relationship that may explain an anomaly.
struct CounterfactualCandidate: Equatable {
    let id: Int64
    let typeName: String
}

/// Looks for the smallest set of candidates without which `judge` finds no anomaly.
///
/// First each candidate alone; then, unless the anomaly stands without all of them together, pairs and
/// triples, those first whose members lowered the score most when they were missing alone or in pairs.
/// So what is found is the smallest set wherever all smaller ones were tried.
struct CounterfactualSearch {
    /// What is left without a set of candidates; nil where nothing is left to judge.
    struct Outcome {
        var pValue, anomalyScore: Double
    }

    let candidates: [CounterfactualCandidate]
    let threshold: Double
    let trialCountMax: Int
    let judge: ([Int64]) -> Outcome?

    private var trialCount = 0
    private var gains: [[Int]: Double] = [:]
    private var best: (places: [Int], outcome: Outcome)?

    init(
        candidates: [CounterfactualCandidate], threshold: Double, trialCountMax: Int,
        judge: @escaping ([Int64]) -> Outcome?
    ) {
        self.candidates = candidates
        self.threshold = threshold
        self.trialCountMax = trialCountMax
        self.judge = judge
    }

    /// The counterfactual of a judgement that is an anomaly.
    mutating func run(pValue: Double, anomalyScore: Double, possessive: String) -> Counterfactual {
        var isExhaustive = true
        var standsWithoutAll = false
        for size in 1...Counterfactual.setSizeMax where best == nil && size <= candidates.count {
            if size == 2 {
                standsWithoutAll = stands(without: Array(candidates.indices))
            }
            if standsWithoutAll {
                isExhaustive = false
                break
            }
            let isComplete = trySets(of: size, above: anomalyScore)
            // The smallest is found where all smaller ones were tried.
            if best == nil { isExhaustive = isExhaustive && isComplete }
        }
        let set = best.map { $0.places.map { candidates[$0] } } ?? []
        let outcome = best?.outcome ?? Outcome(pValue: pValue, anomalyScore: anomalyScore)
        let sentence =
            set.isEmpty
            ? Self.sentence(
                candidateCount: candidates.count, standsWithoutAll: standsWithoutAll,
                isExhaustive: isExhaustive)
            : Self.sentence(possessive, set, outcome.anomalyScore)
        return Counterfactual(
            relationshipIDs: set.map(\.id), anomalyScore: outcome.anomalyScore,
            severity: Severity(score: outcome.anomalyScore), pValue: outcome.pValue,
            isExhaustive: isExhaustive, candidateCount: candidates.count, trialCount: trialCount,
            sentence: sentence)
    }

    /// Tries the sets of one size until the trials are used up; false where some were not tried.
    ///
    /// Of single relationships all are tried, and the one that lowers the score most is the answer; of
    /// larger sets the first that is found.
    private mutating func trySets(of size: Int, above score: Double) -> Bool {
        for places in rankedSets(of: size) {
            guard trialCount < trialCountMax else { return false }
            guard let outcome = outcome(without: places) else { continue }
            gains[places] = score - outcome.anomalyScore
            guard outcome.anomalyScore < threshold else { continue }
            if let best, best.outcome.anomalyScore <= outcome.anomalyScore { continue }
            best = (places, outcome)
            if size > 1 { break }
        }
        return true
    }

    /// Whether it is certain that the anomaly is there without these.
    private mutating func stands(without places: [Int]) -> Bool {
        guard trialCount < trialCountMax, let outcome = outcome(without: places) else {
            return false
        }
        return outcome.anomalyScore >= threshold
    }

    private mutating func outcome(without places: [Int]) -> Outcome? {
        trialCount += 1
        return judge(places.map { candidates[$0].id })
    }

    /// The sets of a size, the most promising first; equal ones in the order of the candidates.
    private func rankedSets(of size: Int) -> [[Int]] {
        let sets = Self.sets(of: size, below: candidates.count)
        guard size > 1 else { return sets }
        let promise = sets.map { places in
            // The best split into what was tried: a pair and one, or ones.
            places.reduce(0) { $0 + (gains[[$1]] ?? 0) }
                + places.indices.reduce(0) { sum, left in
                    var pair = places
                    pair.remove(at: left)
                    return sum + (pair.count > 1 ? gains[pair] ?? 0 : 0)
                }
        }
        return sets.indices.sorted { (-promise[$0], $0) < (-promise[$1], $1) }.map { sets[$0] }
    }

    static func sets(of size: Int, below count: Int) -> [[Int]] {
        guard size > 0 else { return [[]] }
        return sets(of: size - 1, below: count).flatMap { start in
            ((start.last ?? -1) + 1..<max(count, (start.last ?? -1) + 1)).map { start + [$0] }
        }
    }

    private static func sentence(
        candidateCount count: Int, standsWithoutAll: Bool, isExhaustive: Bool
    ) -> String {
        let size = min(count, Counterfactual.setSizeMax)
        let looked = "of the \(count) relationships that were looked at"
        return switch count {
        case 0: "It has no relationship that could explain it."
        case 1: "It would be an anomaly without the one relationship that was looked at, too."
        default:
            if standsWithoutAll {
                "It would be an anomaly without any \(looked), too."
            } else if isExhaustive {
                "No set of up to \(size) \(looked) explains it."
            } else {
                "No set of up to \(size) \(looked) was found that explains it."
            }
        }
    }

    private static func sentence(
        _ possessive: String, _ set: [CounterfactualCandidate], _ score: Double
    ) -> String {
        let types = Set(set.map(\.typeName))
        let names = set.map { types.count == 1 ? "\($0.id)" : "\($0.id) (\($0.typeName))" }
        let list =
            names.count == 1
            ? names.joined()
            : names.dropLast().joined(separator: ", ") + " and " + names.suffix(1).joined()
        let kind = types.count == 1 ? types.joined() + " " : ""
        let noun = set.count == 1 ? "relationship" : "relationships"
        return "Without \(possessive) \(kind)\(noun) \(list) its score would be "
            + "\(NumberText.number(score)) (\(Severity(score: score).rawValue))."
    }
}
