/// What the driver of the feed is to do next.
///
/// It does one at a time and reports the outcome as an event.
package enum FeedAction: Sendable, Equatable {
    /// Open the connections, check the extension's version and take the lead. Outcome: `connected`,
    /// `anotherLeads` or `failed`.
    case connect
    /// Follow the leader warm, without writing, for a moment, and try to take the lead. Outcome:
    /// `connected` when this process leads now, `anotherLeads` or `failed`.
    case standBy
    /// Load the graph from one consistent snapshot. With a snapshot, the graph in memory is of that
    /// snapshot or later, and stays when the epoch is still the same; then that snapshot is the
    /// outcome. Outcome: `loaded`, `epochChanged` or `failed`.
    case load(resuming: FeedSnapshot?)
    /// Read what became visible after the snapshot. Outcome: `batchRead`, `epochChanged`, `failed`.
    case read(after: FeedSnapshot)
    /// Write the results of the batch in hand, its snapshot, and a disarmed doorbell, in one
    /// transaction. Outcome: `batchWritten`, `epochChanged` or `failed`.
    case write(upTo: FeedSnapshot)
    /// Arm the doorbell in one transaction, and after its commit assign one more transaction id (a
    /// second transaction that calls `pg_current_xact_id()`). So a writer that looked at the
    /// doorbell before it was armed has a lower id than the snapshot's `xmax`, and the check read
    /// sees it in progress. A writer in REPEATABLE READ may look with an older snapshot; such a one is
    /// found by the fallback poll. Outcome: `armed`, `epochChanged` or `failed`.
    case arm
    /// Wait for the doorbell, where the feed listens, at most for this long. Outcome: `doorbell`,
    /// `timerFired` or `failed`.
    case sleep(Duration)
    /// Wait without a connection. Outcome: `timerFired`.
    case waitToReconnect(Duration)
    /// Close the connections; the batch in hand is void. No outcome.
    case disconnect
    /// The feed is over, as asked. No outcome.
    case stop
    /// The feed cannot begin. No outcome.
    case fail(FeedFailure)
}
