package import AnomalyDetection
import AnomalyModels
package import ChangeFeed
import Foundation
package import PostgresClient

/// The results of one batch: everything that one write transaction stores.
package struct BatchResults: Sendable {
    package var judgements: [Judgement] = []
    package var metrics: [EntityMetrics] = []
    /// Subgraphs as they are now, by entity, for the judgements that hold an anomaly.
    package var subgraphs: [Int64: String] = [:]
    package var deletedEntityIDs: [Int64] = []
    /// Entities judged normal now that have an open anomaly: it is resolved by itself.
    package var calmedEntityIDs: [Int64] = []
    /// The database's time of the batch, in seconds since 1970.
    package var asOf: Double

    package init(asOf: Double) {
        self.asOf = asOf
    }
}

/// Where the feed stands after the batch; stored in the same transaction as its results.
package struct FeedProgress: Sendable {
    package var snapshot: FeedSnapshot
    package var epoch: Int64
    package var changeCount: Int
    package var isReplay: Bool

    package init(snapshot: FeedSnapshot, epoch: Int64, changeCount: Int, isReplay: Bool = false) {
        self.snapshot = snapshot
        self.epoch = epoch
        self.changeCount = changeCount
        self.isReplay = isReplay
    }
}

/// An anomaly that a write has opened.
package struct OpenedAnomaly: Sendable, Equatable {
    package var id: String
    package var entityID: Int64
}

