import AnomalyModels
import Foundation
import GraphEngine

/// The amounts that one entity, or all entities of a type, sent.
struct SentAmounts: Sendable, Equatable {
    var digits = FirstDigits()
    var near: NearThresholdCounts

    init(thresholds: [Double]) { near = NearThresholdCounts(thresholds: thresholds) }

    mutating func count(_ amount: Double, by change: Int) {
        if change > 0 {
            digits.add(amount)
            near.add(amount)
        } else {
            digits.remove(amount)
            near.remove(amount)
        }
    }
}

/// Counts of sent amounts: by entity type always, by entity only where it has many rows.
///
/// An entity with few rows is counted when it is judged: that costs less than to keep it. Whole numbers
/// only, so whatever the order of the changes the counts are those of the rows that are there.
struct AmountBook: Sendable {
    /// From so many rows on the counts of an entity are kept.
    static let rowsMin = 64
    /// Smaller weights are no amounts but strengths and shares.
    static let amountMin = 1.0

    let thresholds: [Double]
    private(set) var byType: [Int32: SentAmounts] = [:]
    private(set) var kept: [NodeIndex: SentAmounts] = [:]

    init(thresholds: [Double]) {
        self.thresholds = thresholds.filter { $0 > 0 && $0.isFinite }
    }

    /// The amount of a relationship; nil where it is a rating, or no amount.
    static func amount(_ attributes: EdgeAttributes, ratingTypes: Set<Int32>) -> Double? {
        let weight = Double(attributes.weight)
        guard attributes.isActive, weight >= amountMin, weight.isFinite,
            !ratingTypes.contains(attributes.typeCode)
        else { return nil }
        return weight
    }

    mutating func count(_ amount: Double, ofType type: Int32, by change: Int) {
        guard !thresholds.isEmpty else { return }
        byType[type, default: SentAmounts(thresholds: thresholds)].count(amount, by: change)
    }

    mutating func count(_ amount: Double, of node: NodeIndex, by change: Int) {
        kept[node]?.count(amount, by: change)
    }

    mutating func keep(_ amounts: SentAmounts, of node: NodeIndex) { kept[node] = amounts }

    mutating func forget(_ node: NodeIndex) { kept[node] = nil }
}

extension AnomalyDetector {
    /// What a row that came or went adds to the amounts of its source.
    mutating func countAmount(
        _ attributes: EdgeAttributes, from source: NodeIndex, by change: Int
    ) {
        guard
            let amount = AmountBook.amount(attributes, ratingTypes: catalog.ratingTypeCodes),
            let type = states[Int(source)]?.record.typeCode
        else { return }
        amounts.count(amount, ofType: type, by: change)
        amounts.count(amount, of: source, by: change)
    }

    func isAmount(_ attributes: EdgeAttributes) -> Bool {
        AmountBook.amount(attributes, ratingTypes: catalog.ratingTypeCodes) != nil
    }

    /// Begins to keep the counts of a node that has come to many rows.
    mutating func keepAmounts(of node: NodeIndex) {
        guard graph.incidentEdgeCount(of: node) > AmountBook.rowsMin, amounts.kept[node] == nil
        else { return }
        let counted = countedAmounts(of: node)
        if counted.digits.count > 0 { amounts.keep(counted, of: node) }
    }

    /// The amounts that a node sends.
    /// - Complexity: O(1) where they are kept, else O(rows), of which there are at most
    ///   ``AmountBook/rowsMin`` where any is an amount.
    func sentAmounts(of node: NodeIndex) -> SentAmounts {
        if let kept = amounts.kept[node] { return kept }
        guard graph.incidentEdgeCount(of: node) <= AmountBook.rowsMin else {
            return SentAmounts(thresholds: amounts.thresholds)
        }
        return countedAmounts(of: node)
    }

