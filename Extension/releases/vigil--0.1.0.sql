\echo Use "CREATE EXTENSION vigil" to load this file. \quit

-- schema.sql
-- A schema of that name that belongs to somebody else, or that is in use, could hold objects which
-- would be taken for Vigil's own; so the installation starts in an empty schema of its own.
DO $$
DECLARE
    schema_oid oid := pg_catalog.to_regnamespace('vigil');
BEGIN
    IF NOT EXISTS (
        SELECT FROM pg_catalog.pg_namespace
        WHERE oid = schema_oid AND pg_catalog.pg_has_role(current_user, nspowner, 'USAGE')
    ) THEN
        RAISE EXCEPTION 'schema "vigil" belongs to another role'
            USING HINT = 'Drop it, or install Vigil as its owner.';
    END IF;
    IF EXISTS (SELECT FROM pg_catalog.pg_class WHERE relnamespace = schema_oid)
        OR EXISTS (SELECT FROM pg_catalog.pg_proc WHERE pronamespace = schema_oid)
        OR EXISTS (SELECT FROM pg_catalog.pg_operator WHERE oprnamespace = schema_oid)
        OR EXISTS (SELECT FROM pg_catalog.pg_type WHERE typnamespace = schema_oid)
    THEN
        RAISE EXCEPTION 'schema "vigil" is not empty'
            USING HINT = 'Drop what is in it, or upgrade the Vigil that is installed there.';
    END IF;
END
$$;

REVOKE ALL ON SCHEMA vigil FROM PUBLIC;
COMMENT ON SCHEMA vigil IS 'Vigil: watches a graph of entities and relationships, scores and explains what changes.';

-- roles/create_roles.sql
-- Makes Vigil's roles where they are missing. It is a part of the installation, and can be run by
-- itself with psql by an administrator where the owner of Vigil may not make roles; the owner then
-- calls SELECT vigil.grant_roles().
DO $$
DECLARE
    missing text[] := ARRAY(
        SELECT name FROM unnest('{vigil_reader,vigil_analyst,vigil_admin,vigil_sidecar}'::name[]) AS wanted (name)
        WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = name));
    role text;
BEGIN
    IF cardinality(missing) = 0 THEN
        RETURN;
    END IF;
    IF NOT (SELECT rolcreaterole OR rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user) THEN
        RAISE NOTICE 'the roles % do not exist, and % may not make them', array_to_string(missing, ', '), current_user
            USING HINT = 'Vigil works without them. To have them, let an administrator run SQL/roles/create_roles.sql with psql, then call SELECT vigil.grant_roles().';
        RETURN;
    END IF;
    FOREACH role IN ARRAY missing LOOP
        EXECUTE format('CREATE ROLE %I NOLOGIN', role);
        EXECUTE format('COMMENT ON ROLE %I IS %L', role, CASE role
            WHEN 'vigil_reader' THEN 'Vigil: reads everything'
            WHEN 'vigil_analyst' THEN 'Vigil: reads everything and reviews anomalies'
            WHEN 'vigil_admin' THEN 'Vigil: an analyst who also changes settings, indicators, types and models'
            ELSE 'Vigil: the sidecar, which reads the change feed and writes the results' END);
        IF role <> 'vigil_reader' THEN
            EXECUTE format('GRANT %I TO %I',
                CASE role WHEN 'vigil_admin' THEN 'vigil_analyst' ELSE 'vigil_reader' END, role);
        END IF;
    END LOOP;
END
$$;

-- types/detection.sql
CREATE TYPE vigil.detection AS (
    entity_id bigint,
    anomaly_score double precision,
    p_value double precision,
    confidence double precision,
    severity text,
    is_anomaly boolean,
    detection_method text,
    model_version text,
    scored_at timestamptz,
    is_current boolean,
    message text
);

COMMENT ON TYPE vigil.detection IS 'The answer of vigil.detect_entity().';
COMMENT ON COLUMN vigil.detection.entity_id IS 'The entity.';
COMMENT ON COLUMN vigil.detection.anomaly_score IS 'min(1, -log10(p) / 5); null if it has not been scored.';
COMMENT ON COLUMN vigil.detection.p_value IS 'Tail probability behind the score.';
COMMENT ON COLUMN vigil.detection.confidence IS 'How far the score can be trusted, 0 to 1.';
COMMENT ON COLUMN vigil.detection.severity IS 'low, medium, high or critical.';
COMMENT ON COLUMN vigil.detection.is_anomaly IS 'The score reaches the setting anomaly_threshold.';
COMMENT ON COLUMN vigil.detection.detection_method IS 'Which detectors made the score.';
COMMENT ON COLUMN vigil.detection.model_version IS 'The model that was used; null if only rules spoke.';
COMMENT ON COLUMN vigil.detection.scored_at IS 'When it was scored.';
COMMENT ON COLUMN vigil.detection.is_current IS 'The score covers every committed change of the entity and its relationships.';
COMMENT ON COLUMN vigil.detection.message IS 'What there is to know about the answer.';

-- types/relationship_detection.sql
CREATE TYPE vigil.relationship_detection AS (
    relationship_id bigint,
    anomaly_score double precision,
    p_value double precision,
    confidence double precision,
    severity text,
    is_anomaly boolean,
    detection_method text,
    model_version text,
    scored_at timestamptz,
    is_current boolean,
    source_score double precision,
    target_score double precision,
    message text
);

COMMENT ON TYPE vigil.relationship_detection IS 'The answer of vigil.detect_relationship().';
COMMENT ON COLUMN vigil.relationship_detection.relationship_id IS 'The relationship.';
COMMENT ON COLUMN vigil.relationship_detection.anomaly_score IS 'Score of its open anomaly; null if it has none, for the sidecar keeps no score of a relationship that is not strange.';
COMMENT ON COLUMN vigil.relationship_detection.p_value IS 'Tail probability behind the score.';
COMMENT ON COLUMN vigil.relationship_detection.confidence IS 'How far the score can be trusted, 0 to 1.';
COMMENT ON COLUMN vigil.relationship_detection.severity IS 'low, medium, high or critical.';
COMMENT ON COLUMN vigil.relationship_detection.is_anomaly IS 'It has an open anomaly; null if nothing has judged relationships here yet.';
COMMENT ON COLUMN vigil.relationship_detection.detection_method IS 'Which detectors made the score.';
COMMENT ON COLUMN vigil.relationship_detection.model_version IS 'The model that was used; null if only rules spoke.';
COMMENT ON COLUMN vigil.relationship_detection.scored_at IS 'When the anomaly was last detected.';
COMMENT ON COLUMN vigil.relationship_detection.is_current IS 'Every committed change of both its ends has been scored.';
COMMENT ON COLUMN vigil.relationship_detection.source_score IS 'Newest score of the entity that it starts from; null if it has none.';
COMMENT ON COLUMN vigil.relationship_detection.target_score IS 'Newest score of the entity that it leads to; null if it has none.';
COMMENT ON COLUMN vigil.relationship_detection.message IS 'What there is to know about the answer.';

-- types/anomaly_line.sql
CREATE TYPE vigil.anomaly_line AS (
    id uuid,
    severity text,
    score numeric,
    type text,
    subject text,
    state text,
    age text
);

COMMENT ON TYPE vigil.anomaly_line IS 'An anomaly in one line of 120 columns: the answer of vigil.list_anomalies() and vigil.entity_anomalies().';
COMMENT ON COLUMN vigil.anomaly_line.id IS 'Key of the anomaly, for vigil.anomaly(), vigil.explain_anomaly(), vigil.review_anomaly() and as the place where the next page begins.';
COMMENT ON COLUMN vigil.anomaly_line.severity IS 'low, medium, high or critical.';
COMMENT ON COLUMN vigil.anomaly_line.score IS 'Score, 0 to 1.';
COMMENT ON COLUMN vigil.anomaly_line.type IS 'Primary type.';
COMMENT ON COLUMN vigil.anomaly_line.subject IS 'Type and name of what is strange.';
COMMENT ON COLUMN vigil.anomaly_line.state IS 'open, reviewed, suppressed or closed.';
COMMENT ON COLUMN vigil.anomaly_line.age IS 'How long ago it was last detected.';

-- types/mirrored_rows.sql
-- What the trigger of an attached table hands over for each row. The attributes from the second on
-- bear the names of the options of vigil.attach_entities and vigil.attach_relationships; the code
-- that maps them counts on their order.
CREATE TYPE vigil.mirrored_entity AS (
    key text,
    type text,
    name text,
    value text,
    risk_score double precision,
    confidence double precision,
    source text,
    sources text[],
    is_verified boolean,
    description text,
    metadata jsonb,
    tags text[],
    first_seen timestamptz,
    last_seen timestamptz,
    is_active boolean
);

COMMENT ON TYPE vigil.mirrored_entity IS 'A row of an attached table as an entity.';
COMMENT ON COLUMN vigil.mirrored_entity.key IS 'Key of the row, as text.';
COMMENT ON COLUMN vigil.mirrored_entity.type IS 'As vigil.entities.type.';
COMMENT ON COLUMN vigil.mirrored_entity.name IS 'As vigil.entities.name.';
COMMENT ON COLUMN vigil.mirrored_entity.value IS 'As vigil.entities.value.';
COMMENT ON COLUMN vigil.mirrored_entity.risk_score IS 'As vigil.entities.risk_score.';
COMMENT ON COLUMN vigil.mirrored_entity.confidence IS 'As vigil.entities.confidence.';
COMMENT ON COLUMN vigil.mirrored_entity.source IS 'As vigil.entities.source.';
COMMENT ON COLUMN vigil.mirrored_entity.sources IS 'As vigil.entities.sources.';
COMMENT ON COLUMN vigil.mirrored_entity.is_verified IS 'As vigil.entities.is_verified.';
COMMENT ON COLUMN vigil.mirrored_entity.description IS 'As vigil.entities.description.';
COMMENT ON COLUMN vigil.mirrored_entity.metadata IS 'As vigil.entities.metadata; a JSON object.';
COMMENT ON COLUMN vigil.mirrored_entity.tags IS 'As vigil.entities.tags.';
COMMENT ON COLUMN vigil.mirrored_entity.first_seen IS 'As vigil.entities.first_seen.';
COMMENT ON COLUMN vigil.mirrored_entity.last_seen IS 'As vigil.entities.last_seen.';
COMMENT ON COLUMN vigil.mirrored_entity.is_active IS 'As vigil.entities.is_active.';

CREATE TYPE vigil.mirrored_relationship AS (
    key text,
    source_key text,
    target_key text,
    type text,
    confidence double precision,
    weight double precision,
    sources text[],
    evidence jsonb,
    description text,
    metadata jsonb,
    first_observed timestamptz,
    last_observed timestamptz,
    verified boolean,
    is_active boolean
);

COMMENT ON TYPE vigil.mirrored_relationship IS 'A row of an attached table as a relationship.';
COMMENT ON COLUMN vigil.mirrored_relationship.key IS 'Key of the row, as text.';
COMMENT ON COLUMN vigil.mirrored_relationship.source_key IS 'Key of the row that is the source, as text; null: the row is no relationship.';
COMMENT ON COLUMN vigil.mirrored_relationship.target_key IS 'Key of the row that is the target, as text; null: the row is no relationship.';
COMMENT ON COLUMN vigil.mirrored_relationship.type IS 'As vigil.relationships.type.';
COMMENT ON COLUMN vigil.mirrored_relationship.confidence IS 'As vigil.relationships.confidence.';
COMMENT ON COLUMN vigil.mirrored_relationship.weight IS 'As vigil.relationships.weight.';
COMMENT ON COLUMN vigil.mirrored_relationship.sources IS 'As vigil.relationships.sources.';
COMMENT ON COLUMN vigil.mirrored_relationship.evidence IS 'As vigil.relationships.evidence.';
COMMENT ON COLUMN vigil.mirrored_relationship.description IS 'As vigil.relationships.description.';
COMMENT ON COLUMN vigil.mirrored_relationship.metadata IS 'As vigil.relationships.metadata; a JSON object.';
COMMENT ON COLUMN vigil.mirrored_relationship.first_observed IS 'As vigil.relationships.first_observed.';
COMMENT ON COLUMN vigil.mirrored_relationship.last_observed IS 'As vigil.relationships.last_observed.';
COMMENT ON COLUMN vigil.mirrored_relationship.verified IS 'As vigil.relationships.verified.';
COMMENT ON COLUMN vigil.mirrored_relationship.is_active IS 'As vigil.relationships.is_active.';

-- functions/version.sql
CREATE FUNCTION vigil.version()
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
RETURN '0.1.0'::text;

COMMENT ON FUNCTION vigil.version() IS 'The version of Vigil that is installed in this database.';

-- functions/history_slot.sql
CREATE FUNCTION vigil.history_slot(at timestamptz)
RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN (
    pg_catalog.date_part('year', at AT TIME ZONE 'UTC')::integer * 2
    + (pg_catalog.date_part('month', at AT TIME ZONE 'UTC')::integer - 1) / 6
) % 4;

COMMENT ON FUNCTION vigil.history_slot(timestamptz) IS 'Which of the four partitions of vigil.observation_history holds the observations recorded at this time: half-years since year 0, modulo 4, in UTC.';

-- functions/clean_label.sql
CREATE FUNCTION vigil.clean_label(label text, length_max integer DEFAULT 60)
RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    cleaned text := label;
BEGIN
    -- Most labels are words of printable ASCII with single spaces: nothing is to be done for them.
    IF label !~ '^[!-~]+( [!-~]+)*$' THEN
        cleaned := regexp_replace(label, E'[\\u0001-\\u001f\\u007f]+', ' ', 'g');
        -- Marks that are invisible or turn the direction of the text, with which a stranger's name could
        -- pass for another one. Other encodings do not have them.
        IF getdatabaseencoding() = 'UTF8' THEN
            cleaned := regexp_replace(
                cleaned, E'[\\u0080-\\u009f\\u00ad\\u061c\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff]+', ' ', 'g');
        END IF;
        cleaned := btrim(regexp_replace(cleaned, ' {2,}', ' ', 'g'));
    END IF;
    RETURN CASE
        WHEN length(cleaned) > length_max THEN left(cleaned, greatest(length_max - 3, 0)) || '...'
        ELSE cleaned
    END;
END
$$;

COMMENT ON FUNCTION vigil.clean_label(text, integer) IS 'A text written by a stranger, made fit for one line: without control, invisible and direction marks, and shortened.';

-- functions/quote_dot.sql
CREATE FUNCTION vigil.quote_dot(label text)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN '"' || pg_catalog.replace(pg_catalog.replace(pg_catalog.replace(
    COALESCE(label, ''), '&', '&amp;'), pg_catalog.chr(92), pg_catalog.repeat(pg_catalog.chr(92), 2)), '"', pg_catalog.chr(92) || '"') || '"';

COMMENT ON FUNCTION vigil.quote_dot(text) IS 'A text as a quoted string of the DOT language that shows exactly this text: no escape, no entity and no markup in it is taken as such.';

-- functions/format_age.sql
CREATE FUNCTION vigil.format_age(at timestamptz)
RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE STRICT
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    seconds CONSTANT double precision := extract(epoch FROM clock_timestamp() - at);
BEGIN
    RETURN CASE
        WHEN seconds < 1 THEN 'now'
        WHEN seconds < 120 THEN floor(seconds)::bigint || ' s'
        WHEN seconds < 7200 THEN floor(seconds / 60)::bigint || ' min'
        WHEN seconds < 172800 THEN floor(seconds / 3600)::bigint || ' h'
        ELSE floor(seconds / 86400)::bigint || ' d'
    END;
END
$$;

COMMENT ON FUNCTION vigil.format_age(timestamptz) IS 'How long ago this was, in a few letters.';

-- functions/format_number.sql
CREATE FUNCTION vigil.format_number(value jsonb, digits integer DEFAULT 4)
RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    number numeric;
BEGIN
    IF value IS NULL OR jsonb_typeof(value) = 'null' THEN
        RETURN '-';
    ELSIF jsonb_typeof(value) <> 'number' THEN
        RETURN vigil.clean_label(value #>> '{}', 16);
    END IF;
    number := value::numeric;
    IF number <> 0 AND abs(number) NOT BETWEEN 0.0001 AND 1e12 THEN
        RETURN btrim(to_char(number, '9.9EEEE'));
    END IF;
    IF number <> 0 THEN
        number := round(number, greatest(digits - floor(log(abs(number)))::integer - 1, 0));
    END IF;
    RETURN trim_scale(number)::text;
END
$$;

COMMENT ON FUNCTION vigil.format_number(jsonb, integer) IS 'A JSON number with this many digits at most, for people.';

-- functions/parse_id.sql
CREATE FUNCTION vigil.parse_id(value jsonb)
RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN pg_catalog.jsonb_typeof(value) IN ('number', 'string')
        AND (value #>> '{}') ~ '^[0-9]{1,18}$'
    THEN (value #>> '{}')::bigint
END;

COMMENT ON FUNCTION vigil.parse_id(jsonb) IS 'An id in a JSON document; null if it is not one.';

-- functions/check_words.sql
CREATE FUNCTION vigil.check_words(argument text, words text[], allowed text[])
RETURNS void
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    word text;
BEGIN
    FOREACH word IN ARRAY coalesce(words, '{}') LOOP
        IF word <> ALL (allowed) THEN
            RAISE EXCEPTION 'there is no % %', argument, quote_literal(vigil.clean_label(word))
                USING ERRCODE = 'invalid_parameter_value',
                    HINT = format('Use %s.', regexp_replace(array_to_string(allowed, ', '), ', ([^,]*)$', ' or \1'));
        END IF;
    END LOOP;
END
$$;

COMMENT ON FUNCTION vigil.check_words(text, text[], text[]) IS 'Refuses words that are not among the allowed ones, and names those.';

-- functions/check_length.sql
CREATE FUNCTION vigil.check_length(argument text, value text, length_max integer)
RETURNS void
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF length(value) > length_max THEN
        RAISE EXCEPTION '% may have % characters at most, not %', argument, length_max, length(value)
            USING ERRCODE = 'string_data_right_truncation';
    END IF;
END
$$;

COMMENT ON FUNCTION vigil.check_length(text, text, integer) IS 'Refuses a text that is too long, and names the limit.';

-- functions/anomaly_state.sql
CREATE FUNCTION vigil.anomaly_state(is_active boolean, resolved_at timestamptz, suppressed_until timestamptz, reviewed boolean)
RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE
    WHEN NOT is_active OR resolved_at IS NOT NULL THEN 'closed'
    WHEN suppressed_until > pg_catalog.now() THEN 'suppressed'
    WHEN reviewed THEN 'reviewed'
    ELSE 'open'
END;

COMMENT ON FUNCTION vigil.anomaly_state(boolean, timestamptz, timestamptz, boolean) IS 'closed, suppressed, reviewed or open.';

-- functions/is_restoring.sql
-- Every archive of pg_dump begins with SET row_security = off. Who is not the owner gains nothing by
-- setting it too: their statements on tables with policies then fail, and the functions that
-- decide with the rights of the owner pin it to on.
CREATE FUNCTION vigil.is_restoring()
RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
RETURN pg_catalog.current_setting('row_security') = 'off';

COMMENT ON FUNCTION vigil.is_restoring() IS 'Whether this session restores a dump: then rows are taken as they come, and are no decisions.';

-- functions/acting_role.sql
CREATE FUNCTION vigil.acting_role()
RETURNS text
LANGUAGE sql STABLE PARALLEL RESTRICTED
RETURN CASE pg_catalog.current_setting('role') WHEN 'none' THEN session_user::text ELSE pg_catalog.current_setting('role') END;

COMMENT ON FUNCTION vigil.acting_role() IS 'The role that the caller has taken on by SET ROLE, else the one that logged in; also within functions that run with the rights of the owner.';

-- functions/hash_decision.sql
-- Each field as its length in characters, a colon and its text; null as a minus. So no two rows have the
-- same text, and nothing in it depends on the settings of a session: times are microseconds since 1970.
CREATE FUNCTION vigil.hash_decision(
    previous_hash bytea, seq bigint, at timestamptz, actor text, acting_role text,
    action text, object_kind text, object_id text, before jsonb, after jsonb)
RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE
RETURN (
    SELECT pg_catalog.sha256(pg_catalog.convert_to(pg_catalog.string_agg(
        COALESCE(pg_catalog.length(field) || ':' || field, '-'), '' ORDER BY position), 'UTF8'))
    FROM pg_catalog.unnest(ARRAY[
        pg_catalog.encode(previous_hash, 'hex'), seq::text, (extract(epoch FROM at) * 1000000)::bigint::text,
        actor, acting_role, action, object_kind, object_id, before::text, after::text]
    ) WITH ORDINALITY AS fields (field, position)
);

COMMENT ON FUNCTION vigil.hash_decision(bytea, bigint, timestamptz, text, text, text, text, text, jsonb, jsonb) IS 'The hash of a row of vigil.audit_log: SHA-256 of its fields in this order, each as its length in characters, a colon and its text, a null as a minus sign; the previous hash in hexadecimal, the time in microseconds since 1970, all in UTF-8.';

-- tables/settings.sql
CREATE TABLE vigil.settings (
    name text PRIMARY KEY,
    value jsonb NOT NULL,
    default_value jsonb NOT NULL
        CHECK (jsonb_typeof(default_value) IN ('number', 'boolean', 'string')),
    unit text NOT NULL DEFAULT '',
    minimum numeric,
    maximum numeric,
    description text NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now()
);

COMMENT ON TABLE vigil.settings IS 'Settings of Vigil. Change one with UPDATE vigil.settings SET value = ''0.6'' WHERE name = ''anomaly_threshold''; it takes effect at once.';
COMMENT ON COLUMN vigil.settings.name IS 'Name of the setting.';
COMMENT ON COLUMN vigil.settings.value IS 'The value in force; it has the JSON type of the default.';
COMMENT ON COLUMN vigil.settings.default_value IS 'The value as shipped.';
COMMENT ON COLUMN vigil.settings.unit IS 'Unit of the value; empty where it has none.';
COMMENT ON COLUMN vigil.settings.minimum IS 'Smallest number allowed; null: no limit.';
COMMENT ON COLUMN vigil.settings.maximum IS 'Largest number allowed; null: no limit.';
COMMENT ON COLUMN vigil.settings.description IS 'What the setting does.';
COMMENT ON COLUMN vigil.settings.updated_at IS 'When the value was last changed.';

-- tables/setting_rows.sql
INSERT INTO vigil.settings (name, value, default_value, unit, minimum, maximum, description)
SELECT name, value::jsonb, value::jsonb, unit, minimum, maximum, description
FROM (VALUES
    ('anomaly_threshold', '0.5', 'score', 0, 1,
        'An entity or relationship with this score or more is an anomaly'),
    ('feed_arm', 'true', '', NULL, NULL,
        'Whether writers may be asked to ring the doorbell (NOTIFY). Switch it off where transactions are prepared (two-phase commit): the feed is then only polled'),
    ('fallback_poll_milliseconds', '100', 'ms', 10, 60000,
        'How long the sidecar sleeps at most before it reads the change feed without having been rung'),
    ('heartbeat_seconds', '5', 's', 1, 3600,
        'How often the sidecar renews its row in vigil.sidecars; after three times as long without it counts as dead'),
    ('metrics_refresh_seconds', '5', 's', 1, 86400,
        'Shortest time between two computations of the global graph metrics'),
    ('metric_audit_seconds', '60', 's', 1, 86400,
        'How often the sidecar compares kept graph metrics of a few random entities with recomputed ones'),
    ('neighbours_scored_max', '1000', 'entities', 0, 1000000,
        'Neighbours of a changed entity that are scored again at most'),
    ('memory_limit_megabytes', '2048', 'MB', 64, 1048576,
        'The sidecar refuses to load a graph that would need more memory'),
    ('neighbourhood_node_limit', '100', 'entities', 1, 10000,
        'Entities in the picture of an anomaly at most'),
    ('subgraph_hops', '2', 'steps', 0, 5,
        'Steps around its subject that an anomaly keeps of the graph as it was at detection'),
    ('detect_timeout_milliseconds', '1000', 'ms', 0, 600000,
        'How long vigil.detect_entity waits for the newest change to be scored'),
    ('history_retention_months', '13', 'months', 1, 18,
        'How long observations are kept before vigil.drop_old_history() removes them'),
    ('burst_window_seconds', '7200', 's', 1, 31536000,
        'Window in which new relationships count as one burst'),
    ('incident_window_minutes', '60', 'min', 1, 525600,
        'Anomalies found within this time of each other can be one incident'),
    ('dormancy_days', '60', 'days', 1, 36500,
        'An entity without activity for so long that then wakes was dormant'),
    ('attach_rows_at_once', '10000', 'rows', 1000, 1000000000,
        'Statements that write more rows of an attached table than this leave them in vigil.pending_rows, and are mirrored after their COMMIT')
) AS shipped (name, value, unit, minimum, maximum, description);

-- tables/entity_types.sql
CREATE TABLE vigil.entity_types (
    type text PRIMARY KEY
        CHECK (type <> '' AND octet_length(type) <= 63),
    code smallint NOT NULL UNIQUE GENERATED BY DEFAULT AS IDENTITY (START WITH 1000 MINVALUE 1),
    description text NOT NULL DEFAULT '',
    shape text NOT NULL DEFAULT 'ellipse'
        CHECK (shape ~ '^[a-z][a-z0-9_]*$')
);

COMMENT ON TABLE vigil.entity_types IS 'The types an entity may have. Add a row for a type of your own.';
COMMENT ON COLUMN vigil.entity_types.type IS 'Name of the type, as it stands in vigil.entities.';
COMMENT ON COLUMN vigil.entity_types.code IS 'Small number for the type. Shipped types have codes below 1000, types added later get codes from 1000 on.';
COMMENT ON COLUMN vigil.entity_types.description IS 'What entities of this type are.';
COMMENT ON COLUMN vigil.entity_types.shape IS 'Graphviz shape in which entities of this type are drawn.';

INSERT INTO vigil.entity_types (code, type, description, shape) VALUES
    (1, 'domain', 'A name in the DNS', 'ellipse'),
    (2, 'ip_address', 'An IPv4 or IPv6 address', 'box'),
    (3, 'email', 'An email address', 'note'),
    (4, 'phone', 'A telephone number', 'cds'),
    (5, 'social_handle', 'An account on a social network', 'septagon'),
    (6, 'person', 'A natural person', 'egg'),
    (7, 'company', 'A company or another organisation', 'house'),
    (8, 'website', 'A site or a page on the web', 'tab'),
    (9, 'service', 'A service that listens on a network', 'component'),
    (10, 'location', 'A place', 'invhouse'),
    (11, 'device', 'A machine or another piece of hardware', 'box3d'),
    (12, 'network', 'A range of addresses or an autonomous system', 'hexagon'),
    (13, 'vulnerability', 'A weakness that can be exploited', 'invtriangle'),
    (14, 'threat_actor', 'A person or group that attacks', 'octagon'),
    (15, 'malware', 'A piece of malicious software', 'doubleoctagon'),
    (16, 'indicator', 'A sign of compromise: a hash, a path, a pattern', 'diamond');

-- tables/relationship_types.sql
CREATE TABLE vigil.relationship_types (
    type text PRIMARY KEY
        CHECK (type <> '' AND octet_length(type) <= 63),
    code smallint NOT NULL UNIQUE GENERATED BY DEFAULT AS IDENTITY (START WITH 1000 MINVALUE 1),
    description text NOT NULL DEFAULT '',
    is_rating boolean NOT NULL DEFAULT false
);

COMMENT ON TABLE vigil.relationship_types IS 'The types a relationship may have. Add a row for a type of your own.';
COMMENT ON COLUMN vigil.relationship_types.type IS 'Name of the type, as it stands in vigil.relationships.';
COMMENT ON COLUMN vigil.relationship_types.code IS 'Small number for the type. Shipped types have codes below 1000, types added later get codes from 1000 on.';
COMMENT ON COLUMN vigil.relationship_types.description IS 'What a relationship of this type says, read from source to target.';
COMMENT ON COLUMN vigil.relationship_types.is_rating IS 'The weight is a signed rating that the source gives to the target, not an amount.';

INSERT INTO vigil.relationship_types (code, type, description) VALUES
    (1, 'resolves_to', 'The name resolves to the address'),
    (2, 'hosted_on', 'The source is hosted on the target'),
    (3, 'connected_to', 'There is a connection between both'),
    (4, 'communicates_with', 'The source sends to the target: traffic, a call, a message, a payment'),
    (5, 'owns', 'The source owns the target'),
    (6, 'manages', 'The source manages the target'),
    (7, 'works_for', 'The source works for the target'),
    (8, 'friend_of', 'Both are acquainted'),
    (9, 'follows', 'The source follows the target'),
    (10, 'depends_on', 'The source cannot work without the target'),
    (11, 'vulnerable_to', 'The source has the weakness'),
    (12, 'uses', 'The source uses the target'),
    (13, 'runs', 'The source runs the target'),
    (14, 'contains', 'The target is inside the source'),
    (15, 'similar_to', 'Both resemble each other'),
    (16, 'part_of', 'The source is a part of the target'),
    (17, 'related_to', 'Both have to do with each other'),
    (18, 'same_as', 'Both are the same thing'),
    (19, 'references', 'The source mentions or links to the target'),
    (20, 'attributed_to', 'The source is the work of the target'),
    (21, 'threatens', 'The source is a danger to the target'),
    (22, 'targets', 'The source attacks the target'),
    (23, 'campaign', 'Both belong to one campaign'),
    (24, 'indicator_of', 'The source is a sign of the target'),
    (25, 'located_in', 'The source is in the place'),
    (26, 'registered_by', 'The source was registered by the target'),
    (27, 'created_by', 'The source was made by the target'),
    (28, 'analyzed_by', 'The source was examined by the target');

-- tables/entities.sql
CREATE TABLE vigil.entities (
    id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    type text NOT NULL REFERENCES vigil.entity_types (type),
    name text,
    value text
        CHECK (octet_length(value) <= 2048),
    risk_score double precision
        CHECK (risk_score BETWEEN 0 AND 1),
    confidence double precision
        CHECK (confidence BETWEEN 0 AND 1),
    source text,
    sources text[] NOT NULL DEFAULT '{}',
    is_verified boolean NOT NULL DEFAULT false,
    description text,
    metadata jsonb NOT NULL DEFAULT '{}',
    tags text[] NOT NULL DEFAULT '{}',
    first_seen timestamptz DEFAULT now()
        CHECK (isfinite(first_seen)),
    last_seen timestamptz DEFAULT now()
        CHECK (isfinite(last_seen)),
    created_at timestamptz NOT NULL DEFAULT now()
        CHECK (isfinite(created_at)),
    updated_at timestamptz NOT NULL DEFAULT now()
        CHECK (isfinite(updated_at)),
    is_active boolean NOT NULL DEFAULT true,
    inserted_xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    attachment_id integer,
    attached_key text COLLATE "C",
    attached_version bigint
);

CREATE UNIQUE INDEX entities_type_value_key ON vigil.entities (type, value) WHERE value IS NOT NULL;
CREATE UNIQUE INDEX entities_attached_key ON vigil.entities (attachment_id, attached_key) WHERE attachment_id IS NOT NULL;
CREATE INDEX entities_inserted_xid_idx ON vigil.entities (inserted_xid);

COMMENT ON TABLE vigil.entities IS 'The things that are watched: domains, addresses, persons, accounts and so on.';
COMMENT ON COLUMN vigil.entities.id IS 'Key of the entity; it never changes.';
COMMENT ON COLUMN vigil.entities.type IS 'Type of the entity, one of vigil.entity_types.';
COMMENT ON COLUMN vigil.entities.name IS 'Name for people.';
COMMENT ON COLUMN vigil.entities.value IS 'What identifies the entity within its type (the address, the domain name); at most 2048 bytes, unique for each type.';
COMMENT ON COLUMN vigil.entities.risk_score IS 'Risk that the source of the data sees in the entity, 0 to 1; null if unknown.';
COMMENT ON COLUMN vigil.entities.confidence IS 'How sure the source is of this entity, 0 to 1; null if unknown.';
COMMENT ON COLUMN vigil.entities.source IS 'Where the entity was first heard of.';
COMMENT ON COLUMN vigil.entities.sources IS 'All the sources that know the entity.';
COMMENT ON COLUMN vigil.entities.is_verified IS 'A person has confirmed the entity.';
COMMENT ON COLUMN vigil.entities.description IS 'Free text.';
COMMENT ON COLUMN vigil.entities.metadata IS 'Whatever else is known, as JSON.';
COMMENT ON COLUMN vigil.entities.tags IS 'Tags given by people or sources.';
COMMENT ON COLUMN vigil.entities.first_seen IS 'When the entity was first observed; null if unknown.';
COMMENT ON COLUMN vigil.entities.last_seen IS 'When the entity was last observed; null if unknown.';
COMMENT ON COLUMN vigil.entities.created_at IS 'When the row was created.';
COMMENT ON COLUMN vigil.entities.updated_at IS 'When the row was last updated. Kept by a trigger, unless the update sets it.';
COMMENT ON COLUMN vigil.entities.is_active IS 'False: the entity is kept, but is no part of the graph.';
COMMENT ON COLUMN vigil.entities.inserted_xid IS 'Transaction that inserted the row, whatever the writer gives; the change feed finds new rows by it.';
COMMENT ON COLUMN vigil.entities.attachment_id IS 'The attached table that the entity is mirrored from (vigil.attached_tables); null: it was written here.';
COMMENT ON COLUMN vigil.entities.attached_key IS 'Key of the row in the attached table, as text.';
COMMENT ON COLUMN vigil.entities.attached_version IS 'Orders what was mirrored (a value of vigil.mirror_clock): an older state of the row never replaces a newer one. 0: taken up by a back-fill.';

-- tables/relationships.sql
CREATE TABLE vigil.relationships (
    id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    source_entity_id bigint NOT NULL REFERENCES vigil.entities (id) ON DELETE CASCADE,
    target_entity_id bigint NOT NULL REFERENCES vigil.entities (id) ON DELETE CASCADE,
    type text NOT NULL REFERENCES vigil.relationship_types (type),
    confidence double precision
        CHECK (confidence BETWEEN 0 AND 1),
    weight double precision
        CHECK (weight > '-Infinity' AND weight < 'Infinity'),
    sources text[] NOT NULL DEFAULT '{}',
    evidence jsonb,
    description text,
    metadata jsonb NOT NULL DEFAULT '{}',
    first_observed timestamptz DEFAULT now()
        CHECK (isfinite(first_observed)),
    last_observed timestamptz DEFAULT now()
        CHECK (isfinite(last_observed)),
    created_at timestamptz NOT NULL DEFAULT now()
        CHECK (isfinite(created_at)),
    updated_at timestamptz NOT NULL DEFAULT now()
        CHECK (isfinite(updated_at)),
    verified boolean NOT NULL DEFAULT false,
    is_active boolean NOT NULL DEFAULT true,
    inserted_xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    attachment_id integer,
    attached_key text COLLATE "C",
    attached_version bigint
);

CREATE INDEX relationships_source_entity_id_idx ON vigil.relationships (source_entity_id);
CREATE INDEX relationships_target_entity_id_idx ON vigil.relationships (target_entity_id);
CREATE UNIQUE INDEX relationships_attached_key ON vigil.relationships (attachment_id, attached_key) WHERE attachment_id IS NOT NULL;
CREATE INDEX relationships_inserted_xid_idx ON vigil.relationships (inserted_xid);

COMMENT ON TABLE vigil.relationships IS 'What connects two entities. Several relationships between one pair are allowed: a payment, a message.';
COMMENT ON COLUMN vigil.relationships.id IS 'Key of the relationship; it never changes.';
COMMENT ON COLUMN vigil.relationships.source_entity_id IS 'The entity that it starts from; deleting the entity deletes the relationship.';
COMMENT ON COLUMN vigil.relationships.target_entity_id IS 'The entity that it leads to; deleting the entity deletes the relationship.';
COMMENT ON COLUMN vigil.relationships.type IS 'Type of the relationship, one of vigil.relationship_types.';
COMMENT ON COLUMN vigil.relationships.confidence IS 'How sure the source is of it, 0 to 1; null if unknown.';
COMMENT ON COLUMN vigil.relationships.weight IS 'An amount, a strength, or a signed rating (see vigil.relationship_types); null if it has none.';
COMMENT ON COLUMN vigil.relationships.sources IS 'All the sources that know the relationship.';
COMMENT ON COLUMN vigil.relationships.evidence IS 'What supports it, as JSON.';
COMMENT ON COLUMN vigil.relationships.description IS 'Free text.';
COMMENT ON COLUMN vigil.relationships.metadata IS 'Whatever else is known, as JSON.';
COMMENT ON COLUMN vigil.relationships.first_observed IS 'When it was first observed; null if unknown.';
COMMENT ON COLUMN vigil.relationships.last_observed IS 'When it was last observed; null if unknown.';
COMMENT ON COLUMN vigil.relationships.created_at IS 'When the row was created.';
COMMENT ON COLUMN vigil.relationships.updated_at IS 'When the row was last updated. Kept by a trigger, unless the update sets it.';
COMMENT ON COLUMN vigil.relationships.verified IS 'A person has confirmed the relationship.';
COMMENT ON COLUMN vigil.relationships.is_active IS 'False: the relationship is kept, but is no part of the graph.';
COMMENT ON COLUMN vigil.relationships.inserted_xid IS 'Transaction that inserted the row, whatever the writer gives; the change feed finds new rows by it.';
COMMENT ON COLUMN vigil.relationships.attachment_id IS 'The attached table that the relationship is mirrored from (vigil.attached_tables); null: it was written here.';
COMMENT ON COLUMN vigil.relationships.attached_key IS 'Key of the row in the attached table, as text.';
COMMENT ON COLUMN vigil.relationships.attached_version IS 'Orders what was mirrored (a value of vigil.mirror_clock): an older state of the row never replaces a newer one. 0: taken up by a back-fill.';

-- tables/attachments.sql
-- Which table it is stands in the catalog (the triggers that call vigil.mirror_<id>()), not here: so
-- it follows renames, survives a dump, and a dropped table is noticed.
CREATE TABLE vigil.attachments (
    id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    kind "char" NOT NULL
        CHECK (kind IN ('e', 'r')),
    table_name text NOT NULL,
    options jsonb NOT NULL,
    key_columns text[] NOT NULL,
    key_types text[] NOT NULL,
    row_alias text NOT NULL,
    row_expression text NOT NULL,
    key_expression text NOT NULL,
    source_attachment_id integer,
    target_attachment_id integer,
    mapped integer NOT NULL,
    attached_by text NOT NULL,
    attached_at timestamptz NOT NULL DEFAULT now(),
    fill_position text[],
    fill_rows bigint NOT NULL DEFAULT 0,
    fill_rows_expected bigint NOT NULL DEFAULT 0,
    fill_passes integer NOT NULL DEFAULT 0,
    fill_started_at timestamptz,
    fill_advanced_at timestamptz,
    filled_at timestamptz,
    CHECK ((kind = 'r') = (source_attachment_id IS NOT NULL AND target_attachment_id IS NOT NULL))
);

CREATE INDEX attachments_source_attachment_id_idx ON vigil.attachments (source_attachment_id);
CREATE INDEX attachments_target_attachment_id_idx ON vigil.attachments (target_attachment_id);

COMMENT ON TABLE vigil.attachments IS 'How the rows of attached tables become entities and relationships, and how far their back-fill is. Written by vigil.attach_entities(), vigil.attach_relationships() and vigil.backfill(); see vigil.attached_tables.';
COMMENT ON COLUMN vigil.attachments.id IS 'Number of the attachment; its trigger function is vigil.mirror_<id>().';
COMMENT ON COLUMN vigil.attachments.kind IS 'e: the rows are entities, r: they are relationships.';
COMMENT ON COLUMN vigil.attachments.table_name IS 'Name of the table when it was attached.';
COMMENT ON COLUMN vigil.attachments.options IS 'The columns and expressions, as they were given.';
COMMENT ON COLUMN vigil.attachments.key_columns IS 'Columns of the key.';
COMMENT ON COLUMN vigil.attachments.key_types IS 'Types of the columns of the key.';
COMMENT ON COLUMN vigil.attachments.row_alias IS 'Name of the row in the expressions.';
COMMENT ON COLUMN vigil.attachments.row_expression IS 'Expression over a row of the table that makes a vigil.mirrored_entity or vigil.mirrored_relationship of it; checked and written out by the server.';
COMMENT ON COLUMN vigil.attachments.key_expression IS 'Expression over a row of the table that makes its key as text.';
COMMENT ON COLUMN vigil.attachments.source_attachment_id IS 'The attached table in which the sources of the relationships are found.';
COMMENT ON COLUMN vigil.attachments.target_attachment_id IS 'The attached table in which the targets of the relationships are found.';
COMMENT ON COLUMN vigil.attachments.mapped IS 'The attributes that the table gives, as bits in their order after the type; the others keep what was written here.';
COMMENT ON COLUMN vigil.attachments.attached_by IS 'Who attached it.';
COMMENT ON COLUMN vigil.attachments.attached_at IS 'When it was attached.';
COMMENT ON COLUMN vigil.attachments.fill_position IS 'Key of the last row that the back-fill has taken up.';
COMMENT ON COLUMN vigil.attachments.fill_rows IS 'Rows that this pass of the back-fill has taken up.';
COMMENT ON COLUMN vigil.attachments.fill_rows_expected IS 'Rows that the table was thought to have when the pass began.';
COMMENT ON COLUMN vigil.attachments.fill_passes IS 'Completed passes of the back-fill. The first takes up what is there; a later one compares and repairs.';
COMMENT ON COLUMN vigil.attachments.fill_started_at IS 'When the pass began.';
COMMENT ON COLUMN vigil.attachments.fill_advanced_at IS 'When its last batch was committed.';
COMMENT ON COLUMN vigil.attachments.filled_at IS 'When the last pass was completed; null: it is yet to be completed.';

-- Each change takes a number while it holds the locks of the rows that it changes: so the numbers of one
-- row rise in the order of its states, whatever the order of commits, in every isolation level.
CREATE SEQUENCE vigil.mirror_clock;

COMMENT ON SEQUENCE vigil.mirror_clock IS 'Numbers the statements that write attached tables.';

-- tables/pending_rows.sql
CREATE TABLE vigil.pending_rows (
    id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    attachment_id integer NOT NULL,
    operation "char" NOT NULL
        CHECK (operation IN ('I', 'U', 'D', 'T')),
    version bigint NOT NULL,
    row_count integer NOT NULL DEFAULT 0,
    keys text[],
    entities vigil.mirrored_entity[],
    relationships vigil.mirrored_relationship[],
    queued_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX pending_rows_attachment_id_idx ON vigil.pending_rows (attachment_id, id);

COMMENT ON TABLE vigil.pending_rows IS 'Changes of attached tables that wait to be mirrored: statements with more rows than the setting attach_rows_at_once, and deletes of rows that were not there yet. The sidecar, vigil.mirror_pending() and vigil.backfill() take them up.';
COMMENT ON COLUMN vigil.pending_rows.id IS 'Order in which they were queued.';
COMMENT ON COLUMN vigil.pending_rows.attachment_id IS 'The attachment.';
COMMENT ON COLUMN vigil.pending_rows.operation IS 'I: inserted rows, U: updated rows, D: deleted keys, T: the table was truncated.';
COMMENT ON COLUMN vigil.pending_rows.version IS 'Number of the change (vigil.mirror_clock).';
COMMENT ON COLUMN vigil.pending_rows.row_count IS 'How many rows.';
COMMENT ON COLUMN vigil.pending_rows.keys IS 'Keys of deleted rows.';
COMMENT ON COLUMN vigil.pending_rows.entities IS 'The rows, where they are entities.';
COMMENT ON COLUMN vigil.pending_rows.relationships IS 'The rows, where they are relationships.';
COMMENT ON COLUMN vigil.pending_rows.queued_at IS 'When they were queued.';

-- Arrays of rows compress well, and lz4 takes a fraction of the time of the default, which writers would pay.
DO $$
BEGIN
    ALTER TABLE vigil.pending_rows
        ALTER keys SET COMPRESSION lz4,
        ALTER entities SET COMPRESSION lz4,
        ALTER relationships SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
    NULL;
END
$$;

-- tables/parked_relationships.sql
CREATE TABLE vigil.parked_relationships (
    attachment_id integer NOT NULL,
    key text COLLATE "C" NOT NULL,
    source_attachment_id integer NOT NULL,
    source_key text COLLATE "C" NOT NULL,
    target_attachment_id integer NOT NULL,
    target_key text COLLATE "C" NOT NULL,
    relationship vigil.mirrored_relationship NOT NULL,
    version bigint NOT NULL,
    awaits xid8 NOT NULL DEFAULT pg_snapshot_xmax(pg_current_snapshot()),
    is_settled boolean NOT NULL DEFAULT false,
    parked_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (attachment_id, key)
);

CREATE INDEX parked_relationships_source_idx ON vigil.parked_relationships (source_attachment_id, source_key);
CREATE INDEX parked_relationships_target_idx ON vigil.parked_relationships (target_attachment_id, target_key);
CREATE INDEX parked_relationships_unsettled_idx ON vigil.parked_relationships (attachment_id) WHERE NOT is_settled;

COMMENT ON TABLE vigil.parked_relationships IS 'Rows of attached tables whose source or target is not among the entities yet. They become relationships when the entity comes.';
COMMENT ON COLUMN vigil.parked_relationships.attachment_id IS 'The attachment.';
COMMENT ON COLUMN vigil.parked_relationships.key IS 'Key of the row, as text.';
COMMENT ON COLUMN vigil.parked_relationships.source_attachment_id IS 'The attachment in which its source is looked for.';
COMMENT ON COLUMN vigil.parked_relationships.source_key IS 'Key of the source.';
COMMENT ON COLUMN vigil.parked_relationships.target_attachment_id IS 'The attachment in which its target is looked for.';
COMMENT ON COLUMN vigil.parked_relationships.target_key IS 'Key of the target.';
COMMENT ON COLUMN vigil.parked_relationships.relationship IS 'The row.';
COMMENT ON COLUMN vigil.parked_relationships.version IS 'Number of the change (vigil.mirror_clock).';
COMMENT ON COLUMN vigil.parked_relationships.awaits IS 'Transactions before this one may have inserted the entity without seeing the parked row.';
COMMENT ON COLUMN vigil.parked_relationships.is_settled IS 'It was looked at again after all of them had ended; from then on the entity itself brings it back.';
COMMENT ON COLUMN vigil.parked_relationships.parked_at IS 'When it was parked.';

-- tables/rejected_rows.sql
CREATE TABLE vigil.rejected_rows (
    attachment_id integer NOT NULL,
    key text COLLATE "C",
    reason text NOT NULL,
    sqlstate text,
    rejected_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE INDEX rejected_rows_key_idx ON vigil.rejected_rows (attachment_id, key);

COMMENT ON TABLE vigil.rejected_rows IS 'Rows of attached tables that could not be mirrored. The writer''s statement succeeded; an entity or relationship that was there before keeps its last good state. A good update of the row, or CALL vigil.backfill(), clears the entry.';
COMMENT ON COLUMN vigil.rejected_rows.attachment_id IS 'The attachment.';
COMMENT ON COLUMN vigil.rejected_rows.key IS 'Key of the row, as text; null: not even the key could be had, and the rows of a whole statement are missing until CALL vigil.backfill().';
COMMENT ON COLUMN vigil.rejected_rows.reason IS 'Why.';
COMMENT ON COLUMN vigil.rejected_rows.sqlstate IS 'SQLSTATE of the error, where there was one.';
COMMENT ON COLUMN vigil.rejected_rows.rejected_at IS 'When it was found.';

-- tables/observation_history.sql
-- A ring of four half-years: the partitions are the same in every database and at every time. So no
-- maintenance has to come before a write, a dump restores each row wherever it belongs, and what is
-- over its time is removed by TRUNCATE of a partition that no writer uses. Four and not one a month,
-- because each partition adds to every read of the change feed.
CREATE TABLE vigil.observation_history (
    recorded_xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    recorded_at timestamptz NOT NULL DEFAULT now()
        CHECK (isfinite(recorded_at)),
    observed_at timestamptz NOT NULL DEFAULT now()
        CHECK (isfinite(observed_at)),
    kind "char" NOT NULL
        CHECK (kind IN ('e', 'r')),
    operation "char" NOT NULL
        CHECK (operation IN ('U', 'D', 'H')),
    subject_id bigint NOT NULL,
    source_entity_id bigint,
    target_entity_id bigint,
    confidence real,
    risk_score real,
    weight double precision,
    confidence_before real,
    risk_before real,
    weight_before double precision
) PARTITION BY LIST (vigil.history_slot(recorded_at));

CREATE INDEX observation_history_recorded_xid_idx ON vigil.observation_history (recorded_xid);
CREATE INDEX observation_history_subject_idx ON vigil.observation_history (kind, subject_id, observed_at);

CREATE TABLE vigil.observation_history_0 PARTITION OF vigil.observation_history FOR VALUES IN (0);
CREATE TABLE vigil.observation_history_1 PARTITION OF vigil.observation_history FOR VALUES IN (1);
CREATE TABLE vigil.observation_history_2 PARTITION OF vigil.observation_history FOR VALUES IN (2);
CREATE TABLE vigil.observation_history_3 PARTITION OF vigil.observation_history FOR VALUES IN (3);

COMMENT ON TABLE vigil.observation_history_0 IS 'The observations of the half-years whose vigil.history_slot() is 0.';
COMMENT ON TABLE vigil.observation_history_1 IS 'The observations of the half-years whose vigil.history_slot() is 1.';
COMMENT ON TABLE vigil.observation_history_2 IS 'The observations of the half-years whose vigil.history_slot() is 2.';
COMMENT ON TABLE vigil.observation_history_3 IS 'The observations of the half-years whose vigil.history_slot() is 3.';

COMMENT ON TABLE vigil.observation_history IS 'What was observed of rows that were there before: each update and delete leaves one row. It is the history of behaviour and the log of the change feed in one. Inserts are not in it: the row itself tells.';
COMMENT ON COLUMN vigil.observation_history.recorded_xid IS 'Transaction that recorded it, whatever the writer gives; the change feed finds new rows by it.';
COMMENT ON COLUMN vigil.observation_history.recorded_at IS 'When it was recorded: the start of that transaction.';
COMMENT ON COLUMN vigil.observation_history.observed_at IS 'When it was observed: the new last_seen or last_observed where the update sets one, else the time of recording.';
COMMENT ON COLUMN vigil.observation_history.kind IS 'e: an entity, r: a relationship.';
COMMENT ON COLUMN vigil.observation_history.operation IS 'U: an update, D: a delete, H: an observation from before the row was in Vigil.';
COMMENT ON COLUMN vigil.observation_history.subject_id IS 'Id of the entity or relationship.';
COMMENT ON COLUMN vigil.observation_history.source_entity_id IS 'The source of a deleted relationship: its row is gone, and the features of its ends move with it. Null otherwise.';
COMMENT ON COLUMN vigil.observation_history.target_entity_id IS 'The target of a deleted relationship. Null otherwise.';
COMMENT ON COLUMN vigil.observation_history.confidence IS 'Confidence after it; null after a delete.';
COMMENT ON COLUMN vigil.observation_history.risk_score IS 'Risk after it; null after a delete and for relationships.';
COMMENT ON COLUMN vigil.observation_history.weight IS 'Weight after it; null after a delete and for entities.';
COMMENT ON COLUMN vigil.observation_history.confidence_before IS 'Confidence before it.';
COMMENT ON COLUMN vigil.observation_history.risk_before IS 'Risk before it; null for relationships.';
COMMENT ON COLUMN vigil.observation_history.weight_before IS 'Weight before it; null for entities.';

-- tables/feed_doorbell.sql
-- A sequence and not a column of vigil.feed_state: it has one row version for ever, whatever
-- transactions are open, so writers read it in constant time even while a long transaction keeps
-- every old version of feed_state alive; and setting it waits for no flush.
CREATE SEQUENCE vigil.feed_doorbell AS smallint MINVALUE 0 MAXVALUE 1 START WITH 0 NO CYCLE;

COMMENT ON SEQUENCE vigil.feed_doorbell IS 'Whether writers ring the doorbell: 1 while the reader of the change feed sleeps, else 0. Set by vigil.arm_feed().';

-- tables/feed_state.sql
CREATE TABLE vigil.feed_state (
    singleton boolean PRIMARY KEY DEFAULT true
        CHECK (singleton),
    epoch_seen bigint,
    system_identifier bigint,
    database_oid oid,
    snapshot pg_snapshot,
    armed boolean NOT NULL DEFAULT false,
    batches bigint NOT NULL DEFAULT 0 CHECK (batches >= 0),
    changes bigint NOT NULL DEFAULT 0 CHECK (changes >= 0),
    replays bigint NOT NULL DEFAULT 0 CHECK (replays >= 0),
    last_batch_at timestamptz,
    last_batch_changes bigint CHECK (last_batch_changes >= 0),
    loaded_at timestamptz
) WITH (fillfactor = 10);

COMMENT ON TABLE vigil.feed_state IS 'How far the change feed has been read: one row, written in the same transaction as the results. Its values mean nothing in another cluster, so it is no part of a dump.';
COMMENT ON COLUMN vigil.feed_state.singleton IS 'Always true: the key that allows one row.';
COMMENT ON COLUMN vigil.feed_state.epoch_seen IS 'The epoch (vigil.feed_epochs) in which the graph was loaded; a later one calls for a full reload.';
COMMENT ON COLUMN vigil.feed_state.system_identifier IS 'The cluster in which the graph was loaded; another one calls for a full reload.';
COMMENT ON COLUMN vigil.feed_state.database_oid IS 'The database in which the graph was loaded; another one calls for a full reload.';
COMMENT ON COLUMN vigil.feed_state.snapshot IS 'Every change visible in this snapshot has been taken up. Null: nothing has been loaded.';
COMMENT ON COLUMN vigil.feed_state.armed IS 'The reader is about to sleep and wants the doorbell rung. A change of it sets vigil.feed_doorbell.';
COMMENT ON COLUMN vigil.feed_state.batches IS 'Batches read since the installation.';
COMMENT ON COLUMN vigil.feed_state.changes IS 'Changes read since the installation.';
COMMENT ON COLUMN vigil.feed_state.replays IS 'Batches that were read again after a failure.';
COMMENT ON COLUMN vigil.feed_state.last_batch_at IS 'When the last batch was committed.';
COMMENT ON COLUMN vigil.feed_state.last_batch_changes IS 'Changes in the last batch.';
COMMENT ON COLUMN vigil.feed_state.loaded_at IS 'When the graph was last loaded as a whole.';

INSERT INTO vigil.feed_state DEFAULT VALUES;

-- tables/feed_epochs.sql
CREATE TABLE vigil.feed_epochs (
    epoch bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    reason text NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp()
);

COMMENT ON TABLE vigil.feed_epochs IS 'Events that the change feed cannot express as single changes: the reader loads everything again when the highest epoch is not the one that it has seen.';
COMMENT ON COLUMN vigil.feed_epochs.epoch IS 'Number of the epoch. Epochs become visible in ascending order.';
COMMENT ON COLUMN vigil.feed_epochs.reason IS 'What happened.';
COMMENT ON COLUMN vigil.feed_epochs.at IS 'When it happened.';

INSERT INTO vigil.feed_epochs (reason) VALUES ('installed');

-- tables/entity_metrics.sql
CREATE TABLE vigil.entity_metrics (
    entity_id bigint PRIMARY KEY,
    degree integer CHECK (degree >= 0),
    degree_centrality double precision CHECK (degree_centrality BETWEEN 0 AND 1),
    incoming_relationships integer CHECK (incoming_relationships >= 0),
    outgoing_relationships integer CHECK (outgoing_relationships >= 0),
    strength double precision,
    clustering_coefficient double precision CHECK (clustering_coefficient BETWEEN 0 AND 1),
    triangle_count bigint CHECK (triangle_count >= 0),
    core_number integer CHECK (core_number >= 0),
    component_id bigint,
    pagerank double precision CHECK (pagerank BETWEEN 0 AND 1),
    pagerank_error double precision CHECK (pagerank_error >= 0),
    measured_at timestamptz NOT NULL DEFAULT now(),
    betweenness_centrality double precision CHECK (betweenness_centrality >= 0),
    betweenness_error double precision CHECK (betweenness_error >= 0),
    closeness_centrality double precision CHECK (closeness_centrality >= 0),
    closeness_error double precision CHECK (closeness_error >= 0),
    harmonic_centrality double precision CHECK (harmonic_centrality >= 0),
    harmonic_error double precision CHECK (harmonic_error >= 0),
    eigenvector_centrality double precision CHECK (eigenvector_centrality >= 0),
    eigenvector_error double precision CHECK (eigenvector_error >= 0),
    community_id bigint,
    is_articulation_point boolean,
    as_of timestamptz NOT NULL DEFAULT now(),
    graph_epoch bigint,
    is_exact boolean NOT NULL DEFAULT true
) WITH (fillfactor = 70);

COMMENT ON TABLE vigil.entity_metrics IS 'Graph metrics of each entity, on the simple undirected graph of active relationships unless said otherwise. Those up to pagerank are kept in place and were true at measured_at; the others are of the state of the graph that as_of and graph_epoch name. vigil.metric_status tells how each is kept. Without a foreign key, so that writing them never waits for writers of entities.';
COMMENT ON COLUMN vigil.entity_metrics.entity_id IS 'The entity.';
COMMENT ON COLUMN vigil.entity_metrics.degree IS 'Distinct neighbours.';
COMMENT ON COLUMN vigil.entity_metrics.degree_centrality IS 'Distinct neighbours / (n - 1).';
COMMENT ON COLUMN vigil.entity_metrics.incoming_relationships IS 'Active relationships that lead to it, parallel ones and loops counted.';
COMMENT ON COLUMN vigil.entity_metrics.outgoing_relationships IS 'Active relationships that start from it, parallel ones and loops counted.';
COMMENT ON COLUMN vigil.entity_metrics.strength IS 'Sum of the weights of its active relationships in both directions, a loop twice; those without a weight are left out. Null if none has one.';
COMMENT ON COLUMN vigil.entity_metrics.clustering_coefficient IS 'Local clustering coefficient 2T / (d (d - 1)), 0 below degree 2 (Watts and Strogatz 1998, doi:10.1038/30918).';
COMMENT ON COLUMN vigil.entity_metrics.triangle_count IS 'Triangles through the entity.';
COMMENT ON COLUMN vigil.entity_metrics.core_number IS 'Largest k so that the entity is in the k-core (Seidman 1983, doi:10.1016/0378-8733(83)90028-X).';
COMMENT ON COLUMN vigil.entity_metrics.component_id IS 'Connected component: the smallest entity id in it.';
COMMENT ON COLUMN vigil.entity_metrics.pagerank IS 'PageRank on the directed graph, damping 0.85, the mass of entities without successors spread evenly (doi:10.1016/S0169-7552(98)00110-X).';
COMMENT ON COLUMN vigil.entity_metrics.pagerank_error IS 'All PageRanks together are off by no more (sum of absolute differences).';
COMMENT ON COLUMN vigil.entity_metrics.measured_at IS 'When degree to pagerank were measured: the time of the last change that touched the entity, or of a later scan.';
COMMENT ON COLUMN vigil.entity_metrics.betweenness_centrality IS 'Share of the shortest paths between others through it: Brandes, divided by (n - 1)(n - 2) / 2 (doi:10.1080/0022250X.2001.9990249).';
COMMENT ON COLUMN vigil.entity_metrics.betweenness_error IS 'It is off by no more, with the certainty that vigil.metric_status names; 0: exact at as_of; null: an estimate without a bound.';
COMMENT ON COLUMN vigil.entity_metrics.closeness_centrality IS 'Closeness by Wasserman and Faust: share of the entities it reaches, divided by their mean distance.';
COMMENT ON COLUMN vigil.entity_metrics.closeness_error IS 'It is off by no more, with the certainty that vigil.metric_status names; 0: exact at as_of; null: an estimate without a bound.';
COMMENT ON COLUMN vigil.entity_metrics.harmonic_centrality IS 'Harmonic centrality: sum of 1 / distance.';
COMMENT ON COLUMN vigil.entity_metrics.harmonic_error IS 'It is off by no more, with the certainty that vigil.metric_status names; 0: exact at as_of; null: an estimate without a bound.';
COMMENT ON COLUMN vigil.entity_metrics.eigenvector_centrality IS 'Component of the principal eigenvector, whose length is 1.';
COMMENT ON COLUMN vigil.entity_metrics.eigenvector_error IS 'Length of A x - lambda x for the whole vector at as_of; null: an estimate without a bound.';
COMMENT ON COLUMN vigil.entity_metrics.community_id IS 'Community by the Leiden algorithm: the smallest entity id in it (doi:10.1038/s41598-019-41695-z).';
COMMENT ON COLUMN vigil.entity_metrics.is_articulation_point IS 'True: without it its connected component would fall apart.';
COMMENT ON COLUMN vigil.entity_metrics.as_of IS 'The time of which betweenness to is_articulation_point are.';
COMMENT ON COLUMN vigil.entity_metrics.graph_epoch IS 'State of the graph of which they are.';
COMMENT ON COLUMN vigil.entity_metrics.is_exact IS 'False: betweenness and closeness are sampled, or estimates for an entity that is younger than as_of.';

-- tables/metric_health.sql
CREATE TABLE vigil.metric_health (
    metric text PRIMARY KEY,
    method text NOT NULL
        CHECK (method IN ('incremental', 'exact', 'sampled', 'recomputed')),
    as_of timestamptz NOT NULL DEFAULT now(),
    graph_epoch bigint,
    error_bound double precision CHECK (error_bound >= 0),
    error_probability double precision CHECK (error_probability BETWEEN 0 AND 1),
    sample_count bigint CHECK (sample_count >= 0),
    seconds double precision CHECK (seconds >= 0),
    audited_at timestamptz,
    audited_count bigint CHECK (audited_count >= 0),
    largest_difference double precision CHECK (largest_difference >= 0),
    note text
) WITH (fillfactor = 50);

COMMENT ON TABLE vigil.metric_health IS 'How each graph metric is kept, how good it is, and what the sampled audit of it found. Written by the sidecar.';
COMMENT ON COLUMN vigil.metric_health.metric IS 'Name of the metric, as the column of vigil.entity_metrics.';
COMMENT ON COLUMN vigil.metric_health.method IS 'incremental: kept in place with every change; exact: computed from the whole graph in the background; sampled: from a random sample; recomputed: an audit found the incremental values outside their bound, so they are computed anew.';
COMMENT ON COLUMN vigil.metric_health.as_of IS 'The time of which the values are; for an incremental metric the last change.';
COMMENT ON COLUMN vigil.metric_health.graph_epoch IS 'State of the graph of which they are; null for an incremental metric.';
COMMENT ON COLUMN vigil.metric_health.error_bound IS 'The values are off by no more; 0: exact; null: no bound is known.';
COMMENT ON COLUMN vigil.metric_health.error_probability IS 'Probability that some value is off by more; null: the bound is certain.';
COMMENT ON COLUMN vigil.metric_health.sample_count IS 'Size of the sample; null if it is not sampled.';
COMMENT ON COLUMN vigil.metric_health.seconds IS 'What the last computation from the whole graph took.';
COMMENT ON COLUMN vigil.metric_health.audited_at IS 'When kept values were last compared with recomputed ones; null: never.';
COMMENT ON COLUMN vigil.metric_health.audited_count IS 'How many values have been compared since the sidecar loaded the graph.';
COMMENT ON COLUMN vigil.metric_health.largest_difference IS 'The largest difference that these comparisons have found.';
COMMENT ON COLUMN vigil.metric_health.note IS 'What an administrator should know, for example the finding that made it switch to recomputation.';

-- tables/entity_scores.sql
CREATE TABLE vigil.entity_scores (
    entity_id bigint PRIMARY KEY,
    anomaly_score double precision NOT NULL
        CHECK (anomaly_score BETWEEN 0 AND 1),
    p_value double precision
        CHECK (p_value BETWEEN 0 AND 1),
    confidence double precision NOT NULL
        CHECK (confidence BETWEEN 0 AND 1),
    severity text NOT NULL
        CHECK (severity IN ('low', 'medium', 'high', 'critical')),
    features double precision[],
    detectors jsonb,
    detection_method text NOT NULL,
    model_version text,
    graph_epoch bigint,
    scored_at timestamptz NOT NULL DEFAULT now(),
    score_count bigint NOT NULL DEFAULT 1
        CHECK (score_count >= 1)
) WITH (fillfactor = 70);

CREATE INDEX entity_scores_anomaly_score_idx ON vigil.entity_scores (anomaly_score DESC, entity_id);

COMMENT ON TABLE vigil.entity_scores IS 'The newest score of each entity. Without a foreign key, so that writing it never waits for writers of entities.';
COMMENT ON COLUMN vigil.entity_scores.entity_id IS 'The entity.';
COMMENT ON COLUMN vigil.entity_scores.anomaly_score IS 'min(1, -log10(p) / 5): one in 1,000 is 0.6.';
COMMENT ON COLUMN vigil.entity_scores.p_value IS 'Tail probability of all detectors combined; null if none could speak.';
COMMENT ON COLUMN vigil.entity_scores.confidence IS 'How far the score can be trusted, 0 to 1.';
COMMENT ON COLUMN vigil.entity_scores.severity IS 'low, medium, high or critical.';
COMMENT ON COLUMN vigil.entity_scores.features IS 'The feature vector that was scored; NaN is a missing value.';
COMMENT ON COLUMN vigil.entity_scores.detectors IS 'What each detector said.';
COMMENT ON COLUMN vigil.entity_scores.detection_method IS 'Which detectors made the score.';
COMMENT ON COLUMN vigil.entity_scores.model_version IS 'The model that was used; null if only rules spoke.';
COMMENT ON COLUMN vigil.entity_scores.graph_epoch IS 'State of the graph that was scored.';
COMMENT ON COLUMN vigil.entity_scores.scored_at IS 'When it was scored.';
COMMENT ON COLUMN vigil.entity_scores.score_count IS 'How often the entity has been scored.';

-- tables/indicators.sql
CREATE TABLE vigil.indicators (
    name text PRIMARY KEY
        CHECK (name ~ '^[a-z][a-z0-9_]*$'),
    anomaly_type text NOT NULL
        CHECK (anomaly_type IN ('behavioral', 'relationship', 'infrastructure', 'data_quality', 'temporal', 'semantic')),
    scope text NOT NULL
        CHECK (scope IN ('entity', 'relationship')),
    condition jsonb NOT NULL
        CHECK (jsonb_typeof(condition) = 'object'),
    weight double precision NOT NULL DEFAULT 1
        CHECK (weight BETWEEN 0 AND 1),
    description text NOT NULL,
    recommendation text NOT NULL,
    is_enabled boolean NOT NULL DEFAULT true,
    version integer NOT NULL DEFAULT 1
        CHECK (version >= 1)
);

COMMENT ON TABLE vigil.indicators IS 'Named signs by which an anomaly is classified. They can be edited, switched off and added to.';
COMMENT ON COLUMN vigil.indicators.name IS 'Name of the indicator.';
COMMENT ON COLUMN vigil.indicators.anomaly_type IS 'Type of anomaly that it speaks for.';
COMMENT ON COLUMN vigil.indicators.scope IS 'What it looks at: entity or relationship.';
COMMENT ON COLUMN vigil.indicators.condition IS 'Condition over the features, as JSON.';
COMMENT ON COLUMN vigil.indicators.weight IS 'How much it counts when the primary type is chosen, 0 to 1.';
COMMENT ON COLUMN vigil.indicators.description IS 'What it means when it holds.';
COMMENT ON COLUMN vigil.indicators.recommendation IS 'The next step for an analyst.';
COMMENT ON COLUMN vigil.indicators.is_enabled IS 'False: the indicator is not looked at.';
COMMENT ON COLUMN vigil.indicators.version IS 'Number of this wording of the indicator; each change raises it.';

-- tables/indicator_rows.sql
-- The indicators of entities that Vigil comes with. A condition is certain or it does not fire: what
-- is unknown about an entity, and every peer quantile before a model exists, is neither true nor false.
INSERT INTO vigil.indicators (name, anomaly_type, scope, condition, weight, description, recommendation)
VALUES
    ('low_metadata_richness', 'data_quality', 'entity',
     '{"all": [{"feature": "metadata_richness", "op": "<", "value": 0.2},
               {"feature": "metadata_richness", "op": "<", "peer_quantile": 0.05}]}',
     0.2, 'Low metadata richness',
     'collect the missing metadata of {name} from its sources before trusting what it is linked to.'),
    ('missing_name', 'data_quality', 'entity',
     '{"signal": "has_name", "op": "=", "value": 0}',
     0.2, 'Missing name',
     'find out what {name} is and name it, or merge it with the entity that it stands for.'),
    ('low_confidence', 'data_quality', 'entity',
     '{"feature": "confidence_score", "op": "<", "value": 0.3}',
     0.3, 'Low confidence',
     'look for a second, independent source that confirms {name}.'),
    ('high_update_frequency', 'behavioral', 'entity',
     '{"all": [{"feature": "update_frequency", "op": ">=", "value": 1},
               {"feature": "update_frequency", "op": ">=", "peer_quantile": 0.99}]}',
     0.4, 'High update frequency',
     'check which source keeps changing {name}, and whether its values flip to and fro.'),
    ('unusual_degree', 'behavioral', 'entity',
     '{"all": [{"signal": "degree", "op": ">=", "value": 5},
               {"signal": "degree", "op": ">", "peer_quantile": 0.99}]}',
     0.4, 'Unusual degree for its type',
     'check where the many relationships of {name} come from, beginning with the newest.'),
    ('possible_honeypot', 'infrastructure', 'entity',
     '{"all": [{"feature": "risk_score", "op": ">=", "value": 0.7},
               {"feature": "confidence_score", "op": "<=", "value": 0.4},
               {"signal": "in_degree", "op": ">=", "value": 10},
               {"any": [{"signal": "in_degree", "op": ">=", "peer_quantile": 0.9},
                        {"signal": "in_degree", "op": ">=", "value": 30}]}]}',
     0.7, 'Possible honeypot',
     'do not act on {name} yet: ask the owner of its network, and check who draws traffic to it.'),
    ('possible_sinkhole', 'infrastructure', 'entity',
     '{"all": [{"type": ["ip_address"]},
               {"feature": "clustering_coefficient", "op": "<", "value": 0.1},
               {"any": [{"all": [{"signal": "inbound_count", "relationship_type": "resolves_to", "op": ">=", "value": 10},
                                 {"signal": "inbound_count", "relationship_type": "resolves_to", "op": ">", "peer_quantile": 0.99}]},
                        {"signal": "inbound_count", "relationship_type": "resolves_to", "op": ">=", "value": 100}]}]}',
     0.8, 'Possible sinkhole',
     'look up who runs {name}; if it is a known sinkhole, tag it and stop counting its domains as linked.'),
    ('burst', 'temporal', 'entity',
     '{"all": [{"signal": "burst_count", "op": ">=", "setting": "burst_count_min"},
               {"any": [{"signal": "burst_count", "op": ">", "peer_quantile": 0.99},
                        {"signal": "burst_count", "op": ">=", "value": 100}]}]}',
     0.5, 'Burst of new relationships',
     'check who wrote the newest relationships of {name}, and whether one campaign or one import explains them.'),
    ('rapid_growth', 'temporal', 'entity',
     '{"all": [{"feature": "first_seen_age_days", "op": "<", "value": 7},
               {"feature": "relationship_count", "op": ">=", "value": 10},
               {"feature": "relationship_count", "op": ">=", "peer_quantile": 0.95}]}',
     0.5, 'Rapid growth',
     'check how {name} got so many relationships so soon after it was first seen.'),
    ('dormant_reactivation', 'temporal', 'entity',
     '{"signal": "dormancy_days", "op": ">=", "setting": "dormancy_days"}',
     0.6, 'Reactivation after dormancy',
     'check what woke {name}: a new owner, a takeover, or a source that reports again.'),
    ('bridging_node', 'relationship', 'entity',
     '{"any": [{"all": [{"signal": "tie_range", "op": ">=", "value": 4},
                        {"signal": "tie_range", "op": ">=", "peer_quantile": 0.95}]},
               {"all": [{"signal": "bridged_pairs", "op": ">=", "value": 9},
                        {"signal": "bridged_pairs", "op": ">", "peer_quantile": 0.99}]}]}',
     0.9, 'Bridge between distant regions',
     'verify the newest relationships of {name}: they join regions that had nothing to do with each other.'),
    ('risk_mismatch', 'relationship', 'entity',
     '{"all": [{"signal": "neighbour_risk_gap", "op": ">=", "value": 0.5},
               {"signal": "degree", "op": ">=", "value": 3},
               {"any": [{"signal": "neighbour_risk_gap", "op": ">=", "peer_quantile": 0.99},
                        {"signal": "neighbour_risk_gap", "op": ">=", "value": 0.7}]}]}',
     0.4, 'Risk unlike that of its neighbours',
     'rate the risk of {name} again, or check why it is linked to entities of such different risk.'),
    ('distrusted', 'behavioral', 'entity',
     '{"all": [{"signal": "mean_rating", "op": "<", "value": 0},
               {"signal": "rating_count", "op": ">=", "value": 2}]}',
     0.6, 'Badly rated',
     'read the ratings that {name} received, those of well-rated raters first, before dealing with it.'),
    ('dense_neighbourhood', 'relationship', 'entity',
     '{"all": [{"signal": "triangle_excess", "op": ">=", "value": 5},
               {"signal": "triangle_excess", "op": ">", "peer_quantile": 0.99}]}',
     0.4, 'Neighbours that are linked among each other far beyond chance',
     'check whether {name} and its neighbours are one operation, or one entity under several names.'),
    ('unexpected_neighbour_types', 'semantic', 'entity',
     '{"all": [{"signal": "distinct_neighbour_types", "op": ">=", "value": 4},
               {"signal": "distinct_neighbour_types", "op": ">", "peer_quantile": 0.99}]}',
     0.3, 'Neighbours of unexpectedly many types',
     'check whether {name} is of the right type, or stands for several things at once.');

-- tables/anomalies.sql
-- No foreign keys to the subjects: TRUNCATE of vigil.relationships would be refused, or take the record
-- along. Triggers close the anomalies of deleted and truncated subjects instead (triggers/close_anomalies.sql).
CREATE TABLE vigil.anomalies (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    subject_kind text NOT NULL
        CHECK (subject_kind IN ('entity', 'relationship')),
    subject_id bigint NOT NULL,
    subject_type text,
    subject_name text,
    entity_id bigint,
    relationship_id bigint,
    anomaly_type text NOT NULL
        CHECK (anomaly_type IN ('behavioral', 'relationship', 'infrastructure', 'data_quality', 'temporal', 'semantic')),
    all_types text[] NOT NULL DEFAULT '{}'
        CHECK (all_types <@ '{behavioral,relationship,infrastructure,data_quality,temporal,semantic}'::text[]),
    anomaly_score double precision NOT NULL
        CHECK (anomaly_score BETWEEN 0 AND 1),
    peak_score double precision NOT NULL
        CHECK (peak_score BETWEEN 0 AND 1),
    p_value double precision
        CHECK (p_value BETWEEN 0 AND 1),
    confidence double precision NOT NULL
        CHECK (confidence BETWEEN 0 AND 1),
    severity text NOT NULL
        CHECK (severity IN ('low', 'medium', 'high', 'critical')),
    description text NOT NULL DEFAULT '',
    explanation jsonb NOT NULL DEFAULT '{}'
        CHECK (jsonb_typeof(explanation) = 'object'),
    subgraph jsonb
        CHECK (jsonb_typeof(subgraph) = 'object'),
    detection_method text NOT NULL,
    indicators text[] NOT NULL DEFAULT '{}',
    recommendations text[] NOT NULL DEFAULT '{}',
    model_version text,
    graph_epoch bigint,
    first_detected timestamptz NOT NULL DEFAULT now(),
    last_detected timestamptz NOT NULL DEFAULT now(),
    occurrences integer NOT NULL DEFAULT 1
        CHECK (occurrences >= 1),
    reviewed boolean NOT NULL DEFAULT false,
    verdict text
        CHECK (verdict IN ('true_positive', 'false_positive', 'benign', 'undecided')),
    reviewed_by text,
    review_notes text
        CHECK (length(review_notes) <= 10000),
    reviewed_at timestamptz,
    assigned_to text
        CHECK (length(assigned_to) <= 200),
    suppressed_by bigint,
    suppressed_until timestamptz,
    community_id bigint,
    incident_id bigint,
    is_active boolean NOT NULL DEFAULT true,
    resolved_at timestamptz,
    resolution text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CHECK (peak_score >= anomaly_score),
    CHECK (entity_id IS NULL OR (subject_kind = 'entity' AND entity_id = subject_id)),
    CHECK (relationship_id IS NULL OR (subject_kind = 'relationship' AND relationship_id = subject_id)),
    CHECK (reviewed = (verdict IS NOT NULL)),
    CHECK (NOT (is_active AND resolved_at IS NOT NULL)),
    CHECK ((suppressed_by IS NULL) = (suppressed_until IS NULL))
) WITH (fillfactor = 80);

CREATE UNIQUE INDEX anomalies_open_key ON vigil.anomalies (subject_kind, subject_id, anomaly_type) WHERE is_active;
-- One index for each order and each filter of vigil.list_anomalies(). Those that end in score, time
-- and id give a page of that filter in its order without a sort.
CREATE INDEX anomalies_open_score_idx ON vigil.anomalies (anomaly_score DESC, first_detected DESC, id DESC) WHERE is_active;
CREATE INDEX anomalies_score_idx ON vigil.anomalies (anomaly_score DESC, first_detected DESC, id DESC);
CREATE INDEX anomalies_last_detected_idx ON vigil.anomalies (last_detected DESC, id DESC);
CREATE INDEX anomalies_severity_idx ON vigil.anomalies (severity, anomaly_score DESC, first_detected DESC, id DESC);
CREATE INDEX anomalies_type_idx ON vigil.anomalies (anomaly_type, anomaly_score DESC, first_detected DESC, id DESC);
CREATE INDEX anomalies_method_idx ON vigil.anomalies (detection_method, anomaly_score DESC, first_detected DESC, id DESC);
CREATE INDEX anomalies_subject_idx ON vigil.anomalies (subject_kind, subject_id, last_detected DESC);
CREATE INDEX anomalies_subject_name_idx ON vigil.anomalies (lower("left"(subject_name, 60)) text_pattern_ops);
CREATE INDEX anomalies_verdict_idx ON vigil.anomalies (verdict, anomaly_score DESC, first_detected DESC, id DESC) WHERE verdict IS NOT NULL;
CREATE INDEX anomalies_assigned_to_idx ON vigil.anomalies (assigned_to, anomaly_score DESC) WHERE assigned_to IS NOT NULL;
CREATE INDEX anomalies_suppressed_by_idx ON vigil.anomalies (suppressed_by) WHERE suppressed_by IS NOT NULL;
CREATE INDEX anomalies_incident_id_idx ON vigil.anomalies (incident_id);
CREATE INDEX anomalies_community_id_idx ON vigil.anomalies (community_id, last_detected DESC) WHERE community_id IS NOT NULL;

COMMENT ON TABLE vigil.anomalies IS 'What was found strange. One open anomaly for each subject and type: a repetition updates it.';
COMMENT ON COLUMN vigil.anomalies.id IS 'Key of the anomaly.';
COMMENT ON COLUMN vigil.anomalies.subject_kind IS 'What is strange: entity or relationship.';
COMMENT ON COLUMN vigil.anomalies.subject_id IS 'Id of the entity or relationship; kept when the row is deleted.';
COMMENT ON COLUMN vigil.anomalies.subject_type IS 'Type of the subject at detection; kept when the row is deleted.';
COMMENT ON COLUMN vigil.anomalies.subject_name IS 'Name of the subject at detection; kept when the row is deleted.';
COMMENT ON COLUMN vigil.anomalies.entity_id IS 'The entity; null for a relationship, and after the entity was deleted or truncated.';
COMMENT ON COLUMN vigil.anomalies.relationship_id IS 'The relationship; null for an entity, and after the relationship was deleted or truncated.';
COMMENT ON COLUMN vigil.anomalies.anomaly_type IS 'Primary type: behavioral, relationship, infrastructure, data_quality, temporal or semantic.';
COMMENT ON COLUMN vigil.anomalies.all_types IS 'Every type that holds.';
COMMENT ON COLUMN vigil.anomalies.anomaly_score IS 'Newest score: min(1, -log10(p) / 5).';
COMMENT ON COLUMN vigil.anomalies.peak_score IS 'Highest score so far.';
COMMENT ON COLUMN vigil.anomalies.p_value IS 'Tail probability behind the score; null if no detector could speak.';
COMMENT ON COLUMN vigil.anomalies.confidence IS 'How far the answer can be trusted, 0 to 1.';
COMMENT ON COLUMN vigil.anomalies.severity IS 'low, medium, high or critical.';
COMMENT ON COLUMN vigil.anomalies.description IS 'What is strange, in one sentence.';
COMMENT ON COLUMN vigil.anomalies.explanation IS 'Why it is strange: sentences, detectors, features, indicators, evidence. Read it with vigil.explain_anomaly().';
COMMENT ON COLUMN vigil.anomalies.subgraph IS 'The graph around the subject as it was at detection. Draw it with vigil.anomaly_dot().';
COMMENT ON COLUMN vigil.anomalies.detection_method IS 'Which detectors found it.';
COMMENT ON COLUMN vigil.anomalies.indicators IS 'Names of the indicators that held.';
COMMENT ON COLUMN vigil.anomalies.recommendations IS 'Next steps for an analyst.';
COMMENT ON COLUMN vigil.anomalies.model_version IS 'The model that was used; null if only rules spoke.';
COMMENT ON COLUMN vigil.anomalies.graph_epoch IS 'State of the graph that was scored.';
COMMENT ON COLUMN vigil.anomalies.first_detected IS 'When it was first detected.';
COMMENT ON COLUMN vigil.anomalies.last_detected IS 'When it was last detected.';
COMMENT ON COLUMN vigil.anomalies.occurrences IS 'How often it has been detected.';
COMMENT ON COLUMN vigil.anomalies.reviewed IS 'A person has judged it.';
COMMENT ON COLUMN vigil.anomalies.verdict IS 'true_positive, false_positive, benign or undecided; null before a review.';
COMMENT ON COLUMN vigil.anomalies.reviewed_by IS 'Who judged it.';
COMMENT ON COLUMN vigil.anomalies.review_notes IS 'What they noted.';
COMMENT ON COLUMN vigil.anomalies.reviewed_at IS 'When they judged it.';
COMMENT ON COLUMN vigil.anomalies.assigned_to IS 'Who looks after it.';
COMMENT ON COLUMN vigil.anomalies.suppressed_by IS 'The suppression that it falls under; null if none.';
COMMENT ON COLUMN vigil.anomalies.suppressed_until IS 'Until then it is kept, but not shown as open and not announced.';
COMMENT ON COLUMN vigil.anomalies.community_id IS 'Community of its subject when it was found, as vigil.entity_metrics has it; null if unknown.';
COMMENT ON COLUMN vigil.anomalies.incident_id IS 'The incident that it was put into when it was found; vigil.incidents.merged_into tells where that incident went.';
COMMENT ON COLUMN vigil.anomalies.is_active IS 'False: the anomaly is resolved or closed.';
COMMENT ON COLUMN vigil.anomalies.resolved_at IS 'When it was resolved or closed.';
COMMENT ON COLUMN vigil.anomalies.resolution IS 'Why it was resolved or closed.';
COMMENT ON COLUMN vigil.anomalies.created_at IS 'When the row was created.';
COMMENT ON COLUMN vigil.anomalies.updated_at IS 'When the row was last updated.';

-- tables/anomaly_counts.sql
-- Differences and not totals: whoever writes an anomaly adds a row and waits for nobody, not even for
-- a long transaction that closes anomalies of the same day. vigil.fold_anomaly_counts() adds them up.
CREATE TABLE vigil.anomaly_counts (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    day date NOT NULL,
    measure text NOT NULL
        CHECK (measure IN ('found', 'closed', 'true_positive', 'false_positive', 'benign', 'undecided')),
    severity text NOT NULL,
    anomaly_type text NOT NULL,
    difference bigint NOT NULL,
    is_folded boolean NOT NULL DEFAULT false
);

CREATE INDEX anomaly_counts_day_idx ON vigil.anomaly_counts (day, measure, severity, anomaly_type);
CREATE INDEX anomaly_counts_unfolded_idx ON vigil.anomaly_counts (id) WHERE NOT is_folded;

COMMENT ON TABLE vigil.anomaly_counts IS 'How many anomalies were found, closed and judged on each day, kept by triggers for vigil.anomaly_stats(). The sum of the differences is the number; it can always be counted again from vigil.anomalies.';
COMMENT ON COLUMN vigil.anomaly_counts.id IS 'Key of the row.';
COMMENT ON COLUMN vigil.anomaly_counts.day IS 'The day, in UTC: of first_detected for found, of resolved_at for closed, of reviewed_at for a verdict.';
COMMENT ON COLUMN vigil.anomaly_counts.measure IS 'found, closed, or a verdict.';
COMMENT ON COLUMN vigil.anomaly_counts.severity IS 'Severity of those anomalies.';
COMMENT ON COLUMN vigil.anomaly_counts.anomaly_type IS 'Primary type of those anomalies.';
COMMENT ON COLUMN vigil.anomaly_counts.difference IS 'By how many the number changed.';
COMMENT ON COLUMN vigil.anomaly_counts.is_folded IS 'The row is a sum of earlier ones.';

-- tables/reviews.sql
CREATE TABLE vigil.reviews (
    id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    anomaly_id uuid NOT NULL REFERENCES vigil.anomalies (id) ON DELETE CASCADE,
    verdict text NOT NULL
        CHECK (verdict IN ('true_positive', 'false_positive', 'benign', 'undecided')),
    notes text
        CHECK (length(notes) <= 10000),
    reviewed_by text NOT NULL,
    reviewed_at timestamptz NOT NULL DEFAULT now(),
    undone_by text,
    undone_at timestamptz,
    CHECK ((undone_by IS NULL) = (undone_at IS NULL))
);

CREATE INDEX reviews_anomaly_id_idx ON vigil.reviews (anomaly_id, id DESC);

COMMENT ON TABLE vigil.reviews IS 'Every review of every anomaly: the newest that was not undone is in force, and stands in vigil.anomalies too.';
COMMENT ON COLUMN vigil.reviews.id IS 'Key of the review; later reviews have higher keys.';
COMMENT ON COLUMN vigil.reviews.anomaly_id IS 'The anomaly.';
COMMENT ON COLUMN vigil.reviews.verdict IS 'true_positive, false_positive, benign or undecided.';
COMMENT ON COLUMN vigil.reviews.notes IS 'What was noted.';
COMMENT ON COLUMN vigil.reviews.reviewed_by IS 'Who judged.';
COMMENT ON COLUMN vigil.reviews.reviewed_at IS 'When they judged.';
COMMENT ON COLUMN vigil.reviews.undone_by IS 'Who took it back; null if it stands.';
COMMENT ON COLUMN vigil.reviews.undone_at IS 'When it was taken back.';

-- tables/suppressions.sql
CREATE TABLE vigil.suppressions (
    id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    entity_id bigint,
    relationship_id bigint,
    subject_type text,
    anomaly_type text
        CHECK (anomaly_type IN ('behavioral', 'relationship', 'infrastructure', 'data_quality', 'temporal', 'semantic')),
    indicator text,
    name_pattern text
        CHECK (name_pattern <> '' AND length(name_pattern) <= 200)
        -- LIKE fails on a pattern that ends with its escape character, and would fail who writes anomalies.
        CHECK (name_pattern !~ '(^|[^\\])(\\\\)*\\$'),
    reason text NOT NULL
        CHECK (reason <> '' AND length(reason) <= 2000),
    created_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    lifted_by text,
    lifted_at timestamptz,
    lift_reason text
        CHECK (length(lift_reason) <= 2000),
    CHECK (num_nonnulls(entity_id, relationship_id, subject_type, anomaly_type, indicator, name_pattern) > 0),
    CHECK (num_nonnulls(entity_id, relationship_id) < 2),
    CHECK ((lifted_by IS NULL) = (lifted_at IS NULL))
);

CREATE INDEX suppressions_entity_id_idx ON vigil.suppressions (entity_id) WHERE lifted_at IS NULL AND entity_id IS NOT NULL;
CREATE INDEX suppressions_relationship_id_idx ON vigil.suppressions (relationship_id) WHERE lifted_at IS NULL AND relationship_id IS NOT NULL;
CREATE INDEX suppressions_general_idx ON vigil.suppressions (expires_at) WHERE lifted_at IS NULL AND entity_id IS NULL AND relationship_id IS NULL;

COMMENT ON TABLE vigil.suppressions IS 'What is not to alert for a time. An anomaly that fits every condition given is recorded as ever, but is neither shown as open nor announced. Made by vigil.suppress_anomalies(), ended by vigil.lift_suppression() or by its expiry.';
COMMENT ON COLUMN vigil.suppressions.id IS 'Key of the suppression.';
COMMENT ON COLUMN vigil.suppressions.entity_id IS 'Only anomalies of this entity.';
COMMENT ON COLUMN vigil.suppressions.relationship_id IS 'Only anomalies of this relationship.';
COMMENT ON COLUMN vigil.suppressions.subject_type IS 'Only anomalies of entities or relationships of this type.';
COMMENT ON COLUMN vigil.suppressions.anomaly_type IS 'Only anomalies whose primary type is this one.';
COMMENT ON COLUMN vigil.suppressions.indicator IS 'Only anomalies that rest on this indicator alone: what another indicator found too still alerts.';
COMMENT ON COLUMN vigil.suppressions.name_pattern IS 'Only anomalies whose subject has a name that is ILIKE this pattern: % stands for any text, _ for one character.';
COMMENT ON COLUMN vigil.suppressions.reason IS 'Why it is suppressed.';
COMMENT ON COLUMN vigil.suppressions.created_by IS 'Who suppressed it.';
COMMENT ON COLUMN vigil.suppressions.created_at IS 'When it was suppressed.';
COMMENT ON COLUMN vigil.suppressions.expires_at IS 'When it ends by itself; infinity: never.';
COMMENT ON COLUMN vigil.suppressions.lifted_by IS 'Who ended it before its time; null if nobody did.';
COMMENT ON COLUMN vigil.suppressions.lifted_at IS 'When they ended it.';
COMMENT ON COLUMN vigil.suppressions.lift_reason IS 'Why they ended it.';

-- tables/incidents.sql
-- Only identity and decisions: counts, times and scores are those of its anomalies, so that whoever
-- writes an anomaly never waits for an incident's row.
CREATE TABLE vigil.incidents (
    id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    opened_at timestamptz NOT NULL DEFAULT now(),
    assigned_to text
        CHECK (length(assigned_to) <= 200),
    merged_into bigint,
    merged_at timestamptz,
    CHECK (merged_into <> id),
    CHECK ((merged_into IS NULL) = (merged_at IS NULL))
) WITH (fillfactor = 90);

CREATE INDEX incidents_merged_into_idx ON vigil.incidents (merged_into) WHERE merged_into IS NOT NULL;

COMMENT ON TABLE vigil.incidents IS 'Anomalies that belong together: found within the setting incident_window_minutes of each other, on subjects of one community or with a relationship between them. Read them in vigil.incidents_open.';
COMMENT ON COLUMN vigil.incidents.id IS 'Key of the incident.';
COMMENT ON COLUMN vigil.incidents.opened_at IS 'When its first anomaly was written.';
COMMENT ON COLUMN vigil.incidents.assigned_to IS 'Who looks after it; anomalies that join it later are assigned to them too.';
COMMENT ON COLUMN vigil.incidents.merged_into IS 'The incident that it has become a part of: that one is never merged itself. Null if it stands alone.';
COMMENT ON COLUMN vigil.incidents.merged_at IS 'When it was merged.';

-- tables/models.sql
CREATE TABLE vigil.models (
    version text PRIMARY KEY
        CHECK (version <> ''),
    kind text NOT NULL DEFAULT 'entity'
        CHECK (kind IN ('entity', 'relationship', 'behavior')),
    state text NOT NULL DEFAULT 'candidate'
        CHECK (state IN ('candidate', 'active', 'retired')),
    card jsonb NOT NULL DEFAULT '{}'
        CHECK (jsonb_typeof(card) = 'object'),
    archive bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    activated_at timestamptz,
    note text
);

ALTER TABLE vigil.models ALTER COLUMN archive SET STORAGE EXTERNAL;
CREATE UNIQUE INDEX models_active_key ON vigil.models (kind) WHERE state = 'active';

COMMENT ON TABLE vigil.models IS 'Trained models: numbers, never code.';
COMMENT ON COLUMN vigil.models.version IS 'Version of the model.';
COMMENT ON COLUMN vigil.models.kind IS 'What the model scores: entity, relationship or behavior.';
COMMENT ON COLUMN vigil.models.state IS 'candidate, active (at most one of each kind) or retired.';
COMMENT ON COLUMN vigil.models.card IS 'What it was trained on, how, and how well it did.';
COMMENT ON COLUMN vigil.models.archive IS 'The model itself, as a safetensors file.';
COMMENT ON COLUMN vigil.models.created_at IS 'When the training ended.';
COMMENT ON COLUMN vigil.models.activated_at IS 'When it was last made active.';
COMMENT ON COLUMN vigil.models.note IS 'Free text.';

-- tables/model_activations.sql
CREATE TABLE vigil.model_activations (
    id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    kind text NOT NULL,
    version text NOT NULL REFERENCES vigil.models (version) ON DELETE CASCADE,
    activated_by text NOT NULL,
    activated_at timestamptz NOT NULL DEFAULT now(),
    rolled_back_by text,
    rolled_back_at timestamptz,
    CHECK ((rolled_back_by IS NULL) = (rolled_back_at IS NULL))
);

CREATE INDEX model_activations_kind_idx ON vigil.model_activations (kind, id DESC) WHERE rolled_back_at IS NULL;
CREATE INDEX model_activations_version_idx ON vigil.model_activations (version);

COMMENT ON TABLE vigil.model_activations IS 'Which model was made active when; vigil.rollback_model() goes back along it.';
COMMENT ON COLUMN vigil.model_activations.id IS 'Key of the activation; later activations have higher keys.';
COMMENT ON COLUMN vigil.model_activations.kind IS 'What the model scores.';
COMMENT ON COLUMN vigil.model_activations.version IS 'The model.';
COMMENT ON COLUMN vigil.model_activations.activated_by IS 'Who made it active.';
COMMENT ON COLUMN vigil.model_activations.activated_at IS 'When it was made active.';
COMMENT ON COLUMN vigil.model_activations.rolled_back_by IS 'Who went back behind it; null if nobody did.';
COMMENT ON COLUMN vigil.model_activations.rolled_back_at IS 'When they did.';

-- tables/audit_log.sql
CREATE TABLE vigil.audit_log (
    seq bigint PRIMARY KEY,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    acting_role text NOT NULL,
    action text NOT NULL,
    object_kind text NOT NULL,
    object_id text NOT NULL,
    before jsonb,
    after jsonb,
    previous_hash bytea NOT NULL,
    hash bytea NOT NULL
);

CREATE INDEX audit_log_object_idx ON vigil.audit_log (object_kind, object_id, seq DESC);
CREATE INDEX audit_log_at_idx ON vigil.audit_log (at);

COMMENT ON TABLE vigil.audit_log IS 'Every decision: reviews, assignments, suppressions, merged incidents, changes of settings, indicators, types and models. Each row carries the hash of the one before it, so vigil.verify_audit() finds what was altered, removed or inserted. Rows are only ever added.';
COMMENT ON COLUMN vigil.audit_log.seq IS 'Number of the decision: 1, 2, 3 and so on, without gaps.';
COMMENT ON COLUMN vigil.audit_log.at IS 'When it was made, by the clock.';
COMMENT ON COLUMN vigil.audit_log.actor IS 'Who made it: the role that logged in.';
COMMENT ON COLUMN vigil.audit_log.acting_role IS 'The role that they had taken on by SET ROLE; else the same.';
COMMENT ON COLUMN vigil.audit_log.action IS 'What was done.';
COMMENT ON COLUMN vigil.audit_log.object_kind IS 'What it was done to: anomaly, suppression, incident, setting, indicator, model, entity type or relationship type.';
COMMENT ON COLUMN vigil.audit_log.object_id IS 'Key of what it was done to.';
COMMENT ON COLUMN vigil.audit_log.before IS 'How it was before; null if it was not there.';
COMMENT ON COLUMN vigil.audit_log.after IS 'How it was afterwards; null if it was removed.';
COMMENT ON COLUMN vigil.audit_log.previous_hash IS 'Hash of the row before; 32 zero bytes in the first.';
COMMENT ON COLUMN vigil.audit_log.hash IS 'SHA-256 of this row with previous_hash: see vigil.hash_decision().';

-- tables/audit_head.sql
-- What the log must end with: without it, nobody could tell that the last rows are gone. Its row is
-- also the lock that makes decisions queue, and only them. It is made by the first decision, so that
-- a dump can bring its own.
CREATE TABLE vigil.audit_head (
    singleton boolean PRIMARY KEY DEFAULT true
        CHECK (singleton),
    seq bigint NOT NULL,
    hash bytea NOT NULL
) WITH (fillfactor = 10);

COMMENT ON TABLE vigil.audit_head IS 'The end of vigil.audit_log: one row, written with each decision.';
COMMENT ON COLUMN vigil.audit_head.singleton IS 'Keeps the table at one row.';
COMMENT ON COLUMN vigil.audit_head.seq IS 'Number of the last decision.';
COMMENT ON COLUMN vigil.audit_head.hash IS 'Its hash.';

-- tables/sidecars.sql
CREATE TABLE vigil.sidecars (
    host text NOT NULL,
    pid integer NOT NULL,
    started_at timestamptz NOT NULL DEFAULT now(),
    heartbeat_at timestamptz NOT NULL DEFAULT now(),
    state text NOT NULL DEFAULT 'starting',
    version text NOT NULL DEFAULT '',
    node_count bigint,
    edge_count bigint,
    model_version text,
    graph_epoch bigint,
    counters jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (host, pid)
) WITH (fillfactor = 50);

COMMENT ON TABLE vigil.sidecars IS 'One row for each sidecar process that has worked on this database.';
COMMENT ON COLUMN vigil.sidecars.host IS 'Machine that it runs on.';
COMMENT ON COLUMN vigil.sidecars.pid IS 'Process id on that machine.';
COMMENT ON COLUMN vigil.sidecars.started_at IS 'When it was started.';
COMMENT ON COLUMN vigil.sidecars.heartbeat_at IS 'When it last gave a sign of life.';
COMMENT ON COLUMN vigil.sidecars.state IS 'What it is doing: starting, loading, following, stopped and the like.';
COMMENT ON COLUMN vigil.sidecars.version IS 'Its version.';
COMMENT ON COLUMN vigil.sidecars.node_count IS 'Entities in its graph.';
COMMENT ON COLUMN vigil.sidecars.edge_count IS 'Relationships in its graph.';
COMMENT ON COLUMN vigil.sidecars.model_version IS 'The model that it scores with; null: rules only.';
COMMENT ON COLUMN vigil.sidecars.graph_epoch IS 'State of its graph.';
COMMENT ON COLUMN vigil.sidecars.counters IS 'Its counters, as JSON.';

-- functions/get_setting.sql
CREATE FUNCTION vigil.get_setting(name text)
RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found_value jsonb;
BEGIN
    SELECT setting.value INTO found_value FROM vigil.settings AS setting WHERE setting.name = get_setting.name;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no setting "%"', get_setting.name
            USING ERRCODE = 'undefined_object', HINT = 'See SELECT name FROM vigil.settings.';
    END IF;
    RETURN found_value;
END
$$;

COMMENT ON FUNCTION vigil.get_setting(text) IS 'The value in force of a setting.';

-- functions/sidecar_is_alive.sql
CREATE FUNCTION vigil.sidecar_is_alive(heartbeat_at timestamptz, state text DEFAULT '')
RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
RETURN sidecar_is_alive.state <> 'stopped'
    AND sidecar_is_alive.heartbeat_at
        > clock_timestamp() - 3 * (vigil.get_setting('heartbeat_seconds'))::double precision * interval '1 second';

COMMENT ON FUNCTION vigil.sidecar_is_alive(timestamptz, text) IS 'Whether a sidecar with this last sign of life and this state counts as alive: it has missed less than three heartbeats.';

-- functions/current_epoch.sql
CREATE FUNCTION vigil.current_epoch()
RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
RETURN (SELECT max(epoch) FROM vigil.feed_epochs);

COMMENT ON FUNCTION vigil.current_epoch() IS 'The current epoch of the change feed; it rises when the feed cannot tell single changes (TRUNCATE, a restore).';

-- functions/append_epoch.sql
CREATE FUNCTION vigil.append_epoch(reason text)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    appended bigint;
BEGIN
    -- One at a time until commit: so epochs become visible in ascending order, and a reader that
    -- compares the highest one misses none.
    LOCK TABLE vigil.feed_epochs IN SHARE ROW EXCLUSIVE MODE;
    INSERT INTO vigil.feed_epochs (reason) VALUES (append_epoch.reason)
    RETURNING epoch INTO appended;
    RETURN appended;
END
$$;

COMMENT ON FUNCTION vigil.append_epoch(text) IS 'Starts a new epoch of the change feed: the reader will load everything again. Returns its number.';

-- functions/arm_feed.sql
CREATE FUNCTION vigil.arm_feed(armed boolean)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM pg_catalog.setval(
        'vigil.feed_doorbell',
        CASE WHEN arm_feed.armed AND (SELECT value FROM vigil.settings WHERE name = 'feed_arm') = 'true' THEN 1 ELSE 0 END);
END
$$;

COMMENT ON FUNCTION vigil.arm_feed(boolean) IS 'Asks writers to ring the doorbell (true) or not to (false). Takes effect at once, whether or not the transaction commits. Does not arm while the setting feed_arm is false.';

-- functions/repair_transaction_ids.sql
CREATE FUNCTION vigil.repair_transaction_ids()
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    own CONSTANT xid8 := pg_current_xact_id();
    affected bigint;
    repaired bigint := 0;
BEGIN
    UPDATE vigil.observation_history SET recorded_xid = own WHERE recorded_xid > own;
    GET DIAGNOSTICS repaired = ROW_COUNT;
    -- Not an observation: only the id of the transaction is put right.
    IF EXISTS (SELECT FROM vigil.entities WHERE inserted_xid > own) THEN
        ALTER TABLE vigil.entities
            DISABLE TRIGGER entities_keep_inserted_xid,
            DISABLE TRIGGER entities_record_updates,
            DISABLE TRIGGER entities_touch_updated_at;
        UPDATE vigil.entities SET inserted_xid = own WHERE inserted_xid > own;
        GET DIAGNOSTICS affected = ROW_COUNT;
        repaired := repaired + affected;
        ALTER TABLE vigil.entities
            ENABLE TRIGGER entities_keep_inserted_xid,
            ENABLE TRIGGER entities_record_updates,
            ENABLE TRIGGER entities_touch_updated_at;
    END IF;
    IF EXISTS (SELECT FROM vigil.relationships WHERE inserted_xid > own) THEN
        ALTER TABLE vigil.relationships
            DISABLE TRIGGER relationships_keep_inserted_xid,
            DISABLE TRIGGER relationships_record_updates,
            DISABLE TRIGGER relationships_touch_updated_at;
        UPDATE vigil.relationships SET inserted_xid = own WHERE inserted_xid > own;
        GET DIAGNOSTICS affected = ROW_COUNT;
        repaired := repaired + affected;
        ALTER TABLE vigil.relationships
            ENABLE TRIGGER relationships_keep_inserted_xid,
            ENABLE TRIGGER relationships_record_updates,
            ENABLE TRIGGER relationships_touch_updated_at;
    END IF;
    RETURN repaired;
END
$$;

COMMENT ON FUNCTION vigil.repair_transaction_ids() IS 'Replaces transaction ids that this cluster has not given out yet, as files moved under a younger cluster have them. For the owner of Vigil. Returns how many rows had one.';

-- functions/reset_feed.sql
CREATE FUNCTION vigil.reset_feed(reason text)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF coalesce(reset_feed.reason, '') = '' THEN
        RAISE EXCEPTION 'reset_feed needs a reason' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM vigil.repair_transaction_ids();
    RETURN vigil.append_epoch(reset_feed.reason);
END
$$;

COMMENT ON FUNCTION vigil.reset_feed(text) IS 'Makes the sidecar load everything again, and repairs transaction ids of another cluster. For the owner of Vigil, after the files of a database were moved or restored. Returns the new epoch.';

-- functions/drop_old_history.sql
CREATE FUNCTION vigil.drop_old_history()
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '1s'
AS $$
DECLARE
    cutoff CONSTANT timestamptz :=
        now() - (vigil.get_setting('history_retention_months'))::integer * interval '1 month';
    -- Writers are at work in this one: it is never locked, only its old rows are deleted.
    present CONSTANT regclass :=
        format('vigil.observation_history_%s', vigil.history_slot(now()))::regclass;
    partition regclass;
    keeps_some boolean;
    removed bigint;
    removed_in_all bigint := 0;
BEGIN
    FOR partition IN
        SELECT inhrelid FROM pg_inherits WHERE inhparent = 'vigil.observation_history'::regclass ORDER BY inhrelid
    LOOP
        BEGIN
            -- An older snapshot would not see what was written since, and TRUNCATE asks for none.
            keeps_some := partition = present OR current_setting('transaction_isolation') <> 'read committed';
            IF NOT keeps_some THEN
                EXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE recorded_at >= $1)', partition)
                INTO keeps_some USING cutoff;
            END IF;
            IF NOT keeps_some THEN
                -- Under the lock look again: a transaction that began long ago may have written meanwhile.
                EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', partition);
                EXECUTE format('SELECT count(*), coalesce(bool_or(recorded_at >= $1), false) FROM %s', partition)
                INTO removed, keeps_some USING cutoff;
            END IF;
            IF keeps_some THEN
                EXECUTE format('DELETE FROM %s WHERE recorded_at < $1', partition) USING cutoff;
                GET DIAGNOSTICS removed = ROW_COUNT;
            ELSIF removed > 0 THEN
                EXECUTE format('TRUNCATE %s', partition);
            END IF;
            removed_in_all := removed_in_all + removed;
        EXCEPTION WHEN lock_not_available THEN
            RAISE NOTICE '% is in use, its old observations stay until the next call', partition;
        END;
    END LOOP;
    RETURN removed_in_all;
END
$$;

COMMENT ON FUNCTION vigil.drop_old_history() IS 'Removes observations recorded longer ago than the setting history_retention_months. Returns how many. Never waits longer than a second for a lock.';

-- functions/measure_lag.sql
CREATE FUNCTION vigil.measure_lag(OUT lag_rows bigint, OUT lag_milliseconds double precision)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    counted_max CONSTANT integer := 100000;
    read_below xid8;
    in_progress xid8[];
    last_batch timestamptz;
    oldest timestamptz;
BEGIN
    SELECT pg_snapshot_xmax(snapshot), ARRAY(SELECT pg_snapshot_xip(snapshot)), last_batch_at
    INTO read_below, in_progress, last_batch
    FROM vigil.feed_state;
    IF read_below IS NULL THEN
        RETURN;
    END IF;
    SELECT count(*), min(written_at) INTO lag_rows, oldest
    FROM (
        (SELECT updated_at AS written_at FROM vigil.entities
        WHERE inserted_xid >= read_below OR inserted_xid = ANY (in_progress) LIMIT counted_max)
        UNION ALL
        (SELECT updated_at FROM vigil.relationships
        WHERE inserted_xid >= read_below OR inserted_xid = ANY (in_progress) LIMIT counted_max)
        UNION ALL
        (SELECT recorded_at FROM vigil.observation_history
        WHERE recorded_xid >= read_below OR recorded_xid = ANY (in_progress) LIMIT counted_max)
    ) AS unread;
    -- What is unread was committed after the last batch, however old the row says that it is.
    lag_milliseconds := CASE WHEN lag_rows = 0 THEN 0 ELSE
        round(1000 * greatest(extract(epoch FROM clock_timestamp() - greatest(oldest, last_batch)), 0), 1) END;
END
$$;

COMMENT ON FUNCTION vigil.measure_lag() IS 'Rows that the change feed has still to read (counted up to 100,000 a table), and how long the oldest of them has waited; null if nothing has been loaded.';

-- functions/find_unread_change.sql
CREATE FUNCTION vigil.find_unread_change(entity_id bigint)
RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    feed_snapshot pg_snapshot;
    read_below xid8;
    in_progress xid8[];
    own CONSTANT xid8 := pg_current_xact_id_if_assigned();
    unread xid8[];
BEGIN
    SELECT snapshot, pg_snapshot_xmax(snapshot), ARRAY(SELECT pg_snapshot_xip(snapshot))
    INTO feed_snapshot, read_below, in_progress
    FROM vigil.feed_state;
    IF feed_snapshot IS NULL THEN
        RETURN 'committed';
    END IF;
    -- All unread rows are found by their transaction ids, which are few, and then looked through.
    SELECT array_agg(DISTINCT xid) INTO unread
    FROM (
        SELECT entity.inserted_xid AS xid
        FROM vigil.entities AS entity
        WHERE entity.id = find_unread_change.entity_id
            AND (entity.inserted_xid >= read_below OR entity.inserted_xid = ANY (in_progress))
        UNION ALL
        SELECT relationship.inserted_xid
        FROM vigil.relationships AS relationship
        WHERE (relationship.inserted_xid >= read_below OR relationship.inserted_xid = ANY (in_progress))
            AND find_unread_change.entity_id IN (relationship.source_entity_id, relationship.target_entity_id)
        UNION ALL
        SELECT observation.recorded_xid
        FROM vigil.observation_history AS observation
        WHERE (observation.recorded_xid >= read_below OR observation.recorded_xid = ANY (in_progress))
            AND CASE observation.kind
                WHEN 'e' THEN observation.subject_id = find_unread_change.entity_id
                ELSE find_unread_change.entity_id IN (observation.source_entity_id, observation.target_entity_id) OR EXISTS (
                    SELECT FROM vigil.relationships AS relationship
                    WHERE relationship.id = observation.subject_id
                        AND find_unread_change.entity_id
                            IN (relationship.source_entity_id, relationship.target_entity_id))
                END
    ) AS changes;
    RETURN CASE
        WHEN unread IS NULL THEN NULL
        WHEN unread = ARRAY[own] THEN 'own'
        ELSE 'committed'
    END;
END
$$;

COMMENT ON FUNCTION vigil.find_unread_change(bigint) IS 'Whether the feed has a change of this entity or its relationships still to be read: null if none, own if only the caller''s open transaction has one, else committed.';

-- functions/find_neighbourhood.sql
-- By the indexes, whatever the planner takes a neighbourhood for: it is small beside the tables.
CREATE FUNCTION vigil.find_neighbourhood(entity_ids bigint[], hops integer, node_limit integer)
RETURNS TABLE (entity_id bigint, hop integer)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $$
DECLARE
    found_ids bigint[] := find_neighbourhood.entity_ids;
    frontier bigint[] := find_neighbourhood.entity_ids;
BEGIN
    RETURN QUERY SELECT unnest(find_neighbourhood.entity_ids), 0;
    FOR step IN 1..hops LOOP
        EXIT WHEN cardinality(frontier) = 0 OR cardinality(found_ids) >= node_limit;
        -- The strangest first, so that a limit cuts the context and not the finding. A hub's
        -- relationships are looked through up to a bound, or one picture could take minutes.
        SELECT coalesce(array_agg(other), '{}') INTO frontier
        FROM (
            SELECT neighbour.other
            FROM (
                SELECT source_entity_id AS other FROM (
                    SELECT source_entity_id FROM vigil.relationships
                    WHERE target_entity_id = ANY (frontier) AND is_active LIMIT 20000) AS inbound
                UNION
                SELECT target_entity_id FROM (
                    SELECT target_entity_id FROM vigil.relationships
                    WHERE source_entity_id = ANY (frontier) AND is_active LIMIT 20000) AS outbound
            ) AS neighbour
            LEFT JOIN vigil.entity_scores AS score ON score.entity_id = neighbour.other
            WHERE neighbour.other <> ALL (found_ids)
            ORDER BY score.anomaly_score DESC NULLS LAST, neighbour.other
            LIMIT node_limit - cardinality(found_ids)
        ) AS nearest;
        found_ids := found_ids || frontier;
        RETURN QUERY SELECT unnest(frontier), step;
    END LOOP;
END
$$;

COMMENT ON FUNCTION vigil.find_neighbourhood(bigint[], integer, integer) IS 'The entities around these ones on active relationships, with their distance: nearest first, of the same distance the strangest first, at most node_limit.';

-- functions/live_subgraph.sql
-- By the indexes, whatever the planner takes a neighbourhood for: it is small beside the tables.
CREATE FUNCTION vigil.live_subgraph(anomaly_id uuid, hops integer, node_limit integer)
RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $$
DECLARE
    anomaly vigil.anomalies;
    centres bigint[];
    nodes jsonb;
    edges jsonb;
    ids bigint[];
BEGIN
    SELECT * INTO anomaly FROM vigil.anomalies WHERE id = anomaly_id;
    IF anomaly.subject_kind = 'relationship' THEN
        SELECT array_agg(DISTINCT ends.id) INTO centres
        FROM vigil.relationships AS relationship,
            unnest(ARRAY[relationship.source_entity_id, relationship.target_entity_id]) AS ends (id)
        WHERE relationship.id = anomaly.relationship_id;
    ELSIF anomaly.entity_id IS NOT NULL THEN
        centres := ARRAY[anomaly.entity_id];
    END IF;

    SELECT array_agg(near.entity_id),
        jsonb_agg(jsonb_build_object(
            'id', near.entity_id, 'hop', near.hop, 'type', entity.type,
            'score', score.anomaly_score, 'severity', score.severity)
            ORDER BY near.hop, near.entity_id)
    INTO ids, nodes
    FROM vigil.find_neighbourhood(coalesce(centres, '{}'), hops, node_limit) AS near
    JOIN vigil.entities AS entity ON entity.id = near.entity_id
    LEFT JOIN vigil.entity_scores AS score ON score.entity_id = near.entity_id;

    SELECT jsonb_agg(jsonb_build_object(
        'id', edge.id, 'source', edge.source_entity_id, 'target', edge.target_entity_id, 'type', edge.type,
        'anomalous', edge.id = anomaly.relationship_id OR own.description IS NOT NULL,
        'reason', own.description) ORDER BY edge.id)
    INTO edges
    FROM (
        SELECT relationship.*
        FROM vigil.relationships AS relationship
        WHERE relationship.source_entity_id = ANY (ids) AND relationship.target_entity_id = ANY (ids)
            AND (relationship.is_active OR relationship.id = anomaly.relationship_id)
        ORDER BY (relationship.id = anomaly.relationship_id) DESC NULLS LAST, relationship.id
        LIMIT 20 * node_limit
    ) AS edge
    LEFT JOIN LATERAL (
        SELECT other.description
        FROM vigil.anomalies AS other
        WHERE other.subject_kind = 'relationship' AND other.subject_id = edge.id AND other.is_active
        -- Not by the index of all scores.
        ORDER BY other.anomaly_score + 0 DESC
        LIMIT 1
    ) AS own ON true;

    RETURN jsonb_build_object(
        'focus_entity', centres[1], 'hops', hops,
        'truncated', coalesce(cardinality(ids), 0) >= node_limit,
        'nodes', coalesce(nodes, '[]'), 'edges', coalesce(edges, '[]'));
END
$$;

COMMENT ON FUNCTION vigil.live_subgraph(uuid, integer, integer) IS 'The graph around an anomaly as it is now, in the form of vigil.anomalies.subgraph.';

-- functions/find_unread_changes.sql
CREATE FUNCTION vigil.find_unread_changes(entity_ids bigint[])
RETURNS TABLE (entity_id bigint, unread text)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    feed_snapshot pg_snapshot;
    read_below xid8;
    in_progress xid8[];
    own CONSTANT xid8 := pg_current_xact_id_if_assigned();
BEGIN
    SELECT snapshot, pg_snapshot_xmax(snapshot), ARRAY(SELECT pg_snapshot_xip(snapshot))
    INTO feed_snapshot, read_below, in_progress
    FROM vigil.feed_state;
    IF feed_snapshot IS NULL THEN
        RETURN QUERY SELECT DISTINCT id, 'committed' FROM unnest(find_unread_changes.entity_ids) AS id;
        RETURN;
    END IF;
    -- All unread rows are found by their transaction ids, which are few, and then looked through.
    RETURN QUERY
    SELECT touched.id, CASE WHEN bool_and(changes.xid = own) THEN 'own' ELSE 'committed' END
    FROM (
        SELECT entity.inserted_xid AS xid, ARRAY[entity.id] AS ids
        FROM vigil.entities AS entity
        WHERE entity.id = ANY (find_unread_changes.entity_ids)
            AND (entity.inserted_xid >= read_below OR entity.inserted_xid = ANY (in_progress))
        UNION ALL
        SELECT relationship.inserted_xid, ARRAY[relationship.source_entity_id, relationship.target_entity_id]
        FROM vigil.relationships AS relationship
        WHERE relationship.inserted_xid >= read_below OR relationship.inserted_xid = ANY (in_progress)
        UNION ALL
        SELECT observation.recorded_xid,
            CASE WHEN observation.kind = 'e' THEN ARRAY[observation.subject_id]
                ELSE ARRAY[coalesce(observation.source_entity_id, relationship.source_entity_id),
                    coalesce(observation.target_entity_id, relationship.target_entity_id)] END
        FROM vigil.observation_history AS observation
        LEFT JOIN vigil.relationships AS relationship ON observation.kind = 'r' AND relationship.id = observation.subject_id
        WHERE observation.recorded_xid >= read_below OR observation.recorded_xid = ANY (in_progress)
    ) AS changes
    CROSS JOIN LATERAL unnest(changes.ids) AS touched (id)
    WHERE touched.id = ANY (find_unread_changes.entity_ids)
    GROUP BY touched.id;
END
$$;

COMMENT ON FUNCTION vigil.find_unread_changes(bigint[]) IS 'Those of these entities of which, or of whose relationships, the feed has a change still to be read: own if only the caller''s open transaction has one, else committed.';

-- functions/await_scores.sql
CREATE FUNCTION vigil.await_scores(
    entity_ids bigint[], timeout_milliseconds integer,
    OUT unread_ids bigint[], OUT own_ids bigint[], OUT reason text)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    wait_milliseconds CONSTANT double precision := coalesce(
        await_scores.timeout_milliseconds, (vigil.get_setting('detect_timeout_milliseconds'))::integer);
    started_at CONSTANT timestamptz := clock_timestamp();
    pause_seconds double precision := 0.001;
    is_alive CONSTANT boolean := EXISTS (
        SELECT FROM vigil.sidecars WHERE vigil.sidecar_is_alive(heartbeat_at, state));
    sees_commits CONSTANT boolean := current_setting('transaction_isolation') IN ('read committed', 'read uncommitted');
BEGIN
    LOOP
        SELECT coalesce(array_agg(changed.entity_id) FILTER (WHERE changed.unread = 'committed'), '{}'),
            coalesce(array_agg(changed.entity_id) FILTER (WHERE changed.unread = 'own'), '{}')
        INTO unread_ids, own_ids
        FROM vigil.find_unread_changes(await_scores.entity_ids) AS changed;
        EXIT WHEN unread_ids = '{}' OR NOT is_alive OR NOT sees_commits
            OR clock_timestamp() >= started_at + wait_milliseconds * interval '1 millisecond';
        PERFORM pg_sleep(pause_seconds);
        pause_seconds := least(pause_seconds * 1.5, 0.02);
    END LOOP;
    reason := CASE
        WHEN unread_ids = '{}' THEN NULL
        WHEN NOT is_alive THEN 'No sidecar is running, so the newest change is not scored: start "vigil run".'
        WHEN NOT sees_commits THEN 'The newest change was not scored when this transaction began, and its isolation level does not let it see more.'
        ELSE format('The newest change was not scored within %s ms.', wait_milliseconds)
    END;
END
$$;

COMMENT ON FUNCTION vigil.await_scores(bigint[], integer) IS 'Waits until the newest committed changes of these entities have been scored, at most timeout_milliseconds (default: the setting detect_timeout_milliseconds). Returns those that are not, those that the caller''s own open transaction has changed, and why it did not wait longer.';

-- functions/detect_entity.sql
CREATE FUNCTION vigil.detect_entity(entity_id bigint, timeout_milliseconds integer DEFAULT NULL)
RETURNS vigil.detection
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    wait_milliseconds CONSTANT double precision := coalesce(
        detect_entity.timeout_milliseconds, (vigil.get_setting('detect_timeout_milliseconds'))::integer);
    started_at CONSTANT timestamptz := clock_timestamp();
    pause_seconds double precision := 0.001;
    is_alive CONSTANT boolean := EXISTS (
        SELECT FROM vigil.sidecars WHERE vigil.sidecar_is_alive(heartbeat_at, state));
    sees_commits CONSTANT boolean := current_setting('transaction_isolation') IN ('read committed', 'read uncommitted');
    entity_is_active boolean;
    unread text;
    answer vigil.detection;
BEGIN
    SELECT entity.is_active INTO entity_is_active
    FROM vigil.entities AS entity WHERE entity.id = detect_entity.entity_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no entity %', coalesce(detect_entity.entity_id::text, 'NULL')
            USING ERRCODE = 'no_data_found', HINT = 'Find its id with SELECT id, type, name, value FROM vigil.entities.';
    END IF;
    LOOP
        unread := vigil.find_unread_change(detect_entity.entity_id);
        EXIT WHEN unread IS NULL OR unread = 'own' OR NOT is_alive OR NOT sees_commits
            OR clock_timestamp() >= started_at + wait_milliseconds * interval '1 millisecond';
        PERFORM pg_sleep(pause_seconds);
        pause_seconds := least(pause_seconds * 1.5, 0.02);
    END LOOP;

    SELECT score.anomaly_score, score.p_value, score.confidence, score.severity, score.detection_method,
        score.model_version, score.scored_at,
        score.anomaly_score >= (vigil.get_setting('anomaly_threshold'))::double precision
    INTO answer.anomaly_score, answer.p_value, answer.confidence, answer.severity, answer.detection_method,
        answer.model_version, answer.scored_at, answer.is_anomaly
    FROM vigil.entity_scores AS score
    WHERE score.entity_id = detect_entity.entity_id;

    answer.entity_id := detect_entity.entity_id;
    answer.is_current := unread IS NULL AND answer.scored_at IS NOT NULL;
    answer.message := concat_ws(' ',
        CASE
            WHEN unread = 'own' THEN 'The newest change is in your own open transaction and is scored after COMMIT.'
            WHEN unread IS NULL AND answer.scored_at IS NOT NULL THEN 'The score covers every committed change.'
            WHEN NOT entity_is_active THEN 'The entity is not active, so it is no part of the graph.'
            WHEN NOT is_alive THEN 'No sidecar is running, so the newest change is not scored: start "vigil run".'
            WHEN unread IS NULL THEN NULL
            WHEN NOT sees_commits THEN 'The newest change was not scored when this transaction began, and its isolation level does not let it see more.'
            ELSE format('The newest change was not scored within %s ms.', wait_milliseconds)
        END,
        CASE
            WHEN answer.scored_at IS NULL THEN 'There is no score yet.'
            WHEN unread IS NOT NULL THEN 'The score is of an older state.'
        END);
    RETURN answer;
END
$$;

COMMENT ON FUNCTION vigil.detect_entity(bigint, integer) IS 'How strange an entity is. Waits until its newest committed change has been scored, at most timeout_milliseconds (default: the setting detect_timeout_milliseconds), and says in message what it could not wait for.';

-- functions/detect_batch.sql
CREATE FUNCTION vigil.detect_batch(ids bigint[], timeout_milliseconds integer DEFAULT NULL)
RETURNS SETOF vigil.detection
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    ids_max CONSTANT integer := 10000;
    threshold CONSTANT double precision := (vigil.get_setting('anomaly_threshold'))::double precision;
    waited record;
BEGIN
    IF detect_batch.ids IS NULL OR cardinality(detect_batch.ids) > ids_max THEN
        RAISE EXCEPTION 'detect_batch takes up to % ids, not %', ids_max, coalesce(cardinality(detect_batch.ids)::text, 'NULL')
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Split them, or read vigil.entity_scores.';
    END IF;
    SELECT * INTO waited FROM vigil.await_scores(detect_batch.ids, detect_batch.timeout_milliseconds);
    RETURN QUERY
    SELECT given.id, score.anomaly_score, score.p_value, score.confidence, score.severity,
        score.anomaly_score >= threshold, score.detection_method, score.model_version, score.scored_at,
        entity.id IS NOT NULL AND score.scored_at IS NOT NULL AND state.unread IS NULL,
        concat_ws(' ',
            CASE
                WHEN entity.id IS NULL THEN format('There is no entity %s.', coalesce(given.id::text, 'NULL'))
                WHEN state.unread = 'own' THEN 'The newest change is in your own open transaction and is scored after COMMIT.'
                WHEN state.unread IS NULL AND score.scored_at IS NOT NULL THEN 'The score covers every committed change.'
                WHEN NOT entity.is_active THEN 'The entity is not active, so it is no part of the graph.'
                WHEN state.unread IS NOT NULL THEN waited.reason
            END,
            CASE
                WHEN entity.id IS NULL THEN NULL
                WHEN score.scored_at IS NULL THEN 'There is no score yet.'
                WHEN state.unread IS NOT NULL THEN 'The score is of an older state.'
            END)
    FROM unnest(detect_batch.ids) WITH ORDINALITY AS given (id, position)
    LEFT JOIN vigil.entities AS entity ON entity.id = given.id
    LEFT JOIN vigil.entity_scores AS score ON score.entity_id = entity.id
    CROSS JOIN LATERAL (
        SELECT CASE WHEN given.id = ANY (waited.unread_ids) THEN 'committed' WHEN given.id = ANY (waited.own_ids) THEN 'own' END
    ) AS state (unread)
    ORDER BY given.position;
END
$$;

COMMENT ON FUNCTION vigil.detect_batch(bigint[], integer) IS 'How strange these entities are, in the order given: vigil.detect_entity() for up to 10,000 at once, with one common wait. An id that is no entity''s gets a line that says so.';

-- functions/detect_behavior.sql
-- The sequence model does not exist yet. What the sidecar keeps of an entity's behaviour are the detectors
-- of the family behaviour (burst, dormancy); they are answered as they are stored, and the message says so.
CREATE FUNCTION vigil.detect_behavior(entity_id bigint, timeout_milliseconds integer DEFAULT NULL)
RETURNS vigil.detection
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    answer vigil.detection;
    spoke text;
    silent text;
BEGIN
    answer := vigil.detect_entity(detect_behavior.entity_id, detect_behavior.timeout_milliseconds);
    answer.anomaly_score := NULL;
    answer.p_value := NULL;
    answer.severity := NULL;
    answer.is_anomaly := NULL;
    answer.confidence := NULL;
    answer.detection_method := NULL;

    -- The strongest detector of the family, corrected for how many of them spoke: as the family votes.
    SELECT CASE WHEN count(p) > 0 THEN least(1, min(p) * count(p)) END, string_agg(name, ', ' ORDER BY name) FILTER (WHERE p IS NOT NULL),
        string_agg(name, ', ' ORDER BY name) FILTER (WHERE p IS NULL)
    INTO answer.p_value, spoke, silent
    FROM (
        SELECT vigil.clean_label(detector ->> 'name', 40) AS name,
            CASE WHEN jsonb_typeof(detector -> 'p') = 'number' THEN greatest(least((detector ->> 'p')::numeric, 1), 0)::double precision END AS p
        FROM vigil.entity_scores AS score,
            jsonb_path_query(score.detectors, 'lax $[*] ? (@.family == "behaviour")') AS detectors (detector)
        WHERE score.entity_id = detect_behavior.entity_id
    ) AS family;
    IF answer.p_value IS NOT NULL THEN
        answer.anomaly_score := least(1, greatest(0, -log(greatest(answer.p_value, 1e-10)::numeric) / 5));
        answer.severity := CASE WHEN answer.anomaly_score >= 0.8 THEN 'critical' WHEN answer.anomaly_score >= 0.6 THEN 'high'
            WHEN answer.anomaly_score >= 0.4 THEN 'medium' ELSE 'low' END;
        answer.is_anomaly := answer.anomaly_score >= (vigil.get_setting('anomaly_threshold'))::double precision;
        answer.detection_method := spoke;
    END IF;
    answer.message := concat_ws(' ', answer.message,
        CASE
            WHEN answer.scored_at IS NULL THEN NULL
            WHEN answer.p_value IS NULL AND silent IS NULL THEN 'Nothing has judged the behaviour of this entity.'
            WHEN answer.p_value IS NULL THEN format('Its behaviour was looked at (%s), but its history is too short for an answer.', silent)
            ELSE format('This is what its activity alone says (%s), without a confidence of its own.', spoke)
        END,
        CASE WHEN NOT EXISTS (SELECT FROM vigil.models AS model WHERE model.kind = 'behavior' AND model.state = 'active')
            THEN 'There is no model of sequences.' END);
    RETURN answer;
END
$$;

COMMENT ON FUNCTION vigil.detect_behavior(bigint, integer) IS 'How strange the activity of an entity is, by the stored judgement of the detectors of behaviour; null, with a message, where they have not spoken. Waits as vigil.detect_entity() does.';

-- functions/detect_relationship.sql
CREATE FUNCTION vigil.detect_relationship(relationship_id bigint, timeout_milliseconds integer DEFAULT NULL)
RETURNS vigil.relationship_detection
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    edge vigil.relationships;
    waited record;
    are_judged boolean;
    answer vigil.relationship_detection;
BEGIN
    SELECT * INTO edge FROM vigil.relationships AS relationship WHERE relationship.id = detect_relationship.relationship_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no relationship %', coalesce(detect_relationship.relationship_id::text, 'NULL')
            USING ERRCODE = 'no_data_found', HINT = 'Find its id with SELECT id, source_entity_id, target_entity_id, type FROM vigil.relationships.';
    END IF;
    SELECT * INTO waited FROM vigil.await_scores(
        ARRAY[edge.source_entity_id, edge.target_entity_id], detect_relationship.timeout_milliseconds);

    SELECT anomaly.anomaly_score, anomaly.p_value, anomaly.confidence, anomaly.severity, true, anomaly.detection_method,
        anomaly.model_version, anomaly.last_detected
    INTO answer.anomaly_score, answer.p_value, answer.confidence, answer.severity, answer.is_anomaly, answer.detection_method,
        answer.model_version, answer.scored_at
    FROM vigil.anomalies AS anomaly
    WHERE anomaly.subject_kind = 'relationship' AND anomaly.subject_id = edge.id AND anomaly.is_active
    ORDER BY anomaly.anomaly_score + 0 DESC
    LIMIT 1;
    are_judged := answer.is_anomaly IS NOT NULL
        OR EXISTS (SELECT FROM vigil.models AS model WHERE model.kind = 'relationship' AND model.state = 'active')
        OR EXISTS (SELECT FROM vigil.anomalies AS anomaly WHERE anomaly.subject_kind = 'relationship');
    IF are_judged THEN
        answer.is_anomaly := coalesce(answer.is_anomaly, false);
    END IF;
    answer.relationship_id := edge.id;
    answer.source_score := (SELECT score.anomaly_score FROM vigil.entity_scores AS score WHERE score.entity_id = edge.source_entity_id);
    answer.target_score := (SELECT score.anomaly_score FROM vigil.entity_scores AS score WHERE score.entity_id = edge.target_entity_id);
    answer.is_current := waited.unread_ids = '{}' AND waited.own_ids = '{}'
        AND answer.source_score IS NOT NULL AND answer.target_score IS NOT NULL;
    answer.message := concat_ws(' ',
        CASE WHEN waited.own_ids <> '{}' THEN 'The newest change is in your own open transaction and is scored after COMMIT.' END,
        waited.reason,
        CASE WHEN NOT edge.is_active THEN 'The relationship is not active, so it is no part of the graph.' END,
        CASE
            WHEN NOT are_judged THEN 'Nothing has judged relationships in this database yet; what is known are the scores of its two ends.'
            WHEN answer.is_anomaly THEN 'It has an open anomaly.'
            ELSE 'It has no open anomaly; a score is kept only of relationships that have one.'
        END,
        CASE WHEN answer.source_score IS NULL OR answer.target_score IS NULL THEN 'Not both of its ends have a score yet.' END);
    RETURN answer;
END
$$;

COMMENT ON FUNCTION vigil.detect_relationship(bigint, integer) IS 'How strange a relationship is: its open anomaly, if it has one, and the scores of its ends. Waits until the newest committed changes of both ends have been scored, as vigil.detect_entity() does, and says in message what is not known.';

-- functions/explain_anomaly.sql
CREATE FUNCTION vigil.explain_anomaly(id uuid)
RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    anomaly vigil.anomalies;
    why jsonb;
    lines text[];
    line text;
    item jsonb;
BEGIN
    SELECT * INTO anomaly FROM vigil.anomalies AS found WHERE found.id = explain_anomaly.id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no anomaly %', coalesce(explain_anomaly.id::text, 'NULL')
            USING ERRCODE = 'no_data_found', HINT = 'See SELECT * FROM vigil.anomalies_recent.';
    END IF;
    why := anomaly.explanation;

    lines := ARRAY[
        format('%s %s anomaly: %s %s (%s %s)',
            initcap(anomaly.severity), replace(anomaly.anomaly_type, '_', ' '),
            coalesce(vigil.clean_label(anomaly.subject_type), anomaly.subject_kind),
            coalesce('"' || vigil.clean_label(anomaly.subject_name) || '"', 'without a name'),
            anomaly.subject_kind, anomaly.subject_id),
        format('score %s, confidence %s, %s, first detected %s, last %s, %s',
            round(anomaly.anomaly_score::numeric, 2), round(anomaly.confidence::numeric, 2),
            CASE anomaly.occurrences WHEN 1 THEN 'seen once' ELSE 'seen ' || anomaly.occurrences || ' times' END,
            date_trunc('second', anomaly.first_detected), date_trunc('second', anomaly.last_detected),
            CASE WHEN anomaly.is_active AND anomaly.resolved_at IS NULL
                THEN CASE WHEN anomaly.suppressed_until > now() THEN 'suppressed until ' || date_trunc('second', anomaly.suppressed_until) ELSE 'open' END
                ELSE 'closed' || coalesce(': ' || vigil.clean_label(anomaly.resolution, 200), '') END)];

    line := coalesce(nullif(jsonb_path_query_first(why, 'lax $.summary') #>> '{}', ''), nullif(anomaly.description, ''));
    IF line IS NOT NULL THEN
        lines := lines || ARRAY['', vigil.clean_label(line, 2000)];
    END IF;

    -- Lax paths: what is missing or of another type than expected is left out, not an error.
    lines := lines || (
        SELECT ARRAY['', 'Why'] || array_agg('  - ' || vigil.clean_label(sentence #>> '{}', 2000) ORDER BY position)
        FROM jsonb_path_query(why, 'lax $.sentences[*] ? (@.type() == "string")')
            WITH ORDINALITY AS sentences (sentence, position)
        HAVING count(*) > 0);

    lines := lines || (
        SELECT ARRAY['', 'Indicators'] || array_agg(
            format('  - %s (%s, confidence %s)%s',
                coalesce(vigil.clean_label(indicator ->> 'name'), '?'),
                coalesce(vigil.clean_label(indicator ->> 'type'), '?'),
                vigil.format_number(indicator -> 'confidence', 2),
                coalesce(': ' || vigil.clean_label(indicator ->> 'sentence', 2000), ''))
            ORDER BY position)
        FROM jsonb_path_query(why, 'lax $.indicators[*] ? (@.type() == "object")')
            WITH ORDINALITY AS indicators (indicator, position)
        HAVING count(*) > 0);

    lines := lines || (
        SELECT ARRAY['', format('  %-28s %12s %12s %9s %13s', 'Feature', 'value', 'peer median', 'quantile', 'contribution')]
            || array_agg(
                format('  %-28s %12s %12s %9s %13s',
                    coalesce(vigil.clean_label(feature ->> 'name', 28), '?'),
                    vigil.format_number(feature -> 'value'),
                    vigil.format_number(feature -> 'peer_median'),
                    vigil.format_number(feature -> 'peer_quantile'),
                    vigil.format_number(feature -> 'contribution'))
                ORDER BY position)
        FROM jsonb_path_query(why, 'lax $.features[*] ? (@.type() == "object")')
            WITH ORDINALITY AS features (feature, position)
        HAVING count(*) > 0);
    IF jsonb_typeof(why -> 'path_length') = 'number' AND jsonb_typeof(why -> 'expected_path_length') = 'number' THEN
        lines := lines || format(
            '  The contributions add up to the path length of %s in the forest, where %s is usual; shorter is stranger.',
            vigil.format_number(why -> 'path_length'), vigil.format_number(why -> 'expected_path_length'));
    END IF;
    IF jsonb_typeof(why #> '{peer_group,count}') = 'number' THEN
        lines := lines || format('  Peers: %s of type %s.',
            why #>> '{peer_group,count}', coalesce(vigil.clean_label(why #>> '{peer_group,type}'), '?'));
    END IF;

    lines := lines || (
        SELECT ARRAY['', format('  %-28s %-12s %12s %9s', 'Detector', 'family', 'p', 'score')] || array_agg(
            format('  %-28s %-12s %12s %9s',
                coalesce(vigil.clean_label(detector ->> 'name', 28), '?'),
                coalesce(vigil.clean_label(detector ->> 'family', 12), '?'),
                vigil.format_number(detector -> 'p'),
                vigil.format_number(detector -> 'score'))
            ORDER BY position)
        FROM jsonb_path_query(why, 'lax $.detectors[*] ? (@.type() == "object")')
            WITH ORDINALITY AS detectors (detector, position)
        HAVING count(*) > 0);

    lines := lines || (
        SELECT ARRAY['', 'Evidence'] || array_agg(
            format('  - relationship %s %s, other end %s (entity %s)%s',
                coalesce(vigil.clean_label(evidence ->> 'relationship_id', 20), '?'),
                coalesce(vigil.clean_label(evidence ->> 'type'), '?'),
                coalesce('"' || vigil.clean_label(coalesce(entity.name, entity.value)) || '"', 'without a name'),
                coalesce(vigil.clean_label(evidence ->> 'other_entity_id', 20), '?'),
                coalesce(': ' || vigil.clean_label(evidence ->> 'reason', 2000), ''))
            ORDER BY position)
        FROM jsonb_path_query(why, 'lax $.evidence[*] ? (@.type() == "object")')
            WITH ORDINALITY AS rows (evidence, position)
        LEFT JOIN vigil.entities AS entity
            ON entity.id = vigil.parse_id(evidence -> 'other_entity_id')
        HAVING count(*) > 0);

    lines := lines || (
        SELECT ARRAY['', 'Next steps'] || array_agg(
            format('  %s. %s', position, vigil.clean_label(step, 2000)) ORDER BY position)
        FROM unnest(anomaly.recommendations) WITH ORDINALITY AS steps (step, position)
        HAVING count(*) > 0);

    IF anomaly.reviewed THEN
        lines := lines || ARRAY['', format('Review: %s by %s on %s%s',
            replace(anomaly.verdict, '_', ' '), coalesce(vigil.clean_label(anomaly.reviewed_by), '?'),
            date_trunc('second', anomaly.reviewed_at),
            coalesce(', ' || quote_literal(vigil.clean_label(anomaly.review_notes, 2000)), ''))];
    END IF;
    lines := lines || ARRAY['', format('Scored by %s, %s.', vigil.clean_label(anomaly.detection_method),
        coalesce('model ' || vigil.clean_label(anomaly.model_version), 'without a model'))];
    RETURN array_to_string(lines, E'\n');
END
$$;

COMMENT ON FUNCTION vigil.explain_anomaly(uuid) IS 'Why something is an anomaly, as text of several lines: the sentences, the indicators, the features beside those of its peers, the detectors, the evidence, and what to do next.';

-- functions/anomaly_dot.sql
CREATE FUNCTION vigil.anomaly_dot(id uuid, hops integer DEFAULT 1)
RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    node_limit CONSTANT integer := (vigil.get_setting('neighbourhood_node_limit'))::integer;
    anomaly vigil.anomalies;
    graph jsonb;
    reason text;
    wrapped_reason text;
    source_text text;
    nodes text;
    edges text;
    drawn bigint[];
    used_types text[];
    legend text;
    title text;
BEGIN
    SELECT * INTO anomaly FROM vigil.anomalies AS found WHERE found.id = anomaly_dot.id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no anomaly %', coalesce(anomaly_dot.id::text, 'NULL')
            USING ERRCODE = 'no_data_found', HINT = 'See SELECT * FROM vigil.anomalies_recent.';
    END IF;
    IF anomaly_dot.hops IS NULL OR anomaly_dot.hops NOT BETWEEN 0 AND 5 THEN
        RAISE EXCEPTION 'hops must be from 0 to 5, not %', coalesce(anomaly_dot.hops::text, 'NULL')
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    graph := anomaly.subgraph;
    source_text := 'as it was at detection';
    IF jsonb_array_length(jsonb_path_query_array(graph, 'lax $.nodes[*] ? (@.type() == "object")')) IS NOT DISTINCT FROM 0
        OR graph IS NULL
    THEN
        graph := vigil.live_subgraph(anomaly.id, anomaly_dot.hops, node_limit);
        source_text := 'as it is now';
    END IF;
    reason := vigil.clean_label(coalesce(
        nullif(jsonb_path_query_first(anomaly.explanation, 'lax $.summary') #>> '{}', ''),
        nullif(anomaly.description, ''), anomaly.anomaly_type), 120);
    -- Lines of about 32 characters; chr(1) stands for a line break until the label is quoted.
    wrapped_reason := rtrim(regexp_replace(reason, '(.{1,32})( |$)', E'\\1' || chr(1), 'g'), chr(1));

    WITH node AS (
        SELECT DISTINCT ON (node_id)
            vigil.parse_id(item -> 'id') AS node_id,
            coalesce(vigil.parse_id(item -> 'hop'), 1) AS hop,
            item ->> 'name' AS stored_name, item ->> 'type' AS stored_type,
            item ->> 'severity' AS severity,
            CASE jsonb_typeof(item -> 'score') WHEN 'number' THEN (item -> 'score')::numeric END AS score
        FROM jsonb_path_query(graph, 'lax $.nodes[*] ? (@.type() == "object")') AS items (item)
        WHERE vigil.parse_id(item -> 'id') IS NOT NULL
            AND coalesce(vigil.parse_id(item -> 'hop'), 1) <= anomaly_dot.hops
        ORDER BY node_id, hop
    ), limited AS (
        SELECT * FROM node ORDER BY hop, score DESC NULLS LAST, node_id LIMIT node_limit
    ), named AS (
        SELECT limited.node_id, limited.hop,
            -- An anomaly without a stored score still has a severity of its own.
            CASE WHEN anomaly.subject_kind = 'entity' AND node_id = anomaly.subject_id
                THEN coalesce(limited.severity, anomaly.severity) ELSE limited.severity END AS severity,
            CASE WHEN anomaly.subject_kind = 'entity' AND node_id = anomaly.subject_id
                THEN coalesce(limited.score, anomaly.anomaly_score::numeric) ELSE limited.score END AS score,
            coalesce(entity.type, limited.stored_type, '?') AS type,
            coalesce(nullif(coalesce(entity.name, entity.value, limited.stored_name), ''), 'entity ' || node_id) AS name,
            coalesce(kind.shape, 'ellipse') AS shape,
            anomaly.subject_kind = 'entity' AND node_id = anomaly.subject_id AS is_focus
        FROM limited
        LEFT JOIN vigil.entities AS entity ON entity.id = limited.node_id
        LEFT JOIN vigil.entity_types AS kind ON kind.type = coalesce(entity.type, limited.stored_type)
    )
    SELECT array_agg(node_id), array_agg(DISTINCT type),
        string_agg(
            format('    e%s [label=%s, tooltip=%s, shape=%s, fillcolor="%s", color="%s", fontcolor="%s", penwidth=%s%s];',
                node_id,
                replace(
                    vigil.quote_dot(vigil.clean_label(name, 36) || chr(1) || vigil.clean_label(type, 36)
                        || coalesce(chr(1) || severity || coalesce(' ' || round(score, 2), ''), '')
                        || CASE WHEN is_focus THEN chr(1) || wrapped_reason ELSE '' END),
                    chr(1), E'\\n'),
                vigil.quote_dot(vigil.clean_label(type || ' ' || node_id || ': ' || name, 200)),
                shape,
                CASE severity WHEN 'critical' THEN '#7D1B4B' WHEN 'high' THEN '#D55E00'
                    WHEN 'medium' THEN '#E69F00' WHEN 'low' THEN '#F7EC93' ELSE '#F2F2F2' END,
                CASE WHEN is_focus THEN '#000000' WHEN severity IN ('critical', 'high') THEN '#7A3300' ELSE '#8C8C8C' END,
                CASE WHEN severity IN ('critical', 'high') THEN '#FFFFFF' WHEN is_focus OR severity = 'medium' THEN '#000000' ELSE '#5A5A5A' END,
                CASE WHEN is_focus THEN 5 WHEN severity = 'critical' THEN 4 WHEN severity = 'high' THEN 3
                    WHEN severity = 'medium' THEN 2 ELSE 1 END,
                CASE WHEN is_focus THEN ', style="filled,bold", fontsize=13' ELSE '' END),
            E'\n' ORDER BY hop, node_id)
    INTO drawn, used_types, nodes
    FROM named;

    WITH edge AS (
        SELECT vigil.parse_id(item -> 'id') AS edge_id,
            vigil.parse_id(item -> 'source') AS source, vigil.parse_id(item -> 'target') AS target,
            coalesce(item ->> 'type', '') AS type,
            (item -> 'anomalous') = 'true' OR (anomaly.subject_kind = 'relationship'
                AND vigil.parse_id(item -> 'id') = anomaly.subject_id) AS is_subject,
            nullif(item ->> 'reason', '') AS own_reason
        FROM jsonb_path_query(graph, 'lax $.edges[*] ? (@.type() == "object")') AS items (item)
    ), evidence AS (
        SELECT vigil.parse_id(item -> 'relationship_id') AS edge_id, max(item ->> 'reason') AS reason
        FROM jsonb_path_query(anomaly.explanation, 'lax $.evidence[*] ? (@.type() == "object")') AS items (item)
        GROUP BY 1
    ), marked AS (
        SELECT edge.*,
            coalesce(is_subject, false) OR evidence.edge_id IS NOT NULL AS is_marked,
            coalesce(own_reason, nullif(evidence.reason, ''),
                CASE WHEN anomaly.subject_kind = 'relationship' AND edge.edge_id = anomaly.subject_id THEN anomaly_dot_reason END) AS why
        FROM edge
        CROSS JOIN (SELECT reason) AS shown (anomaly_dot_reason)
        LEFT JOIN evidence ON evidence.edge_id = edge.edge_id
        WHERE source = ANY (drawn) AND target = ANY (drawn)
    ), merged AS (
        -- Several relationships of one type between one pair are one line with their number.
        SELECT source, target, type, coalesce(is_marked, false) AS is_marked, max(why) AS why, count(*) AS number
        FROM marked
        GROUP BY source, target, type, coalesce(is_marked, false)
    )
    SELECT string_agg(
        format('    e%s -> e%s [label=%s%s];', source, target,
            replace(
                vigil.quote_dot(vigil.clean_label(type, 36) || CASE WHEN number > 1 THEN ' x ' || number ELSE '' END
                    || CASE WHEN is_marked THEN coalesce(chr(1) || vigil.clean_label(why, 60), '') ELSE '' END),
                chr(1), E'\\n'),
            CASE WHEN is_marked THEN ', color="#D55E00", fontcolor="#A34700", penwidth=4' ELSE '' END),
        E'\n' ORDER BY is_marked DESC, source, target, type)
    INTO edges
    FROM merged;

    SELECT string_agg(
        format('        legend_%s [label=%s, shape=%s, fillcolor="#FFFFFF"];',
            position, vigil.quote_dot(vigil.clean_label(used, 36)), coalesce(kind.shape, 'ellipse')), E'\n' ORDER BY position)
    INTO legend
    FROM unnest(used_types) WITH ORDINALITY AS types (used, position)
    LEFT JOIN vigil.entity_types AS kind ON kind.type = used;

    title := format('%s %s anomaly of %s %s, %s, score %s',
        anomaly.severity, replace(anomaly.anomaly_type, '_', ' '),
        coalesce(vigil.clean_label(anomaly.subject_type, 36), anomaly.subject_kind),
        coalesce(vigil.clean_label(anomaly.subject_name, 60), anomaly.subject_id::text),
        source_text, round(anomaly.anomaly_score::numeric, 2))
        || CASE WHEN (graph -> 'truncated') = 'true' OR cardinality(drawn) >= node_limit
            THEN format(' (the nearest %s entities)', cardinality(drawn)) ELSE '' END;
    RETURN array_to_string(ARRAY[
        'digraph vigil {',
        '    graph [charset="UTF-8", fontname="Helvetica", overlap=false, labelloc=t, fontsize=16, label=' || vigil.quote_dot(title) || '];',
        '    node [style=filled, fontname="Helvetica", fontsize=11];',
        '    edge [fontname="Helvetica", fontsize=9, color="#8C8C8C", fontcolor="#5A5A5A"];',
        nodes,
        edges,
        '    subgraph cluster_legend {',
        '        graph [label="legend", fontsize=11, color="#B0B0B0"];',
        '        legend_critical [label="critical", shape=plaintext, style=filled, fillcolor="#7D1B4B", fontcolor="#FFFFFF"];',
        '        legend_high [label="high", shape=plaintext, style=filled, fillcolor="#D55E00", fontcolor="#FFFFFF"];',
        '        legend_medium [label="medium", shape=plaintext, style=filled, fillcolor="#E69F00"];',
        '        legend_low [label="low", shape=plaintext, style=filled, fillcolor="#F7EC93"];',
        legend,
        '    }',
        '}'], E'\n') || E'\n';
END
$$;

COMMENT ON FUNCTION vigil.anomaly_dot(uuid, integer) IS 'The graph around an anomaly as a picture in the DOT language of Graphviz, up to this many hops: as it was at detection where that was kept, else as it is now. Draw it with: psql -XAtc "SELECT vigil.anomaly_dot(''...'')" | dot -Tsvg > anomaly.svg';

-- functions/lock_audit.sql
CREATE FUNCTION vigil.lock_audit()
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    last_seq bigint;
BEGIN
    SELECT head.seq INTO last_seq FROM vigil.audit_head AS head FOR UPDATE;
    IF NOT FOUND THEN
        INSERT INTO vigil.audit_head (seq, hash) VALUES (0, decode(repeat('00', 32), 'hex'))
        ON CONFLICT (singleton) DO UPDATE SET seq = audit_head.seq
        RETURNING seq INTO last_seq;
    END IF;
    RETURN last_seq;
END
$$;

COMMENT ON FUNCTION vigil.lock_audit() IS 'Makes other decisions wait until the transaction ends, and returns the number of the last one. Functions that decide call it before they lock anything else, so that two of them cannot wait for each other.';

-- functions/record_decision.sql
-- Called by triggers and functions that run with the rights of the owner; nobody else may.
CREATE FUNCTION vigil.record_decision(action text, object_kind text, object_id text, before jsonb, after jsonb)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    head vigil.audit_head;
    decision vigil.audit_log;
BEGIN
    IF vigil.is_restoring() THEN
        RETURN NULL;
    END IF;
    head.seq := vigil.lock_audit();
    SELECT hash INTO head.hash FROM vigil.audit_head;
    decision.seq := head.seq + 1;
    -- Read after the lock was taken: so times rise with the numbers.
    decision.at := clock_timestamp();
    decision.actor := session_user;
    decision.acting_role := vigil.acting_role();
    decision.action := record_decision.action;
    decision.object_kind := record_decision.object_kind;
    decision.object_id := record_decision.object_id;
    decision.before := record_decision.before;
    decision.after := record_decision.after;
    decision.previous_hash := head.hash;
    decision.hash := vigil.hash_decision(
        decision.previous_hash, decision.seq, decision.at, decision.actor, decision.acting_role,
        decision.action, decision.object_kind, decision.object_id, decision.before, decision.after);
    INSERT INTO vigil.audit_log SELECT decision.*;
    UPDATE vigil.audit_head SET seq = decision.seq, hash = decision.hash;
    RETURN decision.seq;
END
$$;

COMMENT ON FUNCTION vigil.record_decision(text, text, text, jsonb, jsonb) IS 'Adds a decision to vigil.audit_log and returns its number; null while a dump is restored. Holds back other decisions until the transaction ends.';

-- functions/verify_audit.sql
CREATE FUNCTION vigil.verify_audit(anchor text DEFAULT NULL)
RETURNS TABLE (finding text, seq bigint, detail text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    zero CONSTANT bytea := decode(repeat('00', 32), 'hex');
    head vigil.audit_head;
    anchored_seq bigint;
    anchored_hash bytea;
    found_one boolean;
BEGIN
    IF verify_audit.anchor IS NOT NULL THEN
        IF verify_audit.anchor !~ '^[0-9]{1,18}:[0-9a-f]{64}$' THEN
            RAISE EXCEPTION 'an anchor is a number, a colon and 64 hexadecimal digits'
                USING ERRCODE = 'invalid_parameter_value', HINT = 'Keep what vigil.audit_anchor() returned.';
        END IF;
        anchored_seq := split_part(verify_audit.anchor, ':', 1)::bigint;
        anchored_hash := decode(split_part(verify_audit.anchor, ':', 2), 'hex');
    END IF;
    SELECT * INTO head FROM vigil.audit_head;

    RETURN QUERY
    WITH linked AS (
        SELECT log.*,
            lag(log.seq, 1, 0::bigint) OVER ordered AS seq_before, lead(log.seq) OVER ordered AS seq_after,
            lag(log.hash, 1, zero) OVER ordered AS hash_before,
            lead(log.previous_hash) OVER ordered AS hash_after,
            log.hash = vigil.hash_decision(log.previous_hash, log.seq, log.at, log.actor, log.acting_role,
                log.action, log.object_kind, log.object_id, log.before, log.after) AS is_whole
        FROM vigil.audit_log AS log
        WINDOW ordered AS (ORDER BY log.seq)
    ), judged AS (
        SELECT linked.*,
            -- What the next row, or the head, recorded of this one.
            CASE WHEN linked.seq = head.seq THEN head.hash
                WHEN linked.seq_after = linked.seq + 1 THEN linked.hash_after END AS witness
        FROM linked
    )
    SELECT 'removed'::text, judged.seq_before + 1,
        CASE WHEN judged.seq - judged.seq_before = 2 THEN format('decision %s is gone', judged.seq_before + 1)
            ELSE format('decisions %s to %s are gone', judged.seq_before + 1, judged.seq - 1) END
    FROM judged
    WHERE judged.seq > judged.seq_before + 1
    UNION ALL
    SELECT 'inserted', judged.seq,
        CASE WHEN judged.seq < 1 THEN 'its number is before the first'
            WHEN head.seq IS NULL THEN 'no decision has been recorded'
            ELSE format('its number is behind the last one recorded, %s', head.seq) END
    FROM judged
    WHERE judged.seq < 1 OR judged.seq > coalesce(head.seq, 0)
    UNION ALL
    SELECT 'altered', judged.seq,
        CASE WHEN judged.is_whole THEN
                format('it is not the row that %s has recorded',
                    CASE WHEN judged.seq = head.seq THEN 'the head' ELSE 'decision ' || (judged.seq + 1) END)
            ELSE format('its hash does not fit its content (%s of %s "%s" by %s)',
                judged.action, judged.object_kind, vigil.clean_label(judged.object_id, 40), vigil.clean_label(judged.actor, 40)) END
    FROM judged
    WHERE judged.seq BETWEEN 1 AND coalesce(head.seq, 0)
        AND (NOT judged.is_whole OR judged.hash IS DISTINCT FROM coalesce(judged.witness, judged.hash)
            -- Without the row before, only that row's own record speaks.
            OR (judged.seq = 1 AND judged.previous_hash <> zero))
    UNION ALL
    SELECT 'removed', last.seq + 1,
        CASE WHEN head.seq = last.seq + 1 THEN format('the last decision, %s, is gone', head.seq)
            ELSE format('the last decisions, %s to %s, are gone', last.seq + 1, head.seq) END
    FROM (SELECT coalesce(max(log.seq), 0) AS seq FROM vigil.audit_log AS log WHERE log.seq <= head.seq) AS last
    WHERE head.seq > last.seq
    UNION ALL
    SELECT 'removed', NULL::bigint, 'vigil.audit_head has lost its row'
    WHERE head.seq IS NULL AND EXISTS (SELECT FROM vigil.audit_log)
    UNION ALL
    SELECT 'replaced', anchored_seq, 'the log is not the one that the anchor was taken from'
    WHERE anchored_seq > 0 AND NOT EXISTS (
        SELECT FROM vigil.audit_log AS log WHERE log.seq = anchored_seq AND log.hash = anchored_hash)
    ORDER BY 2 NULLS FIRST, 1;
    found_one := FOUND;
    IF NOT found_one THEN
        finding := 'intact';
        seq := coalesce(head.seq, 0);
        detail := format('%s decisions, each as it was recorded', coalesce(head.seq, 0));
        RETURN NEXT;
    END IF;
END
$$;

COMMENT ON FUNCTION vigil.verify_audit(text) IS 'Checks vigil.audit_log row by row: one row "intact", or one for each row that was altered, removed (the last ones too) or inserted. Whoever owns Vigil could write the whole chain anew; against that, keep what vigil.audit_anchor() returns where they cannot write, and give it as anchor.';

-- functions/audit_anchor.sql
CREATE FUNCTION vigil.audit_anchor()
RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
RETURN (SELECT seq || ':' || encode(hash, 'hex') FROM vigil.audit_head);

COMMENT ON FUNCTION vigil.audit_anchor() IS 'Number and hash of the last decision, to be kept outside the database and given to vigil.verify_audit() later. Null before the first decision.';

-- functions/find_suppression.sql
CREATE FUNCTION vigil.find_suppression(anomaly vigil.anomalies)
RETURNS vigil.suppressions
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found vigil.suppressions;
BEGIN
    SELECT suppression.* INTO found
    FROM (
        SELECT of_entity.* FROM vigil.suppressions AS of_entity
        WHERE anomaly.subject_kind = 'entity' AND of_entity.entity_id = anomaly.subject_id AND of_entity.lifted_at IS NULL
        UNION ALL
        SELECT of_relationship.* FROM vigil.suppressions AS of_relationship
        WHERE anomaly.subject_kind = 'relationship' AND of_relationship.relationship_id = anomaly.subject_id
            AND of_relationship.lifted_at IS NULL
        UNION ALL
        SELECT general.* FROM vigil.suppressions AS general
        WHERE general.entity_id IS NULL AND general.relationship_id IS NULL AND general.lifted_at IS NULL
            AND general.expires_at > now()
    ) AS suppression
    WHERE suppression.expires_at > now()
        AND (suppression.subject_type IS NULL OR suppression.subject_type = anomaly.subject_type)
        AND (suppression.anomaly_type IS NULL OR suppression.anomaly_type = anomaly.anomaly_type)
        AND (suppression.indicator IS NULL OR ARRAY[suppression.indicator] = anomaly.indicators)
        AND (suppression.name_pattern IS NULL OR anomaly.subject_name ILIKE suppression.name_pattern)
    ORDER BY suppression.expires_at DESC, suppression.id
    LIMIT 1;
    RETURN found;
END
$$;

COMMENT ON FUNCTION vigil.find_suppression(vigil.anomalies) IS 'The suppression in force that an anomaly falls under: of several the one that ends last; null if there is none.';

-- functions/find_incident.sql
-- Looks and never waits: the incidents of others are read without locks, and one that somebody is
-- changing is merged by a later anomaly.
CREATE FUNCTION vigil.find_incident(anomaly vigil.anomalies)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
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

-- functions/root_incident.sql
CREATE FUNCTION vigil.root_incident(incident_id bigint)
RETURNS bigint
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
RETURN (SELECT coalesce(incident.merged_into, incident.id) FROM vigil.incidents AS incident WHERE incident.id = root_incident.incident_id);

COMMENT ON FUNCTION vigil.root_incident(bigint) IS 'The incident that this one is a part of by now; itself if it was not merged; null if there is none.';

-- functions/check_incident.sql
CREATE FUNCTION vigil.check_incident(id bigint)
RETURNS bigint
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    root CONSTANT bigint := vigil.root_incident(check_incident.id);
BEGIN
    IF root IS NULL THEN
        RAISE EXCEPTION 'there is no incident %', coalesce(check_incident.id::text, 'NULL')
            USING ERRCODE = 'no_data_found', HINT = 'See SELECT * FROM vigil.incidents_open.';
    END IF;
    RETURN root;
END
$$;

COMMENT ON FUNCTION vigil.check_incident(bigint) IS 'The incident that this one is a part of by now; refuses an id that is none.';

-- functions/anomaly_cursor.sql
CREATE FUNCTION vigil.anomaly_cursor(id uuid, order_by text DEFAULT 'score')
RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
SET extra_float_digits = 1
RETURN (
    SELECT CASE anomaly_cursor.order_by
        WHEN 'score' THEN format('%s/%s/%s', anomaly.anomaly_score, (extract(epoch FROM anomaly.first_detected) * 1000000)::bigint, anomaly.id)
        WHEN 'time' THEN format('%s/%s', (extract(epoch FROM anomaly.last_detected) * 1000000)::bigint, anomaly.id)
    END
    FROM vigil.anomalies AS anomaly
    WHERE anomaly.id = anomaly_cursor.id
);

COMMENT ON FUNCTION vigil.anomaly_cursor(uuid, text) IS 'The place of an anomaly in the order by score or time, for the argument after of vigil.list_anomalies(). Unlike the id alone it stays where it is when the anomaly is detected again with another score.';

-- functions/parse_cursor.sql
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
            USING ERRCODE = 'invalid_parameter_value',
                HINT = format('Give the id of the last line of the page before, or vigil.anomaly_cursor(id, %L).', parse_cursor.order_by);
    END IF;
END
$$;

COMMENT ON FUNCTION vigil.parse_cursor(text, text) IS 'The place that the argument after of vigil.list_anomalies() names.';

-- functions/name_subject.sql
CREATE FUNCTION vigil.name_subject(
    entity_id bigint, relationship_id bigint, subject_kind text, subject_id bigint, subject_type text, subject_name text, length_max integer DEFAULT 60)
RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    present text;
BEGIN
    IF name_subject.entity_id IS NOT NULL THEN
        SELECT coalesce(entity.name, entity.value) INTO present
        FROM vigil.entities AS entity
        WHERE entity.id = name_subject.entity_id;
    ELSIF name_subject.relationship_id IS NOT NULL AND name_subject.subject_name IS NULL THEN
        SELECT concat_ws(' -> ', coalesce(source_entity.name, source_entity.value), coalesce(target_entity.name, target_entity.value)) INTO present
        FROM vigil.relationships AS relationship
        JOIN vigil.entities AS source_entity ON source_entity.id = relationship.source_entity_id
        JOIN vigil.entities AS target_entity ON target_entity.id = relationship.target_entity_id
        WHERE relationship.id = name_subject.relationship_id;
    END IF;
    RETURN vigil.clean_label(concat_ws(' ', name_subject.subject_type,
        coalesce(nullif(present, ''), name_subject.subject_name, name_subject.subject_kind || ' ' || name_subject.subject_id)),
        name_subject.length_max);
END
$$;

COMMENT ON FUNCTION vigil.name_subject(bigint, bigint, text, bigint, text, text, integer) IS 'Type and name of the subject of an anomaly, for one line: the present name, else the one at detection.';

-- functions/list_anomalies.sql
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
    severities CONSTANT text[] := regexp_split_to_array(list_anomalies.severity, '\s*,\s*');
    types CONSTANT text[] := regexp_split_to_array(list_anomalies.type, '\s*,\s*');
    verdicts CONSTANT text[] := regexp_split_to_array(list_anomalies.verdict, '\s*,\s*');
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
        name_prefix := regexp_replace(lower("left"(list_anomalies.subject, 60)), '([\\%_])', '\\\1', 'g') || '%';
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
        regexp_replace(sorting, '(\w+) DESC', 'anomaly.\1 DESC', 'g'),
        regexp_replace(sorting, '(\w+) DESC', 'page.\1 DESC', 'g'))
    USING severities, types, verdicts, list_anomalies.entity_id, list_anomalies.relationship_id, name_prefix,
        list_anomalies.since, list_anomalies.until, list_anomalies.score_min, list_anomalies.score_max,
        list_anomalies.method, incidents, list_anomalies.assigned_to,
        place.score, place.at, place.id, list_anomalies.page_size;
END
$$;

COMMENT ON FUNCTION vigil.list_anomalies(text, text, text, text, bigint, bigint, text, timestamptz, timestamptz, double precision, double precision, text, bigint, text, text, text, integer) IS 'Anomalies page by page: the strangest first, or with order_by => ''time'' those detected last. The next page: after => the id of the last line, or what vigil.anomaly_cursor() made of it. New anomalies neither shift a page nor repeat a line. severity, type and verdict take one word or several with commas (verdict none: not reviewed); state is open (to be looked at), suppressed, closed or all; subject is the beginning of a name; since and until are about the last detection.';

-- functions/entity_anomalies.sql
CREATE FUNCTION vigil.entity_anomalies(entity_id bigint, page_size integer DEFAULT 100)
RETURNS SETOF vigil.anomaly_line
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    IF NOT EXISTS (SELECT FROM vigil.entities WHERE id = entity_anomalies.entity_id)
        AND NOT EXISTS (SELECT FROM vigil.anomalies WHERE subject_kind = 'entity' AND subject_id = entity_anomalies.entity_id)
    THEN
        RAISE EXCEPTION 'there is no entity %', coalesce(entity_anomalies.entity_id::text, 'NULL')
            USING ERRCODE = 'no_data_found', HINT = 'Find its id with SELECT id, type, name, value FROM vigil.entities.';
    END IF;
    RETURN QUERY
    SELECT anomaly.id, anomaly.severity, round(anomaly.anomaly_score::numeric, 2), anomaly.anomaly_type,
        vigil.name_subject(anomaly.entity_id, anomaly.relationship_id, anomaly.subject_kind, anomaly.subject_id, anomaly.subject_type, anomaly.subject_name, 20),
        vigil.anomaly_state(anomaly.is_active, anomaly.resolved_at, anomaly.suppressed_until, anomaly.reviewed),
        vigil.format_age(anomaly.last_detected)
    FROM (
        SELECT own.id FROM vigil.anomalies AS own
        WHERE own.subject_kind = 'entity' AND own.subject_id = entity_anomalies.entity_id
        UNION
        SELECT found.id
        FROM vigil.relationships AS relationship
        JOIN vigil.anomalies AS found ON found.subject_kind = 'relationship' AND found.subject_id = relationship.id
        WHERE relationship.source_entity_id = entity_anomalies.entity_id OR relationship.target_entity_id = entity_anomalies.entity_id
    ) AS of_it
    JOIN vigil.anomalies AS anomaly ON anomaly.id = of_it.id
    ORDER BY anomaly.is_active DESC, anomaly.last_detected DESC, anomaly.id DESC
    LIMIT entity_anomalies.page_size;
END
$$;

COMMENT ON FUNCTION vigil.entity_anomalies(bigint, integer) IS 'All anomalies of an entity and of its relationships: the open ones first, then the newest.';

-- functions/incident_anomalies.sql
CREATE FUNCTION vigil.incident_anomalies(id bigint, state text DEFAULT 'all', page_size integer DEFAULT 100)
RETURNS SETOF vigil.anomaly_line
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM vigil.check_incident(incident_anomalies.id);
    RETURN QUERY SELECT * FROM vigil.list_anomalies(
        incident_id => incident_anomalies.id, state => incident_anomalies.state, page_size => incident_anomalies.page_size);
END
$$;

COMMENT ON FUNCTION vigil.incident_anomalies(bigint, text, integer) IS 'The anomalies of an incident, the strangest first; also those of incidents that were merged into it.';

-- functions/anomaly_stats.sql
CREATE FUNCTION vigil.anomaly_stats(days integer DEFAULT 30)
RETURNS TABLE (
    day date, found bigint, critical bigint, high bigint, medium bigint, low bigint,
    closed bigint, reviewed bigint, dismissed bigint, average numeric, trend text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    today CONSTANT date := (now() AT TIME ZONE 'UTC')::date;
BEGIN
    IF anomaly_stats.days IS NULL OR anomaly_stats.days NOT BETWEEN 1 AND 3660 THEN
        RAISE EXCEPTION 'days must be from 1 to 3660, not %', coalesce(anomaly_stats.days::text, 'NULL')
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    RETURN QUERY
    WITH counted AS (
        SELECT counts.day,
            coalesce(sum(difference) FILTER (WHERE measure = 'found'), 0)::bigint AS found,
            coalesce(sum(difference) FILTER (WHERE measure = 'found' AND severity = 'critical'), 0)::bigint AS critical,
            coalesce(sum(difference) FILTER (WHERE measure = 'found' AND severity = 'high'), 0)::bigint AS high,
            coalesce(sum(difference) FILTER (WHERE measure = 'found' AND severity = 'medium'), 0)::bigint AS medium,
            coalesce(sum(difference) FILTER (WHERE measure = 'found' AND severity = 'low'), 0)::bigint AS low,
            coalesce(sum(difference) FILTER (WHERE measure = 'closed'), 0)::bigint AS closed,
            coalesce(sum(difference) FILTER (WHERE measure NOT IN ('found', 'closed')), 0)::bigint AS reviewed,
            coalesce(sum(difference) FILTER (WHERE measure IN ('false_positive', 'benign')), 0)::bigint AS dismissed
        FROM vigil.anomaly_counts AS counts
        -- Six days more, for the first average.
        WHERE counts.day BETWEEN today - anomaly_stats.days - 5 AND today
        GROUP BY counts.day
    ), every_day AS (
        SELECT today - back AS day FROM generate_series(0, anomaly_stats.days + 5) AS back
    ), lines AS (
        SELECT every_day.day, coalesce(counted.found, 0) AS found, coalesce(counted.critical, 0) AS critical,
            coalesce(counted.high, 0) AS high, coalesce(counted.medium, 0) AS medium, coalesce(counted.low, 0) AS low,
            coalesce(counted.closed, 0) AS closed, coalesce(counted.reviewed, 0) AS reviewed,
            coalesce(counted.dismissed, 0) AS dismissed,
            round(avg(coalesce(counted.found, 0)) OVER (ORDER BY every_day.day ROWS 6 PRECEDING), 1) AS average
        FROM every_day
        LEFT JOIN counted ON counted.day = every_day.day
    )
    SELECT lines.*,
        repeat('#', coalesce(ceil(16.0 * lines.found / nullif(max(lines.found) OVER (), 0)), 0)::integer)
    FROM lines
    WHERE lines.day > today - anomaly_stats.days
    ORDER BY lines.day DESC;
END
$$;

COMMENT ON FUNCTION vigil.anomaly_stats(integer) IS 'Anomalies by day (in UTC), today first: found, of which severity, closed, reviewed, of these dismissed as false positive or benign; the average found over the week that ends that day, and a bar.';

-- functions/fold_anomaly_counts.sql
CREATE FUNCTION vigil.fold_anomaly_counts(rows_max integer DEFAULT 1000)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    folded bigint;
BEGIN
    -- Rows that another transaction holds stay for the next time; sums are right at every moment.
    WITH unfolded AS (
        SELECT counts.id, counts.day, counts.measure, counts.severity, counts.anomaly_type
        FROM vigil.anomaly_counts AS counts
        WHERE NOT counts.is_folded
        ORDER BY counts.id
        LIMIT fold_anomaly_counts.rows_max
        FOR UPDATE SKIP LOCKED
    ), sums AS (
        SELECT counts.id
        FROM (SELECT DISTINCT day, measure, severity, anomaly_type FROM unfolded) AS touched
        JOIN vigil.anomaly_counts AS counts USING (day, measure, severity, anomaly_type)
        WHERE counts.is_folded
        FOR UPDATE OF counts SKIP LOCKED
    ), taken AS (
        DELETE FROM vigil.anomaly_counts AS counts
        WHERE counts.id = ANY (ARRAY(SELECT id FROM unfolded UNION ALL SELECT id FROM sums))
        RETURNING counts.day, counts.measure, counts.severity, counts.anomaly_type, counts.difference, counts.is_folded
    ), summed AS (
        INSERT INTO vigil.anomaly_counts (day, measure, severity, anomaly_type, difference, is_folded)
        SELECT day, measure, severity, anomaly_type, sum(difference), true
        FROM taken
        GROUP BY day, measure, severity, anomaly_type
        HAVING sum(difference) <> 0
    )
    SELECT count(*) INTO folded FROM taken WHERE NOT is_folded;
    RETURN folded;
END
$$;

COMMENT ON FUNCTION vigil.fold_anomaly_counts(integer) IS 'Adds up the rows of vigil.anomaly_counts, at most so many at a time, and returns how many. Called now and then as anomalies are found; waits for nobody.';

-- functions/lock_anomalies.sql
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

-- functions/review_anomalies.sql
-- With the rights of the owner: an analyst writes reviews, and nothing else of an anomaly. A lock that
-- is not to be had fails the analyst's call before the server could take it for a deadlock and end the
-- sidecar's transaction instead.
CREATE FUNCTION vigil.review_anomalies(ids uuid[], verdict text, notes text DEFAULT NULL)
RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
SET lock_timeout = '500ms'
AS $$
DECLARE
    reviewed_count integer;
BEGIN
    IF review_anomalies.verdict IS NULL
        OR review_anomalies.verdict NOT IN ('true_positive', 'false_positive', 'benign', 'undecided')
    THEN
        RAISE EXCEPTION 'there is no verdict %', coalesce(quote_literal(vigil.clean_label("left"(review_anomalies.verdict, 200))), 'NULL')
            USING ERRCODE = 'invalid_parameter_value',
                HINT = 'Use true_positive, false_positive, benign or undecided.';
    END IF;
    PERFORM vigil.check_length('notes', review_anomalies.notes, 10000);
    PERFORM vigil.lock_audit();
    PERFORM vigil.lock_anomalies(review_anomalies.ids);
    INSERT INTO vigil.reviews (anomaly_id, verdict, notes, reviewed_by, reviewed_at)
    SELECT DISTINCT given.id, review_anomalies.verdict, review_anomalies.notes, session_user, now()
    FROM unnest(review_anomalies.ids) AS given (id);
    UPDATE vigil.anomalies AS anomaly
    SET reviewed = true,
        verdict = review_anomalies.verdict,
        review_notes = review_anomalies.notes,
        reviewed_by = session_user,
        reviewed_at = now()
    WHERE anomaly.id = ANY (review_anomalies.ids);
    GET DIAGNOSTICS reviewed_count = ROW_COUNT;
    RETURN reviewed_count;
END
$$;

COMMENT ON FUNCTION vigil.review_anomalies(uuid[], text, text) IS 'Records one verdict on several anomalies, on all or on none, and returns on how many.';

-- functions/review_anomaly.sql
CREATE FUNCTION vigil.review_anomaly(id uuid, verdict text, notes text DEFAULT NULL)
RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT vigil.review_anomalies(ARRAY[id], verdict, notes);
$$;

COMMENT ON FUNCTION vigil.review_anomaly(uuid, text, text) IS 'Records a verdict on an anomaly: true_positive, false_positive, benign or undecided. A second review replaces the first; vigil.undo_review() takes it back.';

-- functions/undo_review.sql
-- With the rights of the owner: an analyst writes reviews, and nothing else of an anomaly.
CREATE FUNCTION vigil.undo_review(id uuid)
RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
SET lock_timeout = '500ms'
AS $$
DECLARE
    undone bigint;
    in_force vigil.reviews;
    was_reviewed boolean;
BEGIN
    PERFORM vigil.lock_audit();
    PERFORM vigil.lock_anomalies(ARRAY[undo_review.id]);
    SELECT anomaly.reviewed INTO was_reviewed FROM vigil.anomalies AS anomaly WHERE anomaly.id = undo_review.id;
    IF NOT was_reviewed THEN
        RAISE EXCEPTION 'anomaly % has no review to undo', undo_review.id
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'See SELECT * FROM vigil.reviews.';
    END IF;
    SELECT review.id INTO undone FROM vigil.reviews AS review
    WHERE review.anomaly_id = undo_review.id AND review.undone_at IS NULL
    ORDER BY review.id DESC LIMIT 1;
    UPDATE vigil.reviews AS review SET undone_by = session_user, undone_at = now() WHERE review.id = undone;
    SELECT * INTO in_force FROM vigil.reviews AS review
    WHERE review.anomaly_id = undo_review.id AND review.undone_at IS NULL
    ORDER BY review.id DESC LIMIT 1;
    UPDATE vigil.anomalies AS anomaly
    SET reviewed = in_force.id IS NOT NULL,
        verdict = in_force.verdict,
        review_notes = in_force.notes,
        reviewed_by = in_force.reviewed_by,
        reviewed_at = in_force.reviewed_at
    WHERE anomaly.id = undo_review.id;
    RETURN in_force.verdict;
END
$$;

COMMENT ON FUNCTION vigil.undo_review(uuid) IS 'Takes the newest review of an anomaly back: the one before is in force again, or none. Returns the verdict that is now in force. Called again, it goes back one step more.';

-- functions/assign_anomalies.sql
-- With the rights of the owner: an analyst assigns, and writes nothing else of an anomaly.
CREATE FUNCTION vigil.assign_anomalies(ids uuid[], assignee text DEFAULT session_user)
RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
SET lock_timeout = '500ms'
AS $$
DECLARE
    assigned_count integer;
BEGIN
    PERFORM vigil.check_length('assignee', assign_anomalies.assignee, 200);
    PERFORM vigil.lock_audit();
    PERFORM vigil.lock_anomalies(assign_anomalies.ids);
    UPDATE vigil.anomalies AS anomaly SET assigned_to = nullif(assign_anomalies.assignee, '')
    WHERE anomaly.id = ANY (assign_anomalies.ids) AND anomaly.assigned_to IS DISTINCT FROM nullif(assign_anomalies.assignee, '');
    GET DIAGNOSTICS assigned_count = ROW_COUNT;
    RETURN assigned_count;
END
$$;

COMMENT ON FUNCTION vigil.assign_anomalies(uuid[], text) IS 'Says who looks after these anomalies: the caller, unless somebody else is named; null: nobody. Returns how many changed hands.';

-- functions/assign_anomaly.sql
CREATE FUNCTION vigil.assign_anomaly(id uuid, assignee text DEFAULT session_user)
RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT vigil.assign_anomalies(ARRAY[id], assignee);
$$;

COMMENT ON FUNCTION vigil.assign_anomaly(uuid, text) IS 'Says who looks after an anomaly: the caller, unless somebody else is named; null: nobody.';

-- functions/apply_suppressions.sql
CREATE FUNCTION vigil.apply_suppressions(changed vigil.suppressions)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    open_again bigint;
BEGIN
    -- Those that the suppression has, or could have: each is then looked up anew.
    WITH concerned AS MATERIALIZED (
        SELECT anomaly.id, vigil.find_suppression(anomaly) AS suppression
        FROM vigil.anomalies AS anomaly
        WHERE anomaly.is_active AND (
            anomaly.suppressed_by = changed.id
            OR ((changed.entity_id IS NULL OR (anomaly.subject_kind = 'entity' AND anomaly.subject_id = changed.entity_id))
                AND (changed.relationship_id IS NULL OR (anomaly.subject_kind = 'relationship' AND anomaly.subject_id = changed.relationship_id))
                AND (changed.subject_type IS NULL OR anomaly.subject_type = changed.subject_type)
                AND (changed.anomaly_type IS NULL OR anomaly.anomaly_type = changed.anomaly_type)
                AND (changed.indicator IS NULL OR anomaly.indicators = ARRAY[changed.indicator])
                AND (changed.name_pattern IS NULL OR anomaly.subject_name ILIKE changed.name_pattern)))
        ORDER BY anomaly.id
        FOR UPDATE OF anomaly
    ), changed_now AS (
        UPDATE vigil.anomalies AS anomaly
        SET suppressed_by = (concerned.suppression).id, suppressed_until = (concerned.suppression).expires_at
        FROM concerned
        WHERE anomaly.id = concerned.id
            AND (anomaly.suppressed_by, anomaly.suppressed_until)
                IS DISTINCT FROM ((concerned.suppression).id, (concerned.suppression).expires_at)
        RETURNING anomaly.suppressed_by
    )
    SELECT count(*) INTO open_again FROM changed_now WHERE suppressed_by IS NULL;
    RETURN open_again;
EXCEPTION WHEN lock_not_available THEN
    RAISE EXCEPTION 'another transaction holds one of the anomalies concerned'
        USING ERRCODE = 'lock_not_available', HINT = 'Try again; the sidecar holds one for milliseconds only.';
END
$$;

COMMENT ON FUNCTION vigil.apply_suppressions(vigil.suppressions) IS 'Brings the open anomalies that a new or lifted suppression concerns up to date; returns how many of them are under no suppression any more.';

-- functions/suppress_anomalies.sql
-- With the rights of the owner: the anomalies that are open already fall under it at once.
CREATE FUNCTION vigil.suppress_anomalies(
    reason text,
    entity_id bigint DEFAULT NULL,
    relationship_id bigint DEFAULT NULL,
    subject_type text DEFAULT NULL,
    anomaly_type text DEFAULT NULL,
    indicator text DEFAULT NULL,
    name_pattern text DEFAULT NULL,
    expires_at timestamptz DEFAULT now() + interval '30 days')
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
SET lock_timeout = '500ms'
AS $$
DECLARE
    suppression vigil.suppressions;
BEGIN
    IF coalesce(suppress_anomalies.reason, '') !~ '\S' THEN
        RAISE EXCEPTION 'a suppression needs a reason' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM vigil.check_length('reason', suppress_anomalies.reason, 2000);
    PERFORM vigil.check_length('name_pattern', suppress_anomalies.name_pattern, 200);
    IF num_nonnulls(suppress_anomalies.entity_id, suppress_anomalies.relationship_id, suppress_anomalies.subject_type,
        suppress_anomalies.anomaly_type, suppress_anomalies.indicator, suppress_anomalies.name_pattern) = 0
    THEN
        RAISE EXCEPTION 'a suppression of everything is none'
            USING ERRCODE = 'invalid_parameter_value',
                HINT = 'Give one or more of entity_id, relationship_id, subject_type, anomaly_type, indicator and name_pattern.';
    END IF;
    IF num_nonnulls(suppress_anomalies.entity_id, suppress_anomalies.relationship_id) = 2 THEN
        RAISE EXCEPTION 'an anomaly is of an entity or of a relationship, not of both' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF suppress_anomalies.name_pattern = '' OR suppress_anomalies.name_pattern ~ '(^|[^\\])(\\\\)*\\$' THEN
        RAISE EXCEPTION 'a name pattern is neither empty nor does it end with a single backslash' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF suppress_anomalies.expires_at IS NULL OR suppress_anomalies.expires_at <= now() THEN
        RAISE EXCEPTION 'a suppression must end later than now'
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Use expires_at => ''infinity'' for one that only a person ends.';
    END IF;
    IF suppress_anomalies.anomaly_type IS NOT NULL THEN
        PERFORM vigil.check_words('anomaly_type', ARRAY[suppress_anomalies.anomaly_type],
            '{behavioral,relationship,infrastructure,data_quality,temporal,semantic}');
    END IF;
    -- A slip of the pen would suppress nothing, without a word.
    IF suppress_anomalies.indicator IS NOT NULL AND NOT EXISTS (
        SELECT FROM vigil.indicators AS known WHERE known.name = suppress_anomalies.indicator)
    THEN
        RAISE EXCEPTION 'there is no indicator %', quote_literal(vigil.clean_label("left"(suppress_anomalies.indicator, 200)))
            USING ERRCODE = 'undefined_object', HINT = 'See SELECT name, description FROM vigil.indicators.';
    END IF;
    IF suppress_anomalies.subject_type IS NOT NULL
        AND NOT EXISTS (SELECT FROM vigil.entity_types AS known WHERE known.type = suppress_anomalies.subject_type)
        AND NOT EXISTS (SELECT FROM vigil.relationship_types AS known WHERE known.type = suppress_anomalies.subject_type)
    THEN
        RAISE EXCEPTION 'there is no type %', quote_literal(vigil.clean_label("left"(suppress_anomalies.subject_type, 200)))
            USING ERRCODE = 'undefined_object', HINT = 'See SELECT type FROM vigil.entity_types, and vigil.relationship_types.';
    END IF;

    PERFORM vigil.lock_audit();
    INSERT INTO vigil.suppressions
        (entity_id, relationship_id, subject_type, anomaly_type, indicator, name_pattern, reason, created_by, expires_at)
    VALUES (suppress_anomalies.entity_id, suppress_anomalies.relationship_id, suppress_anomalies.subject_type,
        suppress_anomalies.anomaly_type, suppress_anomalies.indicator, suppress_anomalies.name_pattern,
        suppress_anomalies.reason, session_user, suppress_anomalies.expires_at)
    RETURNING * INTO suppression;
    PERFORM vigil.apply_suppressions(suppression);
    RETURN suppression.id;
END
$$;

COMMENT ON FUNCTION vigil.suppress_anomalies(text, bigint, bigint, text, text, text, text, timestamptz) IS 'From now until expires_at (default: 30 days) anomalies that fit all the conditions given are recorded, but neither shown as open nor announced: of this entity or relationship, subject type, primary anomaly type, resting on this indicator alone, with a subject whose name is ILIKE this pattern. Returns the key for vigil.lift_suppression().';

-- functions/lift_suppression.sql
-- With the rights of the owner: the anomalies under it alert again at once.
CREATE FUNCTION vigil.lift_suppression(id bigint, reason text DEFAULT NULL)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
SET lock_timeout = '500ms'
AS $$
DECLARE
    suppression vigil.suppressions;
BEGIN
    PERFORM vigil.check_length('reason', lift_suppression.reason, 2000);
    PERFORM vigil.lock_audit();
    UPDATE vigil.suppressions AS lifted
    SET lifted_by = session_user, lifted_at = now(), lift_reason = lift_suppression.reason
    WHERE lifted.id = lift_suppression.id AND lifted.lifted_at IS NULL
    RETURNING * INTO suppression;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no suppression % to lift', coalesce(lift_suppression.id::text, 'NULL')
            USING ERRCODE = 'no_data_found', HINT = 'See SELECT * FROM vigil.suppressions_active.';
    END IF;
    RETURN vigil.apply_suppressions(suppression);
END
$$;

COMMENT ON FUNCTION vigil.lift_suppression(bigint, text) IS 'Ends a suppression before its time. Returns how many anomalies are open again.';

-- functions/assign_incident.sql
-- With the rights of the owner: an analyst assigns, and writes nothing else.
CREATE FUNCTION vigil.assign_incident(id bigint, assignee text DEFAULT session_user)
RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
SET lock_timeout = '500ms'
AS $$
DECLARE
    root CONSTANT bigint := vigil.check_incident(assign_incident.id);
BEGIN
    PERFORM vigil.check_length('assignee', assign_incident.assignee, 200);
    PERFORM vigil.lock_audit();
    UPDATE vigil.incidents AS incident SET assigned_to = nullif(assign_incident.assignee, '')
    WHERE incident.id = root AND incident.assigned_to IS DISTINCT FROM nullif(assign_incident.assignee, '');
    RETURN vigil.assign_anomalies(
        ARRAY(SELECT line.id FROM vigil.list_anomalies(incident_id => root, page_size => 10000) AS line),
        assign_incident.assignee);
END
$$;

COMMENT ON FUNCTION vigil.assign_incident(bigint, text) IS 'Says who looks after an incident and its open anomalies, also those that join it later: the caller, unless somebody else is named; null: nobody. Returns how many anomalies changed hands.';

-- functions/review_incident.sql
CREATE FUNCTION vigil.review_incident(id bigint, verdict text, notes text DEFAULT NULL)
RETURNS integer
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM vigil.check_incident(review_incident.id);
    RETURN vigil.review_anomalies(
        ARRAY(SELECT line.id FROM vigil.list_anomalies(incident_id => review_incident.id, page_size => 10000) AS line),
        review_incident.verdict, review_incident.notes);
END
$$;

COMMENT ON FUNCTION vigil.review_incident(bigint, text, text) IS 'Records one verdict on all open anomalies of an incident, and returns on how many.';

-- functions/merge_incidents.sql
-- With the rights of the owner: an analyst merges, and writes nothing else.
CREATE FUNCTION vigil.merge_incidents(kept bigint, merged bigint[])
RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
SET lock_timeout = '500ms'
AS $$
DECLARE
    kept_root bigint := vigil.check_incident(merge_incidents.kept);
    merged_roots bigint[];
    merged_count integer;
BEGIN
    PERFORM vigil.lock_audit();
    SELECT array_agg(DISTINCT vigil.check_incident(given.id)) INTO merged_roots
    FROM unnest(merge_incidents.merged) AS given (id);
    -- Under these locks nothing is merged into or out of them meanwhile.
    PERFORM FROM vigil.incidents AS incident
    WHERE incident.id = kept_root OR incident.id = ANY (merged_roots)
    ORDER BY incident.id FOR UPDATE;
    kept_root := vigil.check_incident(kept_root);
    UPDATE vigil.incidents AS incident SET merged_into = kept_root, merged_at = now()
    WHERE incident.id <> kept_root AND incident.merged_into IS DISTINCT FROM kept_root
        AND (incident.id = ANY (merged_roots) OR incident.merged_into = ANY (merged_roots));
    GET DIAGNOSTICS merged_count = ROW_COUNT;
    IF merged_count > 0 THEN
        PERFORM vigil.record_decision('merge incidents', 'incident', kept_root::text, NULL, jsonb_build_object('merged', to_jsonb(merged_roots)));
    END IF;
    RETURN merged_count;
END
$$;

COMMENT ON FUNCTION vigil.merge_incidents(bigint, bigint[]) IS 'Makes several incidents a part of one. Returns how many became a part of it.';

-- functions/switch_model.sql
CREATE FUNCTION vigil.switch_model(kind text, version text)
RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    retired text;
BEGIN
    -- One switch at a time: two of them would each retire what the other has made active.
    PERFORM FROM vigil.models AS model WHERE model.kind = switch_model.kind ORDER BY model.version FOR UPDATE;
    UPDATE vigil.models AS model SET state = 'retired'
    WHERE model.kind = switch_model.kind AND model.state = 'active' AND model.version <> switch_model.version
    RETURNING model.version INTO retired;
    UPDATE vigil.models AS model SET state = 'active', activated_at = now()
    WHERE model.version = switch_model.version AND model.state <> 'active';
    RETURN retired;
END
$$;

COMMENT ON FUNCTION vigil.switch_model(text, text) IS 'Makes one model of a kind active and retires the other; returns which.';

-- functions/activate_model.sql
CREATE FUNCTION vigil.activate_model(version text, OUT kind text, OUT activated text, OUT retired text)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    SELECT model.kind INTO activate_model.kind FROM vigil.models AS model WHERE model.version = activate_model.version;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no model %', coalesce(quote_literal(vigil.clean_label("left"(activate_model.version, 200))), 'NULL')
            USING ERRCODE = 'no_data_found', HINT = 'See SELECT * FROM vigil.model_status.';
    END IF;
    activated := activate_model.version;
    retired := vigil.switch_model(activate_model.kind, activate_model.version);
END
$$;

COMMENT ON FUNCTION vigil.activate_model(text) IS 'Makes a model the active one of its kind and retires the one before, in one step; the sidecar takes it over at once. Returns which was retired: null if there was none, or if the model was active already.';

-- functions/rollback_model.sql
-- With the rights of the owner, for the way back is written by triggers only.
CREATE FUNCTION vigil.rollback_model(kind text DEFAULT 'entity', OUT activated text, OUT retired text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
AS $$
DECLARE
    newest vigil.model_activations;
BEGIN
    PERFORM vigil.check_words('kind', ARRAY[coalesce(rollback_model.kind, 'NULL')], '{entity,relationship,behavior}');
    PERFORM FROM vigil.models AS model WHERE model.kind = rollback_model.kind ORDER BY model.version FOR UPDATE;
    SELECT * INTO newest FROM vigil.model_activations AS activation
    WHERE activation.kind = rollback_model.kind AND activation.rolled_back_at IS NULL
    ORDER BY activation.id DESC LIMIT 1;
    SELECT activation.version INTO activated FROM vigil.model_activations AS activation
    WHERE activation.kind = rollback_model.kind AND activation.rolled_back_at IS NULL AND activation.id < newest.id
    ORDER BY activation.id DESC LIMIT 1;
    IF activated IS NULL THEN
        RAISE EXCEPTION 'there is no earlier active model of kind % to go back to', quote_literal(rollback_model.kind)
            USING ERRCODE = 'object_not_in_prerequisite_state',
                HINT = 'See SELECT * FROM vigil.model_status; vigil.activate_model() makes any of them active.';
    END IF;
    UPDATE vigil.model_activations AS activation SET rolled_back_by = session_user, rolled_back_at = now()
    WHERE activation.id = newest.id;
    retired := vigil.switch_model(rollback_model.kind, activated);
END
$$;

COMMENT ON FUNCTION vigil.rollback_model(text) IS 'Makes the model active again that was active before the present one, and retires that; the sidecar takes it over at once. Called again, it goes back one step more.';

-- functions/refuse_entity.sql
-- Not pinned to a search_path: its body is parsed at the installation, and so it can be inlined.
CREATE FUNCTION vigil.refuse_entity(entity vigil.mirrored_entity)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN octet_length((entity).key) > 2048 THEN 'the key has more than 2048 bytes'
    WHEN (entity).type IS NULL THEN 'the type is null'
    WHEN octet_length((entity).value) > 2048 THEN 'value has more than 2048 bytes'
    WHEN NOT ((entity).risk_score BETWEEN 0 AND 1) THEN 'risk_score is not within 0 and 1'
    WHEN NOT ((entity).confidence BETWEEN 0 AND 1) THEN 'confidence is not within 0 and 1'
    WHEN jsonb_typeof((entity).metadata) <> 'object' THEN 'metadata is no JSON object'
    WHEN NOT isfinite((entity).first_seen) THEN 'first_seen is infinite'
    WHEN NOT isfinite((entity).last_seen) THEN 'last_seen is infinite'
END;

COMMENT ON FUNCTION vigil.refuse_entity(vigil.mirrored_entity) IS 'Why a row cannot be an entity; null: it can, if its type is known.';

-- functions/refuse_relationship.sql
-- Not pinned to a search_path: its body is parsed at the installation, and so it can be inlined.
CREATE FUNCTION vigil.refuse_relationship(relationship vigil.mirrored_relationship)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN octet_length((relationship).key) > 2048 THEN 'the key has more than 2048 bytes'
    WHEN octet_length((relationship).source_key) > 2048 THEN 'the key of the source has more than 2048 bytes'
    WHEN octet_length((relationship).target_key) > 2048 THEN 'the key of the target has more than 2048 bytes'
    WHEN (relationship).type IS NULL THEN 'the type is null'
    WHEN NOT ((relationship).confidence BETWEEN 0 AND 1) THEN 'confidence is not within 0 and 1'
    WHEN NOT ((relationship).weight > '-Infinity' AND (relationship).weight < 'Infinity') THEN 'weight is not finite'
    WHEN jsonb_typeof((relationship).metadata) <> 'object' THEN 'metadata is no JSON object'
    WHEN NOT isfinite((relationship).first_observed) THEN 'first_observed is infinite'
    WHEN NOT isfinite((relationship).last_observed) THEN 'last_observed is infinite'
END;

COMMENT ON FUNCTION vigil.refuse_relationship(vigil.mirrored_relationship) IS 'Why a row cannot be a relationship; null: it can, if its type is known.';

-- functions/reject_row.sql
CREATE FUNCTION vigil.reject_row(attachment integer, row_key text, reason text, sqlstate text DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- A key that is too long to be mirrored is too long for the index as well.
    DELETE FROM vigil.rejected_rows AS known
    WHERE known.attachment_id = attachment AND known.key = left(row_key, 500)
        OR known.attachment_id = attachment AND known.key IS NULL AND row_key IS NULL AND known.reason = reject_row.reason;
    INSERT INTO vigil.rejected_rows (attachment_id, key, reason, sqlstate)
    VALUES (attachment, left(row_key, 500), left(reject_row.reason, 2000), reject_row.sqlstate);
END
$$;

COMMENT ON FUNCTION vigil.reject_row(integer, text, text, text) IS 'Sets a row of an attached table aside with the reason. Called by the triggers of attached tables.';

-- functions/compare_entities.sql
CREATE FUNCTION vigil.compare_entities(
    attachment integer, mapped integer, mirrored vigil.mirrored_entity[], mode "char", version bigint, seen bigint[],
    OUT missing vigil.mirrored_entity[], OUT changed vigil.mirrored_entity[], OUT is_simple boolean)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET jit = off
AS $$
#variable_conflict use_variable
BEGIN
    SELECT array_agg(raw.entity) FILTER (WHERE known.id IS NULL),
        array_agg(raw.entity) FILTER (WHERE known.id IS NOT NULL),
        bool_and(known.type = (raw.entity).type AND vigil.refuse_entity(raw.entity) IS NULL
            AND (mapped & 2 = 0 OR known.value IS NOT DISTINCT FROM (raw.entity).value)) FILTER (WHERE known.id IS NOT NULL)
    INTO missing, changed, is_simple
    FROM (SELECT given AS entity, row_number() OVER () AS nth FROM unnest(mirrored) AS given) AS raw
    LEFT JOIN vigil.entities AS known ON known.attachment_id = attachment AND known.attached_key = (raw.entity).key
    WHERE known.id IS NULL
        OR CASE WHEN mode = 'B' THEN known.attached_version = seen[raw.nth] ELSE known.attached_version < version END
        AND (known.type IS DISTINCT FROM (raw.entity).type
            OR mapped & 1 <> 0 AND known.name IS DISTINCT FROM (raw.entity).name
            OR mapped & 2 <> 0 AND known.value IS DISTINCT FROM (raw.entity).value
            OR mapped & 4 <> 0 AND known.risk_score IS DISTINCT FROM (raw.entity).risk_score
            OR mapped & 8 <> 0 AND known.confidence IS DISTINCT FROM (raw.entity).confidence
            OR mapped & 16 <> 0 AND known.source IS DISTINCT FROM (raw.entity).source
            OR mapped & 32 <> 0 AND known.sources <> coalesce((raw.entity).sources, '{}')
            OR mapped & 64 <> 0 AND known.is_verified <> coalesce((raw.entity).is_verified, false)
            OR mapped & 128 <> 0 AND known.description IS DISTINCT FROM (raw.entity).description
            OR mapped & 256 <> 0 AND known.metadata <> coalesce((raw.entity).metadata, '{}')
            OR mapped & 512 <> 0 AND known.tags <> coalesce((raw.entity).tags, '{}')
            OR mapped & 1024 <> 0 AND known.first_seen IS DISTINCT FROM (raw.entity).first_seen
            OR mapped & 2048 <> 0 AND known.last_seen IS DISTINCT FROM (raw.entity).last_seen
            OR mapped & 4096 <> 0 AND known.is_active <> coalesce((raw.entity).is_active, true));
END
$$;

COMMENT ON FUNCTION vigil.compare_entities(integer, integer, vigil.mirrored_entity[], "char", bigint, bigint[]) IS 'Which rows of an attached table have no entity, and which have one in another, older state. Called by vigil.write_entities().';

-- functions/change_entities.sql
CREATE FUNCTION vigil.change_entities(
    attachment integer, mapped integer, mirrored vigil.mirrored_entity[], mode "char", version bigint)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET jit = off
AS $$
#variable_conflict use_variable
DECLARE
    affected bigint;
BEGIN
    UPDATE vigil.entities AS known
    SET attached_version = CASE WHEN mode = 'B' THEN known.attached_version ELSE version END,
        type = given.type,
        name = CASE WHEN mapped & 1 <> 0 THEN given.name ELSE known.name END,
        value = CASE WHEN mapped & 2 <> 0 THEN given.value ELSE known.value END,
        risk_score = CASE WHEN mapped & 4 <> 0 THEN given.risk_score ELSE known.risk_score END,
        confidence = CASE WHEN mapped & 8 <> 0 THEN given.confidence ELSE known.confidence END,
        source = CASE WHEN mapped & 16 <> 0 THEN given.source ELSE known.source END,
        sources = CASE WHEN mapped & 32 <> 0 THEN coalesce(given.sources, '{}') ELSE known.sources END,
        is_verified = CASE WHEN mapped & 64 <> 0 THEN coalesce(given.is_verified, false) ELSE known.is_verified END,
        description = CASE WHEN mapped & 128 <> 0 THEN given.description ELSE known.description END,
        metadata = CASE WHEN mapped & 256 <> 0 THEN coalesce(given.metadata, '{}') ELSE known.metadata END,
        tags = CASE WHEN mapped & 512 <> 0 THEN coalesce(given.tags, '{}') ELSE known.tags END,
        first_seen = CASE WHEN mapped & 1024 <> 0 THEN given.first_seen ELSE known.first_seen END,
        last_seen = CASE WHEN mapped & 2048 <> 0 THEN given.last_seen WHEN mode = 'B' THEN known.last_seen ELSE now() END,
        is_active = CASE WHEN mapped & 4096 <> 0 THEN coalesce(given.is_active, true) ELSE known.is_active END
    FROM unnest(mirrored) AS given
    WHERE known.attachment_id = attachment AND known.attached_key = given.key
        AND (mode = 'B' OR known.attached_version < version)
        AND given.type IN (SELECT known_type.type FROM vigil.entity_types AS known_type);
    GET DIAGNOSTICS affected = ROW_COUNT;
    RETURN affected;
END
$$;

COMMENT ON FUNCTION vigil.change_entities(integer, integer, vigil.mirrored_entity[], "char", bigint) IS 'Brings mirrored entities to the state of their rows; returns how many. Called by vigil.write_entities().';

-- functions/write_entity.sql
CREATE FUNCTION vigil.write_entity(
    attachment integer, mapped integer, mirrored vigil.mirrored_entity, mode "char", version bigint)
RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    refusal text := vigil.refuse_entity(mirrored);
    state text;
    is_at_odds boolean := false;
BEGIN
    IF refusal IS NULL AND NOT EXISTS (SELECT FROM vigil.entity_types AS known WHERE known.type = (mirrored).type) THEN
        refusal := format('there is no entity type %s in vigil.entity_types', quote_literal(left((mirrored).type, 100)));
    END IF;
    IF refusal IS NULL THEN
        BEGIN
            IF vigil.change_entities(attachment, mapped, ARRAY[mirrored], mode, version) = 0 THEN
                INSERT INTO vigil.entities (
                    attachment_id, attached_key, attached_version, type, name, value, risk_score, confidence, source, sources,
                    is_verified, description, metadata, tags, first_seen, last_seen, is_active)
                VALUES (attachment, (mirrored).key, CASE WHEN mode = 'B' THEN 0 ELSE version END, (mirrored).type, (mirrored).name,
                    (mirrored).value, (mirrored).risk_score, (mirrored).confidence, (mirrored).source,
                    coalesce((mirrored).sources, '{}'), coalesce((mirrored).is_verified, false), (mirrored).description,
                    coalesce((mirrored).metadata, '{}'), coalesce((mirrored).tags, '{}'),
                    CASE WHEN mapped & 1024 <> 0 THEN (mirrored).first_seen WHEN mode <> 'B' THEN now() END,
                    CASE WHEN mapped & 2048 <> 0 THEN (mirrored).last_seen WHEN mode <> 'B' THEN now() END,
                    coalesce((mirrored).is_active, true))
                ON CONFLICT (attachment_id, attached_key) WHERE attachment_id IS NOT NULL DO NOTHING;
            END IF;
        EXCEPTION
            WHEN serialization_failure OR deadlock_detected OR lock_not_available THEN
                RAISE;
            WHEN unique_violation THEN
                is_at_odds := true;
                state := SQLSTATE;
                refusal := format('another entity has type %s and value %s',
                    quote_literal((mirrored).type), quote_literal(left((mirrored).value, 200)));
            WHEN OTHERS THEN
                state := SQLSTATE;
                refusal := SQLERRM;
        END;
    END IF;
    IF refusal IS NOT NULL THEN
        PERFORM vigil.reject_row(attachment, (mirrored).key, refusal, state);
    ELSIF EXISTS (SELECT FROM vigil.rejected_rows AS known WHERE known.attachment_id = attachment AND known.key = left((mirrored).key, 500)) THEN
        DELETE FROM vigil.rejected_rows AS known WHERE known.attachment_id = attachment AND known.key = left((mirrored).key, 500);
    END IF;
    RETURN is_at_odds;
END
$$;

COMMENT ON FUNCTION vigil.write_entity(integer, integer, vigil.mirrored_entity, "char", bigint) IS 'Mirrors one row of an attached table, or sets it aside; returns whether another entity has its value. Called by vigil.write_entities().';

-- functions/park_relationships_of.sql
CREATE FUNCTION vigil.park_relationships_of(ids bigint[])
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET jit = off
AS $$
#variable_conflict use_variable
BEGIN
    INSERT INTO vigil.parked_relationships (
        attachment_id, key, source_attachment_id, source_key, target_attachment_id, target_key, relationship, version)
    SELECT touched.attachment_id, touched.attached_key, source.attachment_id, source.attached_key,
        target.attachment_id, target.attached_key,
        ROW(touched.attached_key, source.attached_key, target.attached_key, touched.type, touched.confidence, touched.weight,
            touched.sources, touched.evidence, touched.description, touched.metadata, touched.first_observed,
            touched.last_observed, touched.verified, touched.is_active)::vigil.mirrored_relationship,
        touched.attached_version
    FROM (
        SELECT known.* FROM vigil.relationships AS known WHERE known.source_entity_id = ANY (ids) AND known.attachment_id IS NOT NULL
        UNION ALL
        SELECT known.* FROM vigil.relationships AS known
        WHERE known.target_entity_id = ANY (ids) AND known.source_entity_id <> ALL (ids) AND known.attachment_id IS NOT NULL
    ) AS touched
    JOIN vigil.entities AS source ON source.id = touched.source_entity_id AND source.attachment_id IS NOT NULL
    JOIN vigil.entities AS target ON target.id = touched.target_entity_id AND target.attachment_id IS NOT NULL
    -- A relationship that is parked already has its newer state there.
    ON CONFLICT (attachment_id, key) DO NOTHING;
END
$$;

COMMENT ON FUNCTION vigil.park_relationships_of(bigint[]) IS 'Parks the mirrored relationships of entities that are about to be deleted: their rows are still there. Called by vigil.drop_entities().';

-- functions/drop_entities.sql
CREATE FUNCTION vigil.drop_entities(attachment integer, keys text[], version bigint DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET jit = off
AS $$
#variable_conflict use_variable
DECLARE
    ids bigint[];
    is_live CONSTANT boolean := version IS NULL;
BEGIN
    IF cardinality(keys) IS NULL THEN
        RETURN;
    END IF;
    version := coalesce(version, nextval('vigil.mirror_clock'));
    -- In the order of their ids, for the locks.
    ids := ARRAY(
        SELECT known.id FROM vigil.entities AS known
        WHERE known.attachment_id = attachment AND known.attached_key = ANY (keys) AND known.attached_version < version
        ORDER BY known.id
        FOR UPDATE);
    IF EXISTS (
        SELECT FROM vigil.attachments AS other
        WHERE other.source_attachment_id = attachment OR other.target_attachment_id = attachment)
    THEN
        PERFORM vigil.park_relationships_of(ids);
    END IF;
    DELETE FROM vigil.entities AS known WHERE known.id = ANY (ids);
    IF EXISTS (SELECT FROM vigil.rejected_rows AS known WHERE known.attachment_id = attachment) THEN
        DELETE FROM vigil.rejected_rows AS known WHERE known.attachment_id = attachment AND known.key = ANY (keys);
    END IF;
    IF is_live AND cardinality(ids) < cardinality(keys) THEN
        -- A row that is not there is being filled in, waits, or was set aside.
        INSERT INTO vigil.pending_rows (attachment_id, operation, version, row_count, keys)
        VALUES (attachment, 'D', version, cardinality(keys) - cardinality(ids), keys);
    END IF;
END
$$;

COMMENT ON FUNCTION vigil.drop_entities(integer, text[], bigint) IS 'Removes the entities of deleted rows of an attached table. Called by its trigger.';

-- functions/drop_relationships.sql
CREATE FUNCTION vigil.drop_relationships(attachment integer, keys text[], version bigint DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET jit = off
AS $$
#variable_conflict use_variable
DECLARE
    affected bigint;
    unparked bigint := 0;
    is_live CONSTANT boolean := version IS NULL;
BEGIN
    IF cardinality(keys) IS NULL THEN
        RETURN;
    END IF;
    version := coalesce(version, nextval('vigil.mirror_clock'));
    DELETE FROM vigil.relationships AS known
    WHERE known.attachment_id = attachment AND known.attached_key = ANY (keys) AND known.attached_version < version;
    GET DIAGNOSTICS affected = ROW_COUNT;
    IF EXISTS (SELECT FROM vigil.parked_relationships AS parked WHERE parked.attachment_id = attachment) THEN
        DELETE FROM vigil.parked_relationships AS parked
        WHERE parked.attachment_id = attachment AND parked.key = ANY (keys) AND parked.version < version;
        GET DIAGNOSTICS unparked = ROW_COUNT;
    END IF;
    IF EXISTS (SELECT FROM vigil.rejected_rows AS known WHERE known.attachment_id = attachment) THEN
        DELETE FROM vigil.rejected_rows AS known WHERE known.attachment_id = attachment AND known.key = ANY (keys);
    END IF;
    IF is_live AND affected + unparked < cardinality(keys) THEN
        -- A row that is not there is no relationship, is being filled in, waits, or was set aside.
        INSERT INTO vigil.pending_rows (attachment_id, operation, version, row_count, keys)
        VALUES (attachment, 'D', version, cardinality(keys) - affected - unparked, keys);
    END IF;
END
$$;

COMMENT ON FUNCTION vigil.drop_relationships(integer, text[], bigint) IS 'Removes the relationships of deleted rows of an attached table. Called by its trigger.';

-- functions/compare_relationships.sql
CREATE FUNCTION vigil.compare_relationships(
    attachment integer, sources_in integer, targets_in integer, mapped integer, mirrored vigil.mirrored_relationship[], mode "char",
    version bigint, seen bigint[])
RETURNS TABLE (relationship vigil.mirrored_relationship, id bigint, verdict text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET jit = off
AS $$
#variable_conflict use_variable
BEGIN
    RETURN QUERY
    SELECT judged.relationship, judged.id, judged.verdict
    FROM (
        SELECT raw.relationship, known.id,
            CASE
                WHEN known.id IS NOT NULL
                    AND NOT CASE WHEN mode = 'B' THEN coalesce(known.attached_version = seen[raw.nth], false) ELSE known.attached_version < version END
                    THEN NULL
                WHEN (raw.relationship).source_key IS NULL OR (raw.relationship).target_key IS NULL
                    THEN CASE WHEN known.id IS NOT NULL THEN 'none' END
                WHEN vigil.refuse_relationship(raw.relationship) IS NOT NULL
                    OR NOT EXISTS (SELECT FROM vigil.relationship_types AS known_type WHERE known_type.type = (raw.relationship).type)
                    THEN 'refused'
                WHEN source.id IS NULL OR target.id IS NULL THEN 'astray'
                WHEN known.id IS NULL THEN 'missing'
                WHEN (source.id, target.id) IS DISTINCT FROM (known.source_entity_id, known.target_entity_id) THEN 'moved'
                WHEN known.type IS DISTINCT FROM (raw.relationship).type
                    OR mapped & 1 <> 0 AND known.confidence IS DISTINCT FROM (raw.relationship).confidence
                    OR mapped & 2 <> 0 AND known.weight IS DISTINCT FROM (raw.relationship).weight
                    OR mapped & 4 <> 0 AND known.sources <> coalesce((raw.relationship).sources, '{}')
                    OR mapped & 8 <> 0 AND known.evidence IS DISTINCT FROM (raw.relationship).evidence
                    OR mapped & 16 <> 0 AND known.description IS DISTINCT FROM (raw.relationship).description
                    OR mapped & 32 <> 0 AND known.metadata <> coalesce((raw.relationship).metadata, '{}')
                    OR mapped & 64 <> 0 AND known.first_observed IS DISTINCT FROM (raw.relationship).first_observed
                    OR mapped & 128 <> 0 AND known.last_observed IS DISTINCT FROM (raw.relationship).last_observed
                    OR mapped & 256 <> 0 AND known.verified <> coalesce((raw.relationship).verified, false)
                    OR known.is_active <> CASE WHEN mapped & 512 <> 0 THEN coalesce((raw.relationship).is_active, true) ELSE known.is_active END
                    THEN 'changed'
            END AS verdict
        FROM (SELECT given AS relationship, row_number() OVER () AS nth FROM unnest(mirrored) AS given) AS raw
        LEFT JOIN vigil.relationships AS known
            ON known.attachment_id = attachment AND known.attached_key = (raw.relationship).key
        LEFT JOIN vigil.entities AS source
            ON source.attachment_id = sources_in AND source.attached_key = (raw.relationship).source_key
        LEFT JOIN vigil.entities AS target
            ON target.attachment_id = targets_in AND target.attached_key = (raw.relationship).target_key
    ) AS judged
    WHERE judged.verdict IS NOT NULL;
END
$$;

COMMENT ON FUNCTION vigil.compare_relationships(integer, integer, integer, integer, vigil.mirrored_relationship[], "char", bigint, bigint[]) IS 'What is to be done for rows of an attached table: missing, changed, moved to other ends, astray (an end is not there), refused, or no relationship any more. Called by vigil.write_relationships().';

-- functions/change_relationships.sql
CREATE FUNCTION vigil.change_relationships(
    attachment integer, mapped integer, mirrored vigil.mirrored_relationship[], mode "char", version bigint)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET jit = off
AS $$
#variable_conflict use_variable
BEGIN
    UPDATE vigil.relationships AS known
    SET attached_version = CASE WHEN mode = 'B' THEN known.attached_version ELSE version END,
        type = given.type,
        confidence = CASE WHEN mapped & 1 <> 0 THEN given.confidence ELSE known.confidence END,
        weight = CASE WHEN mapped & 2 <> 0 THEN given.weight ELSE known.weight END,
        sources = CASE WHEN mapped & 4 <> 0 THEN coalesce(given.sources, '{}') ELSE known.sources END,
        evidence = CASE WHEN mapped & 8 <> 0 THEN given.evidence ELSE known.evidence END,
        description = CASE WHEN mapped & 16 <> 0 THEN given.description ELSE known.description END,
        metadata = CASE WHEN mapped & 32 <> 0 THEN coalesce(given.metadata, '{}') ELSE known.metadata END,
        first_observed = CASE WHEN mapped & 64 <> 0 THEN given.first_observed ELSE known.first_observed END,
        last_observed = CASE WHEN mapped & 128 <> 0 THEN given.last_observed WHEN mode = 'B' THEN known.last_observed ELSE now() END,
        verified = CASE WHEN mapped & 256 <> 0 THEN coalesce(given.verified, false) ELSE known.verified END,
        is_active = CASE WHEN mapped & 512 <> 0 THEN coalesce(given.is_active, true) ELSE known.is_active END
    FROM unnest(mirrored) AS given
    WHERE known.attachment_id = attachment AND known.attached_key = given.key
        AND (mode = 'B' OR known.attached_version < version);
END
$$;

COMMENT ON FUNCTION vigil.change_relationships(integer, integer, vigil.mirrored_relationship[], "char", bigint) IS 'Brings mirrored relationships to the state of their rows. Called by vigil.write_relationships().';

-- functions/write_relationships.sql
-- As vigil.write_entities. The ends are locked as the foreign keys lock them; so an entity that is
-- deleted meanwhile parks the relationship instead of failing the writer.
CREATE FUNCTION vigil.write_relationships(
    attachment integer, sources_in integer, targets_in integer, mapped integer, mirrored vigil.mirrored_relationship[], mode "char",
    version bigint DEFAULT NULL, seen bigint[] DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET jit = off
AS $$
#variable_conflict use_variable
DECLARE
    missing vigil.mirrored_relationship[];
    changed vigil.mirrored_relationship[];
    astray vigil.mirrored_relationship[];
    refused vigil.mirrored_relationship[];
    gone bigint[];
    one vigil.mirrored_relationship;
    refusal text;
    keys text[];
    written bigint;
    -- New rows, as far as one can see: the first INSERT tells.
    is_new CONSTANT boolean := mode IN ('I', 'P')
        OR mode = 'B' AND NOT EXISTS (SELECT FROM unnest(seen) AS old_version WHERE old_version IS NOT NULL);
BEGIN
    version := coalesce(version, nextval('vigil.mirror_clock'));
    missing := mirrored;
    IF mode IN ('U', 'B') THEN
        keys := ARRAY(SELECT given.key FROM unnest(mirrored) AS given);
        IF EXISTS (SELECT FROM vigil.rejected_rows AS known WHERE known.attachment_id = attachment) THEN
            DELETE FROM vigil.rejected_rows AS known
            WHERE known.attachment_id = attachment AND known.key = ANY (ARRAY(SELECT left(given.key, 500) FROM unnest(mirrored) AS given));
        END IF;
        IF mode = 'U' AND EXISTS (SELECT FROM vigil.parked_relationships AS parked WHERE parked.attachment_id = attachment) THEN
            DELETE FROM vigil.parked_relationships AS parked WHERE parked.attachment_id = attachment AND parked.key = ANY (keys);
        END IF;
    END IF;

    FOR attempt IN 1..2 LOOP
        IF attempt = 2 OR NOT is_new THEN
            SELECT array_agg(compared.relationship) FILTER (WHERE compared.verdict = 'missing'),
                array_agg(compared.relationship) FILTER (WHERE compared.verdict = 'changed'),
                array_agg(compared.relationship) FILTER (WHERE compared.verdict = 'astray'),
                array_agg(compared.relationship) FILTER (WHERE compared.verdict = 'refused'),
                array_agg(compared.id) FILTER (WHERE compared.verdict IN ('none', 'moved'))
            INTO missing, changed, astray, refused, gone
            FROM vigil.compare_relationships(attachment, sources_in, targets_in, mapped, mirrored, mode, version, seen) AS compared;
            IF gone IS NOT NULL THEN
                -- The row is no relationship any more, or is one between others.
                DELETE FROM vigil.relationships AS known WHERE known.id = ANY (gone);
                SELECT array_agg(compared.relationship) INTO missing
                FROM vigil.compare_relationships(attachment, sources_in, targets_in, mapped, mirrored, mode, version, seen) AS compared
                WHERE compared.verdict = 'missing';
            END IF;
            IF changed IS NOT NULL THEN
                PERFORM vigil.change_relationships(attachment, mapped, changed, mode, version);
            END IF;
        END IF;
        IF missing IS NOT NULL THEN
            INSERT INTO vigil.relationships (
                attachment_id, attached_key, attached_version, source_entity_id, target_entity_id, type, confidence, weight,
                sources, evidence, description, metadata, first_observed, last_observed, verified, is_active)
            SELECT attachment, given.key, CASE WHEN mode = 'B' THEN 0 ELSE version END, source.id, target.id, given.type,
                given.confidence, given.weight, coalesce(given.sources, '{}'), given.evidence, given.description,
                coalesce(given.metadata, '{}'),
                CASE WHEN mapped & 64 <> 0 THEN given.first_observed WHEN mode <> 'B' THEN now() END,
                CASE WHEN mapped & 128 <> 0 THEN given.last_observed WHEN mode <> 'B' THEN now() END,
                coalesce(given.verified, false), coalesce(given.is_active, true)
            FROM unnest(missing) AS given
            JOIN vigil.entities AS source ON source.attachment_id = sources_in AND source.attached_key = given.source_key
            JOIN vigil.entities AS target ON target.attachment_id = targets_in AND target.attached_key = given.target_key
            WHERE vigil.refuse_relationship(given) IS NULL
                AND given.type IN (SELECT known_type.type FROM vigil.relationship_types AS known_type)
            FOR KEY SHARE OF source, target
            ON CONFLICT DO NOTHING;
            GET DIAGNOSTICS written = ROW_COUNT;
            EXIT WHEN is_new AND written = cardinality(missing);
        END IF;
        EXIT WHEN attempt = 1 AND NOT is_new AND astray IS NULL AND refused IS NULL
            AND (missing IS NULL OR written = cardinality(missing));
    END LOOP;

    IF astray IS NOT NULL THEN
        -- What was a relationship keeps its place, so that it keeps its history if the end comes back.
        UPDATE vigil.relationships AS known
        SET is_active = false
        FROM unnest(astray) AS given
        WHERE known.attachment_id = attachment AND known.attached_key = given.key AND known.is_active;
        INSERT INTO vigil.parked_relationships AS parked (
            attachment_id, key, source_attachment_id, source_key, target_attachment_id, target_key, relationship, version)
        SELECT attachment, given.key, sources_in, given.source_key, targets_in, given.target_key, given,
            CASE WHEN mode = 'B' THEN 0 ELSE version END
        FROM unnest(astray) AS given
        ON CONFLICT (attachment_id, key) DO UPDATE
        SET source_key = excluded.source_key, target_key = excluded.target_key, relationship = excluded.relationship,
            version = excluded.version, awaits = excluded.awaits, is_settled = false
        WHERE parked.version < excluded.version OR mode = 'B' AND parked.version = 0;
    END IF;
    IF refused IS NOT NULL THEN
        FOREACH one IN ARRAY refused LOOP
            refusal := vigil.refuse_relationship(one);
            PERFORM vigil.reject_row(attachment, one.key, coalesce(refusal,
                format('there is no relationship type %s in vigil.relationship_types', quote_literal(left(one.type, 100)))));
        END LOOP;
    END IF;
END
$$;

COMMENT ON FUNCTION vigil.write_relationships(integer, integer, integer, integer, vigil.mirrored_relationship[], "char", bigint, bigint[]) IS 'Mirrors rows of an attached table into vigil.relationships. Called by the triggers of attached tables and by the back-fill.';

-- functions/take_parked.sql
CREATE FUNCTION vigil.take_parked(attachment integer, keys text[])
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET jit = off
AS $$
#variable_conflict use_variable
DECLARE
    definition record;
    is_old boolean;
    taken vigil.mirrored_relationship[];
    total bigint := 0;
BEGIN
    SELECT known.source_attachment_id, known.target_attachment_id, known.mapped INTO definition
    FROM vigil.attachments AS known WHERE known.id = attachment;
    -- Another transaction that takes the same rows holds them until its end: leave them to it.
    FOR is_old, taken IN
        WITH chosen AS (
            SELECT parked.key FROM vigil.parked_relationships AS parked
            WHERE parked.attachment_id = attachment AND parked.key = ANY (keys)
            FOR UPDATE SKIP LOCKED
        ), removed AS (
            DELETE FROM vigil.parked_relationships AS parked
            USING chosen
            WHERE parked.attachment_id = attachment AND parked.key = chosen.key
            RETURNING parked.relationship, parked.version = 0 AS is_old
        )
        SELECT removed.is_old, array_agg(removed.relationship) FROM removed GROUP BY removed.is_old
    LOOP
        -- One that is still there as a relationship was set inactive when it was parked.
        UPDATE vigil.relationships AS known
        SET is_active = true
        FROM unnest(taken) AS given
        WHERE known.attachment_id = attachment AND known.attached_key = given.key AND NOT known.is_active;
        PERFORM vigil.write_relationships(
            attachment, definition.source_attachment_id, definition.target_attachment_id, definition.mapped, taken,
            CASE WHEN is_old THEN 'B' ELSE 'P' END::"char",
            seen => ARRAY(
                SELECT known.attached_version FROM unnest(taken) WITH ORDINALITY AS given
                LEFT JOIN vigil.relationships AS known ON known.attachment_id = attachment AND known.attached_key = given.key
                ORDER BY given.ordinality));
        total := total + cardinality(taken);
    END LOOP;
    RETURN total;
END
$$;

COMMENT ON FUNCTION vigil.take_parked(integer, text[]) IS 'Takes these rows out of vigil.parked_relationships and mirrors them; returns how many.';

-- functions/unpark_relationships.sql
CREATE FUNCTION vigil.unpark_relationships(entity_attachment integer, keys text[])
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET jit = off
AS $$
#variable_conflict use_variable
DECLARE
    ready record;
    taken bigint := 0;
BEGIN
    FOR ready IN
        WITH candidates AS (
            SELECT parked.attachment_id, parked.key FROM vigil.parked_relationships AS parked
            WHERE parked.source_attachment_id = entity_attachment AND parked.source_key = ANY (keys)
            UNION
            SELECT parked.attachment_id, parked.key FROM vigil.parked_relationships AS parked
            WHERE parked.target_attachment_id = entity_attachment AND parked.target_key = ANY (keys)
        )
        SELECT parked.attachment_id, array_agg(parked.key ORDER BY parked.key) AS keys
        FROM candidates
        JOIN vigil.parked_relationships AS parked USING (attachment_id, key)
        JOIN vigil.entities AS source ON source.attachment_id = parked.source_attachment_id AND source.attached_key = parked.source_key
        JOIN vigil.entities AS target ON target.attachment_id = parked.target_attachment_id AND target.attached_key = parked.target_key
        GROUP BY parked.attachment_id
        ORDER BY parked.attachment_id
    LOOP
        taken := taken + vigil.take_parked(ready.attachment_id, ready.keys);
    END LOOP;
    RETURN taken;
END
$$;

COMMENT ON FUNCTION vigil.unpark_relationships(integer, text[]) IS 'Makes relationships of the parked rows whose ends are all there now, after these entities have come. Called by vigil.write_entities().';

-- functions/write_entities.sql
-- mode: I for rows that a writer inserts, U for rows that it updates, P for rows that waited, B for
-- rows that a back-fill has read (seen: the versions that it saw in the same snapshot).
--
-- The first statement does all the work for new rows that are as they should be; what is below it runs
-- for updates, and for rows that it left over. A savepoint, which costs a transaction id and is felt by
-- every session from the 64th in a transaction on, is only taken for a row that is at odds with a rule
-- or with another row.
--
-- A plan made while the tables were small must not scan them when they are large: hence the settings.
CREATE FUNCTION vigil.write_entities(
    attachment integer, mapped integer, mirrored vigil.mirrored_entity[], mode "char",
    version bigint DEFAULT NULL, seen bigint[] DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET jit = off
AS $$
#variable_conflict use_variable
DECLARE
    missing vigil.mirrored_entity[];
    changed vigil.mirrored_entity[];
    failed vigil.mirrored_entity[];
    one vigil.mirrored_entity;
    is_simple boolean;
    is_done boolean := false;
    written bigint;
    changes bigint := 0;
    keys text[];
    -- New rows, as far as one can see: the first INSERT tells.
    is_new CONSTANT boolean := mode IN ('I', 'P')
        OR mode = 'B' AND NOT EXISTS (SELECT FROM unnest(seen) AS old_version WHERE old_version IS NOT NULL);
BEGIN
    version := coalesce(version, nextval('vigil.mirror_clock'));
    IF is_new THEN
        missing := mirrored;
    ELSE
        SELECT compared.missing, compared.changed, compared.is_simple INTO missing, changed, is_simple
        FROM vigil.compare_entities(attachment, mapped, mirrored, mode, version, seen) AS compared;
        is_done := missing IS NULL AND changed IS NULL;
    END IF;
    IF mode IN ('U', 'B') AND EXISTS (SELECT FROM vigil.rejected_rows AS known WHERE known.attachment_id = attachment) THEN
        -- What was set aside for these rows is judged anew.
        keys := ARRAY(SELECT left(given.key, 500) FROM unnest(mirrored) AS given);
        DELETE FROM vigil.rejected_rows AS known WHERE known.attachment_id = attachment AND known.key = ANY (keys);
    END IF;

    IF missing IS NOT NULL THEN
        -- In the order of their values, so that two writers who bring the same ones wait for each
        -- other, and neither stops the other.
        INSERT INTO vigil.entities (
            attachment_id, attached_key, attached_version, type, name, value, risk_score, confidence, source, sources,
            is_verified, description, metadata, tags, first_seen, last_seen, is_active)
        SELECT attachment, given.key, CASE WHEN mode = 'B' THEN 0 ELSE version END, given.type, given.name, given.value,
            given.risk_score, given.confidence, given.source, coalesce(given.sources, '{}'),
            coalesce(given.is_verified, false), given.description, coalesce(given.metadata, '{}'), coalesce(given.tags, '{}'),
            CASE WHEN mapped & 1024 <> 0 THEN given.first_seen WHEN mode <> 'B' THEN now() END,
            CASE WHEN mapped & 2048 <> 0 THEN given.last_seen WHEN mode <> 'B' THEN now() END,
            coalesce(given.is_active, true)
        FROM unnest(missing) AS given
        WHERE vigil.refuse_entity(given) IS NULL
            AND given.type IN (SELECT known_type.type FROM vigil.entity_types AS known_type)
        ORDER BY given.value
        ON CONFLICT DO NOTHING;
        GET DIAGNOSTICS written = ROW_COUNT;
        is_done := written = cardinality(missing) AND changed IS NULL;
    END IF;

    FOR attempt IN 1..2 LOOP
        EXIT WHEN is_done;
        IF attempt = 2 OR changed IS NULL THEN
            SELECT compared.missing, compared.changed, compared.is_simple INTO missing, changed, is_simple
            FROM vigil.compare_entities(attachment, mapped, mirrored, mode, version, seen) AS compared;
        END IF;
        IF attempt = 1 AND is_simple THEN
            changes := vigil.change_entities(attachment, mapped, changed, mode, version);
            is_done := missing IS NULL AND changes = cardinality(changed);
        ELSIF attempt = 2 THEN
            FOREACH one IN ARRAY coalesce(missing, '{}') || coalesce(changed, '{}') LOOP
                IF vigil.write_entity(attachment, mapped, one, mode, version) THEN
                    failed := failed || one;
                END IF;
            END LOOP;
            IF cardinality(failed) > 1 THEN
                -- Rows may have handed their values on to each other.
                UPDATE vigil.entities AS known SET value = NULL
                FROM unnest(failed) AS given
                WHERE known.attachment_id = attachment AND known.attached_key = given.key;
                FOREACH one IN ARRAY failed LOOP
                    PERFORM vigil.write_entity(attachment, mapped, one, mode, version);
                END LOOP;
            END IF;
        END IF;
    END LOOP;

    IF EXISTS (SELECT FROM vigil.parked_relationships AS parked WHERE parked.source_attachment_id = attachment)
        OR EXISTS (SELECT FROM vigil.parked_relationships AS parked WHERE parked.target_attachment_id = attachment)
    THEN
        PERFORM vigil.unpark_relationships(attachment, ARRAY(SELECT given.key FROM unnest(mirrored) AS given));
    END IF;
END
$$;

COMMENT ON FUNCTION vigil.write_entities(integer, integer, vigil.mirrored_entity[], "char", bigint, bigint[]) IS 'Mirrors rows of an attached table into vigil.entities. Called by the triggers of attached tables and by the back-fill.';

-- functions/rename_keys.sql
-- Keeps the entity or relationship, with its history, when the key of its row changes. Old and new rows
-- come in pairs; where a pair cannot be had, the row counts as deleted and inserted.
CREATE FUNCTION vigil.rename_keys(attachment integer, kind "char", old_keys text[], new_keys text[])
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET jit = off
AS $$
#variable_conflict use_variable
DECLARE
    subject CONSTANT text := CASE kind WHEN 'e' THEN 'entities' ELSE 'relationships' END;
    before text[];
    after text[];
    vanished text[];
    renamed bigint := 0;
BEGIN
    IF cardinality(old_keys) = cardinality(new_keys) THEN
        SELECT array_agg(pair.before), array_agg(pair.after) INTO before, after
        FROM unnest(old_keys, new_keys) AS pair (before, after)
        WHERE pair.before <> pair.after AND octet_length(pair.after) <= 2048;
        IF before && after THEN
            -- Keys handed on within one statement: out of the way first.
            EXECUTE format($update$
                UPDATE vigil.%I AS known SET attached_key = chr(1) || known.attached_key
                WHERE known.attachment_id = $1 AND known.attached_key = ANY ($2)$update$, subject)
            USING attachment, before;
            before := ARRAY(SELECT chr(1) || moved.key FROM unnest(before) WITH ORDINALITY AS moved (key, nth) ORDER BY moved.nth);
        END IF;
        EXECUTE format($update$
            UPDATE vigil.%I AS known SET attached_key = pair.after
            FROM unnest($2, $3) AS pair (before, after)
            WHERE known.attachment_id = $1 AND known.attached_key = pair.before
                AND NOT EXISTS (SELECT FROM vigil.%I AS other WHERE other.attachment_id = $1 AND other.attached_key = pair.after)$update$,
            subject, subject)
        USING attachment, before, after;
        GET DIAGNOSTICS renamed = ROW_COUNT;
    END IF;
    -- Also those that waited under their old key.
    vanished := ARRAY(SELECT unnest(old_keys) EXCEPT SELECT unnest(new_keys));
    IF renamed < cardinality(vanished) THEN
        IF kind = 'e' THEN
            PERFORM vigil.drop_entities(attachment, vanished);
        ELSE
            PERFORM vigil.drop_relationships(attachment, vanished);
        END IF;
    END IF;
END
$$;

COMMENT ON FUNCTION vigil.rename_keys(integer, "char", text[], text[]) IS 'Follows a change of keys in an attached table. Called by its trigger.';

-- functions/empty_mirror.sql
CREATE FUNCTION vigil.empty_mirror(attachment integer, version bigint, rows_max integer)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    affected bigint;
    ids bigint[];
BEGIN
    IF EXISTS (SELECT FROM vigil.attachments AS known WHERE known.id = attachment AND known.kind = 'r') THEN
        DELETE FROM vigil.relationships AS known
        WHERE known.id = ANY (ARRAY(
            SELECT old.id FROM vigil.relationships AS old
            WHERE old.attachment_id = attachment AND old.attached_version < version LIMIT rows_max));
        GET DIAGNOSTICS affected = ROW_COUNT;
    ELSE
        ids := ARRAY(
            SELECT old.id FROM vigil.entities AS old
            WHERE old.attachment_id = attachment AND old.attached_version < version LIMIT rows_max);
        PERFORM vigil.park_relationships_of(ids);
        DELETE FROM vigil.entities AS known WHERE known.id = ANY (ids);
        GET DIAGNOSTICS affected = ROW_COUNT;
    END IF;
    RETURN affected;
END
$$;

COMMENT ON FUNCTION vigil.empty_mirror(integer, bigint, integer) IS 'Removes so many mirrored rows that are older than a version; returns how many were removed.';

-- functions/truncate_mirror.sql
CREATE FUNCTION vigil.truncate_mirror(attachment integer)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    version CONSTANT bigint := nextval('vigil.mirror_clock');
BEGIN
    -- What waits was written before; an older snapshot may not see all of it, hence the mark.
    DELETE FROM vigil.pending_rows AS pending WHERE pending.attachment_id = attachment;
    DELETE FROM vigil.rejected_rows AS known WHERE known.attachment_id = attachment;
    DELETE FROM vigil.parked_relationships AS parked WHERE parked.attachment_id = attachment;
    INSERT INTO vigil.pending_rows (attachment_id, operation, version) VALUES (attachment, 'T', version);
    PERFORM vigil.empty_mirror(attachment, version, vigil.get_setting('attach_rows_at_once')::integer);
END
$$;

COMMENT ON FUNCTION vigil.truncate_mirror(integer) IS 'Follows a TRUNCATE of an attached table. Called by its trigger.';

-- functions/mirror_pending_of.sql
CREATE FUNCTION vigil.mirror_pending_of(attachment integer, rows_max integer, since bigint DEFAULT 0)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    definition record;
    chunk record;
    affected bigint;
    taken bigint := 0;
BEGIN
    SELECT * INTO definition FROM vigil.attachments AS known WHERE known.id = attachment;
    LOOP
        EXIT WHEN taken >= rows_max;
        SELECT * INTO chunk FROM vigil.pending_rows AS pending
        WHERE pending.attachment_id = attachment AND pending.version >= since ORDER BY pending.id LIMIT 1;
        EXIT WHEN NOT FOUND;
        IF chunk.operation = 'T' THEN
            affected := vigil.empty_mirror(attachment, chunk.version, rows_max);
            taken := taken + affected;
            CONTINUE WHEN affected > 0;
        ELSIF chunk.operation = 'D' THEN
            IF definition.kind = 'e' THEN
                PERFORM vigil.drop_entities(attachment, chunk.keys, chunk.version);
            ELSE
                PERFORM vigil.drop_relationships(attachment, chunk.keys, chunk.version);
            END IF;
        ELSIF definition.kind = 'e' THEN
            PERFORM vigil.write_entities(attachment, definition.mapped, chunk.entities, 'P', chunk.version);
        ELSE
            PERFORM vigil.write_relationships(
                attachment, definition.source_attachment_id, definition.target_attachment_id, definition.mapped,
                chunk.relationships, 'P', chunk.version);
        END IF;
        DELETE FROM vigil.pending_rows AS pending WHERE pending.id = chunk.id;
        taken := taken + chunk.row_count;
    END LOOP;
    RETURN taken;
END
$$;

COMMENT ON FUNCTION vigil.mirror_pending_of(integer, integer, bigint) IS 'Mirrors what waits of one attached table, in the order in which it was queued; returns how many rows.';

-- functions/mirror_at_once.sql
CREATE FUNCTION vigil.mirror_at_once(attachment integer, row_count bigint, since bigint)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
BEGIN
    -- While another session takes up what waits, it takes up these rows too, once they are committed.
    IF row_count <= vigil.get_setting('attach_rows_at_once')::bigint
        AND pg_try_advisory_xact_lock(1986619244, attachment)
    THEN
        PERFORM vigil.mirror_pending_of(attachment, 2147483647, since);
    END IF;
END
$$;

COMMENT ON FUNCTION vigil.mirror_at_once(integer, bigint, bigint) IS 'Mirrors the rows that a statement has just queued, unless they are more than the setting attach_rows_at_once. Called by the triggers of attached tables.';

-- functions/mirror_pending.sql
-- With the rights of the owner: it reads and writes only tables of Vigil, and what it writes has been
-- queued by the triggers of attached tables. It gives up a lock before a writer could be chosen to resolve a
-- deadlock, and goes on at the next call.
CREATE FUNCTION vigil.mirror_pending(rows_max integer DEFAULT 10000)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
SET lock_timeout = '100ms'
AS $$
#variable_conflict use_variable
DECLARE
    attachment integer;
    horizon xid8;
    ready text[];
    taken bigint := 0;
BEGIN
    IF rows_max < 1 THEN
        RAISE EXCEPTION 'rows_max must be at least 1' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    -- Entities first: relationships wait for them.
    FOR attachment IN
        SELECT known.id FROM vigil.attachments AS known
        WHERE EXISTS (SELECT FROM vigil.pending_rows AS pending WHERE pending.attachment_id = known.id)
        ORDER BY known.kind, known.id
    LOOP
        EXIT WHEN taken >= rows_max;
        CONTINUE WHEN NOT pg_try_advisory_xact_lock(1986619244, attachment);
        BEGIN
            taken := taken + vigil.mirror_pending_of(attachment, rows_max - taken::integer);
        EXCEPTION WHEN lock_not_available OR deadlock_detected OR serialization_failure THEN
            NULL;
        END;
    END LOOP;
    -- A relationship and its end may have been written at the same time, neither seeing the other.
    horizon := pg_snapshot_xmin(pg_current_snapshot());
    FOR attachment, ready IN
        SELECT parked.attachment_id, array_agg(parked.key)
        FROM (
            SELECT waiting.* FROM vigil.parked_relationships AS waiting WHERE NOT waiting.is_settled LIMIT rows_max
        ) AS parked
        GROUP BY parked.attachment_id
    LOOP
        BEGIN
            taken := taken + vigil.take_parked(attachment, ARRAY(
                SELECT parked.key FROM vigil.parked_relationships AS parked
                JOIN vigil.entities AS source ON source.attachment_id = parked.source_attachment_id AND source.attached_key = parked.source_key
                JOIN vigil.entities AS target ON target.attachment_id = parked.target_attachment_id AND target.attached_key = parked.target_key
                WHERE parked.attachment_id = attachment AND parked.key = ANY (ready)));
            UPDATE vigil.parked_relationships AS parked SET is_settled = true
            WHERE parked.attachment_id = attachment AND parked.key = ANY (ready) AND parked.awaits <= horizon AND NOT parked.is_settled;
        EXCEPTION WHEN lock_not_available OR deadlock_detected OR serialization_failure THEN
            NULL;
        END;
    END LOOP;
    RETURN taken;
END
$$;

COMMENT ON FUNCTION vigil.mirror_pending(integer) IS 'Mirrors up to so many rows of attached tables that wait in vigil.pending_rows, and looks after parked relationships; returns how many. The sidecar calls it all the time; without a sidecar, call it yourself or CALL vigil.backfill().';

-- functions/attached_table.sql
CREATE FUNCTION vigil.attached_table(attachment integer)
RETURNS regclass
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
RETURN (
    SELECT min(trigger.tgrelid)::regclass
    FROM pg_catalog.pg_trigger AS trigger
    JOIN pg_catalog.pg_proc AS routine ON routine.oid = trigger.tgfoid
    JOIN pg_catalog.pg_class AS relation ON relation.oid = trigger.tgrelid AND NOT relation.relispartition
    WHERE routine.proname = 'mirror_' || attachment AND routine.pronamespace = 'vigil'::regnamespace
);

COMMENT ON FUNCTION vigil.attached_table(integer) IS 'The table that bears the triggers of an attachment, whatever it is called now; null: it was dropped.';

-- functions/split_columns.sql
CREATE FUNCTION vigil.split_columns(attached regclass, list text)
RETURNS text[]
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    part text;
    parts text[];
    named text[] := '{}';
BEGIN
    -- The whole may be the name of one column, whatever is in it.
    IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = attached AND attname = list AND attnum > 0 AND NOT attisdropped) THEN
        RETURN ARRAY[list];
    END IF;
    FOR part IN SELECT btrim(piece[1]) FROM regexp_matches(list, '((?:"(?:[^"]|"")*"|[^",])+)', 'g') AS piece LOOP
        IF NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = attached AND attname = part AND attnum > 0 AND NOT attisdropped) THEN
            BEGIN
                parts := parse_ident(part);
            EXCEPTION WHEN invalid_parameter_value THEN
                RETURN NULL;
            END;
            IF cardinality(parts) <> 1 OR NOT EXISTS (
                SELECT FROM pg_attribute WHERE attrelid = attached AND attname = parts[1] AND attnum > 0 AND NOT attisdropped)
            THEN
                RETURN NULL;
            END IF;
            part := parts[1];
        END IF;
        named := named || part;
    END LOOP;
    RETURN nullif(named, '{}');
END
$$;

COMMENT ON FUNCTION vigil.split_columns(regclass, text) IS 'The columns of a table that a list separated by commas names; null: it names something else.';

-- functions/key_expression.sql
CREATE FUNCTION vigil.key_expression(parts text[], types text[])
RETURNS text
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    casts CONSTANT text[] := ARRAY(
        SELECT CASE WHEN type LIKE 'numeric%' THEN format('pg_catalog.trim_scale((%s)::numeric)::text', part)
            ELSE format('((%s)::%s)::text', part, type) END
        FROM unnest(parts, types) WITH ORDINALITY AS pair (part, type, nth) ORDER BY nth);
BEGIN
    IF cardinality(casts) = 1 THEN
        RETURN casts[1];
    END IF;
    RETURN format('CASE WHEN pg_catalog.num_nulls(%s) = 0 THEN ROW(%s)::text END',
        array_to_string(parts, ', '), array_to_string(casts, ', '));
END
$$;

COMMENT ON FUNCTION vigil.key_expression(text[], text[]) IS 'Expression that makes a key of these types as text of these expressions: the same text for the key of a row and for the references to it.';

-- functions/vet_probe.sql
-- A probe is a temporary view of the caller over the table, SELECT <expression> AS mirrored: so the server
-- has parsed the expression with the rights of the caller, and what it understood can be read in the
-- catalog. The trigger function evaluates it with the rights of Vigil's owner; so nothing may be in it
-- that a user has made: no function, operator or type with code of its own.
CREATE FUNCTION vigil.vet_probe(probe oid, attached oid)
RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    -- What is not made by initdb has a higher one.
    first_user_oid CONSTANT oid := 16384;
    tree text;
    problem text;
BEGIN
    SELECT ev_action::text INTO tree FROM pg_rewrite WHERE ev_class = probe AND ev_type = '1';
    problem := CASE
        WHEN tree IS NULL THEN 'it is no expression'
        WHEN tree ~ ':hasSubLinks true' OR tree ~ ':setOperations {' OR tree ~ ':cteList \(' OR tree ~ '[^\\]{QUERY .*[^\\]{QUERY ' THEN 'it contains a subquery'
        WHEN tree ~ ':hasAggs true' THEN 'it contains an aggregate function'
        WHEN tree ~ ':hasWindowFuncs true' THEN 'it contains a window function'
        WHEN tree ~ ':hasTargetSRFs true' THEN 'it contains a function that returns a set'
        WHEN tree !~ ':jointree {FROMEXPR :fromlist \({RANGETBLREF :rtindex [0-9]+}\) :quals <>}'
            OR tree !~ ':groupClause <> ' OR tree !~ ':havingQual <> ' OR tree !~ ':distinctClause <> ' OR tree !~ ':sortClause <> '
            OR tree !~ ':limitOffset <> ' OR tree !~ ':limitCount <> ' OR tree !~ ':rowMarks <> '
            OR (SELECT count(*) FROM pg_attribute WHERE attrelid = probe AND attnum > 0) <> 1
            OR EXISTS (SELECT FROM regexp_matches(tree, ':rtekind ([0-9]+)', 'g') AS part WHERE part[1] <> '0')
            OR EXISTS (SELECT FROM regexp_matches(tree, ':relid ([0-9]+)', 'g') AS part WHERE part[1]::oid NOT IN (probe, attached))
            THEN 'it is more than an expression over one row'
        WHEN tree ~ ':varattno -' THEN 'it uses a system column'
        WHEN tree ~ '[^\\]{SQLVALUEFUNCTION ' THEN 'it depends on the moment or on the session'
        WHEN tree ~ '[^\\]{COERCETODOMAIN ' THEN 'it casts to a domain, whose checks may call other functions'
    END;
    IF problem IS NOT NULL THEN
        RETURN problem;
    END IF;

    SELECT CASE
            WHEN routine.oid >= first_user_oid THEN format('it calls %s, which is not a part of PostgreSQL itself', routine.oid::regprocedure)
            WHEN routine.provolatile = 'v' THEN format('it calls %s, which is volatile', routine.oid::regprocedure)
            ELSE format('it calls %s, which depends on the moment or on the session, or reads other data', routine.oid::regprocedure)
        END
    INTO problem
    FROM pg_proc AS routine
    WHERE routine.oid IN (
            SELECT part[1]::oid FROM regexp_matches(tree, ':(?:func|opfunc|aggfn|winfn)o?id ([0-9]+)', 'g') AS part
            UNION
            SELECT operator.oprcode FROM pg_operator AS operator
            WHERE operator.oid IN (
                SELECT number[1]::oid
                FROM regexp_matches(tree, ':opnos? (?:\(o )?([0-9 ]+)', 'g') AS part,
                    regexp_matches(part[1], '[0-9]+', 'g') AS number))
        AND (routine.oid >= first_user_oid OR routine.provolatile = 'v'
            OR routine.provolatile = 's' AND (
                routine.pronargs = 0
                OR routine.proname ~ '_to_xml|^(pg_|has_|to_reg|current_|obj_|col_|shobj_|txid_|inet_)'
                OR routine.proname = 'age' AND routine.pronargs = 1
                -- Names of days and months, and money, depend on the locale of the session.
                OR routine.proname = 'to_char' AND routine.proargtypes[0] IN ('timestamp'::regtype, 'timestamptz'::regtype, 'interval'::regtype)))
    LIMIT 1;
    IF problem IS NOT NULL THEN
        RETURN problem;
    END IF;

    SELECT format('it uses the operator %s, which is not a part of PostgreSQL itself', operator.oid::regoperator) INTO problem
    FROM pg_operator AS operator
    WHERE operator.oid >= first_user_oid AND operator.oid IN (
        SELECT number[1]::oid
        FROM regexp_matches(tree, ':opnos? (?:\(o )?([0-9 ]+)', 'g') AS part, regexp_matches(part[1], '[0-9]+', 'g') AS number)
    LIMIT 1;
    IF problem IS NOT NULL THEN
        RETURN problem;
    END IF;

    -- Enumerations, domains that are only read, and types that only a superuser can have made.
    WITH RECURSIVE used AS (
        SELECT part[1]::oid AS type FROM regexp_matches(tree, ':[a-z_]*type(?:id)? ([0-9]+)', 'g') AS part
        UNION
        SELECT atttypid FROM pg_attribute
        WHERE attrelid = attached AND attnum > 0 AND NOT attisdropped AND tree ~ ':varattno 0 '
        UNION
        SELECT CASE WHEN type.typtype = 'd' THEN type.typbasetype ELSE type.typelem END
        FROM used JOIN pg_type AS type ON type.oid = used.type
        WHERE type.typtype = 'd' OR type.typelem <> 0 AND type.typsubscript = 'array_subscript_handler'::regproc
    )
    SELECT format('it uses the type %s, which may call functions that are not a part of PostgreSQL itself', type.oid::regtype) INTO problem
    FROM used JOIN pg_type AS type ON type.oid = used.type
    WHERE type.oid >= first_user_oid
        AND type.oid NOT IN ('vigil.mirrored_entity'::regtype, 'vigil.mirrored_relationship'::regtype)
        AND type.oid <> (SELECT reltype FROM pg_class WHERE oid = attached)
        AND (type.typtype NOT IN ('b', 'd', 'e')
            OR EXISTS (
                SELECT FROM pg_cast
                WHERE castsource = type.oid AND castfunc >= first_user_oid AND casttarget IN ('json'::regtype, 'jsonb'::regtype)))
    LIMIT 1;
    RETURN problem;
END
$$;

COMMENT ON FUNCTION vigil.vet_probe(oid, oid) IS 'Why an expression over the rows of a table cannot be mirrored; null: it can. Called by vigil.attach_entities() and vigil.attach_relationships().';

-- functions/read_probe.sql
CREATE FUNCTION vigil.read_probe(probe oid, attached oid, row_alias text)
RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET standard_conforming_strings = on
SET quote_all_identifiers = off
AS $$
DECLARE
    definition CONSTANT text := btrim(pg_get_viewdef(probe), E' \n');
    suffix CONSTANT text := (
        SELECT format(E' AS mirrored\n   FROM %I.%I %I;', nspname, relname, row_alias)
        FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace WHERE pg_class.oid = attached);
BEGIN
    IF definition !~ '^SELECT\s' OR right(definition, length(suffix)) <> suffix THEN
        RAISE EXCEPTION 'the expressions over % cannot be read', attached::regclass
            USING ERRCODE = 'internal_error', DETAIL = definition;
    END IF;
    RETURN btrim(substr(definition, 7, length(definition) - 6 - length(suffix)), E' \n');
END
$$;

COMMENT ON FUNCTION vigil.read_probe(oid, oid, text) IS 'The expression of a probe as the server writes it out: every name in it is qualified. Called by vigil.register_attachment().';

-- functions/regenerate_mirror.sql
-- The trigger function of one attached table. The only text in it that comes from outside are the two
-- expressions, which the server has parsed, vigil.register_attachment() has checked, and the server has written out.
--
-- With the rights of the owner, because writers of the table need none in Vigil. The expressions call
-- functions of PostgreSQL alone. They run in a block without any write, so that their errors cost no
-- transaction id; a row whose expression fails is found by evaluating them one by one.
CREATE FUNCTION vigil.regenerate_mirror(attachment integer)
RETURNS regprocedure
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    definition record;
    is_entity boolean;
    row_type text;
    row_list text;
    write_call text;
    settings text := '';
    name text;
BEGIN
    SELECT * INTO definition FROM vigil.attachments AS known WHERE known.id = attachment;
    is_entity := definition.kind = 'e';
    name := 'mirror_' || attachment;
    row_type := CASE WHEN is_entity THEN 'vigil.mirrored_entity' ELSE 'vigil.mirrored_relationship' END;
    row_list := CASE WHEN is_entity THEN 'entities' ELSE 'relationships' END;
    write_call := CASE WHEN is_entity
        THEN format('vigil.write_entities(%s, %s, ', attachment, definition.mapped)
        ELSE format('vigil.write_relationships(%s, %s, %s, %s, ', attachment,
            definition.source_attachment_id, definition.target_attachment_id, definition.mapped) END;
    -- What the text of values depends on is the same for all writers.
    IF definition.options ? 'is_sensitive' THEN
        settings := E'SET TimeZone = ''UTC''\nSET DateStyle = ''ISO, YMD''\nSET IntervalStyle = ''iso_8601''\nSET bytea_output = ''hex''\nSET extra_float_digits = 1\n';
    END IF;
    IF strpos(definition.row_expression || definition.row_alias, '\') > 0 THEN
        settings := settings || E'SET standard_conforming_strings = on\n';
    END IF;
    EXECUTE format($create$
CREATE OR REPLACE FUNCTION vigil.%1$I()
RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
%2$sAS %3$L
$create$, name, settings,
    format($body$
#variable_conflict use_column
DECLARE
    vigil_rows %1$s[];
    vigil_keys text[];
    vigil_old text[];
    vigil_problem text;
    vigil_state text;
    vigil_version bigint;
    vigil_count bigint;
BEGIN
    -- After a restore by another role this function may belong to one that has no rights in Vigil.
    IF NOT pg_catalog.has_function_privilege('vigil.truncate_mirror(integer)', 'EXECUTE') THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'TRUNCATE' THEN
        PERFORM vigil.truncate_mirror(%3$s);
        RETURN NULL;
    END IF;

    IF TG_OP = 'DELETE' THEN
        BEGIN
            SELECT pg_catalog.array_agg(key) INTO vigil_keys FROM (SELECT %8$s AS key FROM old_rows AS %6$s LIMIT 1001) AS first_rows;
        EXCEPTION WHEN OTHERS THEN
            PERFORM vigil.reject_row(%3$s, NULL, 'a DELETE: ' || SQLERRM, SQLSTATE);
            RETURN NULL;
        END;
        IF cardinality(vigil_keys) <= 1000 THEN
            PERFORM vigil.drop_%2$s(%3$s, vigil_keys);
        ELSIF vigil_keys IS NOT NULL THEN
            vigil_version := nextval('vigil.mirror_clock');
            INSERT INTO vigil.pending_rows (attachment_id, operation, version, row_count, keys)
            SELECT %3$s, 'D', vigil_version, count(*), pg_catalog.array_agg(key)
            FROM (SELECT %8$s AS key, (row_number() OVER () - 1) / 1000 AS chunk FROM old_rows AS %6$s) AS all_rows GROUP BY chunk;
            PERFORM vigil.mirror_at_once(%3$s, (SELECT count(*) FROM old_rows), vigil_version);
        END IF;
        RETURN NULL;
    END IF;

    BEGIN
        SELECT pg_catalog.array_agg(mirrored) INTO vigil_rows FROM (SELECT %7$s AS mirrored FROM new_rows AS %6$s LIMIT 1001) AS first_rows;
        IF TG_OP = 'UPDATE' THEN
            SELECT pg_catalog.array_agg(key) INTO vigil_old FROM (SELECT %8$s AS key FROM old_rows AS %6$s LIMIT 1001) AS first_rows;
            vigil_keys := ARRAY(SELECT given.key FROM unnest(vigil_rows) AS given);
        END IF;
    EXCEPTION WHEN OTHERS THEN
        vigil_problem := SQLERRM;
        vigil_state := SQLSTATE;
    END;

    IF vigil_problem IS NULL THEN
        IF vigil_rows IS NULL THEN
            RETURN NULL;
        ELSIF cardinality(vigil_rows) <= 1000 THEN
            IF TG_OP = 'INSERT' THEN
                PERFORM %5$svigil_rows, 'I');
            ELSE
                IF vigil_keys <> vigil_old THEN
                    PERFORM vigil.rename_keys(%3$s, '%4$s', vigil_old, vigil_keys);
                END IF;
                PERFORM %5$svigil_rows, 'U');
            END IF;
            RETURN NULL;
        END IF;
        -- Many rows: a savepoint does not count, and one bad row is found at the end of them all.
        BEGIN
            vigil_version := nextval('vigil.mirror_clock');
            IF TG_OP = 'UPDATE' THEN
                INSERT INTO vigil.pending_rows (attachment_id, operation, version, row_count, keys)
                SELECT %3$s, 'D', vigil_version, count(*), pg_catalog.array_agg(key)
                FROM (SELECT %8$s AS key FROM old_rows AS %6$s EXCEPT SELECT %8$s AS key FROM new_rows AS %6$s) AS vanished
                HAVING count(*) > 0;
                vigil_version := nextval('vigil.mirror_clock');
            END IF;
            INSERT INTO vigil.pending_rows (attachment_id, operation, version, row_count, %2$s)
            SELECT %3$s, pg_catalog.left(TG_OP, 1)::"char", vigil_version, count(*), pg_catalog.array_agg(mirrored)
            FROM (SELECT %7$s AS mirrored, (row_number() OVER () - 1) / 1000 AS chunk FROM new_rows AS %6$s) AS all_rows GROUP BY chunk;
        EXCEPTION WHEN OTHERS THEN
            vigil_problem := SQLERRM;
            vigil_state := SQLSTATE;
        END;
        IF vigil_problem IS NULL THEN
            PERFORM vigil.mirror_at_once(%3$s, (SELECT count(*) FROM new_rows), vigil_version - 1);
            RETURN NULL;
        END IF;
    END IF;

    -- An expression fails for at least one of the rows: one by one.
    DECLARE
        vigil_key text;
        %6$s record;
    BEGIN
        IF TG_OP = 'UPDATE' THEN
            SELECT pg_catalog.array_agg(key), count(*) INTO vigil_old, vigil_count FROM (SELECT %8$s AS key FROM old_rows AS %6$s) AS all_rows;
            SELECT pg_catalog.array_agg(key) INTO vigil_keys FROM (SELECT %8$s AS key FROM new_rows AS %6$s) AS all_rows;
            IF vigil_keys <> vigil_old THEN
                PERFORM vigil.rename_keys(%3$s, '%4$s', vigil_old, vigil_keys);
            END IF;
        END IF;
        vigil_rows := '{}';
        vigil_version := NULL;
        FOR %6$s IN SELECT * FROM new_rows LOOP
            vigil_key := %8$s;
            BEGIN
                vigil_rows := vigil_rows || (%7$s);
            EXCEPTION WHEN OTHERS THEN
                PERFORM vigil.reject_row(%3$s, vigil_key, SQLERRM, SQLSTATE);
            END;
            IF cardinality(vigil_rows) = 1000 THEN
                PERFORM %5$svigil_rows, pg_catalog.left(TG_OP, 1)::"char");
                vigil_rows := '{}';
            END IF;
        END LOOP;
        IF cardinality(vigil_rows) > 0 THEN
            PERFORM %5$svigil_rows, pg_catalog.left(TG_OP, 1)::"char");
        END IF;
    EXCEPTION WHEN OTHERS THEN
        -- Not even the key can be had: a column was renamed or dropped, or its type was changed.
        PERFORM vigil.reject_row(%3$s, NULL, CASE TG_OP WHEN 'INSERT' THEN 'an INSERT: ' ELSE 'an UPDATE: ' END || SQLERRM, SQLSTATE);
    END;
    RETURN NULL;
END
$body$, row_type, row_list, attachment, definition.kind, write_call,
        -- Always in quotes: PL/pgSQL has keywords of its own.
        '"' || replace(definition.row_alias, '"', '""') || '"', definition.row_expression, definition.key_expression));
    EXECUTE format('COMMENT ON FUNCTION vigil.%I() IS %L', name,
        'Trigger function: mirrors what is written to an attached table (see vigil.attached_tables). Written by Vigil.');
    EXECUTE format('REVOKE ALL ON FUNCTION vigil.%I() FROM PUBLIC', name);
    -- So DROP EXTENSION removes it, and with it the triggers.
    IF EXISTS (SELECT FROM pg_extension WHERE extname = 'vigil') THEN
        EXECUTE format('ALTER FUNCTION vigil.%I() DEPENDS ON EXTENSION vigil', name);
    END IF;
    RETURN format('vigil.%I()', name)::regprocedure;
END
$$;

COMMENT ON FUNCTION vigil.regenerate_mirror(integer) IS 'Writes the trigger function of an attached table anew. Called when a table is attached, and by updates of Vigil.';

-- functions/adopt_attachments.sql
CREATE FUNCTION vigil.adopt_attachments()
RETURNS integer
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    holder CONSTANT name := (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = 'vigil.entities'::regclass);
    attachment integer;
    adopted integer := 0;
BEGIN
    FOR attachment IN SELECT known.id FROM vigil.attachments AS known ORDER BY known.id LOOP
        IF to_regprocedure(format('vigil.%I()', 'mirror_' || attachment)) IS NOT NULL THEN
            EXECUTE format('ALTER FUNCTION vigil.%I() OWNER TO %I', 'mirror_' || attachment, holder);
            PERFORM vigil.regenerate_mirror(attachment);
            adopted := adopted + 1;
        END IF;
    END LOOP;
    RETURN adopted;
END
$$;

COMMENT ON FUNCTION vigil.adopt_attachments() IS 'Gives the trigger functions of attached tables to the owner of Vigil, and writes them anew; returns how many. For a superuser, after a dump was restored by another role than the one that had installed Vigil; CALL vigil.backfill() then takes up what was written meanwhile.';

-- functions/register_attachment.sql
-- With the rights of the owner, because it writes vigil.attachments and makes a function in schema vigil.
-- It trusts nothing of what it is given: who called is told by the owner of the probes, which only that
-- role can have made in this session's temporary schema; what the expressions do is read from the catalog.
CREATE FUNCTION vigil.register_attachment(
    kind "char", attached regclass, row_probe regclass, key_probe regclass, row_alias text, options jsonb,
    key_columns text[], key_types text[], sources_in integer, targets_in integer, mapped integer, replaced integer)
RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
AS $$
#variable_conflict use_variable
DECLARE
    caller oid;
    problem text;
    attachment integer;
    row_text text;
    key_text text;
    expected bigint;
    tree text;
BEGIN
    SELECT row_view.relowner INTO caller
    FROM pg_class AS row_view JOIN pg_class AS key_view USING (relowner, relnamespace, relkind)
    WHERE row_view.oid = row_probe AND key_view.oid = key_probe AND row_view.relkind = 'v' AND row_view.relnamespace = pg_my_temp_schema();
    IF caller IS NULL OR NOT pg_has_role(caller, (SELECT relowner FROM pg_class WHERE oid = attached), 'USAGE') THEN
        RAISE EXCEPTION 'permission denied to attach table %', attached
            USING ERRCODE = 'insufficient_privilege', HINT = 'Use vigil.attach_entities or vigil.attach_relationships as the owner of the table.';
    END IF;
    problem := coalesce(vigil.vet_probe(row_probe, attached), vigil.vet_probe(key_probe, attached));
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION 'the rows of % cannot be mirrored: %', attached, problem USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF (SELECT atttypid FROM pg_attribute WHERE attrelid = row_probe AND attnum = 1)
            <> (CASE kind WHEN 'e' THEN 'vigil.mirrored_entity'::regtype ELSE 'vigil.mirrored_relationship'::regtype END)
        OR (SELECT atttypid FROM pg_attribute WHERE attrelid = key_probe AND attnum = 1) <> 'text'::regtype
    THEN
        RAISE EXCEPTION 'the probes of % are of the wrong types', attached USING ERRCODE = 'invalid_parameter_value';
    END IF;
    -- The back-fill writes both into its queries, which others run.
    IF cardinality(key_columns) IS DISTINCT FROM cardinality(key_types) OR cardinality(key_columns) = 0
        OR EXISTS (
            SELECT FROM unnest(key_columns, key_types) AS part (name, type)
            LEFT JOIN pg_attribute ON attrelid = attached AND attname = part.name AND attnum > 0 AND NOT attisdropped
            LEFT JOIN pg_type ON pg_type.oid = to_regtype(part.type) AND typtype IN ('b', 'e')
            WHERE attname IS NULL OR format_type(pg_type.oid, -1) IS DISTINCT FROM part.type)
    THEN
        RAISE EXCEPTION 'these are no key columns of %', attached USING ERRCODE = 'invalid_parameter_value';
    END IF;
    row_text := vigil.read_probe(row_probe, attached, row_alias);
    key_text := vigil.read_probe(key_probe, attached, row_alias);

    -- Settings of the session that change what its expressions give. Each costs a writer some microseconds; so
    -- only where there is a function that is not immutable, or a type whose text depends on them.
    SELECT string_agg(ev_action::text, ' ') INTO tree FROM pg_rewrite WHERE ev_class IN (row_probe, key_probe);
    options := options - 'is_sensitive';
    IF tree ~ ':varattno 0 '
        OR EXISTS (
            SELECT FROM regexp_matches(tree, ':funcid ([0-9]+)', 'g') AS part JOIN pg_proc ON pg_proc.oid = part[1]::oid
            WHERE provolatile = 's')
        OR EXISTS (SELECT FROM regexp_matches(tree, '{COERCEVIAIO :arg {(?!VAR )', 'g'))
        OR EXISTS (
            SELECT FROM regexp_matches(tree, '{COERCEVIAIO :arg {VAR [^}]*:vartype ([0-9]+) [^}]*} :resulttype ([0-9]+) ', 'g') AS part,
                unnest(part) AS type (oid)
            WHERE type.oid::oid IN (17, 700, 701, 790, 1082, 1083, 1114, 1184, 1186, 1266))
    THEN
        options := options || '{"is_sensitive": true}';
    END IF;

    SELECT greatest(sum(relation.reltuples) FILTER (WHERE relation.reltuples >= 0), 0) INTO expected
    FROM pg_class AS relation
    WHERE relation.oid = attached OR relation.oid IN (SELECT member.relid FROM pg_partition_tree(attached) AS member WHERE member.isleaf);
    IF replaced IS NULL THEN
        INSERT INTO vigil.attachments (
            kind, table_name, options, key_columns, key_types, row_alias, row_expression, key_expression,
            source_attachment_id, target_attachment_id, mapped, attached_by, fill_rows_expected)
        VALUES (kind, attached::text, options, key_columns, key_types, row_alias, row_text, key_text,
            sources_in, targets_in, mapped, pg_get_userbyid(caller), coalesce(expected, 0))
        RETURNING id INTO attachment;
    ELSE
        attachment := replaced;
        UPDATE vigil.attachments AS known
        SET table_name = attached::text, options = register_attachment.options, key_columns = register_attachment.key_columns,
            key_types = register_attachment.key_types, row_alias = register_attachment.row_alias,
            row_expression = row_text, key_expression = key_text, source_attachment_id = sources_in, target_attachment_id = targets_in,
            mapped = register_attachment.mapped, attached_by = pg_get_userbyid(caller), attached_at = now(),
            fill_position = NULL, fill_rows = 0, fill_rows_expected = coalesce(expected, 0), filled_at = NULL
        WHERE known.id = replaced AND known.kind = register_attachment.kind AND vigil.attached_table(known.id) = attached;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'there is no attachment % of table %', replaced, attached USING ERRCODE = 'undefined_object';
        END IF;
    END IF;
    PERFORM vigil.regenerate_mirror(attachment);
    -- For CREATE TRIGGER; vigil.seal_attachment() takes it back.
    IF caller <> (SELECT oid FROM pg_roles WHERE rolname = current_user) THEN
        EXECUTE format('GRANT EXECUTE ON FUNCTION vigil.%I() TO %I', 'mirror_' || attachment, pg_get_userbyid(caller));
    END IF;
    RETURN attachment;
END
$$;

COMMENT ON FUNCTION vigil.register_attachment("char", regclass, regclass, regclass, text, jsonb, text[], text[], integer, integer, integer, integer) IS 'Checks and records an attachment and writes its trigger function. Called by vigil.attach_entities() and vigil.attach_relationships().';

-- functions/seal_attachment.sql
-- With the rights of the owner of the trigger function: nobody else may hang it on a table.
CREATE FUNCTION vigil.seal_attachment(attachment integer)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
AS $$
DECLARE
    grantee oid;
BEGIN
    FOR grantee IN
        SELECT entry.grantee FROM pg_proc, aclexplode(proacl) AS entry
        WHERE pronamespace = 'vigil'::regnamespace AND proname = 'mirror_' || attachment AND entry.grantee NOT IN (0, proowner)
    LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION vigil.%I() FROM %I', 'mirror_' || attachment, pg_get_userbyid(grantee));
    END LOOP;
END
$$;

COMMENT ON FUNCTION vigil.seal_attachment(integer) IS 'Takes back the right to hang the trigger function of an attachment on tables. Called by vigil.attach_entities() and vigil.attach_relationships().';

-- functions/lend_attachment.sql
-- With the rights of the owner of the trigger function. Who may hang it on a table is whoever is the owner of
-- the attached table in this session already.
CREATE FUNCTION vigil.lend_attachment(attachment integer)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
AS $$
DECLARE
    holder name := (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = vigil.attached_table(attachment));
BEGIN
    IF holder IS NOT NULL AND holder <> current_user THEN
        EXECUTE format('GRANT EXECUTE ON FUNCTION vigil.%I() TO %I', 'mirror_' || attachment, holder);
    END IF;
END
$$;

COMMENT ON FUNCTION vigil.lend_attachment(integer) IS 'Lets the owner of an attached table hang its trigger function on new partitions. Called by vigil.cover_partitions(), which takes the right back.';

-- functions/check_attachable.sql
CREATE FUNCTION vigil.check_attachable(attached regclass)
RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    relation record;
    what text;
    hint text;
BEGIN
    SELECT pg_class.*, nspname INTO relation
    FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace WHERE pg_class.oid = attached;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no table is given' USING ERRCODE = 'invalid_parameter_value', HINT = 'Give its name: attached => ''public.hosts''.';
    END IF;
    CASE
        WHEN relation.relkind = 'v' THEN
            what := 'is a view'; hint := 'Views tell nobody of changes. Attach the tables that it reads.';
        WHEN relation.relkind = 'm' THEN
            what := 'is a materialized view'; hint := 'REFRESH fires no triggers. Attach the tables that it reads.';
        WHEN relation.relkind = 'f' OR EXISTS (
            SELECT FROM pg_partition_tree(attached) AS member JOIN pg_class AS part ON part.oid = member.relid WHERE part.relkind = 'f')
        THEN
            what := CASE relation.relkind WHEN 'f' THEN 'is a foreign table' ELSE 'has a partition that is a foreign table' END;
            hint := 'Changes on the other server fire no triggers here. Attach the table there, or copy the rows into a local table.';
        WHEN relation.relkind NOT IN ('r', 'p') THEN
            what := 'is no table'; hint := 'Give the name of a table.';
        WHEN relation.relpersistence = 't' THEN
            what := 'is a temporary table'; hint := 'Copy its rows into a permanent table.';
        WHEN relation.relpersistence = 'u' THEN
            what := 'is an unlogged table'; hint := format('A crash empties it without firing a trigger. ALTER TABLE %s SET LOGGED first.', attached);
        WHEN relation.nspname IN ('vigil', 'information_schema') OR relation.nspname LIKE 'pg\_%' THEN
            what := format('belongs to schema %I', relation.nspname); hint := 'Attach tables of your own.';
        WHEN relation.relispartition THEN
            what := 'is a partition'; hint := format('Attach the partitioned table: %s.', pg_partition_root(attached));
        WHEN relation.relkind = 'r' AND EXISTS (SELECT FROM pg_inherits WHERE inhparent = attached OR inhrelid = attached) THEN
            what := 'inherits from a table or is inherited'; hint := 'Keys are not unique across inheritance. Use a partitioned table, or a table of its own.';
        ELSE NULL;
    END CASE;
    IF what IS NOT NULL THEN
        RAISE EXCEPTION 'cannot attach %', attached
            USING ERRCODE = 'wrong_object_type', DETAIL = format('%s %s.', attached, what), HINT = hint;
    END IF;
    IF NOT pg_has_role(relation.relowner, 'USAGE') THEN
        RAISE EXCEPTION 'permission denied to attach table %', attached
            USING ERRCODE = 'insufficient_privilege',
                DETAIL = format('The table belongs to %I.', pg_get_userbyid(relation.relowner)),
                HINT = 'Only its owner can attach it: attaching puts triggers on the table and shows its rows to the readers of Vigil.';
    END IF;
END
$$;

COMMENT ON FUNCTION vigil.check_attachable(regclass) IS 'Refuses what cannot be attached: views, foreign and temporary tables, partitions, tables of others. Called by vigil.attach_entities() and vigil.attach_relationships().';

-- functions/find_key.sql
CREATE FUNCTION vigil.find_key(attached regclass, key text, OUT key_columns text[], OUT key_types text[])
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    bad record;
BEGIN
    IF find_key.key IS NULL THEN
        SELECT array_agg(attname::text ORDER BY nth) INTO key_columns
        FROM pg_index, unnest(indkey::smallint[]) WITH ORDINALITY AS part (attnum, nth)
        JOIN pg_attribute USING (attnum)
        WHERE indrelid = attached AND attrelid = attached AND indisprimary AND nth <= indnkeyatts;
        IF key_columns IS NULL THEN
            RAISE EXCEPTION 'table % has no primary key', attached
                USING ERRCODE = 'invalid_table_definition',
                    DETAIL = 'Rows are told apart by their key, or an UPDATE or DELETE could not be followed.',
                    HINT = format('Name columns that are NOT NULL and have a unique index (key => ''...''), or add a key: ALTER TABLE %s ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY.', attached);
        END IF;
    ELSE
        key_columns := vigil.split_columns(attached, find_key.key);
        IF key_columns IS NULL THEN
            RAISE EXCEPTION 'key => % does not name columns of %', quote_literal(find_key.key), attached
                USING ERRCODE = 'undefined_column',
                    HINT = 'Give the names of the columns, separated by commas. An expression cannot be a key: make it a generated column with a unique index.';
        END IF;
    END IF;
    -- In whatever order the index has them.
    IF NOT EXISTS (
        SELECT FROM pg_index
        WHERE indrelid = attached AND indisunique AND indimmediate AND indisvalid AND indpred IS NULL AND indexprs IS NULL
            AND indnkeyatts = cardinality(key_columns)
            AND (SELECT array_agg(attname::text ORDER BY attname) FROM unnest(indkey::smallint[]) WITH ORDINALITY AS part (attnum, nth)
                    JOIN pg_attribute USING (attnum) WHERE attrelid = attached AND nth <= indnkeyatts)
                = (SELECT array_agg(name ORDER BY name) FROM unnest(key_columns) AS name))
        OR EXISTS (SELECT FROM pg_attribute WHERE attrelid = attached AND attname = ANY (key_columns) AND NOT attnotnull)
    THEN
        RAISE EXCEPTION 'the key % of % is not unique', array_to_string(ARRAY(SELECT quote_ident(name) FROM unnest(key_columns) AS name), ', '), attached
            USING ERRCODE = 'invalid_table_definition',
                DETAIL = 'The key needs a unique index on just these columns, without a predicate and not deferrable, and the columns must be NOT NULL.',
                HINT = 'Leave key out to take the primary key.';
    END IF;
    -- Of a domain the type below it; it may be a domain itself.
    WITH RECURSIVE type AS (
        SELECT nth, atttypid AS oid
        FROM unnest(key_columns) WITH ORDINALITY AS part (name, nth)
        JOIN pg_attribute ON attrelid = attached AND attname = name
        UNION ALL
        SELECT nth, typbasetype FROM type JOIN pg_type USING (oid) WHERE typtype = 'd'
    )
    SELECT array_agg(format_type(oid, -1) ORDER BY nth) INTO key_types
    FROM type JOIN pg_type USING (oid) WHERE typtype <> 'd';
    SELECT name, type INTO bad
    FROM unnest(key_columns, key_types) AS part (name, type)
    JOIN pg_attribute ON attrelid = attached AND attname = name
    LEFT JOIN pg_collation ON pg_collation.oid = attcollation
    WHERE type::regtype NOT IN (
            'smallint'::regtype, 'integer'::regtype, 'bigint'::regtype, 'oid'::regtype, 'numeric'::regtype, 'text'::regtype, 'varchar'::regtype,
            'bpchar'::regtype, 'name'::regtype, 'uuid'::regtype, 'boolean'::regtype, 'date'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype,
            'bytea'::regtype, 'inet'::regtype, 'cidr'::regtype, 'macaddr'::regtype, 'macaddr8'::regtype)
            AND NOT EXISTS (SELECT FROM pg_type WHERE oid = type::regtype AND typtype = 'e')
        OR NOT collisdeterministic;
    IF FOUND THEN
        RAISE EXCEPTION 'column % of type % cannot be in the key of %', quote_ident(bad.name), bad.type, attached
            USING ERRCODE = 'feature_not_supported',
                DETAIL = 'Equal keys must have the same text.',
                HINT = 'Keys may be integers, numeric, text, uuid, boolean, date, timestamp, bytea, network addresses and enumerations, with deterministic collations.';
    END IF;
END
$$;

COMMENT ON FUNCTION vigil.find_key(regclass, text) IS 'The key columns of a table and their types: those that are named, or the primary key. Called by vigil.attach_entities() and vigil.attach_relationships().';

-- functions/find_end.sql
CREATE FUNCTION vigil.find_end(
    attached regclass, which text, given text, end_table regclass, OUT attachment integer, OUT expression text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    columns CONSTANT text[] := vigil.split_columns(attached, given);
    definition record;
    parts text[];
BEGIN
    IF given IS NULL THEN
        RAISE EXCEPTION 'a relationship needs a %', which
            USING ERRCODE = 'invalid_parameter_value', HINT = format('%s => the column of %s that refers to an attached table.', which, attached);
    END IF;
    IF end_table IS NULL AND columns IS NOT NULL THEN
        -- What a foreign key of just these columns refers to.
        SELECT known.id, reference.confrelid::regclass,
            ARRAY(
                SELECT here.attname::text FROM unnest(known.key_columns) WITH ORDINALITY AS key (name, nth)
                JOIN pg_attribute AS there ON there.attrelid = reference.confrelid AND there.attname = key.name
                JOIN unnest(reference.conkey, reference.confkey) AS pair (here, there) ON pair.there = there.attnum
                JOIN pg_attribute AS here ON here.attrelid = attached AND here.attnum = pair.here
                ORDER BY key.nth)
        INTO attachment, end_table, parts
        FROM pg_constraint AS reference
        JOIN vigil.attachments AS known ON known.kind = 'e' AND vigil.attached_table(known.id) = reference.confrelid
        WHERE reference.contype = 'f' AND reference.conrelid = attached AND reference.conparentid = 0
            AND ARRAY(SELECT attname::text FROM pg_attribute WHERE attrelid = attached AND attnum = ANY (reference.conkey) ORDER BY 1)
                = ARRAY(SELECT unnest(columns) ORDER BY 1)
            AND cardinality(known.key_columns) = cardinality(columns)
        ORDER BY known.id LIMIT 1;
        IF cardinality(parts) IS DISTINCT FROM cardinality(columns) THEN
            -- The key of the table itself.
            attachment := NULL;
            parts := NULL;
            SELECT attached INTO end_table FROM vigil.attachments AS known
            WHERE known.kind = 'e' AND vigil.attached_table(known.id) = attached
                AND ARRAY(SELECT unnest(known.key_columns) ORDER BY 1) = ARRAY(SELECT unnest(columns) ORDER BY 1);
        END IF;
    END IF;
    IF end_table IS NULL THEN
        RAISE EXCEPTION 'it is not clear which entities % => % of % refers to', which, quote_literal(given), attached
            USING ERRCODE = 'invalid_parameter_value',
                DETAIL = 'No foreign key of these columns refers to a table that is attached as entities.',
                HINT = format('Attach that table with vigil.attach_entities first, or name it: %s_table => ''...''.', which);
    END IF;
    SELECT * INTO definition FROM vigil.attachments AS known
    WHERE known.kind = 'e' AND vigil.attached_table(known.id) = end_table ORDER BY known.id LIMIT 1;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'table % is not attached as entities', end_table
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = format('Call vigil.attach_entities(''%s'', ...) first.', end_table);
    END IF;
    attachment := definition.id;
    IF parts IS NULL THEN
        IF cardinality(definition.key_columns) = 1 THEN
            parts := ARRAY[CASE WHEN cardinality(columns) = 1 THEN quote_ident(columns[1]) ELSE given END];
        ELSIF cardinality(columns) = cardinality(definition.key_columns) THEN
            -- The key of the table itself, in the order of the key; else in the order in which they are named.
            parts := ARRAY(SELECT quote_ident(name) FROM unnest(
                CASE WHEN end_table = attached AND columns @> definition.key_columns THEN definition.key_columns ELSE columns END) AS name);
        ELSE
            RAISE EXCEPTION '% => % does not match the key of %', which, quote_literal(given), end_table
                USING ERRCODE = 'invalid_parameter_value',
                    DETAIL = format('Its key has %s columns: %s.', cardinality(definition.key_columns), array_to_string(definition.key_columns, ', ')),
                    HINT = 'Name as many columns, separated by commas, in the order of the key.';
        END IF;
    ELSE
        parts := ARRAY(SELECT quote_ident(name) FROM unnest(parts) AS name);
    END IF;
    expression := vigil.key_expression(parts, definition.key_types);
END
$$;

COMMENT ON FUNCTION vigil.find_end(regclass, text, text, regclass) IS 'In which attached table the source or target of relationships is found, and the expression of its key. Called by vigil.attach_relationships().';

-- functions/drop_probes.sql
CREATE FUNCTION vigil.drop_probes()
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF to_regclass('pg_temp.vigil_probe') IS NOT NULL THEN
        DROP VIEW pg_temp.vigil_probe;
    END IF;
    IF to_regclass('pg_temp.vigil_key_probe') IS NOT NULL THEN
        DROP VIEW pg_temp.vigil_key_probe;
    END IF;
END
$$;

COMMENT ON FUNCTION vigil.drop_probes() IS 'Removes the temporary views with which the server parses expressions. Called by vigil.attach_entities() and vigil.attach_relationships().';

-- functions/check_expression.sql
-- With the rights of the caller, who could run any statement anyway. A cursor takes a single statement and
-- is never read; the probe that is left for the next check is parsed, never run.
CREATE FUNCTION vigil.check_expression(attached regclass, row_alias text, option text, expression text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    probe refcursor;
    given oid;
    wanted text;
    problem text;
    state text;
    hint text;
BEGIN
    BEGIN
        OPEN probe FOR EXECUTE format(E'SELECT (%s\n) AS mirrored FROM %s AS %I WHERE false', expression, attached, row_alias);
        CLOSE probe;
        PERFORM vigil.drop_probes();
        EXECUTE format(E'CREATE TEMPORARY VIEW vigil_probe AS SELECT (%s\n) AS mirrored FROM %s AS %I', expression, attached, row_alias);
    EXCEPTION
        WHEN undefined_column THEN
            problem := SQLERRM; state := SQLSTATE;
            hint := format('%s has the columns %s. A text constant needs quotes of its own: %s => ''''''text''''''.', attached,
                (SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
                    WHERE attrelid = attached AND attnum > 0 AND NOT attisdropped), option);
        WHEN OTHERS THEN
            problem := SQLERRM; state := SQLSTATE;
            hint := CASE state WHEN '42501' THEN 'The checks need the rights to read the table and to make temporary objects in the database.'
                ELSE 'Give the name of a column or an expression over the columns of one row.' END;
    END;
    IF problem IS NULL THEN
        problem := vigil.vet_probe('pg_temp.vigil_probe'::regclass, attached);
        state := '22023';
        hint := 'Use columns and the functions and operators of PostgreSQL that depend on their arguments alone; make a generated column for anything else.';
    END IF;
    IF problem IS NULL THEN
        SELECT atttypid INTO given FROM pg_attribute WHERE attrelid = 'pg_temp.vigil_probe'::regclass AND attnum = 1;
        wanted := CASE
            WHEN option IN ('risk_score', 'confidence', 'weight') THEN 'a number'
            WHEN option IN ('is_verified', 'is_active', 'verified') THEN 'boolean'
            WHEN option IN ('first_seen', 'last_seen', 'first_observed', 'last_observed') THEN 'timestamp with time zone'
            WHEN option IN ('sources', 'tags') THEN 'text[]'
            WHEN option IN ('metadata', 'evidence') THEN 'jsonb'
            ELSE 'text' END;
        IF NOT (CASE wanted
            WHEN 'a number' THEN (SELECT typcategory FROM pg_type WHERE oid = given) = 'N'
            WHEN 'boolean' THEN given = 'boolean'::regtype
            WHEN 'timestamp with time zone' THEN given IN ('timestamptz'::regtype, 'timestamp'::regtype, 'date'::regtype)
            WHEN 'text[]' THEN given IN ('text[]'::regtype, 'varchar[]'::regtype, 'name[]'::regtype)
            WHEN 'jsonb' THEN given IN ('json'::regtype, 'jsonb'::regtype)
            ELSE true END)
        THEN
            problem := format('it is of type %s, and %s must be %s', given::regtype, option, wanted);
            state := '42804';
            hint := format('Convert it: %s => ''...%s''.', option, CASE wanted WHEN 'a number' THEN '::double precision' WHEN 'timestamp with time zone' THEN '::timestamptz'
                WHEN 'jsonb' THEN '::jsonb, or jsonb_build_object(...)' ELSE '::' || wanted END);
        END IF;
    END IF;
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION '% => % cannot be used for table %', option, quote_literal(left(expression, 200)), attached
            USING ERRCODE = state, DETAIL = upper(left(problem, 1)) || substr(problem, 2) || '.', HINT = hint;
    END IF;
END
$$;

COMMENT ON FUNCTION vigil.check_expression(regclass, text, text, text) IS 'Refuses an expression that cannot be mirrored, with the reason. Called by vigil.attach_entities() and vigil.attach_relationships().';

-- functions/hang_triggers.sql
-- A statement fires the statement triggers of the table that it names. So each partition has its own, for
-- writers that name the partition.
CREATE FUNCTION vigil.hang_triggers(attachment integer, kind "char", attached regclass)
RETURNS integer
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    member regclass;
    operation text;
    name text;
    hung integer := 0;
BEGIN
    FOR member IN
        SELECT attached
        UNION
        SELECT part.relid FROM pg_partition_tree(attached) AS part
    LOOP
        FOREACH operation IN ARRAY '{insert,update,delete,truncate}'::text[] LOOP
            -- Triggers fire in the order of their names: an entity comes before its relationships and goes after them.
            name := format('vigil_mirror_%s_%s_%s',
                CASE WHEN (kind = 'e') = (operation IN ('insert', 'update')) THEN 1 ELSE 2 END, attachment, operation);
            -- What TRUNCATE of a single partition removes cannot be told.
            CONTINUE WHEN operation = 'truncate' AND member <> attached
                OR EXISTS (SELECT FROM pg_trigger WHERE tgrelid = member AND tgname = name);
            EXECUTE format('CREATE TRIGGER %I AFTER %s ON %s%s FOR EACH STATEMENT EXECUTE FUNCTION vigil.%I()',
                name, upper(operation), member,
                CASE operation
                    WHEN 'insert' THEN ' REFERENCING NEW TABLE AS new_rows'
                    WHEN 'update' THEN ' REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows'
                    WHEN 'delete' THEN ' REFERENCING OLD TABLE AS old_rows'
                    ELSE '' END,
                'mirror_' || attachment);
            -- So DROP EXTENSION removes it and needs no CASCADE.
            IF EXISTS (SELECT FROM pg_extension WHERE extname = 'vigil') THEN
                EXECUTE format('ALTER TRIGGER %I ON %s DEPENDS ON EXTENSION vigil', name, member);
            END IF;
            hung := hung + 1;
        END LOOP;
    END LOOP;
    RETURN hung;
END
$$;

COMMENT ON FUNCTION vigil.hang_triggers(integer, "char", regclass) IS 'Puts the triggers of an attachment on its table and on those partitions that lack them; returns how many. Called when a table is attached, and by vigil.cover_partitions().';

-- functions/cover_partitions.sql
CREATE FUNCTION vigil.cover_partitions(attached regclass)
RETURNS integer
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    definition record;
    hung integer := 0;
BEGIN
    PERFORM vigil.check_attachable(attached);
    FOR definition IN SELECT * FROM vigil.attachments AS known WHERE vigil.attached_table(known.id) = attached ORDER BY known.id LOOP
        PERFORM vigil.lend_attachment(definition.id);
        hung := hung + vigil.hang_triggers(definition.id, definition.kind, attached);
        PERFORM vigil.seal_attachment(definition.id);
    END LOOP;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'table % is not attached', attached USING ERRCODE = 'undefined_object', HINT = 'See SELECT * FROM vigil.attached_tables.';
    END IF;
    RETURN hung;
END
$$;

COMMENT ON FUNCTION vigil.cover_partitions(regclass) IS 'Gives partitions that have come since a table was attached the triggers that they need where writers name the partition itself; returns how many were made. For the owner of the table.';

-- functions/attach_table.sql
-- With the rights of the caller: the expressions are parsed with them, and only the owner of a table can put
-- triggers on it.
CREATE FUNCTION vigil.attach_table(
    kind "char", attached regclass, options jsonb, key text, source_table regclass, target_table regclass, replace boolean)
RETURNS integer
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    row_type CONSTANT regtype := CASE kind WHEN 'e' THEN 'vigil.mirrored_entity' ELSE 'vigil.mirrored_relationship' END;
    types_table CONSTANT text := CASE kind WHEN 'e' THEN 'entity_types' ELSE 'relationship_types' END;
    row_alias text;
    key_columns text[];
    key_types text[];
    expressions text[] := '{}';
    expression text;
    option record;
    is_known boolean;
    source_attachment integer;
    target_attachment integer;
    source_expression text;
    target_expression text;
    mapped integer := 0;
    existing integer;
    attachment integer;
BEGIN
    PERFORM vigil.check_attachable(attached);
    -- No writer is halfway through a statement while the triggers are made.
    EXECUTE format('LOCK TABLE %s IN SHARE ROW EXCLUSIVE MODE', attached);
    -- The name by which expressions may call the row; names that the trigger function uses would be in its way.
    SELECT CASE WHEN relname ~ '^(vigil_|tg_|old_rows$|new_rows$|first_rows$|all_rows$|sqlerrm$|sqlstate$|found$)' THEN 'attached_row' ELSE relname END
    INTO row_alias FROM pg_class WHERE oid = attached;
    SELECT named.key_columns, named.key_types INTO key_columns, key_types FROM vigil.find_key(attached, key) AS named;
    expressions := ARRAY[vigil.key_expression(ARRAY(SELECT quote_ident(name) FROM unnest(key_columns) AS name), key_types)];
    options := options || jsonb_build_object('key', key_columns);
    IF kind = 'r' THEN
        SELECT found_end.attachment, found_end.expression INTO source_attachment, source_expression
        FROM vigil.find_end(attached, 'source', options ->> 'source', source_table) AS found_end;
        SELECT found_end.attachment, found_end.expression INTO target_attachment, target_expression
        FROM vigil.find_end(attached, 'target', options ->> 'target', target_table) AS found_end;
    END IF;
    IF options ->> 'type' IS NULL THEN
        RAISE EXCEPTION 'a type is needed'
            USING ERRCODE = 'invalid_parameter_value',
                HINT = format('type => a type of vigil.%s, a column, or an expression.', types_table);
    END IF;

    SELECT known.id INTO existing FROM vigil.attachments AS known
    WHERE known.kind = attach_table.kind AND vigil.attached_table(known.id) = attached
        AND (attach_table.kind = 'e'
            OR known.options ->> 'source' = attach_table.options ->> 'source' AND known.options ->> 'target' = attach_table.options ->> 'target');
    IF existing IS NOT NULL AND replace IS NOT TRUE THEN
        RAISE EXCEPTION 'table % is attached already', attached
            USING ERRCODE = 'duplicate_object', DETAIL = format('It is attachment %s.', existing),
                HINT = 'Add replace => true to change how its rows are mirrored, or call vigil.detach first.';
    END IF;

    -- One expression for each attribute of the row type, in its order.
    FOR option IN
        SELECT attname::text AS name, attnum, options ->> attname::text AS given, atttypid
        FROM pg_attribute WHERE attrelid = (SELECT typrelid FROM pg_type WHERE oid = row_type) AND attnum > 1
        ORDER BY attnum
    LOOP
        expression := option.given;
        IF option.name IN ('source_key', 'target_key') THEN
            expression := CASE option.name WHEN 'source_key' THEN source_expression ELSE target_expression END;
            PERFORM vigil.check_expression(attached, row_alias, CASE option.name WHEN 'source_key' THEN 'source' ELSE 'target' END, expression);
        ELSIF option.given IS NULL THEN
            expression := 'NULL';
        ELSE
            IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = attached AND attname = option.given AND attnum > 0 AND NOT attisdropped) THEN
                expression := quote_ident(option.given);
            ELSIF option.name = 'type' THEN
                -- The bare name of a type, or a constant.
                EXECUTE format('SELECT EXISTS (SELECT FROM vigil.%I WHERE type = $1)', types_table) INTO is_known USING option.given;
                IF is_known THEN
                    expression := quote_literal(option.given);
                ELSIF option.given ~ '^\s*''([^'']|'''')*''\s*$' THEN
                    expression := replace(substr(btrim(option.given), 2, length(btrim(option.given)) - 2), '''''', '''');
                    EXECUTE format('SELECT EXISTS (SELECT FROM vigil.%I WHERE type = $1)', types_table) INTO is_known USING expression;
                    IF NOT is_known THEN
                        RAISE EXCEPTION 'there is no type % in vigil.%', quote_literal(expression), types_table
                            USING ERRCODE = 'undefined_object', HINT = format('Add it: INSERT INTO vigil.%s (type, description) VALUES (%L, ''...'').', types_table, expression);
                    END IF;
                    expression := quote_literal(expression);
                END IF;
            END IF;
            PERFORM vigil.check_expression(attached, row_alias, option.name, expression);
            -- The bits count from the first attribute that need not be given.
            IF option.name <> 'type' THEN
                mapped := mapped | (1 << (option.attnum - CASE kind WHEN 'e' THEN 3 ELSE 5 END));
            END IF;
        END IF;
        expressions := expressions || format(E'(%s\n)::%s', expression, option.atttypid::regtype);
    END LOOP;

    PERFORM vigil.drop_probes();
    EXECUTE format('CREATE TEMPORARY VIEW vigil_probe AS SELECT ROW(%s)::%s AS mirrored FROM %s AS %I',
        array_to_string(expressions, ', '), row_type, attached, row_alias);
    EXECUTE format('CREATE TEMPORARY VIEW vigil_key_probe AS SELECT %s AS mirrored FROM %s AS %I', expressions[1], attached, row_alias);
    attachment := vigil.register_attachment(
        kind, attached, 'pg_temp.vigil_probe', 'pg_temp.vigil_key_probe', row_alias, jsonb_strip_nulls(options), key_columns, key_types,
        source_attachment, target_attachment, mapped, existing);
    PERFORM vigil.drop_probes();

    PERFORM vigil.hang_triggers(attachment, kind, attached);
    PERFORM vigil.seal_attachment(attachment);
    RETURN attachment;
END
$$;

COMMENT ON FUNCTION vigil.attach_table("char", regclass, jsonb, text, regclass, regclass, boolean) IS 'Attaches a table; returns the number of the attachment. Called by vigil.attach_entities() and vigil.attach_relationships().';

-- functions/attach_entities.sql
CREATE FUNCTION vigil.attach_entities(
    attached regclass,
    type text,
    name text DEFAULT NULL,
    key text DEFAULT NULL,
    value text DEFAULT NULL,
    risk_score text DEFAULT NULL,
    confidence text DEFAULT NULL,
    source text DEFAULT NULL,
    sources text DEFAULT NULL,
    is_verified text DEFAULT NULL,
    description text DEFAULT NULL,
    metadata text DEFAULT NULL,
    tags text DEFAULT NULL,
    first_seen text DEFAULT NULL,
    last_seen text DEFAULT NULL,
    is_active text DEFAULT NULL,
    replace boolean DEFAULT false)
RETURNS integer
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN vigil.attach_table('e', attached, jsonb_build_object(
            'type', type, 'name', name, 'value', value, 'risk_score', risk_score, 'confidence', confidence, 'source', source,
            'sources', sources, 'is_verified', is_verified, 'description', description, 'metadata', metadata, 'tags', tags,
            'first_seen', first_seen, 'last_seen', last_seen, 'is_active', is_active),
        key, NULL, NULL, replace);
END
$$;

COMMENT ON FUNCTION vigil.attach_entities(regclass, text, text, text, text, text, text, text, text, text, text, text, text, text, text, text, boolean) IS 'Mirrors the rows of a table as entities from now on; CALL vigil.backfill() takes up those that are there. Each argument is the name of a column or an SQL expression over the columns of one row; type may also be an entity type, and key is a list of columns (the primary key by default). replace changes the attachment of a table that is attached. For the owner of the table. Returns the number of the attachment.';

-- functions/attach_relationships.sql
CREATE FUNCTION vigil.attach_relationships(
    attached regclass,
    type text,
    source text,
    target text,
    source_table regclass DEFAULT NULL,
    target_table regclass DEFAULT NULL,
    key text DEFAULT NULL,
    confidence text DEFAULT NULL,
    weight text DEFAULT NULL,
    sources text DEFAULT NULL,
    evidence text DEFAULT NULL,
    description text DEFAULT NULL,
    metadata text DEFAULT NULL,
    first_observed text DEFAULT NULL,
    last_observed text DEFAULT NULL,
    verified text DEFAULT NULL,
    is_active text DEFAULT NULL,
    replace boolean DEFAULT false)
RETURNS integer
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN vigil.attach_table('r', attached, jsonb_build_object(
            'type', type, 'source', source, 'target', target, 'confidence', confidence, 'weight', weight, 'sources', sources,
            'evidence', evidence, 'description', description, 'metadata', metadata, 'first_observed', first_observed,
            'last_observed', last_observed, 'verified', verified, 'is_active', is_active),
        key, source_table, target_table, replace);
END
$$;

COMMENT ON FUNCTION vigil.attach_relationships(regclass, text, text, text, regclass, regclass, text, text, text, text, text, text, text, text, text, text, text, boolean) IS 'Mirrors the rows of a table as relationships from now on; CALL vigil.backfill() takes up those that are there. source and target are columns (or an expression) with the key of a row of a table that is attached as entities: the one that a foreign key of the columns refers to, or source_table and target_table. A row whose source or target is null is no relationship. The other arguments are as those of vigil.attach_entities(). Returns the number of the attachment.';

-- functions/fill_attachment.sql
-- With the rights of the owner, because it writes entities and relationships. It gives up a lock before a
-- writer could be chosen to resolve a deadlock. Who may call it (vigil_admin) decides what is in the graph.
CREATE FUNCTION vigil.fill_attachment(
    attachment integer, entities vigil.mirrored_entity[], relationships vigil.mirrored_relationship[], seen bigint[],
    fill_position text[], rejected jsonb, gone text[], gone_seen bigint[], is_last boolean)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
SET lock_timeout = '100ms'
AS $$
#variable_conflict use_variable
DECLARE
    definition record;
BEGIN
    SELECT * INTO definition FROM vigil.attachments AS known WHERE known.id = attachment;
    IF cardinality(entities) > 0 AND definition.kind = 'e' THEN
        PERFORM vigil.write_entities(attachment, definition.mapped, entities, 'B', 0, seen);
    ELSIF cardinality(relationships) > 0 AND definition.kind = 'r' THEN
        PERFORM vigil.write_relationships(
            attachment, definition.source_attachment_id, definition.target_attachment_id, definition.mapped, relationships, 'B', 0, seen);
    END IF;
    PERFORM vigil.reject_row(attachment, bad ->> 'key', bad ->> 'reason', bad ->> 'sqlstate') FROM jsonb_array_elements(rejected) AS bad;
    IF cardinality(gone) > 0 THEN
        -- Unless a writer has brought them back meanwhile.
        IF definition.kind = 'e' THEN
            PERFORM vigil.drop_entities(attachment, ARRAY(
                SELECT known.attached_key FROM vigil.entities AS known JOIN unnest(gone, gone_seen) AS pair (key, version)
                    ON known.attachment_id = attachment AND known.attached_key = pair.key AND known.attached_version = pair.version), 9223372036854775807);
        ELSE
            DELETE FROM vigil.relationships AS known USING unnest(gone, gone_seen) AS pair (key, version)
            WHERE known.attachment_id = attachment AND known.attached_key = pair.key AND known.attached_version = pair.version;
            DELETE FROM vigil.parked_relationships AS parked USING unnest(gone, gone_seen) AS pair (key, version)
            WHERE parked.attachment_id = attachment AND parked.key = pair.key AND parked.version = pair.version;
        END IF;
    END IF;
    IF is_last THEN
        DELETE FROM vigil.rejected_rows AS known WHERE known.attachment_id = attachment AND known.key IS NULL
            AND known.rejected_at < definition.fill_started_at;
    END IF;
    UPDATE vigil.attachments AS known
    SET fill_position = coalesce(fill_attachment.fill_position, known.fill_position),
        fill_rows = known.fill_rows + coalesce(cardinality(entities), cardinality(relationships), 0),
        fill_started_at = coalesce(known.fill_started_at, now()),
        fill_advanced_at = clock_timestamp(),
        fill_passes = known.fill_passes + is_last::integer,
        filled_at = CASE WHEN is_last THEN clock_timestamp() END
    WHERE known.id = attachment;
END
$$;

COMMENT ON FUNCTION vigil.fill_attachment(integer, vigil.mirrored_entity[], vigil.mirrored_relationship[], bigint[], text[], jsonb, text[], bigint[], boolean) IS 'Mirrors a batch that a back-fill has read and records how far it is. Called by vigil.backfill().';

-- functions/restart_fill.sql
-- With the rights of the owner, because it writes vigil.attachments.
CREATE FUNCTION vigil.restart_fill(attached regclass, rows_per_batch integer)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
AS $$
BEGIN
    IF rows_per_batch IS NULL OR rows_per_batch NOT BETWEEN 1 AND 100000 THEN
        RAISE EXCEPTION 'rows_per_batch must be within 1 and 100000' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF attached IS NOT NULL AND NOT EXISTS (SELECT FROM vigil.attachments AS known WHERE vigil.attached_table(known.id) = attached) THEN
        RAISE EXCEPTION 'table % is not attached', attached
            USING ERRCODE = 'undefined_object', HINT = 'See SELECT * FROM vigil.attached_tables.';
    END IF;
    -- Passes that were interrupted go on; what is complete is compared anew, if it is asked for by name or all is complete.
    UPDATE vigil.attachments AS known
    SET fill_position = NULL, fill_rows = 0, fill_started_at = now(), fill_advanced_at = NULL, filled_at = NULL,
        fill_rows_expected = greatest(known.fill_rows, 0)
    WHERE known.filled_at IS NOT NULL
        AND CASE WHEN attached IS NULL THEN NOT EXISTS (SELECT FROM vigil.attachments AS other WHERE other.filled_at IS NULL)
            ELSE vigil.attached_table(known.id) = attached
                AND NOT EXISTS (SELECT FROM vigil.attachments AS other WHERE other.filled_at IS NULL AND vigil.attached_table(other.id) = attached) END;
END
$$;

COMMENT ON FUNCTION vigil.restart_fill(regclass, integer) IS 'Begins another pass of the back-fill where the last one is complete. Called by vigil.backfill().';

-- functions/fill_batch.sql
-- With the rights of the caller, who must be able to read the table. One batch is one transaction; the lock
-- comes before the snapshot that reads the rows, so that nothing that waited is taken up in between.
CREATE FUNCTION vigil.fill_batch(attached regclass, rows_per_batch integer)
RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET TimeZone = 'UTC'
SET DateStyle = 'ISO, YMD'
SET IntervalStyle = 'iso_8601'
SET bytea_output = 'hex'
SET extra_float_digits = 1
SET standard_conforming_strings = on
SET jit = off
SET enable_seqscan = off
SET enable_material = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $$
#variable_conflict use_variable
DECLARE
    definition record;
    relation regclass;
    subject text;
    alias text;
    keys text;
    chosen text;
    one record;
    single record;
    entities vigil.mirrored_entity[];
    relationships vigil.mirrored_relationship[];
    rejected jsonb := '[]';
    seen bigint[];
    last_key text[];
    rows_found bigint;
    gone text[];
    gone_seen bigint[];
BEGIN
    IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
        RAISE EXCEPTION 'the back-fill needs the isolation level READ COMMITTED'
            USING ERRCODE = 'active_sql_transaction', HINT = 'SET default_transaction_isolation = ''read committed'' first.';
    END IF;
    SELECT * INTO definition FROM vigil.attachments AS known
    WHERE known.filled_at IS NULL AND vigil.attached_table(known.id) IS NOT NULL
        AND (attached IS NULL OR vigil.attached_table(known.id) = attached)
    ORDER BY known.kind, known.id LIMIT 1;
    IF NOT FOUND THEN
        -- What has come meanwhile and waits.
        RETURN vigil.mirror_pending(rows_per_batch) > 0;
    END IF;
    relation := vigil.attached_table(definition.id);
    IF NOT pg_try_advisory_xact_lock(1986619244, definition.id) THEN
        PERFORM pg_sleep(0.05);
        RETURN true;
    END IF;
    -- As of now: another session may have gone on.
    SELECT * INTO definition FROM vigil.attachments AS known WHERE known.id = definition.id;
    IF definition.filled_at IS NOT NULL THEN
        RETURN true;
    END IF;

    subject := CASE definition.kind WHEN 'e' THEN 'entities' ELSE 'relationships' END;
    alias := quote_ident(definition.row_alias);
    keys := (SELECT string_agg(format('%s.%I', alias, name), ', ' ORDER BY nth) FROM unnest(definition.key_columns) WITH ORDINALITY AS part (name, nth));
    chosen := format('%s AS attached_key, ARRAY[%s]::text[]::text AS key_parts FROM %s AS %s %s ORDER BY %s LIMIT %s',
        definition.key_expression,
        (SELECT string_agg(format('%s.%I::text', alias, name), ', ' ORDER BY nth) FROM unnest(definition.key_columns) WITH ORDINALITY AS part (name, nth)),
        relation, alias,
        CASE WHEN definition.fill_position IS NULL THEN '' ELSE format('WHERE (%s) > (%s)', keys,
            (SELECT string_agg(format('%L::%s', value, type), ', ' ORDER BY nth)
                FROM unnest(definition.fill_position, definition.key_types) WITH ORDINALITY AS part (value, type, nth))) END,
        keys, rows_per_batch);
    BEGIN
        EXECUTE format($query$
            SELECT count(*) AS rows_found, array_agg(batch.mirrored) AS mirrored, array_agg(known.attached_version) AS seen,
                (array_agg(batch.key_parts ORDER BY batch.nth DESC))[1]::text[] AS last_key
            FROM (SELECT *, row_number() OVER () AS nth FROM (SELECT %s AS mirrored, %s) AS chosen) AS batch
            LEFT JOIN vigil.%I AS known ON known.attachment_id = %s AND known.attached_key = batch.attached_key$query$,
            definition.row_expression, chosen, subject, definition.id)
        INTO one;
        rows_found := one.rows_found;
        seen := one.seen;
        last_key := one.last_key;
        IF definition.kind = 'e' THEN
            entities := one.mirrored;
        ELSE
            relationships := one.mirrored;
        END IF;
    EXCEPTION
        WHEN undefined_column OR undefined_function OR datatype_mismatch OR insufficient_privilege THEN
            RAISE EXCEPTION 'the rows of % cannot be read', relation
                USING ERRCODE = SQLSTATE, DETAIL = SQLERRM,
                    HINT = CASE SQLSTATE WHEN '42501' THEN format('GRANT SELECT ON %s TO %I.', relation, current_user)
                        ELSE 'The table has changed since it was attached. Attach it again with replace => true.' END;
        WHEN OTHERS THEN
            rows_found := NULL;
    END;
    IF rows_found IS NULL THEN
        -- An expression fails for at least one of the rows: one by one.
        rows_found := 0;
        seen := '{}';
        FOR one IN EXECUTE 'SELECT ' || chosen LOOP
            rows_found := rows_found + 1;
            last_key := one.key_parts;
            BEGIN
                EXECUTE format($query$
                    SELECT batch.mirrored, known.attached_version
                    FROM (SELECT %s AS mirrored FROM %s AS %s WHERE (%s) = (%s)) AS batch
                    LEFT JOIN vigil.%I AS known ON known.attachment_id = %s AND known.attached_key = (batch.mirrored).key$query$,
                    definition.row_expression, relation, alias, keys,
                    (SELECT string_agg(format('%L::%s', value, type), ', ' ORDER BY nth)
                        FROM unnest(last_key, definition.key_types) WITH ORDINALITY AS part (value, type, nth)), subject, definition.id)
                INTO single;
                IF definition.kind = 'e' AND (single.mirrored).key IS NOT NULL THEN
                    entities := entities || single.mirrored::vigil.mirrored_entity;
                    seen := seen || single.attached_version;
                ELSIF (single.mirrored).key IS NOT NULL THEN
                    relationships := relationships || single.mirrored::vigil.mirrored_relationship;
                    seen := seen || single.attached_version;
                END IF;
            EXCEPTION WHEN OTHERS THEN
                rejected := rejected || jsonb_build_object('key', one.attached_key, 'reason', SQLERRM, 'sqlstate', SQLSTATE);
            END;
        END LOOP;
    END IF;
    IF rows_found < rows_per_batch AND definition.fill_passes > 0 THEN
        -- The end of a comparison: what is mirrored of rows that are not there. Here all rows meet all; a batch
        -- must not read everything that is mirrored already.
        PERFORM set_config('enable_hashjoin', 'on', true), set_config('enable_seqscan', 'on', true);
        EXECUTE format($query$
            SELECT array_agg(known.attached_key), array_agg(known.attached_version)
            FROM (SELECT attached_key, attached_version FROM vigil.%I WHERE attachment_id = %s
                %s) AS known
            WHERE NOT EXISTS (SELECT FROM %s AS %s WHERE %s = known.attached_key)$query$,
            subject, definition.id,
            CASE definition.kind WHEN 'r' THEN format('UNION ALL SELECT key, version FROM vigil.parked_relationships WHERE attachment_id = %s', definition.id) ELSE '' END,
            relation, alias, definition.key_expression)
        INTO gone, gone_seen;
    END IF;
    BEGIN
        PERFORM vigil.fill_attachment(
            definition.id, entities, relationships, seen, last_key, rejected, gone, gone_seen, rows_found < rows_per_batch);
    EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
        -- A writer is at these rows: it goes first.
        PERFORM pg_sleep(0.05);
    END;
    RETURN true;
END
$$;

COMMENT ON FUNCTION vigil.fill_batch(regclass, integer) IS 'Reads and mirrors the next batch of a back-fill; returns whether there may be more. Called by vigil.backfill().';

-- functions/backfill.sql
-- A procedure that commits cannot have settings of its own; so it names the search_path in each
-- transaction, and uses no operator.
CREATE PROCEDURE vigil.backfill(attached regclass DEFAULT NULL, rows_per_batch integer DEFAULT 5000)
LANGUAGE plpgsql
AS $$
DECLARE
    is_going_on boolean;
BEGIN
    PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
    PERFORM vigil.restart_fill(attached, rows_per_batch);
    COMMIT;
    LOOP
        PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
        is_going_on := vigil.fill_batch(attached, rows_per_batch);
        COMMIT;
        EXIT WHEN is_going_on IS NOT TRUE;
    END LOOP;
END
$$;

COMMENT ON PROCEDURE vigil.backfill(regclass, integer) IS 'Takes up the rows that attached tables had when they were attached, in batches of one transaction each, and what waits in vigil.pending_rows; where everything has been taken up, compares all rows and repairs what differs. Interrupt it at any time: it goes on where it was. vigil.attached_tables shows the progress. The caller must be able to read the tables; not within a transaction block.';

-- functions/forget_attachment.sql
-- With the rights of the owner, because it removes entities and relationships and a function of schema vigil.
-- Only the owner of the attached table can have removed its triggers; while they are there, it refuses.
CREATE FUNCTION vigil.forget_attachment(attachment integer, keep_rows boolean)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
AS $$
#variable_conflict use_variable
DECLARE
    definition record;
    other record;
BEGIN
    SELECT * INTO definition FROM vigil.attachments AS known WHERE known.id = attachment FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no attachment %', attachment
            USING ERRCODE = 'undefined_object', HINT = 'See SELECT * FROM vigil.attached_tables.';
    END IF;
    IF vigil.attached_table(attachment) IS NOT NULL THEN
        RAISE EXCEPTION 'table % still has the triggers of attachment %', vigil.attached_table(attachment), attachment
            USING ERRCODE = 'object_in_use', HINT = 'Call vigil.detach as the owner of the table.';
    END IF;
    SELECT * INTO other FROM vigil.attachments AS known
    WHERE attachment IN (known.source_attachment_id, known.target_attachment_id) AND known.id <> attachment ORDER BY known.id LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'relationships of table % refer to the entities of table %',
                coalesce(vigil.attached_table(other.id)::text, other.table_name), definition.table_name
            USING ERRCODE = 'dependent_objects_still_exist', DETAIL = format('They are attachment %s.', other.id),
                HINT = format('Call vigil.detach_attachment(%s) first.', other.id);
    END IF;
    PERFORM pg_advisory_xact_lock(1986619244, attachment);
    DELETE FROM vigil.pending_rows AS pending WHERE pending.attachment_id = attachment;
    DELETE FROM vigil.parked_relationships AS parked WHERE parked.attachment_id = attachment;
    DELETE FROM vigil.rejected_rows AS known WHERE known.attachment_id = attachment;
    IF definition.kind = 'e' THEN
        IF keep_rows THEN
            UPDATE vigil.entities AS known SET attachment_id = NULL, attached_key = NULL, attached_version = NULL WHERE known.attachment_id = attachment;
        ELSE
            DELETE FROM vigil.entities AS known WHERE known.attachment_id = attachment;
        END IF;
    ELSIF keep_rows THEN
        UPDATE vigil.relationships AS known SET attachment_id = NULL, attached_key = NULL, attached_version = NULL WHERE known.attachment_id = attachment;
    ELSE
        DELETE FROM vigil.relationships AS known WHERE known.attachment_id = attachment;
    END IF;
    DELETE FROM vigil.attachments AS known WHERE known.id = attachment;
    EXECUTE format('DROP FUNCTION IF EXISTS vigil.%I()', 'mirror_' || attachment);
END
$$;

COMMENT ON FUNCTION vigil.forget_attachment(integer, boolean) IS 'Removes an attachment whose table has lost its triggers, and what was mirrored of it. Called by vigil.detach_attachment().';

-- functions/detach_attachment.sql
CREATE FUNCTION vigil.detach_attachment(attachment integer, keep_rows boolean DEFAULT false)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    relation regclass := vigil.attached_table(attachment);
    trigger record;
BEGIN
    IF relation IS NOT NULL AND NOT pg_has_role((SELECT relowner FROM pg_class WHERE oid = relation), 'USAGE') THEN
        RAISE EXCEPTION 'permission denied to detach table %', relation
            USING ERRCODE = 'insufficient_privilege', HINT = 'Only its owner can detach it.';
    END IF;
    FOR trigger IN
        SELECT tgname, tgrelid::regclass AS relation FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid
        WHERE pronamespace = 'vigil'::regnamespace AND proname = 'mirror_' || attachment
    LOOP
        EXECUTE format('DROP TRIGGER %I ON %s', trigger.tgname, trigger.relation);
    END LOOP;
    PERFORM vigil.forget_attachment(attachment, keep_rows);
END
$$;

COMMENT ON FUNCTION vigil.detach_attachment(integer, boolean) IS 'Ends the mirroring of one attachment (see vigil.attached_tables) and removes what was mirrored of it, unless keep_rows is true. For the owner of the table, and for tables that have been dropped.';

-- functions/detach.sql
CREATE FUNCTION vigil.detach(attached regclass, keep_rows boolean DEFAULT false)
RETURNS integer
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    attachment integer;
    detached integer := 0;
BEGIN
    -- Relationships first: entities are their ends.
    FOR attachment IN
        SELECT known.id FROM vigil.attachments AS known WHERE vigil.attached_table(known.id) = attached ORDER BY known.kind DESC, known.id
    LOOP
        PERFORM vigil.detach_attachment(attachment, keep_rows);
        detached := detached + 1;
    END LOOP;
    IF detached = 0 THEN
        RAISE EXCEPTION 'table % is not attached', attached
            USING ERRCODE = 'undefined_object', HINT = 'See SELECT * FROM vigil.attached_tables.';
    END IF;
    RETURN detached;
END
$$;

COMMENT ON FUNCTION vigil.detach(regclass, boolean) IS 'Ends all mirroring of a table and removes what was mirrored of it, unless keep_rows is true. For the owner of the table. Returns how many attachments it had.';

-- triggers/arm_doorbell.sql
CREATE FUNCTION vigil.arm_doorbell()
RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM vigil.arm_feed(NEW.armed);
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION vigil.arm_doorbell() IS 'Trigger function: hands vigil.feed_state.armed on to vigil.feed_doorbell, where writers read it.';

CREATE TRIGGER feed_state_arm_doorbell
AFTER UPDATE OF armed ON vigil.feed_state
FOR EACH ROW
WHEN (OLD.armed <> NEW.armed)
EXECUTE FUNCTION vigil.arm_doorbell();

-- triggers/ring_doorbell.sql
-- The WHEN clauses are evaluated without a call of the function; so a statement pays for the read of
-- one sequence, and for NOTIFY only when the reader sleeps.
CREATE FUNCTION vigil.ring_doorbell()
RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM pg_catalog.pg_notify('vigil_feed', '');
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION vigil.ring_doorbell() IS 'Trigger function: wakes the reader of the change feed.';

CREATE TRIGGER entities_ring_doorbell
AFTER INSERT OR UPDATE OR DELETE ON vigil.entities
FOR EACH STATEMENT
WHEN (pg_catalog.pg_sequence_last_value('vigil.feed_doorbell'::regclass) = 1)
EXECUTE FUNCTION vigil.ring_doorbell();

CREATE TRIGGER relationships_ring_doorbell
AFTER INSERT OR UPDATE OR DELETE ON vigil.relationships
FOR EACH STATEMENT
WHEN (pg_catalog.pg_sequence_last_value('vigil.feed_doorbell'::regclass) = 1)
EXECUTE FUNCTION vigil.ring_doorbell();

CREATE TRIGGER observation_history_ring_doorbell
AFTER INSERT ON vigil.observation_history
FOR EACH STATEMENT
WHEN (pg_catalog.pg_sequence_last_value('vigil.feed_doorbell'::regclass) = 1)
EXECUTE FUNCTION vigil.ring_doorbell();

CREATE TRIGGER pending_rows_ring_doorbell
AFTER INSERT ON vigil.pending_rows
FOR EACH STATEMENT
WHEN (pg_catalog.pg_sequence_last_value('vigil.feed_doorbell'::regclass) = 1)
EXECUTE FUNCTION vigil.ring_doorbell();

CREATE TRIGGER feed_epochs_ring_doorbell
AFTER INSERT ON vigil.feed_epochs
FOR EACH STATEMENT
WHEN (pg_catalog.pg_sequence_last_value('vigil.feed_doorbell'::regclass) = 1)
EXECUTE FUNCTION vigil.ring_doorbell();

-- triggers/record_observations.sql
CREATE FUNCTION vigil.record_entity_updates()
RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET enable_nestloop = off
AS $$
BEGIN
    INSERT INTO vigil.observation_history
        (observed_at, kind, operation, subject_id, confidence, risk_score, confidence_before, risk_before)
    SELECT
        CASE WHEN after.last_seen <> before.last_seen THEN least(after.last_seen, now()) ELSE now() END,
        'e', 'U', after.id, after.confidence, after.risk_score, before.confidence, before.risk_score
    FROM new_rows AS after
    JOIN old_rows AS before USING (id);
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION vigil.record_entity_updates() IS 'Trigger function: records each updated entity in vigil.observation_history.';

CREATE TRIGGER entities_record_updates
AFTER UPDATE ON vigil.entities
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT
EXECUTE FUNCTION vigil.record_entity_updates();

CREATE FUNCTION vigil.record_relationship_updates()
RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET enable_nestloop = off
AS $$
BEGIN
    INSERT INTO vigil.observation_history
        (observed_at, kind, operation, subject_id, confidence, weight, confidence_before, weight_before)
    SELECT
        CASE WHEN after.last_observed <> before.last_observed THEN least(after.last_observed, now()) ELSE now() END,
        'r', 'U', after.id, after.confidence, after.weight, before.confidence, before.weight
    FROM new_rows AS after
    JOIN old_rows AS before USING (id);
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION vigil.record_relationship_updates() IS 'Trigger function: records each updated relationship in vigil.observation_history.';

CREATE TRIGGER relationships_record_updates
AFTER UPDATE ON vigil.relationships
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT
EXECUTE FUNCTION vigil.record_relationship_updates();

CREATE FUNCTION vigil.record_entity_deletes()
RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO vigil.observation_history
        (kind, operation, subject_id, confidence_before, risk_before)
    SELECT 'e', 'D', id, confidence, risk_score
    FROM old_rows;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION vigil.record_entity_deletes() IS 'Trigger function: records each deleted entity in vigil.observation_history.';

CREATE TRIGGER entities_record_deletes
AFTER DELETE ON vigil.entities
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT
EXECUTE FUNCTION vigil.record_entity_deletes();

CREATE FUNCTION vigil.record_relationship_deletes()
RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO vigil.observation_history
        (kind, operation, subject_id, source_entity_id, target_entity_id, confidence_before, weight_before)
    SELECT 'r', 'D', id, source_entity_id, target_entity_id, confidence, weight
    FROM old_rows;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION vigil.record_relationship_deletes() IS 'Trigger function: records each deleted relationship in vigil.observation_history.';

CREATE TRIGGER relationships_record_deletes
AFTER DELETE ON vigil.relationships
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT
EXECUTE FUNCTION vigil.record_relationship_deletes();

-- triggers/keep_rows_honest.sql
CREATE FUNCTION vigil.touch_updated_at()
RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION vigil.touch_updated_at() IS 'Trigger function: sets updated_at in an update that does not set it.';

CREATE FUNCTION vigil.refuse_key_change()
RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION 'the id of a row of vigil.% cannot be changed (% to %)', TG_TABLE_NAME, OLD.id, NEW.id
        USING ERRCODE = 'integrity_constraint_violation',
            HINT = 'Delete the row and insert another one.';
END
$$;

COMMENT ON FUNCTION vigil.refuse_key_change() IS 'Trigger function: ids stay, for history, scores and anomalies refer to them.';

CREATE TRIGGER entities_touch_updated_at
BEFORE UPDATE ON vigil.entities
FOR EACH ROW
WHEN (NEW.updated_at = OLD.updated_at)
EXECUTE FUNCTION vigil.touch_updated_at();

CREATE TRIGGER entities_refuse_key_change
BEFORE UPDATE ON vigil.entities
FOR EACH ROW
WHEN (NEW.id <> OLD.id)
EXECUTE FUNCTION vigil.refuse_key_change();

CREATE TRIGGER relationships_touch_updated_at
BEFORE UPDATE ON vigil.relationships
FOR EACH ROW
WHEN (NEW.updated_at = OLD.updated_at)
EXECUTE FUNCTION vigil.touch_updated_at();

CREATE TRIGGER relationships_refuse_key_change
BEFORE UPDATE ON vigil.relationships
FOR EACH ROW
WHEN (NEW.id <> OLD.id)
EXECUTE FUNCTION vigil.refuse_key_change();

CREATE TRIGGER anomalies_touch_updated_at
BEFORE UPDATE ON vigil.anomalies
FOR EACH ROW
WHEN (NEW.updated_at = OLD.updated_at)
EXECUTE FUNCTION vigil.touch_updated_at();

-- triggers/keep_transaction_ids.sql
-- A wrong transaction id would lose the change: a dump carries the ids of another cluster, and a
-- writer may copy whole rows. So the id of the writing transaction always wins. The WHEN clauses cost
-- next to nothing; the functions are called only where a row brings an id along.
CREATE FUNCTION vigil.set_inserted_xid()
RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    NEW.inserted_xid := CASE TG_OP WHEN 'UPDATE' THEN OLD.inserted_xid ELSE pg_current_xact_id() END;
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION vigil.set_inserted_xid() IS 'Trigger function: a row keeps the id of the transaction that inserted it, whatever the writer gives.';

CREATE FUNCTION vigil.set_recorded_xid()
RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    NEW.recorded_xid := pg_current_xact_id();
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION vigil.set_recorded_xid() IS 'Trigger function: an observation carries the id of the transaction that records it, whatever the writer gives.';

CREATE TRIGGER entities_set_inserted_xid
BEFORE INSERT ON vigil.entities
FOR EACH ROW
WHEN (NEW.inserted_xid IS DISTINCT FROM pg_catalog.pg_current_xact_id())
EXECUTE FUNCTION vigil.set_inserted_xid();

CREATE TRIGGER entities_keep_inserted_xid
BEFORE UPDATE ON vigil.entities
FOR EACH ROW
WHEN (NEW.inserted_xid IS DISTINCT FROM OLD.inserted_xid)
EXECUTE FUNCTION vigil.set_inserted_xid();

CREATE TRIGGER relationships_set_inserted_xid
BEFORE INSERT ON vigil.relationships
FOR EACH ROW
WHEN (NEW.inserted_xid IS DISTINCT FROM pg_catalog.pg_current_xact_id())
EXECUTE FUNCTION vigil.set_inserted_xid();

CREATE TRIGGER relationships_keep_inserted_xid
BEFORE UPDATE ON vigil.relationships
FOR EACH ROW
WHEN (NEW.inserted_xid IS DISTINCT FROM OLD.inserted_xid)
EXECUTE FUNCTION vigil.set_inserted_xid();

CREATE TRIGGER observation_history_set_recorded_xid
BEFORE INSERT ON vigil.observation_history
FOR EACH ROW
WHEN (NEW.recorded_xid IS DISTINCT FROM pg_catalog.pg_current_xact_id())
EXECUTE FUNCTION vigil.set_recorded_xid();

-- triggers/record_truncation.sql
CREATE FUNCTION vigil.record_truncation()
RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM vigil.append_epoch('TRUNCATE ' || TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME);
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION vigil.record_truncation() IS 'Trigger function: a TRUNCATE starts a new epoch.';

CREATE TRIGGER entities_record_truncation
AFTER TRUNCATE ON vigil.entities
FOR EACH STATEMENT
EXECUTE FUNCTION vigil.record_truncation();

CREATE TRIGGER relationships_record_truncation
AFTER TRUNCATE ON vigil.relationships
FOR EACH STATEMENT
EXECUTE FUNCTION vigil.record_truncation();

CREATE TRIGGER observation_history_record_truncation
AFTER TRUNCATE ON vigil.observation_history
FOR EACH STATEMENT
EXECUTE FUNCTION vigil.record_truncation();

-- triggers/check_settings.sql
CREATE FUNCTION vigil.check_setting()
RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    expected text := jsonb_typeof(NEW.default_value);
BEGIN
    -- A dump carries every setting, and they are all there already: take over the value.
    IF TG_OP = 'INSERT' THEN
        UPDATE vigil.settings SET value = NEW.value, updated_at = NEW.updated_at
        WHERE name = NEW.name AND value IS DISTINCT FROM NEW.value;
        IF NOT EXISTS (SELECT FROM vigil.settings WHERE name = NEW.name) THEN
            RAISE EXCEPTION 'there is no setting "%"', NEW.name
                USING ERRCODE = 'undefined_object', HINT = 'See SELECT name FROM vigil.settings.';
        END IF;
        RETURN NULL;
    END IF;
    IF (NEW.name, NEW.default_value, NEW.unit, NEW.minimum, NEW.maximum, NEW.description)
        IS DISTINCT FROM (OLD.name, OLD.default_value, OLD.unit, OLD.minimum, OLD.maximum, OLD.description)
    THEN
        RAISE EXCEPTION 'of the setting "%", only the value can be changed', OLD.name
            USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    IF jsonb_typeof(NEW.value) <> expected THEN
        RAISE EXCEPTION 'setting "%" takes a %, not %', NEW.name, expected, NEW.value
            USING ERRCODE = 'invalid_parameter_value',
                HINT = format('Its default is %s.', NEW.default_value);
    END IF;
    IF expected = 'number' AND NOT (
        (NEW.value)::numeric >= coalesce(NEW.minimum, '-Infinity')
        AND (NEW.value)::numeric <= coalesce(NEW.maximum, 'Infinity'))
    THEN
        RAISE EXCEPTION 'setting "%" must be from % to %, not %', NEW.name,
                coalesce(NEW.minimum::text, 'any number'), coalesce(NEW.maximum::text, 'any number'), NEW.value
            USING ERRCODE = 'numeric_value_out_of_range',
                HINT = format('Its default is %s %s.', NEW.default_value, NEW.unit);
    END IF;
    IF NEW.updated_at = OLD.updated_at THEN
        NEW.updated_at := now();
    END IF;
    IF NEW.name = 'feed_arm' AND NEW.value = 'false' THEN
        PERFORM vigil.arm_feed(false);
    END IF;
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION vigil.check_setting() IS 'Trigger function: a new value of a setting has the type of its default and is within its range; settings are neither added nor redefined.';

CREATE TRIGGER settings_check
BEFORE INSERT OR UPDATE ON vigil.settings
FOR EACH ROW
EXECUTE FUNCTION vigil.check_setting();

-- triggers/merge_shipped_rows.sql
-- CREATE EXTENSION puts the shipped rows in place before a dump is restored into the same tables; so
-- rows of the dump are merged into them instead of failing.
CREATE FUNCTION vigil.merge_entity_type()
RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE vigil.entity_types SET description = NEW.description, shape = NEW.shape
    WHERE type = NEW.type AND code = NEW.code;
    RETURN CASE WHEN FOUND THEN NULL ELSE NEW END;
END
$$;

COMMENT ON FUNCTION vigil.merge_entity_type() IS 'Trigger function: a row with the type and the code of an existing one, as a dump has it, updates that one.';

CREATE TRIGGER entity_types_merge
BEFORE INSERT ON vigil.entity_types
FOR EACH ROW
EXECUTE FUNCTION vigil.merge_entity_type();

CREATE FUNCTION vigil.merge_relationship_type()
RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE vigil.relationship_types SET description = NEW.description, is_rating = NEW.is_rating
    WHERE type = NEW.type AND code = NEW.code;
    RETURN CASE WHEN FOUND THEN NULL ELSE NEW END;
END
$$;

COMMENT ON FUNCTION vigil.merge_relationship_type() IS 'Trigger function: a row with the type and the code of an existing one, as a dump has it, updates that one.';

CREATE TRIGGER relationship_types_merge
BEFORE INSERT ON vigil.relationship_types
FOR EACH ROW
EXECUTE FUNCTION vigil.merge_relationship_type();

CREATE FUNCTION vigil.merge_indicator()
RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        UPDATE vigil.indicators
        SET anomaly_type = NEW.anomaly_type, scope = NEW.scope, condition = NEW.condition, weight = NEW.weight,
            description = NEW.description, recommendation = NEW.recommendation,
            is_enabled = NEW.is_enabled, version = greatest(version, NEW.version)
        WHERE name = NEW.name;
        RETURN CASE WHEN FOUND THEN NULL ELSE NEW END;
    END IF;
    IF NEW IS DISTINCT FROM OLD AND NEW.version = OLD.version THEN
        NEW.version := OLD.version + 1;
    END IF;
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION vigil.merge_indicator() IS 'Trigger function: an insert with the name of an existing indicator, as a dump has it, replaces that one; an update raises its version.';

CREATE TRIGGER indicators_merge
BEFORE INSERT OR UPDATE ON vigil.indicators
FOR EACH ROW
EXECUTE FUNCTION vigil.merge_indicator();

-- triggers/notify_configuration.sql
CREATE FUNCTION vigil.notify_configuration()
RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM pg_notify('vigil_configuration', TG_TABLE_NAME);
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION vigil.notify_configuration() IS 'Trigger function: tells the sidecar that this table has changed.';

CREATE TRIGGER settings_notify
AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON vigil.settings
FOR EACH STATEMENT
EXECUTE FUNCTION vigil.notify_configuration();

CREATE TRIGGER indicators_notify
AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON vigil.indicators
FOR EACH STATEMENT
EXECUTE FUNCTION vigil.notify_configuration();

CREATE TRIGGER models_notify
AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON vigil.models
FOR EACH STATEMENT
EXECUTE FUNCTION vigil.notify_configuration();

CREATE TRIGGER entity_types_notify
AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON vigil.entity_types
FOR EACH STATEMENT
EXECUTE FUNCTION vigil.notify_configuration();

CREATE TRIGGER relationship_types_notify
AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON vigil.relationship_types
FOR EACH STATEMENT
EXECUTE FUNCTION vigil.notify_configuration();

-- triggers/close_anomalies.sql
-- In the writer's own transaction, with the rights of the owner: who deletes an entity has none on
-- anomalies. One statement for all deleted rows, always by the index: a plan made while there were
-- few anomalies must not read a million of them for one row.
CREATE FUNCTION vigil.close_anomalies()
RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $$
DECLARE
    kind CONSTANT text := TG_ARGV[0];
BEGIN
    UPDATE vigil.anomalies AS anomaly
    SET entity_id = NULL, relationship_id = NULL, is_active = false,
        resolved_at = CASE WHEN anomaly.is_active THEN now() ELSE anomaly.resolved_at END,
        resolution = CASE WHEN anomaly.is_active THEN 'The ' || kind || ' was deleted.' ELSE anomaly.resolution END
    FROM old_rows
    WHERE anomaly.subject_kind = kind AND anomaly.subject_id = old_rows.id
        AND (anomaly.is_active OR anomaly.entity_id IS NOT NULL OR anomaly.relationship_id IS NOT NULL);
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION vigil.close_anomalies() IS 'Trigger function: closes the open anomalies of entities or relationships that are deleted, and keeps the record.';

CREATE TRIGGER entities_close_anomalies
AFTER DELETE ON vigil.entities
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT
EXECUTE FUNCTION vigil.close_anomalies('entity');

CREATE TRIGGER relationships_close_anomalies
AFTER DELETE ON vigil.relationships
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT
EXECUTE FUNCTION vigil.close_anomalies('relationship');

CREATE FUNCTION vigil.close_all_anomalies()
RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    kind CONSTANT text := TG_ARGV[0];
BEGIN
    UPDATE vigil.anomalies AS anomaly
    SET entity_id = NULL, relationship_id = NULL, is_active = false,
        resolved_at = CASE WHEN anomaly.is_active THEN now() ELSE anomaly.resolved_at END,
        resolution = CASE WHEN anomaly.is_active THEN 'The ' || kind || ' was removed by TRUNCATE.' ELSE anomaly.resolution END
    WHERE anomaly.subject_kind = kind
        AND (anomaly.is_active OR anomaly.entity_id IS NOT NULL OR anomaly.relationship_id IS NOT NULL);
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION vigil.close_all_anomalies() IS 'Trigger function: closes all open anomalies of entities or relationships when their table is truncated, and keeps the record.';

CREATE TRIGGER entities_close_all_anomalies
AFTER TRUNCATE ON vigil.entities
FOR EACH STATEMENT
EXECUTE FUNCTION vigil.close_all_anomalies('entity');

CREATE TRIGGER relationships_close_all_anomalies
AFTER TRUNCATE ON vigil.relationships
FOR EACH STATEMENT
EXECUTE FUNCTION vigil.close_all_anomalies('relationship');

-- triggers/place_anomalies.sql
-- With the rights of the owner: who writes anomalies may neither make nor merge incidents.
-- A repetition arrives as an INSERT that meets the open anomaly (ON CONFLICT): that one is placed
-- already, and nothing is to be done for the row that is thrown away.
CREATE FUNCTION vigil.place_anomaly()
RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    suppression vigil.suppressions;
BEGIN
    IF EXISTS (
        SELECT FROM vigil.anomalies AS open
        WHERE open.is_active AND open.subject_kind = NEW.subject_kind AND open.subject_id = NEW.subject_id
            AND open.anomaly_type = NEW.anomaly_type)
    THEN
        RETURN NEW;
    END IF;
    suppression := vigil.find_suppression(NEW);
    NEW.suppressed_by := suppression.id;
    NEW.suppressed_until := suppression.expires_at;
    IF NEW.community_id IS NULL THEN
        SELECT metrics.community_id INTO NEW.community_id
        FROM vigil.entity_metrics AS metrics
        WHERE metrics.entity_id = CASE NEW.subject_kind WHEN 'entity' THEN NEW.subject_id ELSE (
            SELECT relationship.source_entity_id FROM vigil.relationships AS relationship WHERE relationship.id = NEW.subject_id) END;
    END IF;
    IF NEW.incident_id IS NULL THEN
        NEW.incident_id := vigil.find_incident(NEW);
        NEW.assigned_to := coalesce(NEW.assigned_to, (
            SELECT incident.assigned_to FROM vigil.incidents AS incident WHERE incident.id = NEW.incident_id));
    END IF;
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION vigil.place_anomaly() IS 'Trigger function: a new anomaly falls under the suppressions in force and is put into its incident.';

CREATE TRIGGER anomalies_place
BEFORE INSERT ON vigil.anomalies
FOR EACH ROW
-- The second condition is NOT vigil.is_restoring(), without the call.
WHEN (NEW.is_active AND pg_catalog.current_setting('row_security') = 'on')
EXECUTE FUNCTION vigil.place_anomaly();

CREATE FUNCTION vigil.suppress_anew()
RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    suppression vigil.suppressions := vigil.find_suppression(NEW);
BEGIN
    IF suppression.id IS NULL AND OLD.suppressed_until > now() THEN
        PERFORM pg_notify('vigil_anomalies', NEW.id::text);
    END IF;
    NEW.suppressed_by := suppression.id;
    NEW.suppressed_until := suppression.expires_at;
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION vigil.suppress_anew() IS 'Trigger function: an anomaly whose evidence has changed falls under other suppressions, or under none: then it is announced.';

CREATE TRIGGER anomalies_suppress_anew
BEFORE UPDATE ON vigil.anomalies
FOR EACH ROW
WHEN (
    NEW.is_active AND (
        NEW.indicators <> OLD.indicators OR NEW.anomaly_type <> OLD.anomaly_type
        OR NEW.subject_name IS DISTINCT FROM OLD.subject_name OR NEW.subject_type IS DISTINCT FROM OLD.subject_type))
EXECUTE FUNCTION vigil.suppress_anew();

-- triggers/count_anomalies.sql
CREATE FUNCTION vigil.count_anomalies()
RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    last_id bigint;
    added_count bigint;
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        DELETE FROM vigil.anomaly_counts;
        RETURN NULL;
    END IF;
    IF TG_OP = 'INSERT' THEN
        WITH counted AS (
            SELECT first_detected AS at, 'found' AS measure, severity, anomaly_type FROM new_rows
            UNION ALL
            SELECT resolved_at, 'closed', severity, anomaly_type FROM new_rows WHERE resolved_at IS NOT NULL
            UNION ALL
            SELECT reviewed_at, verdict, severity, anomaly_type FROM new_rows WHERE verdict IS NOT NULL AND reviewed_at IS NOT NULL
        ), added AS (
            INSERT INTO vigil.anomaly_counts (day, measure, severity, anomaly_type, difference)
            SELECT (at AT TIME ZONE 'UTC')::date, measure, severity, anomaly_type, count(*)
            FROM counted
            GROUP BY 1, 2, 3, 4
            RETURNING id
        )
        SELECT max(id), count(*) INTO last_id, added_count FROM added;
        -- In an isolation level that cannot skip what others have folded meanwhile, leave it to others.
        IF last_id % 64 < added_count AND current_setting('transaction_isolation') = 'read committed' THEN
            PERFORM vigil.fold_anomaly_counts();
        END IF;
        RETURN NULL;
    ELSIF TG_OP = 'DELETE' THEN
        WITH counted AS (
            SELECT first_detected AS at, 'found' AS measure, severity, anomaly_type FROM old_rows
            UNION ALL
            SELECT resolved_at, 'closed', severity, anomaly_type FROM old_rows WHERE resolved_at IS NOT NULL
            UNION ALL
            SELECT reviewed_at, verdict, severity, anomaly_type FROM old_rows WHERE verdict IS NOT NULL AND reviewed_at IS NOT NULL
        )
        INSERT INTO vigil.anomaly_counts (day, measure, severity, anomaly_type, difference)
        SELECT (at AT TIME ZONE 'UTC')::date, measure, severity, anomaly_type, -count(*)
        FROM counted
        GROUP BY 1, 2, 3, 4;
        RETURN NULL;
    END IF;
    -- An update takes the old row away and adds the new one; what did not change cancels out.
    WITH changed AS (
        SELECT -1 AS sign, first_detected, severity, anomaly_type, resolved_at, verdict, reviewed_at FROM old_rows
        UNION ALL
        SELECT 1, first_detected, severity, anomaly_type, resolved_at, verdict, reviewed_at FROM new_rows
    ), counted AS (
        SELECT first_detected AS at, 'found' AS measure, severity, anomaly_type, sign FROM changed
        UNION ALL
        SELECT resolved_at, 'closed', severity, anomaly_type, sign FROM changed WHERE resolved_at IS NOT NULL
        UNION ALL
        SELECT reviewed_at, verdict, severity, anomaly_type, sign FROM changed WHERE verdict IS NOT NULL AND reviewed_at IS NOT NULL
    )
    INSERT INTO vigil.anomaly_counts (day, measure, severity, anomaly_type, difference)
    SELECT (at AT TIME ZONE 'UTC')::date, measure, severity, anomaly_type, sum(sign)
    FROM counted
    GROUP BY 1, 2, 3, 4
    HAVING sum(sign) <> 0;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION vigil.count_anomalies() IS 'Trigger function: keeps vigil.anomaly_counts.';

CREATE TRIGGER anomalies_count_inserts
AFTER INSERT ON vigil.anomalies
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT
EXECUTE FUNCTION vigil.count_anomalies();

CREATE TRIGGER anomalies_count_updates
AFTER UPDATE ON vigil.anomalies
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT
EXECUTE FUNCTION vigil.count_anomalies();

CREATE TRIGGER anomalies_count_deletes
AFTER DELETE ON vigil.anomalies
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT
EXECUTE FUNCTION vigil.count_anomalies();

CREATE TRIGGER anomalies_count_truncation
AFTER TRUNCATE ON vigil.anomalies
FOR EACH STATEMENT
EXECUTE FUNCTION vigil.count_anomalies();

-- triggers/record_activations.sql
CREATE FUNCTION vigil.record_activation()
RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- vigil.rollback_model() has taken the later activations back before: then this one stands already.
    IF NOT vigil.is_restoring() AND NEW.version IS DISTINCT FROM (
        SELECT activation.version FROM vigil.model_activations AS activation
        WHERE activation.kind = NEW.kind AND activation.rolled_back_at IS NULL
        ORDER BY activation.id DESC LIMIT 1)
    THEN
        INSERT INTO vigil.model_activations (kind, version, activated_by) VALUES (NEW.kind, NEW.version, session_user);
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION vigil.record_activation() IS 'Trigger function: remembers which model was made active, for vigil.rollback_model().';

CREATE TRIGGER models_record_activation
AFTER INSERT OR UPDATE OF state ON vigil.models
FOR EACH ROW
WHEN (NEW.state = 'active')
EXECUTE FUNCTION vigil.record_activation();

-- triggers/audit_decisions.sql
-- The decision is recorded where it takes effect, whichever way it was made: by a function or by a
-- statement of somebody who may. With the rights of the owner, for nobody else writes the log.
CREATE FUNCTION vigil.audit_decision()
RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET TimeZone = 'UTC'
SET DateStyle = 'ISO'
SET extra_float_digits = 1
AS $$
DECLARE
    object_kind CONSTANT text := TG_ARGV[0];
    key_column CONSTANT text := TG_ARGV[1];
    before jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
    after jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
    object_id CONSTANT text := coalesce(after, before) ->> key_column;
    action text;
BEGIN
    CASE object_kind
        WHEN 'anomaly' THEN
            action := CASE
                WHEN OLD.assigned_to IS DISTINCT FROM NEW.assigned_to THEN CASE WHEN NEW.assigned_to IS NULL THEN 'unassign' ELSE 'assign' END
                WHEN NOT NEW.reviewed OR (
                    SELECT review.undone_at IS NOT NULL FROM vigil.reviews AS review
                    WHERE review.anomaly_id = NEW.id ORDER BY review.id DESC LIMIT 1) THEN 'undo review'
                ELSE 'review' END;
            before := jsonb_build_object('verdict', OLD.verdict, 'notes', OLD.review_notes, 'reviewed_by', OLD.reviewed_by,
                'reviewed_at', OLD.reviewed_at, 'assigned_to', OLD.assigned_to);
            after := jsonb_build_object('verdict', NEW.verdict, 'notes', NEW.review_notes, 'reviewed_by', NEW.reviewed_by,
                'reviewed_at', NEW.reviewed_at, 'assigned_to', NEW.assigned_to);
        WHEN 'suppression' THEN
            action := CASE
                WHEN TG_OP = 'INSERT' THEN 'suppress'
                WHEN TG_OP = 'UPDATE' AND before ->> 'lifted_at' IS NULL AND after ->> 'lifted_at' IS NOT NULL THEN 'lift suppression'
                WHEN TG_OP = 'UPDATE' THEN 'change suppression'
                ELSE 'remove suppression' END;
        WHEN 'incident' THEN
            action := CASE WHEN after ->> 'assigned_to' IS NULL THEN 'unassign' ELSE 'assign' END;
        WHEN 'setting' THEN
            action := CASE TG_OP WHEN 'UPDATE' THEN 'change setting' ELSE 'remove setting' END;
            before := before -> 'value';
            after := after -> 'value';
        WHEN 'model' THEN
            action := CASE
                WHEN TG_OP = 'INSERT' THEN 'store model'
                WHEN TG_OP = 'DELETE' THEN 'remove model'
                WHEN before ->> 'state' = after ->> 'state' THEN 'change model'
                WHEN after ->> 'state' = 'active' THEN CASE WHEN (
                    SELECT activation.rolled_back_at = now() FROM vigil.model_activations AS activation
                    WHERE activation.kind = after ->> 'kind' ORDER BY activation.id DESC LIMIT 1)
                    THEN 'roll back to model' ELSE 'activate model' END
                ELSE 'retire model' END;
            -- The archive by its hash; the card is long and belongs to the archive.
            IF TG_OP <> 'INSERT' THEN
                before := before - '{archive,card}'::text[]
                    || jsonb_build_object('archive_sha256', encode(sha256(OLD.archive), 'hex'));
            END IF;
            IF TG_OP <> 'DELETE' THEN
                after := after - '{archive,card}'::text[]
                    || jsonb_build_object('archive_sha256', encode(sha256(NEW.archive), 'hex'));
            END IF;
        ELSE
            action := CASE TG_OP WHEN 'INSERT' THEN 'add ' WHEN 'UPDATE' THEN 'change ' ELSE 'remove ' END || object_kind;
    END CASE;
    PERFORM vigil.record_decision(action, object_kind, object_id, before, after);
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION vigil.audit_decision() IS 'Trigger function: records a decision in vigil.audit_log, with what was before and after it.';

-- The sidecar's updates do not touch these columns: they pay for the comparison only.
CREATE TRIGGER anomalies_audit
AFTER UPDATE ON vigil.anomalies
FOR EACH ROW
WHEN (
    OLD.reviewed <> NEW.reviewed OR OLD.reviewed_at IS DISTINCT FROM NEW.reviewed_at OR OLD.verdict IS DISTINCT FROM NEW.verdict
    OR OLD.reviewed_by IS DISTINCT FROM NEW.reviewed_by OR OLD.review_notes IS DISTINCT FROM NEW.review_notes
    OR OLD.assigned_to IS DISTINCT FROM NEW.assigned_to)
EXECUTE FUNCTION vigil.audit_decision('anomaly', 'id');

CREATE TRIGGER suppressions_audit
AFTER INSERT OR UPDATE OR DELETE ON vigil.suppressions
FOR EACH ROW
EXECUTE FUNCTION vigil.audit_decision('suppression', 'id');

CREATE TRIGGER incidents_audit
AFTER UPDATE ON vigil.incidents
FOR EACH ROW
WHEN (OLD.assigned_to IS DISTINCT FROM NEW.assigned_to)
EXECUTE FUNCTION vigil.audit_decision('incident', 'id');

CREATE TRIGGER settings_audit
AFTER UPDATE ON vigil.settings
FOR EACH ROW
WHEN (OLD.value IS DISTINCT FROM NEW.value)
EXECUTE FUNCTION vigil.audit_decision('setting', 'name');

CREATE TRIGGER settings_audit_deletes
AFTER DELETE ON vigil.settings
FOR EACH ROW
EXECUTE FUNCTION vigil.audit_decision('setting', 'name');

CREATE TRIGGER indicators_audit
AFTER INSERT OR DELETE ON vigil.indicators
FOR EACH ROW
EXECUTE FUNCTION vigil.audit_decision('indicator', 'name');

CREATE TRIGGER indicators_audit_updates
AFTER UPDATE ON vigil.indicators
FOR EACH ROW
WHEN (OLD IS DISTINCT FROM NEW)
EXECUTE FUNCTION vigil.audit_decision('indicator', 'name');

CREATE TRIGGER models_audit
AFTER INSERT OR DELETE ON vigil.models
FOR EACH ROW
EXECUTE FUNCTION vigil.audit_decision('model', 'version');

CREATE TRIGGER models_audit_updates
AFTER UPDATE ON vigil.models
FOR EACH ROW
WHEN (OLD IS DISTINCT FROM NEW)
EXECUTE FUNCTION vigil.audit_decision('model', 'version');

CREATE TRIGGER entity_types_audit
AFTER INSERT OR DELETE ON vigil.entity_types
FOR EACH ROW
EXECUTE FUNCTION vigil.audit_decision('entity type', 'type');

CREATE TRIGGER entity_types_audit_updates
AFTER UPDATE ON vigil.entity_types
FOR EACH ROW
WHEN (OLD IS DISTINCT FROM NEW)
EXECUTE FUNCTION vigil.audit_decision('entity type', 'type');

CREATE TRIGGER relationship_types_audit
AFTER INSERT OR DELETE ON vigil.relationship_types
FOR EACH ROW
EXECUTE FUNCTION vigil.audit_decision('relationship type', 'type');

CREATE TRIGGER relationship_types_audit_updates
AFTER UPDATE ON vigil.relationship_types
FOR EACH ROW
WHEN (OLD IS DISTINCT FROM NEW)
EXECUTE FUNCTION vigil.audit_decision('relationship type', 'type');

CREATE FUNCTION vigil.refuse_audit_change()
RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION 'vigil.audit_log is only ever added to'
        USING ERRCODE = 'insufficient_privilege', HINT = 'A decision that was wrong is undone by another one.';
END
$$;

COMMENT ON FUNCTION vigil.refuse_audit_change() IS 'Trigger function: nobody changes or removes a row of vigil.audit_log by mistake, not even the owner.';

CREATE TRIGGER audit_log_keep
BEFORE UPDATE OR DELETE OR TRUNCATE ON vigil.audit_log
FOR EACH STATEMENT
EXECUTE FUNCTION vigil.refuse_audit_change();

-- views/anomalies_open.sql
CREATE VIEW vigil.anomalies_open WITH (security_invoker = true) AS
SELECT
    anomaly.id,
    anomaly.severity,
    round(anomaly.anomaly_score::numeric, 2) AS score,
    anomaly.anomaly_type AS type,
    vigil.name_subject(anomaly.entity_id, anomaly.relationship_id, anomaly.subject_kind, anomaly.subject_id, anomaly.subject_type, anomaly.subject_name, 32) AS subject,
    vigil.format_age(anomaly.last_detected) AS age
FROM vigil.anomalies AS anomaly
WHERE anomaly.is_active
    AND anomaly.resolved_at IS NULL
    AND (anomaly.suppressed_until IS NULL OR anomaly.suppressed_until <= now())
    AND (anomaly.verdict IS NULL OR anomaly.verdict IN ('true_positive', 'undecided'))
ORDER BY anomaly.anomaly_score DESC, anomaly.first_detected DESC, anomaly.id DESC;

COMMENT ON VIEW vigil.anomalies_open IS 'The anomalies to look at, the strangest first: neither resolved, nor suppressed, nor judged a false positive or benign.';
COMMENT ON COLUMN vigil.anomalies_open.id IS 'Key of the anomaly, for vigil.explain_anomaly() and vigil.anomaly_dot().';
COMMENT ON COLUMN vigil.anomalies_open.severity IS 'low, medium, high or critical.';
COMMENT ON COLUMN vigil.anomalies_open.score IS 'Score, 0 to 1.';
COMMENT ON COLUMN vigil.anomalies_open.type IS 'Primary type.';
COMMENT ON COLUMN vigil.anomalies_open.subject IS 'Type and name of what is strange.';
COMMENT ON COLUMN vigil.anomalies_open.age IS 'How long ago it was last detected.';

-- views/anomalies_recent.sql
CREATE VIEW vigil.anomalies_recent WITH (security_invoker = true) AS
SELECT
    anomaly.id,
    anomaly.severity,
    round(anomaly.anomaly_score::numeric, 2) AS score,
    anomaly.anomaly_type AS type,
    vigil.name_subject(anomaly.entity_id, anomaly.relationship_id, anomaly.subject_kind, anomaly.subject_id, anomaly.subject_type, anomaly.subject_name, 20) AS subject,
    vigil.anomaly_state(anomaly.is_active, anomaly.resolved_at, anomaly.suppressed_until, anomaly.reviewed) AS state,
    vigil.format_age(anomaly.last_detected) AS age
FROM vigil.anomalies AS anomaly
ORDER BY anomaly.last_detected DESC, anomaly.id DESC;

COMMENT ON VIEW vigil.anomalies_recent IS 'All anomalies, open or not, the newest first.';
COMMENT ON COLUMN vigil.anomalies_recent.id IS 'Key of the anomaly, for vigil.explain_anomaly() and vigil.anomaly_dot().';
COMMENT ON COLUMN vigil.anomalies_recent.severity IS 'low, medium, high or critical.';
COMMENT ON COLUMN vigil.anomalies_recent.score IS 'Score, 0 to 1.';
COMMENT ON COLUMN vigil.anomalies_recent.type IS 'Primary type.';
COMMENT ON COLUMN vigil.anomalies_recent.subject IS 'Type and name of what is strange.';
COMMENT ON COLUMN vigil.anomalies_recent.state IS 'open, reviewed, suppressed or closed.';
COMMENT ON COLUMN vigil.anomalies_recent.age IS 'How long ago it was last detected.';

-- views/anomaly_detail.sql
CREATE VIEW vigil.anomaly_detail WITH (security_invoker = true) AS
SELECT
    anomaly.id,
    anomaly.severity,
    anomaly.anomaly_score,
    anomaly.peak_score,
    anomaly.p_value,
    anomaly.confidence,
    anomaly.anomaly_type,
    anomaly.all_types,
    anomaly.subject_kind,
    anomaly.subject_id,
    anomaly.subject_type,
    vigil.clean_label(coalesce(entity.name, entity.value, anomaly.subject_name), 200) AS subject_name,
    vigil.clean_label(coalesce(source_entity.name, source_entity.value), 200) AS source_name,
    vigil.clean_label(coalesce(target_entity.name, target_entity.value), 200) AS target_name,
    anomaly.description,
    anomaly.indicators,
    anomaly.recommendations,
    anomaly.first_detected,
    anomaly.last_detected,
    anomaly.occurrences,
    anomaly.is_active AND anomaly.resolved_at IS NULL AS is_open,
    vigil.anomaly_state(anomaly.is_active, anomaly.resolved_at, anomaly.suppressed_until, anomaly.reviewed) AS state,
    CASE WHEN anomaly.is_active AND anomaly.suppressed_until > now() THEN anomaly.suppressed_until END AS suppressed_until,
    CASE WHEN anomaly.is_active AND anomaly.suppressed_until > now() THEN suppression.reason END AS suppression_reason,
    coalesce(incident.merged_into, incident.id) AS incident_id,
    anomaly.resolved_at,
    anomaly.resolution,
    anomaly.verdict,
    anomaly.reviewed_by,
    anomaly.reviewed_at,
    anomaly.review_notes,
    anomaly.assigned_to,
    anomaly.detection_method,
    anomaly.model_version,
    anomaly.graph_epoch,
    vigil.explain_anomaly(anomaly.id) AS explanation
FROM vigil.anomalies AS anomaly
LEFT JOIN vigil.entities AS entity ON entity.id = anomaly.entity_id
LEFT JOIN vigil.suppressions AS suppression ON suppression.id = anomaly.suppressed_by
LEFT JOIN vigil.incidents AS incident ON incident.id = anomaly.incident_id
LEFT JOIN vigil.relationships AS relationship ON relationship.id = anomaly.relationship_id
LEFT JOIN vigil.entities AS source_entity ON source_entity.id = relationship.source_entity_id
LEFT JOIN vigil.entities AS target_entity ON target_entity.id = relationship.target_entity_id;

COMMENT ON VIEW vigil.anomaly_detail IS 'Everything about an anomaly, with names and the explanation. Read one with \x and WHERE id = ''...''.';
COMMENT ON COLUMN vigil.anomaly_detail.id IS 'Key of the anomaly.';
COMMENT ON COLUMN vigil.anomaly_detail.severity IS 'low, medium, high or critical.';
COMMENT ON COLUMN vigil.anomaly_detail.anomaly_score IS 'Newest score.';
COMMENT ON COLUMN vigil.anomaly_detail.peak_score IS 'Highest score so far.';
COMMENT ON COLUMN vigil.anomaly_detail.p_value IS 'Tail probability behind the score.';
COMMENT ON COLUMN vigil.anomaly_detail.confidence IS 'How far the answer can be trusted, 0 to 1.';
COMMENT ON COLUMN vigil.anomaly_detail.anomaly_type IS 'Primary type.';
COMMENT ON COLUMN vigil.anomaly_detail.all_types IS 'Every type that holds.';
COMMENT ON COLUMN vigil.anomaly_detail.subject_kind IS 'entity or relationship.';
COMMENT ON COLUMN vigil.anomaly_detail.subject_id IS 'Id of the subject.';
COMMENT ON COLUMN vigil.anomaly_detail.subject_type IS 'Type of the subject.';
COMMENT ON COLUMN vigil.anomaly_detail.subject_name IS 'Name of the subject: the present one, else the one at detection.';
COMMENT ON COLUMN vigil.anomaly_detail.source_name IS 'Of a relationship: name of the entity it starts from.';
COMMENT ON COLUMN vigil.anomaly_detail.target_name IS 'Of a relationship: name of the entity it leads to.';
COMMENT ON COLUMN vigil.anomaly_detail.description IS 'What is strange, in one sentence.';
COMMENT ON COLUMN vigil.anomaly_detail.indicators IS 'Names of the indicators that held.';
COMMENT ON COLUMN vigil.anomaly_detail.recommendations IS 'Next steps for an analyst.';
COMMENT ON COLUMN vigil.anomaly_detail.first_detected IS 'When it was first detected.';
COMMENT ON COLUMN vigil.anomaly_detail.last_detected IS 'When it was last detected.';
COMMENT ON COLUMN vigil.anomaly_detail.occurrences IS 'How often it has been detected.';
COMMENT ON COLUMN vigil.anomaly_detail.is_open IS 'Neither resolved nor closed.';
COMMENT ON COLUMN vigil.anomaly_detail.state IS 'open, reviewed, suppressed or closed.';
COMMENT ON COLUMN vigil.anomaly_detail.suppressed_until IS 'Until when it is suppressed; null if it is not.';
COMMENT ON COLUMN vigil.anomaly_detail.suppression_reason IS 'Why it is suppressed.';
COMMENT ON COLUMN vigil.anomaly_detail.incident_id IS 'The incident that it is a part of.';
COMMENT ON COLUMN vigil.anomaly_detail.resolved_at IS 'When it was resolved or closed.';
COMMENT ON COLUMN vigil.anomaly_detail.resolution IS 'Why it was resolved or closed.';
COMMENT ON COLUMN vigil.anomaly_detail.verdict IS 'Verdict of the review; null before one.';
COMMENT ON COLUMN vigil.anomaly_detail.reviewed_by IS 'Who judged it.';
COMMENT ON COLUMN vigil.anomaly_detail.reviewed_at IS 'When they judged it.';
COMMENT ON COLUMN vigil.anomaly_detail.review_notes IS 'What they noted.';
COMMENT ON COLUMN vigil.anomaly_detail.assigned_to IS 'Who looks after it.';
COMMENT ON COLUMN vigil.anomaly_detail.detection_method IS 'Which detectors found it.';
COMMENT ON COLUMN vigil.anomaly_detail.model_version IS 'The model that was used; null if only rules spoke.';
COMMENT ON COLUMN vigil.anomaly_detail.graph_epoch IS 'State of the graph that was scored.';
COMMENT ON COLUMN vigil.anomaly_detail.explanation IS 'The text of vigil.explain_anomaly().';

-- views/anomaly_summary.sql
CREATE VIEW vigil.anomaly_summary WITH (security_invoker = true) AS
SELECT
    kinds.type,
    count(anomaly.id) FILTER (WHERE anomaly.is_shown) AS open,
    count(*) FILTER (WHERE anomaly.is_shown AND anomaly.severity = 'critical') AS critical,
    count(*) FILTER (WHERE anomaly.is_shown AND anomaly.severity = 'high') AS high,
    count(*) FILTER (WHERE anomaly.is_shown AND anomaly.severity = 'medium') AS medium,
    count(*) FILTER (WHERE anomaly.is_shown AND anomaly.severity = 'low') AS low,
    count(*) FILTER (WHERE anomaly.is_shown AND NOT anomaly.reviewed) AS unreviewed,
    count(*) FILTER (WHERE anomaly.is_shown AND anomaly.assigned_to IS NULL) AS unassigned,
    count(*) FILTER (WHERE anomaly.is_suppressed) AS suppressed,
    vigil.format_age(max(anomaly.last_detected) FILTER (WHERE anomaly.is_shown)) AS newest
FROM unnest('{behavioral,relationship,infrastructure,data_quality,temporal,semantic}'::text[]) WITH ORDINALITY AS kinds (type, position)
LEFT JOIN (
    SELECT found.id, found.anomaly_type, found.severity, found.reviewed, found.assigned_to, found.last_detected,
        found.suppressed_until IS NOT NULL AND found.suppressed_until > now() AS is_suppressed,
        (found.suppressed_until IS NULL OR found.suppressed_until <= now())
            AND (found.verdict IS NULL OR found.verdict IN ('true_positive', 'undecided')) AS is_shown
    FROM vigil.anomalies AS found
    WHERE found.is_active AND found.resolved_at IS NULL
) AS anomaly ON anomaly.anomaly_type = kinds.type
GROUP BY kinds.type, kinds.position
ORDER BY kinds.position;

COMMENT ON VIEW vigil.anomaly_summary IS 'The open anomalies by type, as in vigil.anomalies_open, and how many are suppressed.';
COMMENT ON COLUMN vigil.anomaly_summary.type IS 'Primary type.';
COMMENT ON COLUMN vigil.anomaly_summary.open IS 'How many are to be looked at.';
COMMENT ON COLUMN vigil.anomaly_summary.critical IS 'Of these, critical ones.';
COMMENT ON COLUMN vigil.anomaly_summary.high IS 'Of these, high ones.';
COMMENT ON COLUMN vigil.anomaly_summary.medium IS 'Of these, medium ones.';
COMMENT ON COLUMN vigil.anomaly_summary.low IS 'Of these, low ones.';
COMMENT ON COLUMN vigil.anomaly_summary.unreviewed IS 'Of these, not reviewed yet.';
COMMENT ON COLUMN vigil.anomaly_summary.unassigned IS 'Of these, looked after by nobody.';
COMMENT ON COLUMN vigil.anomaly_summary.suppressed IS 'How many more are suppressed now.';
COMMENT ON COLUMN vigil.anomaly_summary.newest IS 'How long ago one was last detected.';

-- views/entity_risk.sql
CREATE VIEW vigil.entity_risk WITH (security_invoker = true) AS
SELECT
    entity.id AS entity_id,
    entity.type,
    vigil.clean_label(coalesce(entity.name, entity.value, ''), 32) AS name,
    round(score.anomaly_score::numeric, 2) AS score,
    score.severity,
    round(score.confidence::numeric, 2) AS confidence,
    round(entity.risk_score::numeric, 2) AS risk,
    metrics.degree,
    (
        SELECT count(*)
        FROM vigil.anomalies AS anomaly
        WHERE anomaly.subject_kind = 'entity' AND anomaly.subject_id = entity.id AND anomaly.is_active
    ) AS anomalies,
    vigil.format_age(score.scored_at) AS scored
FROM vigil.entities AS entity
LEFT JOIN vigil.entity_scores AS score ON score.entity_id = entity.id
LEFT JOIN vigil.entity_metrics AS metrics ON metrics.entity_id = entity.id
WHERE entity.is_active;

COMMENT ON VIEW vigil.entity_risk IS 'Each active entity with its newest score. The strangest: SELECT * FROM vigil.entity_risk ORDER BY score DESC NULLS LAST LIMIT 20.';
COMMENT ON COLUMN vigil.entity_risk.entity_id IS 'The entity.';
COMMENT ON COLUMN vigil.entity_risk.type IS 'Its type.';
COMMENT ON COLUMN vigil.entity_risk.name IS 'Its name, or else its value.';
COMMENT ON COLUMN vigil.entity_risk.score IS 'Newest anomaly score, 0 to 1; null before the first.';
COMMENT ON COLUMN vigil.entity_risk.severity IS 'Severity of that score.';
COMMENT ON COLUMN vigil.entity_risk.confidence IS 'How far the score can be trusted, 0 to 1.';
COMMENT ON COLUMN vigil.entity_risk.risk IS 'Risk that the source of the data sees in it.';
COMMENT ON COLUMN vigil.entity_risk.degree IS 'Distinct neighbours.';
COMMENT ON COLUMN vigil.entity_risk.anomalies IS 'Open anomalies.';
COMMENT ON COLUMN vigil.entity_risk.scored IS 'How long ago it was scored.';

-- views/relationship_risk.sql
-- The sidecar keeps no score of a relationship that is not strange: what there is are anomalies.
CREATE VIEW vigil.relationship_risk WITH (security_invoker = true) AS
SELECT
    relationship.id AS relationship_id,
    vigil.clean_label(relationship.type, 18) AS type,
    vigil.clean_label(coalesce(source_entity.name, source_entity.value, source_entity.type || ' ' || source_entity.id), 22) AS source,
    vigil.clean_label(coalesce(target_entity.name, target_entity.value, target_entity.type || ' ' || target_entity.id), 22) AS target,
    round(worst.anomaly_score::numeric, 2) AS score,
    worst.severity,
    round(source_score.anomaly_score::numeric, 2) AS source_score,
    round(target_score.anomaly_score::numeric, 2) AS target_score
FROM vigil.relationships AS relationship
JOIN vigil.entities AS source_entity ON source_entity.id = relationship.source_entity_id
JOIN vigil.entities AS target_entity ON target_entity.id = relationship.target_entity_id
LEFT JOIN vigil.entity_scores AS source_score ON source_score.entity_id = relationship.source_entity_id
LEFT JOIN vigil.entity_scores AS target_score ON target_score.entity_id = relationship.target_entity_id
LEFT JOIN LATERAL (
    SELECT anomaly.anomaly_score, anomaly.severity
    FROM vigil.anomalies AS anomaly
    WHERE anomaly.subject_kind = 'relationship' AND anomaly.subject_id = relationship.id AND anomaly.is_active
    -- Not by the index of all scores.
    ORDER BY anomaly.anomaly_score + 0 DESC
    LIMIT 1
) AS worst ON true
WHERE relationship.is_active;

COMMENT ON VIEW vigil.relationship_risk IS 'Each active relationship with its open anomaly, if it has one, and the scores of its ends. The strangest: SELECT * FROM vigil.relationship_risk ORDER BY score DESC NULLS LAST, greatest(source_score, target_score) DESC NULLS LAST LIMIT 20.';
COMMENT ON COLUMN vigil.relationship_risk.relationship_id IS 'The relationship.';
COMMENT ON COLUMN vigil.relationship_risk.type IS 'Its type.';
COMMENT ON COLUMN vigil.relationship_risk.source IS 'The entity that it starts from.';
COMMENT ON COLUMN vigil.relationship_risk.target IS 'The entity that it leads to.';
COMMENT ON COLUMN vigil.relationship_risk.score IS 'Score of its open anomaly; null if it has none: other scores of relationships are not kept.';
COMMENT ON COLUMN vigil.relationship_risk.severity IS 'Severity of that anomaly.';
COMMENT ON COLUMN vigil.relationship_risk.source_score IS 'Newest score of the entity that it starts from.';
COMMENT ON COLUMN vigil.relationship_risk.target_score IS 'Newest score of the entity that it leads to.';

-- views/incidents_open.sql
CREATE VIEW vigil.incidents_open WITH (security_invoker = true) AS
SELECT
    grouped.incident_id AS incident,
    CASE grouped.rank WHEN 4 THEN 'critical' WHEN 3 THEN 'high' WHEN 2 THEN 'medium' ELSE 'low' END AS severity,
    round(grouped.score::numeric, 2) AS score,
    grouped.open,
    vigil.clean_label(array_to_string(grouped.names[1:2], ', ')
        || CASE WHEN cardinality(grouped.names) > 2 THEN ' and ' || cardinality(grouped.names) - 2 || ' more' ELSE '' END, 38) AS subjects,
    vigil.clean_label(incident.assigned_to, 12) AS assigned_to,
    vigil.format_age(grouped.first_detected) AS began,
    vigil.format_age(grouped.last_detected) AS latest
FROM (
    SELECT subject.incident_id, max(subject.score) AS score, sum(subject.open)::bigint AS open, max(subject.rank) AS rank,
        array_agg(subject.name ORDER BY subject.score DESC, subject.name) AS names,
        min(subject.first_detected) AS first_detected, max(subject.last_detected) AS last_detected
    FROM (
        SELECT coalesce(own.merged_into, own.id) AS incident_id,
            max(coalesce(anomaly.subject_name, anomaly.subject_kind || ' ' || anomaly.subject_id)) AS name,
            max(anomaly.anomaly_score) AS score, count(*) AS open,
            max(CASE anomaly.severity WHEN 'critical' THEN 4 WHEN 'high' THEN 3 WHEN 'medium' THEN 2 ELSE 1 END) AS rank,
            min(anomaly.first_detected) AS first_detected, max(anomaly.last_detected) AS last_detected
        FROM vigil.anomalies AS anomaly
        JOIN vigil.incidents AS own ON own.id = anomaly.incident_id
        WHERE anomaly.is_active AND anomaly.resolved_at IS NULL
            AND (anomaly.suppressed_until IS NULL OR anomaly.suppressed_until <= now())
            AND (anomaly.verdict IS NULL OR anomaly.verdict IN ('true_positive', 'undecided'))
        GROUP BY 1, anomaly.subject_kind, anomaly.subject_id
    ) AS subject
    GROUP BY subject.incident_id
) AS grouped
JOIN vigil.incidents AS incident ON incident.id = grouped.incident_id
ORDER BY grouped.score DESC, grouped.last_detected DESC, grouped.incident_id;

COMMENT ON VIEW vigil.incidents_open IS 'The incidents with anomalies to look at, the strangest first.';
COMMENT ON COLUMN vigil.incidents_open.incident IS 'Key of the incident, for vigil.incident_anomalies() and vigil.review_incident().';
COMMENT ON COLUMN vigil.incidents_open.severity IS 'Highest severity of its open anomalies.';
COMMENT ON COLUMN vigil.incidents_open.score IS 'Highest score of its open anomalies.';
COMMENT ON COLUMN vigil.incidents_open.open IS 'Its open anomalies.';
COMMENT ON COLUMN vigil.incidents_open.subjects IS 'What is strange, the strangest first.';
COMMENT ON COLUMN vigil.incidents_open.assigned_to IS 'Who looks after it.';
COMMENT ON COLUMN vigil.incidents_open.began IS 'How long ago its oldest open anomaly was first detected.';
COMMENT ON COLUMN vigil.incidents_open.latest IS 'How long ago one of them was last detected.';

-- views/suppressions_active.sql
CREATE VIEW vigil.suppressions_active WITH (security_invoker = true) AS
SELECT
    suppression.id,
    vigil.clean_label(concat_ws(', ',
        'entity ' || suppression.entity_id, 'relationship ' || suppression.relationship_id,
        'of type ' || suppression.subject_type, suppression.anomaly_type,
        'only ' || suppression.indicator, 'named ' || suppression.name_pattern), 34) AS what,
    (
        SELECT count(*) FROM vigil.anomalies AS anomaly
        WHERE anomaly.suppressed_by = suppression.id AND anomaly.is_active
    ) AS silenced,
    vigil.clean_label(suppression.reason, 30) AS reason,
    vigil.clean_label(suppression.created_by, 16) AS by,
    CASE WHEN isfinite(suppression.expires_at) THEN to_char(suppression.expires_at, 'YYYY-MM-DD HH24:MI') ELSE 'never' END AS ends
FROM vigil.suppressions AS suppression
WHERE suppression.lifted_at IS NULL AND suppression.expires_at > now()
ORDER BY suppression.expires_at, suppression.id;

COMMENT ON VIEW vigil.suppressions_active IS 'The suppressions in force, the one that ends next first.';
COMMENT ON COLUMN vigil.suppressions_active.id IS 'Key of the suppression, for vigil.lift_suppression().';
COMMENT ON COLUMN vigil.suppressions_active.what IS 'Which anomalies it is about.';
COMMENT ON COLUMN vigil.suppressions_active.silenced IS 'How many anomalies would be open without it.';
COMMENT ON COLUMN vigil.suppressions_active.reason IS 'Why.';
COMMENT ON COLUMN vigil.suppressions_active.by IS 'Who suppressed them.';
COMMENT ON COLUMN vigil.suppressions_active.ends IS 'When it ends by itself.';

-- views/decisions_recent.sql
CREATE VIEW vigil.decisions_recent WITH (security_invoker = true) AS
SELECT
    log.seq,
    vigil.format_age(log.at) AS age,
    vigil.clean_label(log.actor, 14) AS actor,
    log.action,
    vigil.clean_label(CASE log.object_kind WHEN 'anomaly' THEN coalesce(anomaly.subject_name, log.object_id) ELSE log.object_id END, 24) AS object,
    vigil.clean_label(CASE
        WHEN log.action IN ('review', 'undo review') THEN
            concat_ws(' -> ', coalesce(log.before ->> 'verdict', 'none'), coalesce(log.after ->> 'verdict', 'none'))
        WHEN log.action IN ('assign', 'unassign') THEN
            concat_ws(' -> ', coalesce(log.before ->> 'assigned_to', 'nobody'), coalesce(log.after ->> 'assigned_to', 'nobody'))
        WHEN log.object_kind = 'setting' THEN concat_ws(' -> ', log.before #>> '{}', log.after #>> '{}')
        WHEN log.object_kind = 'suppression' THEN coalesce(log.after ->> 'lift_reason', log.after ->> 'reason')
        WHEN log.object_kind = 'model' THEN concat_ws(' -> ', log.before ->> 'state', log.after ->> 'state')
        WHEN log.before IS NOT NULL AND log.after IS NOT NULL AND jsonb_typeof(log.before) = 'object' THEN (
            SELECT string_agg(key, ', ' ORDER BY key) FROM jsonb_each(log.after) AS field (key, value)
            WHERE value IS DISTINCT FROM log.before -> key)
    END, 32) AS change
FROM vigil.audit_log AS log
LEFT JOIN vigil.anomalies AS anomaly ON anomaly.id = CASE log.object_kind WHEN 'anomaly' THEN log.object_id::uuid END
ORDER BY log.seq DESC;

COMMENT ON VIEW vigil.decisions_recent IS 'The decisions of vigil.audit_log in one line each, the newest first.';
COMMENT ON COLUMN vigil.decisions_recent.seq IS 'Number of the decision.';
COMMENT ON COLUMN vigil.decisions_recent.age IS 'How long ago.';
COMMENT ON COLUMN vigil.decisions_recent.actor IS 'Who decided.';
COMMENT ON COLUMN vigil.decisions_recent.action IS 'What was done.';
COMMENT ON COLUMN vigil.decisions_recent.object IS 'What it was done to; of an anomaly the name of its subject.';
COMMENT ON COLUMN vigil.decisions_recent.change IS 'From what to what, the reason, or what was changed.';

-- functions/anomaly.sql
CREATE FUNCTION vigil.anomaly(id uuid)
RETURNS SETOF vigil.anomaly_detail
LANGUAGE plpgsql STABLE ROWS 1
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN QUERY SELECT * FROM vigil.anomaly_detail AS detail WHERE detail.id = anomaly.id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no anomaly %', coalesce(anomaly.id::text, 'NULL')
            USING ERRCODE = 'no_data_found', HINT = 'See SELECT * FROM vigil.anomalies_recent.';
    END IF;
END
$$;

COMMENT ON FUNCTION vigil.anomaly(uuid) IS 'Everything about one anomaly: the row of vigil.anomaly_detail. Reads well with \x.';

-- views/feed_health.sql
CREATE VIEW vigil.feed_health WITH (security_invoker = true) AS
SELECT
    lag.lag_rows,
    lag.lag_milliseconds,
    EXISTS (
        SELECT FROM vigil.sidecars AS sidecar
        WHERE vigil.sidecar_is_alive(sidecar.heartbeat_at, sidecar.state)
    ) AS sidecar_alive,
    coalesce(pg_catalog.pg_sequence_last_value('vigil.feed_doorbell') = 1, false) AS armed,
    oldest.transaction AS oldest_open_transaction,
    oldest.pid AS oldest_open_pid,
    vigil.current_epoch() AS epoch,
    state.epoch_seen,
    state.snapshot AS last_snapshot,
    state.last_batch_at,
    state.last_batch_changes,
    state.batches,
    state.changes,
    state.replays,
    state.loaded_at
FROM vigil.feed_state AS state
CROSS JOIN vigil.measure_lag() AS lag
LEFT JOIN LATERAL (
    SELECT open.transaction, lock.pid
    FROM (
        SELECT min(xid) AS transaction
        FROM pg_catalog.pg_snapshot_xip(pg_catalog.pg_current_snapshot()) AS xip (xid)
    ) AS open
    LEFT JOIN pg_catalog.pg_locks AS lock
        ON lock.locktype = 'transactionid' AND lock.granted AND lock.mode = 'ExclusiveLock'
        AND lock.transactionid = open.transaction::xid
    LIMIT 1
) AS oldest ON true;

COMMENT ON VIEW vigil.feed_health IS 'How the change feed stands: one row.';
COMMENT ON COLUMN vigil.feed_health.lag_rows IS 'Rows written and not yet read, counted up to 100,000 a table; null if nothing has been loaded.';
COMMENT ON COLUMN vigil.feed_health.lag_milliseconds IS 'How long the oldest of them has waited.';
COMMENT ON COLUMN vigil.feed_health.sidecar_alive IS 'A sidecar has given a sign of life lately.';
COMMENT ON COLUMN vigil.feed_health.armed IS 'The reader sleeps, and writers ring the doorbell.';
COMMENT ON COLUMN vigil.feed_health.oldest_open_transaction IS 'The oldest transaction that has written something in this cluster and is still open; its changes are read when it commits.';
COMMENT ON COLUMN vigil.feed_health.oldest_open_pid IS 'The server process of that transaction; null if it is a prepared one.';
COMMENT ON COLUMN vigil.feed_health.epoch IS 'The current epoch.';
COMMENT ON COLUMN vigil.feed_health.epoch_seen IS 'The epoch that has been loaded; if it is another one, a full reload is due.';
COMMENT ON COLUMN vigil.feed_health.last_snapshot IS 'Everything visible in this snapshot has been read.';
COMMENT ON COLUMN vigil.feed_health.last_batch_at IS 'When the last batch was committed.';
COMMENT ON COLUMN vigil.feed_health.last_batch_changes IS 'Changes in that batch.';
COMMENT ON COLUMN vigil.feed_health.batches IS 'Batches read since the installation.';
COMMENT ON COLUMN vigil.feed_health.changes IS 'Changes read since the installation.';
COMMENT ON COLUMN vigil.feed_health.replays IS 'Batches that were read again after a failure.';
COMMENT ON COLUMN vigil.feed_health.loaded_at IS 'When the graph was last loaded as a whole.';

-- views/sidecar_status.sql
CREATE VIEW vigil.sidecar_status WITH (security_invoker = true) AS
SELECT
    vigil.clean_label(sidecar.host, 24) AS host,
    sidecar.pid,
    CASE
        WHEN vigil.sidecar_is_alive(sidecar.heartbeat_at, sidecar.state) THEN sidecar.state
        WHEN sidecar.state = 'stopped' THEN 'stopped'
        ELSE 'dead'
    END AS state,
    vigil.format_age(sidecar.heartbeat_at) AS heartbeat,
    vigil.format_age(sidecar.started_at) AS started,
    sidecar.version,
    sidecar.node_count AS entities,
    sidecar.edge_count AS relationships,
    sidecar.model_version AS model
FROM vigil.sidecars AS sidecar
ORDER BY sidecar.heartbeat_at DESC;

COMMENT ON VIEW vigil.sidecar_status IS 'The sidecars that work or have worked on this database, the most recent first.';
COMMENT ON COLUMN vigil.sidecar_status.host IS 'Machine.';
COMMENT ON COLUMN vigil.sidecar_status.pid IS 'Process id.';
COMMENT ON COLUMN vigil.sidecar_status.state IS 'What it is doing; dead: it has missed three heartbeats.';
COMMENT ON COLUMN vigil.sidecar_status.heartbeat IS 'How long ago it gave a sign of life.';
COMMENT ON COLUMN vigil.sidecar_status.started IS 'How long ago it was started.';
COMMENT ON COLUMN vigil.sidecar_status.version IS 'Its version.';
COMMENT ON COLUMN vigil.sidecar_status.entities IS 'Entities in its graph.';
COMMENT ON COLUMN vigil.sidecar_status.relationships IS 'Relationships in its graph.';
COMMENT ON COLUMN vigil.sidecar_status.model IS 'The model that it scores with.';

-- views/metric_status.sql
CREATE VIEW vigil.metric_status WITH (security_invoker = true) AS
SELECT
    health.metric,
    health.method,
    vigil.format_age(health.as_of) AS age,
    CASE health.error_bound WHEN 0 THEN 'exact' ELSE health.error_bound::real::text END AS error,
    round((1 - health.error_probability)::numeric, 3) AS certainty,
    health.sample_count AS samples,
    round(health.seconds::numeric, 3) AS seconds,
    vigil.format_age(health.audited_at) AS audited,
    health.audited_count AS compared,
    health.largest_difference AS largest,
    vigil.clean_label(health.note, 60) AS note
FROM vigil.metric_health AS health
ORDER BY health.method = 'recomputed' DESC, health.method <> 'incremental', health.metric;

COMMENT ON VIEW vigil.metric_status IS 'How each graph metric is kept, how fresh and how good it is; those that an audit had to switch to recomputation first.';
COMMENT ON COLUMN vigil.metric_status.metric IS 'Name of the metric, as the column of vigil.entity_metrics.';
COMMENT ON COLUMN vigil.metric_status.method IS 'incremental, exact, sampled or recomputed: see vigil.metric_health.';
COMMENT ON COLUMN vigil.metric_status.age IS 'How long ago the values were true.';
COMMENT ON COLUMN vigil.metric_status.error IS 'How far they are off at most; null: no bound is known.';
COMMENT ON COLUMN vigil.metric_status.certainty IS 'Probability of that bound; null: certain.';
COMMENT ON COLUMN vigil.metric_status.samples IS 'Size of the sample.';
COMMENT ON COLUMN vigil.metric_status.seconds IS 'What the last computation from the whole graph took.';
COMMENT ON COLUMN vigil.metric_status.audited IS 'How long ago kept values were compared with recomputed ones.';
COMMENT ON COLUMN vigil.metric_status.compared IS 'Values compared so far.';
COMMENT ON COLUMN vigil.metric_status.largest IS 'The largest difference found.';
COMMENT ON COLUMN vigil.metric_status.note IS 'What an administrator should know.';

-- views/model_status.sql
CREATE VIEW vigil.model_status WITH (security_invoker = true) AS
SELECT
    model.version,
    model.kind,
    model.state,
    pg_catalog.pg_size_pretty(octet_length(model.archive)::bigint) AS size,
    vigil.format_age(model.created_at) AS created,
    vigil.format_age(model.activated_at) AS activated,
    vigil.clean_label(model.note, 40) AS note
FROM vigil.models AS model
ORDER BY model.kind, model.state = 'active' DESC, model.created_at DESC;

COMMENT ON VIEW vigil.model_status IS 'The models: of each kind the active one first, then the newest.';
COMMENT ON COLUMN vigil.model_status.version IS 'Version of the model.';
COMMENT ON COLUMN vigil.model_status.kind IS 'What it scores.';
COMMENT ON COLUMN vigil.model_status.state IS 'candidate, active or retired.';
COMMENT ON COLUMN vigil.model_status.size IS 'Size of the model file.';
COMMENT ON COLUMN vigil.model_status.created IS 'How long ago it was trained.';
COMMENT ON COLUMN vigil.model_status.activated IS 'How long ago it was made active.';
COMMENT ON COLUMN vigil.model_status.note IS 'Free text.';

-- functions/make_policies.sql
-- A right alone shows no rows: each table has row-level security, and a policy only for the rights that
-- Vigil's own roles were given. So a stray GRANT on all tables opens nothing. The exception are
-- the two tables that others fill: there the rights decide. The owner is bound by none.
CREATE FUNCTION vigil.make_policies()
RETURNS integer
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    wanted record;
    made integer := 0;
BEGIN
    FOR wanted IN
        SELECT relation.oid::regclass AS relation, 'writers' AS policy, 'ALL' AS verb, 'PUBLIC' AS grantee
        FROM pg_class AS relation
        WHERE relation.oid IN ('vigil.entities'::regclass, 'vigil.relationships'::regclass)
        UNION ALL
        SELECT DISTINCT relation.oid::regclass, role.rolname || '_' || lower(acl.privilege_type), acl.privilege_type, quote_ident(role.rolname)
        FROM pg_class AS relation
        CROSS JOIN LATERAL (
            SELECT * FROM aclexplode(relation.relacl)
            UNION
            SELECT of_column.* FROM pg_attribute AS attribute CROSS JOIN LATERAL aclexplode(attribute.attacl) AS of_column
            WHERE attribute.attrelid = relation.oid
        ) AS acl
        JOIN pg_roles AS role ON role.oid = acl.grantee
        WHERE relation.relnamespace = 'vigil'::regnamespace AND relation.relkind IN ('r', 'p')
            AND acl.privilege_type IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
            AND role.rolname IN ('vigil_reader', 'vigil_analyst', 'vigil_admin', 'vigil_sidecar')
            AND relation.oid NOT IN ('vigil.entities'::regclass, 'vigil.relationships'::regclass)
        ORDER BY 1, 2
    LOOP
        CONTINUE WHEN EXISTS (SELECT FROM pg_policy WHERE polrelid = wanted.relation AND polname = wanted.policy);
        EXECUTE format('CREATE POLICY %I ON %s FOR %s TO %s %s %s', wanted.policy, wanted.relation, wanted.verb, wanted.grantee,
            CASE WHEN wanted.verb <> 'INSERT' THEN 'USING (true)' END,
            CASE WHEN wanted.verb IN ('ALL', 'INSERT', 'UPDATE') THEN 'WITH CHECK (true)' END);
        made := made + 1;
    END LOOP;
    RETURN made;
END
$$;

COMMENT ON FUNCTION vigil.make_policies() IS 'Makes the policies that are missing for the rights that Vigil''s roles have, and returns how many it made. For the owner of Vigil.';

-- views/attached_tables.sql
CREATE VIEW vigil.attached_tables WITH (security_invoker = true) AS
SELECT
    attachment.id AS attachment,
    coalesce(relation.oid::regclass::text, attachment.table_name) AS attached,
    CASE attachment.kind WHEN 'e' THEN 'entities' ELSE 'relationships' END AS mirrored_as,
    CASE
        WHEN relation.oid IS NULL THEN 'the table is gone'
        WHEN hung.strangers > 0 THEN 'needs vigil.adopt_attachments()'
        WHEN hung.disabled > 0 THEN 'a trigger is disabled'
        WHEN lost.statements > 0 THEN 'needs CALL vigil.backfill()'
        WHEN attachment.filled_at IS NOT NULL THEN 'following'
        WHEN attachment.fill_advanced_at IS NULL THEN 'to be filled'
        WHEN attachment.fill_advanced_at < now() - interval '1 minute' THEN 'back-fill interrupted'
        ELSE 'being filled'
    END AS state,
    CASE
        WHEN attachment.filled_at IS NOT NULL THEN 100
        WHEN attachment.fill_rows_expected > 0 THEN least(99, 100 * attachment.fill_rows / attachment.fill_rows_expected)
    END::integer AS filled_percent,
    attachment.fill_rows AS filled_rows,
    waiting.rows AS pending,
    parked.rows AS parked,
    rejected.rows AS rejected,
    rejected.reason AS last_reason,
    attachment.options - 'is_sensitive' AS options,
    attachment.attached_by,
    attachment.attached_at
FROM vigil.attachments AS attachment
LEFT JOIN pg_catalog.pg_class AS relation ON relation.oid = vigil.attached_table(attachment.id)
LEFT JOIN LATERAL (
    SELECT count(*) FILTER (WHERE tgenabled = 'D') AS disabled,
        count(*) FILTER (WHERE proowner <> (SELECT relowner FROM pg_catalog.pg_class WHERE oid = 'vigil.entities'::regclass)) AS strangers
    FROM pg_catalog.pg_trigger JOIN pg_catalog.pg_proc ON pg_proc.oid = tgfoid
    WHERE tgrelid = relation.oid AND tgname ~ ('^vigil_mirror_[12]_' || attachment.id || '_')
) AS hung ON true
LEFT JOIN LATERAL (
    SELECT coalesce(sum(row_count), 0)::bigint AS rows FROM vigil.pending_rows WHERE attachment_id = attachment.id
) AS waiting ON true
LEFT JOIN LATERAL (
    SELECT count(*) AS rows FROM vigil.parked_relationships WHERE attachment_id = attachment.id
) AS parked ON true
LEFT JOIN LATERAL (
    SELECT count(*) AS rows, (array_agg(reason ORDER BY rejected_at DESC))[1] AS reason FROM vigil.rejected_rows WHERE attachment_id = attachment.id
) AS rejected ON true
LEFT JOIN LATERAL (
    SELECT count(*) AS statements FROM vigil.rejected_rows WHERE attachment_id = attachment.id AND key IS NULL
) AS lost ON true
ORDER BY attachment.id;

COMMENT ON VIEW vigil.attached_tables IS 'The attached tables: how their rows are mirrored, how far the back-fill is, what waits and what was set aside.';
COMMENT ON COLUMN vigil.attached_tables.attachment IS 'Number of the attachment.';
COMMENT ON COLUMN vigil.attached_tables.attached IS 'The table, as it is called now.';
COMMENT ON COLUMN vigil.attached_tables.mirrored_as IS 'entities or relationships.';
COMMENT ON COLUMN vigil.attached_tables.state IS 'to be filled, being filled, back-fill interrupted (CALL vigil.backfill() goes on), following, or what is wrong.';
COMMENT ON COLUMN vigil.attached_tables.filled_percent IS 'How far the back-fill is; null: the size of the table is not known (ANALYZE tells).';
COMMENT ON COLUMN vigil.attached_tables.filled_rows IS 'Rows that this pass of the back-fill has taken up.';
COMMENT ON COLUMN vigil.attached_tables.pending IS 'Rows that wait in vigil.pending_rows.';
COMMENT ON COLUMN vigil.attached_tables.parked IS 'Relationships whose source or target is not there yet (vigil.parked_relationships).';
COMMENT ON COLUMN vigil.attached_tables.rejected IS 'Rows that could not be mirrored (vigil.rejected_rows).';
COMMENT ON COLUMN vigil.attached_tables.last_reason IS 'Why the last one of them could not be mirrored.';
COMMENT ON COLUMN vigil.attached_tables.options IS 'The columns and expressions, as they were given.';
COMMENT ON COLUMN vigil.attached_tables.attached_by IS 'Who attached it.';
COMMENT ON COLUMN vigil.attached_tables.attached_at IS 'When it was attached.';

-- functions/grant_roles.sql
CREATE FUNCTION vigil.grant_roles()
RETURNS text[]
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    -- What the sidecar finds, and nothing of what people decide about it.
    finding CONSTANT text := 'id, subject_kind, subject_id, subject_type, subject_name, entity_id, relationship_id, anomaly_type, all_types,
        anomaly_score, peak_score, p_value, confidence, severity, description, explanation, subgraph, detection_method, indicators,
        recommendations, model_version, graph_epoch, first_detected, last_detected, occurrences, is_active, resolved_at, resolution,
        created_at, updated_at';
    grants CONSTANT text[] := ARRAY[
        ['vigil_reader', 'USAGE ON SCHEMA vigil'],
        ['vigil_reader', 'SELECT ON vigil.settings, vigil.entity_types, vigil.relationship_types'],
        ['vigil_reader', 'SELECT ON vigil.entities, vigil.relationships, vigil.observation_history'],
        ['vigil_reader', 'SELECT ON vigil.feed_state, vigil.feed_epochs, vigil.sidecars, vigil.metric_health'],
        ['vigil_reader', 'SELECT ON vigil.entity_metrics, vigil.entity_scores, vigil.indicators, vigil.anomalies, vigil.models'],
        ['vigil_reader', 'SELECT ON vigil.anomaly_counts, vigil.reviews, vigil.suppressions, vigil.incidents, vigil.model_activations'],
        ['vigil_reader', 'SELECT ON vigil.audit_log, vigil.audit_head'],
        ['vigil_reader', 'SELECT ON vigil.anomalies_open, vigil.anomalies_recent, vigil.anomaly_detail, vigil.anomaly_summary'],
        ['vigil_reader', 'SELECT ON vigil.entity_risk, vigil.relationship_risk'],
        ['vigil_reader', 'SELECT ON vigil.incidents_open, vigil.suppressions_active, vigil.decisions_recent'],
        ['vigil_reader', 'SELECT ON vigil.feed_health, vigil.sidecar_status, vigil.model_status, vigil.metric_status'],
        ['vigil_reader', 'SELECT ON vigil.attachments, vigil.pending_rows, vigil.parked_relationships, vigil.rejected_rows, vigil.attached_tables'],
        ['vigil_reader', 'EXECUTE ON FUNCTION vigil.attached_table(integer)'],
        ['vigil_reader', 'EXECUTE ON FUNCTION vigil.version(), vigil.get_setting(text), vigil.current_epoch(), vigil.measure_lag()'],
        ['vigil_reader', 'EXECUTE ON FUNCTION vigil.clean_label(text, integer), vigil.quote_dot(text), vigil.format_age(timestamptz)'],
        ['vigil_reader', 'EXECUTE ON FUNCTION vigil.format_number(jsonb, integer), vigil.parse_id(jsonb), vigil.history_slot(timestamptz)'],
        ['vigil_reader', 'EXECUTE ON FUNCTION vigil.check_words(text, text[], text[]), vigil.check_length(text, text, integer)'],
        ['vigil_reader', 'EXECUTE ON FUNCTION vigil.anomaly_state(boolean, timestamptz, timestamptz, boolean)'],
        ['vigil_reader', 'EXECUTE ON FUNCTION vigil.sidecar_is_alive(timestamptz, text), vigil.find_unread_change(bigint)'],
        ['vigil_reader', 'EXECUTE ON FUNCTION vigil.find_unread_changes(bigint[]), vigil.await_scores(bigint[], integer)'],
        ['vigil_reader', 'EXECUTE ON FUNCTION vigil.find_neighbourhood(bigint[], integer, integer), vigil.live_subgraph(uuid, integer, integer)'],
        ['vigil_reader', 'EXECUTE ON FUNCTION vigil.detect_entity(bigint, integer), vigil.explain_anomaly(uuid), vigil.anomaly_dot(uuid, integer)'],
        ['vigil_reader', 'EXECUTE ON FUNCTION vigil.detect_batch(bigint[], integer), vigil.detect_behavior(bigint, integer)'],
        ['vigil_reader', 'EXECUTE ON FUNCTION vigil.detect_relationship(bigint, integer)'],
        ['vigil_reader', 'EXECUTE ON FUNCTION vigil.list_anomalies(text, text, text, text, bigint, bigint, text, timestamptz, timestamptz,
            double precision, double precision, text, bigint, text, text, text, integer)'],
        ['vigil_reader', 'EXECUTE ON FUNCTION vigil.anomaly_cursor(uuid, text), vigil.parse_cursor(text, text), vigil.anomaly(uuid)'],
        ['vigil_reader', 'EXECUTE ON FUNCTION vigil.name_subject(bigint, bigint, text, bigint, text, text, integer)'],
        ['vigil_reader', 'EXECUTE ON FUNCTION vigil.entity_anomalies(bigint, integer), vigil.anomaly_stats(integer)'],
        ['vigil_reader', 'EXECUTE ON FUNCTION vigil.root_incident(bigint), vigil.check_incident(bigint), vigil.incident_anomalies(bigint, text, integer)'],
        ['vigil_reader', 'EXECUTE ON FUNCTION vigil.verify_audit(text), vigil.audit_anchor()'],
        ['vigil_reader', 'EXECUTE ON FUNCTION vigil.hash_decision(bytea, bigint, timestamptz, text, text, text, text, text, jsonb, jsonb)'],
        ['vigil_analyst', 'EXECUTE ON FUNCTION vigil.review_anomaly(uuid, text, text), vigil.review_anomalies(uuid[], text, text)'],
        ['vigil_analyst', 'EXECUTE ON FUNCTION vigil.undo_review(uuid), vigil.review_incident(bigint, text, text)'],
        ['vigil_analyst', 'EXECUTE ON FUNCTION vigil.assign_anomaly(uuid, text), vigil.assign_anomalies(uuid[], text), vigil.assign_incident(bigint, text)'],
        ['vigil_analyst', 'EXECUTE ON FUNCTION vigil.suppress_anomalies(text, bigint, bigint, text, text, text, text, timestamptz)'],
        ['vigil_analyst', 'EXECUTE ON FUNCTION vigil.lift_suppression(bigint, text), vigil.merge_incidents(bigint, bigint[])'],
        ['vigil_admin', 'UPDATE (value, updated_at) ON vigil.settings'],
        ['vigil_admin', 'INSERT, UPDATE, DELETE ON vigil.indicators, vigil.models, vigil.entity_types, vigil.relationship_types'],
        ['vigil_admin', 'UPDATE ON SEQUENCE vigil.feed_doorbell'],
        ['vigil_admin', 'EXECUTE ON FUNCTION vigil.arm_feed(boolean), vigil.drop_old_history()'],
        ['vigil_admin', 'EXECUTE ON FUNCTION vigil.activate_model(text), vigil.switch_model(text, text), vigil.rollback_model(text)'],
        ['vigil_admin', 'EXECUTE ON FUNCTION vigil.attach_entities(regclass, text, text, text, text, text, text, text, text, text, text, text, text, text, text, text, boolean)'],
        ['vigil_admin', 'EXECUTE ON FUNCTION vigil.attach_relationships(regclass, text, text, text, regclass, regclass, text, text, text, text, text, text, text, text, text, text, text, boolean)'],
        ['vigil_admin', 'EXECUTE ON FUNCTION vigil.attach_table("char", regclass, jsonb, text, regclass, regclass, boolean), vigil.check_attachable(regclass), vigil.drop_probes()'],
        ['vigil_admin', 'EXECUTE ON FUNCTION vigil.find_key(regclass, text), vigil.find_end(regclass, text, text, regclass), vigil.split_columns(regclass, text)'],
        ['vigil_admin', 'EXECUTE ON FUNCTION vigil.key_expression(text[], text[]), vigil.check_expression(regclass, text, text, text), vigil.vet_probe(oid, oid)'],
        ['vigil_admin', 'EXECUTE ON FUNCTION vigil.register_attachment("char", regclass, regclass, regclass, text, jsonb, text[], text[], integer, integer, integer, integer)'],
        ['vigil_admin', 'EXECUTE ON FUNCTION vigil.hang_triggers(integer, "char", regclass), vigil.seal_attachment(integer), vigil.lend_attachment(integer)'],
        ['vigil_admin', 'EXECUTE ON FUNCTION vigil.cover_partitions(regclass), vigil.detach_attachment(integer, boolean), vigil.detach(regclass, boolean)'],
        ['vigil_admin', 'EXECUTE ON FUNCTION vigil.forget_attachment(integer, boolean), vigil.mirror_pending(integer)'],
        ['vigil_admin', 'EXECUTE ON FUNCTION vigil.restart_fill(regclass, integer), vigil.fill_batch(regclass, integer)'],
        ['vigil_admin', 'EXECUTE ON FUNCTION vigil.fill_attachment(integer, vigil.mirrored_entity[], vigil.mirrored_relationship[], bigint[], text[], jsonb, text[], bigint[], boolean)'],
        ['vigil_admin', 'EXECUTE ON PROCEDURE vigil.backfill(regclass, integer)'],
        ['vigil_sidecar', 'EXECUTE ON FUNCTION vigil.mirror_pending(integer)'],
        ['vigil_sidecar', 'INSERT, UPDATE, DELETE ON vigil.entity_metrics, vigil.entity_scores, vigil.sidecars, vigil.metric_health'],
        ['vigil_sidecar', format('INSERT (%s), UPDATE (%s) ON vigil.anomalies', finding, finding)],
        -- Not to write it, which a trigger prevents: who has no right to update cannot lock a row either,
        -- and the sidecar holds an entity while it writes what it found about it.
        ['vigil_sidecar', 'UPDATE (inserted_xid) ON vigil.entities'],
        ['vigil_sidecar', 'UPDATE ON vigil.feed_state'],
        ['vigil_sidecar', 'UPDATE ON SEQUENCE vigil.feed_doorbell'],
        ['vigil_sidecar', 'EXECUTE ON FUNCTION vigil.arm_feed(boolean), vigil.drop_old_history()']
    ];
    granted text[] := '{}';
    wanted record;
BEGIN
    FOR wanted IN
        SELECT grants[nth][1] AS role, grants[nth][2] AS privilege
        FROM generate_subscripts(grants, 1) AS nth
        WHERE EXISTS (SELECT FROM pg_roles WHERE rolname = grants[nth][1])
        ORDER BY nth
    LOOP
        EXECUTE format('GRANT %s TO %I', wanted.privilege, wanted.role);
        IF wanted.role <> ALL (granted) THEN
            granted := granted || wanted.role;
        END IF;
    END LOOP;
    PERFORM vigil.make_policies();
    RETURN granted;
END
$$;

COMMENT ON FUNCTION vigil.grant_roles() IS 'Gives those of the roles vigil_reader, vigil_analyst, vigil_admin and vigil_sidecar that exist their rights and policies, and returns them. For the owner of Vigil; the installation calls it.';

-- roles/grants.sql
REVOKE ALL ON ALL TABLES IN SCHEMA vigil FROM PUBLIC;
REVOKE ALL ON ALL ROUTINES IN SCHEMA vigil FROM PUBLIC;

-- The triggers of every writer, whoever it is, read the doorbell. It tells nobody anything.
GRANT SELECT ON SEQUENCE vigil.feed_doorbell TO PUBLIC;

DO $$
DECLARE
    relation regclass;
BEGIN
    FOR relation IN
        SELECT oid FROM pg_catalog.pg_class
        WHERE relnamespace = 'vigil'::regnamespace AND relkind IN ('r', 'p')
        ORDER BY oid
    LOOP
        EXECUTE pg_catalog.format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', relation);
    END LOOP;
    PERFORM vigil.grant_roles();
END
$$;

-- extension.sql
-- What a dump carries: all that people or sources wrote or decided, and what was found. Not the state
-- of the change feed (feed_state, feed_epochs, feed_doorbell, sidecars, metric_health): it means nothing elsewhere.
-- Not anomaly_counts either: its triggers count the anomalies of the dump as they come in.
DO $$
DECLARE
    carried regclass;
BEGIN
    FOREACH carried IN ARRAY ARRAY[
        'vigil.settings', 'vigil.entity_types', 'vigil.relationship_types', 'vigil.entities', 'vigil.relationships',
        'vigil.observation_history_0', 'vigil.observation_history_1', 'vigil.observation_history_2', 'vigil.observation_history_3',
        'vigil.entity_metrics', 'vigil.entity_scores', 'vigil.indicators', 'vigil.anomalies', 'vigil.models',
        'vigil.attachments', 'vigil.pending_rows', 'vigil.parked_relationships', 'vigil.rejected_rows',
        'vigil.attachments_id_seq', 'vigil.pending_rows_id_seq', 'vigil.mirror_clock',
        'vigil.reviews', 'vigil.suppressions', 'vigil.incidents', 'vigil.model_activations', 'vigil.audit_log', 'vigil.audit_head',
        'vigil.entity_types_code_seq', 'vigil.relationship_types_code_seq', 'vigil.entities_id_seq', 'vigil.relationships_id_seq',
        'vigil.reviews_id_seq', 'vigil.suppressions_id_seq', 'vigil.incidents_id_seq', 'vigil.model_activations_id_seq'
    ]::regclass[] LOOP
        PERFORM pg_catalog.pg_extension_config_dump(carried, '');
    END LOOP;
END
$$;
