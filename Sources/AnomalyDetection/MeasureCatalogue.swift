/// One name that conditions may use, as `vigil.indicator_measures` lists it.
package struct MeasureDescription: Sendable, Hashable {
    /// The key that names it.
    package enum Kind: String, Sendable {
        case feature, signal, setting
    }

    /// What an indicator must look at to name it.
    package var scope: Indicator.Scope
    /// The key that names it in a condition.
    package var kind: Kind
    /// Its name.
    package var name: String
    /// What it is counted in; "share" runs from 0 to 1, "flag" is 0 or 1.
    package var unit: String
    /// Whether it can be compared with a quantile of the peers.
    package var hasPeers: Bool

    /// Everything that conditions may name.
    package static let all: [MeasureDescription] = ofEntities + ofRelationships + settings

    /// The feature or signal of this name, preferably of this scope and kind; nil where there is none.
    static func named(
        _ name: String, scope: Indicator.Scope, kind: Kind
    ) -> MeasureDescription? {
        let found = all.filter { $0.name == name && $0.kind != .setting }
        return found.max { first, second in
            (first.scope == scope ? 1 : 0, first.kind == kind ? 1 : 0)
                < (second.scope == scope ? 1 : 0, second.kind == kind ? 1 : 0)
        }
    }

    /// The names of features and signals of a scope.
    static func names(of scope: Indicator.Scope) -> [String] {
        all.filter { $0.scope == scope && $0.kind != .setting }.map(\.name)
    }

    private static let ofEntities: [MeasureDescription] =
        EntityFeature.allCases.map {
            .init(
                scope: .entity, kind: .feature, name: $0.name, unit: $0.unit, hasPeers: true)
        }
        + EntitySignal.allCases.map {
            .init(
                scope: .entity, kind: .signal, name: $0.rawValue, unit: $0.unit,
                hasPeers: $0.hasPeers)
        } + [
            .init(
                scope: .entity, kind: .signal, name: Measure.inboundCountName, unit: "entities",
                hasPeers: true)
        ]

    private static let ofRelationships: [MeasureDescription] =
        RelationshipFeature.allCases.map {
            .init(
                scope: .relationship, kind: .feature, name: $0.name, unit: $0.unit, hasPeers: true)
        }
        + RelationshipSignal.allCases.map {
            .init(
                scope: .relationship, kind: .signal, name: $0.rawValue, unit: $0.unit,
                hasPeers: true)
        }

    private static let settings: [MeasureDescription] =
        [Indicator.Scope.entity, .relationship].flatMap { scope in
            DetectionSettings.boundUnits.map { name, unit in
                .init(scope: scope, kind: .setting, name: name, unit: unit, hasPeers: false)
            }
        }
}

extension EntityFeature {
    /// What it is counted in.
    var unit: String {
        switch self {
        case .degreeCentrality, .betweennessCentrality, .closenessCentrality,
            .eigenvectorCentrality, .clusteringCoefficient, .confidenceScore, .riskScore,
            .metadataRichness, .temporalActivityScore:
            "share"
        case .sourceCount: "sources"
        case .updateFrequency, .updateFrequencyDeviation: "updates a day"
        case .firstSeenAgeDays, .lastUpdatedAgeDays: "days"
        case .relationshipCount: "relationships"
        case .entityTypeEncoded: "bits"
        case .isVerified: "flag"
        case .tagCount: "tags"
        }
    }
}

extension RelationshipFeature {
    /// What it is counted in.
    var unit: String {
        switch self {
        case .confidenceScore, .confidenceVariance, .sourceDiversity, .temporalClustering,
            .strengthMetric, .riskScoreDifference, .confidenceAgreement:
            "share"
        case .bidirectionality: "flag"
        case .relationshipTypeEncoded: "bits"
        case .ageDays: "days"
        case .updateFrequency: "updates a day"
        case .entityDegreeProduct: "logarithm"
        }
    }
}

extension RelationshipSignal {
    /// What it is counted in.
    var unit: String {
        switch self {
        case .weight, .amount: "number"
        case .amountDeviation: "decades"
        case .typeSurprise: "bits"
        case .streamDeviation: "deviations"
        case .sourceCount: "sources"
        case .evidenceCount: "pieces"
        case .isVerified, .isSelfLoop: "flag"
        case .updateCount: "updates"
        case .confidenceRange, .confidenceSwing, .sourceRisk, .targetRisk: "share"
        case .parallelCount: "relationships"
        case .sourceDegree, .targetDegree: "entities"
        }
    }
}

extension EntitySignal {
    /// What it is counted in.
    var unit: String { Self.units[self] ?? "number" }

    private static let units: [EntitySignal: String] = [
        .degree: "entities", .inDegree: "relationships", .outDegree: "relationships",
        .burstCount: "relationships", .dormancyDays: "days", .tieRange: "steps",
        .bridgedPairs: "pairs", .triangleExcess: "deviations", .distinctNeighbourTypes: "types",
        .hasName: "flag", .meanRating: "rating", .ratingCount: "ratings",
        .neighbourRiskGap: "share", .homophily: "similarity", .unexpectedNeighbourTypes: "bits",
        .trustedRating: "rating", .structuringShare: "share", .structuringCount: "amounts",
        .benfordDeviation: "share", .riskyNeighbours: "entities",
        .activityResidual: "deviations", .activityDrift: "deviations",
        .reconstructionError: "nats", .offHoursSurprise: "decades", .contactRegularity: "bits",
        .confidenceSwing: "confidence", .riskSwing: "risk", .neighbourRiskExcess: "share",
        .tagMisfit: "nats", .foreignTriangles: "pairs",
    ]

    /// Whether training keeps how it is spread over the peers.
    var hasPeers: Bool { self != .meanRating && self != .unexpectedNeighbourTypes }
}

/// Names that are nearly another one, for error messages.
enum NameSuggestion {
    private static let lengthMax = 60
    private static let namesMax = 3
    private static let prefixLengthMin = 3

    /// "; did you mean a or b?" for the known names nearest to a word; nil where none is near.
    static func question(_ word: String, known: [String]) -> String? {
        guard word.unicodeScalars.count <= lengthMax else { return nil }
        let near =
            known.map { name in
                let isBeginning = word.count >= prefixLengthMin && name.hasPrefix(word)
                return (edits: isBeginning ? 1 : editCount(word, name), name: name)
            }
            .sorted { ($0.edits, $0.name) < ($1.edits, $1.name) }
            .prefix(namesMax)
            .filter { $0.edits <= max(2, word.unicodeScalars.count / 3) }
        guard !near.isEmpty else { return nil }
        return "; did you mean \(near.map(\.name).joined(separator: " or "))?"
    }

    /// How many letters must be added, removed or replaced.
    ///
    /// V. I. Levenshtein, "Binary codes capable of correcting deletions, insertions, and reversals",
    /// Soviet Physics Doklady 10 (1966).
    ///
    /// - Complexity: O(letters · letters)
    static func editCount(_ first: String, _ second: String) -> Int {
        let target = Array(second.unicodeScalars)
        var above = Array(0...target.count)
        for (place, letter) in first.unicodeScalars.enumerated() {
            var line = [place + 1]
            for column in target.indices {
                let replaced = above[column] + (letter == target[column] ? 0 : 1)
                line.append(min(above[column + 1] + 1, line[column] + 1, replaced))
            }
            above = line
        }
        return above[target.count]
    }
}
