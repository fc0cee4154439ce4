/// What to read so as to see each transaction once: those that are over now and were not before.
///
/// The method is the snapshot difference of PgQ, the queue of SkyTools. The ids that were in progress
/// before are looked up one by one, so an old open transaction does not widen the range.
package struct FeedRead: Sendable, Equatable {
    /// The first id of the range: the previous snapshot's `xmax`.
    package let from: UInt64
    /// The end of the range, itself not in it: the current snapshot's `xmax`.
    package let upTo: UInt64
    /// Ids below the range that were in progress before and are not now.
    package let retried: [UInt64]

    /// Whether no transaction can have ended in between.
    package var isEmpty: Bool { from >= upTo && retried.isEmpty }

    /// What ended between two snapshots of one cluster, the second taken later.
    ///
    /// Ids within the range that are still in progress are not visible to a reader that uses the
    /// current snapshot, so the range needs no exceptions.
    package static func difference(
        from previous: FeedSnapshot, to current: FeedSnapshot
    ) -> FeedRead {
        FeedRead(
            from: previous.xmax, upTo: max(previous.xmax, current.xmax),
            retried: previous.inProgress.filter { current.isVisible($0) })
    }
}
