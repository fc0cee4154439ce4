extension ForestNodes {
    /// Upper bound of the nodes of a forest: what derived tables may take, about 100 bytes a node.
    package static let nodeCountMax = 1 << 21
    /// Upper bound of the columns of a forest that comes from a file.
    package static let columnCountMax = 1 << 20
    /// Upper bound of a tree's height; a sample of 256 rows cannot reach it.
    package static let heightMax = 256

    /// The smallest part of a tree's rows that a node may cover, so that shares and their inverses stay
    /// finite.
    static let coverShareMin = 0x1p-60

    /// Refuses arrays that are no forest of binary trees over `columnCount` columns, or have leaf values
    /// outside a range.
    ///
    /// After it any walk from a root ends at a leaf within `heightMax` steps and reads only what is
    /// there, whoever wrote the arrays.
    func validate(
        columnCount: Int, leafValues: ClosedRange<Double>
    ) throws(ModelFileError) {
        try validateSizes()
        try validateOffsets()
        for tree in 0..<treeCount {
            try validateTree(tree, columnCount: columnCount, leafValues: leafValues)
        }
    }

    private func validateSizes() throws(ModelFileError) {
        let counts = [
            threshold.count, firstChild.count, missingGoesRight.count, cover.count,
            leafValue.count,
        ]
        guard counts.allSatisfy({ $0 == nodeCount }) else {
            throw ModelFileError(
                code: .wrongShape, message: "The node arrays of the forest differ in length.")
        }
        guard nodeCount <= Self.nodeCountMax else {
            throw ModelFileError(
                code: .oversized,
                message: "The forest has \(nodeCount) nodes; the limit is \(Self.nodeCountMax).")
        }
    }

    private func validateOffsets() throws(ModelFileError) {
        guard treeOffsets.count >= 2, treeOffsets.first == 0,
            treeOffsets.last == Int32(nodeCount),
            zip(treeOffsets, treeOffsets.dropFirst()).allSatisfy({ $0 < $1 })
        else {
            throw ModelFileError(
                code: .invalidModel, message: "The tree offsets do not divide the nodes into trees."
            )
        }
    }

    private func validateTree(
        _ tree: Int, columnCount: Int, leafValues: ClosedRange<Double>
    ) throws(ModelFileError) {
        let range = nodes(ofTree: tree)
        var depth = [Int](repeating: -1, count: range.count)
        depth[0] = 0
        for node in range {
            let own = depth[node - range.lowerBound]
            guard own >= 0, own <= Self.heightMax else {
                throw invalid(node, "is reached from no parent, or is too deep")
            }
            guard cover[node] > 0, cover[node] <= 0x1p53,
                cover[node] >= cover[range.lowerBound] * Self.coverShareMin
            else { throw invalid(node, "covers no row, or more than can be counted") }
            guard feature[node] >= 0 else {
                try validateLeaf(node, leafValues)
                continue
            }
            let left = Int(firstChild[node])
            guard feature[node] < columnCount else { throw invalid(node, "compares no column") }
            guard threshold[node].isFinite else { throw invalid(node, "has no finite threshold") }
            guard left > node, left < range.upperBound - 1 else {
                throw invalid(node, "has children outside its tree")
            }
            guard cover[left] + cover[left + 1] == cover[node], missingGoesRight[node] <= 1 else {
                throw invalid(node, "does not share its rows among its children")
            }
            for child in left...left + 1 {
                guard depth[child - range.lowerBound] < 0 else {
                    throw invalid(child, "has two parents")
                }
                depth[child - range.lowerBound] = own + 1
            }
        }
    }

    private func validateLeaf(
        _ node: Int, _ leafValues: ClosedRange<Double>
    ) throws(ModelFileError) {
        guard feature[node] == -1, firstChild[node] == -1, missingGoesRight[node] == 0,
            threshold[node] == 0
        else { throw invalid(node, "is neither a leaf nor a split") }
        guard leafValues.contains(leafValue[node]) else {
            throw invalid(node, "has an impossible leaf value")
        }
    }

    private func invalid(_ node: Int, _ reason: String) -> ModelFileError {
        ModelFileError(code: .invalidModel, message: "Node \(node) of the forest \(reason).")
    }
}
