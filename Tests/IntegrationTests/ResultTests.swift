import AnomalyModels
import PostgresClient
import Storage
import Testing

@testable import AnomalyDetection

extension Integration {
    /// What one write leaves in the tables, and what the next one makes of it.
    @Suite("Results") struct ResultTests {
        private static let day = 86_400.0
        private static let start = 1_750_000_000.0

        private func judgement(
            _ subject: Subject, score: Double, type: AnomalyType? = nil,
            indicators: [String] = ["one"]
        ) -> Judgement {
            var judgement = Judgement(
                subject: subject, features: [1, .nan], pValue: 1e-4, anomalyScore: score,
                severity: Severity(score: score), confidence: 0.5, detectionMethod: "ensemble",
                detectors: [
                    DetectorVerdict(
                        detector: .amount, score: 3, tailProbability: type == nil ? 0.2 : 1e-4,
                        calibrationCount: 9)
                ], modelVersion: "v1.0.0", graphEpoch: 3)
            judgement.anomaly = type.map { type in
                let verdicts = indicators.map {
                    IndicatorVerdict(name: $0, type: type, sentence: "So it is.", confidence: 0.7)
                }
                return AnomalyFinding(
                    primaryType: type, allTypes: [type], indicators: verdicts,
                    explanation: Explanation(
                        summary: "{source} gave much to {target}.", sentences: [],
                        detectors: judgement.detectors, features: [], expectedPathLength: .nan,
                        pathLength: .nan, indicators: verdicts, evidence: [],
                        peerGroup: .init(type: "all", count: 9)),
                    description: "{source} gave much to {target}.",
                    recommendations: ["Ask {source} about {name}."])
            }
            return judgement
        }

        private func results(
            _ judgements: [Judgement], at seconds: Double, calmed: [Subject] = [],
            reopensWithin days: Double = 30
        ) -> BatchResults {
            let asOf = Self.start + seconds
            var results = BatchResults(asOf: asOf, reopensSince: asOf - days * Self.day)
            results.judgements = judgements
            results.calmed = calmed
            return results
        }

