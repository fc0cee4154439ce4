import AnomalyModels
import ModelTraining
import Testing

@Suite("Measures of a classification")
struct ClassificationMeasuresTests {
    private let scores = [0.9, 0.8, 0.8, 0.4, 0.3, 0.1]
    private let labels = [true, false, true, false, true, false]

    @Test("Precision, recall and F1 at a threshold, and precision at the top")
    func atThreshold() {
        let measures = ClassificationMeasures(scores: scores, labels: labels, threshold: 0.4, k: 2)
        // Four are found, two of them anomalies.
        #expect(measures.precision == 0.5)
        #expect(abs(measures.recall - 2.0 / 3) < 1e-15)
        #expect(abs(measures.f1 - 4.0 / 7) < 1e-15)
        // The second place is shared by an anomaly and another row.
        #expect(measures.precisionAtK == 0.75)
    }

    @Test("Read as probabilities: calibration error and Brier score")
    func asProbabilities() {
        let measures = ClassificationMeasures(scores: scores, labels: labels, threshold: 0.5, k: 3)
        // Bins: 0.9 and one anomaly, 1.6 and one, 0.4 and none, 0.3 and one, 0.1 and none.
        #expect(abs(measures.calibrationError - (0.1 + 0.6 + 0.4 + 0.7 + 0.1) / 6) < 1e-15)
        #expect(abs(measures.brierScore - 1.35 / 6) < 1e-15)
        let honest = ClassificationMeasures(
            scores: [0.25, 0.25, 0.25, 0.25, 1], labels: [true, false, false, false, true],
            threshold: 0.5, k: 1)
        #expect(honest.calibrationError == 0)
    }

    @Test("The areas are those of the measures of a ranking")
    func areas() {
        let measures = ClassificationMeasures(scores: scores, labels: labels, threshold: 0.5, k: 3)
        #expect(abs(measures.rocAUC - Measures.rocAUC(scores: scores, labels: labels)) < 1e-15)
        #expect(
            abs(
                measures.averagePrecision
                    - Measures.averagePrecision(scores: scores, labels: labels)) < 1e-15)
        #expect(measures.precisionAtK == Measures.precision(at: 3, scores: scores, labels: labels))
    }

    @Test(
        "A weight is as good as so many rows, NaN among them",
        arguments: 1...9 as ClosedRange<UInt64>)
    func weights(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let scores = (0..<60).map { _ in
            random.uniform() < 0.1 ? Double.nan : (random.uniform() * 12).rounded(.down) / 12
        }
        let labels = (0..<60).map { _ in random.uniform() < 0.3 }
        let weights = (0..<60).map { _ in random.index(below: 4) }
        let repeated = (0..<60).flatMap { [Int](repeating: $0, count: weights[$0]) }
        let weighted = ClassificationMeasures(
            ClassificationMeasures.Rows(scores: scores, labels: labels), weights: weights,
            threshold: 0.5, k: 20)
        let (rows, truth) = (repeated.map { scores[$0] }, repeated.map { labels[$0] })
        let plain = ClassificationMeasures(scores: rows, labels: truth, threshold: 0.5, k: 20)
        for (first, second) in zip(weighted.values, plain.values) {
            #expect(abs(first - second) < 1e-12)
        }
        #expect(abs(plain.rocAUC - Measures.rocAUC(scores: rows, labels: truth)) < 1e-12)
        #expect(
            abs(plain.averagePrecision - Measures.averagePrecision(scores: rows, labels: truth))
                < 1e-12)
        let top = Measures.precision(at: 20, scores: rows, labels: truth)
        #expect(abs(plain.precisionAtK - top) < 1e-12)
    }

    @Test("Without anomalies the measures about them are unknown")
    func noAnomalies() {
        let measures = ClassificationMeasures(
            scores: [0.1, 0.2], labels: [false, false], threshold: 0.5, k: 2)
        #expect(measures.recall.isNaN && measures.f1.isNaN && measures.rocAUC.isNaN)
        #expect(measures.averagePrecision.isNaN && measures.precision.isNaN)
        #expect(measures.precisionAtK == 0)
        #expect(ClassificationMeasures.names(k: 20).count == measures.values.count)
        let none = ClassificationMeasures(scores: [], labels: [], threshold: 0.5, k: 20)
        #expect(!none.values.contains { !$0.isNaN })
    }
}
