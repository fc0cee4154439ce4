import AnomalyModels
import Foundation

// What is strange by itself among the peers. Each measure with a side that means something is turned
// into a tail probability among the entities or relationships of its type, and the rarest one speaks;
// how rare the rarest is in turn, the detector's own calibration says. So measures with heavy tails do
// not drown those that run from 0 to 1, as they do where distances in deviations are compared.
//
// The idea is that of ECOD: Z. Li, Y. Zhao, X. Hu, N. Botta, C. Ionescu, G. Chen, "ECOD: Unsupervised
// Outlier Detection Using Empirical Cumulative Distribution Functions", IEEE TKDE 35(12), 2023,
// 10.1109/TKDE.2022.3159580. Different here: only sides that mean something; fitted tails beyond the
// empirical ones; the rarest measure instead of their sum, which many ordinary ones would thin out.

/// A measure and the side of it that is strange.
package struct ComparedMeasure: Hashable, Sendable {
    /// Where the strange values lie.
    package enum Side: String, Sendable {
        case below, above
    }

    /// The measure.
    package let measure: Measure
    /// The side.
    package let side: Side

    init(_ measure: Measure, _ side: Side) {
        self.measure = measure
        self.side = side
    }

    /// The name that models keep it under: features of entities and of relationships share names.
    fileprivate func name(in detector: Detector) -> String {
        "\(detector.rawValue) \(measure.name) \(side.rawValue)"
    }

    /// A value of the models' scale, so that larger is stranger.
    func score(_ value: Double) -> Double { side == .above ? value : -value }

    /// The least distance on that scale that counts.
    fileprivate var unit: Double {
        switch measure {
        case .signal(.distinctNeighbourTypes), .signal(.unexpectedNeighbourTypes): 1
        case .signal(.riskyNeighbours), .signal(.foreignTriangles): 0.5
        case .feature(.updateFrequency), .feature(.updateFrequencyDeviation),
            .relationshipFeature(.updateFrequency):
            0.25
        default: 0.1
        }
    }

    /// So many times the distance from the median to the 90 % quantile is far.
    ///
    /// Types of relationships have thousands of rows, whose tail is known nearer.
    fileprivate var farFactor: Double {
        switch measure {
        case .relationshipFeature, .relationshipSignal: 3
        default: 4
        }
    }

    /// What each detector of rare measures compares.
    ///
    /// Not the type's own rarity, not what drifts with the clock for all alike, and not the place in the
    /// graph, which is the structure family's evidence. A low risk and a high confidence are no signs, and
    /// how many tags and sources something has the forest weighs with the rest: each measure more makes
    /// the others less telling.
    package static func all(of detector: Detector) -> [ComparedMeasure] {
        switch detector {
        case .peerDeviation:
            [
                .init(.feature(.updateFrequency), .above),
                .init(.feature(.updateFrequencyDeviation), .above),
                .init(.feature(.confidenceScore), .below), .init(.feature(.riskScore), .above),
                .init(.feature(.metadataRichness), .below),
                .init(.signal(.hasName), .below), .init(.signal(.confidenceSwing), .above),
                .init(.signal(.riskSwing), .above),
            ]
        case .neighbourDeviation:
            [
                .init(.signal(.neighbourRiskExcess), .above),
                .init(.signal(.riskyNeighbours), .above),
                .init(.signal(.distinctNeighbourTypes), .above),
                .init(.signal(.unexpectedNeighbourTypes), .above),
                .init(.signal(.foreignTriangles), .above),
            ]
        case .relationshipDeviation:
            [
                .init(.relationshipFeature(.confidenceScore), .below),
                .init(.relationshipSignal(.confidenceSwing), .above),
                .init(.relationshipFeature(.confidenceAgreement), .below),
                .init(.relationshipFeature(.updateFrequency), .above),
                .init(.relationshipFeature(.riskScoreDifference), .above),
            ]
        default: []
        }
    }

    /// The detectors of rare measures.
    package static let detectors: [Detector] = [
        .peerDeviation, .neighbourDeviation, .relationshipDeviation,
    ]
}

