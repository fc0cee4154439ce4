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

/// One row's way through all trees at four quadrature points at a time.
struct ShapleyWalk {
    /// What one tree's pass keeps for a node.
    struct State {
        /// The product of the factors along the path; on the way up the sum over the leaves below.
        var product = SIMD4<Double>(repeating: 1)
        /// 1 / (t z + (1 - t) r) of the node's edge.
        var inverse = SIMD4<Double>(repeating: 1)
        /// (z - r) / (t z + (1 - t) r).
        var slope = SIMD4<Double>(repeating: 0)
    }

    let table: ShapleyTable
    /// The contribution of each column, the four points still apart.
    private var sums: [SIMD4<Double>]
    private var states: [State]
    /// z of each node's edge: 1 where the row passes it and those of the same feature above, else 0.
    private var passes: [Double]

    init(table: ShapleyTable, columnCount: Int) {
        self.table = table
        sums = [SIMD4<Double>](repeating: .zero, count: columnCount)
        states = [State](repeating: State(), count: max(table.treeNodeCountMax, 1))
        passes = [Double](repeating: 1, count: states.count)
    }

    /// The exact Shapley values of the sum of the leaf values that a row reaches, one for each column.
    mutating func contributions(of row: [Double]) -> [Double] {
        sums.withUnsafeMutableBufferPointer { $0.update(repeating: .zero) }
        for group in table.points.indices { add(row, group: group) }
        return sums.map { $0.sum() }
    }

    /// Adds what the points of one group give for all trees.
    private mutating func add(_ row: [Double], group: Int) {
        let points = table.points[group]
        // Paths with more than eight features are rare; their further groups pay for the division.
        let inverses =
            group == 0 ? table.inverses : table.edges.map { points.inverse(share: $0.share) }
        states[0] = State()
        for tree in 0..<table.splitOffsets.count - 1 {
            let splits = table.splits[table.splitOffsets[tree]..<table.splitOffsets[tree + 1]]
            let edges = table.edgeOffsets[tree]..<table.edgeOffsets[tree + 1]
            states[0].product = points.weight
            splits.withUnsafeBufferPointer { splits in
                states.withUnsafeMutableBufferPointer { states in
                    goDown(
                        row, splits, table.edges[edges], inverses[edges], points, states, &passes)
                    sums.withUnsafeMutableBufferPointer { goUp(splits, states, $0) }
                }
            }
        }
    }
}

/// From the root to the leaves: the products of all factors along each path.
///
/// Whether a row passes an edge is as good as random, so it is a factor here and not a branch.
private func goDown(
    _ row: [Double], _ splits: UnsafeBufferPointer<ShapleyTable.Split>,
    _ edges: ArraySlice<ShapleyTable.Edge>, _ inverses: ArraySlice<SIMD4<Double>>,
    _ points: QuadratureGroup, _ states: UnsafeMutableBufferPointer<ShapleyWalk.State>,
    _ passes: inout [Double]
) {
    row.withUnsafeBufferPointer { row in
        edges.withUnsafeBufferPointer { edges in
            inverses.withUnsafeBufferPointer { inverses in
                passes.withUnsafeMutableBufferPointer { passes in
                    for split in splits {
                        let value = row[Int(split.feature)]
                        let right =
                            (value >= split.threshold ? 1.0 : 0)
                            + (value.isNaN ? split.missingRight : 0)
                        let same = Int(split.sameFeature)
                        let base = states[Int(split.node)].product * states[same].inverse
                        let first = Int(split.firstChild)
                        passes[first + 1] = passes[same] * right
                        passes[first] = passes[same] * (1 - right)
                        for child in first...first + 1 {
                            let edge = edges[child]
                            let z = passes[child]
                            let factor = points.rest * edge.share + points.t * z
                            let inverse =
                                inverses[child] * z
                                + points.inverseRest * (edge.inverseShare * (1 - z))
                            states[child].product = base * factor * edge.factor
                            states[child].inverse = inverse
                            states[child].slope = inverse * (z - edge.share)
                        }
                    }
                }
            }
        }
    }
}

/// From the leaves to the root: the sums over the leaves below each edge, and what they contribute.
private func goUp(
    _ splits: UnsafeBufferPointer<ShapleyTable.Split>,
    _ states: UnsafeMutableBufferPointer<ShapleyWalk.State>,
    _ sums: UnsafeMutableBufferPointer<SIMD4<Double>>
) {
    for split in splits.reversed() {
        let left = Int(split.firstChild)
        let (leftSum, rightSum) = (states[left].product, states[left + 1].product)
        let above = states[Int(split.sameFeature)].slope
        // The edge above counts all leaves below it with its own factor; take these back.
        sums[Int(split.feature)] +=
            leftSum * (states[left].slope - above)
            + rightSum * (states[left + 1].slope - above)
        states[Int(split.node)].product = leftSum + rightSum
    }
}
