CREATE FUNCTION vigil.report_content(period_start timestamptz, period_end timestamptz, as_of timestamptz)
RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET TimeZone = 'UTC'
SET DateStyle = 'ISO'
SET extra_float_digits = 1
AS $$
DECLARE
    -- The periods before, for the trend.
    periods_before CONSTANT integer := 7;
    strangest_max CONSTANT integer := 10;
    incidents_max CONSTANT integer := 5;
    seconds numeric;
    alive_seconds CONSTANT double precision := 3 * (vigil.get_setting('heartbeat_seconds'))::double precision;
    found jsonb;
    trend jsonb;
    open_now jsonb;
    strangest jsonb;
    incidents jsonb;
    reviews jsonb;
    models jsonb;
    feed jsonb;
    suppressions jsonb;
    tasks jsonb;
BEGIN
    IF report_content.period_start IS NULL OR report_content.period_end IS NULL OR report_content.as_of IS NULL
        OR NOT isfinite(report_content.period_start) OR NOT isfinite(report_content.period_end)
        OR report_content.period_start >= report_content.period_end
    THEN
        RAISE EXCEPTION 'the period of a report must end later than it begins, not from % to %',
                coalesce(report_content.period_start::text, 'NULL'), coalesce(report_content.period_end::text, 'NULL')
            USING ERRCODE = 'invalid_parameter_value';
    END IF;

    seconds := extract(epoch FROM report_content.period_end - report_content.period_start);
    -- An anomaly was found in a period that begins with it and ends before its end. By the index of last_detected.
    WITH recent AS (
        SELECT ceil(extract(epoch FROM report_content.period_end - anomaly.first_detected) / seconds)::integer - 1 AS back,
            anomaly.severity, anomaly.anomaly_type
        FROM vigil.anomalies AS anomaly
        WHERE anomaly.last_detected >= report_content.period_end - (periods_before + 1) * (report_content.period_end - report_content.period_start)
            AND anomaly.first_detected >= report_content.period_end - (periods_before + 1) * (report_content.period_end - report_content.period_start)
            AND anomaly.first_detected < report_content.period_end
    )
    SELECT
        jsonb_build_object(
            'total', count(*) FILTER (WHERE recent.back = 0),
            'critical', count(*) FILTER (WHERE recent.back = 0 AND recent.severity = 'critical'),
            'high', count(*) FILTER (WHERE recent.back = 0 AND recent.severity = 'high'),
            'medium', count(*) FILTER (WHERE recent.back = 0 AND recent.severity = 'medium'),
            'low', count(*) FILTER (WHERE recent.back = 0 AND recent.severity = 'low'),
            'closed', (
                -- In the words of the index of closed anomalies.
                SELECT count(closed.resolved_at) FROM vigil.anomalies AS closed
                WHERE NOT closed.is_active AND coalesce(closed.resolved_at, closed.last_detected) >= report_content.period_start
                    AND coalesce(closed.resolved_at, closed.last_detected) < report_content.period_end),
            'by_type', (
                SELECT jsonb_agg(jsonb_build_object('type', kinds.type, 'found', coalesce(of_type.total, 0), 'high_or_critical', coalesce(of_type.severe, 0))
                    ORDER BY kinds.position)
                FROM unnest('{behavioral,relationship,infrastructure,data_quality,temporal,semantic}'::text[]) WITH ORDINALITY AS kinds (type, position)
                LEFT JOIN (
                    SELECT own.anomaly_type, count(*) AS total, count(*) FILTER (WHERE own.severity IN ('critical', 'high')) AS severe
                    FROM recent AS own WHERE own.back = 0 GROUP BY own.anomaly_type
                ) AS of_type ON of_type.anomaly_type = kinds.type),
            'average_before', round(count(*) FILTER (WHERE recent.back > 0) / periods_before::numeric, 1)),
        (
            SELECT jsonb_agg(jsonb_build_object(
                'start', report_content.period_end - (back + 1) * (report_content.period_end - report_content.period_start),
                'found', (SELECT count(*) FROM recent AS own WHERE own.back = periods.back),
                'high_or_critical', (SELECT count(*) FROM recent AS own WHERE own.back = periods.back AND own.severity IN ('critical', 'high')))
                ORDER BY back)
            FROM generate_series(0, periods_before) AS periods (back))
    INTO found, trend
    FROM recent;

    WITH shown AS (
        SELECT anomaly.*
        FROM vigil.anomalies AS anomaly
        WHERE anomaly.is_active AND anomaly.resolved_at IS NULL
            AND (anomaly.suppressed_until IS NULL OR anomaly.suppressed_until <= report_content.as_of)
            AND (anomaly.verdict IS NULL OR anomaly.verdict IN ('true_positive', 'undecided'))
    )
    SELECT jsonb_build_object(
            'total', count(*),
            'critical', count(*) FILTER (WHERE shown.severity = 'critical'),
            'high', count(*) FILTER (WHERE shown.severity = 'high'),
            'medium', count(*) FILTER (WHERE shown.severity = 'medium'),
            'low', count(*) FILTER (WHERE shown.severity = 'low'),
            'unreviewed', count(*) FILTER (WHERE NOT shown.reviewed),
            'unassigned', count(*) FILTER (WHERE shown.assigned_to IS NULL),
            'oldest', min(shown.first_detected)),
        (
            SELECT coalesce(jsonb_agg(jsonb_build_object(
                'id', top.id, 'severity', top.severity, 'score', round(top.anomaly_score::numeric, 2), 'type', top.anomaly_type,
                'subject', vigil.name_subject(top.entity_id, top.relationship_id, top.subject_kind, top.subject_id, top.subject_type, top.subject_name, 80),
                'sentence', vigil.clean_label(coalesce(nullif(jsonb_path_query_first(top.explanation, 'lax $.summary') #>> '{}', ''), top.description), 240),
                'first_detected', top.first_detected,
                'is_new', top.first_detected >= report_content.period_start AND top.first_detected < report_content.period_end,
                'assigned_to', vigil.clean_label(top.assigned_to, 40))
                ORDER BY top.anomaly_score DESC, top.first_detected DESC, top.id DESC), '[]')
            FROM (
                SELECT * FROM shown ORDER BY shown.anomaly_score DESC, shown.first_detected DESC, shown.id DESC LIMIT strangest_max
            ) AS top)
    INTO open_now, strangest
    FROM shown;

    WITH subject AS (
        SELECT coalesce(own.merged_into, own.id) AS incident_id, anomaly.anomaly_score,
            CASE anomaly.severity WHEN 'critical' THEN 4 WHEN 'high' THEN 3 WHEN 'medium' THEN 2 ELSE 1 END AS rank,
            coalesce(anomaly.subject_name, anomaly.subject_kind || ' ' || anomaly.subject_id) AS name
        FROM vigil.anomalies AS anomaly
        JOIN vigil.incidents AS own ON own.id = anomaly.incident_id
        WHERE anomaly.is_active AND anomaly.resolved_at IS NULL
            AND (anomaly.suppressed_until IS NULL OR anomaly.suppressed_until <= report_content.as_of)
            AND (anomaly.verdict IS NULL OR anomaly.verdict IN ('true_positive', 'undecided'))
    ), grouped AS (
        SELECT subject.incident_id, count(*) AS open, max(subject.anomaly_score) AS score, max(subject.rank) AS rank,
            array_agg(DISTINCT subject.name ORDER BY subject.name) AS names
        FROM subject
        GROUP BY subject.incident_id
    )
    SELECT jsonb_build_object(
        'opened', (
            SELECT count(*) FROM vigil.incidents AS incident
            WHERE incident.merged_into IS NULL AND incident.opened_at >= report_content.period_start AND incident.opened_at < report_content.period_end),
        'open', (SELECT count(*) FROM grouped),
        'strangest', (
            SELECT coalesce(jsonb_agg(jsonb_build_object(
                'incident', top.incident_id, 'score', round(top.score::numeric, 2), 'open', top.open,
                'severity', CASE top.rank WHEN 4 THEN 'critical' WHEN 3 THEN 'high' WHEN 2 THEN 'medium' ELSE 'low' END,
                'subjects', vigil.clean_label(array_to_string(top.names[1:3], ', ')
                    || CASE WHEN cardinality(top.names) > 3 THEN ' and ' || cardinality(top.names) - 3 || ' more' ELSE '' END, 100),
                'assigned_to', vigil.clean_label((SELECT incident.assigned_to FROM vigil.incidents AS incident WHERE incident.id = top.incident_id), 40))
                ORDER BY top.score DESC, top.open DESC, top.incident_id), '[]')
            FROM (SELECT * FROM grouped ORDER BY grouped.score DESC, grouped.open DESC, grouped.incident_id LIMIT incidents_max) AS top))
    INTO incidents;

    SELECT jsonb_build_object(
        'total', count(*),
        'true_positive', count(*) FILTER (WHERE review.verdict = 'true_positive'),
        'false_positive', count(*) FILTER (WHERE review.verdict = 'false_positive'),
        'benign', count(*) FILTER (WHERE review.verdict = 'benign'),
        'undecided', count(*) FILTER (WHERE review.verdict = 'undecided'),
        'undone', count(*) FILTER (WHERE review.undone_at IS NOT NULL),
        'by_reviewer', (
            SELECT coalesce(jsonb_agg(jsonb_build_object('reviewer', vigil.clean_label(each.reviewed_by, 40), 'reviews', each.number) ORDER BY each.number DESC, each.reviewed_by), '[]')
            FROM (
                SELECT own.reviewed_by, count(*) AS number FROM vigil.reviews AS own
                WHERE own.reviewed_at >= report_content.period_start AND own.reviewed_at < report_content.period_end
                GROUP BY own.reviewed_by) AS each))
    INTO reviews
    FROM vigil.reviews AS review
    WHERE review.reviewed_at >= report_content.period_start AND review.reviewed_at < report_content.period_end;

    SELECT jsonb_build_object(
        'active', coalesce(jsonb_agg(jsonb_build_object('version', vigil.clean_label(model.version, 40), 'kind', model.kind,
            'trained_at', model.created_at, 'activated_at', model.activated_at) ORDER BY model.kind, model.version) FILTER (WHERE model.state = 'active'), '[]'),
        'trained', count(*) FILTER (WHERE model.created_at >= report_content.period_start AND model.created_at < report_content.period_end),
        -- Of several checks the newest that found any.
        'drift', (
            SELECT jsonb_build_object('verdict', checked.verdict, 'checked_at', checked.checked_at, 'summary', checked.summary,
                'retrain_task', checked.retrain_task_id)
            FROM vigil.drift_reports AS checked
            WHERE checked.created_at >= report_content.period_start AND checked.created_at < report_content.period_end
            ORDER BY checked.verdict = 'drift' DESC, checked.id DESC LIMIT 1))
    INTO models
    FROM vigil.models AS model;

    SELECT jsonb_build_object(
        'sidecar', coalesce((
            SELECT CASE WHEN sidecar.state <> 'stopped' AND sidecar.heartbeat_at > report_content.as_of - alive_seconds * interval '1 second'
                THEN 'alive' WHEN sidecar.state = 'stopped' THEN 'stopped' ELSE 'dead' END
            FROM vigil.sidecars AS sidecar ORDER BY sidecar.role, sidecar.heartbeat_at DESC LIMIT 1), 'none'),
        'unread_rows', (SELECT lag.lag_rows FROM vigil.measure_lag() AS lag),
        'last_batch_at', state.last_batch_at, 'replays', state.replays, 'loaded_at', state.loaded_at,
        'entities', (SELECT sidecar.node_count FROM vigil.sidecars AS sidecar ORDER BY sidecar.role, sidecar.heartbeat_at DESC LIMIT 1),
        'relationships', (SELECT sidecar.edge_count FROM vigil.sidecars AS sidecar ORDER BY sidecar.role, sidecar.heartbeat_at DESC LIMIT 1))
    INTO feed
    FROM vigil.feed_state AS state;

    SELECT coalesce(jsonb_agg(jsonb_build_object(
        'id', suppression.id, 'ends', suppression.expires_at, 'reason', vigil.clean_label(suppression.reason, 120),
        'what', vigil.clean_label(concat_ws(', ',
            'entity ' || suppression.entity_id, 'relationship ' || suppression.relationship_id,
            'of type ' || suppression.subject_type, suppression.anomaly_type,
            'only ' || suppression.indicator, 'named ' || suppression.name_pattern), 80),
        'silenced', (SELECT count(*) FROM vigil.anomalies AS anomaly WHERE anomaly.suppressed_by = suppression.id AND anomaly.is_active))
        ORDER BY suppression.expires_at, suppression.id), '[]')
    INTO suppressions
    FROM vigil.suppressions AS suppression
    WHERE suppression.lifted_at IS NULL AND suppression.expires_at > report_content.as_of
        AND suppression.expires_at <= report_content.as_of + interval '7 days';

    SELECT jsonb_build_object(
        'done', count(*) FILTER (WHERE task.state = 'done'),
        'dead', coalesce(jsonb_agg(jsonb_build_object('id', task.id, 'kind', task.kind, 'error', vigil.clean_label(task.error, 160))
            ORDER BY task.id) FILTER (WHERE task.state = 'dead'), '[]'))
    INTO tasks
    FROM vigil.tasks AS task
    WHERE task.finished_at >= report_content.period_start AND task.finished_at < report_content.period_end;

    RETURN jsonb_build_object(
        'version', vigil.version(), 'period_start', report_content.period_start, 'period_end', report_content.period_end, 'as_of', report_content.as_of,
        'found', found, 'trend', trend, 'open', open_now, 'strangest', strangest, 'incidents', incidents, 'reviews', reviews,
        'models', models, 'feed', feed, 'suppressions_ending', suppressions, 'tasks', tasks);
END
$$;

COMMENT ON FUNCTION vigil.report_content(timestamptz, timestamptz, timestamptz) IS 'A report as data: what was found in the period and in the seven before it, what is open, incidents, reviews, the model, the feed, suppressions that end within a week of as_of, tasks. The same data, period and as_of give the same report.';
