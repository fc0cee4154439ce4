/// Windows over multivariate series: the same number of time steps and features in each.
///
/// A missing value is NaN. A window may be shorter than the others; what lies beyond its length is never
/// read. A step without any value counts as absent, wherever it stands: models take the window as if
/// the step were not there, so their time runs over the present steps only.
package struct SequenceWindows: Sendable, Equatable {
    /// T: the time steps of a full window.
    package let stepCount: Int
    /// F: the values at each step.
    package let featureCount: Int
    /// The values, [window][step][feature].
    package private(set) var values: [Double]
    /// The steps that each window has; at most `stepCount`.
    package private(set) var lengths: [Int]

    /// Windows of the given size, none yet.
    package init(stepCount: Int, featureCount: Int) {
        precondition(stepCount > 0 && featureCount > 0, "A window has steps and features.")
        self.stepCount = stepCount
        self.featureCount = featureCount
        values = []
        lengths = []
    }

    /// All windows of a series, one row a step, whose starts lie `stride` steps apart.
    ///
    /// A series shorter than `stepCount` gives one short window; an empty one gives none.
    package init(sliding series: FeatureMatrix, stepCount: Int, stride: Int = 1) {
        precondition(stride > 0, "Windows move forward.")
        self.init(stepCount: stepCount, featureCount: series.columnCount)
        let rowCount = series.rowCount
        guard rowCount > 0 else { return }
        for start in Swift.stride(from: 0, through: max(rowCount - stepCount, 0), by: stride) {
            let end = min(start + stepCount, rowCount)
            append(Array(series.values[start * featureCount..<end * featureCount]))
        }
    }

    /// Adds a window of whole steps, [step][feature]; it may be shorter than `stepCount`.
    package mutating func append(_ window: [Double]) {
        precondition(
            window.count % featureCount == 0 && window.count <= stepCount * featureCount,
            "A window has whole steps, at most as many as the others.")
        values.append(contentsOf: window)
        values.append(
            contentsOf: repeatElement(.nan, count: stepCount * featureCount - window.count))
        lengths.append(window.count / featureCount)
    }

    /// The number of windows.
    package var windowCount: Int { lengths.count }

    /// The windows at the given positions, in their order.
    package func selecting(windows: [Int]) -> SequenceWindows {
        var selection = SequenceWindows(stepCount: stepCount, featureCount: featureCount)
        let size = stepCount * featureCount
        for index in windows {
            precondition(lengths.indices.contains(index), "The window is one of these.")
            selection.values.append(contentsOf: values[index * size..<(index + 1) * size])
            selection.lengths.append(lengths[index])
        }
        return selection
    }

    /// The number of values that are there, for each window.
    func presentCounts() -> [Int] {
        let size = stepCount * featureCount
        return lengths.indices.map { window in
            let start = window * size
            return values[start..<start + lengths[window] * featureCount]
                .count { !$0.isNaN }
        }
    }
}
