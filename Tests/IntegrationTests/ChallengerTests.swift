import AnomalyDetection
import Foundation
import PostgresClient
import Testing

extension Integration {
    /// Champion and challenger, and models that are switched under load, seen from outside.
    @Suite("Champion and challenger", .requiresProgram) struct ChallengerTests {
        @Test("A challenger judges every change in the shadow, and a share of them in the open")
        func shadowAndShare() async throws {
            let database = try await databaseWithTwoModels()
            try await database.set("anomaly_threshold", "0.2")
            try await RunningSidecar.following(database) { sidecar in
                try await database.addEntities(5)
                try await waitForVersions(["v1.0.0"], in: database)
                #expect(try await database.int("SELECT count(*) FROM vigil.shadow_scores") == 0)

                try await run("model", "challenge", "v1.1.0", on: database)
                try await sidecar.log.wait(for: "challenger adopted version=v1.1.0")
                let ids = try await database.addEntities(40)
                let relationship = try await database.relate(ids[0], ids[1])
                try await eventually("subjects that both have judged", equals: 41) {
                    try await database.int(
                        """
                        SELECT count(*) FROM vigil.shadow_scores
                        WHERE (champion_version, challenger_version, written_by)
                            = ('v1.0.0', 'v1.1.0', 'champion')
                            AND (subject_kind = 'entity' AND subject_id >= \(ids[0])
                                OR subject_kind = 'relationship' AND subject_id = \(relationship))
                        """)
                }
                // The champion's word in the shadow is the one that was stored.
                #expect(
                    try await database.int(
                        """
                        SELECT count(*) FROM vigil.shadow_scores AS shadow
                        JOIN vigil.entity_scores AS score ON score.entity_id = shadow.subject_id
                        WHERE shadow.subject_kind = 'entity'
                            AND (shadow.champion_score <> score.anomaly_score
                                OR shadow.champion_alerts <> (score.anomaly_score >= 0.2))
                        """) == 0)
                try await waitForVersions(["v1.0.0"], in: database)

                // Everybody is judged again by whom the share says, explanations included.
                try await database.set("challenger_share", "0.4")
                let split = ChallengerSplit(version: "v1.1.0", share: 0.4)
                try await eventually("scores by the other model", equals: 0) {
                    try await scoresOf(another: split, in: database)
                }
                try await eventually("anomalies that the challenger wrote") {
                    try await database.int(
                        """
                        SELECT count(*) FROM vigil.anomalies
                        WHERE model_version = 'v1.1.0' AND explanation ? 'summary'
                        """)
                } is: {
                    $0 > 0
                }
                #expect(
                    try await database.int(
                        "SELECT count(*) FROM vigil.shadow_scores WHERE written_by = 'challenger'"
                    ) > 0)
                let compared = try await VigilProgram.run(
                    "model", "compare", "--json", "--dsn", database.conninfo)
                #expect(compared.status == 0, "\(compared)")
                #expect(compared.output.contains(#""measure" : "kappa""#), "\(compared)")

