import LocalCluster
import PostgresClient
import Testing

extension Integration {
    /// What the feed makes of transactions that commit in every order and shape.
    @Suite("The change feed") struct FeedTests {
        @Test("Transactions that commit in another order than they began are each counted once")
        func commitsOutOfOrder() async throws {
            let database = try await VigilDatabase.fresh()
            try await RunningSidecar.following(database) { _ in
                let sessions = try await connections(3, database)
                for (place, session) in sessions.enumerated() {
                    try await session.execute("BEGIN")
                    try await session.execute(insert("late \(place)"))
                }
                for (count, place) in [2, 0, 1].enumerated() {
                    try await sessions[place].execute("COMMIT")
                    try await database.waitForChanges(Int64(count + 1))
                }
                try await expectEverything(in: database, entities: 3)
            }
        }

        @Test("A transaction held open across many batches counts when it commits, and only then")
        func heldOpen() async throws {
            let database = try await VigilDatabase.fresh()
            try await RunningSidecar.following(database) { _ in
                let sessions = try await connections(2, database)
                for session in sessions {
                    try await session.execute("BEGIN")
                    for place in 0..<5 { try await session.execute(insert("held \(place)")) }
                }
                for batch in 1...20 {
                    try await database.addEntities(1)
                    try await database.waitForChanges(Int64(batch))
                }
                try await sessions[0].execute("COMMIT")
                try await database.waitForChanges(25)
                try await sessions[1].execute("ROLLBACK")
                try await expectEverything(in: database, entities: 25)
                #expect(try await database.countedChanges() == 26)
            }
        }

        @Test("Savepoints rolled back leave no trace, those released count with their transaction")
        func savepoints() async throws {
            let database = try await VigilDatabase.fresh()
            try await RunningSidecar.following(database) { _ in
                let session = try await database.connect()
                try await session.execute("BEGIN")
                try await session.execute(insert("before"))
                // More subtransactions than a server process keeps in its cache of 64.
                for place in 0..<100 {
                    try await session.execute("SAVEPOINT s")
                    try await session.execute(insert("inside \(place)"))
                    try await session.execute(
                        place.isMultiple(of: 2) ? "ROLLBACK TO SAVEPOINT s" : "RELEASE SAVEPOINT s")
                }
                try await database.addEntities(1)
                try await database.waitForChanges(1)
                try await session.execute("COMMIT")
                try await database.waitForChanges(52)
                try await database.execute(
                    """
                    DO $$ BEGIN
                        FOR i IN 1..10 LOOP
                            BEGIN
                                \(insert("caught"));
                                IF i % 5 <> 0 THEN RAISE division_by_zero; END IF;
                            EXCEPTION WHEN division_by_zero THEN NULL;
                            END;
                        END LOOP;
                    END $$
                    """)
                try await database.waitForChanges(54)
                try await expectEverything(in: database, entities: 54)
            }
        }

        @Test(
            "Eight writers at once, with rollbacks, lose no change and double none",
            arguments: [true, false])
        func manyWriters(ringsDoorbell: Bool) async throws {
            let database = try await VigilDatabase.fresh()
            try await database.set("feed_arm", ringsDoorbell ? "true" : "false")
            let load = WriterLoad(seed: ringsDoorbell ? 41 : 42)
            try await load.prepare(database)
            try await RunningSidecar.following(database) { sidecar in
                let committed = try await load.run(on: database)
                try await database.waitForChanges(committed)
                try await expectEverything(in: database)
                #expect(try await database.countedChanges() == committed + 1)
                #expect(sidecar.log.count(of: "the feed was interrupted") == 0)
            }
        }

        @Test("One change after the other scores its entity once each time")
        func scoredOnce() async throws {
            let database = try await VigilDatabase.fresh()
            let entity = try await database.addEntities(1)[0]
            try await RunningSidecar.following(database) { _ in
                try await eventually("first score", equals: 1) {
                    try await database.scoreCount(of: entity)
                }
                for change in 1...10 {
                    try await database.execute(
                        "UPDATE vigil.entities SET confidence = 0.\(change + 10) WHERE id = \(entity)"
                    )
                    try await database.waitForChanges(Int64(change))
                    #expect(try await database.scoreCount(of: entity) == Int64(change + 1))
                }
                try await expectEverything(in: database, entities: 1)
            }
        }

