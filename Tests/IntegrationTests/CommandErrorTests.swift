import Foundation
import LocalCluster
import PostgresClient
import Testing

extension Integration {
    /// Every way to go wrong ends in one line that names the thing, and the code of its kind.
    @Suite("Errors of the commands", .requiresProgram) struct CommandErrorTests {
        @Test("No server at the socket is 69 and names the socket")
        func noServer() async throws {
            let folder = try TemporaryFolder()
            let dsn = "host=\(folder.path) dbname=graph"
            let socket = "\(folder.path)/.s.PGSQL.5432"
            for command in ["detect", "status", "train", "install"] {
                expect(try await VigilProgram.run(command, "--dsn", dsn), 69, socket)
            }
        }

        @Test("The sidecar waits for a server that is not there yet, says so, and ends on SIGTERM")
        func waitsForServer() async throws {
            let folder = try TemporaryFolder()
            let program = try VigilProgram(["run", "--dsn", "host=\(folder.path) dbname=graph"])
            try await eventually("a line about the second attempt") {
                program.complaints.components(separatedBy: "connecting again").count
            } is: {
                $0 >= 3
            }
            #expect(program.complaints.contains("\(folder.path)/.s.PGSQL.5432"))
            program.send(SIGTERM)
            #expect(try await program.outcome(within: .seconds(3)).status == 0)
        }

        @Test("A wrong password is 77, and the line does not hold it")
        func wrongPassword() async throws {
            let cluster = try await LocalCluster.start(
                settings: ["shared_buffers": "16MB", "log_min_messages": "panic"], durable: false,
                accessRules: ["local all guarded scram-sha-256", "local all all trust"])
            try await cluster.createRole(name: "guarded", options: "PASSWORD 'right'")
            let conninfo = cluster.conninfo(user: "guarded", database: "postgres")
            let wrong = try await VigilProgram.run(
                "status", "--dsn", conninfo, environment: ["PGPASSWORD": "hunter2"])
            expect(wrong, 77, "guarded")
            #expect(!wrong.complaints.contains("hunter2"))
            expect(try await VigilProgram.run("run", "--dsn", conninfo), 77, "password")
            // Passed, and so the next thing is in the way.
            let right = try await VigilProgram.run(
                "status", "--dsn", conninfo, environment: ["PGPASSWORD": "right"])
            expect(right, 78, "not installed")
            try await cluster.stop()
        }

        @Test("A database that is not there is 69, a connection string that is none is 64")
        func missingDatabase() async throws {
            let database = try await VigilDatabase.fresh()
            let absent = database.cluster.conninfo(database: "absent")
            expect(try await VigilProgram.run("status", "--dsn", absent), 69, "\"absent\"")
            expect(try await VigilProgram.run("run", "--dsn", absent), 69, "\"absent\"")
            expect(try await VigilProgram.run("status", "--dsn", "nonsense=1"), 64, "nonsense")
        }

        @Test(
            "A database without Vigil is 78 and tells how to install it",
            arguments: [
                ["run"], ["detect"], ["train"], ["status"], ["model", "list"], ["export", "x"],
                ["import"],
            ])
        func notInstalled(arguments: [String]) async throws {
            let folder = try graphFolder()
            let database = try await VigilDatabase.fresh()
            try await database.execute("DROP SCHEMA vigil CASCADE")
            let outcome = try await VigilProgram(
                arguments + (arguments == ["import"] ? [folder.path] : [])
                    + ["--dsn", database.conninfo]
            ).outcome()
            expect(outcome, 78, "vigil install")
        }

        @Test("Another version in the database is 78 and names both")
        func otherVersion() async throws {
            let database = try await VigilDatabase.fresh()
            try await database.execute(
                """
                CREATE OR REPLACE FUNCTION vigil.version() RETURNS text LANGUAGE sql
                RETURN '99.1.0'
                """)
            for command in ["run", "detect", "status"] {
                let outcome = try await VigilProgram.run(command, "--dsn", database.conninfo)
                expect(outcome, 78, "99.1.0")
            }
        }

