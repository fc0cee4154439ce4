import Foundation

/// The labels of training rows, with their weights as whole numbers of a unit.
///
/// The unit is a power of two, so that sums of weights are exact in any order: whole weights are
/// themselves, others lose what lies below 2^-52 of the largest weight times the number of rows.
struct WeightedLabels: Sendable {
    /// The widest range of weights, largest to smallest, that the units can tell apart.
    static let weightRatioMax = 1e6

    let labels: [Bool]
    let units: [Int64]
    /// The weight that one unit stands for.
    let unit: Double
    let totalUnits: Int64
    /// Those of the rows that are labelled anomalous.
    let anomalousUnits: Int64

    /// Refuses labels and weights that do not belong to the rows, or from which nothing can be learnt.
    ///
    /// Rows of weight 0 must be left out before.
    init(_ labels: [Bool], weights: [Double]?) throws(ModelError) {
        self.labels = labels
        if let weights {
            let largest = weights.max() ?? 1
            guard let smallest = weights.min(), largest <= smallest * Self.weightRatioMax else {
                throw ModelError(
                    code: .invalidLabels,
                    message: "The largest weight is more than a million times the smallest.")
            }
            let exponent = ceil(log2(largest * Double(weights.count)))
            let unit = exp2(exponent - 52)
            self.unit = unit
            units = weights.map { Int64(($0 / unit).rounded()) }
        } else {
            unit = 1
            units = [Int64](repeating: 1, count: labels.count)
        }
        totalUnits = units.reduce(0, +)
        anomalousUnits = zip(labels, units).reduce(0) { $1.0 ? $0 + $1.1 : $0 }
        guard anomalousUnits > 0, anomalousUnits < totalUnits else {
            let only = anomalousUnits > 0 ? "anomalous" : "normal"
            throw ModelError(
                code: .oneClass,
                message: "All \(labels.count) labelled rows are \(only); learning needs rows of "
                    + "both kinds.")
        }
    }

    /// The sum of the weights.
    var totalWeight: Double { Double(totalUnits) * unit }

    /// The log-odds of the labels by weight.
    var logOdds: Double { log(Double(anomalousUnits) / Double(totalUnits - anomalousUnits)) }

    /// The weight of a row.
    func weight(_ row: Int) -> Double { Double(units[row]) * unit }
}

extension FeatureMatrix {
    /// Refuses training rows without labels; the positions of those whose weight is not 0.
    func checkedTrainingRows(
        _ labels: [Bool], weights: [Double]?
    ) throws(ModelError) -> [Int] {
        guard rowCount > 0 else {
            throw ModelError(
                code: .emptyMatrix, message: "Learning needs at least one labelled row and column.")
        }
        guard labels.count == rowCount else {
            throw ModelError(
                code: .invalidLabels,
                message: "\(rowCount) rows need as many labels, not \(labels.count).")
        }
        guard let weights else { return Array(0..<rowCount) }
        guard weights.count == rowCount else {
            throw ModelError(
                code: .invalidLabels,
                message: "\(rowCount) rows need as many weights, not \(weights.count).")
        }
        for (row, weight) in weights.enumerated() where !(weight >= 0 && weight <= 1e12) {
            throw ModelError(
                code: .invalidLabels,
                message: "The weight of row \(row) is \(weight); it lies in 0...1e12.")
        }
        let kept = weights.indices.filter { weights[$0] > 0 }
        guard !kept.isEmpty else {
            throw ModelError(code: .emptyMatrix, message: "The weight of every row is 0.")
        }
        return kept
    }
}
