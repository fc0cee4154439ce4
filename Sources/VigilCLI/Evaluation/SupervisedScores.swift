import AnomalyModels
import ModelTraining

/// How a model learnt from labels ranks rows that it has not seen, by stratified cross-validation.
struct SupervisedScores: Sendable {
    /// A kind of model, and how it is fitted with a seed.
    struct Kind: Sendable {
        var name: String
        var fit:
            @Sendable (FeatureMatrix, [Bool], _ seed: UInt64) throws(ModelError) ->
                any SupervisedModel
    }

    let name: String
    /// Of each seed the mean over its folds.
    private(set) var areas: [Double] = []
    private(set) var averagePrecisions: [Double] = []
    /// The time of the fastest fit, and that of judging one row in the fastest fold.
    private(set) var fitSeconds = Double.infinity
    private(set) var rowSeconds = Double.infinity
    let foldCount: Int

    /// Fits and judges each fold of each seed, one after the other, on one thread.
    init(
        _ kind: Kind, _ features: FeatureMatrix, labels: [Bool], foldCount asked: Int,
        seeds: [UInt64]
    ) throws(ModelError) {
        name = kind.name
        var foldCount = 0
        for seed in seeds {
            let folds = CrossFitting(labels: labels, foldCount: asked, seed: seed)
            foldCount = folds.foldCount
            var (areaSum, precisionSum) = (0.0, 0.0)
            for fold in 0..<folds.foldCount {
                let training = folds.trainingRows(ofFold: fold)
                let judged = folds.rows(ofFold: fold)
                let matrix = features.selecting(rows: training)
                let fitStart = ContinuousClock.now
                let model = try kind.fit(matrix, training.map { labels[$0] }, seed)
                fitSeconds = min(fitSeconds, (ContinuousClock.now - fitStart) / .seconds(1))
                let rows = features.selecting(rows: judged)
                let judgeStart = ContinuousClock.now
                let margins = model.margins(rows, threadCount: 1)
                let seconds = (ContinuousClock.now - judgeStart) / .seconds(1)
                rowSeconds = min(rowSeconds, seconds / Double(judged.count))
                let truth = judged.map { labels[$0] }
                areaSum += Measures.rocAUC(scores: margins, labels: truth)
                precisionSum += Measures.averagePrecision(scores: margins, labels: truth)
            }
            areas.append(areaSum / Double(foldCount))
            averagePrecisions.append(precisionSum / Double(foldCount))
        }
        self.foldCount = foldCount
    }
}