                try await database.set("challenger_share", "0")
                try await waitForVersions(["v1.0.0"], in: database)
                try await run("model", "challenge", "--none", on: database)
                try await sidecar.log.wait(for: "challenger adopted version=none")
                #expect(try await database.int("SELECT count(*) FROM vigil.shadow_scores") == 0)
            }
        }

        @Test("A promotion is refused with reasons, then done, and gone back on")
        func promotion() async throws {
            let database = try await databaseWithTwoModels()
            try await RunningSidecar.following(database) { sidecar in
                let none = try await vigil(["promote"], on: database)
                #expect(none.status == 65, "\(none)")
                #expect(none.errorLines.first?.contains("no challenger") == true, "\(none)")
                try await run("model", "challenge", "v1.1.0", on: database)
                try await sidecar.log.wait(for: "challenger adopted version=v1.1.0")
                let refused = try await vigil(["promote"], on: database)
                #expect(refused.status == 75, "\(refused)")
                #expect(
                    refused.errorLines.first?.contains("promotion_changes_min is 1000") == true,
                    "\(refused)")
                let kept = try await vigil(["delete", "v1.1.0"], on: database)
                #expect(kept.status == 65, "\(kept)")
                #expect(kept.errorLines.first?.contains("is the challenger") == true, "\(kept)")
                try await database.set("promotion_changes_min", "10")
                try await database.set("promotion_kappa_min", "-1")
                try await database.set("promotion_alert_growth_max", "1000")
                try await database.addEntities(20)
                try await eventually("judgements by both", within: .seconds(20)) {
                    try await database.int("SELECT count(*) FROM vigil.shadow_scores")
                } is: {
                    $0 >= 20
                }
                try await run("model", "promote", "--force", on: database)
                try await waitForVersions(["v1.1.0"], in: database)
                #expect(try await database.int("SELECT count(*) FROM vigil.shadow_scores") == 0)
                try await run("model", "rollback", on: database)
                try await waitForVersions(["v1.0.0"], in: database)
                try await run("model", "delete", "v1.1.0", on: database)
            }
            #expect(
                try await database.text(
                    "SELECT string_agg(version || ' ' || state, ' ') FROM vigil.models")
                    == "v1.0.0 active")
        }

        @Test("A challenger that cannot be read is no challenger, and stands in nobody's way")
        func corruptChallenger() async throws {
            let database = try await databaseWithTwoModels()
            try await database.execute(
                "UPDATE vigil.models SET archive = substr(archive, 1, 999) WHERE version = 'v1.1.0'"
            )
            let refused = try await vigil(["challenge", "v1.1.0"], on: database)
            #expect(refused.status == 65, "\(refused)")
            try await RunningSidecar.following(database) { sidecar in
                try await database.execute("SELECT vigil.challenge_model('v1.1.0')")
                let line = try await sidecar.log.wait(for: "the challenger is refused")
                #expect(line.contains("v1.1.0"), "\(line)")
                try await database.addEntities(3)
                try await waitForVersions(["v1.0.0"], in: database)
            }
            #expect(try await database.int("SELECT count(*) FROM vigil.shadow_scores") == 0)
        }

        @Test("Models are switched under load, and every change is scored by one that there was")
        func switchingUnderLoad() async throws {
            let database = try await databaseWithTwoModels()
            try await database.execute(
                """
                INSERT INTO vigil.models (version, kind, card, archive)
                SELECT 'v9.9.9', kind, card, substr(archive, 1, 1000) FROM vigil.models
                WHERE version = 'v1.0.0'
                """)
            try await RunningSidecar.following(database) { sidecar in
                let before = try await database.countedChanges()
                let writer = Task {
                    let session = try await database.connect()
                    var written: Int64 = 0
                    while !Task.isCancelled {
                        try await session.execute(
                            """
                            INSERT INTO vigil.entities (type, name, confidence)
                            SELECT 'domain', 'written', 0.5 FROM generate_series(1, 3)
                            """)
                        written += 3
                        // As fast as the reader, so that it always has something to read.
                        while try await session.query("SELECT changes FROM vigil.feed_state")
                            .int64(row: 0, column: 0) < before + written - 30
                        { await Task.yield() }
                    }
                    await session.close()
                    return written
                }
                // The feed does not sleep meanwhile, and each of them is taken up all the same.
                for turn in 1...10 {
                    let version = turn.isMultiple(of: 2) ? "v1.0.0" : "v1.1.0"
                    try await database.execute("SELECT vigil.activate_model('\(version)')")
                    try await eventually("models adopted", equals: turn) {
                        sidecar.log.count(of: "model adopted")
                    }
                    guard turn == 5 else { continue }
                    try await database.execute("SELECT vigil.activate_model('v9.9.9')")
                    let line = try await sidecar.log.wait(for: "the new configuration is refused")
                    #expect(line.contains("v9.9.9"), "\(line)")
                }
                writer.cancel()
                let written = try await writer.value
                #expect(written > 0)
                try await database.waitForChanges(before + written)
                try await waitForVersions(["v1.0.0"], in: database)
                #expect(sidecar.log.count(of: "following") == 1)
            }
            #expect(try await database.differences() == [])
            #expect(
                try await database.text(
                    "SELECT string_agg(DISTINCT model_version, ' ') FROM vigil.relationship_scores")
                    == "v1.0.0")
        }

        /// A world with v1.0.0 active and v1.1.0 a candidate.
        private func databaseWithTwoModels() async throws -> VigilDatabase {
            let database = try await VigilDatabase.fresh()
            try await database.addWorld()
            let folder = try TemporaryFolder()
            for arguments in [["--seed", "1"], ["--seed", "2", "--no-activate"]] {
                let outcome = try await VigilProgram(
                    ["train", "--dsn", database.conninfo, "--trees", "20"]
                        + ["--output", folder.path] + arguments
                ).outcome()
                try #require(outcome.status == 0, "\(outcome)")
            }
            return database
        }

        private func run(_ arguments: String..., on database: VigilDatabase) async throws {
            let outcome = try await VigilProgram(arguments + ["--dsn", database.conninfo]).outcome()
            try #require(outcome.status == 0, "\(arguments) \(outcome)")
        }

        private func vigil(
            _ arguments: [String], on database: VigilDatabase
        ) async throws -> VigilProgram.Outcome {
            try await VigilProgram(["model"] + arguments + ["--dsn", database.conninfo]).outcome()
        }

        private func waitForVersions(
            _ versions: [String], in database: VigilDatabase
        ) async throws {
            let list = versions.map { "'\($0)'" }.joined(separator: ", ")
            try await eventually("scores by others than \(versions)", equals: 0) {
                try await database.int(
                    """
                    SELECT count(*) FROM vigil.entities e
                    LEFT JOIN vigil.entity_scores s ON s.entity_id = e.id
                    WHERE s.model_version IS NULL OR s.model_version NOT IN (\(list))
                    """)
            }
        }

        /// Entities whose score is not by the model that the split gives them to.
        private func scoresOf(
            another split: ChallengerSplit, in database: VigilDatabase
        ) async throws -> Int {
            let answer = try await database.session.query(
                "SELECT entity_id, model_version FROM vigil.entity_scores")
            return try (0..<answer.rowCount).count { row in
                let id = try answer.int64(row: row, column: 0)
                let version = try answer.optionalString(row: row, column: 1)
                return version != (split.contains(.entity(id)) ? split.version : "v1.0.0")
            }
        }
    }
}
