CREATE FUNCTION vigil.format_report(content jsonb)
RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    shorten CONSTANT text := '^([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2}).*$';
    section jsonb;
    table_text text;
    lines text := format(E'VIGIL REPORT\n%s to %s UTC\n',
        regexp_replace(content ->> 'period_start', shorten, E'\\1 \\2'), regexp_replace(content ->> 'period_end', shorten, E'\\1 \\2'));
BEGIN
    FOR section IN SELECT * FROM jsonb_array_elements(vigil.report_sections(content)) LOOP
        lines := lines || format(E'\n%s\n%s\n', upper(section ->> 'title'), repeat('-', length(section ->> 'title')));
        IF section ->> 'lead' <> '' THEN
            lines := lines || (section ->> 'lead') || E'\n';
        END IF;
        CONTINUE WHEN jsonb_array_length(section -> 'rows') = 0;
        -- The last column is as long as it likes.
        WITH line AS (
            SELECT 0 AS number, section -> 'header' AS cells
            UNION ALL
            SELECT position::integer, row FROM jsonb_array_elements(section -> 'rows') WITH ORDINALITY AS rows (row, position)
        ), cell AS (
            SELECT line.number, position, coalesce(text, '') AS text,
                max(length(text)) OVER (PARTITION BY position) AS width, jsonb_array_length(line.cells) AS columns
            FROM line, jsonb_array_elements_text(line.cells) WITH ORDINALITY AS cells (text, position)
        )
        SELECT string_agg(joined.text, E'\n' ORDER BY joined.number) INTO table_text
        FROM (
            SELECT cell.number, rtrim(string_agg(CASE WHEN cell.position = cell.columns THEN cell.text ELSE rpad(cell.text, cell.width) END, '  ' ORDER BY cell.position)) AS text
            FROM cell GROUP BY cell.number
        ) AS joined;
        lines := lines || table_text || E'\n';
    END LOOP;
    RETURN lines;
END
$$;

COMMENT ON FUNCTION vigil.format_report(jsonb) IS 'A report as text, from its data.';
