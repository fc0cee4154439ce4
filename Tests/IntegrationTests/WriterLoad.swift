import AnomalyModels
import PostgresClient

/// Many sessions that insert, update and delete at random in small transactions, some rolled back.
///
/// Each writer deletes only rows that the reader has loaded and no other writer touches: so the
/// number of changes that the feed must count is known exactly.
struct WriterLoad: Sendable {
    var seed: UInt64
    var writerCount = 8
    var transactionCount = 50

    private static let rowsPerWriter = 40

    /// What one writer may touch.
    private struct Share: Sendable {
        var entities: [Int64]
        var relationships: [Int64]
    }

    init(seed: UInt64, writerCount: Int = 8, transactionCount: Int = 50) {
        self.seed = seed
        self.writerCount = writerCount
        self.transactionCount = transactionCount
        print("writer load: seed \(seed)")
    }

    /// Fills the tables with rows for every writer.
    func prepare(_ database: VigilDatabase) async throws {
        let count = Self.rowsPerWriter * writerCount
        try await database.addEntities(count)
        try await database.execute(
            """
            INSERT INTO vigil.relationships (source_entity_id, target_entity_id, type)
            SELECT a.id, b.id, 'related_to'
            FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM vigil.entities) a
            JOIN (SELECT id, row_number() OVER (ORDER BY id) AS n FROM vigil.entities) b
                ON b.n = (a.n * 7 + 3) % \(count) + 1
            """)
    }

    /// Runs all writers at once.
    /// - Returns: how many changes they have committed.
    func run(on database: VigilDatabase) async throws -> Int64 {
        let entities = try await ids("vigil.entities", in: database)
        let relationships = try await ids("vigil.relationships", in: database)
        return try await withThrowingTaskGroup(of: Int64.self) { tasks in
            for writer in 0..<writerCount {
                func part(_ ids: [Int64]) -> [Int64] {
                    ids.enumerated().filter { $0.offset % writerCount == writer }.map(\.element)
                }
                let share = Share(entities: part(entities), relationships: part(relationships))
                tasks.addTask { try await write(share, as: writer, on: database) }
            }
            return try await tasks.reduce(0, +)
        }
    }

    private func ids(_ table: String, in database: VigilDatabase) async throws -> [Int64] {
        let answer = try await database.session.query("SELECT id FROM \(table) ORDER BY id")
        return try (0..<answer.rowCount).map { try answer.int64(row: $0, column: 0) }
    }

    private func write(
        _ start: Share, as writer: Int, on database: VigilDatabase
    ) async throws -> Int64 {
        var share = start
        var random = SeededRandom(seed: seed &* 1000 &+ UInt64(writer))
        let session = try await database.connect()
        var committed: Int64 = 0
        for _ in 0..<transactionCount {
            var attempt = share
            var changes: Int64 = 0
            try await session.execute("BEGIN")
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let (sql, count) = statement(&attempt, &random)
                try await session.execute(sql)
                changes += count
            }
            if Int.random(in: 0..<5, using: &random) == 0 {
                try await session.execute("ROLLBACK")
            } else {
                try await session.execute("COMMIT")
                committed += changes
                share = attempt
            }
        }
        await session.close()
        return committed
    }

    /// One random statement and the number of changes that it makes.
    private func statement(
        _ share: inout Share, _ random: inout SeededRandom
    ) -> (sql: String, changes: Int64) {
        let confidence = Double(Int.random(in: 0...100, using: &random)) / 100
        switch Int.random(in: 0..<6, using: &random) {
        case 0: return (insert("written"), 1)
        case 1, 2:
            guard let source = share.entities.randomElement(using: &random),
                let target = share.entities.randomElement(using: &random)
            else { break }
            return (
                """
                INSERT INTO vigil.relationships (source_entity_id, target_entity_id, type)
                VALUES (\(source), \(target), 'references')
                """, 1
            )
        case 3:
            guard !share.relationships.isEmpty else { break }
            let place = Int.random(in: 0..<share.relationships.count, using: &random)
            let id = share.relationships.remove(at: place)
            return ("DELETE FROM vigil.relationships WHERE id = \(id)", 1)
        default: break
        }
        guard share.entities.count >= 2, let id = share.entities.randomElement(using: &random)
        else { return (insert("written"), 1) }
        return ("UPDATE vigil.entities SET confidence = \(confidence) WHERE id = \(id)", 1)
    }
}
