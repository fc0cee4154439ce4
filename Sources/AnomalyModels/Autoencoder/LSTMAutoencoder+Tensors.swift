import LinearAlgebra

private let prefix = "autoencoder."

extension LSTMAutoencoder {
    /// The model's numbers, from which `init(tensors:)` makes it again to the bit.
    ///
    /// `autoencoder.sizes` holds T, F, the latent size and the hidden sizes. Weights have the names,
    /// shapes and gate order (input, forget, cell, output) of PyTorch: an LSTM layer's `weight_ih` is
    /// 4H x inputs, `weight_hh` 4H x H, `bias` 4H, where PyTorch adds up two.
    package func tensors() -> [String: Tensor] {
        let sizes =
            [architecture.stepCount, architecture.featureCount, architecture.latentSize]
            + architecture.hiddenSizes
        var tensors = layout.tensors(of: weights)
        tensors["autoencoder.sizes"] = Tensor(sizes.map(Int64.init))
        tensors["autoencoder.means"] = Tensor(scaler.means)
        tensors["autoencoder.scales"] = Tensor(scaler.scales)
        return tensors
    }

    /// A model from its numbers; refused where they are none, so that no file can trap or scores fail.
    ///
    /// Tensors of other names are left to others.
    package init(tensors: [String: Tensor]) throws(ModelFileError) {
        let reader = TensorReader(tensors: tensors)
        let architecture = try reader.architecture()
        let featureCount = architecture.featureCount
        let scaler = FeatureScaler(
            means: try reader.doubles("means", count: featureCount),
            scales: try reader.doubles("scales", count: featureCount))
        guard scaler.scales.allSatisfy({ $0 > 0 }) else {
            throw ModelFileError(
                code: .invalidModel, message: "A feature's scale is not positive.")
        }
        let layout = AutoencoderLayout(architecture)
        // Every tensor is looked at before memory is taken, so that sizes alone cannot ask for much.
        try reader.checkShapes(layout)
        let weights = AlignedFloats(count: layout.paddedCount)
        for (name, matrix) in layout.namedMatrices {
            let shape = [matrix.groups * matrix.units, matrix.inputs]
            let values = try reader.floats(name, shape: shape)
            for (position, value) in zip(matrix.positions, values) {
                weights.base[position] = value
            }
        }
        for (name, bias) in layout.namedBiases {
            let values = try reader.floats(name, shape: [bias.groups * bias.units])
            for (position, value) in zip(bias.positions, values) { weights.base[position] = value }
        }
        self.init(architecture: architecture, scaler: scaler, weights: weights)
    }

    /// Reads tensors with the checks that every model file needs.
    private struct TensorReader {
        let tensors: [String: Tensor]

        func tensor(_ name: String) throws(ModelFileError) -> Tensor {
            guard let tensor = tensors[prefix + name] else {
                throw ModelFileError(
                    code: .missingTensor, message: "The file has no tensor \(prefix)\(name).")
            }
            return tensor
        }

        func check(_ name: String, _ shape: [Int]) throws(ModelFileError) -> Tensor {
            let tensor = try tensor(name)
            guard tensor.shape == shape else {
                throw ModelFileError(
                    code: .wrongShape,
                    message: "The tensor \(prefix)\(name) has the shape \(tensor.shape), not "
                        + "\(shape).")
            }
            return tensor
        }

        func architecture() throws(ModelFileError) -> Architecture {
            let sizes = try tensor("sizes")
            guard sizes.shape.count == 1, (4...3 + layerCountMax).contains(sizes.shape[0]) else {
                throw ModelFileError(
                    code: .wrongShape,
                    message: "The tensor \(prefix)sizes has the shape \(sizes.shape).")
            }
            let values = try sizes.int64s()
            guard values.allSatisfy({ (1...Int64(max(sizeMax, stepCountMax))).contains($0) }) else {
                throw ModelFileError(
                    code: .invalidModel, message: "The network's sizes \(values) are out of range.")
            }
            let counts = values.map { Int($0) }
            let architecture = Architecture(
                stepCount: counts[0], featureCount: counts[1],
                hiddenSizes: Array(counts.dropFirst(3)), latentSize: counts[2])
            if let problem = architecture.problem {
                throw ModelFileError(code: .invalidModel, message: problem)
            }
            return architecture
        }

        func doubles(_ name: String, count: Int) throws(ModelFileError) -> [Double] {
            let values = try check(name, [count]).doubles()
            guard values.allSatisfy(\.isFinite) else {
                throw ModelFileError(
                    code: .invalidModel, message: "The tensor \(prefix)\(name) is not finite.")
            }
            return values
        }

        func floats(_ name: String, shape: [Int]) throws(ModelFileError) -> [Float] {
            let values = try check(name, shape).floats()
            guard values.allSatisfy({ abs($0) <= weightMax }) else {
                throw ModelFileError(
                    code: .invalidModel,
                    message: "The tensor \(prefix)\(name) holds a weight beyond ±\(weightMax).")
            }
            return values
        }

        func checkShapes(_ layout: AutoencoderLayout) throws(ModelFileError) {
            for (name, matrix) in layout.namedMatrices {
                _ = try check(name, [matrix.groups * matrix.units, matrix.inputs])
            }
            for (name, bias) in layout.namedBiases {
                _ = try check(name, [bias.groups * bias.units])
            }
        }
    }

    /// The largest weight that a file may hold: sums over thousands of them stay finite in 32 bits.
    static let weightMax: Float = 1e6
}

extension AutoencoderLayout {
    /// Numbers laid out as the parameters are, as tensors without the padding.
    func tensors(of parameters: AlignedFloats) -> [String: Tensor] {
        var tensors: [String: Tensor] = [:]
        for (name, matrix) in namedMatrices {
            let vector = Tensor(matrix.positions.map { parameters.base[$0] })
            // The number of values is the product of the shape, so the vector itself never stays.
            let shaped = try? vector.reshaped([matrix.groups * matrix.units, matrix.inputs])
            tensors[prefix + name] = shaped ?? vector
        }
        for (name, bias) in namedBiases {
            tensors[prefix + name] = Tensor(bias.positions.map { parameters.base[$0] })
        }
        return tensors
    }
}

extension MatrixLayout {
    /// The positions of all weights, output by output.
    fileprivate var positions: [Int] {
        (0..<groups).flatMap { group in
            (0..<units).flatMap { unit in
                (0..<inputs).map { position(group: group, unit: unit, input: $0) }
            }
        }
    }
}

extension BiasLayout {
    /// The positions of all biases.
    fileprivate var positions: [Int] {
        (0..<groups).flatMap { group in
            (0..<units).map { position(group: group, unit: $0) }
        }
    }
}
