import AnomalyDetection
import AnomalyModels
import GraphDrawing
import ModelTraining
import PostgresClient
import Storage
import Synchronization

/// How far a task is: written by its work, read by the runner's signs of life.
final class TaskProgress: Sendable {
    private struct State {
        var stage = ""
        var before = 0.0
        var value = 0.0
    }

    private let state = Mutex(State())
    /// Of what was left before a stage, so much is done after it.
    private static let stageShare = 0.4

    /// The stage, and an estimate of the whole that never falls.
    var current: (value: Double, stage: String) {
        state.withLock { ($0.value, $0.stage) }
    }

    func report(_ stage: String, _ done: Int, _ total: Int) {
        let share = total > 0 ? min(1, max(0, Double(done) / Double(total))) : 0
        state.withLock { state in
            if stage != state.stage {
                state.before = state.value
                state.stage = stage
            }
            let estimate = state.before + (1 - state.before) * Self.stageShare * share
            state.value = max(state.value, estimate)
        }
    }

    /// For work whose share of the whole is known beside its stage.
    func report(line: String, share: Double) {
        state.withLock { state in
            state.stage = line
            state.value = max(state.value, share)
        }
    }

    /// For work in one stage, whose share of the whole is known.
    func report(wholly stage: String, _ done: Int, _ total: Int) {
        state.withLock { state in
            state.stage = stage
            state.value = total > 0 ? Double(done) / Double(total) : 0
        }
    }
}

/// What one task does, on a connection of its own.
struct TaskWork: Sendable {
    /// How the work ended.
    enum Ending: Sendable {
        /// The result, a JSON object.
        case done(String)
        /// The task has ended together with what it stored.
        case stored
        /// The task was taken away meanwhile.
        case lost
    }

    let task: ClaimedTask
    let store: TaskStore
    let requests: JudgingRequests
    let progress: TaskProgress
    let metrics: SidecarMetrics

