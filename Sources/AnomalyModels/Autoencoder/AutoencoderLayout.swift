import LinearAlgebra

/// Where one weight matrix lies in the parameter vector, and its padded sizes.
///
/// The matrix maps `inputs` to `groups` · `units` outputs (an LSTM has four groups, its gates, in the
/// order input, forget, cell, output). Inputs and each group's units are padded to whole panels with
/// weights that are 0 and stay 0. It lies as panels of 16 outputs, ready for `multiplyPanels`.
struct MatrixLayout: Sendable, Equatable {
    let inputs: Int
    let units: Int
    let groups: Int
    /// Where it starts in the parameters, and in their gradient.
    let offset: Int
    /// Where it starts in the memory of transposed panels.
    let transposedOffset: Int

    let paddedInputs: Int
    let paddedUnits: Int
    /// The padded outputs of all groups.
    let width: Int
    var paddedCount: Int { paddedInputs * width }

    init(inputs: Int, units: Int, groups: Int, offset: Int, transposedOffset: Int) {
        self.inputs = inputs
        self.units = units
        self.groups = groups
        self.offset = offset
        self.transposedOffset = transposedOffset
        paddedInputs = paddedToPanels(inputs)
        paddedUnits = paddedToPanels(units)
        width = groups * paddedUnits
    }

    /// The position of a weight in the parameters.
    func position(group: Int, unit: Int, input: Int) -> Int {
        let column = group * paddedUnits + unit
        return offset + column / panelWidth * paddedInputs * panelWidth + input * panelWidth
            + column % panelWidth
    }

    /// Lays the matrix out a second time for products with its transpose: outputs inside, inputs across.
    func packTransposed(
        _ parameters: UnsafePointer<Float>, into transposed: UnsafeMutablePointer<Float>
    ) {
        for panel in 0..<width / panelWidth {
            packPanels(
                parameters + (offset + panel * paddedInputs * panelWidth), rowStride: 1,
                columnStride: panelWidth, rowCount: panelWidth, columnCount: paddedInputs,
                into: transposed + (transposedOffset + panel * panelWidth * panelWidth),
                panelStride: width * panelWidth)
        }
    }
}

/// Where one bias vector lies: `groups` · padded units numbers.
struct BiasLayout: Sendable, Equatable {
    let units: Int
    let groups: Int
    let offset: Int

    func position(group: Int, unit: Int) -> Int { offset + group * paddedToPanels(units) + unit }
}

/// The parameters of one LSTM layer.
struct LSTMLayout: Sendable, Equatable {
    let input: MatrixLayout
    let recurrent: MatrixLayout
    let bias: BiasLayout

    var units: Int { recurrent.inputs }
    var paddedUnits: Int { recurrent.paddedInputs }
    /// The padded numbers of all gates.
    var width: Int { recurrent.width }
    /// The distance between two rows of gates: 17 cache lines and the like, so that the rows of a column
    /// do not all fall into the same few sets of the cache.
    var gateStride: Int { width + panelWidth }
}

/// Where every parameter of an autoencoder lies in one vector.
struct AutoencoderLayout: Sendable, Equatable {
    let encoder: [LSTMLayout]
    let latent: MatrixLayout
    let latentBias: BiasLayout
    let decoder: [LSTMLayout]
    let output: MatrixLayout
    let outputBias: BiasLayout
    /// The length of the vector, padding included.
    let paddedCount: Int
    /// The length of the memory for transposed panels.
    let transposedCount: Int

    init(_ architecture: LSTMAutoencoder.Architecture) {
        var end = 0
        var transposedEnd = 0
        func matrix(_ inputs: Int, _ units: Int, _ groups: Int) -> MatrixLayout {
            let matrix = MatrixLayout(
                inputs: inputs, units: units, groups: groups, offset: end,
                transposedOffset: transposedEnd)
            end += matrix.paddedCount
            transposedEnd += matrix.paddedCount
            return matrix
        }
        func bias(_ units: Int, _ groups: Int) -> BiasLayout {
            let bias = BiasLayout(units: units, groups: groups, offset: end)
            end += groups * paddedToPanels(units)
            return bias
        }
        func layers(_ sizes: [Int], inputs: Int) -> [LSTMLayout] {
            var inputs = inputs
            return sizes.map { units in
                defer { inputs = units }
                return LSTMLayout(
                    input: matrix(inputs, units, 4), recurrent: matrix(units, units, 4),
                    bias: bias(units, 4))
            }
        }
        let sizes = architecture.hiddenSizes
        encoder = layers(sizes, inputs: architecture.featureCount)
        latent = matrix(sizes[sizes.count - 1], architecture.latentSize, 1)
        latentBias = bias(architecture.latentSize, 1)
        decoder = layers(sizes.reversed(), inputs: architecture.latentSize)
        output = matrix(sizes[0], architecture.featureCount, 1)
        outputBias = bias(architecture.featureCount, 1)
        paddedCount = end
        transposedCount = transposedEnd
    }

    /// Every matrix with the name of its tensor.
    var namedMatrices: [(name: String, matrix: MatrixLayout)] {
        namedLayers.flatMap { name, layer in
            [("\(name).weight_ih", layer.input), ("\(name).weight_hh", layer.recurrent)]
        } + [("latent.weight", latent), ("output.weight", output)]
    }

    /// Every bias vector with the name of its tensor.
    var namedBiases: [(name: String, bias: BiasLayout)] {
        namedLayers.map { ("\($0).bias", $1.bias) } + [
            ("latent.bias", latentBias), ("output.bias", outputBias),
        ]
    }

    private var namedLayers: [(String, LSTMLayout)] {
        encoder.enumerated().map { ("encoder.\($0)", $1) }
            + decoder.enumerated().map { ("decoder.\($0)", $1) }
    }

    /// Lays every matrix out for products with its transpose.
    func packTransposed(
        _ parameters: UnsafePointer<Float>, into transposed: UnsafeMutablePointer<Float>
    ) {
        for (_, matrix) in namedMatrices { matrix.packTransposed(parameters, into: transposed) }
    }
}
