extension IsolationForest {
    /// The forest's numbers, from which `init(tensors:parameters:)` makes it again to the bit.
    package func tensors() -> [String: Tensor] {
        [
            "forest.tree_offsets": Tensor(nodes.treeOffsets),
            "forest.feature": Tensor(nodes.feature),
            "forest.threshold": Tensor(nodes.threshold),
            "forest.first_child": Tensor(nodes.firstChild),
            "forest.missing_goes_right": Tensor(nodes.missingGoesRight),
            "forest.cover": Tensor(nodes.cover),
            "forest.leaf_path_length": Tensor(nodes.leafPathLength),
            "forest.column_count": Tensor([Int64(columnCount)]),
            "forest.sample_count": Tensor([Int64(sampleCount)]),
        ]
    }

    /// A forest from its numbers; refused where they are none, so that no file can trap or loop.
    ///
    /// Tensors of other names are left to others.
    package init(
        tensors: [String: Tensor], parameters: Parameters
    ) throws(ModelFileError) {
        func vector(_ name: String) throws(ModelFileError) -> Tensor {
            guard let tensor = tensors["forest.\(name)"] else {
                throw ModelFileError(
                    code: .missingTensor, message: "The file has no tensor forest.\(name).")
            }
            guard tensor.shape.count == 1 else {
                throw ModelFileError(
                    code: .wrongShape, message: "The tensor forest.\(name) is no vector.")
            }
            return tensor
        }
        func count(_ name: String) throws(ModelFileError) -> Int {
            let values = try vector(name).int64s()
            // Node fields are 32 bits wide, and one bit of the column is taken.
            guard values.count == 1, (1...Int64(Int32.max)).contains(values[0]) else {
                throw ModelFileError(
                    code: .invalidModel, message: "The tensor forest.\(name) is no positive count.")
            }
            return Int(values[0])
        }
        var nodes = ForestNodes()
        nodes.treeOffsets = try vector("tree_offsets").int32s()
        nodes.feature = try vector("feature").int32s()
        nodes.threshold = try vector("threshold").doubles()
        nodes.firstChild = try vector("first_child").int32s()
        nodes.missingGoesRight = try vector("missing_goes_right").uint8s()
        nodes.cover = try vector("cover").int32s()
        nodes.leafPathLength = try vector("leaf_path_length").doubles()
        let columnCount = try count("column_count")
        try nodes.validate(columnCount: columnCount)
        self.init(
            nodes: nodes, columnCount: columnCount, sampleCount: try count("sample_count"),
            parameters: parameters)
    }
}
