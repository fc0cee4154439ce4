package import AnomalyDetection
package import ChangeFeed
import PostgresClient

/// What one read of the change feed brought: the changes, and the snapshot that they complete.
package struct FeedBatch: Sendable {
    /// The snapshot of the read; stored with the results, it is where the next read starts.
    package var snapshot: FeedSnapshot
    /// The newest epoch in `vigil.feed_epochs`; a new one asks for a full reload.
    package var epoch: Int64
    /// The database's clock at the read, in seconds since 1970: the `as_of` of what is computed.
    package var readAt: Double
    package var changes: ChangeBatch
    /// Inserts, updates and deletes, each counted once.
    package var changeCount: Int
    /// Ends of deleted relationships, whose features move with them.
    package var endsOfDeleted: Set<Int64>
    /// There are more rows than one read brings: see ``FeedStore/absorb(since:types:on:into:_:)``.
    package var isCut = false
    /// The lowest clock of a row among the changes, in seconds since 1970; NaN where there is none.
    ///
    /// It is the start of the transaction that wrote it, unless the writer says otherwise.
    package var oldestWriteAt = Double.nan

    /// The rows of a read, of which the first tells snapshot, epoch and time.
    init(_ answer: QueryResult, _ codes: TypeCodes) throws {
        self.init(snapshot: FeedSnapshot(xmin: 0, xmax: 0), epoch: 0, readAt: .nan)
        try take(answer, codes)
        isCut = answer.rowCount > FeedQuery.rowCountMax
    }

    /// Further rows of the same read as another batch.
    init(_ answer: QueryResult, _ codes: TypeCodes, after first: FeedBatch) throws {
        self.init(snapshot: first.snapshot, epoch: first.epoch, readAt: first.readAt)
        try take(answer, codes)
    }

    private init(snapshot: FeedSnapshot, epoch: Int64, readAt: Double) {
        self.snapshot = snapshot
        self.epoch = epoch
        self.readAt = readAt
        changes = ChangeBatch()
        changeCount = 0
        endsOfDeleted = []
    }

    private mutating func take(_ answer: QueryResult, _ codes: TypeCodes) throws {
        for index in 0..<answer.rowCount {
            let row = try FeedRow(answer, row: index)
            if !row.numbers[8].isNaN {
                oldestWriteAt =
                    oldestWriteAt.isNaN ? row.numbers[8] : min(oldestWriteAt, row.numbers[8])
            }
            switch row.tag {
            case "s":
                epoch = row.id
                readAt = row.numbers[0]
                snapshot = try FeedSnapshot(parsing: row.note ?? "")
            // Capital letters: inserted rows. Small letters: rows as an update left them, which
            // the log has counted.
            case "E", "e":
                changes.entities.append(try row.entity(codes))
                changeCount += row.tag == "E" ? 1 : 0
            case "R", "r":
                changes.relationships.append(try row.relationship(codes))
                changeCount += row.tag == "R" ? 1 : 0
            case "de":
                changes.deletedEntityIDs.append(row.id)
                changeCount += 1
            case "dr":
                changes.deletedRelationshipIDs.append(row.id)
                endsOfDeleted.formUnion([row.ends.0, row.ends.1].compactMap(\.self))
                changeCount += 1
            case "oe":
                changes.observations.append(row.observation(of: .entity(row.id)))
                changeCount += 1
            case "or":
                changes.observations.append(row.observation(of: .relationship(row.id)))
                changeCount += 1
            default:
                changeCount += 1
            }
        }
    }

    /// What is to be looked at beside the subjects that the detector says have moved: the ends of
    /// deleted relationships, and all changed relationships, of which one that is no longer active
    /// may have an open anomaly, as those of an entity that is no longer active.
    package func subjectsBeside(_ detector: AnomalyDetector) -> MovedSubjects {
        var subjects = MovedSubjects(
            entityIDs: endsOfDeleted.filter { detector.record(of: $0) != nil })
        subjects.relationshipIDs.formUnion(changes.relationships.map(\.id))
        for entity in changes.entities where !entity.isActive {
            subjects.entityIDs.insert(entity.id)
        }
        return subjects
    }
}

/// Changes that a graph holds already, and of which nobody has stored the results.
package struct MissedChanges: Sendable {
    package private(set) var changeCount = 0
    /// What is to be judged.
    package private(set) var moved = MovedSubjects()
    /// Only the keys that are gone.
    package private(set) var deleted = ChangeBatch()

    /// Nothing.
    package init() {}

    /// Adds a batch of which the rows are in the graph.
    package mutating func add(_ batch: FeedBatch, in detector: AnomalyDetector) {
        changeCount += batch.changeCount
        moved.formUnion(batch.subjectsBeside(detector))
        var ids = Set(batch.changes.entities.map(\.id))
        ids.formUnion(batch.changes.observations.compactMap(\.subject.entityID))
        for relationship in batch.changes.relationships {
            ids.insert(relationship.sourceEntityID)
            ids.insert(relationship.targetEntityID)
        }
        moved.entityIDs.formUnion(ids.filter { detector.record(of: $0) != nil })
        deleted.deletedEntityIDs += batch.changes.deletedEntityIDs
        deleted.deletedRelationshipIDs += batch.changes.deletedRelationshipIDs
    }
}