        @Test("An ordinary role that may only write the tables is followed like any other")
        func ordinaryWriter() async throws {
            let database = try await VigilDatabase.fresh()
            try await database.execute(
                """
                CREATE ROLE \(database.name)_writer LOGIN;
                GRANT USAGE ON SCHEMA vigil TO \(database.name)_writer;
                GRANT SELECT, INSERT, UPDATE, DELETE ON vigil.entities, vigil.relationships
                    TO \(database.name)_writer;
                """)
            try await RunningSidecar.following(database) { _ in
                let writer = try await PostgresConnection.connect(
                    database.cluster.conninfo(
                        user: "\(database.name)_writer", database: database.name),
                    applicationName: "writer")
                try await writer.execute(insert("a") + ";" + insert("b"))
                try await writer.execute(
                    "UPDATE vigil.entities SET confidence = 0.5 WHERE name = 'a'")
                try await database.waitForChanges(3)
                try await writer.execute("DELETE FROM vigil.entities WHERE name = 'b'")
                try await database.waitForChanges(4)
                try await expectEverything(in: database, entities: 1)
                await writer.close()
            }
        }

        @Test("TRUNCATE starts a new epoch: everything is loaded again, and the feed goes on")
        func truncation() async throws {
            let database = try await VigilDatabase.fresh()
            let ids = try await database.addEntities(4)
            try await database.relate(ids[0], ids[1])
            try await RunningSidecar.following(database) { sidecar in
                try await eventually("scores", equals: 4) {
                    try await database.int("SELECT count(*) FROM vigil.entity_scores")
                }
                try await database.execute("TRUNCATE vigil.relationships CASCADE")
                try await sidecar.waitUntilFollowing(times: 2)
                try await eventually("differences", equals: []) { try await database.differences() }
                try await database.execute("TRUNCATE vigil.entities CASCADE")
                try await sidecar.waitUntilFollowing(times: 3)
                try await eventually("differences", equals: []) { try await database.differences() }
                let before = try await database.countedChanges()
                try await database.addEntities(3)
                try await database.waitForChanges(before + 3)
                try await expectEverything(in: database, entities: 3)
            }
        }

        @Test("More changes than one read brings, made while nobody follows, are all judged")
        func missedBurst() async throws {
            let database = try await VigilDatabase.fresh()
            let ids = try await database.addBurst()
            try await RunningSidecar.following(database) { _ in }
            try await database.deleteBurst(andChange: ids[0])
            try await RunningSidecar.following(database) { _ in
                try await database.waitForChanges(database.burstCount + 1)
                try await expectEverything(in: database, entities: 100)
            }
        }

        @Test("Retention never takes an observation that commits while it runs")
        func retention() async throws {
            let database = try await VigilDatabase.fresh()
            let ids = try await database.addEntities(1)
            // Beside an old observation that shares its partition: two years are one turn of the ring.
            try await database.execute(
                """
                INSERT INTO vigil.observation_history (kind, operation, subject_id, recorded_at)
                VALUES ('e', 'H', \(ids[0]), now() - interval '2 years')
                """)
            let writer = try await database.connect()
            try await writer.execute(
                "BEGIN; UPDATE vigil.entities SET confidence = 0.4 WHERE id = \(ids[0])")
            let retaining = try await database.connect()
            async let removed: Void = retaining.execute("SELECT vigil.drop_old_history()")
            try await eventually("retention waits or is over", equals: true) {
                try await database.int(
                    """
                    SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
                        AND query LIKE '%drop_old_history%' AND pid <> pg_backend_pid()
                        AND state = 'active' AND wait_event_type IS DISTINCT FROM 'Lock'
                    """) == 0
            }
            try await writer.execute("COMMIT")
            try await removed
            #expect(
                try await database.int(
                    "SELECT count(*) FROM vigil.observation_history WHERE operation = 'U'") == 1)
            await writer.close()
            await retaining.close()
        }

        @Test("Deleting relationships and entities scores the other ends again")
        func deletions() async throws {
            let database = try await VigilDatabase.fresh()
            let ids = try await database.addEntities(4)
            let first = try await database.relate(ids[0], ids[1])
            for (source, target) in [(1, 2), (2, 0), (2, 3)] {
                try await database.relate(ids[source], ids[target])
            }
            try await RunningSidecar.following(database) { _ in
                try await eventually("differences", equals: []) { try await database.differences() }
                try await database.execute("DELETE FROM vigil.relationships WHERE id = \(first)")
                try await database.waitForChanges(1)
                #expect(try await database.differences() == [])
                // The entity and its two relationships.
                try await database.execute("DELETE FROM vigil.entities WHERE id = \(ids[2])")
                try await eventually("differences", equals: []) { try await database.differences() }
                try await expectEverything(in: database, entities: 3)
            }
        }

