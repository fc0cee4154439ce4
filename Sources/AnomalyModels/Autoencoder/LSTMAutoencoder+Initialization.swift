// First weights: X. Glorot, Y. Bengio, "Understanding the difficulty of training deep feedforward neural
// networks", AISTATS 2010 (uniform in ±√(6 / (inputs + units)), per gate) for what maps inputs; random
// orthogonal matrices (A. Saxe, J. McClelland, S. Ganguli, 2014, arXiv:1312.6120), one per gate, for
// the recurrent weights; biases 0 but the forget gate's, which are 1 (R. Jozefowicz, W. Zaremba, I.
// Sutskever, ICML 2015), so that states last from the start.

import LinearAlgebra

extension AutoencoderLayout {
    /// Weights to start training from.
    func initialWeights(seed: UInt64) -> AlignedFloats {
        let weights = AlignedFloats(count: paddedCount)
        for (index, layer) in (encoder + decoder).enumerated() {
            var random = SeededRandom(seed: seed, stream: UInt64(index))
            fillGlorot(layer.input, weights, &random)
            for gate in 0..<4 {
                let rotation = orthogonalMatrix(size: layer.units, &random)
                for unit in 0..<layer.units {
                    for input in 0..<layer.units {
                        let position = layer.recurrent.position(
                            group: gate, unit: unit, input: input)
                        weights.base[position] = Float(rotation[unit * layer.units + input])
                    }
                }
            }
            for unit in 0..<layer.units {
                weights.base[layer.bias.position(group: 1, unit: unit)] = 1
            }
        }
        var random = SeededRandom(seed: seed, stream: UInt64(encoder.count + decoder.count))
        fillGlorot(latent, weights, &random)
        fillGlorot(output, weights, &random)
        return weights
    }

    private func fillGlorot(
        _ matrix: MatrixLayout, _ weights: AlignedFloats, _ random: inout SeededRandom
    ) {
        let limit = (6 / Double(matrix.inputs + matrix.units)).squareRoot()
        for group in 0..<matrix.groups {
            for unit in 0..<matrix.units {
                for input in 0..<matrix.inputs {
                    weights.base[matrix.position(group: group, unit: unit, input: input)] =
                        Float(limit * (2 * random.uniform() - 1))
                }
            }
        }
    }

    /// A random orthogonal matrix, row-major: normal numbers, made orthonormal row by row.
    private func orthogonalMatrix(size: Int, _ random: inout SeededRandom) -> [Double] {
        var rows = (0..<size * size).map { _ in random.normal() }
        for row in 0..<size {
            // Twice is enough for orthogonality to rounding (Giraud, Langou, Rozložník 2005).
            for _ in 0..<2 {
                for other in 0..<row {
                    var product = 0.0
                    for column in 0..<size {
                        product += rows[row * size + column] * rows[other * size + column]
                    }
                    for column in 0..<size {
                        rows[row * size + column] -= product * rows[other * size + column]
                    }
                }
            }
            let norm = (0..<size).reduce(0) { $0 + rows[row * size + $1] * rows[row * size + $1] }
                .squareRoot()
            for column in 0..<size { rows[row * size + column] /= norm }
        }
        return rows
    }
}
