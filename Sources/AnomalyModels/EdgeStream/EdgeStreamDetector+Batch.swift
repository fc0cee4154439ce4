extension EdgeStreamDetector {
    /// The records whose places are fetched before the first of them is counted.
    private static let blockCount = 16

    /// The strangeness of each record of a batch in the order given, as `update` says it.
    ///
    /// NaN is silence. The detector is left as after single updates. Large tables answer from main
    /// memory; here the waits for the places of a block overlap, which single updates cannot do.
    ///
    /// - Precondition: The three arrays have the same size.
    /// - Complexity: O(1) for each record, amortised over the growth of the tables.
    package mutating func update(
        sources: [UInt64], targets: [UInt64], times: [Double]
    ) -> [Double] {
        precondition(
            sources.count == targets.count && sources.count == times.count,
            "Each record has a source, a target and a time.")
        var strangeness = [Double](repeating: .nan, count: sources.count)
        var start = 0
        while start < sources.count {
            let block = start..<min(start + Self.blockCount, sources.count)
            touch(sources, targets, block)
            for index in block {
                strangeness[index] =
                    update(
                        source: sources[index], target: targets[index], time: times[index]
                    ).strangeness
            }
            start = block.upperBound
        }
        return strangeness
    }

    /// Reads the places where a block's records will be counted, so that the cache has them.
    private func touch(_ sources: [UInt64], _ targets: [UInt64], _ block: Range<Int>) {
        var sum: UInt64 = 0
        for index in block {
            let (source, target) = (hash.tag(sources[index]), hash.tag(targets[index]))
            sum &+= counters.touch(source, target, pair: hash.pair(source, target))
        }
        // Reads whose results have no use at all would be left out of the program.
        if sum == .max { Self.keep(sum) }
    }

    @inline(never)
    private static func keep(_ sum: UInt64) { precondition(sum == .max) }
}
