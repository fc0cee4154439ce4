import AnomalyModels
import ArgumentParser
import Foundation
import PostgresClient

/// What writers write.
struct ChangeMix: ParsableArguments, Sendable {
    @Option(help: "Share of the changes that insert an entity; the rest insert relationships.")
    var entityShare = 0.1

    @Option(help: "Share of the changes that update an entity.")
    var updateShare = 0.0

    @Option(
        help: """
            Share of the new relationships that connect two entities at random; the others repeat \
            one that is there.
            """)
    var randomShare = 0.05

    func validate() throws {
        guard (0...1).contains(randomShare) else {
            throw ValidationError("--random-share is \(randomShare); it must be from 0 to 1")
        }
        guard entityShare >= 0, updateShare >= 0, entityShare + updateShare <= 1 else {
            throw ValidationError("the shares of entities and updates must be from 0 to 1 together")
        }
    }

    var text: String {
        let shares = [1 - entityShare - updateShare, entityShare, updateShare, randomShare]
            .map { String(format: "%.0f %%", $0 * 100) }
        return """
            \(shares[0]) new relationships, \(shares[3]) of them between entities at random; \
            \(shares[1]) new entities, \(shares[2]) updated entities
            """
    }
}

/// Statements of one writer, each of which returns its transaction's id.
struct ChangeSource {
    private let mix: ChangeMix
    private let population: Population
    private let name: String
    private var random: SeededRandom
    private var count = 0

    init(_ mix: ChangeMix, among population: Population, seed: UInt64, writer: Int) {
        self.mix = mix
        self.population = population
        random = SeededRandom(seed: seed, stream: UInt64(writer))
        // Another run in the same database must not meet the same names.
        name = "load-\(UUID().uuidString.prefix(8).lowercased())"
    }

    /// The next statement, with so many rows of one kind.
    mutating func next(rowCount: Int) -> Statement {
        count += 1
        let draw = Double.random(in: 0..<1, using: &random)
        if draw < mix.entityShare { return insertEntities(rowCount) }
        if draw < mix.entityShare + mix.updateShare { return updateEntities(rowCount) }
        return insertRelationships(rowCount)
    }

    private mutating func insertRelationships(_ rowCount: Int) -> Statement {
        let links = (0..<rowCount).map { _ in
            population.link(randomShare: mix.randomShare, &random)
        }
        guard rowCount > 1 else {
            return Statement(
                """
                INSERT INTO vigil.relationships (source_entity_id, target_entity_id, type, confidence)
                VALUES ($1, $2, $3, 0.7) RETURNING pg_current_xact_id()
                """, [.int64(links[0].source), .int64(links[0].target), .text(links[0].type)])
        }
        return Statement(
            """
            INSERT INTO vigil.relationships (source_entity_id, target_entity_id, type, confidence)
            SELECT s, t, type, 0.7
            FROM unnest($1::bigint[], $2::bigint[], $3::text[]) AS added (s, t, type)
            RETURNING pg_current_xact_id()
            """,
            [
                .int64Array(links.map(\.source)), .int64Array(links.map(\.target)),
                .textArray(links.map(\.type)),
            ])
    }

    private func insertEntities(_ rowCount: Int) -> Statement {
        let values = (0..<rowCount).map { "\(name)-\(count)-\($0).example" }
        return Statement(
            """
            INSERT INTO vigil.entities (type, name, value, confidence, risk_score)
            SELECT 'domain', v, v, 0.8, 0.2 FROM unnest($1::text[]) AS names (v)
            RETURNING pg_current_xact_id()
            """, [.textArray(values)])
    }

    /// Entities in the order of their keys: two writers that meet wait for each other, and never both.
    private mutating func updateEntities(_ rowCount: Int) -> Statement {
        let ids = (0..<rowCount).map { _ in population.entityID(&random) }
        return Statement(
            """
            WITH changed AS MATERIALIZED (
                SELECT id FROM vigil.entities WHERE id = ANY ($1) ORDER BY id FOR NO KEY UPDATE)
            UPDATE vigil.entities AS entity SET confidence = $2, updated_at = now()
            FROM changed WHERE changed.id = entity.id RETURNING pg_current_xact_id()
            """,
            [.int64Array(ids), .double(Double(Int.random(in: 50...95, using: &random)) / 100)])
    }
}
