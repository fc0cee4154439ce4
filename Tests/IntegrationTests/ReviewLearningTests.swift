import Foundation
import Testing

extension Integration {
    /// A running sidecar learns from reviews.
    @Suite("Learning from reviews", .requiresProgram) struct ReviewLearningTests {
        /// Confirms what has a high confidence, and rejects the others.
        private static let review = """
            WITH found AS (
                SELECT id, (explanation #>> '{features,7,value}')::float8 AS confidence
                FROM vigil.anomalies WHERE subject_kind = 'entity' ORDER BY anomaly_score DESC, id LIMIT 60
            ), middle AS (
                SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY confidence) AS confidence FROM found
            )
            SELECT count(vigil.review_anomaly(found.id,
                CASE WHEN found.confidence > middle.confidence THEN 'true_positive' ELSE 'benign' END))
            FROM found, middle
            """

        private func state(_ database: VigilDatabase) async throws -> String {
            try await database.text(
                "SELECT state FROM vigil.review_learning WHERE scope = 'entities'")
        }

        @Test(
            "Reviews are heard by the next insert, replay to the bit, and are no more once undone")
        func learns() async throws {
            let database = try await VigilDatabase.fresh()
            try await database.addWorld()
            try await database.set("anomaly_threshold", "0.15")
            let trained = try await VigilProgram.run(
                "train", "--no-validation", "--dsn", database.conninfo)
            try #require(trained.status == 0, "\(trained)")
            try await RunningSidecar.following(database) { sidecar in
                try await database.waitUntilScanned()
                #expect(try await state(database) == "no reviews yet")
                let count = try await database.int(
                    "SELECT count(*) FROM vigil.anomalies WHERE subject_kind = 'entity'")
                try #require(count >= 30, "\(count) anomalies to review")
                try await database.execute(Self.review)
                try await eventually("state of the reviews of entities", equals: "heard") {
                    try await state(database)
                }
                // The next insert is judged with them.
                let pair = try await database.text(
                    "SELECT string_agg(id::text, ',') FROM (SELECT id FROM vigil.entities ORDER BY id LIMIT 2) e"
                ).split(separator: ",").compactMap { Int64($0) }
                _ = try await database.relate(pair[0], pair[1])
                try await eventually("judgements of the next insert with reviews", equals: 2) {
                    try await database.int(
                        """
                        SELECT count(*) FROM vigil.entity_scores WHERE model_version LIKE 'v1.0.0+r%'
                            AND entity_id IN (\(pair[0]), \(pair[1]))
                        """)
                }
                // What is found with them says so, and replays.
                let found = try await eventuallyFound(database)
                let replayed = try await VigilProgram.run(
                    "replay", found, "--dsn", database.conninfo)
                #expect(replayed.status == 0, "\(replayed)")
                #expect(
                    try await database.int(
                        """
                        SELECT count(*) FROM vigil.anomalies WHERE model_version LIKE '%+r%'
                            AND explanation ->> 'reviews' IS NULL AND subject_kind = 'entity'
                        """) == 0)
                // Undone, they teach nothing.
                try await eventually("reviews in force", equals: Int64(0)) {
                    // The sidecar may hold one of them, for milliseconds.
                    try? await database.execute(
                        "SELECT vigil.undo_review(id) FROM vigil.anomalies WHERE reviewed LIMIT 10")
                    return try await database.int(
                        "SELECT count(*) FROM vigil.anomalies WHERE reviewed")
                }
                try await eventually("state of the reviews of entities", equals: "not heard") {
                    try await state(database)
                }
                _ = try await database.relate(pair[1], pair[0])
                try await eventually("judgements of the next insert without reviews", equals: 2) {
                    try await database.int(
                        """
                        SELECT count(*) FROM vigil.entity_scores WHERE model_version = 'v1.0.0'
                            AND entity_id IN (\(pair[0]), \(pair[1]))
                        """)
                }
                #expect(sidecar.log.count(of: "learnt from reviews") >= 2)
            }
            #expect(try await database.differences() == [])
        }

        /// The id of an anomaly that was found while reviews were heard.
        private func eventuallyFound(_ database: VigilDatabase) async throws -> String {
            var found = ""
            try await eventually("whether anything was found with reviews", equals: true) {
                found = try await database.text(
                    """
                    SELECT coalesce(min(id::text), '') FROM vigil.anomalies
                    WHERE model_version LIKE '%+r%' AND subject_kind = 'entity' AND is_active
                    """)
                return !found.isEmpty
            }
            return found
        }
    }
}
