extension EdgeStreamDetector {
    /// The strangeness of each record of a batch in the order given, as `update` says it.
    ///
    /// NaN is silence. The detector is left as after single updates.
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
        for index in sources.indices {
            strangeness[index] =
                update(
                    source: sources[index], target: targets[index], time: times[index]
                ).strangeness
        }
        return strangeness
    }
}
