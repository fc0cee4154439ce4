// G. U. Yule, "On a Method of Investigating Periodicities in Disturbed Series", Phil. Trans. R. Soc. A
// 226, 1927, 10.1098/rsta.1927.0007: a value as a linear function of those before it. Different here:
// other columns of the same row (commands) are inputs too, and the weights are shrunk (ridge).

/// The linear forecast of a value from the values before it and from other columns of its row.
package struct AutoregressionModel: Sendable, Codable, Equatable {
    /// The number of values before that are looked at.
    package let order: Int
    /// The number of other columns.
    package let inputCount: Int
    /// The constant, the weight of each value before (the nearest first), and that of each input.
    package let weights: [Double]

    /// Fits to one series; rows with a gap among the values or inputs they need are left out.
    ///
    /// - Parameters:
    ///   - values: The series; NaN is a gap.
    ///   - inputs: The other columns of each row, row after row; NaN is a gap.
    ///   - inputCount: The number of other columns.
    ///   - order: The number of values before that are looked at.
    ///   - ridge: λ: what the squared size of a weight costs, in units of a squared value.
    /// - Returns: The model.
    /// - Throws: `ModelError` where fewer than twice as many whole rows as weights are there, or for the
    ///   parameters.
    package static func fit(
        values: [Double], inputs: [Double] = [], inputCount: Int = 0, order: Int = 20,
        ridge: Double = 1
    ) throws(ModelError) -> AutoregressionModel {
        guard order > 0, inputCount >= 0, ridge > 0, inputs.count == values.count * inputCount
        else {
            throw ModelError(
                code: .invalidParameter,
                message: "An autoregression needs a positive order and ridge, and inputs per row.")
        }
        let width = 1 + order + inputCount
        var regression = RidgeRegression(width: width)
        var row = [Double](repeating: 1, count: width)
        for index in values.indices.dropFirst(order) {
            for lag in 1...order { row[lag] = values[index - lag] }
            for input in 0..<inputCount {
                row[1 + order + input] = inputs[index * inputCount + input]
            }
            guard values[index].isFinite, row.allSatisfy(\.isFinite) else { continue }
            regression.add(row, target: values[index])
        }
        guard regression.rowCount >= 2 * width, let weights = regression.weights(ridge: ridge) else {
            throw ModelError(
                code: .emptyMatrix,
                message: "An autoregression with \(width) weights needs \(2 * width) whole rows; "
                    + "there are \(regression.rowCount).")
        }
        return AutoregressionModel(order: order, inputCount: inputCount, weights: weights)
    }
}

/// Judges a stream by the errors of an autoregression, averaged over the last steps.
///
/// Score = mean of |value - forecast| over the last 30 steps. A gap counts for no error and is replaced
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
        return known.reduce(0, +) / Double(known.count)
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
