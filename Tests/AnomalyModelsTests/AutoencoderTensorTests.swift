import AnomalyModels
import Testing

@Suite("LSTM autoencoders in model files")
struct AutoencoderTensorTests {
    private let model: LSTMAutoencoder
    private let windows = SequenceWindows.gappy(stepCount: 5, featureCount: 3, seed: 31)

    init() throws {
        model = try LSTMAutoencoder.random(
            stepCount: 5, featureCount: 3, hiddenSizes: [4, 2], latentSize: 2, seed: 30)
    }

    @Test("A model comes back from its file to the bit")
    func roundTrip() throws {
        let bytes = ModelArchive(tensors: model.tensors()).encoded()
        let again = try LSTMAutoencoder(tensors: ModelArchive(decoding: bytes).tensors)
        #expect(again == model)
        #expect(again.tensors() == model.tensors())
        let errors = again.reconstructionErrors(windows).values
        #expect(
            errors.map(\.bitPattern)
                == model.reconstructionErrors(windows).values.map(\.bitPattern))
    }

    @Test("The default model has PyTorch's weights and takes a quarter of a megabyte")
    func size() throws {
        let full = try LSTMAutoencoder.random(
            stepCount: 50, featureCount: 15, hiddenSizes: [64, 32], latentSize: 16, seed: 1)
        // 4H (inputs + H + 1) for each layer, and two linear maps with biases.
        let layers = 256 * (15 + 64 + 1) + 128 * (64 + 32 + 1) + 128 * (16 + 32 + 1)
        #expect(full.parameterCount == layers + 256 * (32 + 64 + 1) + 16 * 33 + 15 * 65)
        #expect(full.byteCount < 300_000)
    }

    @Test("Each tensor is needed, with its element type and shape")
    func wrongTensors() throws {
        for (name, tensor) in model.tensors() {
            let replacements = try [
                nil, Tensor([UInt8(1)]), tensor.reshaped(tensor.shape + [1]),
                Tensor(element: tensor.element, shape: [0], bytes: []),
                Tensor(
                    element: tensor.element,
                    shape: [tensor.bytes.count / tensor.element.byteCount + 1],
                    bytes: tensor.bytes + [UInt8](repeating: 0, count: tensor.element.byteCount)),
            ]
            for replacement in replacements {
                var tensors = model.tensors()
                tensors[name] = replacement
                let error = #expect(throws: ModelFileError.self) {
                    try LSTMAutoencoder(tensors: tensors)
                }
                #expect((error?.code == .missingTensor) == (replacement == nil))
            }
        }
    }

    @Test("Sizes, scales and weights that cannot be are refused")
    func hostileNumbers() throws {
        let sizes: [[Int64]] = [
            [0, 3, 2, 4, 2], [-5, 3, 2, 4, 2], [.max, 3, 2, 4, 2], [5, .min, 2, 4, 2],
            [5, 3, 2, 4, 4_097], [5, 3, 2], [5_000, 3, 2, 4, 2], [5, 4, 2, 4, 2],
            [5, 3, 2, 4_096, 4_096], [5, 3, 2] + [Int64](repeating: 1, count: 9),
        ]
        for hostile in sizes { try expectRefused("sizes", Tensor(hostile)) }
        for hostile in [0, -1, Double.nan, .infinity] {
            try expectRefused("scales", Tensor([1, 1, hostile]))
        }
        try expectRefused("means", Tensor([0, Double.nan, 0]))
        for hostile in [Float.nan, .infinity, -2e6] {
            try expectRefused("output.bias", Tensor([0, hostile, 0]))
        }
    }

    @Test("Mutated models are refused or give numbers")
    func fuzz() throws {
        var random = SeededRandom(seed: 78)
        let original = ModelArchive(tensors: model.tensors()).encoded()
        let headerByteCount = Int(original[0]) + Int(original[1]) << 8 + 8
        var acceptedCount = 0
        for round in 0..<400 {
            var bytes = original
            let position = headerByteCount + random.index(below: bytes.count - headerByteCount)
            bytes[position] = UInt8(truncatingIfNeeded: random.next())
            guard let archive = try? ModelArchive(decoding: bytes),
                let mutated = try? LSTMAutoencoder(tensors: archive.tensors)
            else { continue }
            acceptedCount += 1
            guard round % 10 == 0, mutated.architecture == model.architecture else { continue }
            let means = mutated.reconstructionErrors(windows).means
            #expect(means.dropLast().allSatisfy { $0.isFinite })
        }
        #expect(acceptedCount > 0)
    }

    private func expectRefused(_ name: String, _ tensor: Tensor) throws {
        var tensors = model.tensors()
        tensors["autoencoder.\(name)"] = tensor
        #expect(throws: ModelFileError.self) { try LSTMAutoencoder(tensors: tensors) }
    }
}
