import Foundation

/// A folder with a graph as CSV files: `entities` and `relationships`, plain or gzip-compressed.
///
/// Opening checks that the files are there and that their headers have the columns needed; rows
/// are parsed while they are read. Nothing is kept but the entity ids.
package struct GraphSet: Sendable {
    /// The folder as it was given.
    package let folder: String
    /// The path of the entities file.
    package let entitiesFile: String
    /// The path of the relationships file.
    package let relationshipsFile: String
    /// The path of the file with sparse features; `nil` where the set has none.
    package let sparseFeaturesFile: String?
    /// The path of the file with past observations; `nil` where the set has none.
    package let historyFile: String?
    /// The path of the file with the ground truth; `nil` where the set has none.
    package let truthFile: String?

    private static let entityColumns: Set<String> = [
        "id", "type", "name", "value", "risk_score", "confidence", "first_seen", "last_seen",
        "created_at", "updated_at", "sources", "is_verified", "is_active", "tags", "description",
        "metadata",
    ]
    private static let relationshipColumns: Set<String> = [
        "id", "source", "target", "type", "weight", "timestamp", "confidence", "sources",
        "first_observed", "last_observed", "created_at", "updated_at", "evidence", "verified",
        "is_active", "description", "metadata",
    ]

    /// Finds the files of the folder and checks their headers.
    package init(folder: String) throws(GraphFileError) {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder),
            isFolder.boolValue
        else {
            throw GraphFileError(code: .missing, file: folder, reason: "no such folder")
        }
        self.folder = folder
        entitiesFile = try Self.requiredFile("entities", in: folder)
        relationshipsFile = try Self.requiredFile("relationships", in: folder)
        sparseFeaturesFile = Self.file("features_sparse", in: folder)
        historyFile = Self.file("history", in: folder)
        truthFile = Self.file("truth", in: folder)
        let entities = try CSVReader(file: entitiesFile)
        _ = try Self.entityParser(entities)
        let relationships = try CSVReader(file: relationshipsFile)
        _ = try Self.relationshipParser(relationships)
        if let historyFile { _ = try Self.historyParser(try CSVReader(file: historyFile)) }
        if let truthFile { _ = try Self.truthParser(try CSVReader(file: truthFile)) }
    }

    /// Reads all entities in the file's order and returns their ids.
    @discardableResult
    package func readEntities(_ body: (GraphSetEntity) throws -> Void) throws -> GraphSetIndex {
        var reader = try CSVReader(file: entitiesFile)
        let parser = try Self.entityParser(reader)
        let columns = EntityColumns(parser)
        guard let id = parser.column("id"), let type = parser.column("type") else {
            return GraphSetIndex()
        }
        var index = GraphSetIndex()
        var record = CSVRecord()
        while try reader.read(into: &record) {
            let externalID = try parser.text(record, id, reader)
            guard index.insert(externalID) else {
                throw reader.valueError(
                    record, column: id,
                    "the entity “\(parser.excerpt(record, id))” is there already")
            }
            var entity = GraphSetEntity(
                line: record.line,
                position: index.count - 1,
                externalID: externalID,
                type: try parser.text(record, type, reader),
                attributes: parser.attributes(record),
                groundTruth: try parser.groundTruth(record, reader))
            try columns.fill(&entity, record, parser, reader)
            try body(entity)
        }
        return index
    }

    /// Reads all relationships in the file's order and returns their ids; both ends must be in `index`.
    ///
    /// - Parameters:
    ///   - index: What `readEntities` returned; `nil` reads the entity ids first.
    ///   - body: Takes each relationship; what it throws ends the reading.
    /// - Returns: The ids, where the set has a history or a truth that names them; else nothing.
    /// - Throws: `GraphFileError` for the file, and whatever `body` throws.
    @discardableResult
    package func readRelationships(
        index: GraphSetIndex? = nil, _ body: (GraphSetRelationship) throws -> Void
    ) throws -> GraphSetIndex {
        let index = try index ?? readEntities { _ in }
        var reader = try CSVReader(file: relationshipsFile)
        let parser = try Self.relationshipParser(reader)
        let id = parser.column("id")
        let areNamed = historyFile != nil || truthFile != nil
        let columns = RelationshipColumns(parser)
        var identifiers = GraphSetIndex()
        guard let source = parser.column("source"), let target = parser.column("target"),
            let type = parser.column("type")
        else { return identifiers }
        var record = CSVRecord()
        while try reader.read(into: &record) {
            let sourceID = try parser.text(record, source, reader)
            let targetID = try parser.text(record, target, reader)
            if areNamed, let id {
                guard identifiers.insert(try parser.text(record, id, reader)) else {
                    throw reader.valueError(
                        record, column: id,
                        "the relationship “\(parser.excerpt(record, id))” is there already")
                }
            }
            var relationship = GraphSetRelationship(
                line: record.line,
                externalID: id.flatMap { record[$0] },
                source: sourceID,
                target: targetID,
                sourcePosition: try Self.position(
                    of: sourceID, in: index, record, source, parser, reader),
                targetPosition: try Self.position(
                    of: targetID, in: index, record, target, parser, reader),
                type: try parser.text(record, type, reader),
                attributes: parser.attributes(record),
                groundTruth: try parser.groundTruth(record, reader))
            try columns.fill(&relationship, record, parser, reader)
            try body(relationship)
        }
        return identifiers
    }

    private static func position(
        of externalID: String, in index: GraphSetIndex, _ record: borrowing CSVRecord,
        _ column: Int, _ parser: RowParser, _ reader: borrowing CSVReader
    ) throws(GraphFileError) -> Int {
        guard let position = index.position(of: externalID) else {
            throw reader.valueError(
                record, column: column,
                "there is no entity “\(parser.excerpt(record, column))”")
        }
        return position
    }

    private static func entityParser(
        _ reader: borrowing CSVReader
    ) throws(GraphFileError) -> RowParser {
        try RowParser(reader, required: ["id", "type"], typed: entityColumns)
    }

    private static func relationshipParser(
        _ reader: borrowing CSVReader
    ) throws(GraphFileError) -> RowParser {
        try RowParser(reader, required: ["source", "target", "type"], typed: relationshipColumns)
    }

    private static func requiredFile(
        _ name: String, in folder: String
    ) throws(GraphFileError) -> String {
        guard let file = file(name, in: folder) else {
            throw GraphFileError(
                code: .missing, file: folder,
                reason: "the folder has neither \(name).csv.gz nor \(name).csv")
        }
        return file
    }

    /// The compressed file before the plain one; `nil` when neither is there.
    private static func file(_ name: String, in folder: String) -> String? {
        ["\(folder)/\(name).csv.gz", "\(folder)/\(name).csv"].first {
            FileManager.default.fileExists(atPath: $0)
        }
    }
}
