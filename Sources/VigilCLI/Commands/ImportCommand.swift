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
            is loaded in one transaction, with the past observations of history.csv where there is \
            one. Ground truth (truth.csv, and the columns label, outlier_kind, attack and the like) \
            never reaches the database. Further columns become metadata.
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
        let relationships = try set.readRelationships(index: index) { relationship in
            load.add(
                bulkRelationship(
                    relationship, id: relationshipIDs[load.relationshipCount], entityIDs: entityIDs,
                    source: source))
            if load.relationshipCount % 4096 == 0 {
                bar.show("reading relationships", load.relationshipCount, of: counts.relationships)
            }
        }
        try set.readHistory(entities: index, relationships: relationships) { observation in
            load.add(
                bulkObservation(
                    observation, entityIDs: entityIDs, relationshipIDs: relationshipIDs))
            if load.observationCount % 4096 == 0 {
                bar.show("reading observations", load.observationCount, of: counts.observations)
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
        let rows = counts.entities + counts.relationships + counts.observations
        let history =
            set.historyFile == nil ? "" : " with \(counts.observations) past observations"
        Terminal.say(
            """
            \(source): \(counts.entities) entities and \(counts.relationships) relationships\(history) \
            in \(formatted(seconds)) s, \(Int(Double(rows) / seconds)) rows a second.
            """)
    }

    /// Reads all files once without keeping anything: every bad row is found before the first good
    /// one is sent.
    private func count(
        _ set: GraphSet
    ) throws -> (entities: Int, relationships: Int, observations: Int) {
        var relationshipCount = 0
        var observationCount = 0
        let index = try set.readEntities { _ in }
        let relationships = try set.readRelationships(index: index) { _ in relationshipCount += 1 }
        try set.readHistory(entities: index, relationships: relationships) { _ in
            observationCount += 1
        }
        return (index.count, relationshipCount, observationCount)
    }

    private func bulkEntity(_ row: GraphSetEntity, id: Int64, source: String) -> BulkEntity {
        var entity = BulkEntity(id: id, type: row.type)
        entity.name = row.name
        entity.value = row.value ?? row.externalID
        entity.riskScore = row.riskScore
        entity.confidence = row.confidence
        entity.sources = sources(row.sources, row.sourceCount, source)
        entity.source = row.sources.first ?? source
        entity.isVerified = row.isVerified ?? false
        entity.isActive = row.isActive ?? true
        entity.description = row.description
        entity.tags = row.tags
        entity.metadata = metadata(row.metadata, row.attributes)
        entity.firstSeen = row.firstSeen
        entity.lastSeen = row.lastSeen ?? row.firstSeen
        entity.createdAt = row.createdAt ?? row.firstSeen
        entity.updatedAt = row.updatedAt ?? row.lastSeen ?? row.firstSeen
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
        relationship.sources = sources(row.sources, row.sourceCount, source)
        relationship.evidence = row.evidence
        relationship.isVerified = row.isVerified ?? false
        relationship.isActive = row.isActive ?? true
        relationship.description = row.description
        relationship.metadata = metadata(row.metadata, row.attributes)
        relationship.firstObserved = row.timestamp
        relationship.lastObserved = row.lastObserved ?? row.timestamp
        relationship.createdAt = row.createdAt
        relationship.updatedAt = row.updatedAt
        return relationship
    }

    private func bulkObservation(
        _ row: GraphSetObservation, entityIDs: [Int64], relationshipIDs: [Int64]
    ) -> BulkObservation {
        let (kind, id): (Character, Int64) =
            switch row.subject {
            case .entity(let position): ("e", entityIDs[position])
            case .relationship(let position): ("r", relationshipIDs[position])
            }
        var observation = BulkObservation(kind: kind, subjectID: id, observedAt: row.observedAt)
        observation.confidence = row.confidence
        observation.confidenceBefore = row.confidenceBefore
        observation.riskScore = row.riskScore
        observation.riskBefore = row.riskScoreBefore
        observation.weight = row.weight
        observation.weightBefore = row.weightBefore
        return observation
    }

    /// Sets that tell how many sources state a row, not which, get numbered ones.
    private func sources(_ names: [String], _ count: Int?, _ source: String) -> [String] {
        if !names.isEmpty { return names }
        guard let count, count > 1 else { return [source] }
        return [source] + (2...count).map { "\(source) #\($0)" }
    }

    /// The metadata, and the attributes beside it as a JSON object; what reads as a number is one.
    private func metadata(_ metadata: String?, _ attributes: [GraphSetAttribute]) -> String {
        guard !attributes.isEmpty else { return metadata ?? "{}" }
        var object: [String: JSONValue] = [:]
        for attribute in attributes {
            object[attribute.name] =
                Double(attribute.value).flatMap { $0.isFinite ? .number($0) : nil }
                ?? .text(attribute.value)
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(object) else { return metadata ?? "{}" }
        let text = String(decoding: data, as: UTF8.self)
        guard let metadata, let open = metadata.firstIndex(of: "{") else { return text }
        // Both are objects: the members of the one before those of the other, which win.
        let members = metadata[metadata.index(after: open)...]
        let isEmpty = members.drop { $0.isWhitespace }.first == "}"
        return text.dropLast() + (isEmpty ? "" : ",") + members
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
