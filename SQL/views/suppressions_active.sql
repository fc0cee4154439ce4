CREATE VIEW vigil.suppressions_active WITH (security_invoker = true) AS
SELECT
    suppression.id,
    vigil.clean_label(concat_ws(', ',
        'entity ' || suppression.entity_id, 'relationship ' || suppression.relationship_id,
        'of type ' || suppression.subject_type, suppression.anomaly_type,
        'only ' || suppression.indicator, 'named ' || suppression.name_pattern), 34) AS what,
    (
        SELECT count(*) FROM vigil.anomalies AS anomaly
        WHERE anomaly.suppressed_by = suppression.id AND anomaly.is_active
    ) AS silenced,
    vigil.clean_label(suppression.reason, 30) AS reason,
    vigil.clean_label(suppression.created_by, 16) AS by,
    CASE WHEN isfinite(suppression.expires_at) THEN to_char(suppression.expires_at, 'YYYY-MM-DD HH24:MI') ELSE 'never' END AS ends
FROM vigil.suppressions AS suppression
WHERE suppression.lifted_at IS NULL AND suppression.expires_at > now()
ORDER BY suppression.expires_at, suppression.id;

COMMENT ON VIEW vigil.suppressions_active IS 'The suppressions in force, the one that ends next first.';
COMMENT ON COLUMN vigil.suppressions_active.id IS 'Key of the suppression, for vigil.lift_suppression().';
COMMENT ON COLUMN vigil.suppressions_active.what IS 'Which anomalies it is about.';
COMMENT ON COLUMN vigil.suppressions_active.silenced IS 'How many anomalies would be open without it.';
COMMENT ON COLUMN vigil.suppressions_active.reason IS 'Why.';
COMMENT ON COLUMN vigil.suppressions_active.by IS 'Who suppressed them.';
COMMENT ON COLUMN vigil.suppressions_active.ends IS 'When it ends by itself.';
