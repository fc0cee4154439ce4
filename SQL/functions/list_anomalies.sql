-- The statement is put together from the conditions that were given, and planned for their values: so
-- each finds its index. Arguments reach it as parameters only.
CREATE FUNCTION vigil.list_anomalies(
    severity text DEFAULT NULL,
    type text DEFAULT NULL,
    state text DEFAULT 'open',
    verdict text DEFAULT NULL,
    entity_id bigint DEFAULT NULL,
    relationship_id bigint DEFAULT NULL,
    subject text DEFAULT NULL,
    since timestamptz DEFAULT NULL,
    until timestamptz DEFAULT NULL,
    score_min double precision DEFAULT NULL,
    score_max double precision DEFAULT NULL,
    method text DEFAULT NULL,
    incident_id bigint DEFAULT NULL,
    assigned_to text DEFAULT NULL,
    order_by text DEFAULT 'score',
    after text DEFAULT NULL,
    page_size integer DEFAULT 20)
RETURNS SETOF vigil.anomaly_line
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    severities CONSTANT text[] := regexp_split_to_array(list_anomalies.severity, E'\\s*,\\s*');
    types CONSTANT text[] := regexp_split_to_array(list_anomalies.type, E'\\s*,\\s*');
    verdicts CONSTANT text[] := regexp_split_to_array(list_anomalies.verdict, E'\\s*,\\s*');
    incidents bigint[];
    name_prefix text;
    place record;
    conditions text[] := '{}';
    sorting text;
