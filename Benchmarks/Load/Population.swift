import AnomalyModels
import PostgresClient

/// What changes are about: entities, and relationships between them that are there already.
///
/// Two entities at random are hardly ever related, and most of what connects them is an anomaly. So
/// most of the new relationships repeat one that is there: another payment, another message.
struct Population: Sendable {
    /// The ends and the type of a relationship.
    struct Link: Sendable {
        var source, target: Int64
        var type: String
    }

    /// Ascending.
    let entityIDs: [Int64]
    private let links: [Link]
    private static let linkCountMax = 200_000

    static func read(on database: PostgresConnection) async throws -> Population {
        let ids = try await database.query(
            "SELECT id FROM vigil.entities WHERE is_active ORDER BY id")
        let links = try await database.query(
            """
            SELECT source_entity_id, target_entity_id, type FROM vigil.relationships
            WHERE is_active AND source_entity_id <> target_entity_id
            ORDER BY hashint8(id), id LIMIT \(linkCountMax)
            """)
        return Population(
            entityIDs: try (0..<ids.rowCount).map { try ids.int64(row: $0, column: 0) },
            links: try (0..<links.rowCount).map { row in
                Link(
                    source: try links.int64(row: row, column: 0),
                    target: try links.int64(row: row, column: 1),
                    type: try links.string(row: row, column: 2))
            })
    }

    func entityID(_ random: inout SeededRandom) -> Int64 {
        entityIDs[Int.random(in: 0..<entityIDs.count, using: &random)]
    }

    /// A relationship to add: with that probability between two entities at random, else one that is there.
    func link(randomShare: Double, _ random: inout SeededRandom) -> Link {
        guard links.isEmpty || Double.random(in: 0..<1, using: &random) < randomShare else {
            return links[Int.random(in: 0..<links.count, using: &random)]
        }
        let place = Int.random(in: 0..<entityIDs.count, using: &random)
        let step = Int.random(in: 1..<entityIDs.count, using: &random)
        return Link(
            source: entityIDs[place], target: entityIDs[(place + step) % entityIDs.count],
            type: "related_to")
    }
}
