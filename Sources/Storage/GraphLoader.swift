package import AnomalyDetection
package import ChangeFeed
import Foundation
import GraphEngine
package import PostgresClient
import Synchronization

/// The whole graph as one snapshot of the database shows it.
package struct LoadedGraph: Sendable {
    package var detector: AnomalyDetector
    package var catalog: Catalog
    package var snapshot: FeedSnapshot
    package var epoch: Int64
    /// The database's clock at the load, in seconds since 1970.
    package var readAt: Double
    /// What the snapshot shows beyond the previous one: changes that nobody has scored yet.
    ///
    /// Their rows are in the graph already. `nil` when there is no previous snapshot.
    package var missed: MissedChanges?
    /// Entities without a score of the active model, and those whose stored metrics are not those
    /// of the graph: what moved them was read by nobody, or by a reader that died too early.
    package var staleEntityIDs: [Int64]
    /// Ids that still have metrics but are no entities any more.
    package var vanishedEntityIDs: [Int64]
    /// Entities and relationships with an open anomaly.
    package var openAnomalies: Set<Subject>
}

/// Loads the graph by COPY from one consistent snapshot.
package enum GraphLoader {
    /// Bytes that an entity's record, activity and peers' share take beside the graph itself;
    /// measured on the sample graph, rounded up.
    private static let entityByteCount = 640
    /// Bytes of a relationship beside the graph itself: its states, and its share of the kept metrics.
    ///
    /// Measured like those of observations with 40,000 entities and 400,000 relationships, rounded up.
    private static let relationshipByteCount = 48
    /// Bytes of an observation: of an entity at most its newest 512 are kept, of a relationship a history
    /// from the first on.
    private static let entityObservationByteCount = 56
    private static let relationshipObservationByteCount = 128

    /// Reads everything under one snapshot.
    ///
    /// `previous` is the feed's stored snapshot: what is visible beyond it comes back as `missed`.
    /// `progress` is told the stage, the rows done and the rows in all.
    package static func load(
        on connection: PostgresConnection, since previous: FeedSnapshot?,
        progress: @Sendable (_ stage: String, _ done: Int, _ total: Int) -> Void
    ) async throws -> LoadedGraph {
        try await connection.execute(
            """
            BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
            SET LOCAL enable_seqscan = on; SET LOCAL enable_hashjoin = on;
            SET LOCAL enable_mergejoin = on; SET LOCAL enable_bitmapscan = on;
            SET LOCAL statement_timeout = '1h';
            """)
        do {
            // Under the same snapshot: a type added in between would be unknown to its rows.
            let catalog = try await CatalogStore.load(on: connection)
            let loaded = try await read(catalog, on: connection, since: previous, progress)
            try await connection.execute("COMMIT")
            return loaded
        } catch {
            try? await connection.execute("ROLLBACK")
            throw error
        }
    }

    private static func read(
        _ catalog: Catalog, on connection: PostgresConnection, since previous: FeedSnapshot?,
        _ progress: @Sendable (String, Int, Int) -> Void
    ) async throws -> LoadedGraph {
        let header = try await connection.query(
            """
            SELECT pg_current_snapshot()::text, (SELECT coalesce(max(epoch), 0) FROM vigil.feed_epochs),
                date_part('epoch', clock_timestamp()), (SELECT count(*) FROM vigil.entities),
                (SELECT count(*) FROM vigil.relationships),
                (SELECT count(*) FROM vigil.observation_history
                 WHERE operation IN ('U', 'H') AND kind = 'e'),
                (SELECT count(*) FROM vigil.observation_history
                 WHERE operation IN ('U', 'H') AND kind = 'r')
            """)
        let entityCount = Int(try header.int64(row: 0, column: 3))
        let relationshipCount = Int(try header.int64(row: 0, column: 4))
        let observationCounts = (
            entities: Int(try header.int64(row: 0, column: 5)),
            relationships: Int(try header.int64(row: 0, column: 6))
        )
        try refuseIfTooLarge(
            entityCount, relationshipCount, observationCounts,
            limit: catalog.sidecar.memoryLimitBytes)

        let types = TypeCodes(catalog.types)
        // One place for the loader: a copy handed on would share its memory, and be copied.
        let loader = Mutex(
            AnomalyDetector.Loader(
                catalog: catalog.types, settings: catalog.detection,
                indicators: catalog.indicators, entityCount: entityCount))
        try await copy(
            "loading entities", entityCount, on: connection, progress,
            "SELECT \(EntityColumns.entity(tag: "e", watching: types.watched)) FROM vigil.entities e"
        ) { row in
            let record = try FeedRow(row).entity(types)
            loader.withLock { $0.insert(record) }
        }
        let columns = RelationshipColumns(types: types)
        try await copy(
            "loading relationships", relationshipCount, on: connection, progress,
            RelationshipColumns.query
        ) { row in
            let record = try columns.relationship(row)
            try loader.withLock { try $0.insert(record) }
        }
        try await copy(
            "loading history", observationCounts.entities + observationCounts.relationships,
            on: connection, progress,
            """
            SELECT kind = 'e', subject_id, observed_at, confidence, risk_score, weight
            FROM vigil.observation_history WHERE operation IN ('U', 'H')
            ORDER BY observed_at, kind, subject_id, recorded_xid
            """
        ) { row in
            let id = try row.int64(1)
            let observation = ObservationRecord(
                try row.bool(0) ? .entity(id) : .relationship(id),
                observedAt: try row.timestampSeconds(2), confidence: try row.doubleOrNaN(3),
                riskScore: try row.doubleOrNaN(4), weight: try row.doubleOrNaN(5))
            loader.withLock { $0.insert(observation) }
        }
        let detector = try loader.withLock { place in
            let filled = place
            place = AnomalyDetector.Loader(catalog: catalog.types)
            return filled
        }.finish(threadCount: ProcessInfo.processInfo.activeProcessorCount)
        let open = try await AnomalyStore.subjects("is_active", on: connection)
        let unscored = try await unscored(in: detector, on: connection)
        var missed: MissedChanges?
        if let previous {
            missed = try await FeedStore.pieces(
                since: previous, types: types, on: connection, into: MissedChanges()
            ) { $0.add($1, in: detector) }.value
        }
        return LoadedGraph(
            detector: detector, catalog: catalog,
            snapshot: try FeedSnapshot(parsing: try header.string(row: 0, column: 0)),
            epoch: try header.int64(row: 0, column: 1),
            readAt: try header.double(row: 0, column: 2), missed: missed,
            staleEntityIDs: unscored.staleEntityIDs,
            vanishedEntityIDs: unscored.vanishedEntityIDs,
            openAnomalies: open)
    }

    /// Progress is told every so many rows.
    private static let progressRowCount = 8192

    private static func copy(
        _ stage: String, _ total: Int, on connection: PostgresConnection,
        _ progress: @Sendable (String, Int, Int) -> Void, _ query: String,
        _ insert: @Sendable (borrowing CopyRow) throws -> Void
    ) async throws {
        progress(stage, 0, total)
        _ = try await connection.copyOut(
            "COPY (\(query)) TO STDOUT (FORMAT binary)", into: 0
        ) { done, row in
            try insert(row)
            done += 1
            if done % progressRowCount == 0 {
                try Task.checkCancellation()
                progress(stage, done, total)
            }
        }
        progress(stage, total, total)
    }

    /// What a graph of so many entities and relationships, and observations of both, takes in memory,
    /// about.
    package static func estimatedByteCount(
        entities: Int, relationships: Int, observations: (entities: Int, relationships: Int)
    ) -> Int {
        AdjacencyGraph.estimatedByteCount(nodeCount: entities, edgeCount: relationships)
            + entities * entityByteCount + relationships * relationshipByteCount
            + observations.entities * entityObservationByteCount
            + observations.relationships * relationshipObservationByteCount
    }

    /// Refuses rather than dies.
    private static func refuseIfTooLarge(
        _ entities: Int, _ relationships: Int, _ observations: (entities: Int, relationships: Int),
        limit: Int
    ) throws {
        let needed = estimatedByteCount(
            entities: entities, relationships: relationships, observations: observations)
        guard needed > limit else { return }
        throw StorageError(
            code: .graphTooLarge,
            message: """
                the graph of \(entities) entities, \(relationships) relationships and \
                \(observations.entities + observations.relationships) observations needs about \
                \(needed >> 20) MB, the limit is \(limit >> 20) MB
                """,
            hint: "raise memory_limit_megabytes in vigil.settings, or run on a larger machine")
    }
}
