import Foundation

/// What the folds of a validation come to, by the names under which a card has it.
///
/// `entity_tail_0.01` and the like: the share of held-back rows with such a tail probability, with `_low`
/// and `_high`, what it can be of all rows, and `_spread` over the folds; `entity_tail_calibration_error` and
/// `entity_tails_honest`; the same of relationships. `planted_` and `reviews_` with the names of
/// ``ClassificationMeasures``: of all held-back rows together, with `_low` and `_high` of a bootstrap, and
/// `_mean` and `_spread` over the folds.
struct ValidationSummary {
    private(set) var measures: [String: Double] = [:]

    init(_ folds: [TrainingValidation.Fold], threshold: Double, seed: UInt64) {
        measures["validation_folds"] = Double(folds.count)
        measures["validation_entities"] = Double(folds.reduce(0) { $0 + $1.entities.count })
        measures["validation_relationships"] =
            Double(folds.reduce(0) { $0 + $1.relationships.count })
        add("entity", folds.map(\.entities))
        add("relationship", folds.map(\.relationships))
        addPlanted(folds, threshold: threshold, seed: seed)
        addReviewed(folds.flatMap(\.reviewed), threshold: threshold, seed: seed)
    }

    /// What cannot be told, as there were no such rows, is not there.
    private mutating func set(_ name: String, _ value: Double) {
        if value.isFinite { measures[name] = value }
    }

    private mutating func add(_ scope: String, _ folds: [[Double]]) {
        let all = TailHonesty(folds.flatMap(\.self))
        guard all.rowCount > 0 else { return }
        let byFold = folds.map(TailHonesty.init)
        for (place, share) in all.shares.enumerated() {
            let name = "\(scope)_tail_\(share.nominal)"
            set(name, share.observed)
            set("\(name)_low", share.lower)
            set("\(name)_high", share.upper)
            set("\(name)_spread", Self.spread(byFold.map { $0.shares[place].observed }).deviation)
        }
        set("\(scope)_tail_calibration_error", all.calibrationError)
        set("\(scope)_tails_honest", all.isHonest ? 1 : 0)
    }

    private mutating func addPlanted(
        _ folds: [TrainingValidation.Fold], threshold: Double, seed: UInt64
    ) {
        let planted = folds.flatMap(\.planted)
        let ordinary = folds.flatMap(\.ordinary)
        guard !planted.isEmpty, !ordinary.isEmpty else { return }
        measures["planted_count"] = Double(planted.count)
        measures["planted_ordinary_count"] = Double(ordinary.count)
        // Those of one case are strange together; each ordinary one is by itself.
        let caseCount = (planted.map(\.of).max() ?? 0) + 1
        addIntervals(
            "planted", scores: planted.map(\.score) + ordinary,
            labels: planted.map { _ in true } + ordinary.map { _ in false },
            clusters: planted.map(\.of) + ordinary.indices.map { caseCount + $0 },
            threshold: threshold, seed: seed)
        let byFold = folds.map { $0.plantedMeasures(threshold: threshold).values }
        for (place, name) in names.enumerated() {
            let (mean, deviation) = Self.spread(byFold.map { $0[place] })
            set("planted_\(name)_mean", mean)
            set("planted_\(name)_spread", deviation)
        }
    }

    private mutating func addReviewed(
        _ reviewed: [(score: Double, isAnomaly: Bool)], threshold: Double, seed: UInt64
    ) {
        let positives = reviewed.count { $0.isAnomaly }
        measures["reviews_confirmed"] = Double(positives)
        measures["reviews_dismissed"] = Double(reviewed.count - positives)
        guard
            min(positives, reviewed.count - positives) >= TrainingValidation.reviewCountMin
        else { return }
        addIntervals(
            "reviews", scores: reviewed.map(\.score), labels: reviewed.map(\.isAnomaly),
            clusters: nil, threshold: threshold, seed: seed)
    }

    private var names: [String] { ClassificationMeasures.names(k: TrainingValidation.topCount) }

    private mutating func addIntervals(
        _ prefix: String, scores: [Double], labels: [Bool], clusters: [Int]?, threshold: Double,
        seed: UInt64
    ) {
        let rows = ClassificationMeasures.Rows(scores: scores, labels: labels)
        let intervals = Bootstrap(seed: seed).intervals(
            strata: labels.map { $0 ? 1 : 0 }, clusters: clusters
        ) {
            ClassificationMeasures(
                rows, weights: $0, threshold: threshold, k: TrainingValidation.topCount
            ).values
        }
        for (name, interval) in zip(names, intervals) {
            set("\(prefix)_\(name)", interval.estimate)
            set("\(prefix)_\(name)_low", interval.lower)
            set("\(prefix)_\(name)_high", interval.upper)
        }
    }

    /// The mean of the known values and their standard deviation; NaN with fewer than two of them.
    static func spread(_ values: [Double]) -> (mean: Double, deviation: Double) {
        let known = values.filter { !$0.isNaN }
        guard known.count > 1 else { return (known.first ?? .nan, .nan) }
        let mean = known.reduce(0, +) / Double(known.count)
        let squares = known.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return (mean, (squares / Double(known.count - 1)).squareRoot())
    }
}
