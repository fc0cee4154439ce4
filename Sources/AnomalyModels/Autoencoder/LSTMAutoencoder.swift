// An encoder-decoder for multivariate series after P. Malhotra et al., "LSTM-based Encoder-Decoder for
// Multi-sensor Anomaly Detection", 2016, arXiv:1607.00148: what a network that saw only the usual
// cannot rebuild from a few numbers is unusual. The architecture here:
//   encoder: LSTM layers (F -> 64 -> 32), each fed with the hidden states of the one below;
//   latent: z = W h + b, linear, of the last layer's hidden state after the last present step (16);
//   decoder: LSTM layers (16 -> 32 -> 64) that see z at every step and start from zero states;
//   output: x̂_t = W h_t + b, linear, at every step (64 -> F).
// Different from the paper: the decoder sees z instead of its own last output and runs forwards, so
// no output depends on another; the error is a mean of squares instead of a Mahalanobis distance.

import LinearAlgebra

/// A network that squeezes a window into a few numbers and rebuilds it; strange windows come back wrong.
///
/// Fit with `fit(_:parameters:threadCount:progress:)`, judge with `reconstructionErrors(_:threadCount:)`:
/// ```swift
/// var windows = SequenceWindows(stepCount: 50, featureCount: 25)  // or SequenceWindows(sliding:...)
/// windows.append(rows)  // 50 x 25 numbers, step after step; NaN where a value is missing
/// let (model, history) = try LSTMAutoencoder.fit(windows, parameters: .init(seed: 1), threadCount: 2)
/// let errors = model.reconstructionErrors(windows, threadCount: 2)
/// let calibration = TailCalibration.fit(errors.scores)
/// ```
/// Values are standardized by the model itself. The same input gives the same bits for any number of
/// threads and for any windows beside it.
package struct LSTMAutoencoder: Sendable {
    /// The sizes of the network.
    package struct Architecture: Codable, Sendable, Equatable {
        /// T: the steps of a full window.
        package var stepCount: Int
        /// F: the values at each step.
        package var featureCount: Int
        /// The units of the encoder's LSTM layers; the decoder has the same in reverse.
        package var hiddenSizes: [Int]
        /// The numbers that a window is squeezed into.
        package var latentSize: Int

        /// Sizes, by default those for 50 steps of 15 features.
        package init(
            stepCount: Int = 50, featureCount: Int = 15, hiddenSizes: [Int] = [64, 32],
            latentSize: Int = 16
        ) {
            self.stepCount = stepCount
            self.featureCount = featureCount
            self.hiddenSizes = hiddenSizes
            self.latentSize = latentSize
        }
    }

    /// The most steps of a window.
    package static let stepCountMax = 4_096
    /// The most features of a step, units of a layer and latent numbers.
    package static let sizeMax = 4_096
    /// The most layers of the encoder.
    package static let layerCountMax = 8
    /// The most weights, padding included: 256 MB.
    package static let parameterCountMax = 1 << 26

    /// The sizes of the network.
    package let architecture: Architecture
    /// What makes the input comparable over its features.
    package let scaler: FeatureScaler

    let layout: AutoencoderLayout
    /// All weights, never written again.
    let weights: AlignedFloats

    /// Takes over weights that are trained here or were validated.
    init(architecture: Architecture, scaler: FeatureScaler, weights: AlignedFloats) {
        self.architecture = architecture
        self.scaler = scaler
        self.weights = weights
        layout = AutoencoderLayout(architecture)
    }

    /// The memory that the loaded model takes, in bytes; scoring takes more while it runs.
    package var byteCount: Int {
        weights.count * MemoryLayout<Float>.stride
            + 2 * architecture.featureCount * MemoryLayout<Double>.stride
            + MemoryLayout<Self>.size
    }

    /// The number of trainable weights.
    package var parameterCount: Int {
        layout.namedMatrices.reduce(0) {
            $0 + $1.matrix.groups * $1.matrix.units * $1.matrix.inputs
        } + layout.namedBiases.reduce(0) { $0 + $1.bias.groups * $1.bias.units }
    }
}

extension LSTMAutoencoder: Equatable {
    /// Models are equal when they have the same sizes, scaler and weights, to the bit.
    package static func == (first: LSTMAutoencoder, second: LSTMAutoencoder) -> Bool {
        first.architecture == second.architecture && first.scaler == second.scaler
            && first.weights.hasSameBits(as: second.weights)
    }
}

extension LSTMAutoencoder.Architecture {
    /// Why no network can have these sizes; nil where one can.
    var problem: String? {
        let sizeMax = LSTMAutoencoder.sizeMax
        if !(1...LSTMAutoencoder.stepCountMax).contains(stepCount) {
            return "A window has 1 to \(LSTMAutoencoder.stepCountMax) steps, not \(stepCount)."
        }
        if !(1...LSTMAutoencoder.layerCountMax).contains(hiddenSizes.count) {
            return "The encoder has 1 to \(LSTMAutoencoder.layerCountMax) layers, not "
                + "\(hiddenSizes.count)."
        }
        for size in [featureCount, latentSize] + hiddenSizes where !(1...sizeMax).contains(size) {
            return
                "Features, layers and the latent vector have 1 to \(sizeMax) numbers, not \(size)."
        }
        if AutoencoderLayout(self).paddedCount > LSTMAutoencoder.parameterCountMax {
            return "The network has more than \(LSTMAutoencoder.parameterCountMax) weights."
        }
        return nil
    }
}
