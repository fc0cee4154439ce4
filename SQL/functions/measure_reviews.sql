-- AUROC from ranks with ties (J. A. Hanley, B. J. McNeil, "The Meaning and Use of the Area under a Receiver Operating
-- Characteristic (ROC) Curve", Radiology 143, 1982, 10.1148/radiology.143.1.7063747), its interval by their standard
-- error; average precision over groups of equal scores, its interval on the logit scale (K. Boyd, K. H. Eng,
-- C. D. Page, "Area under the Precision-Recall Curve", ECML PKDD 2013, 10.1007/978-3-642-40994-3_29).
CREATE FUNCTION vigil.measure_reviews(
    OUT model text, OUT reviewed bigint, OUT positives bigint, OUT alerts bigint, OUT hits bigint,
    OUT auroc double precision, OUT auroc_error double precision,
    OUT average_precision double precision, OUT logit_error double precision)
RETURNS SETOF record
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    WITH pair AS (
        SELECT champion.version AS champion, challenger.version AS challenger
        FROM vigil.models AS champion JOIN vigil.models AS challenger USING (kind)
        WHERE kind = 'ensemble' AND champion.state = 'active' AND challenger.state = 'challenger'
    ), verdict AS (
        SELECT DISTINCT ON (anomaly.subject_kind, anomaly.subject_id)
            anomaly.subject_kind, anomaly.subject_id, anomaly.verdict = 'true_positive' AS is_true
        FROM vigil.anomalies AS anomaly
        WHERE anomaly.reviewed AND anomaly.verdict IN ('true_positive', 'false_positive', 'benign')
        ORDER BY anomaly.subject_kind, anomaly.subject_id, anomaly.reviewed_at DESC, anomaly.id
    ), judged AS (
        SELECT side.model, side.peak, side.alerted, verdict.is_true
        FROM verdict
        JOIN vigil.shadow_scores AS shadow USING (subject_kind, subject_id)
        JOIN pair ON split_part(shadow.champion_version, '+', 1) = pair.champion
            AND split_part(shadow.challenger_version, '+', 1) = pair.challenger
        CROSS JOIN LATERAL (VALUES
            ('champion', shadow.champion_peak, shadow.champion_alerted),
            ('challenger', shadow.challenger_peak, shadow.challenger_alerted)) AS side (model, peak, alerted)
    ), level AS (
        SELECT judged.model, judged.peak, count(*) AS level_rows, count(*) FILTER (WHERE judged.is_true) AS level_true
        FROM judged GROUP BY judged.model, judged.peak
    ), cumulated AS (
        -- From the highest score down; a level counts half of itself for the ranks.
        SELECT level.model, level.level_rows, level.level_true,
            sum(level.level_rows) OVER above AS rows_down, sum(level.level_true) OVER above AS true_down,
            (sum(level.level_rows) OVER below) - level.level_rows AS rows_below, (sum(level.level_true) OVER below) - level.level_true AS true_below
        FROM level
        WINDOW above AS (PARTITION BY level.model ORDER BY level.peak DESC),
            below AS (PARTITION BY level.model ORDER BY level.peak)
    ), area AS (
        SELECT cumulated.model, sum(cumulated.level_rows) AS n, sum(cumulated.level_true) AS n_true,
            sum(cumulated.level_true * ((cumulated.rows_below - cumulated.true_below) + (cumulated.level_rows - cumulated.level_true) / 2.0))::double precision AS pairs_won,
            sum(cumulated.level_true * cumulated.true_down::double precision / cumulated.rows_down) AS precision_sum
        FROM cumulated GROUP BY cumulated.model
    ), counted AS (
        SELECT judged.model, count(*) AS reviewed, count(*) FILTER (WHERE judged.is_true) AS positives,
            count(*) FILTER (WHERE judged.alerted) AS alerts, count(*) FILTER (WHERE judged.alerted AND judged.is_true) AS hits
        FROM judged GROUP BY judged.model
    ), measured AS (
        SELECT counted.*, area.pairs_won / nullif(counted.positives * (counted.reviewed - counted.positives), 0) AS auroc,
            area.precision_sum / nullif(counted.positives, 0) AS average_precision
        FROM counted JOIN area USING (model)
    )
    SELECT measured.model, measured.reviewed, measured.positives, measured.alerts, measured.hits, measured.auroc,
        CASE WHEN a IS NOT NULL THEN
            sqrt(greatest(0, (a * (1 - a) + (n1 - 1) * (a / (2 - a) - a * a) + (n0 - 1) * (2 * a * a / (1 + a) - a * a)) / (n1 * n0))) END,
        measured.average_precision,
        CASE WHEN measured.average_precision < 1 THEN least(100, 1 / sqrt(n1 * measured.average_precision * (1 - measured.average_precision))) END
    FROM measured
    CROSS JOIN LATERAL (
        SELECT measured.auroc AS a, measured.positives::double precision AS n1,
            (measured.reviewed - measured.positives)::double precision AS n0) AS parts
$$;

COMMENT ON FUNCTION vigil.measure_reviews() IS 'Champion and challenger on the reviewed subjects that both have judged: the largest score of each since the challenge began against the newest verdict, true_positive or false_positive or benign. For vigil.compare_models().';
