/// What the exact Shapley values of a forest need and no row changes.
///
/// For each edge, named by the node that it leads to: the share r of the training rows that pass all
/// edges of the same feature down to here, and where the last edge of that feature lies.
struct ShapleyTable: Sendable {
    /// A node with children, in ascending order within its tree.
    struct Split {
        var threshold: Double
        var feature: Int32
        /// The left child, counted from the tree's root.
        var firstChild: Int32
        /// The node, counted from the tree's root.
        var node: Int32
        /// The end of the last edge above that compares the same feature, counted from the tree's
        /// root; 0 (the root, whose share is 1) where there is none.
        var sameFeature: Int32
        /// 1 where a missing value goes right, else 0.
        var missingRight: Double
    }

    /// What belongs to the edge that leads to a node.
    struct Edge {
        var share: Double
        var inverseShare: Double
        /// The value of a leaf, 1 elsewhere: the factor of the product along the path.
        var factor: Double
    }

    let splits: [Split]
    let splitOffsets: [Int]
    let edges: [Edge]
    let edgeOffsets: [Int]
    /// The most nodes that one tree has.
    let treeNodeCountMax: Int
    /// Quadrature points in groups of four; together exact for the longest path.
    let points: [QuadratureGroup]
    /// 1 / (t + (1 - t) r) of each edge at the points of the first group.
    let inverses: [SIMD4<Double>]

    /// The table of validated nodes.
    init(_ forest: ForestNodes) {
        var splits: [Split] = []
        var splitOffsets = [0]
        var edges: [Edge] = []
        var pathFeatureCountMax = 1
        for tree in 0..<forest.treeCount {
            let ancestry = EdgeAncestry(forest, tree: tree)
            pathFeatureCountMax = max(pathFeatureCountMax, ancestry.pathFeatureCountMax)
            edges.append(contentsOf: ancestry.edges)
            splits.append(contentsOf: ancestry.splits)
            splitOffsets.append(splits.count)
        }
        points = QuadratureGroup.groups(pathFeatureCount: pathFeatureCountMax)
        inverses = edges.map { [first = points[0]] edge in first.inverse(share: edge.share) }
        treeNodeCountMax = (0..<forest.treeCount).map { forest.nodes(ofTree: $0).count }.max() ?? 0
        edgeOffsets = forest.treeOffsets.map { Int($0) }
        self.splits = splits
        self.splitOffsets = splitOffsets
        self.edges = edges
    }
}

/// Four quadrature points t, side by side.
struct QuadratureGroup: Sendable {
    let t: SIMD4<Double>
    let weight: SIMD4<Double>
    /// 1 - t and its inverse.
    let rest: SIMD4<Double>
    let inverseRest: SIMD4<Double>

    /// 1 / (t + (1 - t) r).
    func inverse(share: Double) -> SIMD4<Double> { 1 / (t + rest * share) }

    /// The points that integrate the product over a path with so many features exactly.
    ///
    /// Without the feature asked for, the product has a degree one less than their number.
    static func groups(pathFeatureCount: Int) -> [QuadratureGroup] {
        let groupCount = max(1, (pathFeatureCount + 7) / 8)
        let rule = GaussLegendre(nodeCount: groupCount * 4)
        return (0..<groupCount).map { group in
            let t = SIMD4(rule.nodes[group * 4..<group * 4 + 4])
            return QuadratureGroup(
                t: t, weight: SIMD4(rule.weights[group * 4..<group * 4 + 4]), rest: 1 - t,
                inverseRest: 1 / (1 - t))
        }
    }
}

/// The shares and the edges of the same feature along the paths of one tree.
private struct EdgeAncestry {
    var edges: [ShapleyTable.Edge] = []
    var splits: [ShapleyTable.Split] = []
    var pathFeatureCountMax = 0

    init(_ forest: ForestNodes, tree: Int) {
        let range = forest.nodes(ofTree: tree)
        let root = range.lowerBound
        edges = range.map { node in
            let factor = forest.feature[node] < 0 ? forest.leafValue[node] : 1
            return ShapleyTable.Edge(share: 1, inverseShare: 1, factor: factor)
        }
        var parent = [Int](repeating: -1, count: range.count)
        var featureCount = [Int](repeating: 0, count: range.count)
        for node in range where forest.feature[node] >= 0 {
            let own = node - root
            let first = Int(forest.firstChild[node]) - root
            var sameFeature = own
            while sameFeature > 0,
                forest.feature[root + parent[sameFeature]] != forest.feature[node]
            {
                sameFeature = parent[sameFeature]
            }
            for child in first...first + 1 {
                parent[child] = own
                featureCount[child] = featureCount[own] + (sameFeature == 0 ? 1 : 0)
                let share = forest.cover[root + child] / forest.cover[node]
                edges[child].share = edges[sameFeature].share * share
                edges[child].inverseShare = 1 / edges[child].share
            }
            pathFeatureCountMax = max(pathFeatureCountMax, featureCount[first])
            splits.append(
                ShapleyTable.Split(
                    threshold: forest.threshold[node], feature: forest.feature[node],
                    firstChild: Int32(first), node: Int32(own), sameFeature: Int32(sameFeature),
                    missingRight: Double(forest.missingGoesRight[node])))
        }
    }
}

extension ForestNodes {
    /// The sum over the trees of the leaf value that the training sample has on average.
    func expectedLeafTotal() -> Double {
        var total = 0.0
        for tree in 0..<treeCount {
            let range = nodes(ofTree: tree)
            let rows = cover[range.lowerBound]
            for node in range where feature[node] < 0 {
                total += leafValue[node] * (cover[node] / rows)
            }
        }
        return total
    }
}
