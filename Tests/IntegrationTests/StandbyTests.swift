import AnomalyModels
import Foundation
import PostgresClient
import Testing

extension Integration {
    /// Two processes on one database: one leads, the other follows warm.
    @Suite("A standby", .requiresProgram) struct StandbyTests {
        @Test(
            "speaks when the leader is killed or stands still under load; nothing is lost or doubled",
            arguments: [SIGKILL, SIGSTOP])
        func takesOver(signal: Int32) async throws {
            let database = try await VigilDatabase.fresh()
            try await database.set("anomaly_threshold", "0.2")
            let load = WriterLoad(seed: UInt64(signal), writerCount: 4, transactionCount: 300)
            try await load.prepare(database)
            let first = try await leading(on: database)
            let second = try await standingBy(on: database)
            async let committed = load.run(on: database)
            try await eventually("some progress", within: .seconds(20)) {
                try await database.countedChanges()
            } is: {
                $0 >= 40
            }
            let began = ContinuousClock.now
            first.send(signal)
            // Nobody but the standby can score this one.
            let entity = try await database.addEntities(1)[0]
            try await eventually("a score by the standby; it says: \(second.complaints)") {
                try await database.scoreCount(of: entity)
            } is: {
                $0 > 0
            }
            print("failover after signal \(signal): \(ContinuousClock.now - began)")
            try await expectLeader(second, in: database)
            if signal == SIGKILL {
                _ = try await first.outcome()
                try await database.waitForChanges(try await committed + 1)
            } else {
                // The one that stood still finds its session gone, and stands by.
                first.send(SIGCONT)
                try await expectRole("standby", of: first, in: database)
                try await database.waitForChanges(try await committed + 1)
                second.send(SIGTERM)
                #expect(try await second.outcome().status == 0)
                try await expectLeader(first, in: database)
            }
            // Whom a change has moved beside its own ends is looked for beside the feed.
            try await eventually("differences", equals: []) { try await database.differences() }
            try await expectEverything(in: database)
            #expect(try await database.countedChanges() == (try await committed) + 2)
            try await end([first, second])
        }

        @Test("hears settings, models and reviews, and judges by them from its first change on")
        func hearsConfiguration() async throws {
            let database = try await VigilDatabase.fresh()
            try await database.addWorld()
            let first = try await leading(on: database)
            let second = try await standingBy(on: database)
            try await database.set("anomaly_threshold", "0.01")
            try await database.execute(
                "INSERT INTO vigil.entity_types (type, description) VALUES ('vessel', 'A ship')")
            first.send(SIGKILL)
            _ = try await first.outcome()
            let entity = try await database.int(
                """
                INSERT INTO vigil.entities (type, confidence) VALUES ('vessel', 0.05) RETURNING id
                """)
            try await eventually("an anomaly of the new type, below the old threshold", equals: 1) {
                try await database.int(
                    """
                    SELECT count(*) FROM vigil.anomalies
                    WHERE subject_id = \(entity) AND subject_type = 'vessel' AND is_active
                    """)
            }
            try await end([second])
        }

        @Test("judges what the leader had not come to, in its place")
        func goesOnScanning() async throws {
            let database = try await VigilDatabase.fresh()
            let first = try await leading(on: database)
            let second = try await standingBy(on: database)
            try await database.addEntities(50)
            try await database.waitForChanges(50)
            first.send(SIGSTOP)
            // As if the leader had died before it had scored and stored all of this.
            try await database.execute(
                "DELETE FROM vigil.entity_scores; DELETE FROM vigil.entity_metrics")
            try await expectLeader(second, in: database)
            try await database.waitUntilScanned()
            try await eventually("differences", equals: []) { try await database.differences() }
            first.send(SIGKILL)
            try await end([second])
        }

        @Test("takes over a burst that no single read brings, whoever had come how far")
        func burst() async throws {
            let database = try await VigilDatabase.fresh()
            let ids = try await database.addBurst()
            let first = try await leading(on: database)
            let second = try await standingBy(on: database)
            first.send(SIGSTOP)
            try await database.deleteBurst(andChange: ids[0])
            try await expectLeader(second, in: database)
            try await database.waitForChanges(database.burstCount + 1)
            try await eventually("differences", equals: []) { try await database.differences() }
            first.send(SIGKILL)
            try await end([second])
        }

        @Test("loads again after a TRUNCATE that it has only heard of")
        func truncation() async throws {
            let database = try await VigilDatabase.fresh()
            let ids = try await database.addEntities(4)
            try await database.relate(ids[0], ids[1])
            let first = try await leading(on: database)
            let second = try await standingBy(on: database)
            try await database.execute("TRUNCATE vigil.relationships CASCADE")
            try await eventually("nodes of both", equals: 2) {
                try await database.int(
                    "SELECT count(*) FROM vigil.sidecars WHERE node_count = 4 AND edge_count = 0")
            }
            first.send(SIGKILL)
            _ = try await first.outcome()
            let before = try await database.countedChanges()
            try await database.relate(ids[2], ids[3])
            try await database.waitForChanges(before + 1)
            // What the leader had still to judge again is looked for beside the feed.
            try await eventually("differences", equals: []) { try await database.differences() }
            try await expectEverything(in: database, entities: 4)
            try await end([second])
        }

