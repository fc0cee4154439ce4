import AnomalyDetection
import Logging
import PostgresClient
import Storage

/// The follower's part in the audit of memory: copies, and rows that are read again.
extension Follower {
    /// Serves the audit between two batches, when memory is at a place of the feed.
    mutating func serveAudit(on connection: PostgresConnection) async throws {
        desk.open { connection.wake() }
        if let wanted = desk.takeWanted() { try await heal(wanted, on: connection) }
        if desk.takeReload() {
            needsReload = true
            standing.judgesAll = true
        }
        desk.lend(
            graph.map {
                AuditDesk.Copy(
                    detector: $0.detector.withoutKeptMetrics, place: $0.snapshot,
                    interval: $0.catalog.sidecar.selfAudit)
            })
    }

    /// Reads rows again as if they had just been changed, and judges what that moves.
    ///
    /// They are read as they are now, which may be ahead of the feed; what it brings later of the same
    /// rows changes nothing any more.
    private mutating func heal(
        _ wanted: AuditDesk.Wanted, on connection: PostgresConnection
    ) async throws {
        guard var graph else { return }
        let (changes, orphans) = try await changes(
            healing: wanted, graph.detector, on: connection)
        self.graph = nil
        defer { self.graph = graph }
        var moved = try graph.detector.apply(changes)
        // What is inactive now may have an open anomaly.
        moved.relationshipIDs.formUnion(changes.relationships.map(\.id))
        moved.entityIDs.formUnion(changes.entities.lazy.filter { !$0.isActive }.map(\.id))
        upkeep.noteChange()
        try await judgeAndWrite(
            moved, forgetting: changes, by: graph.detector, asOf: try await clock(on: connection),
            progress: nil, on: connection)
        logger.notice(
            "read again",
            metadata: [
                "entities": "\(changes.entities.count)",
                "relationships": "\(changes.relationships.count)",
                "gone": "\(changes.deletedEntityIDs.count + changes.deletedRelationshipIDs.count)",
            ])
        desk.didHeal(orphans: orphans)
    }

    /// The rows as they are now, those that are gone, and relationships that cannot be held.
    private func changes(
        healing wanted: AuditDesk.Wanted, _ detector: AnomalyDetector,
        on connection: PostgresConnection
    ) async throws -> (changes: ChangeBatch, orphans: Set<Int64>) {
        // With an entity that is gone go its relationships, unless their rows say otherwise.
        let relationshipIDs = Set(wanted.relationshipIDs).union(
            wanted.entityIDs.flatMap { detector.relationshipIDs(of: $0) })
        var changes = try await AuditStore.rows(
            entities: wanted.entityIDs, relationships: relationshipIDs.sorted(), types: types,
            on: connection)
        let ends = Set(
            changes.relationships.flatMap { [$0.sourceEntityID, $0.targetEntityID] })
        let missing = ends.subtracting(changes.entities.lazy.map(\.id))
            .filter { detector.record(of: $0) == nil }
        if !missing.isEmpty {
            changes.entities += try await AuditStore.rows(
                entities: missing.sorted(), relationships: [], types: types, on: connection
            ).entities
        }
        let there = Set(changes.entities.lazy.map(\.id))
        let gone = Set(wanted.entityIDs).subtracting(there)
        changes.deletedEntityIDs = gone.sorted()
        changes.deletedRelationshipIDs =
            relationshipIDs.subtracting(changes.relationships.lazy.map(\.id)).sorted()
        func isHeld(_ id: Int64) -> Bool {
            there.contains(id) || (detector.record(of: id) != nil && !gone.contains(id))
        }
        let orphans = changes.relationships.filter {
            !isHeld($0.sourceEntityID) || !isHeld($0.targetEntityID)
        }.map(\.id)
        changes.relationships.removeAll { orphans.contains($0.id) }
        return (changes, Set(orphans))
    }
}
