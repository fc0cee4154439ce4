import AnomalyModels
import Testing

@Suite("What supervised models refuse to learn from")
struct SupervisedErrorTests {
    private let matrix = FeatureMatrix(columnCount: 1, rows: [[1], [2], [3]])

    /// The error of each kind of model, which must agree.
    private func errorOf(
        _ matrix: FeatureMatrix, _ labels: [Bool], _ weights: [Double]? = nil
    ) -> ModelError? {
        do throws(ModelError) {
            _ = try LogisticRegression.fit(matrix, labels: labels, weights: weights)
            Issue.record("The regression was fitted.")
        } catch {
            do throws(ModelError) {
                _ = try GradientBoostedTrees.fit(
                    matrix, labels: labels, weights: weights, parameters: .init())
                Issue.record("The trees were fitted.")
            } catch let second {
                #expect(error == second)
                return second
            }
        }
        return nil
    }

    @Test("Labels of one class are refused with their number and the way out")
    func oneClass() {
        let error = errorOf(matrix, [true, true, true])
        #expect(error?.code == .oneClass)
        #expect(
            error?.message
                == "All 3 labelled rows are anomalous; learning needs rows of both kinds.")
        // A class whose rows weigh nothing is none.
        #expect(errorOf(matrix, [true, false, false], [0, 1, 1])?.code == .oneClass)
    }

    @Test("A table without rows, columns or weight is refused")
    func empty() {
        #expect(errorOf(FeatureMatrix(columnCount: 3), [])?.code == .emptyMatrix)
        #expect(errorOf(FeatureMatrix(columnCount: 0), [])?.code == .emptyMatrix)
        #expect(errorOf(matrix, [true, false, true], [0, 0, 0])?.code == .emptyMatrix)
    }

    @Test("Labels and weights of another number than the rows are refused")
    func otherCounts() {
        #expect(errorOf(matrix, [true])?.message == "3 rows need as many labels, not 1.")
        #expect(
            errorOf(matrix, [true, false, true], [1])?.message
                == "3 rows need as many weights, not 1.")
    }

    @Test(
        "Weights that are none are refused",
        arguments: [[-1, 1, 1], [1, .nan, 1], [.infinity, 1, 1], [1, 1, 2e6]] as [[Double]])
    func weights(weights: [Double]) {
        #expect(errorOf(matrix, [true, false, true], weights)?.code == .invalidLabels)
    }

    @Test("Parameters outside their ranges are refused")
    func parameters() {
        typealias Parameters = GradientBoostedTrees.Parameters
        let wrong: [Parameters] = [
            .init(treeCount: 0), .init(treeCount: 10_001), .init(depthMax: 0),
            .init(depthMax: 17), .init(learningRate: 0), .init(learningRate: 1.1),
            .init(learningRate: .nan), .init(leafWeightMin: -1), .init(leafRowsMin: 0),
            .init(regularization: -1), .init(regularization: .nan), .init(splitGainMin: -1),
            .init(rowShare: 0), .init(rowShare: 1.5), .init(columnShare: 0),
            .init(binCount: 1), .init(binCount: 256),
        ]
        for parameters in wrong {
            let error = #expect(throws: ModelError.self, "\(parameters)") {
                try GradientBoostedTrees.fit(
                    matrix, labels: [true, false, true], parameters: parameters)
            }
            #expect(error?.code == .invalidParameter)
        }
    }
}
