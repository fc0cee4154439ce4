REVOKE ALL ON ALL TABLES IN SCHEMA vigil FROM PUBLIC;
REVOKE ALL ON ALL ROUTINES IN SCHEMA vigil FROM PUBLIC;

-- The triggers of every writer, whoever it is, read the doorbell. It tells nobody anything.
GRANT SELECT ON SEQUENCE vigil.feed_doorbell TO PUBLIC;

DO $$
BEGIN
    PERFORM vigil.grant_roles();
END
$$;