/// How rare the values of one measure are among rows of one type, or of all.
///
/// Within what was seen the ranks speak, -log10 of (rank from above, ties in the middle, + 1) / (n + 1)
/// with n all rows: those without a value rank below all others. Beyond the largest the rarity grows by
/// a decade for each 2.3 mean excesses over the 95 % quantile, as an exponential tail does. A rarity
/// orders values; it is no probability.
struct MeasureTail: Sendable, Equatable, Codable {
    /// So many points describe a decade of rarity.
    static let pointsPerDecade = 16.0
    /// Rows that lie far beyond the others are left out, as they may be what is looked for, unless they are
    /// more than this share and this number: a few in a hundred are a habit.
    static let leftOutShareMax = 0.01
    static let leftOutCountMax = 3.0

    /// How many rows are behind it.
    private(set) var count: Int
    /// Scores in ascending order, and the rarity at each of them.
    private(set) var scores, rarities: [Double]
    /// What makes one decade beyond the largest score.
    private(set) var decade: Double

    /// The tail of these scores, NaN where unknown; nil for fewer than ten known ones.
    ///
    /// `unit` is the least distance from the median, times `factor`, that is far.
    init?(_ values: [Double], unit: Double, factor: Double) {
        let sorted = values.filter(\.isFinite).sorted()
        guard sorted.count >= TailCalibration.minimumCount else { return nil }
        let kept = Self.keepingNear(sorted, of: values.count, unit: unit, factor: factor)
        count = kept.count + values.count - sorted.count
        scores = []
        rarities = []
        let high = kept[kept.count * 95 / 100]
        let excesses = kept.filter { $0 > high }.map { $0 - high }
        let mean = excesses.isEmpty ? 0 : excesses.reduce(0, +) / Double(excesses.count)
        decade = log(10.0) * max(mean, unit / 2)
        var start = 0
        while start < kept.count {
            var end = start + 1
            while end < kept.count, kept[end] == kept[start] { end += 1 }
            let rank = Double(kept.count - end) + Double(end - start) / 2
            let rarity = -log10((rank + 1) / Double(count + 1))
            // Denser where it is rare: the last point of each step of rarity, and the last of all.
            let step = 1 / Self.pointsPerDecade
            if rarities.isEmpty || end == kept.count || rarity >= (rarities.last ?? 0) + step {
                scores.append(kept[start])
                rarities.append(rarity)
            }
            start = end
        }
    }

    private static func keepingNear(
        _ sorted: [Double], of rowCount: Int, unit: Double, factor: Double
    ) -> [Double] {
        let median = RobustStatistics.quantile(sorted: sorted, 0.5)
        let upper = RobustStatistics.quantile(sorted: sorted, 0.9)
        let limit = median + factor * max(upper - median, unit)
        let kept = Array(sorted.prefix { $0 <= limit })
        let leftOutCount = Double(sorted.count - kept.count)
        return leftOutCount <= max(leftOutCountMax, leftOutShareMax * Double(rowCount))
            ? kept : sorted
    }

    /// Two decades beyond what so many rows can show.
    private var rarityMax: Double { log10(100 * Double(count + 1)) }

    /// How rare a score is: between points along the line that joins them; NaN for NaN.
    func rarity(_ score: Double) -> Double {
        guard !score.isNaN, let first = scores.first, let last = scores.last else { return .nan }
        guard score < last else {
            let top = rarities[rarities.count - 1]
            guard score > last else { return top }
            // Beyond all of them it is at least the only one in n + 1.
            let beyond = max(top, log10(Double(count + 1)))
            return min(rarityMax, beyond + (score - last) / decade)
        }
        guard score > first else { return rarities[0] }
        var (lower, upper) = (0, scores.count - 1)
        while upper - lower > 1 {
            let middle = (lower + upper) / 2
            if scores[middle] <= score { lower = middle } else { upper = middle }
        }
        let share = (score - scores[lower]) / (scores[upper] - scores[lower])
        return rarities[lower] + (rarities[upper] - rarities[lower]) * share
    }
}

