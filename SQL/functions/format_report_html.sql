CREATE FUNCTION vigil.format_report_html(content jsonb, pictures jsonb DEFAULT '{}')
RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    shorten CONSTANT text := '^([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2}).*$';
    title CONSTANT text := vigil.quote_html(format('Vigil report, %s to %s UTC',
        regexp_replace(content ->> 'period_start', shorten, E'\\1 \\2'), regexp_replace(content ->> 'period_end', shorten, E'\\1 \\2')));
    section jsonb;
    -- Nothing is loaded from elsewhere and no script runs, whatever a name in it says.
    page text := E'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        || E'<meta http-equiv="Content-Security-Policy" content="default-src ''none''; style-src ''unsafe-inline''">\n'
        || E'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        || format(E'<title>%s</title>\n', title)
        || E'<style>\nbody { font: 15px/1.5 sans-serif; color: #1a1a1a; background: #fff; max-width: 60em; margin: 2em auto; padding: 0 1em; }\n'
        || E'h1 { font-size: 1.4em; } h2 { font-size: 1.1em; margin: 1.6em 0 .3em; }\n'
        || E'table { border-collapse: collapse; } th, td { text-align: left; vertical-align: top; padding: .2em .8em .2em 0; border-bottom: 1px solid #ddd; overflow-wrap: break-word; }\n'
        || E'td.number { text-align: right; font-variant-numeric: tabular-nums; } td.bar { font-family: monospace; color: #d55e00; }\n'
        || E'td.critical { background: #7d1b4b; color: #fff; } td.high { background: #d55e00; color: #fff; } td.medium { background: #e69f00; } td.low { background: #f7ec93; }\n'
        || E'td.critical, td.high, td.medium, td.low { padding-left: .5em; }\nfigure { margin: 1em 0; overflow-x: auto; } figure svg { max-width: 100%; height: auto; }\n</style>\n</head>\n<body>\n'
        || format(E'<h1>%s</h1>\n', title);
BEGIN
    FOR section IN SELECT * FROM jsonb_array_elements(vigil.report_sections(content)) LOOP
        page := page || format(E'<section>\n<h2>%s</h2>\n', vigil.quote_html(section ->> 'title'));
        IF section ->> 'lead' <> '' THEN
            page := page || format(E'<p>%s</p>\n', vigil.quote_html(section ->> 'lead'));
        END IF;
        IF jsonb_array_length(section -> 'rows') > 0 THEN
            page := page || E'<table>\n<thead><tr>'
                || (SELECT string_agg(format('<th scope="col">%s</th>', vigil.quote_html(text)), '' ORDER BY position)
                    FROM jsonb_array_elements_text(section -> 'header') WITH ORDINALITY AS cells (text, position))
                || E'</tr></thead>\n<tbody>\n'
                || (SELECT string_agg('<tr>' || (
                        SELECT string_agg(format('<td%s>%s</td>',
                            CASE
                                WHEN section -> 'header' ->> (position - 1)::integer = 'severity' AND text IN ('critical', 'high', 'medium', 'low') THEN format(' class="%s"', text)
                                WHEN text ~ '^[0-9]+([.][0-9]+)?$' THEN ' class="number"'
                                WHEN section -> 'header' ->> (position - 1)::integer = '' THEN ' class="bar"'
                                ELSE '' END, vigil.quote_html(text)), '' ORDER BY position)
                        FROM jsonb_array_elements_text(row) WITH ORDINALITY AS cells (text, position)) || '</tr>', E'\n' ORDER BY number)
                    FROM jsonb_array_elements(section -> 'rows') WITH ORDINALITY AS rows (row, number))
                || E'\n</tbody>\n</table>\n';
        END IF;
        page := page || E'</section>\n';
    END LOOP;
    -- In the order of the strangest; the pictures are the sidecar's, which quotes what is in them.
    page := page || coalesce((
        SELECT E'<section>\n<h2>Pictures</h2>\n' || string_agg(format(E'<figure>\n%s\n<figcaption>%s</figcaption>\n</figure>\n',
                pictures ->> (one ->> 'id'), vigil.quote_html(format('%s %s: %s', one ->> 'severity', replace(one ->> 'type', '_', ' '), one ->> 'subject'))), '' ORDER BY position)
            || E'</section>\n'
        FROM jsonb_array_elements(content -> 'strangest') WITH ORDINALITY AS anomalies (one, position)
        WHERE pictures ? (one ->> 'id')), '');
    RETURN page || E'</body>\n</html>\n';
END
$$;

COMMENT ON FUNCTION vigil.format_report_html(jsonb, jsonb) IS 'A report as a web page, from its data, with pictures of the strangest anomalies if wanted, as SVG by the id of the anomaly: everything else in it is quoted, it runs no script and loads nothing.';
