/// A row of a graph set that another file speaks of, by its position in the file.
package enum GraphSetSubject: Hashable, Sendable {
    /// An entity, by its position among the entities.
    case entity(Int)
    /// A relationship, by its position among the relationships.
    case relationship(Int)
}

/// One row of `history.csv`: an update of an entity or a relationship, with the values around it.
package struct GraphSetObservation: Equatable, Sendable {
    /// The line on which the row starts.
    package var line: Int
    /// What was updated.
    package var subject: GraphSetSubject
    /// Seconds since 1970.
    package var observedAt: Double
    /// Confidence after the update and before it; `nil` unknown.
    package var confidence, confidenceBefore: Double?
    /// Risk after the update and before it; `nil` unknown, and for relationships.
    package var riskScore, riskScoreBefore: Double?
    /// Weight after the update and before it; `nil` without one, and for entities.
    package var weight, weightBefore: Double?
}

/// One row of `truth.csv`: for evaluation only, never an input of a detector.
package struct GraphSetTruth: Equatable, Sendable {
    /// What a row is in its case.
    package enum Role: String, Sendable {
        /// It should be flagged.
        case subject
        /// It belongs to the case: neither a miss nor a false alarm.
        case part
    }

    /// The line on which the row starts.
    package var line: Int
    /// The entity or relationship.
    package var subject: GraphSetSubject
    /// The number of the case, which its subject and its parts share.
    package var caseNumber: Int
    /// What the row is in its case.
    package var role: Role
    /// The anomaly type that it should be given.
    package var type: String
    /// Types that are no mistake either.
    package var otherTypes: [String]
    /// What was planted: the name of an indicator.
    package var kind: String
    /// From 0, subtle, to 1, blatant; `nil` unknown.
    package var strength: Double?
    /// One sentence for people; `nil` without one.
    package var description: String?
}

extension GraphSet {
    /// Reads the past observations in the file's order, if the set has such a file.
    ///
    /// - Parameters:
    ///   - entities: What `readEntities` returned.
    ///   - relationships: What `readRelationships` returned.
    ///   - body: Takes each observation; what it throws ends the reading.
    /// - Returns: Whether the set has a history.
    /// - Throws: `GraphFileError` for the file, and whatever `body` throws.
    @discardableResult
    package func readHistory(
        entities: GraphSetIndex, relationships: GraphSetIndex,
        _ body: (GraphSetObservation) throws -> Void
    ) throws -> Bool {
        guard let historyFile else { return false }
        var reader = try CSVReader(file: historyFile)
        let parser = try Self.historyParser(reader)
        let confidence = parser.column("confidence")
        let confidenceBefore = parser.column("confidence_before")
        let risk = parser.column("risk_score")
        let riskBefore = parser.column("risk_score_before")
        let weight = parser.column("weight")
        let weightBefore = parser.column("weight_before")
        guard let time = parser.column("observed_at") else { return false }
        var record = CSVRecord()
        while try reader.read(into: &record) {
            guard let observedAt = try parser.time(record, time, reader) else {
                throw reader.valueError(record, column: time, "a time is needed here")
            }
            try body(
                GraphSetObservation(
                    line: record.line,
                    subject: try Self.subject(record, parser, reader, entities, relationships),
                    observedAt: observedAt,
                    confidence: try parser.confidence(record, confidence, reader),
                    confidenceBefore: try parser.confidence(record, confidenceBefore, reader),
                    riskScore: try parser.confidence(record, risk, reader),
                    riskScoreBefore: try parser.confidence(record, riskBefore, reader),
                    weight: try parser.number(record, weight, reader),
                    weightBefore: try parser.number(record, weightBefore, reader)))
        }
        return true
    }

    /// Reads the ground truth in the file's order, if the set has such a file.
    ///
    /// - Parameters:
    ///   - entities: What `readEntities` returned.
    ///   - relationships: What `readRelationships` returned.
    ///   - body: Takes each row; what it throws ends the reading.
    /// - Returns: Whether the set has such a file.
    /// - Throws: `GraphFileError` for the file, and whatever `body` throws.
    @discardableResult
    package func readTruth(
        entities: GraphSetIndex, relationships: GraphSetIndex,
        _ body: (GraphSetTruth) throws -> Void
    ) throws -> Bool {
        guard let truthFile else { return false }
        var reader = try CSVReader(file: truthFile)
        let parser = try Self.truthParser(reader)
        let otherTypes = parser.column("other_types")
        let strength = parser.column("strength")
        let description = parser.column("description")
        guard let number = parser.column("case"), let roleColumn = parser.column("role"),
            let type = parser.column("type"), let kind = parser.column("kind")
        else { return false }
        var record = CSVRecord()
        while try reader.read(into: &record) {
            guard let caseNumber = try parser.count(record, number, reader) else {
                throw reader.valueError(record, column: number, "a number is needed here")
            }
            let roleName = try parser.text(record, roleColumn, reader)
            guard let role = GraphSetTruth.Role(rawValue: roleName) else {
                throw reader.valueError(
                    record, column: roleColumn,
                    "“\(parser.excerpt(record, roleColumn))” is neither subject nor part")
            }
            try body(
                GraphSetTruth(
                    line: record.line,
                    subject: try Self.subject(record, parser, reader, entities, relationships),
                    caseNumber: caseNumber, role: role,
                    type: try parser.text(record, type, reader),
                    otherTypes: try parser.list(record, otherTypes, reader),
                    kind: try parser.text(record, kind, reader),
                    strength: try parser.confidence(record, strength, reader),
                    description: description.flatMap { record[$0] }))
        }
        return true
    }

    static func historyParser(_ reader: borrowing CSVReader) throws(GraphFileError) -> RowParser {
        try RowParser(reader, required: ["subject", "id", "observed_at"], typed: [])
    }

    static func truthParser(_ reader: borrowing CSVReader) throws(GraphFileError) -> RowParser {
        try RowParser(
            reader, required: ["subject", "id", "case", "role", "type", "kind"], typed: [])
    }

    private static func subject(
        _ record: borrowing CSVRecord, _ parser: RowParser, _ reader: borrowing CSVReader,
        _ entities: GraphSetIndex, _ relationships: GraphSetIndex
    ) throws(GraphFileError) -> GraphSetSubject {
        guard let kind = parser.column("subject"), let id = parser.column("id") else {
            throw GraphFileError(code: .badHeader, file: reader.file, reason: "has no subject")
        }
        let externalID = try parser.text(record, id, reader)
        let position: Int?
        let subject: (Int) -> GraphSetSubject
        switch record[kind] {
        case "entity":
            position = entities.position(of: externalID)
            subject = { .entity($0) }
        case "relationship":
            position = relationships.position(of: externalID)
            subject = { .relationship($0) }
        default:
            throw reader.valueError(
                record, column: kind,
                "“\(parser.excerpt(record, kind))” is neither entity nor relationship")
        }
        guard let position else {
            throw reader.valueError(
                record, column: id,
                "there is no \(record[kind] ?? "row") “\(parser.excerpt(record, id))”")
        }
        return subject(position)
    }
}
