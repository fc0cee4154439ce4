// S. M. Lundberg et al., "From local explanations to global understanding with explainable AI for
// trees", Nature Machine Intelligence 2, 2020, 10.1038/s42256-019-0138-9: the Shapley values of the
// game whose coalition S has the value that the tree gives on average when the row decides at the
// splits on features in S and the training rows' shares decide at the others.
//
// Their recursion over coalition sizes is replaced by an integral (as in P. Yu et al., "Linear
// TreeShap", NeurIPS 2022, where it is a polynomial's inner product). At a leaf of value v whose path
// uses k features, feature i counts z_i (1 where the row passes all its edges, else 0) in S and r_i
// (the share of the training rows that pass them) outside. With w(s) = s! (k - s - 1)! / k! being the
// integral of t^s (1 - t)^(k - 1 - s) over [0, 1], its Shapley value is
//
//     v (z_i - r_i) ∫ Π_{j ≠ i} (t z_j + (1 - t) r_j) dt,
//
// a polynomial of degree k - 1, which Gauss-Legendre quadrature with k / 2 points integrates exactly.
// The products are carried down the tree and the sums over leaves up, four points at a time: the cost
// is O(nodes · k), and no coalition is enumerated.

/// How much each feature lengthens or shortens a row's mean path.
package struct PathLengthContributions: Sendable, Equatable {
    /// The mean path length over the training samples.
    package var expected: Double
    /// The row's mean path length: the expected one plus all contributions.
    package var pathLength: Double
    /// One Shapley value for each column; negative where the feature makes the row stranger.
    package var contributions: [Double]
}

extension IsolationForest {
    /// The exact Shapley values of a row's path length; all NaN where the row has another width.
    ///
    /// - Complexity: O(nodes · features on a path), without allocation beyond the result and one
    ///   tree's scratch memory.
    package func contributions(of row: [Double]) -> PathLengthContributions {
        guard row.count == columnCount else {
            return PathLengthContributions(
                expected: expectedPathLength, pathLength: .nan,
                contributions: [Double](repeating: .nan, count: columnCount))
        }
        var walk = ShapleyWalk(table: shapleyTable, columnCount: columnCount)
        for group in shapleyTable.points.indices { walk.add(row, group: group) }
        return PathLengthContributions(
            expected: expectedPathLength, pathLength: pathLength(row),
            contributions: walk.sums.map { $0.sum() / Double(treeCount) })
    }
}

/// One row's way through all trees at four quadrature points at a time.
private struct ShapleyWalk {
    /// What one tree's pass keeps for a node.
    struct State {
        /// The product of the factors along the path; on the way up the sum over the leaves below.
        var product = SIMD4<Double>(repeating: 1)
        /// 1 / (t z + (1 - t) r) of the node's edge.
        var inverse = SIMD4<Double>(repeating: 1)
        /// (z - r) / (t z + (1 - t) r).
        var slope = SIMD4<Double>(repeating: 0)
        var passes = true
    }

    let table: ShapleyTable
    /// The contribution of each column, the four points still apart.
    var sums: [SIMD4<Double>]
    private var states: [State]

    init(table: ShapleyTable, columnCount: Int) {
        self.table = table
        sums = [SIMD4<Double>](repeating: .zero, count: columnCount)
        states = [State](repeating: State(), count: max(table.treeNodeCountMax, 1))
    }

    /// Adds what the points of one group give for all trees.
    mutating func add(_ row: [Double], group: Int) {
        let points = table.points[group]
        // Paths with more than eight features are rare; their further groups pay for the division.
        let inverses =
            group == 0 ? table.inverses : table.edges.map { points.inverse(share: $0.share) }
        for tree in 0..<table.splitOffsets.count - 1 {
            let splits = table.splitOffsets[tree]..<table.splitOffsets[tree + 1]
            let edge = table.edgeOffsets[tree]
            states[0] = State(product: points.weight)
            goDown(row, splits, firstEdge: edge, inverses, points)
            goUp(splits)
        }
    }

    private mutating func goDown(
        _ row: [Double], _ splits: Range<Int>, firstEdge: Int, _ inverses: [SIMD4<Double>],
        _ points: QuadratureGroup
    ) {
        for index in splits {
            let split = table.splits[index]
            let value = row[Int(split.feature)]
            let goesRight = value.isNaN ? split.missingGoesRight : value >= split.threshold
            let same = states[Int(split.sameFeature)]
            let base = states[Int(split.node)].product * same.inverse
            for side in 0...1 {
                let child = Int(split.firstChild) + side
                let edge = table.edges[firstEdge + child]
                let passes = same.passes && goesRight == (side == 1)
                let plain = points.rest * edge.share
                let factor = passes ? plain + points.t : plain
                let inverse =
                    passes ? inverses[firstEdge + child] : points.inverseRest * edge.inverseShare
                states[child] = State(
                    product: base * factor * edge.factor, inverse: inverse,
                    slope: inverse * ((passes ? 1 : 0) - edge.share), passes: passes)
            }
        }
    }

    private mutating func goUp(_ splits: Range<Int>) {
        for index in splits.reversed() {
            let split = table.splits[index]
            let left = states[Int(split.firstChild)]
            let right = states[Int(split.firstChild) + 1]
            let above = states[Int(split.sameFeature)].slope
            // The edge above counts all leaves below it with its own factor; take these back.
            sums[Int(split.feature)] +=
                left.product * (left.slope - above) + right.product * (right.slope - above)
            states[Int(split.node)].product = left.product + right.product
        }
    }
}
