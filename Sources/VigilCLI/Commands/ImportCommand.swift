import ArgumentParser
import Foundation
import GraphFiles
import PostgresClient
import Storage

/// Loads a graph set: `entities.csv[.gz]` and `relationships.csv[.gz]`.
struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Load entities.csv and relationships.csv (or .csv.gz) of a folder.",
        discussion: """
            All or nothing: the files are checked whole before the first row is sent, and everything \
            is loaded in one transaction. Ground-truth columns (label, outlier_kind, attack and the \
            like) never reach the database. Further columns become metadata.
            """)

    @OptionGroup var connection: ConnectionOptions

    @Argument(help: "The folder.")
    var folder: String

    @Option(help: "What to write as the rows' source; by default the folder's name.")
    var source: String?

    @Option(
        help: ArgumentHelp(
            "A relationship type whose weights are ratings; may be given several times.",
            valueName: "type"))
    var rating: [String] = []

    func run() async throws {
        let set = try GraphSet(folder: folder)
        let source = source ?? URL(filePath: folder).standardizedFileURL.lastPathComponent
        let bar = ProgressBar()
        let counts = try count(set)
        let database = try await connection.connect()
        try await Installation.check(on: database)
        let started = ContinuousClock.now
        let entityIDs = try await BulkLoad.reserveIDs(
            table: "vigil.entities", count: counts.entities, on: database)
        let relationshipIDs = try await BulkLoad.reserveIDs(
            table: "vigil.relationships", count: counts.relationships, on: database)
        var load = BulkLoad(now: Date().timeIntervalSince1970)
        load.ratingTypes = Set(rating)
        let index = try set.readEntities { entity in
            load.add(bulkEntity(entity, id: entityIDs[entity.position], source: source))
            if load.entityCount % 4096 == 0 {
                bar.show("reading entities", load.entityCount, of: counts.entities)
            }
        }
        try set.readRelationships(index: index) { relationship in
            load.add(
                bulkRelationship(
                    relationship, id: relationshipIDs[load.relationshipCount], entityIDs: entityIDs,
                    source: source))
            if load.relationshipCount % 4096 == 0 {
                bar.show("reading relationships", load.relationshipCount, of: counts.relationships)
            }
        }
        bar.finish()
        do {
            try await load.run(on: database) { bar.show("writing \($0)", $1, of: $2) }
        } catch let error as PostgresError where error.constraint == "entities_type_value_key" {
            throw Failure(
                exitCode: .badData,
                message: """
                    an entity of \(folder) is in the database already, and nothing was loaded: \
                    \(error.detail ?? error.message)
                    """)
        }
        let seconds = (ContinuousClock.now - started) / .seconds(1)
        await database.close()
        let rows = counts.entities + counts.relationships
        Terminal.say(
            """
            \(source): \(counts.entities) entities and \(counts.relationships) relationships in \
            \(formatted(seconds)) s, \(Int(Double(rows) / seconds)) rows a second.
            """)
    }

    /// Reads both files once without keeping anything: every bad row is found before the first
    /// good one is sent.
    private func count(_ set: GraphSet) throws -> (entities: Int, relationships: Int) {
        var relationships = 0
        let index = try set.readEntities { _ in }
        try set.readRelationships(index: index) { _ in relationships += 1 }
        return (index.count, relationships)
    }

    private func bulkEntity(_ row: GraphSetEntity, id: Int64, source: String) -> BulkEntity {
        var entity = BulkEntity(id: id, type: row.type)
        entity.name = row.name
        entity.value = row.externalID
        entity.confidence = row.confidence
        entity.source = source
        entity.sources = sources(row.sourceCount, source)
        entity.metadata = metadata(row.attributes)
        entity.firstSeen = row.firstSeen
        entity.lastSeen = row.lastSeen ?? row.firstSeen
        entity.createdAt = row.firstSeen
        entity.updatedAt = row.lastSeen ?? row.firstSeen
        return entity
    }

    private func bulkRelationship(
        _ row: GraphSetRelationship, id: Int64, entityIDs: [Int64], source: String
    ) -> BulkRelationship {
        var relationship = BulkRelationship(
            id: id, source: entityIDs[row.sourcePosition], target: entityIDs[row.targetPosition],
            type: row.type)
        relationship.confidence = row.confidence
        relationship.weight = row.weight
        relationship.sources = sources(row.sourceCount, source)
        relationship.metadata = metadata(row.attributes)
        relationship.firstObserved = row.timestamp
        relationship.lastObserved = row.timestamp
        return relationship
    }

    /// The sets tell how many sources state a row, not which: they are numbered.
    private func sources(_ count: Int?, _ source: String) -> [String] {
        guard let count, count > 1 else { return [source] }
        return [source] + (2...count).map { "\(source) #\($0)" }
    }

    /// Attributes as a JSON object; what reads as a number is one.
    private func metadata(_ attributes: [GraphSetAttribute]) -> String {
        guard !attributes.isEmpty else { return "{}" }
        var object: [String: JSONValue] = [:]
        for attribute in attributes {
            object[attribute.name] =
                Double(attribute.value).flatMap { $0.isFinite ? .number($0) : nil }
                ?? .text(attribute.value)
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(object) else { return "{}" }
        return String(decoding: data, as: UTF8.self)
    }
}

/// A JSON scalar.
private enum JSONValue: Encodable {
    case number(Double)
    case text(String)

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .number(let value): try container.encode(value)
        case .text(let value): try container.encode(value)
        }
    }
}
