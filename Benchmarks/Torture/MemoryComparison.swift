import Foundation
import PostgresClient

/// The memory of a sidecar that has lived through changes beside that of one that has just loaded: both
/// judge everything and store what they see.
struct MemoryComparison: Sendable {
    let server: TortureServer
    let keepers: [SidecarKeeper]
    let verdict: Verdict
    let log: TortureLog

    /// Compares; what must be the same and is not is written as a failure.
    func run() async throws {
        let session = try await server.connect("torture: comparison")
        try await scan(session)
        try await session.execute(
            """
            CREATE TABLE torture.lived_scores AS SELECT * FROM vigil.entity_scores;
            CREATE TABLE torture.lived_metrics AS SELECT * FROM vigil.entity_metrics;
            CREATE TABLE torture.lived_relationships AS SELECT * FROM vigil.relationship_scores;
            """)
        for keeper in keepers { keeper.end(by: SIGKILL, restartAfter: .milliseconds(200)) }
        try await Task.sleep(for: .seconds(1))
        try await scan(session)
        for check in [Self.metrics, Self.features] {
            let answer = try await session.query(check.query)
            try verdict.report(check.name, answer)
        }
        let drift = try await session.query(Self.drift).string(row: 0, column: 0)
        log.say("        \(drift)")
        await session.close()
    }

    private func scan(_ session: PostgresConnection) async throws {
        try await verdict.rest(session)
        _ = try await session.query("SELECT vigil.request_scan()")
        try await verdict.rest(session)
    }

    private static let metrics = Check(
        "a process that has lived through the changes counts as one that has just loaded",
        """
        SELECT format('entity %s: %s lived, %s loaded', entity_id, l, f) FROM (
            SELECT entity_id,
                (l.degree, l.incoming_relationships, l.outgoing_relationships, l.triangle_count,
                    l.core_number, l.component_id, round(l.strength::numeric, 3),
                    round(l.clustering_coefficient::numeric, 9))::text AS l,
                (f.degree, f.incoming_relationships, f.outgoing_relationships, f.triangle_count,
                    f.core_number, f.component_id, round(f.strength::numeric, 3),
                    round(f.clustering_coefficient::numeric, 9))::text AS f,
                abs(l.pagerank - f.pagerank) > l.pagerank_error + f.pagerank_error + 1e-9 AS is_off
            FROM torture.lived_metrics l FULL JOIN vigil.entity_metrics f USING (entity_id)) AS both_of
        WHERE l IS DISTINCT FROM f OR is_off
        """)

    /// Those that do not depend on the time or on sampled metrics.
    private static let features = Check(
        "its features are those of one that has just loaded",
        """
        SELECT format('entity %s, feature %s: %s lived, %s loaded', entity_id, n, l.features[n], f.features[n])
        FROM torture.lived_scores l FULL JOIN vigil.entity_scores f USING (entity_id),
            unnest(ARRAY[1, 5, 6, 8, 9, 13, 14, 15, 16, 17]) AS n
        WHERE l.features[n] IS DISTINCT FROM f.features[n]
            AND abs(l.features[n] - f.features[n]) IS DISTINCT FROM 0
            AND coalesce(abs(l.features[n] - f.features[n]) > 1e-9, true)
        """)

    /// Scores move with the time and with what is estimated; by how much is said, not judged.
    private static let drift = """
        SELECT format('scores after loading anew: of %s entities %s differ by more than 0.01, %s by more than 0.1; of %s relationships %s and %s',
            e.n, e.a, e.b, r.n, r.a, r.b)
        FROM (SELECT count(*) AS n,
                count(*) FILTER (WHERE abs(l.anomaly_score - f.anomaly_score) > 0.01) AS a,
                count(*) FILTER (WHERE abs(l.anomaly_score - f.anomaly_score) > 0.1) AS b
            FROM torture.lived_scores l JOIN vigil.entity_scores f USING (entity_id)) AS e,
            (SELECT count(*) AS n,
                count(*) FILTER (WHERE abs(l.anomaly_score - f.anomaly_score) > 0.01) AS a,
                count(*) FILTER (WHERE abs(l.anomaly_score - f.anomaly_score) > 0.1) AS b
            FROM torture.lived_relationships l JOIN vigil.relationship_scores f USING (relationship_id)) AS r
        """
}