/// How rare the values of each compared measure are, by type.
package struct MeasureTails: Sendable, Equatable, Codable {
    /// The tails of one measure: of types with rows enough, and of all.
    private struct Tails: Sendable, Equatable, Codable {
        var pooled: MeasureTail
        var byType: [String: MeasureTail]

        /// That of a type, or of all where it has too few rows.
        func tail(for typeName: String) -> MeasureTail { byType[typeName] ?? pooled }
    }

    /// By the name of the compared measure.
    private var byName: [String: Tails] = [:]

    /// No measure is known.
    package init() {}

    /// Learns the measures of a detector from rows by type; each gives a measure on the models' scale, NaN
    /// where unknown.
    package mutating func learn<Row>(
        _ detector: Detector, from rows: [String: [Row]], value: (Row, Measure) -> Double
    ) {
        for compared in ComparedMeasure.all(of: detector) {
            let scores = rows.mapValues { rows in
                rows.map { compared.score(value($0, compared.measure)) }
            }
            let all = scores.sorted { $0.key < $1.key }.flatMap(\.value)
            // What nobody differs in is silent, and no vote that all is well.
            let known = all.filter { !$0.isNaN }
            guard known.contains(where: { $0 != known.first }),
                let pooled = MeasureTail(all, unit: compared.unit, factor: compared.farFactor)
            else { continue }
            let byType = scores.filter { $0.value.count >= PeerGroup.countMin }
                .compactMapValues {
                    MeasureTail($0, unit: compared.unit, factor: compared.farFactor)
                }
            byName[compared.name(in: detector)] = Tails(pooled: pooled, byType: byType)
        }
    }

    /// What the scores of a detector are worth, from the rows that its measures were learnt from.
    package func calibration<Row>(
        of detector: Detector, from rows: [String: [Row]], value: (Row, Measure) -> Double
    ) -> DetectorCalibration {
        var scores: [String: [Double]] = [:]
        for (type, rows) in rows {
            let tails = tails(for: type)
            scores[type] = rows.map { row in tails.score(detector) { value(row, $0) } }
        }
        return .fit(detector, scores: scores)
    }

    /// Those of one type.
    package func tails(for typeName: String) -> TypeTails {
        TypeTails(
            byDetector: Dictionary(
                uniqueKeysWithValues: ComparedMeasure.detectors.map { detector in
                    let tails = ComparedMeasure.all(of: detector).compactMap { compared in
                        byName[compared.name(in: detector)].map {
                            TypeTails.Tail(compared: compared, tail: $0.tail(for: typeName))
                        }
                    }
                    return (detector, tails)
                }))
    }
}

/// How rare the values of each compared measure are among the peers of one type.
package struct TypeTails: Sendable {
    struct Tail {
        var compared: ComparedMeasure
        var tail: MeasureTail

        func rarity(_ value: Double) -> Double { tail.rarity(compared.score(value)) }
    }

    fileprivate let byDetector: [Detector: [Tail]]

    /// How rare each measure of a detector is, -log10 of a probability; those that are unknown are left out.
    func rarities(
        _ detector: Detector, value: (Measure) -> Double
    ) -> [(compared: ComparedMeasure, rarity: Double)] {
        (byDetector[detector] ?? []).compactMap { tail in
            let rarity = tail.rarity(value(tail.compared.measure))
            return rarity.isNaN ? nil : (tail.compared, rarity)
        }
    }

    /// The rarest measure of a detector, the first of equals; nil where none is known.
    package func rarest(
        _ detector: Detector, value: (Measure) -> Double
    ) -> (compared: ComparedMeasure, rarity: Double)? {
        var rarest: (compared: ComparedMeasure, rarity: Double)?
        for tail in byDetector[detector] ?? [] {
            let rarity = tail.rarity(value(tail.compared.measure))
            if rarity > rarest?.rarity ?? -1 { rarest = (tail.compared, rarity) }
        }
        return rarest
    }

    /// How rare the rarest measure of a detector is; NaN where none is known.
    package func score(_ detector: Detector, value: (Measure) -> Double) -> Double {
        rarest(detector, value: value)?.rarity ?? .nan
    }
}

extension Measure {
    /// The measures that detectors of rare measures compare and that are no features.
    static let comparedSignals: [Measure] = {
        var found: [Measure] = []
        for compared in ComparedMeasure.detectors.flatMap(ComparedMeasure.all(of:)) {
            switch compared.measure {
            case .feature, .relationshipFeature: break
            default: if !found.contains(compared.measure) { found.append(compared.measure) }
            }
        }
        return found
    }()
}
