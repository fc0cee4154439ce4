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

    func validate() throws {
        guard entityShare >= 0, updateShare >= 0, entityShare + updateShare <= 1 else {
            throw ValidationError("the shares of entities and updates must be from 0 to 1 together")
        }
    }

    var text: String {
        let shares = [1 - entityShare - updateShare, entityShare, updateShare]
            .map { String(format: "%.0f %%", $0 * 100) }
        return
            "\(shares[0]) new relationships, \(shares[1]) new entities, \(shares[2]) updated entities"
    }
}

/// Statements of one writer, each of which returns its transaction's id.
struct ChangeSource {
    private let mix: ChangeMix
    private let entityIDs: [Int64]
    private let name: String
    private var random: SeededRandom
    private var count = 0

    init(_ mix: ChangeMix, among entityIDs: [Int64], seed: UInt64, writer: Int) {
        self.mix = mix
        self.entityIDs = entityIDs
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
        var sources: [Int64] = []
        var targets: [Int64] = []
        for _ in 0..<rowCount {
            let place = Int.random(in: 0..<entityIDs.count, using: &random)
            let step = Int.random(in: 1..<entityIDs.count, using: &random)
            sources.append(entityIDs[place])
            targets.append(entityIDs[(place + step) % entityIDs.count])
        }
        guard rowCount > 1 else {
            return Statement(
                """
                INSERT INTO vigil.relationships (source_entity_id, target_entity_id, type, confidence)
                VALUES ($1, $2, 'related_to', 0.7) RETURNING pg_current_xact_id()
                """, [.int64(sources[0]), .int64(targets[0])])
        }
        return Statement(
            """
            INSERT INTO vigil.relationships (source_entity_id, target_entity_id, type, confidence)
            SELECT s, t, 'related_to', 0.7 FROM unnest($1::bigint[], $2::bigint[]) AS ends (s, t)
            RETURNING pg_current_xact_id()
            """, [.int64Array(sources), .int64Array(targets)])
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
        let ids = (0..<rowCount).map { _ in
            entityIDs[Int.random(in: 0..<entityIDs.count, using: &random)]
        }
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
