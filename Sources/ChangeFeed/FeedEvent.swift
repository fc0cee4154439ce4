/// What the feed's state machine is told: the outcome of its last action, or news from outside.
package enum FeedEvent: Sendable, Equatable {
    // Outcomes.

    /// The driver begins; the first event of all.
    case started
    /// `connect` or `standBy` succeeded: this process leads.
    case connected
    /// `connect` or `standBy` found that another process leads.
    case anotherLeads
    /// `load` succeeded: everything visible in this snapshot is in memory.
    case loaded(FeedSnapshot)
    /// `read` succeeded: what became visible up to this snapshot is in hand.
    case batchRead(changeCount: Int, snapshot: FeedSnapshot)
    /// `write` was committed.
    case batchWritten
    /// `arm` was committed.
    case armed
    /// `sleep` ended by the doorbell.
    case doorbell
    /// `sleep` or `waitToReconnect` ended by its time.
    case timerFired
    /// The action in hand failed, or the connection broke during it.
    case failed(FeedFailure)
    /// The action in hand found that the tables are not those that were loaded (restore, failover,
    /// truncation): the graph in memory is void.
    case epochChanged

    // News, at any time.

    /// The process is asked to stop.
    case stopRequested
    /// The settings changed.
    case configured(FeedConfiguration)
}
