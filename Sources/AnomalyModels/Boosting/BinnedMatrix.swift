import ParallelLoops

/// Training rows whose values are replaced by the numbers of their bins, a byte each.
///
/// The bins of a column lie between thresholds: halfway between neighbouring values where it has few
/// distinct ones, else at quantiles by weight. A missing value has a bin of its own behind the others.
struct BinnedMatrix: Sendable {
    struct Column {
        /// The thresholds between the bins, ascending; one less than the bins of values.
        var thresholds: [Double]
        var hasMissing: Bool
        /// Where the column's bins begin in a histogram.
        var offset = 0
        /// The bins of values; missing values have this number.
        var valueBinCount: Int { thresholds.count + 1 }
        var binCount: Int { valueBinCount + (hasMissing ? 1 : 0) }
        /// The places of the column's bins in a histogram.
        var bins: Range<Int> { offset..<offset + binCount }
        /// Whether a row's value can send it to one side or the other.
        var canSplit: Bool { binCount > 1 }
    }

    let rowCount: Int
    let columns: [Column]
    /// The bins, column after column.
    let codes: [UInt8]
    /// The number of bins of all columns.
    let binCount: Int

    /// - Complexity: O(columns · rows · log rows).
    init(_ matrix: FeatureMatrix, labels: WeightedLabels, binCountMax: Int, threadCount: Int) {
        let (rowCount, columnCount) = (matrix.rowCount, matrix.columnCount)
        let equalWeights = Set(labels.units).count == 1
        var columns: [Column] = []
        codes = makeArray(count: rowCount * columnCount) { codes in
            columns = matrix.values.withShared { values in
                parallelMap(columnCount, threadCount: threadCount) { column in
                    let own = [Double](unsafeUninitializedCapacity: rowCount) { own, count in
                        for row in 0..<rowCount {
                            own[row] = bounded(values[row &* columnCount &+ column])
                        }
                        count = rowCount
                    }
                    let thresholds = binThresholds(
                        own, units: equalWeights ? nil : labels.units, binCountMax: binCountMax)
                    let hasMissing = assignBins(
                        own, thresholds, to: codes.pointer(to: column * rowCount))
                    return Column(thresholds: thresholds, hasMissing: hasMissing)
                }
            }
        }
        var offset = 0
        for index in columns.indices {
            columns[index].offset = offset
            offset += columns[index].binCount
        }
        self.columns = columns
        self.rowCount = rowCount
        binCount = offset
    }
}

/// Infinite values are the largest finite ones, so that thresholds stay finite.
private func bounded(_ value: Double) -> Double {
    // A comparison with NaN is false, so a missing value stays one.
    if value > .greatestFiniteMagnitude { return .greatestFiniteMagnitude }
    if value < -.greatestFiniteMagnitude { return -.greatestFiniteMagnitude }
    return value
}

/// The thresholds between the bins of a column's values; none where it has fewer than two.
private func binThresholds(_ values: [Double], units: [Int64]?, binCountMax: Int) -> [Double] {
    var order: [Int] = []
    var sorted: [Double]
    if let units {
        precondition(units.count == values.count, "Every row has a weight.")
        order = values.indices.filter { !values[$0].isNaN }.sorted { values[$0] < values[$1] }
        sorted = order.map { values[$0] }
    } else {
        sorted = values.filter { !$0.isNaN }
        sorted.sort()
    }
    var distinct: [Double] = []
    var masses: [Int64] = []
    distinct.reserveCapacity(sorted.count)
    masses.reserveCapacity(sorted.count)
    for (position, value) in sorted.enumerated() {
        let mass = units?[order[position]] ?? 1
        if position > 0, sorted[position - 1] == value {
            masses[masses.count - 1] += mass
        } else {
            distinct.append(value)
            masses.append(mass)
        }
    }
    guard distinct.count > binCountMax else {
        return zip(distinct, distinct.dropFirst()).map(middle)
    }
    return quantileThresholds(distinct, masses, binCount: binCountMax)
}

/// Thresholds that give each bin about the same weight.
///
/// What a value with more than its share takes is taken from the other bins alike.
private func quantileThresholds(
    _ distinct: [Double], _ masses: [Int64], binCount: Int
) -> [Double] {
    var thresholds: [Double] = []
    var rest = masses.reduce(0, +)
    var mass: Int64 = 0
    for index in 0..<distinct.count - 1 where thresholds.count < binCount - 1 {
        mass += masses[index]
        guard mass * Int64(binCount - thresholds.count) >= rest else { continue }
        thresholds.append(middle(distinct[index], distinct[index + 1]))
        rest -= mass
        mass = 0
    }
    return thresholds
}

/// A threshold above the lower value and not above the upper one, halfway where that can be told.
private func middle(_ lower: Double, _ upper: Double) -> Double {
    let threshold = lower / 2 + upper / 2
    return threshold > lower && threshold <= upper ? threshold : upper
}

/// Writes the bin of each value, the number of thresholds that it reaches; whether one is missing.
private func assignBins(
    _ values: [Double], _ thresholds: [Double], to codes: UnsafeMutablePointer<UInt8>
) -> Bool {
    // Padded to a power of two less one, with what no value reaches.
    var padded = thresholds
    while padded.isEmpty || (padded.count + 1) & padded.count != 0 { padded.append(.nan) }
    return values.withUnsafeBufferPointer { values in
        guard let first = values.baseAddress else { return false }
        let hasMissing = codes.withMemoryRebound(to: Int8.self, capacity: values.count) { ranks in
            padded.withUnsafeBufferPointer { rankColumn(first, 1, values.count, $0, ranks) }
        }
        // Ranks are less 128.
        for row in values.indices { codes[row] ^= 0x80 }
        if hasMissing {
            let missing = UInt8(truncatingIfNeeded: thresholds.count + 1)
            for row in values.indices where values[row].isNaN { codes[row] = missing }
        }
        return hasMissing
    }
}
