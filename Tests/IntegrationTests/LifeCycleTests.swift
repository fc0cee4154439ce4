import Foundation
import LocalCluster
import PostgresClient
import Storage
import Testing

extension Integration {
    /// Upgrades of a plain installation, dumps and restores, poolers.
    @Suite("The life of an installation", .requiresProgram) struct LifeCycleTests {
        @Test("vigil upgrade brings a released version to this one, once, and keeps the rows")
        func upgrade() async throws {
            let database = try await Self.released("0.1.0")
            try await database.execute(
                """
                INSERT INTO vigil.entities (type, name) VALUES ('domain', 'one');
                UPDATE vigil.settings SET value = '0.7' WHERE name = 'anomaly_threshold'
                """)
            let refused = try await VigilProgram.run("run", "--dsn", database.conninfo)
            #expect(refused.status == 78)
            #expect(refused.complaints.contains("0.1.0"))
            #expect(refused.complaints.contains("vigil upgrade"))

            let first = try await VigilProgram.run("upgrade", "--dsn", database.conninfo)
            #expect(first.status == 0, "\(first)")
            #expect(first.output.contains("from 0.1.0 to \(extensionVersion)"))
            #expect(try await database.text("SELECT vigil.version()") == extensionVersion)
            #expect(try await database.int("SELECT count(*) FROM vigil.entities") == 1)
            #expect(
                try await database.text(
                    "SELECT value::text FROM vigil.settings WHERE name = 'anomaly_threshold'")
                    == "0.7")
            let second = try await VigilProgram.run("upgrade", "--dsn", database.conninfo)
            #expect(second.status == 0)
            #expect(second.output.contains("nothing to upgrade"))
            #expect(
                try await VigilProgram.run("status", "--dsn", database.conninfo).status == 0)
        }

        @Test("Newer, unknown and absent versions are refused with 78 and the way out")
        func refusals() async throws {
            let database = try await VigilDatabase.fresh()
            for (version, words) in [
                ("99.1.0", "newer than this program"), ("0.0.7", "known from"),
            ] {
                try await database.execute(
                    """
                    CREATE OR REPLACE FUNCTION vigil.version() RETURNS text LANGUAGE sql
                    RETURN '\(version)'
                    """)
                let outcome = try await VigilProgram.run("upgrade", "--dsn", database.conninfo)
                #expect(outcome.status == 78)
                #expect(outcome.complaints.contains(version))
                #expect(outcome.complaints.contains(words))
            }
            try await database.execute("DROP SCHEMA vigil CASCADE")
            let outcome = try await VigilProgram.run("upgrade", "--dsn", database.conninfo)
            #expect(outcome.status == 78)
            #expect(outcome.complaints.contains("vigil install"))
        }

        @Test("An upgrade that fails leaves everything as it was")
        func failedUpgrade() async throws {
            let database = try await Self.released("0.1.0")
            // An object of that name is in the way.
            try await database.execute("CREATE TABLE vigil.\(Self.newTable) (x integer)")
            let outcome = try await VigilProgram.run("upgrade", "--dsn", database.conninfo)
            #expect(outcome.status != 0)
            #expect(outcome.complaints.contains(Self.newTable))
            #expect(try await database.text("SELECT vigil.version()") == "0.1.0")
            #expect(
                try await database.int(
                    """
                    SELECT count(*) FROM pg_trigger
                    WHERE tgrelid = 'vigil.settings'::regclass AND tgname = 'settings_check'
                    """) == 1)
        }

        @Test("A running sidecar writes nothing more when Vigil becomes another version under it")
        func upgradeUnderSidecar() async throws {
            let database = try await VigilDatabase.fresh()
            let program = try VigilProgram(["run", "--dsn", database.conninfo])
            try await eventually("a sidecar that follows", equals: "following") {
                try await database.text(
                    "SELECT coalesce(max(state), '') FROM vigil.sidecars")
            }
            try await database.execute(
                """
                BEGIN;
                CREATE OR REPLACE FUNCTION vigil.version() RETURNS text LANGUAGE sql
                RETURN '99.1.0';
                SELECT vigil.append_epoch('updated');
                COMMIT
                """)
            try await eventually("words about the version") {
                program.complaints.components(separatedBy: "the database has Vigil 99.1.0").count
            } is: {
                $0 >= 3
            }
            try await database.addEntities(1)
            #expect(try await database.int("SELECT count(*) FROM vigil.entity_scores") == 0)
            program.send(SIGTERM)
            #expect(try await program.outcome(within: .seconds(5)).status == 0)
        }

        @Test(
            "A restored dump keeps what was found and decided, and the sidecar loads it by itself")
        func dumpAndRestore() async throws {
            let database = try await VigilDatabase.fresh()
            let ids = try await database.addEntities(12)
            for id in ids.dropFirst() { try await database.relate(ids[0], id) }
            try await RunningSidecar.following(database) { _ in
                try await database.waitForChanges(0)
            }
            try await database.execute(
                """
                INSERT INTO vigil.anomalies (subject_kind, subject_id, entity_id, anomaly_type,
                    anomaly_score, peak_score, confidence, severity, detection_method)
                VALUES ('relationship', 1, NULL, 'temporal', 0.7, 0.7, 0.5, 'high', 'rules');
                SELECT vigil.review_anomaly(id, 'benign', 'seen') FROM vigil.anomalies
                WHERE anomaly_type = 'temporal';
                SELECT vigil.suppress_anomalies('ours', subject_type => 'company')
                """)
            let kept = """
                SELECT concat_ws(' ', (SELECT count(*) FROM vigil.anomalies),
                    (SELECT count(*) FROM vigil.reviews), (SELECT count(*) FROM vigil.suppressions),
                    (SELECT count(*) FROM vigil.incidents), (SELECT count(*) FROM vigil.entity_scores),
                    (SELECT finding FROM vigil.verify_audit() LIMIT 1))
                """
            let before = try await database.text(kept)
            let copy = try await Self.restoredCopy(of: database)
            #expect(try await copy.text(kept) == before)

            let sidecar = RunningSidecar(copy.conninfo)
            try await sidecar.waitUntilFollowing()
            try await copy.waitUntilScanned()
            let more = try await copy.addEntities(2)
            try await copy.relate(more[0], more[1])
            try await eventually("differences", equals: []) { try await copy.differences() }
            #expect(try await copy.duplicateAnomalies() == 0)
            try await sidecar.stop()
        }

        @Test(
            "Through PgBouncer's transaction pooling SQL works, and the sidecar says what it needs",
            .enabled(if: Pooler.isInstalled, "pgbouncer is not installed"))
        func pooler() async throws {
            let database = try await VigilDatabase.fresh()
            let pooler = try Pooler(in: database.cluster)
            defer { pooler.stop() }
            let conninfo = pooler.conninfo(database: database.name)
            try await eventually("the pooler answers") {
                (try? await PostgresConnection.connect(conninfo, applicationName: "probe")) != nil
            } is: {
                $0
            }
            let refused = try await VigilProgram.run("run", "--dsn", conninfo)
            #expect(refused.status == 78)
            #expect(refused.complaints.contains("connection pooler"))
            #expect(refused.complaints.contains("session of its own"))

            // Writers and analysts share two server sessions; the sidecar has its own.
            try await RunningSidecar.following(database) { _ in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for writer in 0..<6 {
                        group.addTask {
                            let session = try await PostgresConnection.connect(
                                conninfo, applicationName: "writer")
                            for number in 0..<10 {
                                try await session.execute(
                                    """
                                    BEGIN;
                                    INSERT INTO vigil.entities (type, name)
                                    VALUES ('domain', 'w\(writer)-\(number)');
                                    COMMIT
                                    """)
                                try await session.execute(
                                    """
                                    SELECT * FROM vigil.list_anomalies();
                                    SELECT * FROM vigil.detect_batch(ARRAY[1, 2])
                                    """)
                            }
                            await session.close()
                        }
                    }
                    try await group.waitForAll()
                }
                try await eventually("differences", equals: []) { try await database.differences() }
                #expect(try await database.int("SELECT count(*) FROM vigil.entities") == 60)
            }
        }

        /// A table that came after 0.1.0.
        private static let newTable = "audit_segments"

        /// A database with a plain installation of a released version.
        private static func released(_ version: String) async throws -> VigilDatabase {
            let database = try await VigilDatabase.fresh()
            try await database.execute("DROP SCHEMA vigil CASCADE")
            let root = URL(filePath: #filePath).deletingLastPathComponent()
                .deletingLastPathComponent().deletingLastPathComponent()
            let script = try String(
                contentsOf: root.appending(path: "Extension/releases/vigil--\(version).sql"),
                encoding: .utf8)
            // Without the guard of the extension's script, and its last part.
            let body = script.split(separator: "\n", omittingEmptySubsequences: false)
                .prefix { $0 != "-- extension.sql" }.filter { !$0.hasPrefix("\\echo") }
                .joined(separator: "\n")
            try await database.execute(
                "BEGIN; CREATE SCHEMA vigil; SET LOCAL search_path = vigil, pg_catalog;\n\(body)\nCOMMIT"
            )
            return database
        }

        /// The database as pg_dump and pg_restore carry it into another one.
        private static func restoredCopy(of database: VigilDatabase) async throws -> VigilDatabase {
            let name = database.name + "_restored"
            try await database.cluster.createDatabase(name: name)
            let copy = database.cluster.conninfo(database: name)
            let process = Process()
            process.executableURL = URL(filePath: "/bin/sh")
            process.arguments = [
                "-c",
                "set -e; \"$0/pg_dump\" -Fc \"$1\" >\"$3\"; \"$0/pg_restore\" --exit-on-error -d \"$2\" \"$3\"; rm \"$3\"",
                database.cluster.binaries.folder, database.conninfo, copy,
                FileManager.default.temporaryDirectory.appending(path: "\(name).dump").path(),
            ]
            try process.run()
            process.waitUntilExit()
            #expect(process.terminationStatus == 0)
            return try await VigilDatabase(in: database.cluster, name: name, installs: false)
        }
    }
}
