import AnomalyDetection
import AnomalyModels

/// The watched numbers of each type: a forest or robust z, and what their scores are worth.
struct TrainingNumbers {
    private(set) var models: [String: NumericModel] = [:]
    /// Nil where no type watches numbers.
    private(set) var calibration: DetectorCalibration?

    init(
        rows: [TrainingRow], keys: [String: [String]], options: ModelTrainer.Options
    ) throws(TrainingError) {
        var forestScores: [String: [Double]] = [:]
        var deviations: [String: [Double]] = [:]
        let byType = Dictionary(grouping: rows, by: \.typeName).sorted { $0.key < $1.key }
        for (place, (type, rows)) in byType.enumerated() {
            guard let keys = keys[type], !keys.isEmpty else { continue }
            let numbers = rows.map(\.numbers).filter { row in
                row.count == keys.count && row.contains { !$0.isNaN }
            }
            guard numbers.count >= NumericModel.rowsMin else { continue }
            let peers = keys.indices.map { column in PeerDistribution(numbers.map { $0[column] }) }
            var model = NumericModel(keys: keys, peers: peers, forest: nil)
            if numbers.count >= NumericModel.forestRowsMin {
                model.forest = try Self.forest(numbers, stream: place, options)
            }
            models[type] = model
            let scores = numbers.map(model.score)
            if model.forest != nil {
                forestScores[type] = scores
            } else {
                deviations[type] = scores
            }
        }
        guard !models.isEmpty else { return }
        // Scores of forests and robust z have nothing in common: a type with a forest is judged by
        // its own calibration alone, only the others are pooled.
        var fitted = DetectorCalibration.fit(.numericMetadata, scores: deviations)
        for (type, scores) in forestScores {
            let unit = ((scores.max() ?? 0) - (scores.min() ?? 0)) / 10
            let own = DetectorCalibration.fit(
                .numericMetadata, scores: [type: scores], farOutUnit: unit)
            fitted.byType[type] = own.byType[type]
        }
        calibration = fitted
    }

    private static func forest(
        _ numbers: [[Double]], stream: Int, _ options: ModelTrainer.Options
    ) throws(TrainingError) -> IsolationForest {
        // Each type has random numbers of its own.
        var random = SeededRandom(seed: options.seed, stream: UInt64(2_000 + stream))
        let parameters = IsolationForest.Parameters(
            treeCount: options.treeCount, sampleSize: options.sampleSize,
            heightLimit: options.heightLimit, seed: random.next())
        do throws(ModelError) {
            return try IsolationForest.fitInTwoPasses(
                FeatureMatrix(columnCount: numbers[0].count, rows: numbers),
                parameters: parameters, contamination: options.contamination,
                threadCount: options.threadCount
            ).forest
        } catch {
            throw TrainingError(code: .invalidOption, message: error.message)
        }
    }
}
