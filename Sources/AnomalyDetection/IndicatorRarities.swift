import Foundation

/// How rarely indicators hold: what an analyst would call a bad sign is evidence by itself, as far as
/// ordinary subjects do not show it too.
///
/// A subject's score is the rarity of the rarest indicator that fires; its tail probability the share of
/// the training rows with a score at least as high, (k + 1) / (n + 1). So many signs with few bearers
/// do not add up to many alarms. Only indicators count that join measures which no detector joins:
/// single measures have their vote. Silent where nothing fires.
package struct IndicatorRarities: Sendable, Equatable, Codable {
    /// The tail probability of each indicator, by ``key(of:)``.
    package private(set) var tails: [String: Double]
    /// How many rows stand behind them.
    package private(set) var rowCount: Int

    /// The rarities that these rows show, each row the keys of the indicators that fire on it.
    package init(_ rows: [Set<String>]) {
        rowCount = rows.count
        var counts: [String: Int] = [:]
        for key in rows.joined() { counts[key, default: 0] += 1 }
        let least = rows.compactMap { row in row.compactMap { counts[$0] }.min() }.sorted()
        tails = counts.mapValues { count in
            // How many rows have an indicator that is at least as rare.
            let asRare = least.partitioningIndex { $0 > count }
            return Double(asRare + 1) / Double(rows.count + 1)
        }
    }

    /// Names an indicator and its condition: what was edited since is another one, and unknown.
    package static func key(of indicator: Indicator) -> String {
        "\(indicator.name) \(String(textKey("\(indicator.condition)"), radix: 16))"
    }

    /// The tail probabilities of the indicators that are as they were in training, by name.
    ///
    /// One that never held then is as rare as one row in all of them.
    func tails(of indicators: [Indicator], known: Set<String>) -> [String: Double] {
        var byName: [String: Double] = [:]
        for indicator in indicators {
            let key = Self.key(of: indicator)
            guard known.contains(key) else { continue }
            byName[indicator.name] = tails[key] ?? 1 / Double(rowCount + 1)
        }
        return byName
    }
}

/// The tail probabilities of indicators by name, and how many rows stand behind them.
struct IndicatorTails: Sendable {
    let byName: [String: Double]
    let rowCount: Int

    init(_ rarities: IndicatorRarities?, of indicators: [Indicator], known: Set<String>) {
        byName = rarities?.tails(of: indicators, known: known) ?? [:]
        rowCount = rarities?.rowCount ?? 0
    }

    /// The verdict on who shows these indicators; nil where none of them is known.
    func verdict(on fired: [FiredIndicator]) -> DetectorVerdict? {
        let rarest = fired.filter(\.isEvidenceOfItsOwn).compactMap { byName[$0.indicator.name] }
            .min()
        guard let rarest else { return nil }
        return DetectorVerdict(
            detector: .indicators, score: -log2(rarest), tailProbability: rarest,
            calibrationCount: rowCount)
    }
}

extension FiredIndicator {
    /// Whether it joins measures that no detector joins, one of which no detector of its own judges.
    var isEvidenceOfItsOwn: Bool {
        let measures = Set(comparisons.filter(\.isEvidence).map(\.measure))
        return measures.count > 1 && measures.contains { $0.detector == nil }
    }
}

extension [Int] {
    /// The first place whose element belongs to the second part; the elements are partitioned.
    fileprivate func partitioningIndex(_ isSecond: (Int) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if isSecond(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

extension AnomalyDetector {
    /// So many rows at most are looked at for the rarities of indicators.
    package static let indicatorRowsMax = 20_000

    /// The indicators that fire on an entity as of a time, by ``IndicatorRarities/key(of:)``; nil where
    /// there is no such entity.
    package func firedIndicatorKeys(of entityID: Int64, asOf: Double) -> Set<String>? {
        subject(of: entityID, asOf: asOf, behaviourModel: resolved?.model.behaviour).map {
            Self.keys(of: firedIndicators(on: $0, signals(of: $0)))
        }
    }

    /// The indicators that fire on a relationship as of a time, by ``IndicatorRarities/key(of:)``; nil
    /// where there is none.
    package func firedIndicatorKeys(ofRelationship id: Int64, asOf: Double) -> Set<String>? {
        relationshipSubject(of: id, asOf: asOf).map { Self.keys(of: firedIndicators(on: $0)) }
    }

    private static func keys(of fired: [FiredIndicator]) -> Set<String> {
        Set(fired.filter(\.isEvidenceOfItsOwn).map { IndicatorRarities.key(of: $0.indicator) })
    }

    /// The indicators that fire on an entity beside the peers of its type, whatever else speaks.
    private func firedIndicators(
        on subject: EntitySubject, _ signals: EntitySignals
    ) -> [FiredIndicator] {
        firedIndicators(
            on: subject, signals,
            type: resolved?.typeModel(subject.state.record.typeCode), strengths: nil)
    }

    private func firedIndicators(on subject: RelationshipSubject) -> [FiredIndicator] {
        firedIndicators(on: subject, type: relationshipModel(for: subject)?.type, strengths: nil)
    }

    /// What the rarity of its indicators says of an entity.
    func indicatorVerdict(
        on subject: EntitySubject, _ signals: EntitySignals
    ) -> DetectorVerdict? {
        guard let tails = resolved?.indicatorTails, !tails.byName.isEmpty else { return nil }
        return tails.verdict(on: firedIndicators(on: subject, signals))
    }

    /// What the rarity of its indicators says of a relationship.
    func indicatorVerdict(on subject: RelationshipSubject) -> DetectorVerdict? {
        guard let tails = resolved?.relationshipIndicatorTails, !tails.byName.isEmpty else {
            return nil
        }
        return tails.verdict(on: firedIndicators(on: subject))
    }
}
