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
