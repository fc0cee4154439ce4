extension HyperplaneNodes {
    /// Refuses arrays that are no forest of binary trees over `columnCount` columns.
    ///
    /// After it any walk from a root ends at a leaf and reads only what is there, whoever wrote the
    /// arrays.
    func validate(columnCount: Int) throws(ModelFileError) {
        let counts = [missingGoesRight.count, cover.count, leafPathLength.count]
        guard counts.allSatisfy({ $0 == nodeCount }), termOffsets.count == nodeCount + 1 else {
            throw ModelFileError(
                code: .wrongShape, message: "The node arrays of the forest differ in length.")
        }
        guard nodeCount <= ForestNodes.nodeCountMax,
            terms.count <= ExtendedIsolationForest.termCountMax
        else {
            throw ModelFileError(
                code: .oversized,
                message: "The forest has \(nodeCount) nodes and \(terms.count) terms.")
        }
        guard treeOffsets.count >= 2, treeOffsets.first == 0,
            treeOffsets.last == Int32(nodeCount), isAscending(treeOffsets, strictly: true)
        else {
            throw ModelFileError(
                code: .invalidModel, message: "The tree offsets do not divide the nodes into trees."
            )
        }
        guard termOffsets.first == 0, termOffsets.last == Int32(terms.count),
            isAscending(termOffsets, strictly: false), terms.allSatisfy({ $0.isValid(columnCount) })
        else {
            throw ModelFileError(
                code: .invalidModel, message: "The hyperplanes' terms are none of the columns.")
        }
        for tree in 0..<treeCount { try validateTree(tree) }
    }

    private func isAscending(_ offsets: [Int32], strictly: Bool) -> Bool {
        zip(offsets, offsets.dropFirst()).allSatisfy { strictly ? $0 < $1 : $0 <= $1 }
    }

    private func validateTree(_ tree: Int) throws(ModelFileError) {
        let range = nodes(ofTree: tree)
        var depth = [Int](repeating: -1, count: range.count)
        depth[0] = 0
        for node in range {
            let own = depth[node - range.lowerBound]
            guard own >= 0, own <= ForestNodes.heightMax, cover[node] >= 0,
                (0...1_000).contains(leafPathLength[node])
            else { throw invalid(node, "is no node of its tree") }
            let hasTerms = termOffsets[node] < termOffsets[node + 1]
            guard firstChild[node] >= 0 else {
                guard firstChild[node] == -1, !hasTerms, missingGoesRight[node] == 0 else {
                    throw invalid(node, "is neither a leaf nor a split")
                }
                continue
            }
            let left = Int(firstChild[node])
            guard hasTerms, missingGoesRight[node] <= 1, left > node, left < range.upperBound - 1
            else { throw invalid(node, "has no hyperplane or children outside its tree") }
            let (sum, overflow) = cover[left].addingReportingOverflow(cover[left + 1])
            guard !overflow, sum == cover[node] else {
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

    private func invalid(_ node: Int, _ reason: String) -> ModelFileError {
        ModelFileError(code: .invalidModel, message: "Node \(node) of the forest \(reason).")
    }
}

extension HyperplaneNodes.Term {
    /// Whether sums of such terms stay finite and read only columns that are there.
    fileprivate func isValid(_ columnCount: Int) -> Bool {
        (0..<columnCount).contains(Int(column)) && abs(weight) <= 1e6
            && abs(center) <= ExtendedIsolationForest.valueMax
    }
}
