CREATE VIEW vigil.model_compare WITH (security_invoker = true) AS
SELECT
    compared.measure,
    round(compared.champion::numeric, 3) AS champion,
    CASE WHEN compared.champion_low IS NOT NULL AND compared.champion_high IS NOT NULL
        THEN format('%s to %s', round(compared.champion_low::numeric, 3), round(compared.champion_high::numeric, 3)) END AS champion_interval,
    round(compared.challenger::numeric, 3) AS challenger,
    CASE WHEN compared.challenger_low IS NOT NULL AND compared.challenger_high IS NOT NULL
        THEN format('%s to %s', round(compared.challenger_low::numeric, 3), round(compared.challenger_high::numeric, 3)) END AS challenger_interval,
    compared.subjects,
    compared.meaning
FROM vigil.compare_models() AS compared;

COMMENT ON VIEW vigil.model_compare IS 'The active model (the champion) and its challenger beside each other, on the same judgements; empty without a challenger. Reviewed are the anomalies that the champion raised, for the most part: precision and recall on reviews favour it, and a challenger is not credited with what the champion missed.';
COMMENT ON COLUMN vigil.model_compare.measure IS 'What is compared.';
COMMENT ON COLUMN vigil.model_compare.champion IS 'The figure of the active model; null where the figure is of both together.';
COMMENT ON COLUMN vigil.model_compare.champion_interval IS 'Its 95 % interval; null where there is none.';
COMMENT ON COLUMN vigil.model_compare.challenger IS 'The figure of the challenger, or of both together.';
COMMENT ON COLUMN vigil.model_compare.challenger_interval IS 'Its 95 % interval; null where there is none.';
COMMENT ON COLUMN vigil.model_compare.subjects IS 'How many entities and relationships are behind it.';
COMMENT ON COLUMN vigil.model_compare.meaning IS 'What the figure says, and the method of its interval.';
