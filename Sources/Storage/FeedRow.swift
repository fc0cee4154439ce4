import AnomalyDetection
import PostgresClient

/// One row in the layout of `EntityColumns`, from the feed's query or from a COPY.
struct FeedRow {
    var tag: String
    var id: Int64
    var ends: (Int64?, Int64?)
    var flags: Int32
    /// The nine numbers; NaN is null.
    var numbers: InlineArray<9, Double>
    /// The type of an entity or relationship; the snapshot in the state row.
    var note: String?
    /// The keys of an entity's tags, or of a relationship's sources.
    var textKeys: [UInt64]
    /// The numbers of an entity's metadata that its type watches.
    var watched: [Float]

    init(_ result: QueryResult, row: Int) throws(PostgresError) {
        tag = try result.string(row: row, column: 0)
        id = try result.int64(row: row, column: 1)
        ends = (
            try result.optionalInt64(row: row, column: 2),
            try result.optionalInt64(row: row, column: 3)
        )
        flags = result.isNull(row: row, column: 4) ? 0 : try result.int32(row: row, column: 4)
        numbers = InlineArray(repeating: .nan)
        for place in 0..<9 {
            numbers[place] = try result.doubleOrNaN(row: row, column: 5 + place)
        }
        note = try result.optionalString(row: row, column: 14)
        var keys = TextKeys()
        if !result.isNull(row: row, column: 15) {
            try result.forEachText(row: row, column: 15) { keys.insert($0) }
        }
        textKeys = keys.finish()
        var watched = WatchedNumbers()
        if !result.isNull(row: row, column: 16) {
            try result.forEachText(row: row, column: 16) { watched.insert($0) }
        }
        self.watched = watched.values
    }

    init(_ row: borrowing CopyRow) throws(PostgresError) {
        tag = try row.text(0)
        id = try row.int64(1)
        ends = (
            row.isNull(2) ? nil : try row.int64(2), row.isNull(3) ? nil : try row.int64(3)
        )
        flags = row.isNull(4) ? 0 : try row.int32(4)
        numbers = InlineArray(repeating: .nan)
        for place in 0..<9 {
            numbers[place] = try row.doubleOrNaN(5 + place)
        }
        note = try row.optionalText(14)
        var keys = TextKeys()
        if !row.isNull(15) { try row.forEachText(15) { keys.insert($0) } }
        textKeys = keys.finish()
        var watched = WatchedNumbers()
        if !row.isNull(16) { try row.forEachText(16) { watched.insert($0) } }
        self.watched = watched.values
    }

    func entity(_ codes: TypeCodes) throws(StorageError) -> EntityRecord {
        EntityRecord(
            id: id, typeCode: try codes.entityCode(note), confidence: numbers[0],
            riskScore: numbers[1],
            sourceCount: Int(numbers[2]), hasName: flags & EntityColumns.hasName != 0,
            isVerified: flags & EntityColumns.isVerified != 0, metadataRichness: numbers[3],
            tagCount: Int(numbers[4]), tagKeys: textKeys, numericMetadata: watched,
            firstSeen: numbers[5], lastSeen: numbers[6],
            createdAt: numbers[7], updatedAt: numbers[8],
            isActive: flags & EntityColumns.isActive != 0)
    }

    /// An observation of an entity or relationship.
    func observation(of subject: Subject) -> ObservationRecord {
        ObservationRecord(
            subject, observedAt: numbers[0], confidence: numbers[1], riskScore: numbers[2],
            weight: numbers[3])
    }

    func relationship(_ codes: TypeCodes) throws(StorageError) -> RelationshipRecord {
        RelationshipRecord(
            id: id, sourceEntityID: ends.0 ?? 0, targetEntityID: ends.1 ?? 0,
            typeCode: try codes.relationshipCode(note),
            confidence: numbers[0], weight: numbers[1], firstObserved: numbers[5],
            createdAt: numbers[7], sourceKeys: textKeys,
            evidenceCount: numbers[2].isNaN ? 0 : Int(numbers[2]),
            isVerified: flags & EntityColumns.isVerified != 0,
            isActive: flags & EntityColumns.isActive != 0)
    }
}
