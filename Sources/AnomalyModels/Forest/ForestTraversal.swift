/// The nodes of a forest packed for walking: 16 bytes each, so one step reads one cache line.
///
/// A leaf is its own left child and compares with NaN, so a walk may go on at a leaf without moving.
/// All walks through a tree thus take as many steps as the tree is high, without a branch, and
/// several of them run side by side to hide the latency of the loads.
struct ForestTraversal: Sendable {
    struct Node {
        var threshold: Double
        /// The column, with the side of missing values (1: right) in the highest bit.
        var column: UInt32
        var firstChild: UInt32
    }

    private let nodes: [Node]
    private let leafValue: [Double]
    private let roots: [UInt32]
    private let heights: [Int]

    /// The packed form of validated nodes.
    init(_ forest: ForestNodes) {
        nodes = (0..<forest.nodeCount).map { node in
            guard forest.feature[node] >= 0 else {
                return Node(threshold: .nan, column: 0, firstChild: UInt32(node))
            }
            return Node(
                threshold: forest.threshold[node],
                column: UInt32(forest.feature[node]) | UInt32(forest.missingGoesRight[node]) << 31,
                firstChild: UInt32(forest.firstChild[node]))
        }
        leafValue = forest.leafValue
        roots = forest.treeOffsets.dropLast().map { UInt32($0) }
        heights = (0..<forest.treeCount).map { forest.height(ofTree: $0) }
    }

    /// The sum over all trees of the value of the leaf that a row reaches.
    func leafTotal(_ row: UnsafePointer<Double>) -> Double {
        nodes.withUnsafeBufferPointer { nodes in
            leafValue.withUnsafeBufferPointer { leafValue in
                var total = 0.0
                var tree = 0
                while tree + 4 <= roots.count {
                    let height = max(
                        max(heights[tree], heights[tree + 1]),
                        max(heights[tree + 2], heights[tree + 3]))
                    var (a, b, c, d) = (
                        roots[tree], roots[tree + 1], roots[tree + 2], roots[tree + 3]
                    )
                    for _ in 0..<height {
                        a = Self.step(nodes, a, row)
                        b = Self.step(nodes, b, row)
                        c = Self.step(nodes, c, row)
                        d = Self.step(nodes, d, row)
                    }
                    total += leafValue[Int(a)]
                    total += leafValue[Int(b)]
                    total += leafValue[Int(c)]
                    total += leafValue[Int(d)]
                    tree += 4
                }
                while tree < roots.count {
                    var node = roots[tree]
                    for _ in 0..<heights[tree] { node = Self.step(nodes, node, row) }
                    total += leafValue[Int(node)]
                    tree += 1
                }
                return total
            }
        }
    }

    /// Sets `totals` to `leafTotal` of rows that follow each other in memory.
    ///
    /// Tree by tree, so that one tree's nodes stay in the nearest cache; each row's values are
    /// added in the order of the trees, so the sums have the same bits as row by row.
    func sumLeaves(
        _ rows: UnsafePointer<Double>, columnCount: Int,
        to totals: UnsafeMutableBufferPointer<Double>
    ) {
        totals.update(repeating: 0)
        nodes.withUnsafeBufferPointer { nodes in
            leafValue.withUnsafeBufferPointer { leafValue in
                for tree in 0..<roots.count {
                    let root = roots[tree]
                    let height = heights[tree]
                    var index = 0
                    while index + 4 <= totals.count {
                        let row = rows + index * columnCount
                        var (a, b, c, d) = (root, root, root, root)
                        for _ in 0..<height {
                            a = Self.step(nodes, a, row)
                            b = Self.step(nodes, b, row + columnCount)
                            c = Self.step(nodes, c, row + 2 * columnCount)
                            d = Self.step(nodes, d, row + 3 * columnCount)
                        }
                        totals[index] += leafValue[Int(a)]
                        totals[index + 1] += leafValue[Int(b)]
                        totals[index + 2] += leafValue[Int(c)]
                        totals[index + 3] += leafValue[Int(d)]
                        index += 4
                    }
                    while index < totals.count {
                        let row = rows + index * columnCount
                        var node = root
                        for _ in 0..<height { node = Self.step(nodes, node, row) }
                        totals[index] += leafValue[Int(node)]
                        index += 1
                    }
                }
            }
        }
    }

    @inline(__always)
    private static func step(
        _ nodes: UnsafeBufferPointer<Node>, _ index: UInt32, _ row: UnsafePointer<Double>
    ) -> UInt32 {
        let node = nodes[Int(index)]
        let value = row[Int(node.column & 0x7FFF_FFFF)]
        let right: UInt32 = value >= node.threshold ? 1 : 0
        let missing: UInt32 = value.isNaN ? 1 : 0
        return node.firstChild + (right | (missing & (node.column >> 31)))
    }
}

extension ForestNodes {
    /// The number of splits on the longest path from a tree's root.
    func height(ofTree tree: Int) -> Int {
        let range = nodes(ofTree: tree)
        var depth = [Int](repeating: 0, count: range.count)
        for node in range where firstChild[node] >= 0 {
            let own = depth[node - range.lowerBound]
            let left = Int(firstChild[node]) - range.lowerBound
            depth[left] = own + 1
            depth[left + 1] = own + 1
        }
        return depth.max() ?? 0
    }
}
