import PostgresClient
import Testing

extension Integration {
    /// What is in memory against what is in the tables.
    @Suite("The audit of memory") struct MemoryAuditTests {
        @Test("finds what was changed behind the feed's back, reads it again, judges it")
        func healsPlanted() async throws {
            let database = try await VigilDatabase.fresh()
            try await database.set("self_audit_seconds", "1")
            try await database.set("anomaly_threshold", "0.2")
            try await database.addWorld()
            try await RunningSidecar.following(database) { sidecar in
                try await expectAgreement(in: database)
                let doubtful = try await database.int(
                    "INSERT INTO vigil.entities (type, confidence) VALUES ('domain', 0.01) RETURNING id"
                )
                let open =
                    "SELECT count(*) FROM vigil.anomalies WHERE is_active AND subject_id = \(doubtful)"
                try await eventually("an anomaly that will have no cause") {
                    try await database.int(open)
                } is: {
                    $0 > 0
                }
                let before = try await database.countedChanges()
                let session = try await database.connect()
                // No trigger sees any of this; the old transaction ids hide the new rows.
                try await session.execute(
                    """
                    SET session_replication_role = replica;
                    UPDATE vigil.entities SET confidence = 0.123 WHERE id = 7;
                    UPDATE vigil.entities SET tags = '{new}', risk_score = NULL WHERE id = 8;
                    DELETE FROM vigil.entities WHERE id = \(doubtful);
                    INSERT INTO vigil.entities (type, confidence, inserted_xid)
                    VALUES ('domain', 0.5, '3'), ('domain', 0.6, '3');
                    UPDATE vigil.relationships SET weight = 42 WHERE id = 5;
                    UPDATE vigil.relationships SET target_entity_id = 11 WHERE id = 6;
                    DELETE FROM vigil.relationships WHERE id IN (9, 10);
                    INSERT INTO vigil.relationships (source_entity_id, target_entity_id, type, inserted_xid)
                    VALUES (20, 30, 'related_to', '3')
                    """)
                await session.close()
                try await eventually("healed rows; \(sidecar.log.all.suffix(6))", equals: 10) {
                    try await database.int(
                        "SELECT sum(healed)::bigint FROM vigil.memory_health WHERE found = healed")
                }
                try await eventually("differences", equals: []) { try await database.differences() }
                #expect(try await database.int(open) == 0)
                #expect(try await database.countedChanges() == before, "the feed knows of nothing")
                #expect(sidecar.log.count(of: "following") == 1, "nothing is loaded again")
                try await expectAgreement(in: database)
                try await expectEverything(in: database)
            }
        }

        @Test("finds nothing under load, where there is nothing to find")
        func isSilentUnderLoad() async throws {
            let database = try await VigilDatabase.fresh()
            try await database.set("self_audit_seconds", "1")
            let load = WriterLoad(seed: 5, transactionCount: 150)
            try await load.prepare(database)
            try await RunningSidecar.following(database) { sidecar in
                let held = try await database.connect()
                try await held.execute("BEGIN; \(insert("held"))")
                let committed = try await load.run(on: database)
                try await held.execute("COMMIT")
                try await database.waitForChanges(committed + 1)
                try await expectAgreement(in: database)
                #expect(
                    try await database.int(
                        "SELECT sum(found + reloads)::bigint FROM vigil.memory_health") == 0,
                    "\(sidecar.log.all.filter { $0.hasPrefix("memory") })")
                await held.close()
            }
        }

        @Test("names relationships that lost an end, and leaves them out for good")
        func orphans() async throws {
            let database = try await VigilDatabase.fresh()
            try await database.set("self_audit_seconds", "1")
            let ids = try await database.addEntities(5)
            for target in ids.dropFirst() { try await database.relate(ids[0], target) }
            try await RunningSidecar.following(database) { sidecar in
                try await database.execute(
                    """
                    SET session_replication_role = replica;
                    DELETE FROM vigil.entities WHERE id = \(ids[4]);
                    RESET session_replication_role
                    """)
                try await eventually("a note") {
                    try await database.text(
                        "SELECT coalesce(max(note), '') FROM vigil.memory_status")
                } is: {
                    $0.hasPrefix("1 relationships name entities")
                }
                try await expectAgreement(in: database)
                #expect(sidecar.log.count(of: "following") == 1, "\(sidecar.log.all.suffix(5))")
                #expect(
                    try await database.int("SELECT count(*) FROM vigil.entity_scores") == 4)
            }
        }

        /// Waits for two rounds from now, and expects that both sides are the same then.
        private func expectAgreement(in database: VigilDatabase) async throws {
            let before = try await database.int(
                "SELECT coalesce(sum(rounds), 0)::bigint FROM vigil.memory_health")
            try await eventually("two rounds more of each kind") {
                try await database.int(
                    "SELECT coalesce(sum(rounds), 0)::bigint FROM vigil.memory_health")
            } is: {
                $0 >= before + 5
            }
            #expect(
                try await database.text(
                    """
                    SELECT string_agg(format('%s %s %s', kind, memory_hash = table_hash, row_count), ', '
                        ORDER BY kind) FROM vigil.memory_health
                    """)
                    == database.text(
                        """
                        SELECT format('entity t %s, relationship t %s',
                            (SELECT count(*) FROM vigil.entities),
                            (SELECT count(*) FROM vigil.relationships AS r
                             JOIN vigil.entities AS s ON s.id = r.source_entity_id
                             JOIN vigil.entities AS t ON t.id = r.target_entity_id))
                        """))
        }
    }
}
