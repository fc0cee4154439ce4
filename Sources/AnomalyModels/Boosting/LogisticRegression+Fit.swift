import Foundation

extension LogisticRegression {
    /// Fits the weights to rows and their labels, `true` for anomalous.
    ///
    /// Rows of weight 0 are left out; other weights are as for `GradientBoostedTrees`.
    ///
    /// - Complexity: O(rows · m²) for each of some ten steps, m being the lesser of rows and columns.
    package static func fit(
        _ matrix: FeatureMatrix, labels: [Bool], weights: [Double]? = nil,
        parameters: Parameters = Parameters()
    ) throws(ModelError) -> LogisticRegression {
        guard parameters.regularization >= 1e-6, parameters.regularization <= 1e9 else {
            throw ModelError(
                code: .invalidParameter,
                message:
                    "The regularization is \(parameters.regularization); it lies in 1e-6...1e9.")
        }
        let kept = try matrix.checkedTrainingRows(labels, weights: weights)
        guard kept.count == matrix.rowCount else {
            return try fit(
                matrix.selecting(rows: kept), labels: kept.map { labels[$0] },
                weights: weights.map { weights in kept.map { weights[$0] } },
                parameters: parameters)
        }
        let labels = try WeightedLabels(labels, weights: weights)
        let scales = (0..<matrix.columnCount).map { column in
            ColumnScale(matrix.column(column), labels)
        }
        let rows = (0..<matrix.rowCount).map { row in
            zip(matrix.row(row), scales).map { $1.scaled($0) }
        }
        let basis = RowBasis(rows)
        var newton = NewtonSteps(basis.coordinates, labels, parameters.regularization)
        newton.run()
        return LogisticRegression(
            parameters: parameters, intercept: newton.weights[0],
            weights: basis.combined(Array(newton.weights.dropFirst())), scales: scales)
    }
}

extension ColumnScale {
    /// The scale of a column's training values.
    fileprivate init(_ values: [Double], _ labels: WeightedLabels) {
        // Beyond this bound squares overflow.
        let known = values.indices.filter { !values[$0].isNaN }
        let bounded = values.map { max(-1e150, min($0, 1e150)) }
        let total = known.reduce(0) { $0 + labels.weight($1) }
        func average(_ value: (Int) -> Double) -> Double {
            total > 0 ? known.reduce(0) { $0 + labels.weight($1) / total * value($1) } : 0
        }
        // Equal values have no mean but themselves, whatever rounding says.
        let first = known.first.map { bounded[$0] } ?? 0
        let mean =
            known.allSatisfy { bounded[$0] == first } ? first : average { bounded[$0] }
        let variance = average { (bounded[$0] - mean) * (bounded[$0] - mean) }
        // What rounding leaves of equal values is no deviation.
        let isConstant = variance.squareRoot() <= 1e-12 * abs(mean)
        self.init(
            mean: mean, deviation: isConstant ? 1 : variance.squareRoot(), shift: 0)
        shift = isConstant ? 0 : average { scaled(values[$0]) }
    }
}

/// Rows by their coordinates in as few directions as they span.
///
/// With fewer rows than columns the best weights are a combination of the rows, as anything across
/// them costs and changes no margin; they are sought among those alone.
private struct RowBasis {
    private let directions: [[Double]]?
    let coordinates: [[Double]]

    init(_ rows: [[Double]]) {
        guard let width = rows.first?.count, rows.count < width else {
            directions = nil
            coordinates = rows
            return
        }
        var directions: [[Double]] = []
        for row in rows {
            var rest = row
            // Twice, as the first pass leaves rounding where the row is nearly a combination.
            for _ in 0..<2 {
                for direction in directions {
                    subtract(direction, dot(rest, direction), from: &rest)
                }
            }
            let length = dot(rest, rest).squareRoot()
            guard length > 1e-9 * dot(row, row).squareRoot(), length > 0 else { continue }
            directions.append(rest.map { $0 / length })
        }
        self.directions = directions
        coordinates = rows.map { row in directions.map { dot(row, $0) } }
    }

    /// The weights of the columns from those of the directions.
    func combined(_ weights: [Double]) -> [Double] {
        guard let directions else { return weights }
        var sum = [Double](repeating: 0, count: directions.first?.count ?? 0)
        for (direction, weight) in zip(directions, weights) {
            subtract(direction, -weight, from: &sum)
        }
        return sum
    }
}

/// Newton's method, where a step that does not lower the loss is halved.
private struct NewtonSteps {
    private let rows: [[Double]]
    private let labels: WeightedLabels
    private let regularization: Double
    /// The intercept and the weights of the inputs.
    private(set) var weights: [Double]

    init(_ rows: [[Double]], _ labels: WeightedLabels, _ regularization: Double) {
        // The first input is the constant.
        self.rows = rows.map { [1] + $0 }
        self.labels = labels
        self.regularization = regularization
        weights = [labels.logOdds] + [Double](repeating: 0, count: rows.first?.count ?? 0)
    }

    mutating func run() {
        var margins = rows.map { dot($0, weights) }
        var loss = loss(margins, weights)
        for _ in 0..<100 {
            guard let target = solved(margins) else { return }
            var length = 1.0
            var improved = false
            while length > 1e-6, !improved {
                let next = zip(weights, target).map { $0 + length * ($1 - $0) }
                let nextMargins = rows.map { dot($0, next) }
                let nextLoss = self.loss(nextMargins, next)
                if nextLoss < loss {
                    improved = loss - nextLoss > 1e-14 * abs(loss)
                    (weights, margins, loss) = (next, nextMargins, nextLoss)
                    if !improved { return }
                }
                length /= 2
            }
            guard improved else { return }
        }
    }

    /// Where a whole step leads: the ridge regression on the working response.
    private func solved(_ margins: [Double]) -> [Double]? {
        var regression = RidgeRegression(width: weights.count)
        for (row, inputs) in rows.enumerated() {
            let p = logistic(margins[row])
            let weight = labels.weight(row)
            let bend = max(weight * p * (1 - p), 1e-12 * weight)
            let root = bend.squareRoot()
            let slope = weight * ((labels.labels[row] ? 1 : 0) - p)
            regression.add(
                inputs.map { $0 * root }, target: root * margins[row] + slope / root)
        }
        return regression.weights(ridge: regularization)
    }

    private func loss(_ margins: [Double], _ weights: [Double]) -> Double {
        var sum = 0.0
        for (row, margin) in margins.enumerated() {
            let against = labels.labels[row] ? -margin : margin
            // log(1 + e^x), from the side where the exponential cannot overflow.
            let softplus = max(against, 0) + log1p(exp(-abs(against)))
            sum += labels.weight(row) * softplus
        }
        let inner = weights.dropFirst()
        return sum + regularization / 2 * inner.reduce(0) { $0 + $1 * $1 }
    }
}

private func dot(_ a: [Double], _ b: [Double]) -> Double {
    a.withUnsafeBufferPointer { a in
        b.withUnsafeBufferPointer { b in
            // Two sums side by side, as each addition waits for the one before.
            var (even, odd) = (0.0, 0.0)
            var index = 0
            while index + 2 <= a.count {
                even += a[index] * b[index]
                odd += a[index + 1] * b[index + 1]
                index += 2
            }
            if index < a.count { even += a[index] * b[index] }
            return even + odd
        }
    }
}

private func subtract(_ direction: [Double], _ factor: Double, from target: inout [Double]) {
    for index in target.indices { target[index] -= factor * direction[index] }
}
