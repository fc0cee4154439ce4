import AnomalyDetection
import ChangeFeed
import PostgresClient
import Testing

@testable import Storage

extension Integration {
    /// A row means the same to the detector whether it was loaded or came by the feed.
    @Suite("Loading") struct LoadingTests {
        @Test("Tags, sources, evidence, numbers and observations are the same by both paths")
        func bothPaths() async throws {
            let database = try await VigilDatabase.fresh()
            try await database.execute(
                "UPDATE vigil.entity_types SET numeric_metadata = '{ttl,\"o''k\\\\\",ports}' WHERE type = 'domain'"
            )
            let catalog = try await CatalogStore.load(on: database.session)
            let before = try await GraphLoader.load(on: database.session, since: nil) { _, _, _ in }
            try await database.execute(
                #"""
                INSERT INTO vigil.entities (type, name, tags, metadata) VALUES
                    ('domain', 'a', '{b,a,b}', '{"ttl": 300, "o''k\\": " -1.5e1 ", "ports": "many"}'),
                    ('domain', 'b', '{}', '{"ttl": 1e300, "ports": [1]}'),
                    ('ip_address', 'c', '{x}', '{"ttl": 300}');
                INSERT INTO vigil.relationships
                    (source_entity_id, target_entity_id, type, sources, evidence, verified, confidence, weight, first_observed)
                VALUES (1, 2, 'related_to', '{s,r,s}', '["x", {"y": 1}]', true, 0.5, 7, now()),
                    (1, 3, 'related_to', '{}', '"seen"', false, NULL, NULL, NULL),
                    (2, 3, 'related_to', '{q}', '{}', false, NULL, NULL, NULL);
                UPDATE vigil.relationships SET confidence = 0.25, weight = 8 WHERE id = 1;
                UPDATE vigil.entities SET risk_score = 0.75 WHERE id = 1;
                INSERT INTO vigil.observation_history (observed_at, kind, operation, subject_id, weight)
                VALUES ('2026-01-01Z', 'r', 'H', 1, 6)
                """#)
            let types = TypeCodes(catalog.types)
            let batch = try await FeedStore.read(
                since: before.snapshot, types: types, on: database.session)
            let entities = Dictionary(
                batch.changes.entities.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
            let relationships = Dictionary(
                batch.changes.relationships.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
            #expect(entities[1]?.tagKeys == [textKey("a"), textKey("b")].sorted())
            #expect(entities[1]?.tagCount == 3)
            #expect(entities[1]?.numericMetadata.prefix(2) == [300, -15])
            #expect(entities[1]?.numericMetadata[2].isNaN == true)
            #expect(entities[2]?.tagKeys == [])
            #expect(entities[2]?.numericMetadata.first == .greatestFiniteMagnitude)
            #expect(entities[3]?.numericMetadata == [])
            #expect(relationships[1]?.sourceKeys == [textKey("r"), textKey("s")].sorted())
            #expect(relationships[1]?.evidenceCount == 2)
            #expect(relationships[1]?.isVerified == true)
            #expect(relationships[2]?.evidenceCount == 1)
            #expect(relationships[3]?.evidenceCount == 0)
            #expect(relationships[2]?.firstObserved.isNaN == true)
            #expect(relationships[2]?.createdAt.isNaN == false)
            #expect(relationships[1]?.createdAt.isNaN == true)
            let observed = batch.changes.observations.filter {
                $0.subject == .relationship(1)
            }.sorted { $0.observedAt < $1.observedAt }
            #expect(observed.map(\.weight) == [6, 8])
            #expect(observed.last?.confidence == 0.25)
            #expect(
                batch.changes.observations.first { $0.subject == .entity(1) }?.riskScore == 0.75)

            // The loader's records are those of the feed.
            let loaded = try await GraphLoader.load(on: database.session, since: nil) { _, _, _ in }
            for (id, record) in entities {
                let other = try #require(loaded.detector.record(of: id))
                #expect("\(other)" == "\(record)")
            }
            let columns = RelationshipColumns(types: types)
            let rows = try await database.session.copyOut(
                "COPY (\(RelationshipColumns.query)) TO STDOUT (FORMAT binary)",
                into: [RelationshipRecord]()
            ) { rows, row in rows.append(try columns.relationship(row)) }
            #expect(rows.count == 3)
            for row in rows {
                #expect("\(row)" == relationships[row.id].map { "\($0)" })
            }
        }

        @Test("Relationships are judged at the first scan, when they change, and with a model")
        func relationships() async throws {
            let database = try await VigilDatabase.fresh()
            try await database.addWorld()
            let unscored = """
                SELECT count(*) FROM vigil.relationships r
                WHERE r.is_active AND NOT EXISTS (
                    SELECT FROM vigil.relationship_scores s WHERE s.relationship_id = r.id
                        AND s.model_version IS NOT DISTINCT FROM (
                            SELECT version FROM vigil.models WHERE state = 'active'))
                """
            try await RunningSidecar.following(database) { sidecar in
                #expect(try await database.int(unscored) == 0)
                let id = try await database.relate(1, 100)
                try await eventually("the new relationship's scores", equals: 1) {
                    try await database.int(
                        "SELECT coalesce(max(score_count), 0)::bigint FROM vigil.relationship_scores WHERE relationship_id = \(id)"
                    )
                }
                #expect(
                    try await database.text(
                        "SELECT is_current || ' ' || (anomaly_score IS NOT NULL) FROM vigil.detect_relationship(\(id))"
                    ) == "true true")
                _ = try await database.int("SELECT vigil.retrain(trees => 10)")
                try await sidecar.log.wait(for: "model adopted")
                try await eventually("relationships not judged by the model", equals: 0) {
                    try await database.int(unscored)
                }
                try await database.execute("DELETE FROM vigil.relationships WHERE id = \(id)")
                try await eventually("scores of the deleted one", equals: 0) {
                    try await database.int(
                        "SELECT count(*) FROM vigil.relationship_scores WHERE relationship_id = \(id)"
                    )
                }
            }
        }

        @Test("Other watched numbers have a running sidecar load again")
        func changedNumbers() async throws {
            let database = try await VigilDatabase.fresh()
            try await database.addWorld()
            try await RunningSidecar.following(database) { sidecar in
                try await database.execute(
                    "UPDATE vigil.entity_types SET numeric_metadata = '{ttl}' WHERE type = 'domain'"
                )
                try await sidecar.log.wait(for: "other numbers of the metadata are watched")
                try await sidecar.waitUntilFollowing(times: 2)
                // A type of its own that watches numbers, and a row of it at once.
                try await database.execute(
                    """
                    INSERT INTO vigil.entity_types (type, numeric_metadata) VALUES ('sensor', '{volts}');
                    INSERT INTO vigil.entities (type, name, metadata) VALUES ('sensor', 's', '{"volts": 3}')
                    """)
                try await sidecar.waitUntilFollowing(times: 3)
                try await database.waitUntilScanned()
            }
        }
    }
}
