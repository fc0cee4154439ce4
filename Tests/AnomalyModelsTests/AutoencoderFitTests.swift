import AnomalyModels
import Foundation
import Testing

@Suite("Training of the LSTM autoencoder")
struct AutoencoderFitTests {
    private static let parameters = LSTMAutoencoder.Parameters(
        hiddenSizes: [6], latentSize: 3, epochCountMax: 3, batchSize: 16, learningRate: 0.02,
        seed: 5)

    /// Two waves of one period, at a random phase, with a little noise.
    private static func waves(count: Int, seed: UInt64) -> SequenceWindows {
        var random = SeededRandom(seed: seed)
        var windows = SequenceWindows(stepCount: 6, featureCount: 2)
        for _ in 0..<count {
            let phase = random.uniform() * 6
            windows.append(
                (0..<6).flatMap { step in
                    let angle = (Double(step) + phase) * .pi / 3
                    return [
                        100 + 5 * sin(angle) + 0.1 * random.normal(),
                        cos(angle) + 0.02 * random.normal(),
                    ]
                })
        }
        return windows
    }

    @Test("The same seed gives the same bits for any number of threads, another seed others")
    func determinism() throws {
        let windows = Self.waves(count: 40, seed: 1)
        let first = try LSTMAutoencoder.fit(windows, parameters: Self.parameters)
        for threadCount in [1, 2, 3] {
            let again = try LSTMAutoencoder.fit(
                windows, parameters: Self.parameters, threadCount: threadCount)
            #expect(again.model == first.model)
            #expect(again.history == first.history)
        }
        var parameters = Self.parameters
        parameters.seed = 6
        #expect(try LSTMAutoencoder.fit(windows, parameters: parameters).model != first.model)
    }

    @Test("What was learnt comes back better than what was not; scores can be calibrated")
    func learning() throws {
        var parameters = Self.parameters
        parameters.epochCountMax = 25
        let (model, history) = try LSTMAutoencoder.fit(
            Self.waves(count: 80, seed: 2), parameters: parameters, threadCount: 2)
        #expect(history.trainingCount == 72 && history.validationCount == 8)
        let losses = history.epochs.map(\.validationLoss)
        let best = try #require(losses.min())
        #expect(history.bestEpoch == losses.firstIndex(of: best))
        #expect(best < losses[0] / 3)
        let normal = model.reconstructionErrors(Self.waves(count: 60, seed: 3), threadCount: 2)
        var strange = SequenceWindows(stepCount: 6, featureCount: 2)
        strange.append([100, 1, 105, -1, 95, 1, 105, -1, 95, 1, 100, -1])
        let score = model.reconstructionErrors(strange).scores[0]
        #expect(normal.scores.allSatisfy { $0 < score })
        let calibration = try #require(TailCalibration.fit(normal.scores))
        #expect(calibration.tailProbability(score) < 0.02)
    }

    @Test("Training stops when patience ends and keeps the best epoch's weights")
    func earlyStopping() throws {
        let windows = SequenceWindows.random(count: 30, stepCount: 4, featureCount: 2, seed: 4)
        var parameters = Self.parameters
        parameters.learningRate = 0.5
        parameters.epochCountMax = 40
        parameters.patience = 2
        let stopped = try LSTMAutoencoder.fit(windows, parameters: parameters)
        let best = try #require(stopped.history.bestEpoch)
        #expect(stopped.history.ending == .noImprovement)
        #expect(stopped.history.epochs.count == best + 3)
        parameters.epochCountMax = best + 1
        let direct = try LSTMAutoencoder.fit(windows, parameters: parameters)
        #expect(direct.history.ending == .finished)
        #expect(direct.model == stopped.model)
    }

    @Test("Progress is told after every batch and can end the training")
    func cancellation() throws {
        let windows = Self.waves(count: 40, seed: 1)
        var told: [LSTMAutoencoder.Progress] = []
        let (_, whole) = try LSTMAutoencoder.fit(windows, parameters: Self.parameters) {
            told.append($0)
            return true
        }
        #expect(told.map(\.epoch) == [1, 1, 1, 2, 2, 2, 3, 3, 3])
        #expect(told.map(\.batch) == [1, 2, 3, 1, 2, 3, 1, 2, 3])
        #expect(told.allSatisfy { $0.batchCount == 3 && $0.epochCountMax == 3 })
        let (model, history) = try LSTMAutoencoder.fit(windows, parameters: Self.parameters) {
            $0.epoch < 2
        }
        #expect(history.ending == .cancelled)
        #expect(history.epochs == [whole.epochs[0]])
        var single = Self.parameters
        single.epochCountMax = 1
        #expect(try LSTMAutoencoder.fit(windows, parameters: single).model == model)
        let (_, none) = try LSTMAutoencoder.fit(windows, parameters: Self.parameters) { _ in false }
        #expect(none.epochs.isEmpty && none.bestEpoch == nil)
    }

