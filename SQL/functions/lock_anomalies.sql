CREATE FUNCTION vigil.lock_anomalies(ids uuid[])
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    ids_max CONSTANT integer := 10000;
    missing uuid;
BEGIN
    IF cardinality(lock_anomalies.ids) > ids_max THEN
        RAISE EXCEPTION 'one decision is about % anomalies at most, not %', ids_max, cardinality(lock_anomalies.ids)
            USING ERRCODE = 'program_limit_exceeded', HINT = 'Decide in several steps.';
    END IF;
    PERFORM FROM vigil.anomalies AS anomaly WHERE anomaly.id = ANY (lock_anomalies.ids) ORDER BY anomaly.id FOR UPDATE;
    SELECT given.id INTO missing
    FROM unnest(coalesce(lock_anomalies.ids, '{NULL}')) AS given (id)
    WHERE NOT EXISTS (SELECT FROM vigil.anomalies AS anomaly WHERE anomaly.id = given.id)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'there is no anomaly %', coalesce(missing::text, 'NULL')
            USING ERRCODE = 'no_data_found', HINT = 'See SELECT * FROM vigil.anomalies_recent.';
    END IF;
EXCEPTION WHEN lock_not_available THEN
    RAISE EXCEPTION 'another transaction holds one of these anomalies'
        USING ERRCODE = 'lock_not_available', HINT = 'Try again; the sidecar holds one for milliseconds only.';
END
$$;

COMMENT ON FUNCTION vigil.lock_anomalies(uuid[]) IS 'Locks the anomalies that a decision is about, in one order, and refuses ids that are none.';