        @Test("Deleting an entity closes its anomalies and keeps the record")
        func deletionClosesAnomalies() async throws {
            let database = try await VigilDatabase.fresh()
            try await database.set("anomaly_threshold", "0.2")
            try await RunningSidecar.following(database) { _ in
                let entity = try await database.int(
                    "INSERT INTO vigil.entities (type, confidence) VALUES ('domain', 0.05) RETURNING id"
                )
                let open = "SELECT count(*) FROM vigil.anomalies WHERE is_active"
                try await eventually("open anomalies", equals: 1) { try await database.int(open) }
                try await database.execute("DELETE FROM vigil.entities WHERE id = \(entity)")
                try await database.waitForChanges(2)
                #expect(try await database.int(open) == 0)
                let kept = """
                    SELECT count(*) FROM vigil.anomalies WHERE subject_id = \(entity)
                        AND entity_id IS NULL AND resolved_at IS NOT NULL AND resolution ILIKE '%deleted%'
                        AND subject_type = 'domain' AND explanation <> '{}'
                    """
                #expect(try await database.int(kept) == 1)
            }
        }

        @Test("A type added while the sidecar follows is known by its name")
        func newType() async throws {
            let database = try await VigilDatabase.fresh()
            try await database.set("anomaly_threshold", "0.2")
            try await RunningSidecar.following(database) { _ in
                try await database.execute(
                    """
                    INSERT INTO vigil.entity_types (type, description) VALUES ('vessel', 'A ship');
                    INSERT INTO vigil.entities (type, confidence) VALUES ('vessel', 0.05)
                    """)
                // The picture was taken by the sidecar: the type in it is what the sidecar knows.
                try await eventually("type in the picture", equals: "vessel") {
                    try await database.text(
                        "SELECT coalesce(min(subgraph #>> '{nodes,0,type}'), '') FROM vigil.anomalies"
                    )
                }
            }
        }
    }
}

extension VigilDatabase {
    /// More rows than one read of the feed brings.
    var burstCount: Int64 { 20_100 }

    /// A hundred entities, and relationships between them that do not count.
    func addBurst() async throws -> [Int64] {
        let ids = try await addEntities(100)
        try await execute(
            """
            INSERT INTO vigil.relationships (source_entity_id, target_entity_id, type, is_active)
            SELECT \(ids[0]) + i % 100, \(ids[0]) + (i * 7 + i / 100) % 100, 'related_to', false
            FROM generate_series(1, \(burstCount)) AS i
            """)
        return ids
    }

    /// Deletes these relationships and changes an entity, which comes behind them in the feed.
    func deleteBurst(andChange entity: Int64) async throws {
        try await execute(
            """
            DELETE FROM vigil.relationships;
            UPDATE vigil.entities SET confidence = 0.31 WHERE id = \(entity)
            """)
    }
}

/// Several sessions of the superuser.
func connections(_ count: Int, _ database: VigilDatabase) async throws -> [PostgresConnection] {
    var all: [PostgresConnection] = []
    for _ in 0..<count { all.append(try await database.connect()) }
    return all
}

/// A statement that inserts one entity.
func insert(_ name: String) -> String {
    "INSERT INTO vigil.entities (type, name, confidence) VALUES ('domain', '\(name)', 0.7)"
}

/// Checks that the scores are those of the tables as they are, and that nothing is counted twice:
/// one more change must move the count by one.
func expectEverything(
    in database: VigilDatabase, entities: Int64? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
) async throws {
    let before = try await database.countedChanges()
    _ = try await database.session.query(
        """
        UPDATE vigil.entities SET description = coalesce(description, '') || '.'
        WHERE id = (SELECT min(id) FROM vigil.entities)
        """)
    try await database.waitForChanges(before + 1)
    let differences = try await database.differences()
    #expect(differences == [], sourceLocation: sourceLocation)
    #expect(try await database.duplicateAnomalies() == 0, sourceLocation: sourceLocation)
    if let entities {
        #expect(
            try await database.int("SELECT count(*) FROM vigil.entity_scores") == entities,
            sourceLocation: sourceLocation)
    }
}