/// Writes results and feed snapshot in one transaction and one round trip.
package enum ResultWriter {
    /// Stores the results; with `progress` also the feed's place, and the doorbell is disarmed.
    ///
    /// - Returns: the anomalies that are new, in the order of the judgements.
    @discardableResult
    package static func write(
        _ results: BatchResults, progress: FeedProgress?, on connection: PostgresConnection
    ) async throws(PostgresError) -> [OpenedAnomaly] {
        var statements = [Statement("BEGIN")]
        if !results.deletedEntityIDs.isEmpty {
            statements += forget(results.deletedEntityIDs)
        }
        if !results.judgements.isEmpty {
            statements.append(scores(results))
        }
        if !results.metrics.isEmpty {
            statements.append(metrics(results))
        }
        if !results.calmedEntityIDs.isEmpty {
            statements.append(resolve(results))
        }
        let findings = results.judgements.filter { $0.anomaly != nil }
        let anomaliesAt = statements.count
        if !findings.isEmpty {
            statements.append(anomalies(findings, results))
        }
        if let progress {
            statements.append(advance(progress))
        }
        statements.append(Statement("COMMIT"))
        let answers = try await connection.pipeline(statements)
        guard !findings.isEmpty else { return [] }
        let answer = answers[anomaliesAt]
        var opened: [OpenedAnomaly] = []
        for row in 0..<answer.rowCount where try answer.bool(row: row, column: 2) {
            opened.append(
                OpenedAnomaly(
                    id: try answer.string(row: row, column: 0),
                    entityID: try answer.int64(row: row, column: 1)))
        }
        return opened
    }

    private static func forget(_ ids: [Int64]) -> [Statement] {
        [
            Statement(
                "DELETE FROM vigil.entity_scores WHERE entity_id = ANY ($1)", [.int64Array(ids)]),
            Statement(
                "DELETE FROM vigil.entity_metrics WHERE entity_id = ANY ($1)", [.int64Array(ids)]),
            Statement(
                """
                UPDATE vigil.anomalies
                SET is_active = false, resolved_at = now(), updated_at = now(),
                    resolution = 'the entity was deleted'
                WHERE subject_kind = 'entity' AND subject_id = ANY ($1) AND is_active
                """, [.int64Array(ids)]),
        ]
    }

    private static func scores(_ results: BatchResults) -> Statement {
        let all = results.judgements
        return Statement(
            """
            INSERT INTO vigil.entity_scores AS s (
                entity_id, anomaly_score, p_value, confidence, severity, features, detectors,
                detection_method, model_version, graph_epoch, scored_at, score_count)
            SELECT id, score, nullif(p, 'NaN'), confidence, severity, features::float8[],
                detectors::jsonb, method, version, epoch, $11, 1
            FROM unnest($1::bigint[], $2::float8[], $3::float8[], $4::float8[], $5::text[],
                $6::text[], $7::text[], $8::text[], $9::text[], $10::bigint[])
                AS u (id, score, p, confidence, severity, features, detectors, method, version, epoch)
            ON CONFLICT (entity_id) DO UPDATE SET
                anomaly_score = excluded.anomaly_score, p_value = excluded.p_value,
                confidence = excluded.confidence, severity = excluded.severity,
                features = excluded.features, detectors = excluded.detectors,
                detection_method = excluded.detection_method,
                model_version = excluded.model_version, graph_epoch = excluded.graph_epoch,
                scored_at = excluded.scored_at, score_count = s.score_count + 1
            """,
            [
                .int64Array(all.map(\.subject.id)), .doubleArray(all.map(\.anomalyScore)),
                .doubleArray(all.map(\.pValue)), .doubleArray(all.map(\.confidence)),
                .textArray(all.map(\.severity.rawValue)),
                .textArray(all.map { arrayLiteral($0.features) }),
                .textArray(all.map { JudgementJSON.detectors($0.detectors) }),
                .textArray(all.map(\.detectionMethod)), .textArray(all.map(\.modelVersion)),
                .int64Array(all.map(\.graphEpoch)), .timestampSeconds(results.asOf),
            ])
    }

    private static func metrics(_ results: BatchResults) -> Statement {
        let all = results.metrics
        return Statement(
            """
            INSERT INTO vigil.entity_metrics AS m (
                entity_id, degree, degree_centrality, incoming_relationships, outgoing_relationships,
                strength,
                clustering_coefficient, triangle_count, core_number, component_id, pagerank,
                pagerank_error, measured_at, betweenness_centrality, betweenness_error,
                closeness_centrality, closeness_error, harmonic_centrality, harmonic_error,
                eigenvector_centrality, eigenvector_error, community_id, is_articulation_point,
                as_of, graph_epoch, is_exact)
            SELECT id, degree, centrality, incoming, outgoing, nullif(strength, 'NaN'),
                clustering, triangles, nullif(core, -1), nullif(component, -1),
                nullif(pagerank, 'NaN'), nullif(pagerank_error, 'NaN'), $26,
                nullif(betweenness, 'NaN'), nullif(betweenness_error, 'NaN'),
                nullif(closeness, 'NaN'), nullif(closeness_error, 'NaN'),
                nullif(harmonic, 'NaN'), nullif(harmonic_error, 'NaN'),
                nullif(eigenvector, 'NaN'), nullif(eigenvector_error, 'NaN'),
                nullif(community, -1), CASE cut WHEN 1 THEN true WHEN 0 THEN false END,
                to_timestamp(as_of), epoch, exact
            FROM unnest($1::bigint[], $2::bigint[], $3::float8[], $4::bigint[], $5::bigint[],
                $6::float8[], $7::float8[], $8::bigint[], $9::bigint[], $10::bigint[],
                $11::float8[], $12::float8[], $13::float8[], $14::float8[], $15::float8[],
                $16::float8[], $17::float8[], $18::float8[], $19::float8[], $20::float8[],
                $21::bigint[], $22::bigint[], $23::float8[], $24::bigint[], $25::boolean[])
                AS u (id, degree, centrality, incoming, outgoing, strength, clustering,
                    triangles, core, component, pagerank, pagerank_error, betweenness,
                    betweenness_error, closeness, closeness_error, harmonic, harmonic_error,
                    eigenvector, eigenvector_error, community, cut, as_of, epoch, exact)
            ON CONFLICT (entity_id) DO UPDATE SET (
                degree, degree_centrality, incoming_relationships, outgoing_relationships, strength,
                clustering_coefficient, triangle_count, core_number, component_id, pagerank,
                pagerank_error, measured_at, betweenness_centrality, betweenness_error,
                closeness_centrality, closeness_error, harmonic_centrality, harmonic_error,
                eigenvector_centrality, eigenvector_error, community_id, is_articulation_point,
                as_of, graph_epoch, is_exact) = (
                excluded.degree, excluded.degree_centrality, excluded.incoming_relationships,
                excluded.outgoing_relationships, excluded.strength, excluded.clustering_coefficient,
                excluded.triangle_count, excluded.core_number, excluded.component_id,
                excluded.pagerank, excluded.pagerank_error, excluded.measured_at,
                excluded.betweenness_centrality, excluded.betweenness_error,
                excluded.closeness_centrality, excluded.closeness_error,
                excluded.harmonic_centrality, excluded.harmonic_error,
                excluded.eigenvector_centrality, excluded.eigenvector_error,
                excluded.community_id, excluded.is_articulation_point, excluded.as_of,
                excluded.graph_epoch, excluded.is_exact)
            """,
            [
                .int64Array(all.map(\.entityID)), .int64Array(all.map { Int64($0.degree) }),
                .doubleArray(all.map(\.degreeCentrality)),
                .int64Array(all.map { Int64($0.incomingCount) }),
                .int64Array(all.map { Int64($0.outgoingCount) }), .doubleArray(all.map(\.strength)),
                .doubleArray(all.map(\.clusteringCoefficient)),
                .int64Array(all.map { Int64($0.triangleCount) }),
                .int64Array(all.map { Int64($0.coreNumber ?? -1) }),
                .int64Array(all.map { $0.componentID ?? -1 }), .doubleArray(all.map(\.pageRank)),
                .doubleArray(all.map(\.pageRankError)),
                .doubleArray(all.map(\.betweennessCentrality)),
                .doubleArray(all.map(\.betweennessError)),
                .doubleArray(all.map(\.closenessCentrality)),
                .doubleArray(all.map(\.closenessError)),
                .doubleArray(all.map(\.harmonicCentrality)),
                .doubleArray(all.map(\.harmonicError)),
                .doubleArray(all.map(\.eigenvectorCentrality)),
                .doubleArray(all.map(\.eigenvectorError)),
                .int64Array(all.map { $0.communityID ?? -1 }),
                .int64Array(all.map { $0.isArticulationPoint.map { $0 ? 1 : 0 } ?? -1 }),
                .doubleArray(all.map { $0.asOf.isNaN ? results.asOf : $0.asOf }),
                .int64Array(all.map(\.graphEpoch)), .boolArray(all.map(\.isExact)),
                .timestampSeconds(results.asOf),
            ])
    }

    private static func resolve(_ results: BatchResults) -> Statement {
        Statement(
            """
            UPDATE vigil.anomalies
            SET is_active = false, resolved_at = $2, updated_at = $2,
                resolution = 'its score fell below the threshold by itself'
            WHERE subject_kind = 'entity' AND subject_id = ANY ($1) AND is_active
            """, [.int64Array(results.calmedEntityIDs), .timestampSeconds(results.asOf)])
    }

    /// Opens an anomaly, or updates the open one of the same subject and type.
    ///
    /// A deleted entity
    /// has none: the join leaves it out, and the lock keeps it until COMMIT.
    private static func anomalies(_ findings: [Judgement], _ results: BatchResults)
        -> Statement
    {
        func texts(_ value: (Judgement, AnomalyFinding) -> String) -> PostgresParameter {
            .textArray(findings.map { judgement in judgement.anomaly.map { value(judgement, $0) } })
        }
        return Statement(
            """
            WITH found AS (
                SELECT u.*, e.type, coalesce(nullif(e.name, ''), e.value, e.type || ' ' || e.id) AS label
                FROM unnest($1::bigint[], $2::text[], $3::text[], $4::float8[], $5::float8[],
                    $6::float8[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[],
                    $12::text[], $13::text[], $14::bigint[], $15::text[])
                    WITH ORDINALITY AS u (id, anomaly_type, all_types, score, p, confidence,
                        severity, explanation, method, indicators, description, recommendations,
                        version, epoch, subgraph, place)
                JOIN vigil.entities e ON e.id = u.id
                ORDER BY u.id
                FOR KEY SHARE OF e
            ), written AS (
                INSERT INTO vigil.anomalies AS a (
                    subject_kind, subject_id, subject_type, subject_name, entity_id, anomaly_type,
                    all_types, anomaly_score, peak_score, p_value, confidence, severity,
                    explanation, detection_method, indicators, description, recommendations,
                    model_version, graph_epoch, subgraph, first_detected, last_detected)
                SELECT 'entity', id, type, label, id, anomaly_type, all_types::text[], score, score,
                    nullif(p, 'NaN'), confidence, severity, explanation::jsonb, method,
                    indicators::text[], replace(description, '{name}', label),
                    (SELECT coalesce(array_agg(replace(r, '{name}', label) ORDER BY i), '{}')
                     FROM jsonb_array_elements_text(recommendations::jsonb)
                         WITH ORDINALITY AS x (r, i)),
                    version, epoch, subgraph::jsonb, $16, $16
                FROM found ORDER BY place
                ON CONFLICT (subject_kind, subject_id, anomaly_type) WHERE is_active
                DO UPDATE SET
                    all_types = excluded.all_types, anomaly_score = excluded.anomaly_score,
                    peak_score = greatest(a.peak_score, excluded.anomaly_score),
                    p_value = excluded.p_value, confidence = excluded.confidence,
                    severity = excluded.severity, explanation = excluded.explanation,
                    detection_method = excluded.detection_method,
                    indicators = excluded.indicators, description = excluded.description,
                    recommendations = excluded.recommendations,
                    model_version = excluded.model_version, graph_epoch = excluded.graph_epoch,
                    subgraph = excluded.subgraph, last_detected = excluded.last_detected,
                    occurrences = a.occurrences + 1, updated_at = now()
                -- a suppressed one is recorded, and announced to nobody
                RETURNING id, subject_id, anomaly_type,
                    (xmax = 0) AND coalesce(a.suppressed_until <= now(), true) AS is_new
            ), replaced AS (
                -- the same subject's open anomalies of another type: the evidence has moved on
                UPDATE vigil.anomalies a
                SET is_active = false, resolved_at = $16, updated_at = $16,
                    resolution = 'the evidence now speaks for another type: ' || f.anomaly_type
                FROM found f
                WHERE a.subject_kind = 'entity' AND a.subject_id = f.id AND a.is_active
                    AND a.anomaly_type <> f.anomaly_type
                    AND a.anomaly_type <> ALL (f.all_types::text[])
            )
            SELECT id::text, subject_id, is_new,
                CASE WHEN is_new THEN pg_notify('vigil_anomalies', id::text) END
            FROM written
            """,
            [
                .int64Array(findings.map(\.subject.id)), texts { $1.primaryType.rawValue },
                texts { arrayLiteral($1.allTypes.map(\.rawValue)) },
                .doubleArray(findings.map(\.anomalyScore)), .doubleArray(findings.map(\.pValue)),
                .doubleArray(findings.map(\.confidence)),
                texts { judgement, _ in judgement.severity.rawValue },
                texts { JudgementJSON.explanation($1.explanation) },
                texts { judgement, _ in judgement.detectionMethod },
                texts { arrayLiteral($1.indicators.map(\.name)) }, texts { $1.description },
                texts { JudgementJSON.texts($1.recommendations) },
                .textArray(findings.map(\.modelVersion)),
                .int64Array(findings.map(\.graphEpoch)),
                .textArray(findings.map { results.subgraphs[$0.subject.id] }),
                .timestampSeconds(results.asOf),
            ])
    }

    private static func advance(_ progress: FeedProgress) -> Statement {
        Statement(
            """
            UPDATE vigil.feed_state
            SET snapshot = $1::text::pg_snapshot, epoch_seen = $2, armed = false,
                batches = batches + 1, changes = changes + $3, replays = replays + $4,
                last_batch_at = clock_timestamp(), last_batch_changes = $3
            """,
            [
                .text(progress.snapshot.description), .int64(progress.epoch),
                .int64(Int64(progress.changeCount)), .int64(progress.isReplay ? 1 : 0),
            ])
    }
}

/// A PostgreSQL array literal of numbers; NaN is a value of float8, so it stays.
func arrayLiteral(_ values: [Double]) -> String {
    "{" + values.map { $0.isNaN ? "NaN" : "\($0)" }.joined(separator: ",") + "}"
}

/// A PostgreSQL array literal of texts, every element quoted.
func arrayLiteral(_ values: [String]) -> String {
    "{"
        + values.map { value in
            "\""
                + value.replacingOccurrences(of: "\\", with: "\\\\")
                .replacingOccurrences(of: "\"", with: "\\\"") + "\""
        }.joined(separator: ",") + "}"
}
