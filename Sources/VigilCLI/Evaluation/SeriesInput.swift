import AnomalyModels
import GraphFiles
import ModelTraining

/// A series as detectors get it, and apart from it the labels of the rows that are measured.
struct SeriesInput {
    /// The path of the measured file.
    let name: String
    /// Seconds; rows without instants are taken to be five minutes apart.
    let times: [Double]
    let stepSeconds: Double
    /// Whether days and weeks mean something for these times.
    let hasSeasons: Bool
    /// The column that is judged; NaN is a gap.
    let values: [Double]
    /// All other columns, row after row.
    let inputs: [Double]
    let inputCount: Int
    /// The rows that models are fitted to.
    let fitted: Range<Int>
    /// The rows that thresholds are calibrated on.
    let calibrated: Range<Int>
    /// The rows that are measured.
    let measured: Range<Int>
    let labels: [Bool]
    let truth: SeriesTruth

    /// One labelled file: its probationary part is for learning, as in the benchmark.
    init(_ file: SeriesFile, target: String?) throws {
        let labels = try Self.labels(file)
        let truth = SeriesTruth(labels: labels)
        try self.init(
            file, target: target, values: file.values, times: file.times, labels: labels,
            truth: truth, fitted: 0..<truth.probationCount, calibrated: 0..<truth.probationCount,
            measured: 0..<file.rowCount)
    }

    /// A file to learn from and a labelled one, as one stream.
    ///
    /// The first 70 % of the file to learn from are for fitting, the rest for calibrating.
    init(train: SeriesFile, test: SeriesFile, target: String?) throws {
        guard train.columns == test.columns else {
            throw GraphFileError(
                code: .badHeader, file: test.file, line: 1,
                reason: "the columns are not those of \(train.file): "
                    + test.columns.joined(separator: ", ") + " against "
                    + train.columns.joined(separator: ", "))
        }
        let labels = try Self.labels(test)
        let truth = SeriesTruth(labels: labels, hasProbation: false)
        let fitCount = train.rowCount * 7 / 10
        try self.init(
            test, target: target, values: train.values + test.values,
            times: train.times + test.times, labels: labels, truth: truth, fitted: 0..<fitCount,
            calibrated: fitCount..<train.rowCount,
            measured: train.rowCount..<train.rowCount + test.rowCount)
    }

    private init(
        _ file: SeriesFile, target: String?, values all: [Double], times: [Double],
        labels: [Bool], truth: SeriesTruth, fitted: Range<Int>, calibrated: Range<Int>,
        measured: Range<Int>
    ) throws {
        let wanted = target ?? (file.columns.contains("value") ? "value" : file.columns[0])
        guard let column = file.columns.firstIndex(of: wanted) else {
            throw GraphFileError(
                code: .badHeader, file: file.file, line: 1,
                reason: "the header lacks the column “\(wanted)”; it has "
                    + file.columns.joined(separator: ", "))
        }
        let width = file.columns.count
        name = file.file
        values = stride(from: column, to: all.count, by: width).map { all[$0] }
        inputs = all.indices.filter { $0 % width != column }.map { all[$0] }
        inputCount = width - 1
        // Numbers say the order of rows alone.
        self.times = file.hasInstants ? times : times.indices.map { Double($0) * 300 }
        stepSeconds = usualStep(of: self.times)
        hasSeasons = file.hasInstants && stepSeconds <= 86_400
        self.fitted = fitted
        self.calibrated = calibrated
        self.measured = measured
        self.labels = labels
        self.truth = truth
    }

    private static func labels(_ file: SeriesFile) throws(GraphFileError) -> [Bool] {
        guard let labels = file.labels else {
            throw GraphFileError(
                code: .badHeader, file: file.file, line: 1,
                reason: "the header lacks the column “label”, without which nothing can be measured"
            )
        }
        return labels
    }

    /// Scores of the measured rows, ready to be compared with the labels.
    func scoring(_ scores: [Double]) -> SeriesScoring {
        SeriesScoring(
            scores: Array(scores[measured]), truth: truth,
            quietRowCount: SeriesScoring.usualQuietRowCount(rowCount: measured.count))
    }

    /// How many rows so many seconds are, at least `atLeast`.
    func rowCount(seconds: Double, atLeast: Int = 1) -> Int {
        max(atLeast, Int(min((seconds / stepSeconds).rounded(), 1e6)))
    }
}
