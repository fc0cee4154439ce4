CREATE FUNCTION vigil.parse_cursor(cursor text, order_by text, OUT score double precision, OUT at timestamptz, OUT id uuid)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    uuid_pattern CONSTANT text := '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
    parts text[] := string_to_array(parse_cursor.cursor, '/');
BEGIN
    IF length(parse_cursor.cursor) <= 120 AND parse_cursor.cursor ~* ('^' || uuid_pattern || '$') THEN
        id := parse_cursor.cursor::uuid;
        SELECT anomaly.anomaly_score, CASE parse_cursor.order_by WHEN 'score' THEN anomaly.first_detected ELSE anomaly.last_detected END
        INTO score, at
        FROM vigil.anomalies AS anomaly
        WHERE anomaly.id = parse_cursor.id;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'there is no anomaly % after which a page could begin', id
                USING ERRCODE = 'no_data_found', HINT = 'Give the id of the last line of the page before.';
        END IF;
    ELSIF length(parse_cursor.cursor) <= 120 AND parse_cursor.order_by = 'score'
        AND parse_cursor.cursor ~* ('^[0-9]{1,18}([.][0-9]{1,20})?(e-[0-9]{1,3})?/-?[0-9]{1,17}/' || uuid_pattern || '$')
    THEN
        score := parts[1]::double precision;
        at := to_timestamp(0) + parts[2]::bigint * interval '1 microsecond';
        id := parts[3]::uuid;
    ELSIF length(parse_cursor.cursor) <= 120 AND parse_cursor.order_by = 'time'
        AND parse_cursor.cursor ~* ('^-?[0-9]{1,17}/' || uuid_pattern || '$')
    THEN
        at := to_timestamp(0) + parts[1]::bigint * interval '1 microsecond';
        id := parts[2]::uuid;
    ELSE
        RAISE EXCEPTION 'no page begins after %', quote_literal(vigil.clean_label("left"(parse_cursor.cursor, 200)))
            USING ERRCODE = 'no_data_found',
                HINT = format('Give the id of the last line of the page before, or vigil.anomaly_cursor(id, %L).', parse_cursor.order_by);
    END IF;
END
$$;

COMMENT ON FUNCTION vigil.parse_cursor(text, text) IS 'The place that the argument after of vigil.list_anomalies() names.';
