import ParallelLoops

extension GradientBoostedTrees {
    /// Fits trees to rows and their labels, `true` for anomalous.
    ///
    /// The same rows, weights and parameters give the same trees for any number of threads and, where
    /// no rows are drawn, in any order of the rows. A whole weight counts as so many equal rows, but for
    /// `leafRowsMin`; rows of weight 0 are left out. A missing value goes to the side where the loss
    /// falls more; where a node had none in training, to the side of the greater weight.
    ///
    /// No weight is negative, and the largest is at most a million times the smallest that is not 0;
    /// without weights all rows count alike.
    ///
    /// - Complexity: O(trees · (rows · depth + leaves · bins) · columns), and
    ///   O(columns · rows · log rows) for the bins.
    package static func fit(
        _ matrix: FeatureMatrix, labels: [Bool], weights: [Double]? = nil,
        parameters: Parameters, threadCount: Int = 1
    ) throws(ModelError) -> GradientBoostedTrees {
        try parameters.validate()
        let kept = try matrix.checkedTrainingRows(labels, weights: weights)
        guard kept.count == matrix.rowCount else {
            return try fit(
                matrix.selecting(rows: kept), labels: kept.map { labels[$0] },
                weights: weights.map { weights in kept.map { weights[$0] } },
                parameters: parameters, threadCount: threadCount)
        }
        let labels = try WeightedLabels(labels, weights: weights)
        let leafCount = min(1 << parameters.depthMax, matrix.rowCount)
        try checkNodeCount(
            2 * leafCount - 1, treeCount: parameters.treeCount, sampleCount: matrix.rowCount)
        var boosting = Boosting(matrix, labels, parameters, threadCount: threadCount)
        for tree in 0..<parameters.treeCount {
            guard boosting.addTree(tree) || boosting.drawsAtRandom else { break }
        }
        if boosting.nodes.treeCount == 0 {
            // No split gains: one tree that says nothing, as a forest has at least one.
            boosting.nodes.appendLeaf(cover: labels.totalWeight, value: 0)
            boosting.nodes.treeOffsets.append(1)
        }
        return GradientBoostedTrees(
            nodes: boosting.nodes, columnCount: matrix.columnCount,
            baseMargin: labels.logOdds, parameters: parameters)
    }
}

/// The state of a fit between its trees.
private struct Boosting: ~Copyable {
    var nodes = ForestNodes()
    private let matrix: FeatureMatrix
    private let labels: WeightedLabels
    private let parameters: GradientBoostedTrees.Parameters
    private let units: GradientUnits
    /// The columns in which rows differ.
    private let columns: [Int]
    private var margins: [Double]
    private var builder: BoostedTreeBuilder

    init(
        _ matrix: FeatureMatrix, _ labels: WeightedLabels,
        _ parameters: GradientBoostedTrees.Parameters, threadCount: Int
    ) {
        self.matrix = matrix
        self.labels = labels
        self.parameters = parameters
        let binned = BinnedMatrix(
            matrix, labels: labels, binCountMax: parameters.binCount, threadCount: threadCount)
        columns = binned.columns.indices.filter { binned.columns[$0].canSplit }
        units = GradientUnits(totalWeight: labels.totalWeight, rowCount: matrix.rowCount)
        margins = [Double](repeating: labels.logOdds, count: matrix.rowCount)
        builder = BoostedTreeBuilder(
            binned, units: units, parameters: parameters, threadCount: threadCount)
    }

    /// Whether the next tree sees other rows or columns than the last one.
    var drawsAtRandom: Bool { parameters.rowShare < 1 || parameters.columnShare < 1 }

    /// Grows the next tree and takes its step; false where no split gains.
    mutating func addTree(_ tree: Int) -> Bool {
        var random = SeededRandom(seed: parameters.seed, stream: UInt64(tree))
        let rows = drawRows(&random)
        let columns = drawColumns(&random)
        for row in margins.indices {
            builder.setTerms(
                row,
                units.terms(
                    margin: margins[row], isAnomalous: labels.labels[row],
                    weight: labels.weight(row), weightUnits: labels.units[row]))
        }
        guard let grown = builder.build(rows: rows, columns: columns, weightUnit: labels.unit)
        else { return false }
        if rows.count == margins.count {
            builder.forEachLeaf { node, rows in
                for row in rows { margins[Int(row)] += grown.leafValue[node] }
            }
        } else {
            for row in margins.indices {
                margins[row] +=
                    grown.leafValue[
                        leaf(of: grown, rowStart: row * matrix.columnCount)]
            }
        }
        nodes.append(grown)
        return true
    }

    /// The rows that the tree sees, ascending.
    private func drawRows(_ random: inout SeededRandom) -> [UInt32] {
        let rowCount = margins.count
        guard parameters.rowShare < 1 else { return (0..<rowCount).map { UInt32($0) } }
        var missing = max(1, Int((Double(rowCount) * parameters.rowShare).rounded()))
        var rows: [UInt32] = []
        rows.reserveCapacity(missing)
        // Each row is taken with the share that is still to be drawn of those still to come.
        for row in 0..<rowCount where random.index(below: rowCount - row) < missing {
            rows.append(UInt32(row))
            missing -= 1
        }
        return rows
    }

    /// The columns that the tree may split on, ascending.
    private func drawColumns(_ random: inout SeededRandom) -> [Int] {
        guard parameters.columnShare < 1 else { return columns }
        let count = max(1, Int((Double(columns.count) * parameters.columnShare).rounded()))
        return random.sample(count, below: columns.count).sorted().map { columns[$0] }
    }

    /// The leaf that a row of the matrix reaches in a tree.
    private func leaf(of tree: ForestNodes, rowStart: Int) -> Int {
        var node = 0
        while tree.firstChild[node] >= 0 {
            let value = matrix.values[rowStart + Int(tree.feature[node])]
            node = Int(tree.firstChild[node]) + (tree.goesRight(value, at: node) ? 1 : 0)
        }
        return node
    }
}
