import Foundation
import PostgresClient
import Testing

extension Integration {
    /// Training, activation and corrupt archives, seen from outside.
    @Suite("Models", .requiresProgram) struct ModelTests {
        @Test("Training on too few entities names the number needed, and stores nothing")
        func tooFewRows() async throws {
            let database = try await VigilDatabase.fresh()
            try await database.addEntities(7)
            let folder = try TemporaryFolder()
            let outcome = try await train(database, into: folder)
            #expect(outcome.status == 65, "\(outcome)")
            #expect(outcome.errorLines.count == 1, "\(outcome)")
            #expect(outcome.errorLines.first?.contains("needs at least") == true, "\(outcome)")
            #expect(outcome.errorLines.first?.contains("there are 7") == true, "\(outcome)")
            #expect(try await database.int("SELECT count(*) FROM vigil.models") == 0)
            #expect(folder.names == [])
        }

        @Test(
            "A running sidecar takes up a new model by itself, and judges everybody again with it")
        func activation() async throws {
            let database = try await VigilDatabase.fresh()
            try await database.addWorld()
            let folder = try TemporaryFolder()
            try await RunningSidecar.following(database) { sidecar in
                for version in ["v1.0.0", "v1.1.0"] {
                    let outcome = try await train(database, into: folder)
                    try #require(outcome.status == 0, "\(outcome)")
                    try await eventually("entities judged otherwise than by \(version)", equals: 0)
                    {
                        try await judgedOtherwise(than: version, in: database)
                    }
                }
                #expect(sidecar.log.count(of: "model adopted") == 2)
                let back = try await VigilProgram.run(
                    "model", "activate", "v1.0.0", "--dsn", database.conninfo)
                try #require(back.status == 0, "\(back)")
                try await eventually("entities judged otherwise than by v1.0.0", equals: 0) {
                    try await judgedOtherwise(than: "v1.0.0", in: database)
                }
            }
            #expect(folder.names == ["v1.0.0", "v1.1.0"])
            #expect(
                try await database.int("SELECT count(*) FROM vigil.models WHERE state = 'active'")
                    == 1)
            let differences = try await database.differences()
            #expect(differences == [])
        }

        @Test("A corrupt archive is refused with its version; a running sidecar keeps what it has")
        func corruptArchive() async throws {
            let database = try await VigilDatabase.fresh()
            try await database.addWorld()
            let folder = try TemporaryFolder()
            try #require(try await train(database, into: folder).status == 0)
            try await RunningSidecar.following(database) { sidecar in
                try await eventually("entities judged otherwise than by v1.0.0", equals: 0) {
                    try await judgedOtherwise(than: "v1.0.0", in: database)
                }
                try await database.execute(
                    """
                    INSERT INTO vigil.models (version, kind, state, card, archive)
                    SELECT 'v9.9.9', kind, 'candidate', card, substr(archive, 1, 1000)
                    FROM vigil.models WHERE version = 'v1.0.0';
                    UPDATE vigil.models SET state = 'retired' WHERE version = 'v1.0.0';
                    UPDATE vigil.models SET state = 'active' WHERE version = 'v9.9.9';
                    """)
                let line = try await sidecar.log.wait(for: "the new configuration is refused")
                #expect(line.contains("v9.9.9"), "\(line)")
                try await database.addEntities(1)
                try await database.waitForChanges(1)
                #expect(try await judgedOtherwise(than: "v1.0.0", in: database) == 0)
            }
            for arguments in [["detect"], ["run"], ["model", "activate", "v9.9.9"]] {
                let outcome = try await VigilProgram(arguments + ["--dsn", database.conninfo])
                    .outcome()
                #expect(outcome.status == 65, "\(arguments) \(outcome)")
                #expect(outcome.errorLines.count == 1, "\(arguments) \(outcome)")
                #expect(
                    outcome.errorLines.first?.contains("model v9.9.9 is corrupt") == true,
                    "\(arguments) \(outcome)")
            }
        }

        @Test(
            "A model travels: exported, imported under the same version elsewhere, activated there")
        func travels() async throws {
            let home = try await VigilDatabase.fresh()
            try await home.addWorld()
            let folder = try TemporaryFolder()
            try #require(try await train(home, into: folder).status == 0)
            let abroad = try await VigilDatabase.fresh()
            let file = folder.path + "/v1.0.0"
            for (arguments, status): ([String], Int32) in [
                (["model", "import", file], 0), (["model", "activate", "v1.0.0"], 0),
                (["model", "import", file], 65), (["model", "activate", "v7"], 66),
                (["model", "import", folder.path + "/absent"], 66),
            ] {
                let outcome = try await VigilProgram(arguments + ["--dsn", abroad.conninfo])
                    .outcome()
                #expect(outcome.status == status, "\(arguments) \(outcome)")
                #expect(
                    outcome.errorLines.count == (status == 0 ? 0 : 1), "\(arguments) \(outcome)")
            }
            let archive =
                "SELECT encode(sha256(archive), 'hex') FROM vigil.models WHERE state = 'active'"
            #expect(try await home.text(archive) == (try await abroad.text(archive)))
        }

        private func train(
            _ database: VigilDatabase, into folder: TemporaryFolder
        ) async throws -> VigilProgram.Outcome {
            try await VigilProgram.run(
                "train", "--dsn", database.conninfo, "--trees", "20", "--output", folder.path)
        }

        private func judgedOtherwise(
            than version: String, in database: VigilDatabase
        ) async throws -> Int64 {
            try await database.int(
                """
                SELECT count(*) FROM vigil.entities e LEFT JOIN vigil.entity_scores s ON s.entity_id = e.id
                WHERE s.model_version IS DISTINCT FROM '\(version)'
                """)
        }
    }
}
