import AnomalyModels
import Foundation
import Testing

@Suite("Logistic regression")
struct LogisticRegressionTests {
    private let rows = FeatureMatrix(
        columnCount: 2,
        rows: [[0, 1], [1, 0], [2, 2], [3, 1], [4, 4], [5, 2], [6, 5], [7, 3]])
    private let labels = [false, false, true, false, true, false, true, true]

    @Test("Intercept and weights are those of scikit-learn, with weights of rows too")
    func reference() throws {
        // scikit-learn 1.9.1, LogisticRegression(C=2, solver="newton-cholesky", tol=1e-12) on
        // standardized columns.
        let plain = try LogisticRegression.fit(
            rows, labels: labels, parameters: .init(regularization: 0.5))
        #expect(abs(plain.intercept - 0.082513621528) < 1e-9)
        #expect(abs(plain.weights[0] - 0.255951396513) < 1e-9)
        #expect(abs(plain.weights[1] - 1.539133707432) < 1e-9)
        let weighted = try LogisticRegression.fit(
            rows, labels: labels, weights: [1, 2, 1, 1, 3, 1, 0.5, 1],
            parameters: .init(regularization: 0.5))
        #expect(abs(weighted.intercept - 0.168144019669) < 1e-9)
        #expect(abs(weighted.weights[0] - 0.233928335837) < 1e-9)
        #expect(abs(weighted.weights[1] - 1.817677594761) < 1e-9)
    }

    @Test("With fewer rows than columns the gradient of the penalized loss is zero too")
    func fewRows() throws {
        let examples = LabelledRows.additive(rowCount: 30, columnCount: 80, seed: 51)
        let lambda = 0.7
        let model = try LogisticRegression.fit(
            examples.matrix, labels: examples.labels,
            parameters: .init(regularization: lambda))
        // Each t is the contribution by the weight, where that is not too small to divide by.
        var gradient = model.weights.map { lambda * $0 }
        var constant = 0.0
        for index in 0..<30 {
            let row = examples.matrix.row(index)
            let slope = model.probability(row) - (examples.labels[index] ? 1 : 0)
            constant += slope
            let values = model.contributions(row).values
            for column in 0..<80 {
                gradient[column] += slope * values[column] / model.weights[column]
            }
        }
        #expect(abs(constant) < 1e-6)
        for slope in gradient { #expect(abs(slope) < 1e-6) }
    }

    @Test("Contributions add up to the margin, and to nothing on average")
    func contributions() throws {
        let examples = LabelledRows.additive(
            rowCount: 300, columnCount: 5, missingShare: 0.2, seed: 52)
        let model = try LogisticRegression.fit(examples.matrix, labels: examples.labels)
        var sums = [Double](repeating: 0, count: 5)
        for index in 0..<300 {
            let row = examples.matrix.row(index)
            let (expected, values) = model.contributions(row)
            #expect(abs(values.reduce(expected, +) - model.margin(row)) < 1e-12)
            for column in 0..<5 {
                sums[column] += values[column]
                if row[column].isNaN { #expect(values[column] == 0) }
            }
        }
        for sum in sums { #expect(abs(sum) < 1e-9) }
        let missing = [Double](repeating: .nan, count: 5)
        #expect(model.margin(missing) == model.intercept)
        #expect(model.margin([1]).isNaN)
    }

    @Test("A function that is nearly linear is learnt")
    func linear() throws {
        let training = LabelledRows.additive(rowCount: 1_000, seed: 53)
        let fresh = LabelledRows.additive(rowCount: 500, seed: 54)
        let model = try LogisticRegression.fit(training.matrix, labels: training.labels)
        let best = rankingArea(
            (0..<500).map { LabelledRows.additiveMargin(fresh.matrix.row($0)) }, fresh.labels)
        #expect(rankingArea(model.margins(fresh.matrix), fresh.labels) > best - 0.04)
    }

    @Test("Extreme and infinite values count as five deviations, constant columns as nothing")
    func extremes() throws {
        var matrix = rows
        matrix = FeatureMatrix(
            columnCount: 3, rows: (0..<8).map { matrix.row($0) + [0.1] })
        let model = try LogisticRegression.fit(matrix, labels: labels)
        #expect(model.weights[2] == 0)
        #expect(model.margin([1e300, 2, 5]) == model.margin([.infinity, 2, -9]))
        matrix.values[0] = .infinity
        matrix.values[3] = -.infinity
        let infinite = try LogisticRegression.fit(matrix, labels: labels)
        #expect(infinite.margin([1, 2, 3]).isFinite)
    }

    @Test("Separable classes give finite weights, the smaller the dearer they are")
    func separable() throws {
        let matrix = FeatureMatrix(columnCount: 1, rows: (0..<20).map { [Double($0)] })
        let separated = (0..<20).map { $0 >= 10 }
        let cheap = try LogisticRegression.fit(
            matrix, labels: separated, parameters: .init(regularization: 1e-6))
        let dear = try LogisticRegression.fit(
            matrix, labels: separated, parameters: .init(regularization: 10))
        #expect(cheap.weights[0].isFinite && cheap.weights[0] > dear.weights[0])
        #expect(dear.weights[0] > 0)
    }

    @Test("A penalty outside its range is refused", arguments: [0, -1, Double.nan, .infinity])
    func refused(lambda: Double) {
        let error = #expect(throws: ModelError.self) {
            try LogisticRegression.fit(
                rows, labels: labels, parameters: .init(regularization: lambda))
        }
        #expect(error?.code == .invalidParameter)
    }
}
