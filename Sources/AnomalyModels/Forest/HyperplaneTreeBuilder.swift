/// Grows one tree of an extended isolation forest on its sample.
///
/// A hyperplane's normal has independent standard normal parts, its point is uniform in the box
/// around the node's rows. Where it misses the rows one child is an empty leaf, as in the paper.
struct HyperplaneTreeBuilder {
    private let columnCount: Int
    private let termCountMax: Int
    private let heightLimit: Int
    /// The sampled rows, one after the other.
    private let sample: [Double]
    private var order: [Int]
    private var columns: [Int]
    private var random: SeededRandom
    private var tree = HyperplaneNodes()

    /// Copies the sample: its rows are drawn without replacement by the tree's own random stream.
    init(
        _ matrix: FeatureMatrix, sampleSize: Int, heightLimit: Int, termCountMax: Int,
        random source: SeededRandom
    ) {
        random = source
        self.heightLimit = heightLimit
        self.termCountMax = termCountMax
        columnCount = matrix.columnCount
        let rows = random.sample(sampleSize, below: matrix.rowCount)
        order = Array(rows.indices)
        columns = Array(0..<columnCount)
        sample = matrix.selecting(rows: rows).values.map(boundedValue)
    }

    /// The grown tree, its nodes in breadth-first order.
    mutating func build() -> HyperplaneNodes {
        var pending: [(rows: Range<Int>, depth: Int)] = []
        func grow(_ rows: Range<Int>, _ depth: Int) {
            pending.append((rows, depth))
            tree.firstChild.append(-1)
            tree.missingGoesRight.append(0)
            tree.cover.append(Int32(rows.count))
            tree.leafPathLength.append(Double(depth) + averagePathLength(rows.count))
        }
        grow(order.indices, 0)
        var node = 0
        while node < pending.count {
            let (rows, depth) = pending[node]
            if rows.count > 1, depth < heightLimit, drawTerms(rows) {
                let middle = partition(rows, node)
                tree.firstChild[node] = Int32(pending.count)
                tree.leafPathLength[node] = 0
                grow(rows.lowerBound..<middle, depth + 1)
                grow(middle..<rows.upperBound, depth + 1)
            }
            tree.termOffsets.append(Int32(tree.terms.count))
            node += 1
        }
        tree.treeOffsets.append(Int32(tree.nodeCount))
        return tree
    }

    /// Adds the terms of a random hyperplane; false where no column varies among the rows.
    private mutating func drawTerms(_ rows: Range<Int>) -> Bool {
        let first = tree.terms.count
        for tried in 0..<columnCount where tree.terms.count - first < termCountMax {
            columns.swapAt(tried, tried + random.index(below: columnCount - tried))
            let column = columns[tried]
            guard let (lowest, highest) = range(of: column, in: rows) else { continue }
            let share = random.uniform()
            tree.terms.append(
                HyperplaneNodes.Term(
                    weight: random.normal(), center: highest * (1 - share) + lowest * share,
                    column: Int32(column)))
        }
        return tree.terms.count > first
    }

    /// The smallest and largest present values, or nil where they are the same or there are none.
    private func range(of column: Int, in rows: Range<Int>) -> (Double, Double)? {
        var lowest = Double.infinity
        var highest = -Double.infinity
        for position in rows {
            let value = sample[order[position] * columnCount + column]
            lowest = value < lowest ? value : lowest
            highest = value > highest ? value : highest
        }
        return lowest < highest ? (lowest, highest) : nil
    }

    /// Brings the rows of the left side before those of the right one; the first of the right.
    ///
    /// Rows without any of the columns go, all of the node, to one side, which is drawn with the
    /// shares of the two children as probabilities.
    private mutating func partition(_ rows: Range<Int>, _ node: Int) -> Int {
        let sides = sides(of: rows)
        let rightCount = sides.count { $0 == true }
        let presentCount = sides.count { $0 != nil }
        let missingRight = random.uniform() * Double(presentCount) < Double(rightCount)
        tree.missingGoesRight[node] = missingRight ? 1 : 0
        let own = order[rows]
        let left = zip(own, sides).filter { !($1 ?? missingRight) }.map(\.0)
        let right = zip(own, sides).filter { $1 ?? missingRight }.map(\.0)
        order.replaceSubrange(rows, with: left + right)
        return rows.lowerBound + left.count
    }

    /// Whether each row lies beyond the hyperplane drawn last; nil without any of its columns.
    private func sides(of rows: Range<Int>) -> [Bool?] {
        sample.withUnsafeBufferPointer { sample in
            tree.terms.withUnsafeBufferPointer { terms in
                guard let start = sample.baseAddress, let end = tree.termOffsets.last else {
                    return []
                }
                let own = UnsafeBufferPointer(rebasing: terms[Int(end)...])
                return rows.map { goesRight(start + order[$0] * columnCount, own) }
            }
        }
    }
}