        @Test("Leaders killed, paused and cut off in turn under load lose and double nothing")
        func manyLeaders() async throws {
            let seed: UInt64 = 11
            var random = SeededRandom(seed: seed)
            let database = try await VigilDatabase.fresh()
            try await database.set("anomaly_threshold", "0.2")
            try await database.set("self_audit_seconds", "1")
            let load = WriterLoad(seed: seed, writerCount: 4, transactionCount: 600)
            try await load.prepare(database)
            var programs = [try await leading(on: database)]
            for _ in 0..<2 { programs.append(try await standingBy(on: database)) }
            async let committed = load.run(on: database)
            for round in 0..<6 {
                let pid = try await eventually("a leader in round \(round)") {
                    try await database.int(
                        """
                        SELECT coalesce(max(pid), 0) FROM vigil.sidecars
                        WHERE role = 'leader' AND state = 'following'
                        """)
                } is: {
                    $0 > 0
                }
                let before = try await database.countedChanges()
                let ambition = before + Int64.random(in: 0...60, using: &random)
                _ = try? await eventually("some progress", within: .seconds(2)) {
                    try await database.countedChanges()
                } is: {
                    $0 >= ambition
                }
                guard let place = programs.firstIndex(where: { Int64($0.processID) == pid })
                else { continue }
                switch round % 3 {
                case 0:
                    programs[place].send(SIGKILL)
                    _ = try await programs[place].outcome()
                    programs[place] = try run(on: database)
                case 1:
                    programs[place].send(SIGSTOP)
                    try await eventually("another leader", equals: 1) {
                        try await database.int(
                            """
                            SELECT count(*) FROM vigil.sidecars
                            WHERE role = 'leader' AND pid <> \(pid)
                            """)
                    }
                    programs[place].send(SIGCONT)
                default:
                    try await database.execute(
                        """
                        SELECT pg_terminate_backend(backend_pid) FROM vigil.sidecars WHERE pid = \(pid)
                        """)
                }
            }
            try await database.waitForChanges(try await committed)
            try await eventually("differences", equals: []) { try await database.differences() }
            try await expectEverything(in: database)
            #expect(try await database.countedChanges() == (try await committed) + 1)
            #expect(
                try await database.int("SELECT count(*) FROM vigil.sidecars WHERE role = 'leader'")
                    == 1)
            // The audit of the last leader has seen all rows.
            let counted = "SELECT coalesce(sum(rounds), 0)::bigint FROM vigil.memory_health"
            let rounds = try await database.int(counted)
            try await eventually("two more rounds of the audit") {
                try await database.int(counted)
            } is: {
                $0 >= rounds + 4
            }
            #expect(
                try await database.int(
                    """
                    SELECT sum(found + reloads)::bigint
                        + count(*) FILTER (WHERE memory_hash <> table_hash)
                    FROM vigil.memory_health
                    """
                ) == 0)
            try await end(programs)
        }

        // MARK: - Processes

        private func run(on database: VigilDatabase) throws -> VigilProgram {
            try VigilProgram(["run", "--dsn", database.conninfo, "--threads", "1"])
        }

        private func leading(on database: VigilDatabase) async throws -> VigilProgram {
            let program = try run(on: database)
            try await expectLeader(program, in: database)
            try await database.waitUntilScanned()
            return program
        }

        private func standingBy(on database: VigilDatabase) async throws -> VigilProgram {
            let program = try run(on: database)
            try await expectRole("standby", of: program, in: database)
            return program
        }

        private func expectLeader(
            _ program: VigilProgram, in database: VigilDatabase
        ) async throws {
            try await expectRole("leader", of: program, in: database)
            #expect(
                try await database.int(
                    "SELECT count(*) FROM vigil.sidecars WHERE role = 'leader'") == 1)
        }

        private func expectRole(
            _ role: String, of program: VigilProgram, in database: VigilDatabase
        ) async throws {
            try await eventually("process \(program.processID) is \(role): \(program.complaints)") {
                try await database.text(
                    """
                    SELECT coalesce(max(role || ' ' || state), '') FROM vigil.sidecars
                    WHERE pid = \(program.processID)
                    """)
            } is: {
                $0 == (role == "leader" ? "leader following" : "standby standing by")
            }
        }

        private func end(_ programs: [VigilProgram]) async throws {
            for program in programs where program.isRunning {
                program.send(SIGTERM)
                #expect(try await program.outcome().status == 0)
            }
        }
    }
}
