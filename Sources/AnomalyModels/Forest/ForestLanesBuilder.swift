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
    private(set) var pathLengths: [Double] = []
    private(set) var leafOffsets = [0]

    init(_ forest: ForestNodes) { self.forest = forest }

    /// Fills the arrays; false where a tree has too many leaves.
    mutating func build() -> Bool {
        for tree in 0..<forest.treeCount {
            // A binary tree of n nodes has (n + 1) / 2 leaves.
            guard forest.nodes(ofTree: tree).count < 2 * ForestLanes.leafCountMax else {
                return false
            }
        }
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
    private func groupEnd(from first: Int) -> Int {
        var counts: [Int32: Int] = [:]
        for tree in first..<forest.treeCount {
            for node in forest.nodes(ofTree: tree) where forest.feature[node] >= 0 {
                counts[forest.feature[node], default: 0] += 1
                if tree > first, counts[forest.feature[node], default: 0] > Self.rankMax {
                    return tree
                }
            }
        }
        return forest.treeCount
    }

    private mutating func appendGroup(_ trees: Range<Int>) {
        let nodes =
            Int(
                forest.treeOffsets[trees.lowerBound])..<Int(
                forest.treeOffsets[trees.upperBound])
        // Columns apart, so that only numbers are compared.
        var splitsOfColumn: [Int32: [(threshold: Double, node: Int)]] = [:]
        for node in nodes where forest.feature[node] >= 0 {
            splitsOfColumn[forest.feature[node], default: []].append((forest.threshold[node], node))
        }
        let firstColumn = columns.count
        var places = [(column: Int, rank: Int)](repeating: (0, 0), count: nodes.count)
        for (column, splits) in splitsOfColumn.sorted(by: { $0.key < $1.key }) {
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
                ForestLanes.Column(column: Int(column), thresholds: start..<thresholds.count))
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
            pathLengths.append(forest.leafPathLength[node])
        }
        leafOffsets.append(pathLengths.count)
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
