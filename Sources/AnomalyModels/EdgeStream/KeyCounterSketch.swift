// G. Cormode, S. Muthukrishnan, "An Improved Data Stream Summary: The Count-Min Sketch and its
// Applications", Journal of Algorithms 55(1), 2005, 10.1016/j.jalgor.2003.12.001. Different here: a cell
// holds decayed counts; and an update raises a cell only as far as the key's new estimate needs
// (C. Estan, G. Varghese, "New Directions in Traffic Measurement and Accounting", SIGCOMM 2002,
// 10.1145/633025.633056), which keeps a flood of invented keys from filling every cell.

/// Counters by key in fixed memory: each key shares one cell a row with others.
///
/// No count is underestimated, but for what the filter leaves out. A key's birth is that of its youngest
/// cell, so not later than its own. Cells are never cleared.
struct KeyCounterSketch: Sendable, Equatable {
    private(set) var cells: KeyCounterArray
    let rowCount: Int
    let columnCount: Int

    init(rowCount: Int, columnCount: Int) {
        self.rowCount = rowCount
        self.columnCount = columnCount
        cells = KeyCounterArray(count: rowCount * columnCount)
    }

    /// A sketch of cells read from elsewhere; nil where their number or a mark of use is wrong.
    init?(cells: [KeyCounters], rowCount: Int, columnCount: Int) {
        guard cells.count == rowCount * columnCount, cells.allSatisfy({ $0.tag <= 1 }) else {
            return nil
        }
        self.cells = KeyCounterArray(cells)
        self.rowCount = rowCount
        self.columnCount = columnCount
    }

    /// The memory of the cells.
    var byteCount: Int { cells.byteCount }

    /// Reads the key's cells; the result means nothing.
    @inline(__always)
    func touch(_ tag: UInt64) -> UInt64 {
        cells.withBuffer { cells in
            (0..<rowCount).reduce(0) { $0 &+ cells[Self.index($1, tag, columnCount)].tag }
        }
    }

    /// What the cells say of a key as of `time`, to be changed; then the cells are raised to it.
    @inline(__always)
    mutating func withCounters<Result>(
        of tag: UInt64, at time: Double, _ rates: StreamRates, _ body: (inout KeyCounters) -> Result
    ) -> Result {
        var estimate = self.estimate(of: tag, at: time, rates)
        let result = body(&estimate)
        let (rowCount, columnCount) = (rowCount, columnCount)
        cells.withMutableBuffer { cells in
            for row in 0..<rowCount {
                let index = Self.index(row, tag, columnCount)
                if cells[index].tag == 0 { cells[index] = KeyCounters(tag: 1, birth: time) }
                cells[index].fast = pointwiseMax(rates.decayed(cells[index], time), estimate.fast)
                cells[index].slow = pointwiseMax(cells[index].slow, estimate.slow)
                cells[index].last = time
            }
        }
        return result
    }

    /// The smallest counts of the key's cells as of `time`.
    @inline(__always)
    func estimate(of tag: UInt64, at time: Double, _ rates: StreamRates) -> KeyCounters {
        var estimate = KeyCounters(tag: tag, birth: time)
        cells.withBuffer { cells in
            var birth = -Double.infinity
            estimate.fast = SIMD2(repeating: .infinity)
            estimate.slow = SIMD2(repeating: .infinity)
            for row in 0..<rowCount {
                let cell = cells[Self.index(row, tag, columnCount)]
                estimate.fast = pointwiseMin(estimate.fast, rates.decayed(cell, time))
                estimate.slow = pointwiseMin(estimate.slow, cell.slow)
                birth = max(birth, cell.tag == 0 ? time : cell.birth)
            }
            estimate.birth = birth
        }
        return estimate
    }

    /// Where the key's cell of a row lies: the row's hash, scaled to the columns by its upper bits.
    @inline(__always)
    private static func index(_ row: Int, _ tag: UInt64, _ columnCount: Int) -> Int {
        let hash = StreamHash.row(row, tag)
        let column = hash.multipliedFullWidth(by: UInt64(columnCount)).high
        return row &* columnCount &+ Int(truncatingIfNeeded: column)
    }
}
