import Foundation
import LocalCluster
import PostgresClient
import Testing

extension Integration {
    /// `vigil import` and `vigil install`: everything or nothing.
    @Suite("Import and installation", .requiresProgram) struct ImportTests {
        @Test(
            "Quotes, commas, line breaks, empty values and unknown types arrive as they were written"
        )
        func awkwardValues() async throws {
            let folder = try TemporaryFolder()
            try folder.write(
                """
                id,type,name,confidence,first_seen,last_seen,sources,label,outlier_kind,colour
                1,domain,"Smith, ""Jo""\nand sons",0.25,2020-01-02T03:04:05Z,2021-01-01T00:00:00Z,3,1,fraud,red
                2,submarine,,,,,,0,,
                3,domain,back\\slash\tand tab,1,2020-01-02T03:04:05Z,,1,,,7.5

                """, to: "entities.csv")
            try folder.write(
                """
                source,target,type,weight,timestamp,confidence,attack,note
                1,2,docks_at,-3.5,2020-02-02T00:00:00Z,0.5,1,"a, b"
                2,3,related_to,,,,0,
                3,3,related_to,1e3,,,,

                """, to: "relationships.csv")
            let database = try await VigilDatabase.fresh()
            let outcome = try await VigilProgram.run(
                "import", folder.path, "--source", "press", "--rating", "docks_at", "--dsn",
                database.conninfo)
            try #require(outcome.status == 0, "\(outcome)")
            #expect(outcome.output.contains("3 entities and 3 relationships"), "\(outcome)")

            func column(_ expression: String, _ value: String) async throws -> String {
                try await database.text(
                    "SELECT coalesce((\(expression))::text, 'null') FROM vigil.entities WHERE value = '\(value)'"
                )
            }
            #expect(try await column("name", "1") == "Smith, \"Jo\"\nand sons")
            #expect(try await column("confidence", "1") == "0.25")
            #expect(try await column("sources", "1") == "{press,\"press #2\",\"press #3\"}")
            #expect(try await column("first_seen AT TIME ZONE 'UTC'", "1") == "2020-01-02 03:04:05")
            #expect(try await column("metadata", "1") == #"{"colour": "red"}"#)
            #expect(try await column("name", "2") == "null")
            #expect(try await column("confidence", "2") == "null")
            #expect(try await column("first_seen", "2") == "null")
            #expect(try await column("metadata", "2") == "{}")
            #expect(try await column("name", "3") == "back\\slash\tand tab")
            #expect(try await column("metadata", "3") == #"{"colour": 7.5}"#)
            #expect(
                try await database.text(
                    "SELECT string_agg(type || is_rating, ' ') FROM vigil.relationship_types WHERE type = 'docks_at'"
                )
                    == "docks_attrue")
            #expect(
                try await database.text(
                    "SELECT string_agg(coalesce(weight::text, 'none'), ' ' ORDER BY id) FROM vigil.relationships"
                )
                    == "-3.5 none 1000")
            let told = try await database.int(
                """
                SELECT count(*) FROM (
                    SELECT to_jsonb(e)::text AS row FROM vigil.entities e
                    UNION ALL SELECT to_jsonb(r)::text FROM vigil.relationships r) AS rows
                WHERE row ~* 'label|outlier|fraud|attack'
                """)
            #expect(told == 0, "ground truth has come into the database")
        }

        @Test("The same set twice is refused in one line, and changes nothing")
        func twice() async throws {
            let folder = try graphFolder()
            let database = try await VigilDatabase.fresh()
            try #require(
                try await VigilProgram.run("import", folder.path, "--dsn", database.conninfo).status
                    == 0)
            let before = try await contents(of: database)
            let outcome = try await VigilProgram.run(
                "import", folder.path, "--dsn", database.conninfo)
            expect(outcome, 65, "already")
            #expect(try await contents(of: database) == before)
        }

        @Test(
            "A bad file is refused with file, line and reason, and nothing is loaded",
            arguments: [
                ("id,type\na,domain\nb\n", "source,target,type\n", "entities.csv:3"),
                ("id,type\na,domain\na,domain\n", "source,target,type\n", "entities.csv:3"),
                ("id,type,confidence\na,domain,7\n", "source,target,type\n", "entities.csv:2"),
                ("id,type\na,domain\nb,\"dom\n", "source,target,type\n", "entities.csv:3"),
                ("id,name\na,b\n", "source,target,type\n", "entities.csv:1"),
                (
                    "id,type\na,domain\n", "source,target,type\na,a,x\na,z,x\n",
                    "relationships.csv:3"
                ),
                (
                    "id,type\na,domain\n", "source,target,type,weight\na,a,x,heavy\n",
                    "relationships.csv:2"
                ),
            ])
        func badFile(entities: String, relationships: String, place: String) async throws {
            let folder = try TemporaryFolder()
            try folder.write(entities, to: "entities.csv")
            try folder.write(relationships, to: "relationships.csv")
            let database = try await VigilDatabase.fresh()
            let before = try await contents(of: database)
            let outcome = try await VigilProgram.run(
                "import", folder.path, "--dsn", database.conninfo)
            expect(outcome, 65, place)
            #expect(try await contents(of: database) == before)
        }

        @Test("A row that only the server refuses leaves nothing behind either")
        func refusedByServer() async throws {
            let folder = try TemporaryFolder()
            let long = String(repeating: "x", count: 3000)
            try folder.write("id,type\na,domain\n\(long),domain\n", to: "entities.csv")
            try folder.write("source,target,type\n", to: "relationships.csv")
            let database = try await VigilDatabase.fresh()
            let before = try await contents(of: database)
            let outcome = try await VigilProgram.run(
                "import", folder.path, "--dsn", database.conninfo)
            expect(outcome, 65, "value")
            #expect(try await contents(of: database) == before)
        }

        @Test("A folder that is missing, or without the files, is 66 and named")
        func missingFolder() async throws {
            let database = try await VigilDatabase.fresh()
            let folder = try TemporaryFolder()
            for path in [folder.path, folder.path + "/absent"] {
                expect(
                    try await VigilProgram.run("import", path, "--dsn", database.conninfo), 66, path
                )
            }
        }

        @Test(
            "An ordinary role with CREATE on the database installs, runs and detects; twice is refused"
        )
        func installs() async throws {
            let database = try await VigilDatabase.fresh()
            let role = "\(database.name)_owner"
            try await database.execute(
                """
                DROP SCHEMA vigil CASCADE; CREATE ROLE \(role) LOGIN;
                GRANT CREATE ON DATABASE \(database.name) TO \(role)
                """)
            let conninfo = database.cluster.conninfo(user: role, database: database.name)
            let folder = try graphFolder()
            for arguments in [["install"], ["import", folder.path], ["detect"], ["status"]] {
                let outcome = try await VigilProgram(arguments + ["--dsn", conninfo]).outcome()
                #expect(outcome.status == 0, "\(arguments) \(outcome)")
            }
            let differences = try await database.differences()
            #expect(differences == [])
            let sidecar = RunningSidecar(conninfo)
            try await sidecar.waitUntilFollowing()
            try await database.addEntities(1)
            try await database.waitForChanges(1)
            try await sidecar.stop()
            expect(
                try await VigilProgram.run("install", "--dsn", conninfo), 78, "already installed")
        }

        @Test("A role without CREATE on the database is refused with 77, and leaves no schema")
        func mayNotInstall() async throws {
            let database = try await VigilDatabase.fresh()
            let role = "\(database.name)_guest"
            try await database.execute("DROP SCHEMA vigil CASCADE; CREATE ROLE \(role) LOGIN")
            let conninfo = database.cluster.conninfo(user: role, database: database.name)
            expect(
                try await VigilProgram.run("install", "--dsn", conninfo), 77, "permission denied",
                database.name)
            #expect(
                try await database.int("SELECT count(*) FROM pg_namespace WHERE nspname = 'vigil'")
                    == 0)
        }

        private func contents(of database: VigilDatabase) async throws -> String {
            try await database.text(
                """
                SELECT format('%s %s %s %s %s', (SELECT count(*) FROM vigil.entities),
                    (SELECT count(*) FROM vigil.relationships), (SELECT count(*) FROM vigil.entity_types),
                    (SELECT count(*) FROM vigil.relationship_types),
                    (SELECT count(*) FROM vigil.observation_history))
                """)
        }
    }
}
