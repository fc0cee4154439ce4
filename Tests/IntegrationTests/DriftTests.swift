import Foundation
import PostgresClient
import Testing

extension Integration {
    /// Drift, and thresholds that follow a budget or a rate.
    @Suite("Drift and thresholds") struct DriftTests {
        private func vigil(
            _ arguments: String..., on database: VigilDatabase
        ) async throws -> VigilProgram.Outcome {
            try await VigilProgram(arguments + ["--dsn", database.conninfo]).outcome(
                within: .seconds(120))
        }

        /// So many entities that came evenly in the days before now, and as many relationships.
        private func addArrivals(
            _ count: Int, days: Double, confidence: Double, to database: VigilDatabase
        ) async throws {
            try await database.execute(
                """
                WITH added AS (
                    INSERT INTO vigil.entities (type, name, confidence, risk_score, first_seen)
                    SELECT CASE i % 2 WHEN 0 THEN 'domain' ELSE 'ip_address' END, 'e' || i,
                        \(confidence) + (i * 37 % 100) / 1000.0, (i * 61 % 100) / 100.0,
                        now() - \(days) * (i::float8 / \(count)) * interval '1 day'
                    FROM generate_series(1, \(count)) AS i RETURNING id, first_seen
                )
                INSERT INTO vigil.relationships
                    (source_entity_id, target_entity_id, type, confidence, first_observed)
                SELECT a.id, (a.id * 7) % a.id / 2 + 1, 'related_to', 0.8, a.first_seen FROM added AS a
                WHERE a.id > 10
                """)
        }

        @Test(
            "Drift is checked by a task, announced, told by vigil drift, and asks for a training",
            .requiresProgram)
        func drift() async throws {
            let database = try await VigilDatabase.fresh()
            try await addArrivals(800, days: 60, confidence: 0.8, to: database)
            let without = try await vigil("drift", on: database)
            #expect(without.status == 0, "\(without)")
            #expect(without.output.contains("rules judge"), "\(without)")
            let trained = try await vigil("train", on: database)
            try #require(trained.status == 0, "\(trained)")
            let calm = try await vigil("drift", "--fail", on: database)
            #expect(calm.status == 0, "\(calm)")
            // A week has passed, and what came in it is worth less.
            try await database.execute(
                """
                UPDATE vigil.models SET archive = archive;
                UPDATE vigil.entities SET first_seen = first_seen - interval '7 days';
                """)
            try await addArrivals(300, days: 0.00001, confidence: 0.2, to: database)
            let alone = try await vigil("drift", "--fail", "--json", on: database)
            #expect(alone.status == 1, "\(alone)")
            #expect(
                try await database.int("SELECT count(*) FROM vigil.drift_reports") == 0)

            try await database.set("drift_action", "\"retrain\"")
            try await RunningSidecar.following(database) { _ in
                let listener = try await database.connect()
                try await listener.execute("LISTEN vigil_drift")
                let asked = try await vigil("drift", "--fail", on: database)
                #expect(asked.status == 1, "\(asked)")
                #expect(asked.output.contains("confidence_score"), "\(asked)")
                let told = try await listener.waitForNotification(timeout: .seconds(10))
                #expect(told.first?.payload.contains("Drift in ") == true, "\(told)")
                await listener.close()
                #expect(
                    try await database.text(
                        """
                        SELECT verdict FROM vigil.drift_report
                        WHERE measure = 'confidence_score' AND scope = 'entities'
                            AND compared = 'arrivals'
                        """) == "drift")
                let training = try await database.int(
                    "SELECT retrain_task_id FROM vigil.drift_reports")
                try await eventually("the training is done", equals: "done") {
                    try await database.text(
                        "SELECT state FROM vigil.tasks WHERE id = \(training)")
                }
                // The new model knows these rows, and one training a week is enough.
                let again = try await vigil("drift", "--fail", on: database)
                #expect(again.status == 0, "\(again)")
                #expect(
                    try await database.int(
                        "SELECT count(*) FROM vigil.tasks WHERE kind = 'retrain'") == 1)
            }
        }

        @Test("An alert budget opens and resolves anomalies at once, and goes as it came")
        func budget() async throws {
            let database = try await VigilDatabase.fresh()
            try await database.addWorld()
            try await RunningSidecar.following(database) { sidecar in
                let open = "SELECT count(*) FROM vigil.anomalies WHERE is_active"
                let before = try await database.int(open)
                try await database.set("anomaly_threshold", "0.05")
                try await eventually("a lower threshold opens more") {
                    try await database.int(open)
                } is: {
                    $0 > before + 3
                }
                try await database.set("alert_budget_per_day", "3")
                let threshold = try await database.text(
                    "SELECT threshold::text FROM vigil.alert_threshold")
                #expect(Double(threshold) ?? 0 >= 0.4, "\(threshold)")
                try await sidecar.log.wait(for: "threshold from=0.05")
                try await eventually("only those within the budget stay") {
                    try await database.int(open)
                } is: {
                    $0 <= 3
                }
                #expect(
                    try await database.text("SELECT follows FROM vigil.alert_threshold")
                        == "alert_budget_per_day")
                try await database.set("alert_budget_per_day", "0")
                try await eventually("the setting is in force again") {
                    try await database.int(open)
                } is: {
                    $0 > before + 3
                }
            }
        }

        @Test("A false-discovery rate takes the place of the threshold", .requiresProgram)
        func falseDiscoveryRate() async throws {
            let database = try await VigilDatabase.fresh()
            try await database.addWorld()
            let trained = try await vigil("train", on: database)
            try #require(trained.status == 0, "\(trained)")
            try await RunningSidecar.following(database) { _ in
                try await database.set("anomaly_threshold", "0.1")
                let open =
                    "SELECT count(DISTINCT (subject_kind, subject_id)) FROM vigil.anomalies WHERE is_active"
                try await eventually("there are anomalies") {
                    try await database.int(open)
                } is: {
                    $0 > 0
                }
                // Of some hundred ordinary subjects none is so improbable.
                try await database.set("false_discovery_rate", "0.0001")
                #expect(
                    try await database.text("SELECT reason FROM vigil.alert_threshold")
                        .contains("nothing is an anomaly"))
                try await eventually("none is left", equals: 0) { try await database.int(open) }
            }
        }
    }
}
