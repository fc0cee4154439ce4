/// The tensors of one forest in a model file, by their names without the prefix.
struct ForestTensors {
    private let tensors: [String: Tensor]
    private let prefix: String

    /// Those whose name begins with the prefix; others are left to others.
    init(_ tensors: [String: Tensor], prefix: String) {
        self.tensors = tensors
        self.prefix = prefix
    }

    func vector(_ name: String) throws(ModelFileError) -> Tensor {
        guard let tensor = tensors[prefix + name] else {
            throw ModelFileError(
                code: .missingTensor, message: "The file has no tensor \(prefix)\(name).")
        }
        guard tensor.shape.count == 1 else {
            throw ModelFileError(
                code: .wrongShape, message: "The tensor \(prefix)\(name) is no vector.")
        }
        return tensor
    }

    /// A count in 1...`countMax`.
    func count(_ name: String, upTo countMax: Int) throws(ModelFileError) -> Int {
        let values = try vector(name).int64s()
        guard values.count == 1, (1...Int64(countMax)).contains(values[0]) else {
            throw ModelFileError(
                code: .invalidModel,
                message: "The tensor \(prefix)\(name) is no count in 1...\(countMax).")
        }
        return Int(values[0])
    }

    /// The width of the rows.
    func columnCount() throws(ModelFileError) -> Int {
        try count("column_count", upTo: ForestNodes.columnCountMax)
    }

    /// The rows of a tree's sample, which fit the node fields of 32 bits.
    func sampleCount() throws(ModelFileError) -> Int {
        try count("sample_count", upTo: Int(Int32.max))
    }

    /// The path length that makes a score of one half, where the file has its own.
    func averagePathLength() throws(ModelFileError) -> Double? {
        guard tensors[prefix + "average_path_length"] != nil else { return nil }
        let values = try vector("average_path_length").doubles()
        guard values.count == 1, values[0] > 0, values[0] <= 1_000 else {
            throw ModelFileError(
                code: .invalidModel,
                message: "The tensor \(prefix)average_path_length is no path length.")
        }
        return values[0]
    }
}
