import Foundation
import Testing

extension Integration {
    /// Anomalies computed again, and rows that are not there.
    @Suite("Replay and preview") struct WhatIfTests {
        private func vigil(
            _ arguments: String..., on database: VigilDatabase
        ) async throws -> VigilProgram.Outcome {
            try await VigilProgram(arguments + ["--dsn", database.conninfo]).outcome(
                within: .seconds(60))
        }

        /// Every table that a preview must leave as it is, in one text.
        private func state(of database: VigilDatabase) async throws -> String {
            try await database.text(
                """
                SELECT concat_ws(' ', (SELECT count(*) FROM vigil.entities),
                    (SELECT count(*) FROM vigil.relationships),
                    (SELECT count(*) FROM vigil.anomalies WHERE subject_id < 0),
                    (SELECT count(*) FROM vigil.entity_scores),
                    (SELECT count(*) FROM vigil.entity_metrics),
                    (SELECT count(*) FROM vigil.observation_history),
                    (SELECT changes FROM vigil.feed_state))
                """)
        }

        @Test(
            "What a model found replays with the same bits, until the row or the model is gone",
            .requiresProgram)
        func replayByModel() async throws {
            let database = try await VigilDatabase.fresh()
            try await database.addWorld()
            try await database.set("anomaly_threshold", "0.15")
            let trained = try await vigil("train", on: database)
            try #require(trained.status == 0, "\(trained)")
            let detected = try await vigil("detect", on: database)
            try #require(detected.status == 0, "\(detected)")
            let ids = try await database.text(
                "SELECT coalesce(string_agg(id::text, ',' ORDER BY id), '') FROM vigil.anomalies"
            ).split(separator: ",").map(String.init)
            try #require(!ids.isEmpty)
            for id in ids.prefix(3) {
                let outcome = try await vigil("replay", id, on: database)
                #expect(outcome.status == 0, "\(outcome)")
                #expect(outcome.output.contains("has the same bits again"), "\(outcome)")
            }
            let id = ids[0]
            try await database.execute(
                "UPDATE vigil.anomalies SET confidence = confidence / 2 WHERE id = '\(id)'")
            let changed = try await vigil("replay", id, "--json", on: database)
            #expect(changed.status == 65, "\(changed)")
            #expect(changed.output.contains("confidence"), "\(changed)")
            #expect(changed.errorLines.first?.contains("differs in 1 figure") == true)
            try await database.execute(
                "UPDATE vigil.anomalies SET explanation = explanation - 'inputs' WHERE id = '\(id)'"
            )
            let old = try await vigil("replay", id, on: database)
            #expect(old.status == 65, "\(old)")
            #expect(old.errorLines.first?.contains("inputs") == true, "\(old)")
            try await database.execute(
                "UPDATE vigil.models SET state = 'retired'; DELETE FROM vigil.models")
            let orphan = try await vigil("replay", ids.last ?? id, on: database)
            #expect(ids.count == 1 || orphan.status == 66, "\(orphan)")
            let unknown = try await vigil("replay", "nobody", on: database)
            #expect(unknown.status == 66, "\(unknown)")
        }

        @Test("What rules found replays by them, until one is changed", .requiresProgram)
        func replayByRules() async throws {
            let database = try await VigilDatabase.fresh()
            try await database.set("anomaly_threshold", "0.2")
            try await RunningSidecar.following(database) { _ in
                try await database.execute(
                    "INSERT INTO vigil.entities (type, confidence) VALUES ('domain', 0.05)")
                try await eventually("open anomalies", equals: 1) {
                    try await database.int("SELECT count(*) FROM vigil.anomalies WHERE is_active")
                }
            }
            let id = try await database.text("SELECT id::text FROM vigil.anomalies")
            let same = try await vigil("replay", id, on: database)
            #expect(same.status == 0, "\(same)")
            try await database.execute(
                """
                UPDATE vigil.indicators SET weight = weight / 2 WHERE name IN (
                    SELECT unnest(indicators) FROM vigil.anomalies)
                """)
            let other = try await vigil("replay", id, on: database)
            #expect(other.status == 65, "\(other)")
            #expect(other.output.contains("score"), "\(other)")
        }

        @Test("A preview judges what is not there, and nothing is written", .requiresProgram)
        func preview() async throws {
            let database = try await VigilDatabase.fresh()
            try await database.addWorld()
            try await database.set("anomaly_threshold", "0.2")
            let folder = try TemporaryFolder()
            let file = folder.url.appending(path: "rows.json")
            try Data(
                """
                {"entities": [{"ref": "mule", "type": "domain", "confidence": 0.01}],
                 "relationships": [{"source": "mule", "target": 7, "type": "resolves_to"}]}
                """.utf8
            ).write(to: file)
            let alone = try await vigil("preview", file.path(), on: database)
            #expect(alone.status == 0, "\(alone)")
            #expect(alone.output.contains("mule") && alone.output.contains("new"), "\(alone)")
            try await RunningSidecar.following(database) { _ in
                try await database.waitUntilScanned()
                let before = try await state(of: database)
                let asked = try await vigil("preview", file.path(), "--json", on: database)
                #expect(asked.status == 0, "\(asked)")
                let answer = try JSONSerialization.jsonObject(with: Data(asked.output.utf8))
                let subjects = (answer as? [String: Any])?["subjects"] as? [[String: Any]]
                #expect(subjects?.count == 3)
                #expect(subjects?.first?["ref"] as? String == "mule")
                #expect(subjects?.first?["anomaly_type"] as? String == "data_quality")
                #expect(subjects?.dropFirst().first?["id"] as? Int == 7)
                let task = try await database.int("SELECT max(id) FROM vigil.tasks")
                let line = try await database.text(
                    """
                    SELECT concat_ws(' ', subject_kind, subject_id, ref, type, score_before IS NULL,
                        explanation ? 'inputs') FROM vigil.score_preview(\(task)) LIMIT 1
                    """)
                #expect(line == "entity -1 mule domain t t")
                #expect(try await state(of: database) == before)
            }
            let wrong = folder.url.appending(path: "wrong.json")
            try Data(#"{"entities": [{"type": "dragon"}]}"#.utf8).write(to: wrong)
            let refused = try await vigil("preview", wrong.path(), on: database)
            #expect(refused.status == 65, "\(refused)")
            #expect(refused.errorLines.first?.contains("no entity type 'dragon'") == true)
            let missing = try await vigil("preview", folder.path + "/none", on: database)
            #expect(missing.status == 66, "\(missing)")
        }
    }
}
