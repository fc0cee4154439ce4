/// The files of a generated graph set, as text.
///
/// Rows stand in the order in which they came into being, and their ids count that order: an id says
/// as much as one from a database sequence does, and nothing about why a row is there.
package struct SampleFiles {
    private let graph: SampleGraph
    private let entityOrder: [Int]
    private let relationshipOrder: [Int]
    /// The ids by reference, less one.
    private let entityIDs: [Int32]
    private let relationshipIDs: [Int32]

    /// The files of a set, in the order of writing.
    package enum File: String, CaseIterable, Sendable {
        case entities, relationships, history, truth
    }

    /// The files of a graph.
    package init(_ graph: SampleGraph) {
        self.graph = graph
        (entityOrder, entityIDs) = Self.order(graph.entities.map(\.createdAt))
        (relationshipOrder, relationshipIDs) = Self.order(graph.relationships.map(\.createdAt))
    }

    private static func order(_ times: [Double]) -> (order: [Int], ids: [Int32]) {
        let order = times.indices.sorted { (times[$0], $0) < (times[$1], $1) }
        var ids = [Int32](repeating: 0, count: times.count)
        for (rank, position) in order.enumerated() { ids[position] = Int32(rank + 1) }
        return (order, ids)
    }

    /// The id in the files of an entity, by its reference.
    package func entityID(_ reference: Int) -> Int { Int(entityIDs[reference - 1]) }

    /// The id in the files of a relationship, by its reference.
    package func relationshipID(_ reference: Int) -> Int { Int(relationshipIDs[reference - 1]) }

    /// Whole seconds since 1970 as an ISO 8601 instant in UTC.
    package static func instant(_ seconds: Double) -> String { CivilDate.instant(seconds) }

    /// Gives the text of a file to `sink`, piece by piece; returns its number of rows.
    @discardableResult
    package func write(_ file: File, to sink: @escaping ([UInt8]) throws -> Void) throws -> Int {
        switch file {
        case .entities: try writeEntities(sink)
        case .relationships: try writeRelationships(sink)
        case .history: try writeHistory(sink)
        case .truth: try writeTruth(sink)
        }
    }

    private func writeEntities(_ sink: @escaping ([UInt8]) throws -> Void) throws -> Int {
        var text = try CSVText(
            columns: [
                "id", "type", "name", "value", "risk_score", "confidence", "sources",
                "is_verified", "tags", "metadata", "description", "first_seen", "last_seen",
                "created_at", "updated_at", "is_active",
            ], sink: sink)
        for position in entityOrder {
            let entity = graph.entities[position]
            text.integer(Int(entityIDs[position]))
            text.text(entity.type)
            text.text(entity.name)
            text.text(entity.value)
            text.number(entity.riskScore)
            text.number(entity.confidence)
            text.list(entity.sources)
            text.flag(entity.isVerified)
            text.list(entity.tags)
            text.text(entity.metadata)
            text.text(entity.description)
            text.instant(entity.firstSeen)
            text.instant(entity.lastSeen)
            text.instant(entity.createdAt)
            text.instant(entity.updatedAt)
            text.flag(entity.isActive)
            try text.endRow()
        }
        try text.finish()
        return graph.entities.count
    }

    private func writeRelationships(_ sink: @escaping ([UInt8]) throws -> Void) throws -> Int {
        var text = try CSVText(
            columns: [
                "id", "source", "target", "type", "weight", "confidence", "sources", "evidence",
                "verified", "first_observed", "last_observed", "created_at", "updated_at",
                "is_active",
            ], sink: sink)
        for position in relationshipOrder {
            let row = graph.relationships[position]
            text.integer(Int(relationshipIDs[position]))
            text.integer(Int(entityIDs[row.source - 1]))
            text.integer(Int(entityIDs[row.target - 1]))
            text.text(row.type)
            text.number(row.weight)
            text.number(row.confidence)
            text.list(row.sources)
            text.text(row.evidenceJSON)
            text.flag(row.isVerified)
            text.instant(row.firstObserved)
            text.instant(row.lastObserved)
            text.instant(row.createdAt)
            text.instant(row.updatedAt)
            text.flag(true)
            try text.endRow()
        }
        try text.finish()
        return graph.relationships.count
    }

    private func writeHistory(_ sink: @escaping ([UInt8]) throws -> Void) throws -> Int {
        var text = try CSVText(
            columns: [
                "subject", "id", "observed_at", "confidence", "confidence_before", "risk_score",
                "risk_score_before", "weight", "weight_before",
            ], sink: sink)
        for row in graph.observations {
            write(row.subject, to: &text)
            text.instant(row.observedAt)
            text.number(row.confidence)
            text.number(row.confidenceBefore)
            text.number(row.riskScore)
            text.number(row.riskScoreBefore)
            text.number(row.weight)
            text.number(row.weightBefore)
            try text.endRow()
        }
        try text.finish()
        return graph.observations.count
    }

    private func writeTruth(_ sink: @escaping ([UInt8]) throws -> Void) throws -> Int {
        var text = try CSVText(
            columns: [
                "subject", "id", "case", "role", "type", "other_types", "kind", "strength",
                "description",
            ], sink: sink)
        for row in graph.truth {
            write(row.subject, to: &text)
            text.integer(row.caseNumber)
            text.text(row.role.rawValue)
            text.text(row.kind.type)
            text.list(row.kind.otherTypes)
            text.text(row.kind.indicator)
            text.number(row.strength)
            text.text(row.sentence)
            try text.endRow()
        }
        try text.finish()
        return graph.truth.count
    }

    private func write(_ subject: SampleObservation.Subject, to text: inout CSVText) {
        switch subject {
        case .entity(let reference):
            text.text("entity")
            text.integer(entityID(reference))
        case .relationship(let reference):
            text.text("relationship")
            text.integer(relationshipID(reference))
        }
    }
}
