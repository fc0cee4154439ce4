// J. H. Friedman, "Greedy function approximation: a gradient boosting machine", Annals of Statistics
// 29(5), 2001, 10.1214/aos/1013203451, with the second-order leaves and gains of T. Chen, C. Guestrin,
// "XGBoost: a scalable tree boosting system", KDD 2016, 10.1145/2939672.2939785.
//
// The margin F is the log-odds of the label. With p = 1 / (1 + e^-F), a row of weight w and label y has
// the gradient g = w (p - y) and the curvature h = w p (1 - p) of the logistic loss. With G and H, the
// sums over the rows of a node, a leaf adds -rate G / (H + λ), and a split gains
//
//     ½ (G_L² / (H_L + λ) + G_R² / (H_R + λ) - G² / (H + λ)).
//
// Different here: G and H are sums of integers (units of a power of two), so they depend neither on the
// order of the rows nor on the number of threads, and a histogram less that of a child is exactly that
// of the other child.

/// Trees that are fitted one after the other, each to what the ones before it leave unexplained.
package struct GradientBoostedTrees: SupervisedModel {
    /// What the trees were fitted with.
    package let parameters: Parameters
    /// The width of the rows that the trees judge.
    package let columnCount: Int
    /// The trees; covers are the sums of the rows' weights.
    package let nodes: ForestNodes
    /// The log-odds of the training labels, to which the trees add.
    package let baseMargin: Double
    /// The mean margin over the training rows by weight: what a row's contributions start from.
    package let expectedMargin: Double

    let traversal: ForestTraversal
    /// The form for many rows; nil where a tree is too large for it.
    let lanes: ForestLanes?
    private let shapleyTable: ShapleyTable

    /// Takes over nodes that are grown here or were validated.
    init(nodes: ForestNodes, columnCount: Int, baseMargin: Double, parameters: Parameters) {
        self.nodes = nodes
        self.columnCount = columnCount
        self.baseMargin = baseMargin
        self.parameters = parameters
        traversal = ForestTraversal(nodes)
        lanes = ForestLanes(nodes)
        shapleyTable = ShapleyTable(nodes)
        expectedMargin = baseMargin + nodes.expectedLeafTotal()
    }

    /// The number of trees: as many as asked for, or fewer where no further split gained.
    package var treeCount: Int { nodes.treeCount }

    package func margin(_ row: [Double]) -> Double {
        guard row.count == columnCount else { return .nan }
        return row.withUnsafeBufferPointer { row in
            guard let start = row.baseAddress else { return .nan }
            return baseMargin + traversal.leafTotal(start)
        }
    }

    package func contributions(_ row: [Double]) -> (expected: Double, values: [Double]) {
        guard row.count == columnCount else {
            return (.nan, [Double](repeating: .nan, count: row.count))
        }
        var walk = ShapleyWalk(table: shapleyTable, columnCount: columnCount)
        return (expectedMargin, walk.contributions(of: row))
    }

    package static func == (first: Self, second: Self) -> Bool {
        first.parameters == second.parameters && first.columnCount == second.columnCount
            && first.nodes == second.nodes
            && first.baseMargin.bitPattern == second.baseMargin.bitPattern
    }
}
