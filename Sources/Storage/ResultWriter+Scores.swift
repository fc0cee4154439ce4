import AnomalyDetection
import AnomalyModels
import PostgresClient

extension ResultWriter {
    /// The newest scores of entities.
    static func scores(_ all: [Judgement], _ results: BatchResults) -> Statement {
        Statement(
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
                scored_at = excluded.scored_at,
                score_count = s.score_count + (s.scored_at <> excluded.scored_at)::int
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

    /// Verdicts of a relationship are kept where one of them is at most so probable, or for an anomaly:
    /// there may be millions of relationships, and most of them are like the others.
    private static let keptProbability = 0.01

    /// The newest scores of relationships.
    static func relationshipScores(_ all: [Judgement], _ results: BatchResults) -> Statement {
        Statement(
            """
            INSERT INTO vigil.relationship_scores AS s (
                relationship_id, scored_at, anomaly_score, graph_epoch, p_value, confidence,
                score_count, severity, model_version, detectors)
            SELECT id, $9, score, epoch, nullif(greatest(p, 1e-37), 'NaN'), confidence, 1, severity,
                version, detectors::jsonb
            FROM unnest($1::bigint[], $2::float8[], $3::float8[], $4::float8[], $5::text[],
                $6::text[], $7::text[], $8::bigint[])
                AS u (id, score, p, confidence, severity, detectors, version, epoch)
            ON CONFLICT (relationship_id) DO UPDATE SET
                scored_at = excluded.scored_at, anomaly_score = excluded.anomaly_score,
                graph_epoch = excluded.graph_epoch, p_value = excluded.p_value,
                confidence = excluded.confidence,
                score_count = s.score_count + (s.scored_at <> excluded.scored_at)::int,
                severity = excluded.severity, model_version = excluded.model_version,
                detectors = excluded.detectors
            """,
            [
                .int64Array(all.map(\.subject.id)), .doubleArray(all.map(\.anomalyScore)),
                .doubleArray(all.map(\.pValue)), .doubleArray(all.map(\.confidence)),
                .textArray(all.map(\.severity.rawValue)),
                .textArray(
                    all.map { judgement in
                        isStrange(judgement) ? JudgementJSON.detectors(judgement.detectors) : nil
                    }),
                .textArray(all.map(\.modelVersion)), .int64Array(all.map(\.graphEpoch)),
                .timestampSeconds(results.asOf),
            ])
    }

    private static func isStrange(_ judgement: Judgement) -> Bool {
        judgement.anomaly != nil
            || judgement.detectors.contains { $0.tailProbability <= keptProbability }
    }
}
