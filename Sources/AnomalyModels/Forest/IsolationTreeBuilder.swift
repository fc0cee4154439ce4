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
        tree.appendLeaf(cover: sampleCount, pathLength: averages[sampleCount])
        var node = 0
        while node < pending.count {
            let (rows, depth) = pending[node]
            if rows.count > 1, depth < heightLimit, let split = drawSplit(rows, matrix) {
                let middle = partition(rows, by: split)
                tree.split(
                    node, feature: split.column, threshold: split.threshold,
                    missingRight: split.missingRight)
                for part in [rows.lowerBound..<middle, middle..<rows.upperBound] {
                    let length = Double(depth + 1) + averages[part.count]
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
    private mutating func drawSplit(_ rows: Range<Int>, _ matrix: SharedElements<Double>) -> Split?
    {
        for tried in 0..<columnCount {
            let chosen = tried + random.index(below: columnCount - tried)
            let column = columns[chosen]
            columns[chosen] = columns[tried]
            columns[tried] = column
            guard let (lowest, highest) = look(at: column, of: rows, matrix) else { continue }
            let threshold = drawThreshold(above: lowest, upTo: highest)
            return Split(
                column: column, threshold: threshold, missingRight: drawMissingSide(threshold, rows)
            )
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

    private mutating func drawMissingSide(_ threshold: Double, _ rows: Range<Int>) -> Bool {
        let values = values.buffer
        var present = 0
        var right = 0
        for position in rows {
            present &+= values[position].isNaN ? 0 : 1
            right &+= values[position] >= threshold ? 1 : 0
        }
        return random.uniform() * Double(present) < Double(right)
    }

    /// Fetches the rows' values; the smallest and largest, or nil where they are the same or missing.
    ///
    /// Infinite values are the largest finite ones, so that ranges stay finite.
    private func look(
        at column: Int, of rows: Range<Int>, _ matrix: SharedElements<Double>
    ) -> (Double, Double)? {
        let values = values.buffer
        let rowStarts = rowStarts.buffer
        var lowest = Double.infinity
        var highest = -Double.infinity
        for position in rows {
            let value = matrix[rowStarts[position] &+ column]
            values[position] = value
            lowest = value < lowest ? value : lowest
            highest = value > highest ? value : highest
        }
        let bound = Double.greatestFiniteMagnitude
        lowest = min(max(lowest, -bound), bound)
        highest = min(max(highest, -bound), bound)
        return lowest < highest ? (lowest, highest) : nil
    }

    /// Brings the rows of the left side before those of the right one; the first of the right.
    ///
    /// Which side a row takes is as good as random, so it moves an index and is no branch.
    private func partition(_ rows: Range<Int>, by split: Split) -> Int {
        let values = values.buffer
        let rowStarts = rowStarts.buffer
        var middle = rows.lowerBound
        for position in rows {
            let value = values[position]
            let goesLeft = value < split.threshold || (value.isNaN && !split.missingRight)
            let start = rowStarts[position]
            rowStarts[position] = rowStarts[middle]
            rowStarts[middle] = start
            middle &+= goesLeft ? 1 : 0
        }
        return middle
    }
}
