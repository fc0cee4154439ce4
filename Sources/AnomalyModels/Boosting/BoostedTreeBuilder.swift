import ParallelLoops

/// Grows one tree after the other on the gradients of its rows.
///
/// A node's histogram is counted for the smaller of two children alone; the larger one's is the
/// parent's less that. Trees are grown depth first, so no more histograms are kept than a path has
/// nodes.
struct BoostedTreeBuilder: ~Copyable {
    private let matrix: BinnedMatrix
    private let parameters: GradientBoostedTrees.Parameters
    private let units: GradientUnits
    private let search: SplitSearch
    private let threadCount: Int
    /// What each row of the matrix adds to its nodes.
    private let terms: Scratch<NodeSum>
    /// The rows of the tree; a node's are next to each other.
    private let rows: Scratch<UInt32>
    private let spareRows: Scratch<UInt32>
    /// The gradients of the node that is counted, in the order of its rows.
    private let gradients: Scratch<GradientSum>
    private let histograms: Scratch<GradientSum>
    private let candidates: Scratch<SplitCandidate>
    /// The columns that the tree may split on.
    private var columns: [Int] = []
    private var tree = ForestNodes()
    private var leaves: [Leaf] = []

    /// A leaf of the tree that was built last, and where its rows lie.
    struct Leaf {
        var node: Int
        var rows: Range<Int>
    }

    init(
        _ matrix: BinnedMatrix, units: GradientUnits,
        parameters: GradientBoostedTrees.Parameters, threadCount: Int
    ) {
        self.matrix = matrix
        self.units = units
        self.parameters = parameters
        // Below some work per pass, waking a thread costs more than it takes off.
        let useful = matrix.rowCount * matrix.columns.count / 65_536
        self.threadCount = max(1, min(threadCount, useful))
        search = SplitSearch(parameters, units: units)
        terms = Scratch(uninitializedCount: matrix.rowCount)
        rows = Scratch(uninitializedCount: matrix.rowCount)
        spareRows = Scratch(uninitializedCount: matrix.rowCount)
        gradients = Scratch(uninitializedCount: matrix.rowCount)
        histograms = Scratch(
            uninitializedCount: max((parameters.depthMax + 1) * matrix.binCount, 1))
        candidates = Scratch(
            repeating: SplitCandidate(), count: max(2 * matrix.columns.count, 1))
    }

    /// Sets what a row adds to its nodes.
    func setTerms(_ row: Int, _ sum: NodeSum) { terms[row] = sum }

    /// Grows a tree on the given rows and columns; nil where no split gains.
    mutating func build(rows chosen: [UInt32], columns: [Int], weightUnit: Double) -> ForestNodes? {
        self.columns = columns
        tree = ForestNodes()
        leaves = []
        var sum = NodeSum.zero
        for (position, row) in chosen.enumerated() {
            rows[position] = row
            sum &+= terms[Int(row)]
        }
        let root = Node(index: 0, rows: 0..<chosen.count, sum: sum, depth: 0)
        appendLeaf(sum, weightUnit)
        guard search.canSplit(sum) else { return nil }
        guard let split = findSplits(small: root, histogram: 0, large: nil).small else {
            return nil
        }
        grow(root, split, histogram: 0, weightUnit)
        tree.treeOffsets.append(Int32(tree.nodeCount))
        return tree
    }

    /// The rows of the leaves of the last tree.
    func forEachLeaf(_ body: (_ node: Int, _ rows: UnsafeBufferPointer<UInt32>) -> Void) {
        for leaf in leaves {
            body(leaf.node, UnsafeBufferPointer(rebasing: rows.buffer[leaf.rows]))
        }
    }

    private struct Node {
        var index: Int
        var rows: Range<Int>
        var sum: NodeSum
        var depth: Int
    }

    private struct Split {
        var column: Int
        var cut: Int
        var missingSide: SplitCandidate.MissingSide
    }

    private mutating func appendLeaf(_ sum: NodeSum, _ weightUnit: Double) {
        let step = units.step(sum, regularization: parameters.regularization)
        tree.appendLeaf(
            cover: Double(sum.w) * weightUnit, value: parameters.learningRate * step)
    }

    /// Divides a node, whose histogram is there, and then its children.
    private mutating func grow(_ node: Node, _ split: Split, histogram: Int, _ weightUnit: Double) {
        let column = matrix.columns[split.column]
        let (middle, left, right) = partition(node.rows, by: split)
        let missingRight =
            split.missingSide == .right || (split.missingSide == .heavier && right.w > left.w)
        // Behind the last bin of values there are only missing ones.
        let threshold =
            split.cut < column.thresholds.count
            ? column.thresholds[split.cut] : .greatestFiniteMagnitude
        let first = tree.nodeCount
        tree.split(
            node.index, feature: split.column, threshold: threshold, missingRight: missingRight)
        appendLeaf(left, weightUnit)
        appendLeaf(right, weightUnit)
        var small = Node(
            index: first, rows: node.rows.lowerBound..<middle, sum: left, depth: node.depth + 1)
        var large = Node(
            index: first + 1, rows: middle..<node.rows.upperBound, sum: right,
            depth: node.depth + 1)
        // By weight, so that the order of the nodes is that of rows repeated instead.
        if small.sum.w > large.sum.w { swap(&small, &large) }
        let mayGrow = node.depth + 1 < parameters.depthMax
        guard mayGrow, search.canSplit(small.sum) || search.canSplit(large.sum) else {
            leaves.append(Leaf(node: small.index, rows: small.rows))
            leaves.append(Leaf(node: large.index, rows: large.rows))
            return
        }
        let splits = findSplits(small: small, histogram: histogram + 1, large: large)
        for (child, split, own) in [
            (small, splits.small, histogram + 1), (large, splits.large, histogram),
        ] {
            if let split {
                // A large child's own children are counted where the small one's histogram was.
                grow(child, split, histogram: own, weightUnit)
            } else {
                leaves.append(Leaf(node: child.index, rows: child.rows))
            }
        }
    }

