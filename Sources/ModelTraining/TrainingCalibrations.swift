import AnomalyDetection
import AnomalyModels

/// What the raw scores of each detector are worth, from the rows of a training run.
struct TrainingCalibrations {
    private(set) var byDetector: [Detector: DetectorCalibration] = [:]
    let meanRating: Double

    init(
        rows: [TrainingRow], peers: [String: PeerGroup], tieRanges: [Double],
        numbers: TrainingNumbers, rareMeasures: [Detector: DetectorCalibration],
        behaviour: [Detector: DetectorCalibration],
        forestScores: [(typeName: String, score: Double)]
    ) {
        let ratingCount = rows.reduce(0) { $0 + $1.ratingCount }
        let ratingSum = rows.reduce(0) { $0 + $1.ratingSum }
        let meanRating = ratingCount > 0 ? ratingSum / Double(ratingCount) : .nan
        self.meanRating = meanRating
        let byType = Dictionary(grouping: rows, by: \.typeName)

        // The forest itself was grown without the strangest rows. Whether they are left out of the
        // calibration too is for the far-out rule to say: cutting off the same share everywhere
        // would call 2 % of any heavy-tailed graph high. A tenth of the range is the unit.
        let range = forestScores.map(\.score)
        let unit = ((range.max() ?? 0) - (range.min() ?? 0)) / 10
        byDetector[.isolationForest] = .fit(
            .isolationForest,
            scores: Dictionary(grouping: forestScores, by: \.typeName)
                .mapValues { $0.map(\.score) },
            farOutUnit: unit)
        func fit(_ detector: Detector, _ score: (TrainingRow, PeerComparison) -> Double) {
            byDetector[detector] = .fit(
                detector,
                scores: byType.mapValues { rows in
                    let comparison = PeerComparison(typeName: rows[0].typeName, peers: peers)
                    return rows.map { score($0, comparison) }
                })
        }
        byDetector.merge(rareMeasures) { $1 }
        fit(.degree) { $1.degreeDeviation(of: $0.degree) }
        fit(.burst) { row, _ in row.largestBurst > 0 ? Double(row.largestBurst) : .nan }

        // A type none of whose entities has a triangle has nothing but its degree to tell here.
        let silentTypes = byType.filter { $0.value.allSatisfy { $0.triangleCount == 0 } }.keys
        byDetector[.triangleExcess] = .fit(
            .triangleExcess, scores: byType.mapValues { $0.map(\.triangleExcess) },
            silentTypes: Array(silentTypes))
        byDetector[.dormancy] = .fit(
            .dormancy, scores: byType.mapValues { $0.flatMap(\.silenceSurprises) })
        fit(.brokerage) { row, _ in row.values[.signal(.bridgedPairs)] ?? .nan }
        byDetector[.tieRange] = .fit(.tieRange, scores: [PeerGroup.everyone: tieRanges])
        byDetector[.numericMetadata] = numbers.calibration
        byDetector.merge(behaviour) { $1 }
        fitContext(byType)
        fitAmounts(byType)
        fitTrust(byType)
    }

    /// The detectors of amounts have a p of their own; where enough entities of a type send amounts, what is
    /// strange must be strange among them too.
    private mutating func fitAmounts(_ byType: [String: [TrainingRow]]) {
        for (detector, score) in [
            (Detector.benford, \TrainingRow.benford), (.structuring, \TrainingRow.structuring),
        ] {
            let scores = byType.mapValues { $0.map { $0[keyPath: score] } }
            var fitted = DetectorCalibration.fit(detector, scores: scores, farOutUnit: 1)
            fitted.pooled = nil
            fitted.byType = fitted.byType.filter {
                $0.value.count + $0.value.leftOutCount >= DetectorCalibration.typeCountMin
            }
            if !fitted.byType.isEmpty { byDetector[detector] = fitted }
        }
    }

    private mutating func fitContext(_ byType: [String: [TrainingRow]]) {
        let scores = byType.mapValues { $0.map(\.homophily) }
        guard scores.values.joined().contains(where: { !$0.isNaN }) else { return }
        byDetector[.homophily] = .fit(.homophily, scores: scores)
    }

    private mutating func fitTrust(_ byType: [String: [TrainingRow]]) {
        let scores = byType.mapValues { rows in
            rows.map { -$0.trustedRating }
        }
        let known = scores.values.joined().filter { !$0.isNaN }
        guard let least = known.min(), let most = known.max(), most > least else { return }
        byDetector[.trust] = .fit(
            .trust, scores: scores, farOutUnit: (most - least) / 10)
    }

    /// Adds those of detectors that are fitted elsewhere.
    mutating func add(_ calibrations: [Detector: DetectorCalibration]) {
        byDetector.merge(calibrations) { _, new in new }
    }

    /// The calibrations in short, by detector and type.
    var summaries: [ModelCard.CalibrationSummary] {
        byDetector.sorted { $0.key.rawValue < $1.key.rawValue }.flatMap { detector, calibration in
            var named = calibration.byType
            named["all"] = calibration.pooled
            return named.sorted { $0.key < $1.key }.map { type, tail in
                ModelCard.CalibrationSummary(
                    detector: detector.rawValue, type: type, count: tail.count,
                    leftOutCount: tail.leftOutCount, shape: tail.hasTail ? tail.shape : nil,
                    scale: tail.hasTail ? tail.scale : nil)
            }
        }
    }
}
