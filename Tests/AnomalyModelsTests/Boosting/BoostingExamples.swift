import AnomalyModels
import Foundation

/// Labelled rows whose labels follow a known rule.
struct LabelledRows {
    var matrix: FeatureMatrix
    var labels: [Bool]

    /// Normal columns, the log-odds a linear function of the first two and a step of the third.
    static func additive(
        rowCount: Int, columnCount: Int = 6, missingShare: Double = 0, seed: UInt64
    ) -> LabelledRows {
        let matrix = FeatureMatrix.random(
            rowCount: rowCount, columnCount: columnCount, missingShare: missingShare, seed: seed)
        var random = SeededRandom(seed: seed, stream: 1)
        let labels = (0..<rowCount).map { index in
            random.uniform() < 1 / (1 + exp(-Self.additiveMargin(matrix.row(index))))
        }
        return LabelledRows(matrix: matrix, labels: labels)
    }

    static func additiveMargin(_ row: [Double]) -> Double {
        let known = row.map { $0.isNaN ? 0 : $0 }
        return 2 * known[0] - 1.5 * known[1] + (known[2] > 0.5 ? 2 : -1)
    }

    /// Rows in random order.
    func shuffled(seed: UInt64) -> LabelledRows {
        var random = SeededRandom(seed: seed)
        let order = random.sample(labels.count, below: labels.count)
        return LabelledRows(
            matrix: matrix.selecting(rows: order), labels: order.map { labels[$0] })
    }
}

/// The share of pairs of an anomalous and a normal row that the scores order rightly.
func rankingArea(_ scores: [Double], _ labels: [Bool]) -> Double {
    var sum = 0.0
    let anomalous = labels.indices.filter { labels[$0] }
    let normal = labels.indices.filter { !labels[$0] }
    for a in anomalous {
        for n in normal {
            sum += scores[a] > scores[n] ? 1 : scores[a] == scores[n] ? 0.5 : 0
        }
    }
    return sum / Double(anomalous.count * normal.count)
}
