import PostgresClient
import Testing

extension Integration {
    /// What was committed while no sidecar ran, or one that died before it had judged all of it.
    @Suite("Changes that nobody has heard") struct MissedChangeTests {
        @Test("A relationship that was given other ends meanwhile is taken from its old end")
        func movedRelationship() async throws {
            let database = try await VigilDatabase.fresh()
            let ids = try await database.addEntities(4)
            // Two between the same entities: without one of them the degrees stay as they are.
            let moved = try await database.relate(ids[0], ids[1])
            try await database.relate(ids[0], ids[1])
            try await database.relate(ids[2], ids[3])
            try await RunningSidecar.following(database) { _ in
                try await eventually("differences", equals: []) { try await database.differences() }
            }
            try await database.execute(
                """
                UPDATE vigil.relationships SET source_entity_id = \(ids[2]), target_entity_id = \(ids[3])
                WHERE id = \(moved)
                """)
            try await RunningSidecar.following(database) { _ in
                try await eventually("differences", equals: []) { try await database.differences() }
                #expect(
                    try await database.text(
                        "SELECT string_agg(outgoing_relationships::text, ' ' ORDER BY entity_id) FROM vigil.entity_metrics"
                    ) == "1 0 2 0")
            }
        }

        @Test(
            "A relationship without a score of the active model is judged at the start, though its entity has one",
            arguments: [
                "DELETE FROM vigil.relationship_scores",
                "UPDATE vigil.relationship_scores SET model_version = 'another'",
            ])
        func relationshipScores(loss: String) async throws {
            let database = try await VigilDatabase.fresh()
            let ids = try await database.addEntities(3)
            try await database.relate(ids[0], ids[1])
            try await database.relate(ids[1], ids[2])
            let scored = """
                SELECT count(*) FROM vigil.relationship_scores
                WHERE model_version IS DISTINCT FROM 'another'
                """
            try await RunningSidecar.following(database) { _ in
                try await eventually("scores", equals: 2) { try await database.int(scored) }
            }
            // As a sidecar leaves it that dies after a new model, when a change has had the entity
            // judged before its turn had come with its relationships.
            try await database.execute(loss)
            try await RunningSidecar.following(database) { _ in
                try await eventually("scores", equals: 2) { try await database.int(scored) }
            }
        }

        @Test("Relationships of an entity that is not active are judged by a new model too")
        func inactiveSource() async throws {
            let database = try await VigilDatabase.fresh()
            try await database.addWorld()
            try await database.execute("UPDATE vigil.entities SET is_active = false WHERE id = 1")
            try await RunningSidecar.following(database) { sidecar in
                _ = try await database.int("SELECT vigil.retrain(trees => 10)")
                try await sidecar.log.wait(for: "model adopted")
                try await eventually("relationships not judged by the model", equals: 0) {
                    try await database.int(
                        """
                        SELECT count(*) FROM vigil.relationships r
                        LEFT JOIN vigil.relationship_scores s ON s.relationship_id = r.id
                        WHERE s.model_version IS DISTINCT FROM
                            (SELECT version FROM vigil.models WHERE state = 'active' AND kind = 'ensemble')
                        """)
                }
            }
        }

        @Test("An entity that somebody holds in an open transaction keeps nobody else waiting")
        func heldEntity() async throws {
            let database = try await VigilDatabase.fresh()
            try await database.set("anomaly_threshold", "0.2")
            let ids = try await database.addEntities(3)
            let strange = try await database.int(
                "INSERT INTO vigil.entities (type, confidence) VALUES ('domain', 0.05) RETURNING id"
            )
            let open =
                "SELECT count(*) FROM vigil.anomalies WHERE is_active AND subject_id = \(strange)"
            let holder = try await database.connect()
            try await holder.execute(
                "BEGIN; SELECT FROM vigil.entities WHERE id = \(strange) FOR UPDATE")
            try await RunningSidecar.following(database) { sidecar in
                try await eventually("score of the held one", equals: 1) {
                    try await database.int(
                        "SELECT count(*) FROM vigil.entity_scores WHERE entity_id = \(strange)")
                }
                try await database.execute(
                    "UPDATE vigil.entities SET confidence = 0.7 WHERE id = \(ids[0])")
                try await database.waitForChanges(1)
                #expect(sidecar.log.count(of: "the feed was interrupted") == 0)
                #expect(try await database.int(open) == 0)
                try await holder.execute("COMMIT")
                try await eventually("open anomalies", equals: 1) { try await database.int(open) }
            }
            await holder.close()
        }

