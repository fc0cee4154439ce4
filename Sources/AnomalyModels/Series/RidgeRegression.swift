// A. E. Hoerl, R. W. Kennard, "Ridge Regression: Biased Estimation for Nonorthogonal Problems",
// Technometrics 12(1), 1970, 10.1080/00401706.1970.10488634: the weights w that minimize
// Σ (y - w·x)² + λ |w|², by the normal equations (XᵀX + λI) w = Xᵀy and Cholesky's factors. The first
// input is a constant 1 and is not shrunk.

/// Collects the normal equations of a ridge regression row by row, and solves them.
///
/// - Complexity: O(width²) for a row, O(width³) to solve; memory O(width²).
struct RidgeRegression: Sendable {
    private let width: Int
    /// XᵀX, of which the lower triangle is kept up to date.
    private var products: [Double]
    private var targets: [Double]
    private(set) var rowCount = 0

    init(width: Int) {
        precondition(width > 0, "A regression has at least the constant.")
        self.width = width
        products = Array(repeating: 0, count: width * width)
        targets = Array(repeating: 0, count: width)
    }

    /// Takes one row, none of whose numbers is NaN.
    mutating func add(_ inputs: [Double], target: Double) {
        precondition(inputs.count == width, "A row is as wide as the regression.")
        let width = self.width
        products.withUnsafeMutableBufferPointer { products in
            inputs.withUnsafeBufferPointer { inputs in
                for row in 0..<width where inputs[row] != 0 {
                    let value = inputs[row]
                    for column in 0...row {
                        products[row * width + column] += value * inputs[column]
                    }
                }
            }
        }
        for row in 0..<width { targets[row] += inputs[row] * target }
        rowCount += 1
    }

    /// The weights; `nil` where the equations have no unique solution.
    func weights(ridge: Double) -> [Double]? {
        // Cholesky: products + ridge = L Lᵀ, column by column in place.
        var factor = products
        for index in 1..<max(width, 1) { factor[index * width + index] += ridge }
        for column in 0..<width {
            for row in column..<width {
                var value = factor[row * width + column]
                for inner in 0..<column {
                    value -= factor[row * width + inner] * factor[column * width + inner]
                }
                if row == column {
                    guard value > 0 else { return nil }
                    factor[row * width + row] = value.squareRoot()
                } else {
                    factor[row * width + column] = value / factor[column * width + column]
                }
            }
        }
        var solution = targets
        for row in 0..<width {
            for inner in 0..<row { solution[row] -= factor[row * width + inner] * solution[inner] }
            solution[row] /= factor[row * width + row]
        }
        for row in stride(from: width - 1, through: 0, by: -1) {
            for inner in row + 1..<max(width, row + 1) {
                solution[row] -= factor[inner * width + row] * solution[inner]
            }
            solution[row] /= factor[row * width + row]
        }
        return solution.allSatisfy(\.isFinite) ? solution : nil
    }
}
