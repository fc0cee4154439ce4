import ParallelLoops

/// Grows one tree of an isolation forest on its sample.
///
/// Differences from the paper: a split falls on a column that still varies in the node (so no split is
/// wasted on a constant), and missing values go, all of one node, to one side, which is drawn with
/// the shares of the two children as probabilities.
struct IsolationTreeBuilder {
    private let columnCount: Int
    private let sampleCount: Int
    private let heightLimit: Int
    /// Column after column, so that looking for a column's range reads contiguous memory.
    private var sample: [Double] = []
    private var order: [Int]
    private var columns: [Int]
    private var random: SeededRandom

    /// Copies the sample: its rows are drawn without replacement by the tree's own random stream.
    init(_ matrix: FeatureMatrix, sampleSize: Int, heightLimit: Int, random source: SeededRandom) {
        random = source
        self.heightLimit = heightLimit
        columnCount = matrix.columnCount
        sampleCount = min(sampleSize, matrix.rowCount)
        order = Array(0..<sampleCount)
        columns = Array(0..<columnCount)
        let rows = random.sample(sampleCount, below: matrix.rowCount)
        sample = transposed(rows, of: matrix)
    }

    /// The grown tree, its nodes in breadth-first order.
    mutating func build() -> ForestNodes {
        var tree = ForestNodes()
        var pending: [(rows: Range<Int>, depth: Int)] = [(0..<sampleCount, 0)]
        tree.appendLeaf(cover: sampleCount, pathLength: averagePathLength(sampleCount))
        var node = 0
        while node < pending.count {
            let (rows, depth) = pending[node]
            if rows.count > 1, depth < heightLimit, let split = drawSplit(rows) {
                let middle = partition(rows, by: split)
                tree.split(
                    node, feature: split.column, threshold: split.threshold,
                    missingRight: split.missingRight)
                for part in [rows.lowerBound..<middle, middle..<rows.upperBound] {
                    let length = Double(depth + 1) + averagePathLength(part.count)
                    tree.appendLeaf(cover: part.count, pathLength: length)
                    pending.append((part, depth + 1))
                }
            }
            node += 1
        }
        tree.treeOffsets.append(Int32(tree.nodeCount))
        return tree
    }

    private struct Split {
        var column: Int
        var threshold: Double
        var missingRight: Bool
    }

    /// A random split of the rows, or nil where no column varies among them.
    private mutating func drawSplit(_ rows: Range<Int>) -> Split? {
        for tried in 0..<columnCount {
            columns.swapAt(tried, tried + random.index(below: columnCount - tried))
            let column = columns[tried]
            guard let (lowest, highest) = range(of: column, in: rows) else { continue }
            let threshold = drawThreshold(above: lowest, upTo: highest)
            return Split(
                column: column, threshold: threshold,
                missingRight: drawMissingSide(column, threshold, rows))
        }
        return nil
    }

    /// Uniform in (lowest, highest], so that both sides get at least one row.
    private mutating func drawThreshold(above lowest: Double, upTo highest: Double) -> Double {
        let share = random.uniform()
        // Weighted so, and not as lowest + share * (highest - lowest), the range cannot overflow.
        let threshold = min(highest * (1 - share) + lowest * share, highest)
        return threshold > lowest ? threshold : highest
    }

    private mutating func drawMissingSide(
        _ column: Int, _ threshold: Double, _ rows: Range<Int>
    ) -> Bool {
        var present = 0
        var right = 0
        for position in rows {
            let value = sample[column * sampleCount + order[position]]
            present += value.isNaN ? 0 : 1
            right += value >= threshold ? 1 : 0
        }
        return random.uniform() * Double(present) < Double(right)
    }

    /// The smallest and largest present values, or nil where they are the same or there are none.
    private func range(of column: Int, in rows: Range<Int>) -> (Double, Double)? {
        var lowest = Double.infinity
        var highest = -Double.infinity
        for position in rows {
            let value = sample[column * sampleCount + order[position]]
            lowest = value < lowest ? value : lowest
            highest = value > highest ? value : highest
        }
        return lowest < highest ? (lowest, highest) : nil
    }

    /// Brings the rows of the left side before those of the right one; the first of the right.
    private mutating func partition(_ rows: Range<Int>, by split: Split) -> Int {
        var middle = rows.lowerBound
        for position in rows {
            let value = sample[split.column * sampleCount + order[position]]
            let goesRight = value.isNaN ? split.missingRight : value >= split.threshold
            if !goesRight {
                order.swapAt(middle, position)
                middle += 1
            }
        }
        return middle
    }
}

/// The values of some rows, column after column; infinite ones are the largest finite ones, so that
/// ranges stay finite.
///
/// Row by row, as a row lies in one place and the table may be too large for any cache.
private func transposed(_ rows: [Int], of matrix: FeatureMatrix) -> [Double] {
    let columnCount = matrix.columnCount
    let rowCount = rows.count
    let bound = Double.greatestFiniteMagnitude
    return matrix.values.withShared { values in
        makeArray(count: rowCount * columnCount) { sample in
            for position in 0..<rowCount {
                let row = values.pointer(to: rows[position] * columnCount)
                for column in 0..<columnCount {
                    let value = row[column]
                    sample[column * rowCount + position] =
                        value.isInfinite ? (value < 0 ? -bound : bound) : value
                }
            }
        }
    }
}