    /// Counts the histogram of a node and looks for its split.
    ///
    /// The histogram before it is that of its parent; where the sibling is given it becomes that of
    /// the sibling, and the split of that is looked for too.
    private func findSplits(
        small: Node, histogram: Int, large: Node?
    ) -> (small: Split?, large: Split?) {
        let (allRows, terms, ordered) = (self.rows.buffer, terms.buffer, gradients.buffer)
        for index in 0..<small.rows.count {
            ordered[index] = terms[Int(allRows[small.rows.lowerBound &+ index])].lowHalf
        }
        let own = histograms.shared.dropFirst(histogram * matrix.binCount)
        let parent =
            large == nil ? nil : histograms.shared.dropFirst((histogram - 1) * matrix.binCount)
        let (matrix, search, columns) = (self.matrix, self.search, self.columns)
        let smallTotal = search.canSplit(small.sum) ? small.sum.lowHalf : nil
        let largeTotal = large.flatMap { search.canSplit($0.sum) ? $0.sum.lowHalf : nil }
        let rowCount = small.rows.count
        let rows = rows.shared.dropFirst(small.rows.lowerBound)
        let gradients = gradients.shared
        let candidates = candidates.shared
        let groupSize = GradientHistogram.groupSize
        matrix.codes.withShared { codes in
            parallelForChunks(
                count: (columns.count + groupSize - 1) / groupSize, chunkSize: 4,
                threadCount: threadCount
            ) { groups, _ in
                for group in groups {
                    let range = group * groupSize..<min((group + 1) * groupSize, columns.count)
                    for column in columns[range] {
                        let bins = matrix.columns[column].bins
                        own.fill(bins, with: .zero)
                    }
                    GradientHistogram.add(
                        rows.pointer(to: 0), gradients.pointer(to: 0), rowCount: rowCount,
                        codes: codes, matrix: matrix, columns: columns[range],
                        to: own.pointer(to: 0))
                    for position in range {
                        let column = matrix.columns[columns[position]]
                        if let parent {
                            for bin in column.bins { parent[bin] = parent[bin] &- own[bin] }
                            if let largeTotal {
                                candidates[2 * position + 1] = search.best(
                                    parent.pointer(to: column.offset), column: column,
                                    total: largeTotal)
                            }
                        }
                        if let smallTotal {
                            candidates[2 * position] = search.best(
                                own.pointer(to: column.offset), column: column, total: smallTotal)
                        }
                    }
                }
            }
        }
        return (
            smallTotal == nil ? nil : bestSplit(of: small, candidateOffset: 0),
            largeTotal == nil ? nil : large.flatMap { bestSplit(of: $0, candidateOffset: 1) }
        )
    }

    /// The best column's split, the first of equal ones; nil where it gains too little.
    private func bestSplit(of node: Node, candidateOffset: Int) -> Split? {
        var best = SplitCandidate()
        var chosen = -1
        for position in columns.indices {
            let candidate = candidates[2 * position + candidateOffset]
            if candidate.score > best.score { (best, chosen) = (candidate, columns[position]) }
        }
        guard chosen >= 0 else { return nil }
        // Rounding alone must not count as a gain.
        let difference = best.score - search.score(node.sum)
        guard difference > 1e-12 * best.score,
            search.gain(scoreDifference: difference) > parameters.splitGainMin
        else { return nil }
        return Split(column: chosen, cut: Int(best.cut), missingSide: best.missingSide)
    }

    /// Brings the rows of the left side before those of the right one, each in their order.
    private func partition(
        _ range: Range<Int>, by split: Split
    ) -> (middle: Int, left: NodeSum, right: NodeSum) {
        let column = matrix.columns[split.column]
        return matrix.codes.withUnsafeBufferPointer { codes in
            partition(
                range, by: split, column,
                codes: UnsafeBufferPointer(
                    rebasing: codes.dropFirst(split.column * matrix.rowCount)))
        }
    }

    private func partition(
        _ range: Range<Int>, by split: Split, _ column: BinnedMatrix.Column,
        codes: UnsafeBufferPointer<UInt8>
    ) -> (middle: Int, left: NodeSum, right: NodeSum) {
        let (rows, spareRows, terms) = (rows.buffer, spareRows.buffer, terms.buffer)
        let missing = column.hasMissing ? column.valueBinCount : Int.max
        var middle = range.lowerBound
        var rightCount = 0
        var (left, right) = (NodeSum.zero, NodeSum.zero)
        for position in range {
            let row = rows[position]
            let code = Int(codes[Int(row)])
            let goesRight = code == missing ? split.missingSide == .right : code > split.cut
            if goesRight {
                spareRows[rightCount] = row
                rightCount += 1
                right &+= terms[Int(row)]
            } else {
                rows[middle] = row
                middle += 1
                left &+= terms[Int(row)]
            }
        }
        for index in 0..<rightCount { rows[middle + index] = spareRows[index] }
        return (middle, left, right)
    }
}
