import AnomalyDetection
import ChangeFeed
import Logging
import Storage

/// What was read and is not written yet.
enum PendingBatch {
    case read(FeedBatch)
    /// A burst, which is in the graph already.
    case absorbed(AppliedBatch)
}

/// Changes that are in the graph, and what is to be judged for them.
struct AppliedBatch: Sendable {
    var moved = MovedSubjects()
    /// Only the keys that are gone.
    var deleted = ChangeBatch()
    var changeCount = 0
    var epoch: Int64 = 0
    var readAt = Double.nan
    /// The lowest clock of a row among the changes; NaN where there is none.
    var oldestWriteAt = Double.nan

    /// Nothing yet.
    init() {}

    /// Applies a batch.
    init(_ batch: FeedBatch, to detector: inout AnomalyDetector) throws {
        try apply(batch, to: &detector)
    }

    /// Applies a further batch of the same read.
    mutating func apply(_ batch: FeedBatch, to detector: inout AnomalyDetector) throws {
        moved.formUnion(try detector.apply(batch.changes))
        moved.formUnion(batch.subjectsBeside(detector))
        deleted.deletedEntityIDs += batch.changes.deletedEntityIDs
        deleted.deletedRelationshipIDs += batch.changes.deletedRelationshipIDs
        changeCount += batch.changeCount
        epoch = batch.epoch
        readAt = batch.readAt
        let oldest = batch.oldestWriteAt
        oldestWriteAt = oldestWriteAt.isNaN ? oldest : min(oldestWriteAt, oldest)
    }
}

extension Follower {
    /// Takes a burst into the graph piece by piece, from one snapshot.
    ///
    /// What stays of it until it is judged are keys. Where it breaks off, the graph is ahead of the stored
    /// snapshot, and whoever comes next loads it again, as after every failure.
    mutating func absorb(since snapshot: FeedSnapshot) async throws -> FeedEvent {
        guard var graph else { preconditionFailure("a feed that reads has loaded") }
        let started = ContinuousClock.now
        self.graph = nil
        let suspended = graph.detector.suspendMetrics()
        let health = options.health
        let burst: (value: (AnomalyDetector, AppliedBatch), last: FeedBatch)
        do {
            // The place of the detector is left empty: two references would copy what is changed.
            let detector = graph.detector
            graph.detector = AnomalyDetector(catalog: graph.catalog.types)
            burst = try await FeedStore.absorb(
                since: snapshot, types: types, on: session(),
                into: (consume detector, AppliedBatch())
            ) { state, batch in
                try state.1.apply(batch, to: &state.0)
                health.didMove()
            }
        } catch let error as StorageError where error.code == .staleCatalog {
            return .epochChanged
        }
        guard burst.last.epoch == graph.epoch else { return .epochChanged }
        graph.detector = burst.value.0
        graph.detector.resumeMetrics(suspended)
        let batch = burst.value.1
        self.graph = graph
        self.batch = .absorbed(batch)
        options.metrics.record(.absorb, ContinuousClock.now - started)
        noteRead(batch.changeCount, at: batch.readAt, oldest: batch.oldestWriteAt)
        logger.info(
            "a burst of changes",
            metadata: [
                "changes": "\(batch.changeCount)", "entities": "\(batch.moved.entityIDs.count)",
                "relationships": "\(batch.moved.relationshipIDs.count)",
                "seconds": "\((ContinuousClock.now - started) / .seconds(1))",
            ])
        return .batchRead(changeCount: batch.changeCount, snapshot: burst.last.snapshot)
    }
}
