extension ExtendedIsolationForest {
    private static let prefix = "extended_forest."

    /// The forest's numbers, from which `init(tensors:parameters:)` makes it again to the bit.
    package func tensors() -> [String: Tensor] {
        let tensors = [
            "tree_offsets": Tensor(nodes.treeOffsets),
            "first_child": Tensor(nodes.firstChild),
            "term_offsets": Tensor(nodes.termOffsets),
            "term_column": Tensor(nodes.terms.map(\.column)),
            "term_weight": Tensor(nodes.terms.map(\.weight)),
            "term_center": Tensor(nodes.terms.map(\.center)),
            "missing_goes_right": Tensor(nodes.missingGoesRight),
            "cover": Tensor(nodes.cover),
            "leaf_path_length": Tensor(nodes.leafPathLength),
            "column_count": Tensor([Int64(columnCount)]),
            "sample_count": Tensor([Int64(sampleCount)]),
        ]
        return Dictionary(
            uniqueKeysWithValues: tensors.map { (Self.prefix + $0.key, $0.value) })
    }

    /// A forest from its numbers; refused where they are none, so that no file can trap or loop.
    ///
    /// Tensors of other names are left to others.
    package init(
        tensors: [String: Tensor], parameters: Parameters
    ) throws(ModelFileError) {
        let own = ForestTensors(tensors, prefix: Self.prefix)
        let columns = try own.vector("term_column").int32s()
        let weights = try own.vector("term_weight").doubles()
        let centers = try own.vector("term_center").doubles()
        guard columns.count == weights.count, columns.count == centers.count else {
            throw ModelFileError(
                code: .wrongShape, message: "The term arrays of the forest differ in length.")
        }
        var nodes = HyperplaneNodes()
        nodes.treeOffsets = try own.vector("tree_offsets").int32s()
        nodes.firstChild = try own.vector("first_child").int32s()
        nodes.termOffsets = try own.vector("term_offsets").int32s()
        nodes.terms = columns.indices.map {
            .init(weight: weights[$0], center: centers[$0], column: columns[$0])
        }
        nodes.missingGoesRight = try own.vector("missing_goes_right").uint8s()
        nodes.cover = try own.vector("cover").int32s()
        nodes.leafPathLength = try own.vector("leaf_path_length").doubles()
        let columnCount = try own.columnCount()
        try nodes.validate(columnCount: columnCount)
        self.init(
            nodes: nodes, columnCount: columnCount, sampleCount: try own.sampleCount(),
            parameters: parameters)
    }
}
