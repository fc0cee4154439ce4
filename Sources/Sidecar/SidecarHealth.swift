import ChangeFeed
import Synchronization

/// What the feed's loop is doing, told by the loop and read by whoever asks whether all is well.
///
/// The loop says beforehand until when it will have moved on, so that a long sleep and a long load are
/// not taken for a halt, and a halt of any action shows.
package final class SidecarHealth: Sendable {
    /// What the sidecar is doing, in one word.
    package enum State: String, Sendable, CaseIterable {
        case starting, connecting, loading, following, standby, disconnected, stopped
    }

    /// Changes that were read and whose results are not committed yet.
    package struct Pending: Sendable, Equatable {
        package var changeCount: Int
        /// How old the oldest was when it was read, in seconds.
        package var age: Double
        package var readAt: ContinuousClock.Instant
    }

    /// How large things are.
    package struct Sizes: Sendable, Equatable {
        package var entityCount = 0
        package var relationshipCount = 0
        package var openAnomalyCount = 0
        /// Entities that wait to be judged although no change has come to them.
        package var queueLength = 0
        package var graphEpoch: Int64 = 0
    }

    /// Everything at one moment.
    package struct Snapshot: Sendable {
        package var state = State.starting
        package var stateSince = ContinuousClock.now
        /// What the loop does, and until when it will do the next.
        package var action = "start"
        package var movesBy: ContinuousClock.Instant
        /// Why the last attempt failed; nil once it follows.
        package var failure: String?
        /// Where a load stands.
        package var progress: String?
        package var pending: Pending?
        package var sizes = Sizes()
        /// The model that judges; nil: rules do.
        package var modelVersion: String?
        package var challengerVersion: String?
        /// Why settings, indicators or models as the database has them are not in force.
        package var refusal: String?

        package init(motionLimit: Duration = SidecarHealth.motionLimit) {
            movesBy = ContinuousClock.now + motionLimit
        }

        /// How long the oldest change that was read has waited, in seconds; nil while nobody follows.
        package func lag(at now: ContinuousClock.Instant) -> Double? {
            guard state == .following || state == .standby else { return nil }
            guard let pending else { return 0 }
            return max(pending.age, 0) + max((now - pending.readAt) / .seconds(1), 0)
        }

        /// For how long the loop should have moved on; nil where it need not have.
        package func overdue(at now: ContinuousClock.Instant) -> Duration? {
            state != .stopped && now > movesBy ? now - movesBy : nil
        }
    }

    /// The longest that one action of the loop takes while all is well.
    package static let motionLimit = Duration.seconds(60)
    /// The longest that a load takes between two signs of progress.
    private static let loadLimit = Duration.seconds(900)

    private let limit: Duration
    private let state: Mutex<Snapshot>

    /// A sidecar that starts; its loop moves on within the limit, whatever it does.
    package init(motionLimit: Duration = SidecarHealth.motionLimit) {
        limit = motionLimit
        state = Mutex(Snapshot(motionLimit: motionLimit))
    }

    /// What is known now.
    package var snapshot: Snapshot { state.withLock { $0 } }

    // MARK: - The loop tells

    /// The loop begins an action.
    func begin(_ action: FeedAction) {
        switch action {
        case .standBy: expect("stand by", within: limit)
        case .connect: enter(.connecting, "connect", within: limit)
        case .load: enter(.loading, "load", within: Self.loadLimit)
        case .read: enter(.following, "read", within: limit)
        case .write: enter(.following, "write", within: limit)
        case .arm: enter(.following, "arm", within: limit)
        case .sleep(let duration):
            enter(.following, "sleep", within: duration + limit)
        case .waitToReconnect(let duration):
            enter(.disconnected, "wait to reconnect", within: duration + limit)
        case .disconnect, .fail: enter(.disconnected, "disconnect", within: limit)
        case .stop: enter(.stopped, "stop", within: limit)
        }
    }

    /// The sidecar is in this state, and will have moved on within this time.
    func enter(_ new: State, _ action: String, within limit: Duration) {
        state.withLock { state in
            let now = ContinuousClock.now
            if state.state != new {
                state.state = new
                state.stateSince = now
            }
            if new == .following || new == .standby {
                state.failure = nil
                state.progress = nil
            } else {
                state.pending = nil
            }
            state.action = action
            state.movesBy = now + limit
        }
    }

    /// A standby follows warm.
    func standsBy() { enter(.standby, "stand by", within: limit) }

    /// A standby loads its graph.
    func loadsWarm() { enter(.loading, "load", within: Self.loadLimit) }

    /// The loop does this, and will have moved on within this time.
    private func expect(_ action: String, within limit: Duration) {
        state.withLock { state in
            state.action = action
            state.movesBy = ContinuousClock.now + limit
        }
    }

    /// A step of a long action is done, and the next begins.
    func didMove() {
        state.withLock { $0.movesBy = ContinuousClock.now + limit }
    }

    /// A load goes on.
    func didProgress(_ stage: String, _ done: Int, _ total: Int) {
        state.withLock { state in
            state.progress = total > 0 ? "\(stage), \(done) of \(total)" : stage
            state.movesBy = ContinuousClock.now + Self.loadLimit
        }
    }

    /// An action failed.
    func didFail(_ reason: String) {
        state.withLock { $0.failure = reason }
    }

    /// Changes were read; none are left when the count is zero.
    func didRead(changeCount: Int, age: Double) {
        let now = ContinuousClock.now
        state.withLock {
            $0.pending =
                changeCount > 0
                ? Pending(changeCount: changeCount, age: age.isNaN ? 0 : age, readAt: now) : nil
        }
    }

    /// The results of what was read are committed.
    func didWrite() {
        state.withLock { $0.pending = nil }
    }

    /// How large things are, and who judges.
    func update(_ sizes: Sizes, modelVersion: String?, challengerVersion: String?) {
        state.withLock { state in
            state.sizes = sizes
            state.modelVersion = modelVersion
            state.challengerVersion = challengerVersion
        }
    }

    /// Settings, indicators or models are refused; nil: they are in force as the database has them.
    func didRefuse(_ reason: String?) {
        state.withLock { $0.refusal = reason }
    }
}
