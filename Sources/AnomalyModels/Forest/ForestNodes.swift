/// The nodes of a forest as a structure of arrays, tree after tree.
///
/// The two children of a node are neighbours: the right one follows the left one. A child comes after
/// its parent, so a loop over ascending indices meets each parent first.
package struct ForestNodes: Sendable, Equatable {
    /// The index of each tree's root, and the number of all nodes at the end.
    package var treeOffsets: [Int32] = [0]
    /// The column that a node compares; -1 at a leaf.
    package var feature: [Int32] = []
    /// A value below the threshold goes left, any other right; 0 at a leaf.
    package var threshold: [Double] = []
    /// The index of the left child; -1 at a leaf.
    package var firstChild: [Int32] = []
    /// 1 where a missing value goes right, 0 where it goes left.
    package var missingGoesRight: [UInt8] = []
    /// The rows of the training sample that reached the node; the sum of their weights where they have some.
    package var cover: [Double] = []
    /// What a row that ends at a leaf gets from the tree; 0 elsewhere.
    ///
    /// In an isolation forest the leaf's depth plus the average path length of its cover.
    package var leafValue: [Double] = []

    /// The number of trees.
    package var treeCount: Int { treeOffsets.count - 1 }
    /// The number of nodes of all trees.
    package var nodeCount: Int { feature.count }

    /// The nodes of one tree.
    package func nodes(ofTree tree: Int) -> Range<Int> {
        Int(treeOffsets[tree])..<Int(treeOffsets[tree + 1])
    }

    /// Whether a row's value sends it to the right child of `node`.
    package func goesRight(_ value: Double, at node: Int) -> Bool {
        value.isNaN ? missingGoesRight[node] == 1 : value >= threshold[node]
    }

    /// Makes room for so many nodes.
    mutating func reserve(nodeCount: Int) {
        feature.reserveCapacity(nodeCount)
        threshold.reserveCapacity(nodeCount)
        firstChild.reserveCapacity(nodeCount)
        missingGoesRight.reserveCapacity(nodeCount)
        cover.reserveCapacity(nodeCount)
        leafValue.reserveCapacity(nodeCount)
    }

    /// Adds a leaf that is not yet split.
    mutating func appendLeaf(cover rows: Double, value: Double) {
        feature.append(-1)
        threshold.append(0)
        firstChild.append(-1)
        missingGoesRight.append(0)
        cover.append(rows)
        leafValue.append(value)
    }

    /// Turns a leaf into an inner node, whose children are appended next.
    mutating func split(
        _ node: Int, feature column: Int, threshold value: Double, missingRight: Bool
    ) {
        feature[node] = Int32(column)
        threshold[node] = value
        firstChild[node] = Int32(nodeCount)
        missingGoesRight[node] = missingRight ? 1 : 0
        leafValue[node] = 0
    }

    /// Adds the trees of another forest behind the own ones.
    mutating func append(_ other: ForestNodes) {
        let shift = Int32(nodeCount)
        treeOffsets.append(contentsOf: other.treeOffsets.dropFirst().map { $0 + shift })
        feature.append(contentsOf: other.feature)
        threshold.append(contentsOf: other.threshold)
        firstChild.append(contentsOf: other.firstChild.map { $0 < 0 ? $0 : $0 + shift })
        missingGoesRight.append(contentsOf: other.missingGoesRight)
        cover.append(contentsOf: other.cover)
        leafValue.append(contentsOf: other.leafValue)
    }
}
