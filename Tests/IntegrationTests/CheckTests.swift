import Foundation
import LocalCluster
import PostgresClient
import Storage
import Testing

extension Integration {
    /// `vigil check`: what is wrong is found, named, and told with a way out.
    @Suite("The check of a deployment", .requiresProgram) struct CheckTests {
        @Test("A sound deployment passes, and the doorbell is rung and heard")
        func sound() async throws {
            let database = try await VigilDatabase.fresh()
            try await database.addEntities(5)
            let idle = try await check(database.conninfo)
            #expect(idle["doorbell"]?.contains("ok: rung and heard") == true, "\(idle)")
            #expect(idle["sidecar"]?.contains("none runs") == true, "\(idle)")
            #expect(
                try await database.int("SELECT last_value::bigint FROM vigil.feed_doorbell") == 0)
            try await RunningSidecar.following(database) { _ in
                let found = try await check(database.conninfo)
                for subject in [
                    "extension", "server", "session", "triggers", "attached tables", "sidecar",
                    "doorbell", "change feed", "transactions", "memory", "models", "tasks",
                ] {
                    #expect(found[subject]?.hasPrefix("ok: ") == true, "\(subject): \(found)")
                }
                #expect(found["doorbell"]?.contains("rung and heard") == true, "\(found)")
            }
            #expect(try await database.countedChanges() == 0)
        }

        @Test("A role with the sidecar's rights alone passes, and the sidecar works as it")
        func sidecarRole() async throws {
            let database = try await VigilDatabase.fresh()
            let role = "\(database.name)_worker"
            try await database.execute("CREATE ROLE \(role) LOGIN")
            let conninfo = database.cluster.conninfo(user: role, database: database.name)
            try await database.addWorld()
            let refused = try await check(conninfo, expecting: 1)
            #expect(refused["extension"]?.contains("problem: ") == true, "\(refused)")
            try await database.execute("GRANT vigil_reader TO \(role)")
            let reader = try await check(conninfo, expecting: 1)
            #expect(
                reader["rights"]?.contains("no member of vigil_sidecar") == true, "\(reader)")
            try await database.execute("GRANT vigil_sidecar TO \(role)")
            let found = try await check(conninfo)
            #expect(found["rights"]?.hasPrefix("ok: ") == true, "\(found)")
            #expect(found["doorbell"]?.contains("rung and heard") == true, "\(found)")
            let sidecar = RunningSidecar(conninfo)
            try await sidecar.waitUntilFollowing()
            try await database.waitUntilScanned()
            try await database.relate(1, 200)
            try await database.waitForChanges(1)
            try await sidecar.stop()
        }

        @Test(
            "A trigger that is disabled or gone is a problem, and named",
            arguments: [
                ("ALTER TABLE vigil.entities DISABLE TRIGGER entities_ring_doorbell", "disabled"),
                ("DROP TRIGGER relationships_ring_doorbell ON vigil.relationships", "missing"),
            ])
        func triggers(damage: String, word: String) async throws {
            let database = try await VigilDatabase.fresh()
            try await database.execute(damage)
            let found = try await check(database.conninfo, expecting: 1)
            let said = found["triggers"] ?? ""
            #expect(said.hasPrefix("problem: \(word): "), "\(said)")
            #expect(said.contains("_ring_doorbell on vigil."), "\(said)")
        }

        @Test("An attached table whose trigger is disabled is a problem, and named")
        func attachedTable() async throws {
            let database = try await VigilDatabase.fresh()
            try await database.execute(
                """
                CREATE TABLE hosts (id int PRIMARY KEY, name text);
                SELECT vigil.attach_entities('hosts', type => '''device''', name => 'name')
                """)
            try await database.execute("CALL vigil.backfill('hosts')")
            try await database.execute("ALTER TABLE hosts DISABLE TRIGGER ALL")
            let found = try await check(database.conninfo, expecting: 1)
            #expect(
                found["attached tables"]?.contains("problem: hosts: a trigger is disabled") == true,
                "\(found)")
        }

        @Test("Settings that make no sense are warned of, each with what to do")
        func settings() async throws {
            let database = try await VigilDatabase.fresh()
            try await database.execute(
                """
                UPDATE vigil.settings SET value = 'false' WHERE name = 'feed_arm';
                UPDATE vigil.settings SET value = '60000' WHERE name = 'fallback_poll_milliseconds';
                ALTER DATABASE \(database.name) SET session_replication_role = replica;
                """)
            let found = try await check(database.conninfo, expecting: 1)
            #expect(found["session"]?.contains("no trigger fires") == true, "\(found)")
            #expect(found["settings"]?.contains("changes wait so long") == true, "\(found)")
            // The cluster of the tests runs without durability, and that is told too.
            #expect(found["settings"]?.contains("fsync is off") == true, "\(found)")
        }

        @Test("A connection pooler is a problem", .enabled(if: Pooler.isInstalled))
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
            let found = try await check(conninfo, expecting: 1)
            #expect(found["session"]?.contains("pooler") == true, "\(found)")
        }

        @Test(
            "A prepared transaction that holds the feed back is found with the statement that ends it"
        )
        func preparedTransaction() async throws {
            let cluster = try await LocalCluster.start(
                settings: [
                    "shared_buffers": "16MB", "log_min_messages": "panic",
                    "max_prepared_transactions": "2",
                ], durable: false)
            let database = try await VigilDatabase(in: cluster, name: "postgres")
            let found = try await check(database.conninfo)
            #expect(found["settings"]?.contains("PREPARE TRANSACTION fails") == true, "\(found)")
            #expect(found["transactions"]?.hasPrefix("ok: ") == true, "\(found)")
            try await database.set("feed_arm", "false")
            let writer = try await database.connect()
            try await writer.execute(
                "BEGIN; INSERT INTO vigil.entities (type, name) VALUES ('domain', 'p'); PREPARE TRANSACTION 'kept'"
            )
            try await writer.execute(
                "BEGIN; INSERT INTO vigil.entities (type, name) VALUES ('domain', 'q')")
            var examination = await DeploymentCheck(on: database.session)
            (examination.preparedAge, examination.transactionAge) = (.zero, .zero)
            let told = await examination.run().filter { $0.subject == "transactions" }
            #expect(told.count == 2, "\(told)")
            #expect(told.first?.advice?.contains("COMMIT PREPARED 'kept'") == true, "\(told)")
            let pid = await writer.processID
            #expect(told.last?.advice?.contains("pg_terminate_backend(\(pid))") == true, "\(told)")
            try await writer.execute("ROLLBACK")
            try await database.execute("ROLLBACK PREPARED 'kept'")
            await writer.close()
            await database.session.close()
            try await cluster.stop()
        }

        /// Runs the check: what was found of each subject, as "level: message" joined by lines.
        private func check(
            _ conninfo: String, expecting status: Int32? = nil
        ) async throws -> [String: String] {
            let outcome = try await VigilProgram.run("check", "--json", "--dsn", conninfo)
            if let status { #expect(outcome.status == status, "\(outcome)") }
            struct Finding: Decodable { var subject, level, message: String }
            let findings = try JSONDecoder().decode(
                [Finding].self, from: Data(outcome.output.utf8))
            return Dictionary(grouping: findings, by: \.subject).mapValues { findings in
                findings.map { "\($0.level): \($0.message)" }.joined(separator: "\n")
            }
        }
    }
}
