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

    init(_ answer: QueryResult, _ codes: TypeCodes) throws {
        changes = ChangeBatch()
        changeCount = 0
        endsOfDeleted = []
        epoch = 0
        readAt = .nan
        var snapshotText = ""
        for index in 0..<answer.rowCount {
            let row = try FeedRow(answer, row: index)
            switch row.tag {
            case "s":
                epoch = row.id
                readAt = row.numbers[0]
                snapshotText = row.note ?? ""
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
                changes.observations.append(
                    ObservationRecord(.entity(row.id), observedAt: row.numbers[0]))
                changeCount += 1
            default:
                changeCount += 1
            }
        }
        snapshot = try FeedSnapshot(parsing: snapshotText)
    }

    /// The entities whose features the batch moves, when its rows are in the graph already.
    package func touchedEntities(in detector: AnomalyDetector) -> Set<Int64> {
        var touched = Set(changes.entities.map(\.id))
        touched.formUnion(changes.observations.compactMap(\.subject.entityID))
        for relationship in changes.relationships {
            touched.insert(relationship.sourceEntityID)
            touched.insert(relationship.targetEntityID)
        }
        touched.formUnion(endsOfDeleted)
        return touched.filter { detector.record(of: $0) != nil }
    }
}
