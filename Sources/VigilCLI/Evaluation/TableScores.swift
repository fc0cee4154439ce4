import AnomalyModels

/// The scores of a table's rows by forests of several seeds and by trivial baselines; no label is used.
struct TableScores {
    static let forestName = "forest"
    static let twoPassName = "forest, two passes"

    /// By name, the score of each row in each run; baselines have one run.
    private(set) var runs: [String: [[Double]]] = [:]
    /// Of the forest of two passes, each row's tail probability in each run; NaN where the rows are too
    /// few to calibrate on.
    private(set) var tailProbabilities: [[Double]] = []

    /// Scores by forests that are fitted here, one pair for each seed.
    init<Forest: PathLengthForest>(
        _ features: FeatureMatrix, _ kind: Forest.Type, parameters: [Forest.Parameters],
        contamination: Double, threadCount: Int
    ) throws {
        addBaselines(features)
        for parameters in parameters {
            let plain = try Forest.fit(features, parameters: parameters, threadCount: threadCount)
            runs[Self.forestName, default: []].append(
                plain.scores(features, threadCount: threadCount))
            let (forest, kept) = try Forest.fitInTwoPasses(
                features, parameters: parameters, contamination: contamination,
                threadCount: threadCount)
            let scores = forest.scores(features, threadCount: threadCount)
            runs[Self.twoPassName, default: []].append(scores)
            addProbabilities(scores, calibratedOn: kept)
        }
    }

    /// Scores by one forest that comes from a file.
    ///
    /// It is calibrated on the table's rows but for the strangest share of them.
    init(_ features: FeatureMatrix, _ forest: IsolationForest, contamination: Double) {
        addBaselines(features)
        let scores = forest.scores(features)
        runs[Self.forestName] = [scores]
        let order = scores.indices.sorted { (scores[$0], $0) < (scores[$1], $1) }
        let leftOutCount = Int(Double(scores.count) * contamination)
        addProbabilities(scores, calibratedOn: Array(order.dropLast(leftOutCount)))
    }

    private mutating func addProbabilities(_ scores: [Double], calibratedOn rows: [Int]) {
        let calibration = TailCalibration.fit(rows.map { scores[$0] })
        tailProbabilities.append(scores.map { calibration?.tailProbability($0) ?? .nan })
    }

    private mutating func addBaselines(_ features: FeatureMatrix) {
        var squares = [Double](repeating: 0, count: features.rowCount)
        var largest = squares
        for column in 0..<features.columnCount {
            let values = features.column(column)
            let present = values.filter { !$0.isNaN }
            guard !present.isEmpty else { continue }
            let mean = present.reduce(0) { $0 + $1 / Double(present.count) }
            let variance = present.reduce(0) {
                $0 + ($1 - mean) * ($1 - mean) / Double(present.count)
            }
            let median = RobustStatistics.median(values)
            let mad = RobustStatistics.medianAbsoluteDeviation(values)
            let meanDeviation = RobustStatistics.meanAbsoluteDeviation(values)
            for (row, value) in values.enumerated() where !value.isNaN {
                squares[row] += variance > 0 ? (value - mean) * (value - mean) / variance : 0
                let z = RobustStatistics.robustZ(
                    value, median: median, mad: mad, meanAbsoluteDeviation: meanDeviation)
                largest[row] = max(largest[row], abs(z))
            }
        }
        runs["baseline: norm of the standardized row"] = [squares.map { $0.squareRoot() }]
        runs["baseline: largest robust |z|"] = [largest]
    }
}
