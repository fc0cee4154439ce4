import AnomalyModels
import Testing

@Suite("Windows of the LSTM autoencoder")
struct AutoencoderWindowTests {
    private let model: LSTMAutoencoder

    init() throws {
        model = try LSTMAutoencoder.random(
            stepCount: 6, featureCount: 3, hiddenSizes: [5, 4], latentSize: 2, seed: 21)
    }

    @Test("Absent steps change nothing, wherever they stand")
    func absentSteps() throws {
        let full = SequenceWindows.random(count: 1, stepCount: 6, featureCount: 3, seed: 22)
        let steps = (0..<4).map { Array(full.values[$0 * 3..<$0 * 3 + 3]) }
        let absent = [Double](repeating: .nan, count: 3)
        let layouts = [
            [0, 1, 2, 3], [-1, -1, 0, 1, 2, 3], [0, 1, 2, 3, -1, -1], [0, -1, 1, 2, -1, 3],
        ]
        var windows = SequenceWindows(stepCount: 6, featureCount: 3)
        for layout in layouts { windows.append(layout.flatMap { $0 < 0 ? absent : steps[$0] }) }
        let errors = model.reconstructionErrors(windows)
        let gradients = model.gradients(of: windows.selecting(windows: [0]))
        for (window, layout) in layouts.enumerated() {
            for (step, original) in layout.enumerated() where original >= 0 {
                let values = errors.values[(window * 6 + step) * 3..<(window * 6 + step + 1) * 3]
                #expect(Array(values) == Array(errors.values[original * 3..<original * 3 + 3]))
            }
            #expect(errors.means[window] == errors.means[0])
            let alone = model.gradients(of: windows.selecting(windows: [window]))
            #expect(alone.loss == gradients.loss && alone.tensors == gradients.tensors)
        }
    }

    @Test("A window's errors have the same bits alone, among others and for any thread count")
    func sameBits() throws {
        var windows = SequenceWindows.random(count: 27, stepCount: 6, featureCount: 3, seed: 23)
        windows.append([1, 2, 3])
        let errors = model.reconstructionErrors(windows)
        for threadCount in [2, 3, 40] {
            let other = model.reconstructionErrors(windows, threadCount: threadCount)
            #expect(
                other.values.map(\.bitPattern) == errors.values.map(\.bitPattern))
        }
        for window in [0, 1, 13, 24, 27] {
            let alone = model.reconstructionErrors(windows.selecting(windows: [window]))
            #expect(
                alone.values.map(\.bitPattern)
                    == errors.values[window * 18..<(window + 1) * 18].map(\.bitPattern))
        }
    }

    @Test("Means over windows, steps and features skip what is missing")
    func means() throws {
        let windows = SequenceWindows.gappy(stepCount: 6, featureCount: 3, seed: 24)
        let errors = model.reconstructionErrors(windows)
        for window in 0..<windows.windowCount {
            let cells = errors.values[window * 18..<(window + 1) * 18].map(Double.init)
            func mean(_ values: [Double]) -> Double {
                let present = values.filter { !$0.isNaN }
                return present.reduce(0, +) / Double(present.count)
            }
            expectSame(errors.means[window], mean(cells))
            for (step, error) in errors.stepErrors(window: window).enumerated() {
                expectSame(error, mean(Array(cells[step * 3..<step * 3 + 3])))
            }
            for (feature, error) in errors.featureErrors(window: window).enumerated() {
                expectSame(error, mean((0..<6).map { cells[$0 * 3 + feature] }))
            }
        }
        #expect(errors.means[4].isNaN && errors.scores[4].isNaN)
    }

    @Test("Infinite and far-off values stay finite; another shape is silence")
    func hostileValues() {
        var windows = SequenceWindows(stepCount: 6, featureCount: 3)
        windows.append([.infinity, -.infinity, 1e300, -1e300, 0, .leastNonzeroMagnitude])
        let errors = model.reconstructionErrors(windows)
        #expect(errors.means[0].isFinite && errors.means[0] > 1e4)
        let other = SequenceWindows.random(count: 2, stepCount: 5, featureCount: 3, seed: 1)
        #expect(model.reconstructionErrors(other).means.allSatisfy { $0.isNaN })
        let wide = SequenceWindows.random(count: 2, stepCount: 6, featureCount: 4, seed: 1)
        #expect(model.reconstructionErrors(wide).scores.allSatisfy { $0.isNaN })
        #expect(model.reconstructions(wide).allSatisfy { $0.isNaN })
        #expect(model.gradients(of: wide).tensors.isEmpty)
        let none = SequenceWindows(stepCount: 6, featureCount: 3)
        #expect(model.reconstructionErrors(none).scores.isEmpty)
    }

    @Test("Sliding windows over a series start at every stride; a short series is one short window")
    func sliding() {
        let series = FeatureMatrix(columnCount: 2, rows: (0..<7).map { [Double($0), 0.5] })
        let windows = SequenceWindows(sliding: series, stepCount: 3, stride: 2)
        #expect(windows.windowCount == 3)
        #expect(windows.lengths == [3, 3, 3])
        #expect((0..<3).map { windows.values[$0 * 6] } == [0, 2, 4])
        let short = SequenceWindows(sliding: series, stepCount: 9)
        #expect(short.lengths == [7])
        #expect(short.values.count == 18 && short.values[14].isNaN)
        let empty = SequenceWindows(sliding: FeatureMatrix(columnCount: 2), stepCount: 3)
        #expect(empty.windowCount == 0)
    }

    private func expectSame(_ value: Double, _ expected: Double) {
        #expect(value.isNaN == expected.isNaN)
        #expect(value.isNaN || abs(value - expected) <= 1e-12 * max(1, abs(expected)))
    }
}
