import LinearAlgebra

extension LSTMAutoencoder {
    /// Trains a network to rebuild the windows; the same input gives the same bits for any thread count.
    ///
    /// Windows without any value are left out. The scaler learns from the training part alone. The
    /// loss of a batch is the mean squared error over its present values, in standard deviations. The
    /// model has the weights of the epoch with the best validation loss.
    ///
    /// `progress` is told after every batch; where it says false, training ends and the best weights
    /// so far are returned.
    ///
    /// - Complexity: O(epochs · windows · T · weights).
    package static func fit(
        _ windows: SequenceWindows, parameters: Parameters = Parameters(), threadCount: Int = 1,
        progress: (Progress) -> Bool = { _ in true }
    ) throws(ModelError) -> (model: LSTMAutoencoder, history: History) {
        let architecture = Architecture(
            stepCount: windows.stepCount, featureCount: windows.featureCount,
            hiddenSizes: parameters.hiddenSizes, latentSize: parameters.latentSize)
        if let problem = parameters.problem ?? architecture.problem {
            throw ModelError(code: .invalidParameter, message: problem)
        }
        let counts = windows.presentCounts()
        let present = counts.indices.filter { counts[$0] > 0 }
        guard !present.isEmpty else {
            throw ModelError(
                code: .emptyMatrix,
                message: "An autoencoder needs at least one window with a value.")
        }
        var trainer = AutoencoderTrainer(
            windows, present: present, counts: counts, architecture: architecture,
            parameters: parameters, threadCount: threadCount)
        trainer.train(progress)
        let model = LSTMAutoencoder(
            architecture: architecture, scaler: trainer.scaler, weights: trainer.bestWeights)
        return (model, trainer.history)
    }
}

/// One training run.
private struct AutoencoderTrainer: ~Copyable {
    /// Streams of the seed for the split and the epochs; those of the first weights are below.
    private static let splitStream: UInt64 = 1 << 20
    private static let epochStream: UInt64 = 1 << 21

    let scaler: FeatureScaler
    private(set) var bestWeights: AlignedFloats
    private(set) var history = LSTMAutoencoder.History()

    private let windows: SequenceWindows
    private let counts: [Int]
    private let training: [Int]
    private let validation: [Int]
    private let parameters: LSTMAutoencoder.Parameters
    private let weights: AlignedFloats
    private let computation: GradientComputation
    private var optimizer: AdamOptimizer
    private let decayed: [Range<Int>]
    private var bestLoss = Double.nan

    init(
        _ windows: SequenceWindows, present: [Int], counts: [Int],
        architecture: LSTMAutoencoder.Architecture, parameters: LSTMAutoencoder.Parameters,
        threadCount: Int
    ) {
        self.windows = windows
        self.counts = counts
        self.parameters = parameters
        var random = SeededRandom(seed: parameters.seed, stream: Self.splitStream)
        let held =
            present.count < 10 ? 0 : Int(parameters.validationShare * Double(present.count))
        let order = random.sample(present.count, below: present.count).map { present[$0] }
        validation = order.prefix(held).sorted()
        training = order.dropFirst(held).sorted()
        scaler = FeatureScaler(fitting: windows, chosen: training)
        let layout = AutoencoderLayout(architecture)
        weights = layout.initialWeights(seed: parameters.seed)
        bestWeights = AlignedFloats(copying: weights)
        computation = GradientComputation(
            layout, stepCount: windows.stepCount,
            batchSize: min(parameters.batchSize, training.count), threadCount: threadCount)
        optimizer = AdamOptimizer(count: layout.paddedCount)
        decayed = layout.namedMatrices.map {
            $0.matrix.offset..<$0.matrix.offset + $0.matrix.paddedCount
        }.sorted { $0.lowerBound < $1.lowerBound }
        history.trainingCount = training.count
        history.validationCount = validation.count
        history.emptyCount = windows.windowCount - present.count
    }

    mutating func train(_ progress: (LSTMAutoencoder.Progress) -> Bool) {
        for epoch in 0..<parameters.epochCountMax {
            guard let result = trainEpoch(epoch, progress) else {
                // Before the first epoch ends there is nothing better than the weights at hand.
                if history.epochs.isEmpty { bestWeights = AlignedFloats(copying: weights) }
                history.ending = .cancelled
                return
            }
            history.epochs.append(result)
            let loss = validation.isEmpty ? result.trainingLoss : result.validationLoss
            if !(loss >= bestLoss) && loss.isFinite {
                bestLoss = loss
                history.bestEpoch = epoch
                bestWeights.base.update(from: weights.base, count: weights.count)
            } else if epoch - (history.bestEpoch ?? -1) >= parameters.patience {
                history.ending = .noImprovement
                return
            }
        }
    }

    /// One pass over the training part in a new order; nil where `progress` ended it.
    private mutating func trainEpoch(
        _ epoch: Int, _ progress: (LSTMAutoencoder.Progress) -> Bool
    ) -> LSTMAutoencoder.History.Epoch? {
        var random = SeededRandom(
            seed: parameters.seed, stream: Self.epochStream + UInt64(epoch))
        let order = random.sample(training.count, below: training.count).map { training[$0] }
        let batchCount = (order.count + parameters.batchSize - 1) / parameters.batchSize
        var (errorSum, valueCount, normSum) = (0.0, 0, 0.0)
        for batch in 0..<batchCount {
            let start = batch * parameters.batchSize
            let chosen = order[start..<min(start + parameters.batchSize, order.count)]
            let present = chosen.reduce(0) { $0 + counts[$1] }
            errorSum += computation.differentiate(
                windows, chosen, scaler: scaler, weights: weights, scale: 1 / Double(present))
            valueCount += present
            normSum += takeStep()
            let told = progress(
                LSTMAutoencoder.Progress(
                    epoch: epoch + 1, epochCountMax: parameters.epochCountMax, batch: batch + 1,
                    batchCount: batchCount, bestLoss: bestLoss))
            if !told { return nil }
        }
        return LSTMAutoencoder.History.Epoch(
            trainingLoss: errorSum / Double(valueCount), validationLoss: validationLoss(),
            gradientNorm: normSum / Double(batchCount))
    }

    /// Moves the weights by the gradient at hand, shortened to the largest norm; returns its length.
    ///
    /// A gradient that is not finite moves nothing.
    private mutating func takeStep() -> Double {
        let gradient = computation.gradient
        let norm = AdamOptimizer.norm(gradient.base, count: gradient.count)
        guard norm.isFinite else { return norm }
        let limit = parameters.gradientNormMax
        optimizer.step(
            weights.base, gradient: gradient.base, gradientFactor: norm > limit ? limit / norm : 1,
            learningRate: parameters.learningRate, weightDecay: parameters.weightDecay,
            decayed: decayed)
        return norm
    }

    private func validationLoss() -> Double {
        guard !validation.isEmpty else { return .nan }
        let error = computation.squaredError(
            windows, validation, scaler: scaler, weights: weights)
        return error / Double(validation.reduce(0) { $0 + counts[$1] })
    }
}