    func run(on database: PostgresConnection) async throws -> Ending {
        switch task.kind {
        case "detect":
            let ids = try await TaskStore.detectionTargets(task.arguments, on: database)
            return try await judge(ids, on: database)
        case "scan_all": return try await judge(nil, on: database)
        case "retrain": return try await retrain(on: database)
        case "daily_report":
            let id = try await TaskStore.makeReport(for: task, on: database)
            return .done(#"{"report": \#(id)}"#)
        case "export": return try await export(on: database)
        case "preview": return try await preview(on: database)
        case "drift": return try await checkDrift(on: database)
        case "maintenance": return .done(try await TaskStore.maintain(on: database))
        default:
            throw StorageError(
                code: .invalidTask, message: "this sidecar knows no task of kind \(task.kind)",
                hint: "run a newer one")
        }
    }

    /// Whether another attempt cannot help.
    static func isFinal(_ error: any Error) -> Bool {
        switch error {
        case is TrainingError, is DrawingError, is DetectionError: true
        case let error as StorageError:
            switch error.code {
            case .unknownAnomaly, .invalidTask, .graphTooLarge: true
            default: false
            }
        // A value that is refused, a right that is missing, a row that is not there.
        case let error as PostgresError:
            ["22", "42", "P0"].contains { error.sqlState?.hasPrefix($0) == true }
        default: false
        }
    }

    /// Leaves the judging to the follower, and waits.
    private func judge(
        _ ids: [Int64]?, on database: PostgresConnection
    ) async throws -> Ending {
        requests.place(ids, for: task.id)
        defer { requests.withdraw(task.id) }
        var total = 0
        while true {
            if let state = requests.progress(of: task.id) {
                total = state.total
                progress.report(wholly: "judging", state.done, state.total)
                if state.done == state.total { break }
            }
            try await Task.sleep(for: Self.judgingPoll)
        }
        let anomalous = try await TaskStore.anomalousCount(of: ids, on: database)
        return .done(#"{"judged": \#(total), "anomalous": \#(anomalous)}"#)
    }

    private static let judgingPoll = Duration.milliseconds(20)

    /// Judges what is not there on a copy of the follower's graph.
    private func preview(on database: PostgresConnection) async throws -> Ending {
        let preview = Preview(detector: try await copy())
        return .done(try await preview.result(of: task.argumentsText, on: database))
    }

    /// Compares a copy of the follower's graph with what the model was trained on.
    private func checkDrift(on database: PostgresConnection) async throws -> Ending {
        progress.report(wholly: "comparing", 0, 1)
        let run = DriftRun(detector: try await copy(), seed: task.arguments.seed ?? 1)
        let report = try await run.report(on: database)
        try Task.checkCancellation()
        return try await store.storeDrift(task.id, report: try report.json(), on: database)
            ? .stored : .lost
    }

    /// A copy of the follower's detector, as soon as it lends one.
    private func copy() async throws -> AnomalyDetector {
        requests.askForCopy(for: task.id)
        defer { requests.withdraw(task.id) }
        while true {
            if let detector = requests.takeCopy(for: task.id) { return detector }
            try await Task.sleep(for: Self.judgingPoll)
        }
    }

    private func retrain(on database: PostgresConnection) async throws -> Ending {
        let wanted = task.arguments
        var run = TrainingRun(
            seed: wanted.seed ?? 1, treeCount: wanted.trees ?? 100,
            sampleSize: wanted.sampleSize ?? 256, contamination: wanted.contamination ?? 0.02,
            // The other cores belong to the feed and the writers.
            threadCount: 1)
        run.foldCount = wanted.folds ?? run.foldCount
        let outcome: TrainingRun.Outcome
        do {
            let (progress, whole) = (progress, TrainingProgress(startedAt: .now))
            outcome = try await run.train(on: database) { stage, done, total in
                progress.report(
                    line: whole.line(stage, done, total, at: .now),
                    share: TrainingProgress.share(of: stage, done, total) ?? 0)
            }
        } catch let error as TrainingError
            where error.code == .tooFewRows && wanted.skipIfTooFew == true
        {
            var result = JSONText()
            result.object { json in
                json.key("trained")
                json.value(false)
                json.key("reason")
                json.value(error.message)
            }
            return .done(result.text)
        }
        try Task.checkCancellation()
        let isStored = try await store.storeModel(
            task.id, version: outcome.model.version, card: try outcome.card(),
            archive: outcome.archive,
            result:
                #"{"trained": true, "entities": \#(outcome.model.card.trainingRowCount)}"#,
            on: database)
        return isStored ? .stored : .lost
    }

    private static func result(of outcome: TrainingRun.Outcome) -> String {
        var result = JSONText()
        result.object { json in
            json.key("trained")
            json.value(true)
            json.key("entities")
            json.value(Int64(outcome.model.card.trainingRowCount))
            json.key("fingerprint")
            json.value(outcome.model.card.fingerprint)
            json.key("shortfalls")
            json.array { json in
                for shortfall in outcome.shortfalls { json.value(shortfall) }
            }
            json.key("measures")
            json.object { json in
                for (name, value) in outcome.model.card.measures.sorted(by: { $0.key < $1.key }) {
                    json.key(named: name)
                    json.value(value)
                }
            }
        }
        return result.text
    }

    private func export(on database: PostgresConnection) async throws -> Ending {
        let wanted = RenderingStore.Wanted(
            anomalyID: task.arguments.anomalyID ?? "", hops: task.arguments.hops ?? 1,
            nodeCountMax: task.arguments.nodes ?? 60)
        let format = task.arguments.format.flatMap { DrawingFormat(rawValue: $0) } ?? .svg
        progress.report(wholly: "drawing", 0, 1)
        let kept = try await RenderingStore.kept(wanted, format: format.rawValue, on: database)
        metrics.record(.renderings, isHit: kept != nil)
        let bytes: [UInt8]
        if let kept {
            bytes = kept
        } else {
            bytes = try await Self.draw(wanted, as: format, on: database)
        }
        return .done(#"{"format": "\#(format.rawValue)", "bytes": \#(bytes.count)}"#)
    }

    /// Draws a picture and keeps it.
    @discardableResult
    static func draw(
        _ wanted: RenderingStore.Wanted, as format: DrawingFormat, on database: PostgresConnection
    ) async throws -> [UInt8] {
        // Read before what is drawn: a detection meanwhile makes the picture an old one.
        let detection = try await AnomalyStore.detection(of: wanted.anomalyID, on: database)
        do {
            let bytes = try await AnomalyPicture.draw(
                wanted.anomalyID, format: format, hops: wanted.hops,
                nodeCountMax: wanted.nodeCountMax, on: database)
            try await RenderingStore.store(
                bytes, error: nil, format: format.rawValue, of: wanted, drawnFrom: detection,
                on: database)
            return bytes
        } catch let error as DrawingError {
            // Who waits for it is told.
            try await RenderingStore.store(
                nil, error: "\(error)", format: format.rawValue, of: wanted,
                drawnFrom: detection, on: database)
            throw error
        }
    }
}
