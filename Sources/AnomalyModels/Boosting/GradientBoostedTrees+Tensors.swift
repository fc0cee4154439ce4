extension GradientBoostedTrees {
    /// What a leaf and the base may add at most; log-odds beyond are no model's.
    private static let marginMax = 1e6
    private static let prefix = "boosting."

    /// The trees' numbers, from which `init(tensors:parameters:)` makes them again to the bit.
    package func tensors() -> [String: Tensor] {
        [
            "boosting.tree_offsets": Tensor(nodes.treeOffsets),
            "boosting.feature": Tensor(nodes.feature),
            "boosting.threshold": Tensor(nodes.threshold),
            "boosting.first_child": Tensor(nodes.firstChild),
            "boosting.missing_goes_right": Tensor(nodes.missingGoesRight),
            "boosting.cover": Tensor(nodes.cover),
            "boosting.leaf_value": Tensor(nodes.leafValue),
            "boosting.base_margin": Tensor([baseMargin]),
            "boosting.column_count": Tensor([Int64(columnCount)]),
        ]
    }

    /// Trees from their numbers; refused where they are none, so that no file can trap or loop.
    ///
    /// Tensors of other names are left to others.
    package init(
        tensors: [String: Tensor], parameters: Parameters
    ) throws(ModelFileError) {
        let own = ForestTensors(tensors, prefix: Self.prefix)
        var nodes = ForestNodes()
        nodes.treeOffsets = try own.vector("tree_offsets").int32s()
        nodes.feature = try own.vector("feature").int32s()
        nodes.threshold = try own.vector("threshold").doubles()
        nodes.firstChild = try own.vector("first_child").int32s()
        nodes.missingGoesRight = try own.vector("missing_goes_right").uint8s()
        nodes.cover = try own.vector("cover").doubles()
        nodes.leafValue = try own.vector("leaf_value").doubles()
        let columnCount = try own.columnCount()
        try nodes.validate(
            columnCount: columnCount, leafValues: -Self.marginMax...Self.marginMax)
        let base = try own.vector("base_margin").doubles()
        guard base.count == 1, abs(base[0]) <= Self.marginMax else {
            throw ModelFileError(
                code: .invalidModel, message: "The tensor boosting.base_margin is no margin.")
        }
        self.init(
            nodes: nodes, columnCount: columnCount, baseMargin: base[0], parameters: parameters)
    }
}
