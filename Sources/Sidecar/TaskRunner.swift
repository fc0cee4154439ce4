import Foundation
import GraphDrawing
import Logging
import PostgresClient
import Storage
import Synchronization

/// Takes tasks from `vigil.tasks` and carries them out, one after the other, beside the follower.
///
/// One session takes tasks, gives signs of life, ticks the schedules and draws pictures that somebody
/// waits for; the work of a task has a session and a thread of its own. Neither touches the feed's.
/// Whatever is in hand when the process dies is taken up by the next one once its lease has ended.
struct TaskRunner: Sendable {
    private let options: Sidecar.Options
    private let logger: Logger
    private let requests: JudgingRequests
    private let store: TaskStore

    /// How long a caller of `vigil.anomaly_svg` waits at most before it is noticed.
    private static let poll = Duration.milliseconds(100)
    private static let schedulePoll = Duration.seconds(1)
    /// How often an alert budget or a false-discovery rate is turned into a threshold.
    private static let thresholdPoll = Duration.seconds(300)
    private static let beat = Duration.milliseconds(400)
    /// A longer result stands in the task alone.
    private static let loggedCountMax = 200
    private static let pauseAfterFailure = Duration.seconds(1)...Duration.seconds(60)

    init(options: Sidecar.Options, logger: Logger, requests: JudgingRequests) {
        self.options = options
        self.logger = logger
        self.requests = requests
        let process = ProcessInfo.processInfo
        store = TaskStore(
            runner:
                "\(process.hostName.prefix(100)):\(process.processIdentifier):\(UUID().uuidString.prefix(8))"
        )
    }

    /// Runs until the task is cancelled; what fails is logged and tried again, ever less often.
    func run() async {
        var pause = Self.pauseAfterFailure.lowerBound
        while !Task.isCancelled {
            let started = ContinuousClock.now
            do {
                guard requests.isFollowing else {
                    try await Task.sleep(for: Self.poll)
                    continue
                }
                try await serve()
            } catch  where !Task.isCancelled {
                let hasServed = ContinuousClock.now - started > Self.pauseAfterFailure.upperBound
                pause = hasServed ? Self.pauseAfterFailure.lowerBound : pause
                logger.warning(
                    "the tasks were interrupted",
                    metadata: ["reason": "\(error)", "again_in": "\(pause)"])
                try? await Task.sleep(for: pause)
                pause = min(pause * 2, Self.pauseAfterFailure.upperBound)
            } catch {}
        }
    }

    private func serve() async throws {
        let connection = try await connect(on: .forLongWork())
        do {
            try await connection.execute("LISTEN vigil_tasks")
            try await takeTasks(on: connection)
            await connection.close()
        } catch {
            await connection.close()
            throw error
        }
    }

    private func connect(on executor: BlockingExecutor) async throws -> PostgresConnection {
        let connection = try await PostgresConnection.connect(
            options.conninfo, applicationName: "vigil tasks", on: executor)
        try await connection.execute(TaskStore.sessionSettings)
        return connection
    }

    /// One round after the other: pictures, schedules, a task, a rest.
    private func takeTasks(on connection: PostgresConnection) async throws {
        var bell = Int64(-1)
        var ticked: ContinuousClock.Instant?
        var adjusted: ContinuousClock.Instant?
        var isRung = true
        while !Task.isCancelled, requests.isFollowing {
            try await drawWanted(&bell, on: connection)
            if ticked.map({ ContinuousClock.now - $0 >= Self.schedulePoll }) ?? true {
                let filed = try await TaskStore.runSchedules(on: connection)
                if filed > 0 {
                    logger.info("schedules were due", metadata: ["tasks": "\(filed)"])
                }
                ticked = ContinuousClock.now
                isRung = true
            }
            if adjusted.map({ ContinuousClock.now - $0 >= Self.thresholdPoll }) ?? true {
                try await ThresholdStore.adjust(on: connection)
                adjusted = ContinuousClock.now
            }
            if isRung {
                // More may wait behind the one that was found.
                isRung = try await carryOutNext(&bell, on: connection)
            } else {
                isRung = try await !connection.waitForNotification(timeout: Self.poll).isEmpty
            }
        }
    }

