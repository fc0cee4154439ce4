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
    /// Rows read: inserts, updates and deletes, each counted once.
    package var changeCount: Int
    /// Ends of deleted relationships, whose features move with them.
    package var endsOfDeleted: Set<Int64>
}

/// Reads rows in the layout of `EntityColumns`, from a query or from a COPY.
struct FeedRowReader {
    private(set) var changes = ChangeBatch()
    private(set) var endsOfDeleted: Set<Int64> = []
    private(set) var changeCount = 0
    private(set) var snapshotText = ""
    private(set) var epoch: Int64 = 0
    private(set) var readAt = Double.nan

    /// Takes one row. An updated row is counted where the log tells of it, not where it is read.
    mutating func take(_ result: QueryResult, row: Int) throws(PostgresError) {
        let tag = try result.string(row: row, column: 0)
        switch tag {
        case "s":
            epoch = try result.int64(row: row, column: 1)
            readAt = try result.double(row: row, column: 6)
            snapshotText = try result.string(row: row, column: 15)
        case "E", "e":
            changeCount += tag == "E" ? 1 : 0
            changes.entities.append(try entity(result, row))
        case "R", "r":
            changeCount += tag == "R" ? 1 : 0
            changes.relationships.append(try relationship(result, row))
        case "de":
            changeCount += 1
            changes.deletedEntityIDs.append(try result.int64(row: row, column: 1))
        case "dr":
            changeCount += 1
            changes.deletedRelationshipIDs.append(try result.int64(row: row, column: 1))
            for column in 2...3 where !result.isNull(row: row, column: column) {
                endsOfDeleted.insert(try result.int64(row: row, column: column))
            }
        case "oe":
            changeCount += 1
            changes.observations.append(
                ObservationRecord(
                    entityID: try result.int64(row: row, column: 1),
                    observedAt: try result.double(row: row, column: 6)))
        default:
            changeCount += 1
        }
    }

    private func number(_ result: QueryResult, _ row: Int, _ column: Int) throws(PostgresError)
        -> Double
    {
        result.isNull(row: row, column: column)
            ? .nan : try result.double(row: row, column: column)
    }

    private func entity(_ result: QueryResult, _ row: Int) throws(PostgresError) -> EntityRecord {
        let flags = try result.int32(row: row, column: 5)
        return EntityRecord(
            id: try result.int64(row: row, column: 1),
            typeCode: try result.int32(row: row, column: 4),
            confidence: try number(result, row, 6),
            riskScore: try number(result, row, 7),
            sourceCount: Int(try number(result, row, 8)),
            hasName: flags & EntityColumns.hasName != 0,
            isVerified: flags & EntityColumns.isVerified != 0,
            metadataRichness: try number(result, row, 9),
            tagCount: Int(try number(result, row, 10)),
            firstSeen: try number(result, row, 11),
            lastSeen: try number(result, row, 12),
            createdAt: try number(result, row, 13),
            updatedAt: try number(result, row, 14),
            isActive: flags & EntityColumns.isActive != 0)
    }

    private func relationship(_ result: QueryResult, _ row: Int) throws(PostgresError)
        -> RelationshipRecord
    {
        RelationshipRecord(
            id: try result.int64(row: row, column: 1),
            sourceEntityID: try result.int64(row: row, column: 2),
            targetEntityID: try result.int64(row: row, column: 3),
            typeCode: try result.int32(row: row, column: 4),
            confidence: try number(result, row, 6),
            weight: try number(result, row, 7),
            firstObserved: try number(result, row, 11),
            lastObserved: try number(result, row, 12),
            createdAt: try number(result, row, 13),
            isActive: try result.int32(row: row, column: 5) & EntityColumns.isActive != 0)
    }
}
