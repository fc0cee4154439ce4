import AnomalyModels
import Foundation
import Testing

@Suite("Calibration of margins")
struct LogisticCalibrationTests {
    private let margins = [-2, -1.5, -1, -0.5, 0, 0.3, 0.8, 1.2, 2, 3]
    private let labels = [false, false, false, true, false, false, true, false, true, true]

    @Test("Slope and intercept are those of scikit-learn's sigmoid calibration")
    func reference() throws {
        // scikit-learn 1.9.1, _sigmoid_calibration, which has the signs the other way round.
        let calibration = try LogisticCalibration.fit(margins: margins, labels: labels)
        #expect(abs(calibration.slope - 0.65954189) < 1e-7)
        #expect(abs(calibration.intercept + 0.58689009) < 1e-7)
        #expect(abs(calibration.probability(0) - 1 / (1 + exp(0.58689009))) < 1e-8)
        #expect(calibration.margin(2) == calibration.slope * 2 + calibration.intercept)
    }

    @Test("Margins that are log-odds already keep their scale")
    func logOdds() throws {
        var random = SeededRandom(seed: 61)
        let margins = (0..<20_000).map { _ in 2 * random.normal() - 1 }
        let labels = margins.map { random.uniform() < 1 / (1 + exp(-$0)) }
        let calibration = try LogisticCalibration.fit(margins: margins, labels: labels)
        #expect(abs(calibration.slope - 1) < 0.06)
        #expect(abs(calibration.intercept) < 0.06)
        let scaled = try LogisticCalibration.fit(margins: margins.map { 5 * $0 }, labels: labels)
        #expect(abs(scaled.slope - calibration.slope / 5) < 1e-6)
    }

    @Test("Separated classes get probabilities short of certainty: the smoothed targets")
    func separated() throws {
        let calibration = try LogisticCalibration.fit(
            margins: [-10, -10, -10, 10, 10], labels: [false, false, false, true, true])
        #expect(abs(calibration.probability(10) - 3.0 / 4) < 1e-6)
        #expect(abs(calibration.probability(-10) - 1.0 / 5) < 1e-6)
    }

    @Test("Margins that rank the wrong way round say the same of every row")
    func reversed() throws {
        let calibration = try LogisticCalibration.fit(
            margins: margins.map { -$0 }, labels: labels)
        #expect(calibration.slope == 0)
        #expect(calibration.probability(9) == calibration.probability(-9))
        #expect(abs(calibration.probability(0) - 0.4) < 0.05)
    }

    @Test("A weight counts as so many rows")
    func weights() throws {
        let weights = [1, 0, 2, 1, 3, 1, 1, 2, 1, 0].map(Double.init)
        let repeated = margins.indices.flatMap { [Int](repeating: $0, count: Int(weights[$0])) }
        let weighted = try LogisticCalibration.fit(
            margins: margins, labels: labels, weights: weights)
        let plain = try LogisticCalibration.fit(
            margins: repeated.map { margins[$0] }, labels: repeated.map { labels[$0] })
        #expect(abs(weighted.slope - plain.slope) < 1e-8)
        #expect(abs(weighted.intercept - plain.intercept) < 1e-8)
    }

    @Test("Equal margins give the smoothed share of the anomalous rows")
    func equalMargins() throws {
        let calibration = try LogisticCalibration.fit(
            margins: [1, 1, 1, 1], labels: [true, false, false, false])
        // (1 · 2/3 + 3 · 1/5) / 4.
        #expect(abs(calibration.probability(1) - (2.0 / 3 + 0.6) / 4) < 1e-6)
    }

    @Test("One class, no rows, and margins that are no numbers are refused")
    func refused() {
        func code(_ margins: [Double], _ labels: [Bool]) -> ModelError.Code? {
            do throws(ModelError) {
                _ = try LogisticCalibration.fit(margins: margins, labels: labels)
                return nil
            } catch { return error.code }
        }
        #expect(code([1, 2], [true, true]) == .oneClass)
        #expect(code([], []) == .emptyMatrix)
        #expect(code([1], [true, false]) == .invalidLabels)
        #expect(code([1, .nan], [true, false]) == .invalidParameter)
    }
}

@Suite("Cross-fitting")
struct CrossFittingTests {
    @Test("Folds share out each class evenly", arguments: [2, 3, 5, 10])
    func stratified(foldCount: Int) {
        let labels = (0..<103).map { $0 % 7 == 0 }
        let folds = CrossFitting(labels: labels, foldCount: foldCount, seed: 1)
        #expect(folds.foldCount == foldCount)
        for label in [true, false] {
            let counts = (0..<foldCount).map { fold in
                folds.rows(ofFold: fold).count { labels[$0] == label }
            }
            #expect((counts.max() ?? 0) - (counts.min() ?? 0) <= 1)
        }
        #expect(folds == CrossFitting(labels: labels, foldCount: foldCount, seed: 1))
        #expect(folds != CrossFitting(labels: labels, foldCount: foldCount, seed: 2))
    }

    @Test("No more folds than the rarer class has rows")
    func fewRows() {
        let labels = [true, true, true, false, false, false, false, false, false]
        #expect(CrossFitting(labels: labels, foldCount: 5, seed: 1).foldCount == 3)
    }

    @Test("Each row is judged by a model that has not seen it", arguments: [1, 3])
    func unseen(threadCount: Int) throws {
        let rows = LabelledRows.additive(rowCount: 300, seed: 71)
        var random = SeededRandom(seed: 72)
        let shuffled = random.sample(300, below: 300).map { rows.labels[$0] }
        let folds = CrossFitting(labels: shuffled, foldCount: 5, seed: 3)
        let margins = try folds.margins(
            rows.matrix, labels: shuffled, threadCount: threadCount
        ) { matrix, labels, weights throws(ModelError) in
            try GradientBoostedTrees.fit(
                matrix, labels: labels, weights: weights, parameters: .init(treeCount: 30))
        }
        // Labels without a reason cannot be told; fitted and judged on the same rows they can.
        #expect(abs(rankingArea(margins, shuffled) - 0.5) < 0.1)
        let seen = try GradientBoostedTrees.fit(
            rows.matrix, labels: shuffled, parameters: .init(treeCount: 30))
        #expect(rankingArea(seen.margins(rows.matrix), shuffled) > 0.8)
        let training = folds.trainingRows(ofFold: 2)
        let model = try GradientBoostedTrees.fit(
            rows.matrix.selecting(rows: training), labels: training.map { shuffled[$0] },
            parameters: .init(treeCount: 30))
        for row in folds.rows(ofFold: 2) {
            #expect(margins[row] == model.margin(rows.matrix.row(row)))
        }
    }

    @Test("A fold without one class fails with the reason")
    func oneClass() {
        let matrix = FeatureMatrix(columnCount: 1, rows: [[1], [2], [3], [4]])
        let labels = [true, false, false, false]
        let error = #expect(throws: ModelError.self) {
            try CrossFitting(labels: labels, foldCount: 2, seed: 1).margins(
                matrix, labels: labels
            ) { matrix, labels, _ throws(ModelError) in
                try LogisticRegression.fit(matrix, labels: labels)
            }
        }
        #expect(error?.code == .oneClass)
    }
}