BEGIN
    IF list_anomalies.page_size IS NULL OR list_anomalies.page_size NOT BETWEEN 1 AND 10000 THEN
        RAISE EXCEPTION 'page_size must be from 1 to 10000, not %', coalesce(list_anomalies.page_size::text, 'NULL')
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM vigil.check_words('severity', severities, '{low,medium,high,critical}');
    PERFORM vigil.check_words('type', types, '{behavioral,relationship,infrastructure,data_quality,temporal,semantic}');
    PERFORM vigil.check_words('verdict', verdicts, '{true_positive,false_positive,benign,undecided,none}');

    conditions := conditions || CASE list_anomalies.state
        WHEN 'open' THEN 'anomaly.is_active AND anomaly.resolved_at IS NULL
            AND (anomaly.suppressed_until IS NULL OR anomaly.suppressed_until <= now())'
            -- Whoever asks for a verdict gets it, also one that closed the matter.
            || CASE WHEN verdicts IS NULL THEN $s$ AND (anomaly.verdict IS NULL OR anomaly.verdict IN ('true_positive', 'undecided'))$s$ ELSE '' END
        WHEN 'suppressed' THEN 'anomaly.is_active AND anomaly.suppressed_by IS NOT NULL AND anomaly.suppressed_until > now()'
        WHEN 'closed' THEN 'NOT anomaly.is_active'
        WHEN 'all' THEN 'true'
    END;
    IF conditions[1] IS NULL THEN
        RAISE EXCEPTION 'there is no state %', coalesce(quote_literal(vigil.clean_label(list_anomalies.state)), 'NULL')
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Use open, suppressed, closed or all.';
    END IF;
    IF severities IS NOT NULL THEN
        conditions := conditions || CASE cardinality(severities) WHEN 1 THEN 'anomaly.severity = ($1)[1]' ELSE 'anomaly.severity = ANY ($1)' END;
    END IF;
    IF types IS NOT NULL THEN
        conditions := conditions || CASE cardinality(types) WHEN 1 THEN 'anomaly.anomaly_type = ($2)[1]' ELSE 'anomaly.anomaly_type = ANY ($2)' END;
    END IF;
    IF verdicts IS NOT NULL THEN
        conditions := conditions || CASE
            WHEN verdicts = '{none}' THEN 'anomaly.verdict IS NULL'
            WHEN 'none' = ANY (verdicts) THEN '(anomaly.verdict IS NULL OR anomaly.verdict = ANY ($3))'
            WHEN cardinality(verdicts) = 1 THEN 'anomaly.verdict = ($3)[1]'
            ELSE 'anomaly.verdict = ANY ($3)' END;
    END IF;
    IF list_anomalies.entity_id IS NOT NULL THEN
        conditions := conditions || $s$anomaly.subject_kind = 'entity' AND anomaly.subject_id = $4$s$::text;
    END IF;
    IF list_anomalies.relationship_id IS NOT NULL THEN
        conditions := conditions || $s$anomaly.subject_kind = 'relationship' AND anomaly.subject_id = $5$s$::text;
    END IF;
    IF list_anomalies.subject IS NOT NULL THEN
        -- The beginning of the name, whatever its case; the signs of LIKE stand for themselves.
        name_prefix := regexp_replace(lower("left"(list_anomalies.subject, 60)), E'([\\\\%_])', E'\\\\\\1', 'g') || '%';
        conditions := conditions || 'lower("left"(anomaly.subject_name, 60)) LIKE $6'::text;
    END IF;
    IF list_anomalies.since IS NOT NULL THEN
        conditions := conditions || 'anomaly.last_detected >= $7'::text;
    END IF;
    IF list_anomalies.until IS NOT NULL THEN
        conditions := conditions || 'anomaly.last_detected < $8'::text;
    END IF;
    IF list_anomalies.score_min IS NOT NULL THEN
        conditions := conditions || 'anomaly.anomaly_score >= $9'::text;
    END IF;
    IF list_anomalies.score_max IS NOT NULL THEN
        conditions := conditions || 'anomaly.anomaly_score <= $10'::text;
    END IF;
    IF list_anomalies.method IS NOT NULL THEN
        conditions := conditions || 'anomaly.detection_method = $11'::text;
    END IF;
    IF list_anomalies.incident_id IS NOT NULL THEN
        SELECT array_agg(incident.id) INTO incidents
        FROM vigil.incidents AS incident
        JOIN vigil.root_incident(list_anomalies.incident_id) AS root (id)
            ON incident.id = root.id OR incident.merged_into = root.id;
        conditions := conditions || 'anomaly.incident_id = ANY ($12)'::text;
    END IF;
    IF list_anomalies.assigned_to IS NOT NULL THEN
        conditions := conditions || 'anomaly.assigned_to = $13'::text;
    END IF;

    CASE list_anomalies.order_by
        WHEN 'score' THEN sorting := 'anomaly_score DESC, first_detected DESC, id DESC';
        WHEN 'time' THEN sorting := 'last_detected DESC, id DESC';
        ELSE
            RAISE EXCEPTION 'anomalies are not ordered by %', coalesce(quote_literal(vigil.clean_label(list_anomalies.order_by)), 'NULL')
                USING ERRCODE = 'invalid_parameter_value', HINT = 'Use score or time.';
    END CASE;
    IF list_anomalies.after IS NOT NULL THEN
        SELECT * INTO place FROM vigil.parse_cursor(list_anomalies.after, list_anomalies.order_by);
        conditions := conditions || CASE list_anomalies.order_by
            WHEN 'score' THEN '(anomaly.anomaly_score, anomaly.first_detected, anomaly.id) < ($14, $15, $16)'
            ELSE '(anomaly.last_detected, anomaly.id) < ($15, $16)' END;
    ELSE
        SELECT NULL::double precision AS score, NULL::timestamptz AS at, NULL::uuid AS id INTO place;
    END IF;

    RETURN QUERY EXECUTE format($s$
        SELECT page.id, page.severity, round(page.anomaly_score::numeric, 2), page.anomaly_type,
            vigil.name_subject(page.entity_id, page.relationship_id, page.subject_kind, page.subject_id, page.subject_type, page.subject_name, 20),
            vigil.anomaly_state(page.is_active, page.resolved_at, page.suppressed_until, page.reviewed),
            vigil.format_age(page.last_detected)
        FROM (
            SELECT anomaly.id, anomaly.severity, anomaly.anomaly_score, anomaly.anomaly_type, anomaly.subject_kind,
                anomaly.subject_id, anomaly.subject_type, anomaly.subject_name, anomaly.entity_id, anomaly.relationship_id,
                anomaly.is_active, anomaly.resolved_at, anomaly.suppressed_until, anomaly.reviewed,
                anomaly.first_detected, anomaly.last_detected
            FROM vigil.anomalies AS anomaly
            WHERE %s
            ORDER BY %s
            LIMIT $17
        ) AS page
        ORDER BY %s$s$,
        array_to_string(conditions, ' AND '),
        regexp_replace(sorting, E'(\\w+) DESC', E'anomaly.\\1 DESC', 'g'),
        regexp_replace(sorting, E'(\\w+) DESC', E'page.\\1 DESC', 'g'))
    USING severities, types, verdicts, list_anomalies.entity_id, list_anomalies.relationship_id, name_prefix,
        list_anomalies.since, list_anomalies.until, list_anomalies.score_min, list_anomalies.score_max,
        list_anomalies.method, incidents, list_anomalies.assigned_to,
        place.score, place.at, place.id, list_anomalies.page_size;
END
$$;

COMMENT ON FUNCTION vigil.list_anomalies(text, text, text, text, bigint, bigint, text, timestamptz, timestamptz, double precision, double precision, text, bigint, text, text, text, integer) IS 'Anomalies page by page: the strangest first, or with order_by => ''time'' those detected last. The next page: after => the id of the last line, or what vigil.anomaly_cursor() made of it. New anomalies neither shift a page nor repeat a line. severity, type and verdict take one word or several with commas (verdict none: not reviewed); state is open (to be looked at), suppressed, closed or all; subject is the beginning of a name; since and until are about the last detection.';
