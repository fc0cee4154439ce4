/// Where the optional columns of `entities.csv` stand.
struct EntityColumns {
    private let name, value, risk, confidence, firstSeen, lastSeen, created, updated: Int?
    private let sources, verified, active, tags, description, metadata: Int?

    init(_ parser: RowParser) {
        name = parser.column("name")
        value = parser.column("value")
        risk = parser.column("risk_score")
        confidence = parser.column("confidence")
        firstSeen = parser.column("first_seen")
        lastSeen = parser.column("last_seen")
        created = parser.column("created_at")
        updated = parser.column("updated_at")
        sources = parser.column("sources")
        verified = parser.column("is_verified")
        active = parser.column("is_active")
        tags = parser.column("tags")
        description = parser.column("description")
        metadata = parser.column("metadata")
    }

    /// Sets what the record says in these columns.
    func fill(
        _ entity: inout GraphSetEntity, _ record: borrowing CSVRecord, _ parser: RowParser,
        _ reader: borrowing CSVReader
    ) throws(GraphFileError) {
        if let name { entity.name = record[name] }
        if let value { entity.value = record[value] }
        entity.riskScore = try parser.confidence(record, risk, reader)
        entity.confidence = try parser.confidence(record, confidence, reader)
        entity.firstSeen = try parser.time(record, firstSeen, reader)
        entity.lastSeen = try parser.time(record, lastSeen, reader)
        entity.createdAt = try parser.time(record, created, reader)
        entity.updatedAt = try parser.time(record, updated, reader)
        (entity.sourceCount, entity.sources) = try parser.sources(record, sources, reader)
        entity.isVerified = try parser.flag(record, verified, reader)
        entity.isActive = try parser.flag(record, active, reader)
        entity.tags = try parser.list(record, tags, reader)
        if let description { entity.description = record[description] }
        entity.metadata = try parser.json(record, metadata, objectOnly: true, reader)
    }
}

/// Where the optional columns of `relationships.csv` stand.
struct RelationshipColumns {
    private let weight, timestamp, firstObserved, lastObserved, created, updated: Int?
    private let confidence, sources, evidence, verified, active, description, metadata: Int?

    init(_ parser: RowParser) {
        weight = parser.column("weight")
        timestamp = parser.column("timestamp")
        firstObserved = parser.column("first_observed")
        lastObserved = parser.column("last_observed")
        created = parser.column("created_at")
        updated = parser.column("updated_at")
        confidence = parser.column("confidence")
        sources = parser.column("sources")
        evidence = parser.column("evidence")
        verified = parser.column("verified")
        active = parser.column("is_active")
        description = parser.column("description")
        metadata = parser.column("metadata")
    }

    /// Sets what the record says in these columns.
    func fill(
        _ relationship: inout GraphSetRelationship, _ record: borrowing CSVRecord,
        _ parser: RowParser, _ reader: borrowing CSVReader
    ) throws(GraphFileError) {
        relationship.weight = try parser.number(record, weight, reader)
        let first = try parser.time(record, firstObserved, reader)
        relationship.timestamp = try parser.time(record, timestamp, reader) ?? first
        relationship.lastObserved = try parser.time(record, lastObserved, reader)
        relationship.createdAt = try parser.time(record, created, reader)
        relationship.updatedAt = try parser.time(record, updated, reader)
        relationship.confidence = try parser.confidence(record, confidence, reader)
        (relationship.sourceCount, relationship.sources) = try parser.sources(
            record, sources, reader)
        relationship.evidence = try parser.json(record, evidence, objectOnly: false, reader)
        relationship.isVerified = try parser.flag(record, verified, reader)
        relationship.isActive = try parser.flag(record, active, reader)
        if let description { relationship.description = record[description] }
        relationship.metadata = try parser.json(record, metadata, objectOnly: true, reader)
    }
}
