import LocalCluster
import PostgresClient
import Testing

extension Integration {
    /// PostgreSQL goes away under the sidecar's feet, in a cluster that no other test uses.
    @Suite("A server that goes away") struct RestartTests {
        @Test("A restart, a crash and an ended session are survived; what changed is scored once")
        func survives() async throws {
            let cluster = try await LocalCluster.start(
                settings: [
                    "max_prepared_transactions": "4", "shared_buffers": "16MB",
                    "log_min_messages": "fatal",
                    // What a writer has committed must survive the crash; the sidecar's own session
                    // switches it off, and so has its last batches to do again.
                    "synchronous_commit": "on",
                ], durable: false)
            defer { withExtendedLifetime(cluster) {} }
            try await cluster.createDatabase(name: "graph")
            var database = try await VigilDatabase(in: cluster, name: "graph")
            let ids = try await database.addEntities(10)
            let sidecar = RunningSidecar(database.conninfo)
            try await sidecar.waitUntilFollowing()

            try await database.execute(
                """
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE application_name = 'vigil sidecar'
                """)
            try await database.addEntities(1)
            try await sidecar.waitUntilFollowing(times: 2)
            try await database.waitForChanges(1)

            try await cluster.restart()
            database = try await again(database)
            try await database.relate(ids[0], ids[1])
            try await sidecar.waitUntilFollowing(times: 3)
            try await database.waitForChanges(2)

            try cluster.kill9()
            try await cluster.restart()
            database = try await again(database)
            try await database.execute("DELETE FROM vigil.entities WHERE id = \(ids[2])")
            try await sidecar.waitUntilFollowing(times: 4)
            try await database.waitForChanges(3)

            // The first scan goes on beside the feed.
            try await database.waitUntilScanned()
            try await expectEverything(in: database, entities: 10)
            #expect(sidecar.log.count(of: "connecting again") >= 3)
            try await prepared(database)
            try await sidecar.stop()
            #expect(try await database.text("SELECT state FROM vigil.sidecars") == "stopped")
            try await eventually("sessions of the sidecar", within: .seconds(2), equals: 0) {
                try await database.sidecarSessions()
            }
            await database.session.close()
            try await cluster.stop()
        }

        /// A prepared transaction counts when it is committed, also after its session has ended.
        private func prepared(_ database: VigilDatabase) async throws {
            try await database.set("feed_arm", "false")
            // It may have been armed at that very moment, until the sidecar has heard of the setting.
            try await eventually("armed", equals: "f") {
                try await database.text("SELECT armed::text::char FROM vigil.feed_health")
            }
            let before = try await database.countedChanges()
            let session = try await database.connect()
            for name in ["kept", "dropped"] {
                try await session.execute("BEGIN; \(insert(name)); PREPARE TRANSACTION '\(name)'")
            }
            await session.close()
            try await database.addEntities(2)
            try await database.waitForChanges(before + 2)
            try await database.execute("COMMIT PREPARED 'kept'")
            try await database.execute("ROLLBACK PREPARED 'dropped'")
            try await database.waitForChanges(before + 3)
            try await database.waitUntilScanned()
            try await expectEverything(in: database, entities: 13)
        }

        /// The same database through a new session: the old one went with the server.
        private func again(_ database: VigilDatabase) async throws -> VigilDatabase {
            await database.session.close()
            return try await VigilDatabase(
                in: database.cluster, name: database.name, installs: false)
        }
    }
}
