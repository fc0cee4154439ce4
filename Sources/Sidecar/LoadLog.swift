import Logging
import Synchronization

/// Logs the progress of loading: each stage's begin and end, and every few seconds between them
/// the count, the share and the time left.
final class LoadLog: Sendable {
    private struct State {
        var stage = ""
        var startedAt = ContinuousClock.now
        var saidAt = ContinuousClock.now
    }

    private let logger: Logger
    private let health: SidecarHealth
    private let state = Mutex(State())
    private static let interval = Duration.seconds(2)

    init(logger: Logger, health: SidecarHealth) {
        self.logger = logger
        self.health = health
    }

    /// Takes progress: a stage, units done, units in all.
    var report: ProgressReport {
        { stage, done, total in self.take(stage, done, total) }
    }

    private func take(_ stage: String, _ done: Int, _ total: Int) {
        health.didProgress(stage, done, total)
        state.withLock { state in
            let now = ContinuousClock.now
            let isNew = state.stage != stage
            if isNew {
                state = State(stage: stage, startedAt: now, saidAt: now)
            }
            let isOver = done >= total
            guard isNew || isOver || now - state.saidAt >= Self.interval else { return }
            state.saidAt = now
            let elapsed = (now - state.startedAt) / .seconds(1)
            var metadata: Logger.Metadata = ["done": "\(done)", "of": "\(total)"]
            if isOver {
                metadata["seconds"] = "\((elapsed * 1000).rounded() / 1000)"
            } else if done > 0 {
                let left = elapsed / Double(done) * Double(total - done)
                metadata["seconds_left"] = "\(left.rounded(.up))"
            }
            logger.info("\(stage)", metadata: metadata)
        }
    }
}
