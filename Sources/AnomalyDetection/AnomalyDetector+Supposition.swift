extension AnomalyDetector {
    /// A copy with these changes, to be asked what would be; this detector stays as it is.
    ///
    /// The copy keeps no metrics up to date: core numbers, components and PageRank are no features.
    /// - Complexity: that of the changes, and a copy of the pages that they touch.
    package func supposing(_ changes: ChangeBatch) throws(DetectionError) -> AnomalyDetector {
        var supposed = self
        supposed.kept = nil
        _ = try supposed.apply(changes)
        return supposed
    }
}