    private func countedAmounts(of node: NodeIndex) -> SentAmounts {
        var counted = SentAmounts(thresholds: amounts.thresholds)
        graph.withIncidentEdges(of: node) { rows in
            for row in rows {
                let edge = graph.edge(at: row)
                guard edge.source == node,
                    let amount = AmountBook.amount(
                        edge.attributes, ratingTypes: catalog.ratingTypeCodes)
                else { continue }
                counted.count(amount, by: 1)
            }
        }
        return counted
    }

    /// Moves the amounts of an entity to its new type.
    mutating func moveAmounts(of node: NodeIndex, from old: Int32, to new: Int32) {
        guard old != new else { return }
        for row in graph.incidentEdges(of: node) {
            let edge = graph.edge(at: row)
            guard edge.source == node,
                let amount = AmountBook.amount(
                    edge.attributes, ratingTypes: catalog.ratingTypeCodes)
            else { continue }
            amounts.count(amount, ofType: old, by: -1)
            amounts.count(amount, ofType: new, by: 1)
        }
    }

    /// Counts all amounts from the rows, after the thresholds or the rating types have changed.
    mutating func countAmountsAgain() {
        amounts = AmountBook(thresholds: settings.structuringThresholds)
        for node in states.indices where states[node] != nil {
            let node = NodeIndex(node)
            for row in graph.incidentEdges(of: node) {
                let edge = graph.edge(at: row)
                if edge.source == node { countAmount(edge.attributes, from: node, by: 1) }
            }
            keepAmounts(of: node)
        }
    }
}

/// What the amounts of an entity say.
struct AmountReading: Sendable {
    var benford: Benford?
    /// Nil, silence, too where nobody of the type has an amount near a threshold.
    var structuring: Structuring?
    /// How many amounts its type has.
    var typeCount: Int
}

extension AnomalyDetector {
    /// What the amounts of an entity say; nil below the fewest that are judged.
    func amountReading(of node: NodeIndex, _ state: EntityState) -> AmountReading? {
        guard let type = amounts.byType[state.record.typeCode],
            graph.outDegreeRows(of: node) >= Structuring.countMin
        else { return nil }
        let own = sentAmounts(of: node)
        guard own.near.count >= Structuring.countMin else { return nil }
        let isNearSeen = type.near.nearCounts.contains { $0 > 0 }
        return AmountReading(
            benford: Benford(own.digits, type: type.digits),
            structuring: isNearSeen ? Structuring(own.near, type: type.near) : nil,
            typeCount: type.digits.count)
    }
}

extension AmountReading {
    /// -log10 of the detectors' own tail probabilities; NaN where they are silent.
    var benfordScore: Double { benford.map { Self.score($0.tailProbability) } ?? .nan }
    var structuringScore: Double { structuring.map { Self.score($0.tailProbability) } ?? .nan }

    private static func score(_ p: Double) -> Double { p > 0 ? max(0, -log10(p)) : 300 }

    /// What the detectors of amounts say; where peers calibrate them too the shyer counts.
    ///
    /// Their own probabilities take amounts for independent, which a salary or a rent that is paid each
    /// month is not: so none is smaller than so many peers can support.
    func verdicts(_ type: TypeModel) -> [DetectorVerdict] {
        [
            (Detector.benford, benfordScore, benford?.tailProbability),
            (.structuring, structuringScore, structuring?.tailProbability),
        ].compactMap { detector, score, own in
            guard let own else { return nil }
            let floor = 1 / (20 * Double(max(1, type.amountPeerCounts[detector] ?? 0)))
            let peers = type.calibrations[detector]?.first
            var calibrated = peers?.tailProbability(score) ?? 0
            // Beyond all of them its own probability says how far.
            if let peers, calibrated <= peers.smallestProbability { calibrated = 0 }
            return DetectorVerdict(
                detector: detector, score: score,
                tailProbability: min(1, max(own, calibrated, floor)),
                calibrationCount: peers?.count ?? typeCount)
        }
    }
}