        @Test(
            "A table or column that is gone is 78 and named",
            arguments: [
                ("ALTER TABLE vigil.entities DROP COLUMN confidence CASCADE", "confidence"),
                ("DROP TABLE vigil.relationships CASCADE", "vigil.relationships"),
                ("DROP TABLE vigil.feed_state CASCADE", "vigil.feed_state"),
            ])
        func missingTable(damage: String, name: String) async throws {
            let database = try await VigilDatabase.fresh()
            try await database.execute(damage)
            expect(try await VigilProgram.run("run", "--dsn", database.conninfo), 78, name)
            guard !name.contains("feed") else { return }
            expect(try await VigilProgram.run("detect", "--dsn", database.conninfo), 78, name)
        }

        @Test("A graph beyond the memory limit is 78, before it is loaded, with both figures")
        func memoryLimit() async throws {
            let database = try await VigilDatabase.fresh()
            try await database.set("memory_limit_megabytes", "64")
            try await database.execute(
                """
                SET session_replication_role = replica;
                INSERT INTO vigil.entities (type, name) SELECT 'domain', 'e' FROM generate_series(1, 120000)
                """)
            for command in ["run", "detect"] {
                let outcome = try await VigilProgram.run(command, "--dsn", database.conninfo)
                expect(
                    outcome, 78, "the limit is 64 MB", "memory_limit_megabytes", "120000 entities")
            }
        }

        @Test("A role without privileges is 77")
        func noPrivileges() async throws {
            let database = try await VigilDatabase.fresh()
            try await database.execute("CREATE ROLE \(database.name)_nobody LOGIN")
            let conninfo = database.cluster.conninfo(
                user: "\(database.name)_nobody", database: database.name)
            for command in ["run", "detect", "status"] {
                expect(
                    try await VigilProgram.run(command, "--dsn", conninfo), 77, "permission denied")
            }
        }

        @Test("An unknown anomaly is 66, an unknown format 64, a place that cannot be written 73")
        func export() async throws {
            let database = try await VigilDatabase.fresh()
            try await database.set("anomaly_threshold", "0.2")
            for id in ["00000000-0000-0000-0000-000000000000", "nonsense", "x'; DROP TABLE y --"] {
                let outcome = try await VigilProgram.run("export", id, "--dsn", database.conninfo)
                expect(outcome, 66, id)
            }
            try await database.execute(
                "INSERT INTO vigil.entities (type, confidence) VALUES ('domain', 0.05)")
            try #require(
                try await VigilProgram.run("detect", "--dsn", database.conninfo).status == 0)
            let id = try await database.text("SELECT id::text FROM vigil.anomalies")
            let folder = try TemporaryFolder()
            let place = folder.path + "/absent/picture.svg"
            let outcome = try await VigilProgram.run(
                "export", id, "--dsn", database.conninfo, "--output", place)
            expect(outcome, 73, place)
            let model = try await VigilProgram.run(
                "export", id, "--dsn", database.conninfo, "--format", "bmp")
            #expect(model.status == 64, "\(model)")
        }

        @Test(
            "Wrong usage is 64",
            arguments: [
                ["nonsense"], ["export"], ["export", "x", "--hops", "99"],
                ["run", "--threads", "many"],
                ["demo", "--entities", "1"], ["detect", "--as-of", "yesterday"],
                ["train", "--sample-size", "0"], ["run", "--threads", "0"],
                ["detect", "--limit=-1"],
                ["train", "--contamination", "0.7"],
            ])
        func wrongUsage(arguments: [String]) async throws {
            let outcome = try await VigilProgram(arguments).outcome()
            #expect(outcome.status == 64, "\(outcome)")
        }
    }
}

/// Checks the code, that there is one complaint, and what it names.
func expect(
    _ outcome: VigilProgram.Outcome, _ status: Int32, _ parts: String...,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(outcome.status == status, "\(outcome)", sourceLocation: sourceLocation)
    #expect(outcome.errorLines.count == 1, "\(outcome)", sourceLocation: sourceLocation)
    for part in parts {
        #expect(
            outcome.errorLines.first?.contains(part) == true, "no “\(part)” in \(outcome)",
            sourceLocation: sourceLocation)
    }
}

/// A folder with the smallest graph set.
func graphFolder() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.write("id,type\na,domain\nb,domain\n", to: "entities.csv")
    try folder.write("source,target,type\na,b,related_to\n", to: "relationships.csv")
    return folder
}
