import AnomalyModels
import PostgresClient

/// The statements of a writer, drawn at random; each returns how many changes the feed must count.
struct WriterStatements {
    let session: PostgresConnection
    let number: Int
    let count: Int
    var random: SeededRandom

    private static let entityTypes = ["domain", "ip_address", "person", "company", "device"]
    private static let relationshipTypes = [
        "resolves_to", "communicates_with", "owns", "related_to", "references",
    ]

    /// Runs one statement, or a few that belong together.
    mutating func next() async throws -> Int {
        switch random.index(below: 24) {
        case 0...4: try await insertEntities(1 + random.index(below: 3))
        case 5...9: try await relate()
        case 10...12: try await updateEntity()
        case 13...15: try await updateRelationship()
        case 16: try await moveRelationship()
        case 17, 18: try await deleteRelationship()
        case 19: try await deleteEntity()
        case 20: try await insertStrangeEntity()
        case 21: try await recordHistory()
        case 22: try await updateMany()
        default: try await insertInSubtransactions()
        }
    }

    // MARK: - Entities

    private mutating func insertEntities(_ number: Int) async throws -> Int {
        try await run(
            """
            INSERT INTO vigil.entities (type, name, confidence, risk_score, tags, first_seen)
            SELECT '\(entityType())', 'e' || i, \(share()), \(optionalShare()), \(tags()),
                now() - i * interval '\(random.index(below: 400)) hours'
            FROM generate_series(1, \(number)) AS i
            """)
    }

    /// One that is far beyond its peers.
    private mutating func insertStrangeEntity() async throws -> Int {
        try await run(
            """
            INSERT INTO vigil.entities (type, name, confidence, risk_score, sources, tags)
            SELECT '\(entityType())', 'strange', 0.01, 0.99,
                array_agg('source ' || i), array_agg('tag ' || i) FROM generate_series(1, 60) AS i
            """)
    }

    private mutating func updateEntity() async throws -> Int {
        guard let id = try await entity(own: true) else { return 0 }
        let change =
            switch random.index(below: 6) {
            case 0: "is_active = NOT is_active"
            case 1: "type = '\(entityType())'"
            case 2: "tags = \(tags())"
            case 3: "risk_score = \(optionalShare())"
            case 4: "name = 'änder\\ung ''\(random.index(below: 100))'' \u{1F30D}'"
            default: "confidence = \(share()), last_seen = now()"
            }
        return try await run("UPDATE vigil.entities SET \(change) WHERE id = \(id)")
    }

    private mutating func updateMany() async throws -> Int {
        let start = try await largestID("entities", random.index(below: 1000))
        return try await run(
            """
            UPDATE vigil.entities SET confidence = \(share())
            WHERE id BETWEEN \(start) AND \(start + 40) AND id % \(count) = \(number)
            """)
    }

    /// Deletes an entity with its relationships, all of which the feed has counted before: a row that
    /// comes and goes between two reads is no change to the feed.
    private mutating func deleteEntity() async throws -> Int {
        guard let id = try await entity(own: true) else { return 0 }
        let isCounted = try await session.query(
            """
            SELECT e.id FROM vigil.entities e, vigil.feed_state f
            WHERE e.id = $1 AND pg_visible_in_snapshot(e.inserted_xid, f.snapshot) FOR UPDATE OF e
            """, [.int64(id)])
        guard isCounted.rowCount == 1 else { return 0 }
        // Nobody can relate it any more; those that came before are visible now.
        let uncounted = try await session.query(
            """
            SELECT count(*) FROM vigil.relationships r, vigil.feed_state f
            WHERE $1 IN (r.source_entity_id, r.target_entity_id)
                AND pg_visible_in_snapshot(r.inserted_xid, f.snapshot) IS NOT TRUE
            """, [.int64(id)]
        ).int64(row: 0, column: 0)
        guard uncounted == 0 else { return 0 }
        let rows = try await run(
            """
            DELETE FROM vigil.relationships
            WHERE source_entity_id = \(id) OR target_entity_id = \(id)
            """)
        return try await rows + run("DELETE FROM vigil.entities WHERE id = \(id)")
    }

    // MARK: - Relationships

    private mutating func relate() async throws -> Int {
        guard let source = try await entity(own: false), let target = try await entity(own: false)
        else { return 0 }
        // A few favourites grow to hubs, whose neighbours are many.
        let end = random.index(below: 4) == 0 ? "(SELECT min(id) FROM vigil.entities)" : "\(target)"
        return try await run(
            """
            INSERT INTO vigil.relationships
                (source_entity_id, target_entity_id, type, confidence, weight, first_observed)
            SELECT e.id, f.id, '\(relationshipType())', \(share()), \(random.index(below: 5000)),
                now() - interval '\(random.index(below: 900)) hours'
            FROM vigil.entities e, vigil.entities f WHERE e.id = \(source) AND f.id = \(end)
            """)
    }