        @Test("An anomaly that somebody holds in an open transaction keeps nobody else waiting")
        func heldAnomaly() async throws {
            let database = try await VigilDatabase.fresh()
            try await database.set("anomaly_threshold", "0.2")
            let ids = try await database.addEntities(3)
            let strange = try await database.int(
                "INSERT INTO vigil.entities (type, confidence) VALUES ('domain', 0.05) RETURNING id"
            )
            let open =
                "SELECT count(*) FROM vigil.anomalies WHERE is_active AND subject_id = \(strange)"
            try await RunningSidecar.following(database) { sidecar in
                try await eventually("open anomalies", equals: 1) { try await database.int(open) }
                let holder = try await database.connect()
                try await holder.execute(
                    """
                    BEGIN; SELECT FROM vigil.anomalies WHERE subject_id = \(strange) FOR UPDATE
                    """)
                // Normal now: the anomaly is to be resolved.
                try await database.execute(
                    """
                    UPDATE vigil.entities SET confidence = 0.9, name = 'known', value = 'known'
                    WHERE id = \(strange)
                    """)
                try await database.execute(
                    "UPDATE vigil.entities SET confidence = 0.7 WHERE id = \(ids[0])")
                try await database.waitForChanges(2)
                #expect(sidecar.log.count(of: "the feed was interrupted") == 0)
                #expect(try await database.int(open) == 1)
                try await holder.execute("COMMIT")
                await holder.close()
                try await eventually("open anomalies", equals: 0) { try await database.int(open) }
            }
        }

        @Test("A repetition is scored with its change, and its row follows")
        func repetition() async throws {
            let database = try await VigilDatabase.fresh()
            try await database.set("anomaly_threshold", "0.2")
            let strange = try await database.int(
                "INSERT INTO vigil.entities (type, confidence) VALUES ('domain', 0.05) RETURNING id"
            )
            try await RunningSidecar.following(database) { _ in
                let row =
                    "FROM vigil.anomalies WHERE is_active AND subject_id = \(strange)"
                try await eventually("open anomalies", equals: 1) {
                    try await database.int("SELECT count(*) \(row)")
                }
                let opened = try await database.int("SELECT max(occurrences) \(row)")
                try await database.execute(
                    "UPDATE vigil.entities SET confidence = 0.04 WHERE id = \(strange)")
                try await database.waitForChanges(1)
                try await eventually("rows as old as their scores", equals: 1) {
                    try await database.int(
                        """
                        SELECT count(*) FROM vigil.anomalies a
                        JOIN vigil.entity_scores s ON s.entity_id = a.entity_id
                        WHERE a.is_active AND a.subject_id = \(strange)
                            AND a.last_detected = s.scored_at AND a.anomaly_score = s.anomaly_score
                            AND a.occurrences > \(opened)
                        """)
                }
            }
        }

        @Test("Rows that a sidecar left older than their scores are renewed by the next one")
        func outdatedRow() async throws {
            let database = try await VigilDatabase.fresh()
            try await database.set("anomaly_threshold", "0.2")
            let strange = try await database.int(
                "INSERT INTO vigil.entities (type, confidence) VALUES ('domain', 0.05) RETURNING id"
            )
            let current = """
                SELECT count(*) FROM vigil.anomalies a
                JOIN vigil.entity_scores s ON s.entity_id = a.entity_id
                WHERE a.is_active AND a.subject_id = \(strange) AND a.last_detected >= s.scored_at
                """
            try await RunningSidecar.following(database) { _ in
                try await eventually("open anomalies", equals: 1) {
                    try await database.int(current)
                }
            }
            try await database.execute(
                """
                UPDATE vigil.anomalies SET last_detected = last_detected - interval '1 minute'
                WHERE subject_id = \(strange)
                """)
            #expect(try await database.int(current) == 0)
            try await RunningSidecar.following(database) { _ in
                try await eventually("rows renewed", equals: 1) { try await database.int(current) }
            }
        }
    }
}
