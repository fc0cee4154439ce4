import AnomalyModels
import Foundation

/// The autoencoder written down plainly in 64 bits, one number after the other, to check against.
///
/// It takes the model's tensors by name, skips steps without any value, and takes 0 for a value that is
/// missing beside others.
struct PlainAutoencoder {
    var weights: [String: [Double]]
    let stepCount: Int
    let featureCount: Int
    let latentSize: Int
    let hiddenSizes: [Int]
    let means: [Double]
    let scales: [Double]

    init(_ model: LSTMAutoencoder) throws {
        weights = [:]
        for (name, tensor) in model.tensors() where tensor.element == .float32 {
            weights[name] = try tensor.floats().map(Double.init)
        }
        stepCount = model.architecture.stepCount
        featureCount = model.architecture.featureCount
        latentSize = model.architecture.latentSize
        hiddenSizes = model.architecture.hiddenSizes
        means = model.scaler.means
        scales = model.scaler.scales
    }

    /// The steps of a window that have a value, standardized, NaN where one is missing.
    func presentSteps(_ windows: SequenceWindows, _ window: Int) -> [[Double]] {
        (0..<windows.lengths[window]).compactMap { step in
            let start = (window * stepCount + step) * featureCount
            let values = windows.values[start..<start + featureCount]
            if values.allSatisfy(\.isNaN) { return nil }
            return zip(values, zip(means, scales)).map { ($0 - $1.0) / $1.1 }
        }
    }

    /// The rebuilt steps of a window, standardized.
    func rebuilt(_ steps: [[Double]]) -> [[Double]] {
        var sequence = steps.map { $0.map { $0.isNaN ? 0 : $0 } }
        for (layer, size) in hiddenSizes.enumerated() {
            sequence = lstm("encoder.\(layer)", size, sequence)
        }
        let latent = affine("latent", sequence[sequence.count - 1], outputs: latentSize)
        sequence = Array(repeating: latent, count: steps.count)
        for (layer, size) in hiddenSizes.reversed().enumerated() {
            sequence = lstm("decoder.\(layer)", size, sequence)
        }
        return sequence.map { affine("output", $0, outputs: featureCount) }
    }

    /// The mean squared error over all present values of all windows.
    func loss(_ windows: SequenceWindows) -> Double {
        var (sum, count) = (0.0, 0)
        for window in 0..<windows.windowCount {
            let steps = presentSteps(windows, window)
            guard !steps.isEmpty else { continue }
            for (step, output) in zip(steps, rebuilt(steps)) {
                for (value, rebuilt) in zip(step, output) where !value.isNaN {
                    sum += (rebuilt - value) * (rebuilt - value)
                    count += 1
                }
            }
        }
        return sum / Double(count)
    }

    private func tensor(_ name: String) -> [Double] { weights["autoencoder.\(name)"] ?? [] }

    private func affine(_ name: String, _ input: [Double], outputs: Int) -> [Double] {
        let (weight, bias) = (tensor("\(name).weight"), tensor("\(name).bias"))
        return (0..<outputs).map { output in
            input.indices.reduce(bias[output]) {
                $0 + weight[output * input.count + $1] * input[$1]
            }
        }
    }

    private func lstm(_ name: String, _ size: Int, _ sequence: [[Double]]) -> [[Double]] {
        let inputWeight = tensor("\(name).weight_ih")
        let recurrentWeight = tensor("\(name).weight_hh")
        let bias = tensor("\(name).bias")
        var hidden = [Double](repeating: 0, count: size)
        var cells = hidden
        return sequence.map { input in
            let gates = (0..<4 * size).map { row in
                var sum = bias[row]
                for (index, value) in input.enumerated() {
                    sum += inputWeight[row * input.count + index] * value
                }
                for (index, value) in hidden.enumerated() {
                    sum += recurrentWeight[row * size + index] * value
                }
                return sum
            }
            for unit in 0..<size {
                let inputGate = 1 / (1 + exp(-gates[unit]))
                let forgetGate = 1 / (1 + exp(-gates[size + unit]))
                let candidate = tanh(gates[2 * size + unit])
                let outputGate = 1 / (1 + exp(-gates[3 * size + unit]))
                cells[unit] = forgetGate * cells[unit] + inputGate * candidate
                hidden[unit] = outputGate * tanh(cells[unit])
            }
            return hidden
        }
    }
}

extension LSTMAutoencoder {
    /// A network with weights from a seed, large enough to bend every activation.
    static func random(
        stepCount: Int, featureCount: Int, hiddenSizes: [Int], latentSize: Int, seed: UInt64
    ) throws -> LSTMAutoencoder {
        let windows = SequenceWindows.random(
            count: 1, stepCount: stepCount, featureCount: featureCount, seed: seed)
        let (untrained, _) = try fit(
            windows,
            parameters: .init(
                hiddenSizes: hiddenSizes, latentSize: latentSize, epochCountMax: 1, seed: seed))
        var tensors = untrained.tensors()
        var random = SeededRandom(seed: seed, stream: 5)
        for (name, tensor) in tensors.sorted(by: { $0.key < $1.key })
        where tensor.element == .float32 {
            let values = try tensor.floats().map { _ in Float(random.normal() * 0.8) }
            tensors[name] = try Tensor(values).reshaped(tensor.shape)
        }
        tensors["autoencoder.means"] = Tensor((0..<featureCount).map { _ in random.normal() })
        tensors["autoencoder.scales"] = Tensor(
            (0..<featureCount).map { _ in 0.5 + random.uniform() })
        return try LSTMAutoencoder(tensors: tensors)
    }
}

extension SequenceWindows {
    /// Windows of standard normal numbers.
    static func random(
        count: Int, stepCount: Int, featureCount: Int, seed: UInt64
    ) -> SequenceWindows {
        var random = SeededRandom(seed: seed)
        var windows = SequenceWindows(stepCount: stepCount, featureCount: featureCount)
        for _ in 0..<count {
            windows.append((0..<stepCount * featureCount).map { _ in random.normal() })
        }
        return windows
    }

    /// Windows that are full, short, with a gap, with missing values, and without any value.
    static func gappy(stepCount: Int, featureCount: Int, seed: UInt64) -> SequenceWindows {
        let full = random(count: 4, stepCount: stepCount, featureCount: featureCount, seed: seed)
        let size = stepCount * featureCount
        var windows = SequenceWindows(stepCount: stepCount, featureCount: featureCount)
        windows.append(Array(full.values[0..<size]))
        windows.append(Array(full.values[size..<size + (stepCount - 2) * featureCount]))
        var gap = Array(full.values[2 * size..<3 * size])
        for position in featureCount..<2 * featureCount { gap[position] = .nan }
        windows.append(gap)
        var holes = Array(full.values[3 * size..<4 * size])
        for position in stride(from: 1, to: size, by: 4) { holes[position] = .nan }
        windows.append(holes)
        windows.append([])
        return windows
    }
}
