-- From version 16 on PostgreSQL writes out a view over a single table without the table's name before its columns; in
-- the trigger function of an attached table they are fields of a record, and need it. So a probe has a second table
-- beside the first: the same one, with all columns renamed, so that no name becomes ambiguous. The view is never read.
CREATE FUNCTION vigil.probe_companion(attached oid, row_alias text)
RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
RETURN (
    SELECT format('%I.%I %s(%s)', nspname, relname, CASE row_alias WHEN 'vigil_other' THEN 'vigil_another' ELSE 'vigil_other' END,
        (SELECT string_agg('vigil_' || nth, ', ' ORDER BY nth)
            FROM generate_series(1, (SELECT count(*) FROM pg_attribute WHERE attrelid = attached AND attnum > 0 AND NOT attisdropped)) AS nth))
    FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE pg_class.oid = attached
);

COMMENT ON FUNCTION vigil.probe_companion(oid, text) IS 'The second table of a probe, as it stands in its FROM clause. Called by vigil.attach_entities() and vigil.attach_relationships().';
