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
    /// The mean size of the errors on the rows of the fit; 1 where there were none.
    package let usualError: Double

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
        var row = [Double](repeating: 1, count: width)
        func eachWholeRow(_ body: ([Double], Double) -> Void) {
            for index in values.indices.dropFirst(order) {
                for lag in 1...order { row[lag] = values[index - lag] }
                for input in 0..<inputCount {
                    row[1 + order + input] = inputs[index * inputCount + input]
                }
                guard values[index].isFinite, row.allSatisfy(\.isFinite) else { continue }
                body(row, values[index])
            }
        }
        var regression = RidgeRegression(width: width)
        eachWholeRow { regression.add($0, target: $1) }
        guard regression.rowCount >= 2 * width, let weights = regression.weights(ridge: ridge)
        else {
            throw ModelError(
                code: .emptyMatrix,
                message: "An autoregression with \(width) weights needs \(2 * width) whole rows; "
                    + "there are \(regression.rowCount).")
        }
        var errorSum = 0.0
        eachWholeRow { row, target in
            errorSum += abs(target - zip(row, weights).reduce(0) { $0 + $1.0 * $1.1 })
        }
        let usualError = errorSum / Double(regression.rowCount)
        return AutoregressionModel(
            order: order, inputCount: inputCount, weights: weights,
            usualError: usualError > 0 ? usualError : 1)
    }
}
