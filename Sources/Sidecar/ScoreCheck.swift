import AnomalyDetection
import Logging
import PostgresClient
import Storage

/// Looks beside the feed for what nobody has scored, after a standby has taken the lead: the query reads all
/// scores, and changes do not wait for it.
struct ScoreCheck {
    private let box = ResultBox<UnscoredEntities>()
    private var task: Task<Void, Never>?

    /// Starts to compare what is stored with a copy of the detector.
    mutating func start(
        _ detector: AnomalyDetector, options: Sidecar.Options, logger: Logger,
        whenDone: @escaping @Sendable () -> Void
    ) {
        cancel()
        let (box, executor) = (box, BlockingExecutor.forLongWork())
        task = Task.detached(executorPreference: executor, priority: .utility) {
            do {
                let connection = try await PostgresConnection.connect(
                    options.conninfo, applicationName: "vigil check", on: executor)
                defer { Task { await connection.close() } }
                try await connection.execute(TaskStore.sessionSettings)
                box.put(try await GraphLoader.unscored(in: detector, on: connection))
                whenDone()
            } catch  where !Task.isCancelled {
                logger.warning(
                    "what is not scored was not looked for", metadata: ["reason": "\(error)"])
            } catch {}
        }
    }

    /// What was found, once.
    func take() -> UnscoredEntities? { box.take() }

    mutating func cancel() {
        task?.cancel()
        task = nil
        _ = box.take()
    }
}
