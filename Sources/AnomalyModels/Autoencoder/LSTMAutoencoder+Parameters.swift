extension LSTMAutoencoder {
    /// What determines a fitted network, beside its training windows.
    package struct Parameters: Codable, Sendable, Equatable {
        /// The units of the encoder's LSTM layers; the decoder has the same in reverse.
        package var hiddenSizes: [Int]
        /// The numbers that a window is squeezed into.
        package var latentSize: Int
        /// The most passes over the training part.
        package var epochCountMax: Int
        /// The windows of one step of the optimizer.
        package var batchSize: Int
        /// Adam's step size.
        package var learningRate: Double
        /// The longest gradient (2-norm over all weights) that is taken as it is; longer ones are shortened.
        package var gradientNormMax: Double
        /// λ: adds λ · w to the gradient of each weight w of a matrix, after clipping; biases are free.
        ///
        /// This is the plain L2 penalty λ/2 · Σ w² under Adam, as PyTorch's `Adam(weight_decay:)` has it,
        /// not the decoupled decay of AdamW.
        package var weightDecay: Double
        /// The share of the windows, drawn at random, that the network never learns from.
        ///
        /// With fewer than ten windows, or 0, all are learnt from and the training loss decides when
        /// to stop.
        package var validationShare: Double
        /// The epochs without a new best loss after which training stops.
        package var patience: Int
        /// The seed of the first weights, of the validation part and of every epoch's order.
        package var seed: UInt64

        /// The default settings with a seed.
        package init(
            hiddenSizes: [Int] = [64, 32], latentSize: Int = 16, epochCountMax: Int = 100,
            batchSize: Int = 32, learningRate: Double = 1e-3, gradientNormMax: Double = 1,
            weightDecay: Double = 1e-6, validationShare: Double = 0.1, patience: Int = 10,
            seed: UInt64 = 1
        ) {
            self.hiddenSizes = hiddenSizes
            self.latentSize = latentSize
            self.epochCountMax = epochCountMax
            self.batchSize = batchSize
            self.learningRate = learningRate
            self.gradientNormMax = gradientNormMax
            self.weightDecay = weightDecay
            self.validationShare = validationShare
            self.patience = patience
            self.seed = seed
        }
    }

    /// Where training stands, told after every batch.
    package struct Progress: Sendable, Equatable {
        /// The passes begun, from 1 on.
        package let epoch: Int
        /// The most passes.
        package let epochCountMax: Int
        /// The batches done in this pass, from 1 on.
        package let batch: Int
        /// The batches of a pass.
        package let batchCount: Int
        /// The best validation loss so far; NaN in the first pass.
        package let bestLoss: Double
    }

    /// How training went.
    package struct History: Codable, Sendable, Equatable {
        /// One pass over the training part.
        package struct Epoch: Codable, Sendable, Equatable {
            /// The mean squared error over the present values while the weights moved.
            package let trainingLoss: Double
            /// The mean squared error on the validation part afterwards; NaN without such a part.
            package let validationLoss: Double
            /// The mean length of the gradient before clipping.
            package let gradientNorm: Double
        }

        /// Why training ended.
        package enum Ending: String, Codable, Sendable {
            /// All epochs were used.
            case finished
            /// No new best loss for as many epochs as patience allows.
            case noImprovement
            /// `progress` said no.
            case cancelled
        }

        /// The whole passes, in order.
        package var epochs: [Epoch] = []
        /// The pass, from 0 on, whose weights the model has; nil where no pass was finished.
        package var bestEpoch: Int?
        /// Why training ended.
        package var ending = Ending.finished
        /// The windows learnt from.
        package var trainingCount = 0
        /// The windows of the validation part.
        package var validationCount = 0
        /// Windows left out because they have no value at all.
        package var emptyCount = 0
    }
}

extension LSTMAutoencoder.Parameters {
    /// Why nothing can be fitted with these; nil where it can.
    var problem: String? {
        if epochCountMax < 1 { return "There is at least one epoch, not \(epochCountMax)." }
        if batchSize < 1 { return "A batch has at least one window, not \(batchSize)." }
        if patience < 1 { return "Patience is at least one epoch, not \(patience)." }
        if !(learningRate > 0 && learningRate.isFinite) {
            return "The learning rate is positive and finite, not \(learningRate)."
        }
        if !(gradientNormMax > 0) {
            return "The gradient's largest norm is positive, not \(gradientNormMax)."
        }
        if !(weightDecay >= 0 && weightDecay.isFinite) {
            return "The weight decay is finite and not negative, not \(weightDecay)."
        }
        if !(0..<1).contains(validationShare) {
            return "The validation share lies in 0..<1, not at \(validationShare)."
        }
        return nil
    }
}
