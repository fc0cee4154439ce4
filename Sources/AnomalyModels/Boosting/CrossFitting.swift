import ParallelLoops

/// Rows dealt to folds, so that each is judged by a model that was fitted without it.
package struct CrossFitting: Sendable, Equatable {
    /// The number of folds: as many as asked for, or fewer where a class has fewer rows; at least 2.
    package let foldCount: Int
    /// The fold of each row.
    package let foldOfRow: [Int]

    /// Deals the rows of each class at random, so that folds differ by at most one row of it.
    ///
    /// A class of one row leaves one fold without it in training; see `margins`.
    package init(labels: [Bool], foldCount asked: Int, seed: UInt64) {
        precondition(asked >= 2, "Cross-fitting needs at least two folds.")
        let anomalousCount = labels.count { $0 }
        foldCount = max(2, min(asked, min(anomalousCount, labels.count - anomalousCount)))
        var folds = [Int](repeating: 0, count: labels.count)
        var random = SeededRandom(seed: seed, stream: 0x466F_6C64)
        var next = 0
        for label in [true, false] {
            let rows = labels.indices.filter { labels[$0] == label }
            for place in random.sample(rows.count, below: rows.count) {
                folds[rows[place]] = next % foldCount
                next += 1
            }
        }
        foldOfRow = folds
    }

    /// The given folds, as those that another program used.
    package init(foldOfRow: [Int]) {
        precondition(foldOfRow.allSatisfy { $0 >= 0 }, "Folds are numbered from 0.")
        self.foldOfRow = foldOfRow
        foldCount = (foldOfRow.max() ?? 0) + 1
    }

    /// The rows outside a fold, which its model is fitted to.
    package func trainingRows(ofFold fold: Int) -> [Int] {
        foldOfRow.indices.filter { foldOfRow[$0] != fold }
    }

    /// The rows of a fold.
    package func rows(ofFold fold: Int) -> [Int] {
        foldOfRow.indices.filter { foldOfRow[$0] == fold }
    }

    /// The margin of each row by the model that was fitted without it.
    ///
    /// `fit` gets rows, their labels and weights, and is called from several threads.
    package func margins<Model: SupervisedModel>(
        _ matrix: FeatureMatrix, labels: [Bool], weights: [Double]? = nil, threadCount: Int = 1,
        fit: @Sendable (FeatureMatrix, [Bool], [Double]?) throws(ModelError) -> Model
    ) throws(ModelError) -> [Double] {
        precondition(
            foldOfRow.count == matrix.rowCount && labels.count == matrix.rowCount,
            "Every row has a fold and a label.")
        let parts = parallelMap(foldCount, threadCount: threadCount) {
            fold -> Result<[Double], ModelError> in
            let training = trainingRows(ofFold: fold)
            do throws(ModelError) {
                let model = try fit(
                    matrix.selecting(rows: training), training.map { labels[$0] },
                    weights.map { weights in training.map { weights[$0] } })
                let judged = matrix.selecting(rows: rows(ofFold: fold))
                return .success(model.margins(judged, threadCount: 1))
            } catch {
                return .failure(error)
            }
        }
        var margins = [Double](repeating: .nan, count: matrix.rowCount)
        for (fold, part) in parts.enumerated() {
            for (row, margin) in zip(rows(ofFold: fold), try part.get()) { margins[row] = margin }
        }
        return margins
    }
}
