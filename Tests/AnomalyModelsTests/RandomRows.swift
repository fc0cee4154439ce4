import AnomalyModels

extension FeatureMatrix {
    /// Normal values around zero, with the given share of them missing.
    static func random(
        rowCount: Int, columnCount: Int, missingShare: Double = 0, seed: UInt64
    ) -> FeatureMatrix {
        var random = SeededRandom(seed: seed)
        var matrix = FeatureMatrix(columnCount: columnCount)
        for _ in 0..<rowCount {
            matrix.append(
                row: (0..<columnCount).map { _ in
                    let value = random.normal()
                    return random.uniform() < missingShare ? .nan : value
                })
        }
        return matrix
    }
}
