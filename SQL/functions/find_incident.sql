-- Looks and never waits: the incidents of others are read without locks, and one that somebody is
-- changing is merged by a later anomaly.
CREATE FUNCTION vigil.find_incident(anomaly vigil.anomalies)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
SET jit = off
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $$
DECLARE
    -- A hub's relationships are looked through up to a bound, or one anomaly could take seconds; what
    -- is behind it is mostly of the same community.
    looked_through_max CONSTANT integer := 200;
    since CONSTANT timestamptz := anomaly.last_detected
        - (vigil.get_setting('incident_window_minutes'))::double precision * interval '1 minute';
    ends bigint[];
    incidents bigint[];
    kept bigint;
BEGIN
    IF anomaly.subject_kind = 'entity' THEN
        ends := ARRAY[anomaly.subject_id];
    ELSE
        SELECT ARRAY[relationship.source_entity_id, relationship.target_entity_id] INTO ends
        FROM vigil.relationships AS relationship
        WHERE relationship.id = anomaly.subject_id;
    END IF;

    WITH around AS (
        (SELECT relationship.id, relationship.target_entity_id AS other FROM vigil.relationships AS relationship
        WHERE relationship.source_entity_id = ANY (ends) AND relationship.is_active LIMIT looked_through_max)
        UNION ALL
        (SELECT relationship.id, relationship.source_entity_id FROM vigil.relationships AS relationship
        WHERE relationship.target_entity_id = ANY (ends) AND relationship.is_active LIMIT looked_through_max)
    ), related AS (
        (SELECT near.incident_id FROM vigil.anomalies AS near
        WHERE near.community_id = anomaly.community_id AND near.last_detected >= since AND near.incident_id IS NOT NULL
        ORDER BY near.last_detected DESC LIMIT 1)
        UNION ALL
        SELECT near.incident_id
        FROM (SELECT other FROM around UNION SELECT unnest(ends)) AS entity (id)
        CROSS JOIN LATERAL (
            SELECT found.incident_id FROM vigil.anomalies AS found
            WHERE found.subject_kind = 'entity' AND found.subject_id = entity.id AND found.last_detected >= since
            ORDER BY found.last_detected DESC LIMIT 1) AS near
        UNION ALL
        SELECT near.incident_id
        FROM around
        CROSS JOIN LATERAL (
            SELECT found.incident_id FROM vigil.anomalies AS found
            WHERE found.subject_kind = 'relationship' AND found.subject_id = around.id AND found.last_detected >= since
            ORDER BY found.last_detected DESC LIMIT 1) AS near
    )
    SELECT array_agg(DISTINCT coalesce(incident.merged_into, incident.id)) INTO incidents
    FROM (SELECT DISTINCT incident_id FROM related WHERE incident_id IS NOT NULL) AS found
    JOIN vigil.incidents AS incident ON incident.id = found.incident_id;

    IF incidents IS NULL THEN
        INSERT INTO vigil.incidents (opened_at) VALUES (now()) RETURNING id INTO kept;
        RETURN kept;
    END IF;
    -- The oldest stays.
    SELECT min(id) INTO kept FROM unnest(incidents) AS id;
    IF cardinality(incidents) > 1 THEN
        -- The share lock keeps the root a root: nothing is ever merged into what is merged itself.
        WITH root AS (
            SELECT id FROM vigil.incidents WHERE id = kept AND merged_into IS NULL FOR SHARE SKIP LOCKED
        ), free AS (
            SELECT incident.id FROM vigil.incidents AS incident
            WHERE incident.id <> kept AND (incident.id = ANY (incidents) OR incident.merged_into = ANY (incidents))
            ORDER BY incident.id
            FOR UPDATE SKIP LOCKED
        )
        UPDATE vigil.incidents AS incident SET merged_into = root.id, merged_at = now()
        FROM free, root WHERE incident.id = free.id AND incident.merged_into IS DISTINCT FROM root.id;
    END IF;
    RETURN kept;
END
$$;

COMMENT ON FUNCTION vigil.find_incident(vigil.anomalies) IS 'The incident that a new anomaly belongs to: that of a recent anomaly in its community, on its subject or on a neighbour of it; a new one if there is none; of several the oldest, into which the others are merged.';
