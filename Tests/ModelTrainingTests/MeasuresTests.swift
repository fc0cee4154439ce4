import ModelTraining
import Testing

@Suite("Measures of a ranking")
struct MeasuresTests {
    private let scores = [0.9, 0.8, 0.8, 0.4, 0.3, 0.1]
    private let labels = [true, false, true, false, true, false]

    @Test("The area under the ROC curve counts ties one half")
    func rocAUC() {
        // 0.9 beats three, 0.8 beats two and ties with one, 0.3 beats one: 6.5 of 9.
        #expect(abs(Measures.rocAUC(scores: scores, labels: labels) - 6.5 / 9) < 1e-15)
        #expect(Measures.rocAUC(scores: [1, 1, 1, 1], labels: [true, false, true, false]) == 0.5)
        #expect(Measures.rocAUC(scores: [2, 1], labels: [true, false]) == 1)
        #expect(Measures.rocAUC(scores: [2, 1], labels: [false, true]) == 0)
    }

    @Test("Average precision takes rows of equal score together")
    func averagePrecision() {
        // Precision 1/1, 2/3 and 3/5 at the three gains of recall.
        let expected = (1 + 2.0 / 3 + 3.0 / 5) / 3
        let measured = Measures.averagePrecision(scores: scores, labels: labels)
        #expect(abs(measured - expected) < 1e-15)
        #expect(Measures.averagePrecision(scores: [1, 1], labels: [true, false]) == 0.5)
    }

    @Test("Recall keeps within the rate of false positives")
    func recall() {
        func recall(_ rate: Double) -> Double {
            Measures.recall(atFalsePositiveRate: rate, scores: scores, labels: labels)
        }
        #expect(recall(0) == 1.0 / 3)
        #expect(recall(0.32) == 1.0 / 3)
        #expect(recall(1.0 / 3) == 2.0 / 3)
        #expect(recall(2.0 / 3) == 1)
    }

    @Test("Precision among the first k shares tied places")
    func precision() {
        func precision(_ k: Int) -> Double {
            Measures.precision(at: k, scores: scores, labels: labels)
        }
        #expect(precision(1) == 1)
        #expect(precision(2) == 0.75)
        #expect(precision(3) == 2.0 / 3)
        #expect(precision(100) == 0.5)
        #expect(precision(0).isNaN)
    }

    @Test("Rows about which the detector is silent rank last, together")
    func silence() {
        let measured = Measures.rocAUC(
            scores: [.nan, 0.5, .nan], labels: [true, false, false])
        #expect(measured == 0.25)
    }

    @Test("Without both classes there is no measure")
    func oneClass() {
        #expect(Measures.rocAUC(scores: [1, 2], labels: [true, true]).isNaN)
        #expect(Measures.averagePrecision(scores: [1, 2], labels: [false, false]).isNaN)
        #expect(
            Measures.recall(atFalsePositiveRate: 0.1, scores: [], labels: []).isNaN)
    }
}
