package import AnomalyDetection

/// Changes that are in the graph and that nobody has judged: their keys, however many they are.
package struct MissedChanges: Sendable {
    /// What they move.
    package private(set) var moved = MovedSubjects()
    /// Only the keys that are gone.
    package private(set) var deleted = ChangeBatch()
    /// Inserts, updates and deletes, each counted once.
    package private(set) var changeCount = 0

    /// Adds a piece of them; the detector has them all.
    mutating func take(_ batch: FeedBatch, _ detector: AnomalyDetector) {
        moved.formUnion(batch.movedSubjects(in: detector))
        deleted.deletedEntityIDs += batch.changes.deletedEntityIDs
        deleted.deletedRelationshipIDs += batch.changes.deletedRelationshipIDs
        changeCount += batch.changeCount
    }
}
