/// Packs a forest into `ForestLanes`: groups of trees, the thresholds' ranks, the leaves' numbers.
struct ForestLanesBuilder {
    private let forest: ForestNodes
    /// What a rank can count up to in a byte.
    private static let rankMax = 255

    private(set) var groups: [ForestLanes.Group] = []
    private(set) var columns: [ForestLanes.Column] = []
    private(set) var thresholds: [Double] = []
    private(set) var splits: [ForestLanes.Split] = []
    private(set) var splitOffsets = [0]
    private(set) var leafValues: [Double] = []
    private(set) var leafOffsets = [0]

    /// The splits of each column in the group that is being made.
    private var splitCounts: [Int32]

    init(_ forest: ForestNodes) {
        self.forest = forest
        splitCounts = [Int32](repeating: 0, count: Int(forest.feature.max() ?? 0) + 1)
    }

    /// Fills the arrays; false where a tree has too many leaves, or the forest too many columns.
    mutating func build() -> Bool {
        for tree in 0..<forest.treeCount {
            // A binary tree of n nodes has (n + 1) / 2 leaves.
            guard forest.nodes(ofTree: tree).count < 2 * ForestLanes.leafCountMax else {
                return false
            }
        }
        // Every group looks at all columns: not worth it where there are far more than splits.
        guard splitCounts.count <= max(1_024, forest.nodeCount) else { return false }
        var first = 0
        while first < forest.treeCount {
            let end = groupEnd(from: first)
            appendGroup(first..<end)
            first = end
        }
        return true
    }

    /// The end of the longest run of trees in which no column has too many thresholds.
    ///
    /// Equal thresholds are counted apart here: they are rare, and only make a group shorter.
    private mutating func groupEnd(from first: Int) -> Int {
        splitCounts.withUnsafeMutableBufferPointer { counts in
            counts.update(repeating: 0)
            for tree in first..<forest.treeCount {
                for node in forest.nodes(ofTree: tree) where forest.feature[node] >= 0 {
                    let count = counts[Int(forest.feature[node])] + 1
                    if tree > first, count > Self.rankMax { return tree }
                    counts[Int(forest.feature[node])] = count
                }
            }
            return forest.treeCount
        }
    }

    private mutating func appendGroup(_ trees: Range<Int>) {
        let first = Int(forest.treeOffsets[trees.lowerBound])
        let nodes = first..<Int(forest.treeOffsets[trees.upperBound])
        // Columns apart, so that only numbers are compared.
        var splitsOfColumn = [[(threshold: Double, node: Int)]](
            repeating: [], count: splitCounts.count)
        for node in nodes where forest.feature[node] >= 0 {
            splitsOfColumn[Int(forest.feature[node])].append((forest.threshold[node], node))
        }
        let firstColumn = columns.count
        var places = [(column: Int, rank: Int)](repeating: (0, 0), count: nodes.count)
        for (column, splits) in splitsOfColumn.enumerated() where !splits.isEmpty {
            let start = thresholds.count
            for split in splits.sorted(by: { $0.threshold < $1.threshold }) {
                if thresholds.count == start || split.threshold != thresholds.last {
                    thresholds.append(split.threshold)
                }
                places[split.node - nodes.lowerBound] = (
                    columns.count - firstColumn, thresholds.count - start - 1
                )
            }
            padThresholds(from: start)
            columns.append(
                ForestLanes.Column(column: column, thresholds: start..<thresholds.count))
        }
        groups.append(ForestLanes.Group(columns: firstColumn..<columns.count, trees: trees))
        for tree in trees { appendTree(tree, places, from: nodes.lowerBound) }
    }

    /// Pads a column's thresholds to a power of two less one, with what no value reaches.
    private mutating func padThresholds(from start: Int) {
        while (thresholds.count - start + 1) & (thresholds.count - start) != 0 {
            thresholds.append(.nan)
        }
    }

    private mutating func appendTree(
        _ tree: Int, _ places: [(column: Int, rank: Int)], from origin: Int
    ) {
        let range = forest.nodes(ofTree: tree)
        var slots = [UInt16](repeating: 0, count: range.count)
        var leafCount: UInt16 = 0
        for node in range where forest.feature[node] < 0 {
            slots[node - range.lowerBound] = leafCount
            leafCount += 1
            leafValues.append(forest.leafValue[node])
        }
        leafOffsets.append(leafValues.count)
        var splitSlot = UInt16(ForestLanes.leafCountMax)
        for node in range.reversed() where forest.feature[node] >= 0 {
            let left = Int(forest.firstChild[node]) - range.lowerBound
            let place = places[node - origin]
            splits.append(
                ForestLanes.Split(
                    rankColumn: UInt32(2 * place.column) + UInt32(forest.missingGoesRight[node]),
                    left: slots[left], right: slots[left + 1],
                    rank: Int8(truncatingIfNeeded: place.rank - 128)))
            slots[node - range.lowerBound] = splitSlot
            splitSlot += 1
        }
        splitOffsets.append(splits.count)
    }
}
