import AnomalyDetection
import AnomalyModels
import Foundation

/// Reviewed and ordinary rows as models learn from them.
struct ReviewTable {
    /// Whether each reviewed row is confirmed.
    let labels: [Bool]
    private let reviewed: [ReviewedRow]
    /// Ordinary rows to learn from, and to measure tails against.
    private let learnt, measured: [ReviewInputs]
    /// The inputs that enough rows have, by name.
    private let names: [String]

    init(_ reviewed: [ReviewedRow], _ ordinary: OrdinaryRows) {
        self.reviewed = reviewed
        labels = reviewed.map(\.isConfirmed)
        let half = ordinary.inputs.count / 2
        learnt = Array(ordinary.inputs.prefix(half))
        measured = Array(ordinary.inputs.dropFirst(half))
        var counts: [String: Int] = [:]
        let all = reviewed.map(\.inputs) + learnt
        for inputs in all { for name in inputs.names { counts[name, default: 0] += 1 } }
        let needed = ReviewTrainer.presenceMin * Double(all.count)
        names = counts.filter { ReviewInputs.isVerdict($0.key) || Double($0.value) >= needed }
            .keys.sorted()
    }

    /// A model over all reviews.
    struct Fitted {
        var names: [String]
        var model: ReviewScope.Model
        var calibration: TailCalibration
    }

    func fit(_ candidate: ReviewCandidate, seed: UInt64) throws(ModelError) -> Fitted {
        try fit(candidate, on: Array(reviewed.indices), seed: seed)
    }

    /// How well a candidate does on reviews that it has not seen.
    func trial(
        of candidate: ReviewCandidate, weight: Double, seed: UInt64, threadCount: Int
    ) throws(ModelError) -> ReviewTrial {
        let folds = StratifiedSplit.folds(
            ReviewTrainer.foldCount,
            of: StratifiedSplit.Rows(
                rowCount: labels.count, labels: labels, groups: reviewed.map(\.subject.group)),
            seed: seed)
        var margins = [Double](repeating: .nan, count: labels.count)
        var pooled = margins
        for fold in folds {
            let fitted = try fit(candidate, on: fold.training, seed: seed)
            let model = fitted.model.supervised
            for row in fold.heldBack {
                let inputs = reviewed[row].inputs
                margins[row] = model.margin(inputs.row(fitted.names))
                let tail = fitted.calibration.tailProbability(margins[row])
                pooled[row] = -log10(
                    ReviewScope.pooled(inputs.pValue, tail, weight: weight))
            }
        }
        return ReviewTrial(
            pooled: pooled, ensemble: reviewed.map { -log10($0.inputs.pValue) },
            margins: margins, labels: labels, seed: seed)
    }

    private func fit(
        _ candidate: ReviewCandidate, on rows: [Int], seed: UInt64
    ) throws(ModelError) -> Fitted {
        let names = names.filter { candidate.looksAt($0) }
        let inputs = rows.map { reviewed[$0].inputs } + learnt
        let matrix = FeatureMatrix(columnCount: names.count, rows: inputs.map { $0.row(names) })
        let isConfirmed = rows.map { labels[$0] } + learnt.map { _ in false }
        let weights = Self.weights(rows.map { labels[$0] }, ordinaryCount: learnt.count)
        let model: ReviewScope.Model
        switch candidate {
        case .linear:
            model = .logistic(
                try LogisticRegression.fit(
                    matrix, labels: isConfirmed, weights: weights,
                    parameters: LogisticRegression.Parameters(
                        regularization: Self.regularization)))
        case .trees:
            model = .trees(
                try GradientBoostedTrees.fit(
                    matrix, labels: isConfirmed, weights: weights,
                    parameters: GradientBoostedTrees.Parameters(
                        treeCount: 60, depthMax: 3, learningRate: 0.1, leafWeightMin: 0.5,
                        leafRowsMin: 3, rowShare: 0.8, columnShare: 0.3, seed: seed)))
        }
        let margins = model.supervised.margins(
            FeatureMatrix(columnCount: names.count, rows: measured.map { $0.row(names) }),
            threadCount: 1)
        guard let calibration = TailCalibration.fit(margins) else {
            throw ModelError(
                code: .emptyMatrix,
                message: "\(measured.count) ordinary rows are too few to measure a tail against.")
        }
        return Fitted(names: names, model: model, calibration: calibration)
    }

    /// The strength of the penalty on squared weights of the linear model.
    private static let regularization = 20.0

    /// Confirmed rows weigh at least their share of all, rejected and ordinary ones the rest.
    ///
    /// Weights in place of copies: the same loss, and no copy can cross a split.
    static func weights(_ labels: [Bool], ordinaryCount: Int) -> [Double] {
        let confirmed = Double(labels.count { $0 })
        let ordinaryWeight = ReviewTrainer.ordinaryShare * Double(labels.count)
        let others = Double(labels.count) - confirmed + ordinaryWeight
        let share = Oversampling.positiveShare
        let wanted = share / (1 - share) * others
        let weight = confirmed > 0 ? max(1, wanted / confirmed) : 1
        return labels.map { $0 ? weight : 1 }
            + [Double](
                repeating: ordinaryWeight / Double(max(1, ordinaryCount)), count: ordinaryCount)
    }
}

/// What a cross-validation of the head has shown.
struct ReviewTrial {
    /// Of the pooled verdicts, and of the ensemble alone, over the same reviews.
    let rocAUC, ensembleROCAUC: Double
    /// The shares of resamples of the reviews in which the head alone ranks better than chance, and in
    /// which the pooled verdicts rank better than the ensemble.
    let headProbability, helpProbability: Double
    /// The margins of reviews by models that had not seen them.
    let margins: [Double]

    private static let resampleCount = 500

    private static func share(_ area: Double, above other: Double) -> Double {
        area > other ? 1 : area == other ? 0.5 : 0
    }

    init(pooled: [Double], ensemble: [Double], margins: [Double], labels: [Bool], seed: UInt64) {
        rocAUC = Measures.rocAUC(scores: pooled, labels: labels)
        ensembleROCAUC = Measures.rocAUC(scores: ensemble, labels: labels)
        self.margins = margins
        let classes = [true, false].map { label in labels.indices.filter { labels[$0] == label } }
        var random = SeededRandom(seed: seed, stream: 0x4E1)
        var (informed, better) = (0.0, 0.0)
        for _ in 0..<Self.resampleCount {
            let drawn = classes.flatMap { rows in
                rows.map { _ in rows[random.index(below: rows.count)] }
            }
            func area(_ scores: [Double]) -> Double {
                Measures.rocAUC(scores: drawn.map { scores[$0] }, labels: drawn.map { labels[$0] })
            }
            informed += Self.share(area(margins), above: 0.5)
            better += Self.share(area(pooled), above: area(ensemble))
        }
        headProbability = informed / Double(Self.resampleCount)
        helpProbability = better / Double(Self.resampleCount)
    }
}

extension Subject {
    /// A number for each subject, for the groups of a split.
    fileprivate var group: Int64 {
        switch self {
        case .entity(let id): 2 &* id
        case .relationship(let id): 2 &* id &+ 1
        }
    }
}