    @Test("A constant feature, one without values and empty windows are no obstacle")
    func scaling() throws {
        var windows = SequenceWindows(stepCount: 3, featureCount: 4)
        for index in 0..<12 {
            var window: [Double] = []
            for step in 0..<3 {
                window += [1e9 + 0.1, .nan, Double(index * 3 + step), step == 0 ? .infinity : 2]
            }
            windows.append(window)
        }
        windows.append([])
        var parameters = Self.parameters
        parameters.validationShare = 0
        let (model, history) = try LSTMAutoencoder.fit(windows, parameters: parameters)
        #expect(history.emptyCount == 1 && history.trainingCount == 12)
        #expect(history.epochs.allSatisfy { $0.trainingLoss.isFinite && $0.validationLoss.isNaN })
        #expect(model.scaler.means == [1e9 + 0.1, 0, 17.5, 2])
        #expect(model.scaler.scales[0] == 1 && model.scaler.scales[1] == 1)
        #expect(abs(model.scaler.scales[2] - (1295.0 / 12).squareRoot()) < 1e-9)
        #expect(model.scaler.scales[3] == 1)
        #expect(model.reconstructionErrors(windows).means[12].isNaN)
    }

    @Test("Training on short windows equals training on the same windows in a longer frame")
    func frames() throws {
        let short = SequenceWindows.random(count: 12, stepCount: 3, featureCount: 2, seed: 9)
        var framed = SequenceWindows(stepCount: 5, featureCount: 2)
        for window in 0..<12 {
            let steps = Array(short.values[window * 6..<window * 6 + 6])
            let absent = [Double](repeating: .nan, count: 2)
            framed.append(window % 2 == 0 ? steps : absent + steps + absent)
        }
        let first = try LSTMAutoencoder.fit(short, parameters: Self.parameters)
        let second = try LSTMAutoencoder.fit(framed, parameters: Self.parameters)
        #expect(first.history == second.history)
        var tensors = second.model.tensors()
        tensors["autoencoder.sizes"] = first.model.tensors()["autoencoder.sizes"]
        #expect(try LSTMAutoencoder(tensors: tensors) == first.model)
    }

    @Test("Impossible parameters and shapes are refused")
    func refusals() {
        let windows = SequenceWindows.random(count: 2, stepCount: 2, featureCount: 1, seed: 1)
        let changes: [(inout LSTMAutoencoder.Parameters) -> Void] = [
            { $0.hiddenSizes = [] }, { $0.hiddenSizes = [4, 0] }, { $0.hiddenSizes = [.max] },
            { $0.hiddenSizes = [4_096, 4_096] }, { $0.latentSize = 0 }, { $0.latentSize = -3 },
            { $0.epochCountMax = 0 }, { $0.batchSize = 0 }, { $0.patience = 0 },
            { $0.learningRate = 0 }, { $0.learningRate = .nan }, { $0.gradientNormMax = .nan },
            { $0.weightDecay = -1 }, { $0.weightDecay = .infinity }, { $0.validationShare = 1 },
            { $0.validationShare = .nan },
        ]
        for change in changes {
            var parameters = Self.parameters
            change(&parameters)
            let error = #expect(throws: ModelError.self) {
                try LSTMAutoencoder.fit(windows, parameters: parameters)
            }
            #expect(error?.code == .invalidParameter)
        }
        let long = SequenceWindows(stepCount: 5_000, featureCount: 1)
        #expect(throws: ModelError.self) {
            try LSTMAutoencoder.fit(long, parameters: Self.parameters)
        }
        var empty = SequenceWindows(stepCount: 2, featureCount: 1)
        empty.append([.nan, .nan])
        let error = #expect(throws: ModelError.self) {
            try LSTMAutoencoder.fit(empty, parameters: Self.parameters)
        }
        #expect(error?.code == .emptyMatrix)
    }
}
