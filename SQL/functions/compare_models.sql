-- Cohen's kappa with the standard error of J. Cohen, "A Coefficient of Agreement for Nominal Scales", Educational and
-- Psychological Measurement 20, 1960, 10.1177/001316446002000104. Rank correlation is Spearman's, with mean ranks.
CREATE FUNCTION vigil.compare_models(
    OUT measure text, OUT champion double precision, OUT champion_low double precision, OUT champion_high double precision,
    OUT challenger double precision, OUT challenger_low double precision, OUT challenger_high double precision,
    OUT subjects bigint, OUT meaning text)
RETURNS SETOF record
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    WITH pair AS (
        SELECT champion.version AS champion, challenger.version AS challenger
        FROM vigil.models AS champion JOIN vigil.models AS challenger USING (kind)
        WHERE kind = 'ensemble' AND champion.state = 'active' AND challenger.state = 'challenger'
    ), shadow AS (
        SELECT shadow.*,
            rank() OVER (ORDER BY shadow.champion_score) + (count(*) OVER (PARTITION BY shadow.champion_score) - 1) / 2.0 AS champion_rank,
            rank() OVER (ORDER BY shadow.challenger_score) + (count(*) OVER (PARTITION BY shadow.challenger_score) - 1) / 2.0 AS challenger_rank
        FROM vigil.shadow_scores AS shadow
        JOIN pair ON split_part(shadow.champion_version, '+', 1) = pair.champion
            AND split_part(shadow.challenger_version, '+', 1) = pair.challenger
    ), total AS (
        SELECT count(*) AS n, coalesce(sum(shadow.judged_count), 0)::bigint AS judged,
            count(*) FILTER (WHERE shadow.champion_alerts = shadow.challenger_alerts) AS agreed,
            count(*) FILTER (WHERE shadow.champion_alerts) AS champion_now, count(*) FILTER (WHERE shadow.challenger_alerts) AS challenger_now,
            count(*) FILTER (WHERE shadow.champion_alerted) AS champion_alerts, count(*) FILTER (WHERE shadow.challenger_alerted) AS challenger_alerts,
            corr(shadow.champion_rank, shadow.challenger_rank) AS rank_correlation
        FROM shadow
    ), chance AS (
        SELECT total.*, total.agreed::double precision / nullif(total.n, 0) AS observed,
            (total.champion_now::double precision * total.challenger_now
                + (total.n - total.champion_now)::double precision * (total.n - total.challenger_now))
                / nullif(total.n::double precision * total.n, 0) AS expected
        FROM total
    ), kappa AS (
        SELECT chance.*, (chance.observed - chance.expected) / nullif(1 - chance.expected, 0) AS kappa,
            sqrt(chance.observed * (1 - chance.observed) / nullif(chance.n * (1 - chance.expected) ^ 2, 0)) AS kappa_error
        FROM chance
    ), champion AS (
        SELECT * FROM vigil.measure_reviews() AS measured WHERE measured.model = 'champion'
    ), challenger AS (
        SELECT * FROM vigil.measure_reviews() AS measured WHERE measured.model = 'challenger'
    ), lines (place, measure, champion, champion_low, champion_high, challenger, challenger_low, challenger_high, subjects, meaning) AS (
        SELECT line.*
        FROM kappa
        LEFT JOIN champion ON true
        LEFT JOIN challenger ON true
        CROSS JOIN LATERAL (SELECT 1.959963984540054::double precision AS z) AS normal
        CROSS JOIN LATERAL vigil.wilson_interval(kappa.agreed, kappa.n) AS agreement
        CROSS JOIN LATERAL vigil.wilson_interval(kappa.champion_alerts, kappa.n) AS share_1
        CROSS JOIN LATERAL vigil.wilson_interval(kappa.challenger_alerts, kappa.n) AS share_2
        CROSS JOIN LATERAL vigil.wilson_interval(champion.hits, champion.alerts) AS precision_1
        CROSS JOIN LATERAL vigil.wilson_interval(challenger.hits, challenger.alerts) AS precision_2
        CROSS JOIN LATERAL vigil.wilson_interval(champion.hits, champion.positives) AS recall_1
        CROSS JOIN LATERAL vigil.wilson_interval(challenger.hits, challenger.positives) AS recall_2
        CROSS JOIN LATERAL (
            SELECT ln(champion.average_precision / nullif(1 - champion.average_precision, 0)) AS logit_1,
                ln(challenger.average_precision / nullif(1 - challenger.average_precision, 0)) AS logit_2) AS logits
        CROSS JOIN LATERAL (VALUES
            (1, 'judgements', NULL::double precision, NULL::double precision, NULL::double precision,
                kappa.judged::double precision, NULL::double precision, NULL::double precision, kappa.n,
                'judgements by both models since the challenge began'),
            (2, 'agreement', NULL, NULL, NULL, kappa.observed, agreement.low, agreement.high, kappa.n,
                'share of the subjects that are an anomaly for both now, or for neither; interval: Wilson'),
            (3, 'kappa', NULL, NULL, NULL, kappa.kappa,
                CASE WHEN kappa.kappa_error > 0 THEN greatest(-1, kappa.kappa - z * kappa.kappa_error) END,
                CASE WHEN kappa.kappa_error > 0 THEN least(1, kappa.kappa + z * kappa.kappa_error) END, kappa.n,
                'Cohen''s kappa of that, agreement beyond chance; interval: normal'),
            (4, 'rank correlation', NULL, NULL, NULL, kappa.rank_correlation, NULL, NULL, kappa.n,
                'Spearman''s correlation of the scores now'),
            (5, 'alerts', kappa.champion_alerts, NULL, NULL, kappa.challenger_alerts, NULL, NULL, kappa.n,
                'subjects that each has called an anomaly since the challenge began'),
            (6, 'alert share', kappa.champion_alerts::double precision / nullif(kappa.n, 0), share_1.low, share_1.high,
                kappa.challenger_alerts::double precision / nullif(kappa.n, 0), share_2.low, share_2.high, kappa.n,
                'the same, of the subjects judged; interval: Wilson'),
            (7, 'precision', champion.hits::double precision / nullif(champion.alerts, 0), precision_1.low, precision_1.high,
                challenger.hits::double precision / nullif(challenger.alerts, 0), precision_2.low, precision_2.high, challenger.reviewed,
                'of the reviewed subjects that it called an anomaly, the share of true positives; interval: Wilson'),
            (8, 'recall', champion.hits::double precision / nullif(champion.positives, 0), recall_1.low, recall_1.high,
                challenger.hits::double precision / nullif(challenger.positives, 0), recall_2.low, recall_2.high, challenger.positives,
                'of the true positives, the share that it called an anomaly; interval: Wilson'),
            (9, 'average precision', champion.average_precision,
                1 / (1 + exp(-(logit_1 - z * champion.logit_error))), 1 / (1 + exp(-(logit_1 + z * champion.logit_error))),
                challenger.average_precision,
                1 / (1 + exp(-(logit_2 - z * challenger.logit_error))), 1 / (1 + exp(-(logit_2 + z * challenger.logit_error))), challenger.reviewed,
                'area under precision over recall on reviewed subjects; interval: logit'),
            (10, 'auroc', champion.auroc,
                CASE WHEN champion.auroc_error > 0 THEN greatest(0, champion.auroc - z * champion.auroc_error) END,
                CASE WHEN champion.auroc_error > 0 THEN least(1, champion.auroc + z * champion.auroc_error) END,
                challenger.auroc,
                CASE WHEN challenger.auroc_error > 0 THEN greatest(0, challenger.auroc - z * challenger.auroc_error) END,
                CASE WHEN challenger.auroc_error > 0 THEN least(1, challenger.auroc + z * challenger.auroc_error) END,
                challenger.reviewed,
                'share of the pairs of a true positive and another reviewed subject in which the former has the larger score; interval: Hanley and McNeil')
        ) AS line (place, measure, champion, champion_low, champion_high, challenger, challenger_low, challenger_high, subjects, meaning)
    )
    SELECT lines.measure, lines.champion, lines.champion_low, lines.champion_high, lines.challenger, lines.challenger_low, lines.challenger_high,
        coalesce(lines.subjects, 0), lines.meaning
    FROM lines
    WHERE EXISTS (SELECT FROM pair)
    ORDER BY lines.place
$$;

COMMENT ON FUNCTION vigil.compare_models() IS 'The active model and its challenger beside each other, one row for each measure; no row without a challenger. Where a figure is of both together, it stands under challenger. Beware: reviewed are the anomalies that the champion raised, for the most part. So its precision is what reviewers found, the recall of either is among those only, and a challenger is never credited with what the champion has missed and nobody looked at. Intervals are at 95 %.';
