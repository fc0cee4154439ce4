-- What was said of it holds no longer, unless the very same evidence was dismissed: then it stays dismissed.
-- With the rights of the owner: the sidecar reopens, and writes nothing of what people decide.
CREATE FUNCTION vigil.reopen_anomaly()
RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
AS $$
BEGIN
    NEW.reopened := OLD.reopened + 1;
    NEW.reopened_at := now();
    NEW.resolved_at := NULL;
    NEW.resolution := NULL;
    NEW.resolved_by_itself := false;
    IF OLD.verdict IN ('false_positive', 'benign') AND NEW.severity = OLD.severity
        AND NEW.indicators @> OLD.indicators AND NEW.indicators <@ OLD.indicators
    THEN
        RETURN NEW;
    END IF;
    UPDATE vigil.reviews AS review SET lapsed_at = now()
    WHERE review.anomaly_id = NEW.id AND review.lapsed_at IS NULL;
    NEW.reviewed := false;
    NEW.verdict := NULL;
    NEW.review_notes := NULL;
    NEW.reviewed_by := NULL;
    NEW.reviewed_at := NULL;
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION vigil.reopen_anomaly() IS 'Trigger function: an anomaly whose cause has returned is open again. Its review lapses, unless the same indicators at the same severity were dismissed as false positive or benign.';

CREATE TRIGGER anomalies_reopen
BEFORE UPDATE ON vigil.anomalies
FOR EACH ROW
WHEN (NEW.is_active AND NOT OLD.is_active)
EXECUTE FUNCTION vigil.reopen_anomaly();
