-- Pages whoever is on call and blocks an account, from triggers on vigil.anomalies.
-- Run it as the owner of Vigil. What it needs of yours: a table of accounts.
CREATE SCHEMA IF NOT EXISTS oncall;
CREATE TABLE oncall.accounts (
    name text PRIMARY KEY,
    blocked_at timestamptz,
    blocked_for uuid
);
CREATE TABLE oncall.failures (
    at timestamptz NOT NULL DEFAULT now(),
    anomaly_id uuid NOT NULL,
    message text NOT NULL
);

-- 1. Page: a short message on a channel. LISTEN oncall in whatever sends the page.
CREATE FUNCTION oncall.page()
RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM pg_notify('oncall', jsonb_build_object(
        'anomaly', NEW.id, 'severity', NEW.severity, 'score', round(NEW.anomaly_score::numeric, 2), 'type', NEW.anomaly_type,
        'subject', vigil.clean_label(concat_ws(' ', NEW.subject_type, NEW.subject_name), 80))::text);
    RETURN NULL;
END
$$;

-- A new anomaly, and one that has become worse; not one that is suppressed.
CREATE TRIGGER page_new
AFTER INSERT ON vigil.anomalies
FOR EACH ROW
WHEN (NEW.severity IN ('high', 'critical') AND NEW.suppressed_by IS NULL)
EXECUTE FUNCTION oncall.page();

CREATE TRIGGER page_worse
AFTER UPDATE OF severity ON vigil.anomalies
FOR EACH ROW
WHEN (NEW.is_active AND NEW.severity = 'critical' AND OLD.severity <> 'critical' AND NEW.suppressed_by IS NULL)
EXECUTE FUNCTION oncall.page();

-- 2. Block: a critical anomaly that Vigil is sure of blocks the account of that name. It runs in the
-- transaction of the sidecar, so it neither waits nor fails: what goes wrong is written down.
CREATE FUNCTION oncall.block_account()
RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '50ms'
AS $$
BEGIN
    UPDATE oncall.accounts SET blocked_at = now(), blocked_for = NEW.id
    WHERE name = (SELECT entity.value FROM vigil.entities AS entity WHERE entity.id = NEW.entity_id)
        AND blocked_at IS NULL;
    RETURN NULL;
EXCEPTION WHEN OTHERS THEN
    INSERT INTO oncall.failures (anomaly_id, message) VALUES (NEW.id, SQLERRM);
    RETURN NULL;
END
$$;

CREATE TRIGGER block_account
AFTER INSERT OR UPDATE OF severity ON vigil.anomalies
FOR EACH ROW
WHEN (NEW.is_active AND NEW.severity = 'critical' AND NEW.confidence >= 0.8 AND NEW.suppressed_by IS NULL)
EXECUTE FUNCTION oncall.block_account();

-- 3. Unblock: an analyst calls it a false positive, or benign.
CREATE FUNCTION oncall.unblock_account()
RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE oncall.accounts SET blocked_at = NULL, blocked_for = NULL WHERE blocked_for = NEW.id;
    RETURN NULL;
END
$$;

CREATE TRIGGER unblock_account
AFTER UPDATE OF verdict ON vigil.anomalies
FOR EACH ROW
WHEN (NEW.verdict IN ('false_positive', 'benign') AND OLD.verdict IS DISTINCT FROM NEW.verdict)
EXECUTE FUNCTION oncall.unblock_account();
