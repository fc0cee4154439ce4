import ParallelLoops

/// Grows one tree of an isolation forest on its sample.
///
/// Differences from the paper: a split falls on a column that still varies in the node (so no split is
/// wasted on a constant), and missing values go, all of one node, to one side, which is drawn with
/// the shares of the two children as probabilities.
struct IsolationTreeBuilder: ~Copyable {
    private let columnCount: Int
    private let heightLimit: Int
    /// Where the sampled rows begin in the matrix; a node's are next to each other.
    private let rowStarts: Scratch<Int>
    /// The values of a node's rows in the column looked at last, at the places of the rows.
    private let values: Scratch<Double>
    private let columns: Scratch<Int>
    /// The average path length of so many rows, up to the sample's.
    private let averages: SharedElements<Double>
    private var random: SeededRandom

    /// Draws the sample, without replacement, by the tree's own random stream.
    init(
        _ matrix: FeatureMatrix, sampleSize: Int, heightLimit: Int,
        averages: SharedElements<Double>, random source: SeededRandom
    ) {
        random = source
        self.heightLimit = heightLimit
        self.averages = averages
        columnCount = matrix.columnCount
        let rows = random.sample(sampleSize, below: matrix.rowCount)
        rowStarts = Scratch(uninitializedCount: rows.count)
        for position in rows.indices { rowStarts[position] = rows[position] * columnCount }
        values = Scratch(uninitializedCount: rows.count)
        columns = Scratch(uninitializedCount: columnCount)
        for column in 0..<columnCount { columns[column] = column }
    }

    /// The grown tree, its nodes in breadth-first order.
    mutating func build(_ matrix: SharedElements<Double>) -> ForestNodes {
        let sampleCount = rowStarts.buffer.count
        var tree = ForestNodes()
        tree.reserve(nodeCount: 2 * min(sampleCount, 256))
        var pending: [(rows: Range<Int>, depth: Int)] = [(0..<sampleCount, 0)]
        tree.appendLeaf(cover: Double(sampleCount), value: averages[sampleCount])
        var node = 0
        while node < pending.count {
            let (rows, depth) = pending[node]
            if rows.count > 1, depth < heightLimit, let split = drawSplit(rows, matrix) {
                let (middle, missingRight) = partition(rows, by: split)
                tree.split(
                    node, feature: split.column, threshold: split.threshold,
                    missingRight: missingRight)
                for part in [rows.lowerBound..<middle, middle..<rows.upperBound] {
                    let length = Double(depth + 1) + averages[part.count]
                    tree.appendLeaf(cover: Double(part.count), value: length)
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
        /// Whether a row has no value in the column.
        var hasMissing: Bool
    }

    /// A random split of the rows, or nil where no column varies among them.
    private mutating func drawSplit(_ rows: Range<Int>, _ matrix: SharedElements<Double>) -> Split?
    {
        for tried in 0..<columnCount {
            let chosen = tried + random.index(below: columnCount - tried)
            let column = columns[chosen]
            columns[chosen] = columns[tried]
            columns[tried] = column
            let seen = look(at: column, of: rows, matrix)
            guard seen.lowest < seen.highest else { continue }
            return Split(
                column: column, threshold: drawThreshold(above: seen.lowest, upTo: seen.highest),
                hasMissing: seen.hasMissing)
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

    /// Fetches the rows' values; the smallest is above the largest where all are missing.
    ///
    /// Infinite values are the largest finite ones, so that ranges stay finite.
    private func look(
        at column: Int, of rows: Range<Int>, _ matrix: SharedElements<Double>
    ) -> (lowest: Double, highest: Double, hasMissing: Bool) {
        let values = values.buffer
        let rowStarts = rowStarts.buffer
        var lowest = Double.infinity
        var highest = -Double.infinity
        var presentCount = 0
        for position in rows {
            let value = matrix[rowStarts[position] &+ column]
            values[position] = value
            lowest = value < lowest ? value : lowest
            highest = value > highest ? value : highest
            presentCount &+= value == value ? 1 : 0
        }
        guard presentCount > 0 else { return (.infinity, -.infinity, true) }
        let bound = Double.greatestFiniteMagnitude
        return (
            min(max(lowest, -bound), bound), min(max(highest, -bound), bound),
            presentCount < rows.count
        )
    }

    /// Brings the rows of the left side before those of the right one.
    ///
    /// Returns the place of the first of the right and the side of missing values, which is drawn
    /// with the shares of the rows that are there.
    private mutating func partition(
        _ rows: Range<Int>, by split: Split
    ) -> (middle: Int, missingRight: Bool) {
        let share = random.uniform()
        guard split.hasMissing else {
            let middle = moveLeft(rows, below: split.threshold, missingLeft: false)
            return (middle, share * Double(rows.count) < Double(rows.upperBound - middle))
        }
        let values = values.buffer
        let present = rows.count { !values[$0].isNaN }
        let right = rows.count { values[$0] >= split.threshold }
        let missingRight = share * Double(present) < Double(right)
        return (
            moveLeft(rows, below: split.threshold, missingLeft: !missingRight), missingRight
        )
    }

    /// Brings rows below the threshold before the others; the place of the first of the others.
    ///
    /// Which side a row takes is as good as random, so it moves an index and is no branch.
    private func moveLeft(_ rows: Range<Int>, below threshold: Double, missingLeft: Bool) -> Int {
        let values = values.buffer
        let rowStarts = rowStarts.buffer
        var middle = rows.lowerBound
        for position in rows {
            let value = values[position]
            let goesLeft = value < threshold || (missingLeft && value.isNaN)
            let start = rowStarts[position]
            rowStarts[position] = rowStarts[middle]
            rowStarts[middle] = start
            middle &+= goesLeft ? 1 : 0
        }
        return middle
    }
}
