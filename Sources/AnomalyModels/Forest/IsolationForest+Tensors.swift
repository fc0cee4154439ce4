extension IsolationForest {
    /// The forest's numbers, from which `init(tensors:parameters:)` makes it again to the bit.
    package func tensors() -> [String: Tensor] {
        var tensors = [
            "forest.tree_offsets": Tensor(nodes.treeOffsets),
            "forest.feature": Tensor(nodes.feature),
            "forest.threshold": Tensor(nodes.threshold),
            "forest.first_child": Tensor(nodes.firstChild),
            "forest.missing_goes_right": Tensor(nodes.missingGoesRight),
            "forest.cover": Tensor(nodes.cover.map { Int32($0) }),
            "forest.leaf_path_length": Tensor(nodes.leafValue),
            "forest.column_count": Tensor([Int64(columnCount)]),
            "forest.sample_count": Tensor([Int64(sampleCount)]),
        ]
        if averageOfSample != averagePathLength(sampleCount) {
            tensors["forest.average_path_length"] = Tensor([averageOfSample])
        }
        return tensors
    }

    /// A forest from its numbers; refused where they are none, so that no file can trap or loop.
    ///
    /// Tensors of other names are left to others. An imported forest may bring its own average path
    /// length of a sample; without it that is c(sample).
    package init(
        tensors: [String: Tensor], parameters: Parameters
    ) throws(ModelFileError) {
        let own = ForestTensors(tensors, prefix: "forest.")
        var nodes = ForestNodes()
        nodes.treeOffsets = try own.vector("tree_offsets").int32s()
        nodes.feature = try own.vector("feature").int32s()
        nodes.threshold = try own.vector("threshold").doubles()
        nodes.firstChild = try own.vector("first_child").int32s()
        nodes.missingGoesRight = try own.vector("missing_goes_right").uint8s()
        nodes.cover = try own.vector("cover").int32s().map { Double($0) }
        nodes.leafValue = try own.vector("leaf_path_length").doubles()
        let columnCount = try own.columnCount()
        // A path is at most the height limit plus the average over the leaf's rows.
        try nodes.validate(columnCount: columnCount, leafValues: 0...1_000)
        self.init(
            nodes: nodes, columnCount: columnCount, sampleCount: try own.sampleCount(),
            parameters: parameters, averageOfSample: try own.averagePathLength())
    }
}
