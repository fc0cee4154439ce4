CREATE FUNCTION vigil.format_report_markdown(content jsonb)
RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    shorten CONSTANT text := '^([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2}).*$';
    section jsonb;
    page text := format(E'# Vigil report, %s to %s UTC\n',
        regexp_replace(content ->> 'period_start', shorten, E'\\1 \\2'), regexp_replace(content ->> 'period_end', shorten, E'\\1 \\2'));
BEGIN
    FOR section IN SELECT * FROM jsonb_array_elements(vigil.report_sections(content)) LOOP
        page := page || format(E'\n## %s\n', vigil.quote_markdown(section ->> 'title'));
        IF section ->> 'lead' <> '' THEN
            page := page || format(E'\n%s\n', vigil.quote_markdown(section ->> 'lead'));
        END IF;
        CONTINUE WHEN jsonb_array_length(section -> 'rows') = 0;
        page := page || (
            SELECT format(E'\n| %s |\n|%s\n', string_agg(vigil.quote_markdown(text), ' | ' ORDER BY position), repeat(' --- |', count(*)::integer))
            FROM jsonb_array_elements_text(section -> 'header') WITH ORDINALITY AS cells (text, position));
        page := page || (
            SELECT string_agg('| ' || (
                    SELECT string_agg(vigil.quote_markdown(coalesce(text, '')), ' | ' ORDER BY position)
                    FROM jsonb_array_elements_text(row) WITH ORDINALITY AS cells (text, position)) || E' |\n', '' ORDER BY number)
            FROM jsonb_array_elements(section -> 'rows') WITH ORDINALITY AS rows (row, number));
    END LOOP;
    RETURN page;
END
$$;

COMMENT ON FUNCTION vigil.format_report_markdown(jsonb) IS 'A report as Markdown, from its data: everything in it is quoted.';
