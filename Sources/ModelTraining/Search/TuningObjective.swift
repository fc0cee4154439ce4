package import AnomalyDetection

/// What parameters of the forests are worth on a graph: the cross-validation of a training run, whose
/// features are computed once for all trials.
package struct TuningObjective {
    /// What a trial's value measures.
    package enum Measure: String, Sendable, CaseIterable {
        /// The mean over the folds of the average precision on planted corruptions.
        case planted
        /// The average precision on reviewed subjects, each judged by a model that has not seen it.
        case reviews
    }

    /// Trees, rows and height of each tree, and the share that the second pass leaves out.
    package static let space = SearchSpace([
        .init("trees", .logInt(50...300)), .init("sample_size", .logInt(64...1024)),
        .init("height_limit", .int(4...12)), .init("contamination", .float(0...0.1)),
    ])

    /// What is measured.
    package let measure: Measure
    private let validation: TrainingValidation
    private let loop: TrainingLoop

    /// Computes the features; `measure` is nil for reviews where there are enough, else planted ones.
    package init(
        _ detector: AnomalyDetector, asOf: Double, options: ModelTrainer.Options,
        measure: Measure?, progress: (ModelTrainer.Stage, Double) -> Void,
        isCancelled: @escaping () -> Bool
    ) throws(TrainingError) {
        loop = TrainingLoop(threadCount: options.threadCount, isCancelled: isCancelled)
        validation = TrainingValidation(
            try TrainingMaterial(
                detector, asOf: asOf, options: options, loop: loop, progress: progress))
        guard validation.isPossible else {
            throw TrainingError(
                code: .tooFewRows,
                message: "a search needs at least \(TrainingValidation.entityCountMin) active "
                    + "entities; there are \(validation.material.rows.count)")
        }
        let verdicts =
            Array(options.reviewedEntities.values) + Array(options.reviewedRelationships.values)
        let least = min(verdicts.count { $0 }, verdicts.count { !$0 })
        let areEnough = least >= TrainingValidation.reviewCountMin
        self.measure = measure ?? (areEnough ? .reviews : .planted)
        guard self.measure == .planted || areEnough else {
            throw TrainingError(
                code: .tooFewRows,
                message: "a search by reviews needs at least "
                    + "\(TrainingValidation.reviewCountMin) confirmed and as many dismissed; of "
                    + "one kind there are \(least)")
        }
    }

    /// Measures one trial fold by fold; it ends as pruned where `isHopeless` says so.
    package func run(
        _ trial: Trial, isHopeless: (Trial) -> Bool
    ) throws(TrainingError) -> Trial {
        var trial = trial
        var options = validation.material.options
        func whole(_ name: String) -> Int? { trial.parameters[name].map { Int($0) } }
        options.treeCount = whole("trees") ?? options.treeCount
        options.sampleSize = whole("sample_size") ?? options.sampleSize
        options.heightLimit = whole("height_limit") ?? options.heightLimit
        options.contamination = trial.parameters["contamination"] ?? options.contamination
        var reviewed: [(score: Double, isAnomaly: Bool)] = []
        for place in validation.entityFolds.indices {
            let fold = try validation.fold(place, options: options, loop: loop)
            guard measure == .planted else {
                reviewed += fold.reviewed
                continue
            }
            trial.intermediate.append(fold.plantedMeasures(threshold: 1).averagePrecision)
            if place + 1 < validation.entityFolds.count, isHopeless(trial) {
                trial.state = .pruned
                return trial
            }
        }
        let value =
            measure == .planted
            ? trial.intermediate.reduce(0, +) / Double(trial.intermediate.count)
            : Measures.averagePrecision(
                scores: reviewed.map(\.score), labels: reviewed.map(\.isAnomaly))
        trial.state = value.isNaN ? .failed : .complete
        trial.value = value.isNaN ? nil : value
        return trial
    }
}
