CREATE FUNCTION vigil.history_slot(at timestamptz)
RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN (
    pg_catalog.date_part('year', at AT TIME ZONE 'UTC')::integer * 2
    + (pg_catalog.date_part('month', at AT TIME ZONE 'UTC')::integer - 1) / 6
) % 4;

COMMENT ON FUNCTION vigil.history_slot(timestamptz) IS 'Which of the four partitions of vigil.observation_history holds the observations recorded at this time: half-years since year 0, modulo 4, in UTC.';
