-- What both forms of a report show, in its order: a title, a sentence, and a table or none.
CREATE FUNCTION vigil.report_sections(content jsonb)
RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found CONSTANT jsonb := content -> 'found';
    open_now CONSTANT jsonb := content -> 'open';
    reviews CONSTANT jsonb := content -> 'reviews';
    incidents CONSTANT jsonb := content -> 'incidents';
    models CONSTANT jsonb := content -> 'models';
    feed CONSTANT jsonb := content -> 'feed';
    average CONSTANT numeric := (found ->> 'average_before')::numeric;
    trend_max CONSTANT numeric := (SELECT max((period ->> 'found')::numeric) FROM jsonb_array_elements(content -> 'trend') AS period);
    -- Times are stored in UTC, as 2030-01-31T06:00:00+00:00.
    shorten CONSTANT text := '^([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2}).*$';
BEGIN
    RETURN jsonb_build_array(
        jsonb_build_object('title', 'Found',
            'lead', format('Anomalies found: %s (%s critical, %s high, %s medium, %s low). Closed: %s. %s',
                found ->> 'total', found ->> 'critical', found ->> 'high', found ->> 'medium', found ->> 'low', found ->> 'closed',
                CASE WHEN average = 0 THEN 'The seven periods before had none.'
                    ELSE format('The seven periods before had %s on average (%s %%).', average,
                        to_char(round(100 * ((found ->> 'total')::numeric - average) / average), 'FMSG999990')) END),
            'header', '["type", "found", "high or critical"]'::jsonb,
            'rows', (SELECT jsonb_agg(jsonb_build_array(replace(kind ->> 'type', '_', ' '), kind ->> 'found', kind ->> 'high_or_critical') ORDER BY position)
                FROM jsonb_array_elements(found -> 'by_type') WITH ORDINALITY AS kinds (kind, position))),
        jsonb_build_object('title', 'Trend', 'lead', '',
            'header', '["from", "found", "high or critical", ""]'::jsonb,
            'rows', (SELECT jsonb_agg(jsonb_build_array(regexp_replace(period ->> 'start', shorten, E'\\1 \\2'), period ->> 'found', period ->> 'high_or_critical',
                    repeat('#', ceil(24 * (period ->> 'found')::numeric / greatest(trend_max, 1))::integer)) ORDER BY position)
                FROM jsonb_array_elements(content -> 'trend') WITH ORDINALITY AS periods (period, position))),
        jsonb_build_object('title', 'The strangest open anomalies',
            'lead', format('Open: %s (%s critical, %s high, %s medium, %s low). Not reviewed: %s, looked after by nobody: %s%s.',
                open_now ->> 'total', open_now ->> 'critical', open_now ->> 'high', open_now ->> 'medium', open_now ->> 'low',
                open_now ->> 'unreviewed', open_now ->> 'unassigned',
                coalesce('. The oldest is of ' || regexp_replace(open_now ->> 'oldest', shorten, E'\\1'), '')),
            'header', '["score", "severity", "type", "subject", "why"]'::jsonb,
            'rows', (SELECT coalesce(jsonb_agg(jsonb_build_array(one ->> 'score', one ->> 'severity', replace(one ->> 'type', '_', ' '),
                    CASE WHEN (one -> 'is_new')::boolean THEN 'new: ' ELSE '' END || (one ->> 'subject'), one ->> 'sentence') ORDER BY position), '[]')
                FROM jsonb_array_elements(content -> 'strangest') WITH ORDINALITY AS anomalies (one, position))),
        jsonb_build_object('title', 'Incidents',
            'lead', format('Opened: %s. Open: %s.', incidents ->> 'opened', incidents ->> 'open'),
            'header', '["incident", "severity", "score", "open", "subjects", "assigned to"]'::jsonb,
            'rows', (SELECT coalesce(jsonb_agg(jsonb_build_array(one ->> 'incident', one ->> 'severity', one ->> 'score', one ->> 'open', one ->> 'subjects',
                    coalesce(one ->> 'assigned_to', '')) ORDER BY position), '[]')
                FROM jsonb_array_elements(incidents -> 'strangest') WITH ORDINALITY AS list (one, position))),
        jsonb_build_object('title', 'Reviews',
            'lead', format('Reviews: %s (%s true positive, %s false positive, %s benign, %s undecided). Undone: %s.',
                reviews ->> 'total', reviews ->> 'true_positive', reviews ->> 'false_positive', reviews ->> 'benign', reviews ->> 'undecided', reviews ->> 'undone'),
            'header', '["reviewer", "reviews"]'::jsonb,
            'rows', (SELECT coalesce(jsonb_agg(jsonb_build_array(one ->> 'reviewer', one ->> 'reviews') ORDER BY position), '[]')
                FROM jsonb_array_elements(reviews -> 'by_reviewer') WITH ORDINALITY AS list (one, position))),
        jsonb_build_object('title', 'Model and feed',
            'lead', format('%s Trained in this time: %s.%s The sidecar is %s; %s. Tasks done: %s.',
                coalesce((SELECT string_agg(format('The %s model is %s, trained %s.', one ->> 'kind', one ->> 'version', regexp_replace(one ->> 'trained_at', shorten, E'\\1 \\2')), ' ' ORDER BY position)
                    FROM jsonb_array_elements(models -> 'active') WITH ORDINALITY AS list (one, position)), 'No model is active: rules judge.'),
                models ->> 'trained',
                CASE WHEN jsonb_typeof(models -> 'drift') = 'object' THEN format(' Checked for drift at %s: %s%s', regexp_replace(models #>> '{drift,checked_at}', shorten, E'\\1 \\2'),
                    vigil.clean_label(models #>> '{drift,summary}', 300), ' Task ' || (models #>> '{drift,retrain_task}') || ' trains a new model.') END,
                CASE feed ->> 'sidecar' WHEN 'none' THEN 'not there: start "vigil run"' ELSE feed ->> 'sidecar' END,
                coalesce('unread changes: ' || (feed ->> 'unread_rows'), 'nothing has been loaded yet')
                    || coalesce(', last batch at ' || regexp_replace(feed ->> 'last_batch_at', shorten, E'\\1 \\2'), ''),
                content #>> '{tasks,done}'),
            'header', '["dead task", "kind", "error"]'::jsonb,
            'rows', (SELECT coalesce(jsonb_agg(jsonb_build_array(one ->> 'id', one ->> 'kind', one ->> 'error') ORDER BY position), '[]')
                FROM jsonb_array_elements(content #> '{tasks,dead}') WITH ORDINALITY AS list (one, position))),
        jsonb_build_object('title', 'Suppressions that end within a week',
            'lead', CASE WHEN jsonb_array_length(content -> 'suppressions_ending') = 0 THEN 'None.' ELSE '' END,
            'header', '["id", "ends", "silences", "what", "reason"]'::jsonb,
            'rows', (SELECT coalesce(jsonb_agg(jsonb_build_array(one ->> 'id', regexp_replace(one ->> 'ends', shorten, E'\\1 \\2'), one ->> 'silenced', one ->> 'what', one ->> 'reason') ORDER BY position), '[]')
                FROM jsonb_array_elements(content -> 'suppressions_ending') WITH ORDINALITY AS list (one, position))));
END
$$;

COMMENT ON FUNCTION vigil.report_sections(jsonb) IS 'The sections of a report for people: of each the title, a sentence, and a table.';
