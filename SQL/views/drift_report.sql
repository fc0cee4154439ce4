CREATE VIEW vigil.drift_report WITH (security_invoker = true) AS
SELECT
    finding.scope,
    finding."group" AS compared,
    finding.measure,
    coalesce(finding.verdict, newest.verdict) AS verdict,
    round(finding.reference::numeric, 3) AS reference,
    round(finding.value::numeric, 3) AS value,
    round(finding.psi::numeric, 3) AS psi,
    round(finding.ks::numeric, 3) AS ks,
    CASE WHEN finding.adjusted_p < 0.001 THEN '< 0.001' ELSE round(finding.adjusted_p::numeric, 3)::text END AS p,
    finding.reference_rows,
    finding.rows,
    newest.model_version AS model,
    vigil.format_age(newest.checked_at) AS checked
FROM (
    SELECT * FROM vigil.drift_reports AS report ORDER BY report.id DESC LIMIT 1
) AS newest
LEFT JOIN LATERAL jsonb_to_recordset(newest.findings) AS finding (
    scope text, "group" text, measure text, verdict text, reference double precision, value double precision,
    psi double precision, ks double precision, adjusted_p double precision, reference_rows bigint, rows bigint) ON true
ORDER BY finding.verdict = 'drift' DESC, finding.scope, finding."group" = 'activity', finding."group" DESC, finding.psi DESC NULLS LAST, finding.measure;

COMMENT ON VIEW vigil.drift_report IS 'The newest check for drift: one line for each measure, those that drift first. Empty before the first check; a single line where there is nothing to compare with. See vigil.drift_reports for the earlier ones.';
COMMENT ON COLUMN vigil.drift_report.scope IS 'entities or relationships.';
COMMENT ON COLUMN vigil.drift_report.compared IS 'population: all rows with all rows of the training; arrivals: those that came since with those of the four weeks before it; activity: how many came a day.';
COMMENT ON COLUMN vigil.drift_report.measure IS 'A feature, score, alert_rate, types, unknown_types, arrivals or updates.';
COMMENT ON COLUMN vigil.drift_report.verdict IS 'drift: large and certain; shifted: certain and small; moves by itself: large, but of a kind that moves with time or with the size of the graph; stable; too few rows; no reference.';
COMMENT ON COLUMN vigil.drift_report.reference IS 'In training: the median of a feature on the scale of the models, the share of alerts, the number of a day.';
COMMENT ON COLUMN vigil.drift_report.value IS 'The same now.';
COMMENT ON COLUMN vigil.drift_report.psi IS 'Population stability index: 0.1 is a small change, 0.25 a large one.';
COMMENT ON COLUMN vigil.drift_report.ks IS 'Kolmogorov-Smirnov distance, 0 to 1.';
COMMENT ON COLUMN vigil.drift_report.p IS 'How likely such a change is by chance, corrected for the number of measures.';
COMMENT ON COLUMN vigil.drift_report.reference_rows IS 'Rows behind the reference.';
COMMENT ON COLUMN vigil.drift_report.rows IS 'Rows that were compared with it.';
COMMENT ON COLUMN vigil.drift_report.model IS 'The model whose reference it is.';
COMMENT ON COLUMN vigil.drift_report.checked IS 'How long ago it was checked.';
