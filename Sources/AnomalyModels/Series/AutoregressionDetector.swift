/// Judges a stream by the errors of an autoregression, averaged over the last steps.
///
/// Score = mean of |value - forecast| over the last 30 steps, in units of the model's usual error. A gap counts for no error and is replaced
/// by its forecast, so that the next value can be judged; after as many gaps as the order in a row
/// everything starts anew. NaN until half of the steps have an error, and for a gap.
///
/// - Complexity: O(order + inputs) for each value.
package struct AutoregressionDetector: Sendable, Codable, Equatable {
    /// The forecast.
    package let model: AutoregressionModel
    /// The steps that are averaged over.
    package let smoothingCount: Int
    /// The last values, the oldest first; fewer than the order at the start.
    private var last: [Double] = []
    /// Gaps in a row up to now.
    private var gapCount = 0
    /// The last errors; negative: none.
    private var errors: [Double] = []

    /// A detector that has seen nothing.
    ///
    /// - Parameters:
    ///   - model: The forecast.
    ///   - smoothingCount: At least 1, which gives plain errors.
    package init(_ model: AutoregressionModel, smoothingCount: Int = 30) {
        precondition(smoothingCount > 0, "At least one error is averaged.")
        self.model = model
        self.smoothingCount = smoothingCount
    }

    /// Judges the next value; `inputs` are the other columns of its row.
    package mutating func update(_ value: Double, inputs: ArraySlice<Double> = []) -> Double {
        precondition(inputs.count == model.inputCount, "A row has the model's inputs.")
        let forecast = forecast(inputs)
        let error = forecast.isNaN || !value.isFinite ? -1 : abs(value - forecast)
        errors.append(error)
        if errors.count > smoothingCount { errors.removeFirst() }
        learn(value.isFinite ? value : forecast, isGap: !value.isFinite)
        guard value.isFinite else { return .nan }
        let known = errors.filter { $0 >= 0 }
        guard 2 * known.count >= smoothingCount else { return .nan }
        return known.reduce(0, +) / Double(known.count) / model.usualError
    }

    /// What is expected after the values so far; NaN while there are too few, or an input is a gap.
    private func forecast(_ inputs: ArraySlice<Double>) -> Double {
        guard last.count == model.order else { return .nan }
        var sum = model.weights[0]
        for lag in 1...model.order { sum += model.weights[lag] * last[model.order - lag] }
        for (weight, input) in zip(model.weights[(1 + model.order)...], inputs) {
            sum += weight * input
        }
        return sum.isFinite ? sum : .nan
    }

    private mutating func learn(_ value: Double, isGap: Bool) {
        gapCount = isGap ? gapCount + 1 : 0
        guard value.isFinite, gapCount < model.order else {
            last.removeAll(keepingCapacity: true)
            return
        }
        last.append(value)
        if last.count > model.order { last.removeFirst() }
    }
}
