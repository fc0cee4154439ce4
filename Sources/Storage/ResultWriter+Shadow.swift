import AnomalyDetection
import PostgresClient

extension ResultWriter {
    /// What champion and challenger say; what is there of another pair of models is overwritten.
    static func shadowScores(_ verdicts: ShadowVerdicts, _ results: BatchResults) -> Statement {
        let rows = verdicts.rows
        return Statement(
            """
            INSERT INTO vigil.shadow_scores AS s (
                subject_id, subject_kind, champion_version, challenger_version,
                champion_score, challenger_score, champion_p, challenger_p,
                champion_alerts, challenger_alerts, champion_peak, challenger_peak,
                champion_alerted, challenger_alerted, written_by, first_judged_at, judged_at)
            SELECT id, kind, $10, $11, score_1, score_2, nullif(p_1, 'NaN'), nullif(p_2, 'NaN'),
                alerts_1 = 1, alerts_2 = 1, score_1, score_2, alerts_1 = 1, alerts_2 = 1, writer, $12, $12
            FROM unnest($1::bigint[], $2::text[], $3::float8[], $4::float8[], $5::float8[],
                $6::float8[], $7::bigint[], $8::bigint[], $9::text[])
                AS u (id, kind, score_1, score_2, p_1, p_2, alerts_1, alerts_2, writer)
            ON CONFLICT (subject_id, subject_kind) DO UPDATE SET
                champion_version = excluded.champion_version,
                challenger_version = excluded.challenger_version,
                champion_score = excluded.champion_score,
                challenger_score = excluded.challenger_score,
                champion_p = excluded.champion_p, challenger_p = excluded.challenger_p,
                champion_alerts = excluded.champion_alerts,
                challenger_alerts = excluded.challenger_alerts,
                champion_peak = CASE WHEN \(isSamePair)
                    THEN greatest(s.champion_peak, excluded.champion_peak)
                    ELSE excluded.champion_peak END,
                challenger_peak = CASE WHEN \(isSamePair)
                    THEN greatest(s.challenger_peak, excluded.challenger_peak)
                    ELSE excluded.challenger_peak END,
                champion_alerted = excluded.champion_alerted OR \(isSamePair) AND s.champion_alerted,
                challenger_alerted = excluded.challenger_alerted
                    OR \(isSamePair) AND s.challenger_alerted,
                written_by = excluded.written_by,
                judged_count = CASE WHEN \(isSamePair)
                    THEN s.judged_count + (s.judged_at <> excluded.judged_at)::int ELSE 1 END,
                first_judged_at = CASE WHEN \(isSamePair)
                    THEN s.first_judged_at ELSE excluded.first_judged_at END,
                judged_at = excluded.judged_at
            """,
            [
                .int64Array(rows.map(\.subject.id)),
                .textArray(rows.map { $0.subject.entityID != nil ? "entity" : "relationship" }),
                .doubleArray(rows.map(\.champion.anomalyScore)),
                .doubleArray(rows.map(\.challenger.anomalyScore)),
                .doubleArray(rows.map(\.champion.pValue)),
                .doubleArray(rows.map(\.challenger.pValue)),
                .int64Array(rows.map { $0.champion.isAnomaly ? 1 : 0 }),
                .int64Array(rows.map { $0.challenger.isAnomaly ? 1 : 0 }),
                .textArray(rows.map { $0.isWrittenByChallenger ? "challenger" : "champion" }),
                .text(verdicts.championVersion), .text(verdicts.challengerVersion),
                .timestampSeconds(results.asOf),
            ])
    }

    private static let isSamePair = """
        ((s.champion_version, s.challenger_version) \
        = (excluded.champion_version, excluded.challenger_version))
        """
}
