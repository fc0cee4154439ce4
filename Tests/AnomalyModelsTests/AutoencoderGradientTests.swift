import AnomalyModels
import Testing

@Suite("Passes of the LSTM autoencoder")
struct AutoencoderGradientTests {
    private static let tensorNames = [
        "encoder.0.weight_ih", "encoder.0.weight_hh", "encoder.0.bias", "encoder.1.weight_ih",
        "encoder.1.weight_hh", "encoder.1.bias", "latent.weight", "latent.bias",
        "decoder.0.weight_ih", "decoder.0.weight_hh", "decoder.0.bias", "decoder.1.weight_ih",
        "decoder.1.weight_hh", "decoder.1.bias", "output.weight", "output.bias",
    ].map { "autoencoder.\($0)" }

    @Test("The reconstruction is the one of the plain 64-bit implementation")
    func forward() throws {
        // Sizes that fill no vector, one layer wider than a panel.
        let model = try LSTMAutoencoder.random(
            stepCount: 7, featureCount: 5, hiddenSizes: [19, 6], latentSize: 3, seed: 11)
        let windows = SequenceWindows.gappy(stepCount: 7, featureCount: 5, seed: 12)
        let plain = try PlainAutoencoder(model)
        let errors = model.reconstructionErrors(windows)
        let values = model.reconstructions(windows)
        for window in 0..<windows.windowCount {
            let steps = plain.presentSteps(windows, window)
            let rebuilt = steps.isEmpty ? [] : plain.rebuilt(steps)
            var present = 0
            for step in 0..<7 {
                let start = (window * 7 + step) * 5
                let absent = windows.values[start..<start + 5].allSatisfy(\.isNaN)
                for feature in 0..<5 {
                    let position = start + feature
                    guard !absent else {
                        #expect(errors.values[position].isNaN && values[position].isNaN)
                        continue
                    }
                    let output = rebuilt[present][feature]
                    let expected = output * plain.scales[feature] + plain.means[feature]
                    #expect(abs(values[position] - expected) < 1e-5)
                    let difference = output - steps[present][feature]
                    #expect(errors.values[position].isNaN == difference.isNaN)
                    #expect(
                        difference.isNaN
                            || abs(Double(errors.values[position]) - difference * difference) < 1e-4
                    )
                }
                if !absent { present += 1 }
            }
        }
    }

    @Test("Every derivative is the plain loss's difference quotient", arguments: [false, true])
    func gradients(gappy: Bool) throws {
        let model = try LSTMAutoencoder.random(
            stepCount: 5, featureCount: 3, hiddenSizes: [4, 3], latentSize: 2, seed: 3)
        let windows =
            gappy
            ? SequenceWindows.gappy(stepCount: 5, featureCount: 3, seed: 4)
            : SequenceWindows.random(count: 3, stepCount: 5, featureCount: 3, seed: 4)
        let (loss, gradients) = model.gradients(of: windows)
        var plain = try PlainAutoencoder(model)
        #expect(abs(loss - plain.loss(windows)) < 1e-5)
        #expect(Set(gradients.keys) == Set(Self.tensorNames))
        for name in Self.tensorNames {
            let gradient = try #require(gradients[name]).floats()
            let weights = try #require(plain.weights[name])
            #expect(gradient.count == weights.count)
            var largest = 0.0
            for index in weights.indices {
                let step = 1e-4
                plain.weights[name]?[index] = weights[index] + step
                let above = plain.loss(windows)
                plain.weights[name]?[index] = weights[index] - step
                let below = plain.loss(windows)
                plain.weights[name]?[index] = weights[index]
                let quotient = (above - below) / (2 * step)
                largest = max(largest, abs(quotient))
                #expect(abs(Double(gradient[index]) - quotient) < 5e-7, "\(name) \(index)")
            }
            // A tensor whose derivatives were all lost would otherwise pass.
            #expect(largest > 5e-5, "\(name)")
        }
    }

    @Test("More windows than a group, and any number of threads, give the same sums to the bit")
    func groups() throws {
        let model = try LSTMAutoencoder.random(
            stepCount: 3, featureCount: 2, hiddenSizes: [3], latentSize: 2, seed: 6)
        let windows = SequenceWindows.random(count: 21, stepCount: 3, featureCount: 2, seed: 7)
        let (loss, gradients) = model.gradients(of: windows)
        let plain = try PlainAutoencoder(model)
        #expect(abs(loss - plain.loss(windows)) < 1e-5)
        for threadCount in [2, 3, 9] {
            let (other, otherGradients) = model.gradients(of: windows, threadCount: threadCount)
            #expect(other == loss && otherGradients == gradients)
        }
        // The mean over three parts is the whole's: each part through other groups.
        let name = "autoencoder.encoder.0.weight_hh"
        var sum = [Double](repeating: 0, count: 36)
        for part in 0..<3 {
            let chosen = windows.selecting(windows: Array(part * 7..<(part + 1) * 7))
            let partial = try #require(model.gradients(of: chosen).tensors[name]).floats()
            for index in sum.indices { sum[index] += Double(partial[index]) / 3 }
        }
        for (whole, sum) in zip(try #require(gradients[name]).floats(), sum) {
            #expect(abs(Double(whole) - sum) < 1e-6)
        }
    }
}