    private mutating func updateRelationship() async throws -> Int {
        guard let id = try await relationship() else { return 0 }
        let change =
            switch random.index(below: 4) {
            case 0: "is_active = NOT is_active"
            case 1: "type = '\(relationshipType())'"
            case 2: "verified = NOT verified, confidence = \(share())"
            default: "weight = \(random.index(below: 100_000)), last_observed = now()"
            }
        return try await run("UPDATE vigil.relationships SET \(change) WHERE id = \(id)")
    }

    /// Gives a relationship other ends.
    private mutating func moveRelationship() async throws -> Int {
        guard let id = try await relationship(), let end = try await entity(own: false) else {
            return 0
        }
        let column = random.index(below: 2) == 0 ? "source_entity_id" : "target_entity_id"
        return try await run(
            """
            UPDATE vigil.relationships SET \(column) = e.id FROM vigil.entities e
            WHERE relationships.id = \(id) AND e.id = \(end)
            """)
    }

    private mutating func deleteRelationship() async throws -> Int {
        guard let id = try await relationship() else { return 0 }
        return try await run(
            """
            DELETE FROM vigil.relationships r USING vigil.feed_state f
            WHERE r.id = \(id) AND pg_visible_in_snapshot(r.inserted_xid, f.snapshot)
            """)
    }

    private mutating func recordHistory() async throws -> Int {
        guard let id = try await entity(own: true) else { return 0 }
        return try await run(
            """
            INSERT INTO vigil.observation_history (observed_at, kind, operation, subject_id, confidence)
            SELECT now() - interval '\(1 + random.index(below: 2000)) hours', 'e', 'H', id, \(share())
            FROM vigil.entities WHERE id = \(id)
            """)
    }

    /// More subtransactions than a server process keeps in its cache of 64.
    private mutating func insertInSubtransactions() async throws -> Int {
        let rounds = 70
        let kept = 1 + random.index(below: 9)
        try await session.execute(
            """
            DO $$ BEGIN
                FOR i IN 1..\(rounds) LOOP
                    BEGIN
                        INSERT INTO vigil.entities (type, name, confidence)
                        VALUES ('\(entityType())', 'sub' || i, \(share()));
                        IF i > \(kept) THEN RAISE division_by_zero; END IF;
                    EXCEPTION WHEN division_by_zero THEN NULL;
                    END;
                END LOOP;
            END $$
            """)
        return kept
    }

    // MARK: - Parts

    /// Runs a statement that writes and returns how many rows it has written.
    private func run(_ sql: String) async throws -> Int {
        let answer = try await session.query(
            "WITH written AS (\(sql) RETURNING 1) SELECT count(*) FROM written")
        return Int(try answer.int64(row: 0, column: 0))
    }

    /// The first entity from a random place on, of this writer's share or of anybody's.
    private mutating func entity(own: Bool) async throws -> Int64? {
        try await pick("entities", own ? "AND id % \(count) = \(number)" : "AND id % 3 <> 2")
    }

    private mutating func relationship() async throws -> Int64? {
        try await pick("relationships", "AND id % \(count) = \(number)")
    }

    private mutating func pick(_ table: String, _ condition: String) async throws -> Int64? {
        let start = try await largestID(table, random.index(below: 1000))
        let answer = try await session.query(
            "SELECT id FROM vigil.\(table) WHERE id >= $1 \(condition) ORDER BY id LIMIT 1",
            [.int64(start)])
        return answer.rowCount == 1 ? try answer.int64(row: 0, column: 0) : nil
    }

    /// The id below which this part of a thousand of all ids lies.
    private func largestID(_ table: String, _ thousandths: Int) async throws -> Int64 {
        let answer = try await session.query(
            "SELECT coalesce(max(id), 0) FROM vigil.\(table)")
        return try answer.int64(row: 0, column: 0) * Int64(thousandths) / 1000
    }

    private mutating func entityType() -> String {
        Self.entityTypes[random.index(below: Self.entityTypes.count)]
    }

    private mutating func relationshipType() -> String {
        Self.relationshipTypes[random.index(below: Self.relationshipTypes.count)]
    }

    private mutating func share() -> String { "\(Double(random.index(below: 101)) / 100)" }

    private mutating func optionalShare() -> String {
        random.index(below: 5) == 0 ? "NULL" : share()
    }

    private mutating func tags() -> String {
        let number = random.index(below: 4)
        return "ARRAY["
            + (0..<number).map { _ in "'t\(random.index(below: 30))'" }
            .joined(separator: ", ") + "]::text[]"
    }
}
