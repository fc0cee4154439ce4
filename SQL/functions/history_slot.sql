CREATE FUNCTION vigil.history_slot(at timestamptz)
RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN (
    (
        pg_catalog.date_part('year', at AT TIME ZONE 'UTC') * 12
        + pg_catalog.date_part('month', at AT TIME ZONE 'UTC')
    )::integer % 16
);

COMMENT ON FUNCTION vigil.history_slot(timestamptz) IS 'Which of the 16 partitions of vigil.observation_history holds the observations recorded at this time: months since year 0, modulo 16, in UTC.';