        /// Two entities with names that need quoting, and a relationship between them.
        private func world() async throws -> (VigilDatabase, Subject) {
            let database = try await VigilDatabase.fresh()
            try await database.execute(
                #"""
                INSERT INTO vigil.entities (type, name) VALUES ('person', 'Ann "A" \ {x}'), ('person', 'Bob')
                """#)
            return (database, .relationship(try await database.relate(1, 2)))
        }

        private func anomalies(_ database: VigilDatabase) async throws -> [String] {
            let answer = try await database.session.query(
                """
                SELECT concat_ws(' ', subject_kind, subject_id, anomaly_type, is_active,
                    'seen', occurrences, 'peak', peak_score, 'reopened', reopened,
                    verdict, resolution)
                FROM vigil.anomalies ORDER BY created_at, subject_kind, subject_id, anomaly_type
                """)
            return try (0..<answer.rowCount).map { try answer.string(row: $0, column: 0) }
        }

        @Test("A relationship's judgement is stored with the names of both ends")
        func relationship() async throws {
            let (database, subject) = try await world()
            let listener = try await database.connect()
            try await listener.execute("LISTEN vigil_anomalies")
            let opened = try await ResultWriter.write(
                results(
                    [
                        judgement(.entity(1), score: 0.7, type: .behavioral),
                        judgement(.entity(2), score: 0.1),
                        judgement(subject, score: 0.8, type: .relationship),
                    ], at: 0), progress: nil, on: database.session)
            #expect(opened.count == 2)
            #expect(opened.contains { $0.subject == subject })
            let told = try await listener.waitForNotification(timeout: .seconds(10))
            #expect(!told.isEmpty)
            let row = try await database.session.query(
                """
                SELECT subject_name, description, recommendations[1], explanation ->> 'summary',
                    subject_type
                FROM vigil.anomalies WHERE relationship_id = \(subject.id)
                """)
            #expect(try row.string(row: 0, column: 0) == #"Ann "A" \ {x} -> Bob"#)
            #expect(try row.string(row: 0, column: 1) == #"Ann "A" \ {x} gave much to Bob."#)
            #expect(
                try row.string(row: 0, column: 2)
                    == #"Ask Ann "A" \ {x} about Ann "A" \ {x} -> Bob."#)
            #expect(try row.string(row: 0, column: 3) == #"Ann "A" \ {x} gave much to Bob."#)
            #expect(try row.string(row: 0, column: 4) == "related_to")
            #expect(
                try await database.text(
                    """
                    SELECT concat_ws(' ', anomaly_score, severity, p_value, model_version,
                        graph_epoch, score_count, detectors -> 0 ->> 'name')
                    FROM vigil.relationship_scores
                    """) == "0.8 critical 0.0001 v1.0.0 3 1 amount")
            // Nothing strange: the verdicts are not worth their room.
            try await ResultWriter.write(
                results([judgement(subject, score: 0.1)], at: 1), progress: nil,
                on: database.session)
            #expect(
                try await database.int(
                    """
                    SELECT count(*) FROM vigil.relationship_scores
                    WHERE detectors IS NULL AND score_count = 2
                    """) == 1)
        }

        @Test("The same results written twice leave what they left the first time")
        func replay() async throws {
            let (database, subject) = try await world()
            let batch = results(
                [
                    judgement(.entity(1), score: 0.7, type: .behavioral),
                    judgement(subject, score: 0.8, type: .relationship),
                ], at: 0)
            let state = """
                SELECT string_agg(t::text, E'\\n' ORDER BY t::text) FROM (
                    SELECT (to_jsonb(a) - 'updated_at')::text FROM vigil.anomalies a
                    UNION ALL SELECT to_jsonb(s)::text FROM vigil.entity_scores s
                    UNION ALL SELECT to_jsonb(s)::text FROM vigil.relationship_scores s) AS all_rows (t)
                """
            try await ResultWriter.write(batch, progress: nil, on: database.session)
            let first = try await database.text(state)
            let opened = try await ResultWriter.write(batch, progress: nil, on: database.session)
            #expect(opened.isEmpty)
            let second = try await database.text(state)
            #expect(second == first)
            // A repetition at another time counts.
            let later = results([judgement(subject, score: 0.6, type: .relationship)], at: 60)
            try await ResultWriter.write(later, progress: nil, on: database.session)
            #expect(
                try await anomalies(database).last
                    == "relationship \(subject.id) relationship t seen 2 peak 0.8 reopened 0")
        }

        @Test("What is normal again is resolved, and opened again where it returns in time")
        func reopening() async throws {
            let (database, subject) = try await world()
            let strange = [
                judgement(.entity(1), score: 0.7, type: .behavioral),
                judgement(subject, score: 0.8, type: .relationship),
            ]
            func write(_ results: BatchResults) async throws -> Int {
                try await ResultWriter.write(results, progress: nil, on: database.session).count
            }
            #expect(try await write(results(strange, at: 0)) == 2)
            #expect(
                try await write(results([], at: 60, calmed: strange.map(\.subject))) == 0)
            let resolved = "its score fell below the threshold by itself"
            #expect(
                try await anomalies(database) == [
                    "entity 1 behavioral f seen 1 peak 0.7 reopened 0 \(resolved)",
                    "relationship \(subject.id) relationship f seen 1 peak 0.8 reopened 0 \(resolved)",
                ])
            #expect(try await write(results(strange, at: 120)) == 2)
            // A replay of it opens nothing more.
            #expect(try await write(results(strange, at: 120)) == 0)
            #expect(
                try await anomalies(database) == [
                    "entity 1 behavioral t seen 2 peak 0.7 reopened 1",
                    "relationship \(subject.id) relationship t seen 2 peak 0.8 reopened 1",
                ])
            // Beyond the time it is another anomaly.
            _ = try await write(results([], at: 180, calmed: [subject]))
            let later = 180 + 31 * Self.day
            #expect(try await write(results([strange[1]], at: later)) == 1)
            #expect(try await anomalies(database).count == 3)
            #expect(try await database.duplicateAnomalies() == 0)
        }

        @Test(
            "Evidence that moves to another type closes the first anomaly, and back again opens it")
        func anotherType() async throws {
            let (database, _) = try await world()
            for (place, type) in [AnomalyType.behavioral, .temporal, .behavioral].enumerated() {
                try await ResultWriter.write(
                    results(
                        [judgement(.entity(1), score: 0.7, type: type)], at: Double(place) * 60),
                    progress: nil, on: database.session)
            }
            #expect(
                try await anomalies(database) == [
                    "entity 1 behavioral t seen 2 peak 0.7 reopened 1",
                    """
                    entity 1 temporal f seen 1 peak 0.7 reopened 0 \
                    the evidence now speaks for another type: behavioral
                    """,
                ])
        }

        @Test("A dismissal holds for the same evidence alone; a confirmation is looked at again")
        func reviews() async throws {
            let (database, subject) = try await world()
            let first = [
                judgement(.entity(1), score: 0.7, type: .behavioral),
                judgement(.entity(2), score: 0.7, type: .behavioral),
                judgement(subject, score: 0.8, type: .relationship),
            ]
            try await ResultWriter.write(
                results(first, at: 0), progress: nil, on: database.session)
            try await database.execute(
                """
                SELECT vigil.review_anomaly(id, CASE subject_id WHEN 2 THEN 'true_positive' ELSE 'benign' END)
                FROM vigil.anomalies
                """)
            try await ResultWriter.write(
                results([], at: 60, calmed: first.map(\.subject)), progress: nil,
                on: database.session)
            let again = [
                first[0], first[1],
                judgement(subject, score: 0.8, type: .relationship, indicators: ["one", "two"]),
            ]
            try await ResultWriter.write(
                results(again, at: 120), progress: nil, on: database.session)
            #expect(
                try await anomalies(database) == [
                    "entity 1 behavioral t seen 2 peak 0.7 reopened 1 benign",
                    "entity 2 behavioral t seen 2 peak 0.7 reopened 1",
                    "relationship \(subject.id) relationship t seen 2 peak 0.8 reopened 1",
                ])
            #expect(
                try await AnomalyStore.suspects(on: database.session) == [.entity(2), subject])
        }

        @Test("A deleted relationship loses its score and keeps its record; its id is nobody's")
        func deletion() async throws {
            let (database, subject) = try await world()
            let strange = [judgement(subject, score: 0.8, type: .relationship)]
            try await ResultWriter.write(
                results(strange, at: 0), progress: nil, on: database.session)
            try await database.execute("DELETE FROM vigil.relationships")
            var gone = results([], at: 60)
            gone.deletedRelationshipIDs = [subject.id]
            gone.closedRelationshipIDs = [subject.id]
            try await ResultWriter.write(gone, progress: nil, on: database.session)
            #expect(try await database.int("SELECT count(*) FROM vigil.relationship_scores") == 0)
            let closed =
                "relationship \(subject.id) relationship f seen 1 peak 0.8 reopened 0 The relationship was deleted."
            #expect(try await anomalies(database) == [closed])
            // Judged while it was being deleted: nothing is opened.
            try await ResultWriter.write(
                results(strange, at: 61), progress: nil, on: database.session)
            #expect(try await anomalies(database) == [closed])
            // Another relationship with the same id has an anomaly of its own.
            try await database.execute(
                """
                INSERT INTO vigil.relationships (id, source_entity_id, target_entity_id, type)
                VALUES (\(subject.id), 1, 2, 'owns')
                """)
            try await ResultWriter.write(
                results(strange, at: 62), progress: nil, on: database.session)
            #expect(try await anomalies(database).count == 2)
        }

        @Test("What a review holds in an open transaction is left out, and nobody waits for it")
        func reviewersBeside() async throws {
            let (database, subject) = try await world()
            let strange = [judgement(subject, score: 0.8, type: .relationship)]
            try await ResultWriter.write(
                results(strange, at: 0), progress: nil, on: database.session)
            let analyst = try await database.connect()
            try await analyst.execute(
                "BEGIN; SELECT vigil.review_anomaly(id, 'true_positive') FROM vigil.anomalies")
            let beside = strange + [judgement(.entity(1), score: 0.7, type: .behavioral)]
            let again = try await ResultWriter.writeAll(
                results(beside, at: 30), progress: nil, on: database.session)
            #expect(again.leftOut == [subject])
            #expect(again.opened.map(\.subject) == [.entity(1)])
            let calm = results([], at: 60, calmed: [subject])
            let held = try await ResultWriter.writeAll(calm, progress: nil, on: database.session)
            #expect(held.leftOut == [subject])
            try await analyst.execute("COMMIT")
            let free = try await ResultWriter.writeAll(calm, progress: nil, on: database.session)
            #expect(free.leftOut.isEmpty)
            #expect(
                try await anomalies(database) == [
                    "relationship \(subject.id) relationship f seen 1 peak 0.8 reopened 0 true_positive its score fell below the threshold by itself",
                    "entity 1 behavioral t seen 1 peak 0.7 reopened 0",
                ])
        }
    }
}