    /// Draws what callers of `vigil.anomaly_svg` wait for; the bell tells whether to look at all.
    private func drawWanted(
        _ bell: inout Int64, on connection: PostgresConnection
    ) async throws {
        let now = try await RenderingStore.bell(on: connection)
        guard now != bell else { return }
        bell = now
        for wanted in try await RenderingStore.wanted(on: connection) {
            // Who waits has looked for a kept one.
            options.metrics.record(.renderings, isHit: false)
            do {
                try await TaskWork.draw(wanted, as: .svg, on: connection)
            } catch let error as PostgresError where error.code != .serverError {
                throw error
            } catch {
                logger.error(
                    "a picture could not be drawn",
                    metadata: ["anomaly": "\(wanted.anomalyID)", "reason": "\(error)"])
            }
        }
    }

    // MARK: - One task

    /// Takes a task and carries it out; false when there is none.
    private func carryOutNext(
        _ bell: inout Int64, on connection: PostgresConnection
    ) async throws -> Bool {
        guard let task = try await store.claim(on: connection) else { return false }
        logger.info(
            "task begun",
            metadata: ["task": "\(task.id)", "kind": "\(task.kind)", "attempt": "\(task.attempt)"])
        let progress = TaskProgress()
        let box = EndingBox()
        let work = start(task, progress: progress, box: box, waking: connection)
        do {
            while box.ending == nil {
                let goesOn = try await store.report(
                    task.id, progress: progress.current.value, stage: progress.current.stage,
                    on: connection)
                guard goesOn, !Task.isCancelled, requests.isFollowing else {
                    work.cancel()
                    let state = try await store.release(task.id, on: connection)
                    logger.info(
                        "task stopped",
                        metadata: ["task": "\(task.id)", "state": "\(state ?? "lost")"])
                    return true
                }
                try await rest(until: ContinuousClock.now + Self.beat, &bell, box, on: connection)
            }
        } catch {
            work.cancel()
            throw error
        }
        try await conclude(task, box.ending ?? .success(.lost), on: connection)
        return true
    }

    /// Waits for the next sign of life, the end of the work, or a request to stop.
    private func rest(
        until deadline: ContinuousClock.Instant, _ bell: inout Int64, _ box: EndingBox,
        on connection: PostgresConnection
    ) async throws {
        while box.ending == nil, ContinuousClock.now < deadline, !Task.isCancelled {
            let notifications = try await connection.waitForNotification(timeout: Self.poll)
            guard notifications.isEmpty else { return }
            if box.ending == nil {
                try await drawWanted(&bell, on: connection)
            }
        }
    }

    /// Starts the work in a task that nobody has to wait for: training cannot be interrupted.
    private func start(
        _ task: ClaimedTask, progress: TaskProgress, box: EndingBox,
        waking connection: PostgresConnection
    ) -> Task<Void, Never> {
        let work = TaskWork(
            task: task, store: store, requests: requests, progress: progress,
            metrics: options.metrics)
        let executor = BlockingExecutor.forLongWork()
        return Task.detached(executorPreference: executor, priority: .background) {
            do {
                let database = try await connect(on: executor)
                let outcome: Result<TaskWork.Ending, any Error>
                do {
                    outcome = .success(try await work.run(on: database))
                } catch {
                    outcome = .failure(error)
                }
                await database.close()
                box.put(outcome)
            } catch {
                box.put(.failure(error))
            }
            connection.wake()
        }
    }

    private func conclude(
        _ task: ClaimedTask, _ ending: Result<TaskWork.Ending, any Error>,
        on connection: PostgresConnection
    ) async throws {
        switch ending {
        case .success(.done(let result)):
            try await store.finish(task.id, result: result, on: connection)
            logger.info(
                "task done",
                metadata: ["task": "\(task.id)", "result": "\(result.prefix(Self.loggedCountMax))"])
        case .success(.stored):
            logger.info("task done", metadata: ["task": "\(task.id)"])
        case .success(.lost):
            // Cancelled at the last moment, or another runner has it.
            try await store.release(task.id, on: connection)
        case .failure(let error):
            let state = try await store.fail(
                task.id, error: "\(error)", isFinal: TaskWork.isFinal(error), on: connection)
            logger.error(
                "task failed",
                metadata: [
                    "task": "\(task.id)", "state": "\(state ?? "lost")", "reason": "\(error)",
                ])
        }
    }
}

/// The place where the work of a task leaves how it ended.
private final class EndingBox: Sendable {
    private let value = Mutex<Result<TaskWork.Ending, any Error>?>(nil)

    var ending: Result<TaskWork.Ending, any Error>? {
        value.withLock { $0 }
    }

    func put(_ ending: Result<TaskWork.Ending, any Error>) {
        value.withLock { $0 = ending }
    }
}
