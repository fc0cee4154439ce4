/// Two count-min sketches over the same buckets: the current tick's counts and those of all ticks.
///
/// Cormode and Muthukrishnan 2005, 10.1016/j.jalgor.2003.12.001.
struct MidasSketch: Sendable, Equatable {
    /// The counts of a bucket, and whether MIDAS-F leaves out its current tick.
    private struct Bucket: Sendable, Equatable {
        var current = 0.0
        var total = 0.0
        var isHot = false
    }

    private let isFiltered: Bool
    private let rowCount: Int
    private let columnCount: Int
    private var buckets: [Bucket]

    init(_ parameters: MidasDetector.Parameters) {
        isFiltered = parameters.variant == .midasF
        rowCount = parameters.rowCount
        columnCount = parameters.columnCount
        buckets = [Bucket](repeating: Bucket(), count: rowCount * columnCount)
    }

    /// The memory of the buckets.
    var byteCount: Int { buckets.count * MemoryLayout<Bucket>.stride }

    /// Counts a key in the tick and returns its score.
    @inline(__always)
    mutating func count(_ tag: UInt64, _ tick: Double, _ threshold: Double) -> Double {
        let (rowCount, columnCount, isFiltered) = (rowCount, columnCount, isFiltered)
        return buckets.withUnsafeMutableBufferPointer { buckets in
            var current = Double.infinity
            var total = Double.infinity
            for row in 0..<rowCount {
                let index = Self.index(row, tag, columnCount)
                buckets[index].current += 1
                if !isFiltered { buckets[index].total += 1 }
                current = min(current, buckets[index].current)
                total = min(total, buckets[index].total)
            }
            // Without a past there is nothing to compare with.
            guard tick > 1, total > 0 else { return 0 }
            guard isFiltered else {
                let excess = (current - total / tick) * tick
                return excess * excess / (total * (tick - 1))
            }
            let excess = current + total - current * tick
            let score = excess * excess / (total * (tick - 1))
            for row in 0..<rowCount {
                buckets[Self.index(row, tag, columnCount)].isHot = score >= threshold
            }
            return score
        }
    }

    /// Ends a tick: adds what the filter lets pass, and decays the current counts.
    mutating func endTick(_ tick: Double, _ parameters: MidasDetector.Parameters) {
        let kept = parameters.variant == .midas ? 0 : parameters.decay
        for index in buckets.indices {
            if isFiltered {
                if !buckets[index].isHot {
                    buckets[index].total += buckets[index].current
                } else if tick > 1 {
                    buckets[index].total += buckets[index].total / (tick - 1)
                }
                buckets[index].isHot = false
            }
            buckets[index].current *= kept
        }
    }

    @inline(__always)
    private static func index(_ row: Int, _ tag: UInt64, _ columnCount: Int) -> Int {
        let hash = StreamHash.row(row, tag)
        let column = hash.multipliedFullWidth(by: UInt64(columnCount)).high
        return row &* columnCount &+ Int(truncatingIfNeeded: column)
    }
}
