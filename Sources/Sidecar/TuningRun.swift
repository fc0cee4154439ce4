import AnomalyDetection
package import ModelTraining
package import PostgresClient
import Storage

/// Searches the parameters of the forests on a database, trial by trial; each is stored.
package struct TuningRun: Sendable {
    /// The name of the study; it goes on where it was.
    package var study: String
    /// So many trials in all.
    package var trialCount: Int
    package var seed: UInt64
    /// Nil for reviews where there are enough of them, else planted corruptions.
    package var measure: TuningObjective.Measure?
    package var foldCount = 5

    package init(
        study: String, trialCount: Int, seed: UInt64, measure: TuningObjective.Measure?
    ) {
        self.study = study
        self.trialCount = trialCount
        self.seed = seed
        self.measure = measure
    }

    /// The trials of the study when it has enough; `told` hears of each that ends.
    package func run(
        on database: PostgresConnection, progress: @escaping ProgressReport,
        told: @Sendable (Trial, Trial?) -> Void
    ) async throws -> (measure: TuningObjective.Measure, trials: [Trial]) {
        var run = TrainingRun(seed: seed)
        run.foldCount = foldCount
        let stored = try await TrialStore.load(study, on: database)
        try check(stored?.study)
        let (graph, options) = try await run.prepare(on: database, progress: progress)
        let stages = StageCounts(
            entities: graph.detector.entityCount,
            relationships: graph.detector.relationshipCount)
        let wanted = stored.flatMap { TuningObjective.Measure(rawValue: $0.study.objective) }
        let objective = try TuningObjective(
            graph.detector, asOf: options.createdAt, options: options, measure: wanted ?? measure,
            progress: { stages.report($0, $1, to: progress) }, isCancelled: { Task.isCancelled })
        let facts = TrialStore.Study(seed: seed, objective: objective.measure.rawValue)
        var search = Search(
            TuningObjective.space, seed: seed, pruning: MedianPruning(),
            trials: stored?.trials.map(\.trial) ?? [])
        while search.trials.count < trialCount {
            progress("trials", search.trials.count, trialCount)
            try Task.checkCancellation()
            var trial = search.next()
            try await TrialStore.save(StoredTrial(trial), of: study, facts, on: database)
            let known = search
            do throws(TrainingError) {
                trial = try objective.run(trial) { known.isHopeless($0) }
            } catch {
                // Who interrupts a study wants this trial run again.
                guard error.code != .cancelled else { throw error }
                trial.state = .failed
            }
            try await TrialStore.save(StoredTrial(trial), of: study, facts, on: database)
            search.end(trial)
            told(trial, search.trials.best)
        }
        progress("trials", trialCount, trialCount)
        return (objective.measure, search.trials)
    }

    /// A study that was begun otherwise is another one.
    private func check(_ stored: TrialStore.Study?) throws {
        guard let stored else { return }
        guard stored.seed == seed, measure == nil || measure?.rawValue == stored.objective else {
            throw StorageError(
                code: .invalidSetting,
                message: "study \(study) was begun with seed \(stored.seed) and objective "
                    + "\(stored.objective)",
                hint: "go on with these, or choose another name")
        }
    }

    /// The best trial of a study; nil where no trial is complete.
    package static func best(
        of study: String, on database: PostgresConnection
    ) async throws -> Trial? {
        try await TrialStore.load(study, on: database)?.trials.map(\.trial).best
    }
}

extension TrainingRun {
    /// Takes the parameters of a trial.
    package mutating func adopt(_ trial: Trial) {
        func whole(_ name: String) -> Int? { trial.parameters[name].map { Int($0) } }
        treeCount = whole("trees") ?? treeCount
        sampleSize = whole("sample_size") ?? sampleSize
        heightLimit = whole("height_limit") ?? heightLimit
        contamination = trial.parameters["contamination"] ?? contamination
    }
}

extension StoredTrial {
    fileprivate init(_ trial: Trial) {
        self.init(
            number: trial.number, parameters: trial.parameters, state: trial.state.rawValue,
            value: trial.value, intermediate: trial.intermediate)
    }

    fileprivate var trial: Trial {
        Trial(
            number: number, parameters: parameters, state: Trial.State(rawValue: state) ?? .failed,
            value: value, intermediate: intermediate)
    }
}
