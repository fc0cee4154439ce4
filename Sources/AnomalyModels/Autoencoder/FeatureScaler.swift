/// Makes every feature's mean 0 and its standard deviation 1, as they were in training.
package struct FeatureScaler: Sendable, Equatable {
    /// Standardized values are limited to this many deviations, so that a far-off or infinite value
    /// stays finite in 32 bits.
    static let deviationMax = 1_000.0

    /// Each feature's mean; 0 where the feature had no value.
    package let means: [Double]
    /// Each feature's standard deviation; 1 where it did not vary or had no value.
    ///
    /// A feature that was constant in training is thereby judged in its own units.
    package let scales: [Double]

    /// A scaler of the given means and positive scales.
    init(means: [Double], scales: [Double]) {
        self.means = means
        self.scales = scales
    }

    /// Learns from all finite values of the chosen windows.
    init(fitting windows: SequenceWindows, chosen: [Int]) {
        let featureCount = windows.featureCount
        let size = windows.stepCount * featureCount
        var counts = [Double](repeating: 0, count: featureCount)
        var means = [Double](repeating: 0, count: featureCount)
        var squares = [Double](repeating: 0, count: featureCount)
        for window in chosen {
            // Welford's update: exact for constants, no cancellation for large means.
            for position in 0..<windows.lengths[window] * featureCount {
                let value = windows.values[window * size + position]
                guard value.isFinite else { continue }
                let feature = position % featureCount
                counts[feature] += 1
                let difference = value - means[feature]
                means[feature] += difference / counts[feature]
                squares[feature] += difference * (value - means[feature])
            }
        }
        let scales = (0..<featureCount).map { feature in
            let deviation = (squares[feature] / max(counts[feature], 1)).squareRoot()
            // Rounding alone gives about 1e-16 of the mean.
            let varies = deviation > 1e-9 * abs(means[feature]) && deviation.isFinite
            return varies && deviation > 1e-150 ? deviation : 1
        }
        self.init(means: means.map { $0.isFinite ? $0 : 0 }, scales: scales)
    }

    /// A value in standard deviations, limited to ±1,000; NaN for NaN.
    @inline(__always)
    func standardized(_ value: Double, feature: Int) -> Float {
        let deviations = (value - means[feature]) / scales[feature]
        if deviations > Self.deviationMax { return Float(Self.deviationMax) }
        if deviations < -Self.deviationMax { return Float(-Self.deviationMax) }
        return Float(deviations)
    }
}
