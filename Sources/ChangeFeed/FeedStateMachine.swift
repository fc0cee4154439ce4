/// The feed's decisions: events in, actions out; no I/O and no clock.
///
/// ```
/// disconnected -> connecting -> loading -> reading -> writing
///      ^              |           ^          ^  |        |
///      |              v           |          |  |        |
///      |          standingBy -----+          |  |        |
///      | failed, from any state              |  v        |
///      +----                    sleeping <- checking <- arming (after a read that found nothing)
/// ```
///
/// Invariants: after `started` exactly one action with an outcome is under way until the feed is
/// over; the position moves forward only when a batch was committed, or a read found nothing; so a
/// batch that was lost is read again.
package struct FeedStateMachine: Sendable {
    /// What the feed is doing.
    package enum State: Sendable, Equatable {
        /// Not yet started.
        case initial
        /// Waiting to connect again.
        case disconnected
        /// Opening the connections.
        case connecting
        /// Following warm while another process leads.
        case standingBy
        /// Loading the graph, or checking that it is still of the same epoch.
        case loading
        /// Reading the next batch.
        case reading
        /// Committing the results of a batch that ends with the snapshot.
        case writing(FeedSnapshot)
        /// Arming the doorbell.
        case arming
        /// Reading once more after arming.
        case checking
        /// Waiting for the doorbell or the next poll.
        case sleeping
        /// Over.
        case stopped
    }

    /// What the feed is doing.
    package private(set) var state: State = .initial
    /// The settings in force.
    package private(set) var configuration: FeedConfiguration
    /// Everything up to this snapshot has had its effect; nil before the first load.
    package private(set) var position: FeedSnapshot?
    /// How many times in a row the feed has failed.
    package var failureCount: Int { backoff.failureCount }

    private var backoff: FeedBackoff
    private var isStopRequested = false
    /// Whether the feed has followed once, leading or standing by: from then on no failure ends it.
    private var hasFollowed = false
    /// Whether the last thing this feed wrote about the doorbell was to arm it.
    private var isArmed = false
    /// Transactions that may commit without ringing, because they began before the doorbell was
    /// armed; nil: the first read after arming has still to name them.
    private var silentWriters: Set<UInt64>?
    private var quickPoll: Duration

    /// A feed that waits for `started`; the seed decides its jitter.
    package init(configuration: FeedConfiguration, seed: UInt64) {
        self.configuration = configuration
        backoff = FeedBackoff(seed: seed)
        quickPoll = configuration.quickPollMin
    }

    /// Takes an event and returns what to do, in order.
    ///
    /// An empty answer means that the action under way goes on.
    package mutating func handle(_ event: FeedEvent) -> [FeedAction] {
        switch event {
        case .stopRequested: return requestStop()
        case .configured(let configuration): return configure(configuration)
        default: break
        }
        if state == .stopped { return [] }
        if isStopRequested { return stop() }
        switch event {
        case .failed(let failure): return fail(failure)
        case .epochChanged: return reload()
        default: return advance(event)
        }
    }

    // MARK: - The way forward

    private mutating func advance(_ event: FeedEvent) -> [FeedAction] {
        switch (state, event) {
        case (.initial, .started), (.disconnected, .timerFired):
            state = .connecting
            return [.connect]
        case (.connecting, .connected), (.standingBy, .connected):
            state = .loading
            return [.load(resuming: position)]
        case (.connecting, .anotherLeads):
            state = .standingBy
            return [.standBy]
        case (.standingBy, .anotherLeads):
            // Its graph is loaded: what fails from now on is tried again.
            hasFollowed = true
            backoff.reset()
            return [.standBy]
        case (.loading, .loaded(let snapshot)):
            hasFollowed = true
            isArmed = false
            return read(after: snapshot)
        case (.reading, .batchRead(let changeCount, let snapshot)),
            (.checking, .batchRead(let changeCount, let snapshot)):
            return changeCount > 0 ? write(upTo: snapshot) : rest(at: snapshot)
        case (.writing(let snapshot), .batchWritten):
            backoff.reset()
            // The same transaction disarmed the doorbell.
            isArmed = false
            return read(after: snapshot)
        case (.arming, .armed):
            isArmed = true
            silentWriters = nil
            quickPoll = configuration.quickPollMin
            return read(.checking)
        case (.sleeping, .doorbell), (.sleeping, .timerFired):
            return read(.reading)
        default:
            preconditionFailure("\(event) is an outcome of what state \(state) does")
        }
    }

    private mutating func read(after snapshot: FeedSnapshot) -> [FeedAction] {
        position = snapshot
        return read(.reading)
    }

    private mutating func read(_ next: State) -> [FeedAction] {
        guard let position else { preconditionFailure("a feed that reads has loaded") }
        state = next
        return [.read(after: position)]
    }

    private mutating func write(upTo snapshot: FeedSnapshot) -> [FeedAction] {
        state = .writing(snapshot)
        return [.write(upTo: snapshot)]
    }

    /// Nothing was found: arm where that is still to do, else sleep.
    private mutating func rest(at snapshot: FeedSnapshot) -> [FeedAction] {
        position = snapshot
        if configuration.usesDoorbell, !isArmed {
            state = .arming
            return [.arm]
        }
        backoff.reset()
        state = .sleeping
        return [.sleep(sleepDuration(at: snapshot))]
    }

    /// Short and growing while a transaction that began before the doorbell was armed may still
    /// commit without ringing it; those that began later ring.
    private mutating func sleepDuration(at snapshot: FeedSnapshot) -> Duration {
        guard configuration.usesDoorbell else { return configuration.fallbackPoll }
        let suspects = silentWriters ?? Set(snapshot.inProgress)
        let remaining = suspects.filter { snapshot.isInProgress($0) }
        silentWriters = remaining
        guard !remaining.isEmpty else { return configuration.fallbackPoll }
        let duration = min(quickPoll, configuration.fallbackPoll)
        quickPoll = min(quickPoll * 2, configuration.fallbackPoll)
        return duration
    }

    // MARK: - Ways out

    private mutating func fail(_ failure: FeedFailure) -> [FeedAction] {
        if failure.kind == .configuration, !hasFollowed {
            let wasConnecting = state == .connecting
            state = .stopped
            return wasConnecting ? [.fail(failure)] : [.disconnect, .fail(failure)]
        }
        state = .disconnected
        isArmed = false
        return [.disconnect, .waitToReconnect(backoff.next(configuration))]
    }

    private mutating func reload() -> [FeedAction] {
        precondition(
            state != .initial && state != .disconnected && state != .connecting
                && state != .standingBy,
            "an epoch is read over a connection that leads")
        position = nil
        isArmed = false
        state = .loading
        return [.load(resuming: nil)]
    }

    /// A write in hand is finished first; so is every other action, whose outcome is then void.
    private mutating func requestStop() -> [FeedAction] {
        isStopRequested = true
        switch state {
        case .initial, .disconnected, .sleeping: return stop()
        case .stopped, .connecting, .standingBy, .loading, .reading, .writing, .arming, .checking:
            return []
        }
    }

    private mutating func stop() -> [FeedAction] {
        let isConnected = state != .initial && state != .disconnected
        state = .stopped
        return isConnected ? [.disconnect, .stop] : [.stop]
    }

    private mutating func configure(_ configuration: FeedConfiguration) -> [FeedAction] {
        self.configuration = configuration
        quickPoll = configuration.quickPollMin
        return []
    }
}
