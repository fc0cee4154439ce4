import PostgresClient
import Storage
import Testing

extension Integration {
    /// What the sidecar takes of the server is bounded.
    @Suite("Limits of the sidecar") struct LimitTests {
        @Test(
            "Every session of the sidecar has its timeouts",
            arguments: [
                FeedStore.sessionSettings, TaskStore.sessionSettings, SidecarLead.sessionSettings,
                AuditStore.sessionSettings,
            ])
        func timeouts(settings: String) async throws {
            let database = try await VigilDatabase.fresh()
            let session = try await database.connect()
            try await session.execute(settings)
            for name in [
                "statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout",
            ] {
                let value = try await session.query("SHOW \(name)").string(row: 0, column: 0)
                #expect(value != "0", "\(name)")
            }
            await session.close()
        }

        @Test(
            "While it loads, judges, trains and is written to, it holds few sessions and no snapshot for long"
        )
        func sessionsAndSnapshots() async throws {
            let database = try await VigilDatabase.fresh()
            try await database.addWorld()
            try await RunningSidecar.following(database) { sidecar in
                _ = try await database.int("SELECT vigil.retrain(trees => 20)")
                var sessions: Int64 = 0
                var oldest = 0.0
                // Until training is over, and on: this many looks take some seconds.
                for number in 1...200 {
                    try await database.relate(Int64(number), Int64(number % 90 + 101))
                    let seen = try await database.session.query(
                        """
                        SELECT count(*), coalesce(max(extract(epoch FROM clock_timestamp() - xact_start))
                            FILTER (WHERE backend_xmin IS NOT NULL OR backend_xid IS NOT NULL), 0)::float8
                        FROM pg_stat_activity
                        WHERE datname = current_database() AND application_name LIKE 'vigil %'
                            AND application_name <> 'vigil tests'
                        """)
                    sessions = max(sessions, try seen.int64(row: 0, column: 0))
                    oldest = max(oldest, try seen.double(row: 0, column: 1))
                }
                try await sidecar.log.wait(for: "model adopted")
                print("sessions \(sessions), the oldest snapshot \(oldest) s")
                #expect(sessions >= 3 && sessions <= 6)
                // A bound that only a forgotten transaction reaches.
                #expect(oldest < 30)
            }
        }
    }
}
