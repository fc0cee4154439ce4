CREATE FUNCTION vigil.check_playbook()
RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    tasks CONSTANT text[] := '{detect,scan_all,retrain,daily_report,export,maintenance,drift}';
    steps_max CONSTANT integer := 50;
    fault text;
BEGIN
    -- A dump carries every playbook, and those that Vigil comes with are there already.
    IF TG_OP = 'INSERT' AND current_setting('row_security') = 'off' THEN
        DELETE FROM vigil.playbooks AS shipped WHERE shipped.name = NEW.name;
    ELSIF NEW.indicator IS NOT NULL AND NOT EXISTS (SELECT FROM vigil.indicators AS indicator WHERE indicator.name = NEW.indicator)
        AND (TG_OP = 'INSERT' OR NEW.indicator IS DISTINCT FROM OLD.indicator)
    THEN
        RAISE EXCEPTION 'there is no indicator %', quote_literal(vigil.clean_label(NEW.indicator))
            USING ERRCODE = 'no_data_found', HINT = 'See SELECT name FROM vigil.indicators.';
    END IF;
    IF jsonb_typeof(NEW.steps) IS DISTINCT FROM 'array' OR jsonb_array_length(NEW.steps) NOT BETWEEN 1 AND steps_max THEN
        RAISE EXCEPTION 'the steps of a playbook are a JSON array of 1 to % objects', steps_max
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Such as ''[{"text": "Ask its owner."}]''.';
    END IF;
    SELECT format('step %s %s', position, CASE
            WHEN jsonb_typeof(step) <> 'object' THEN 'is no object'
            WHEN jsonb_typeof(step -> 'text') IS DISTINCT FROM 'string' OR (step ->> 'text') !~ E'\\S' OR length(step ->> 'text') > 500
                THEN 'needs a text of 1 to 500 characters'
            WHEN EXISTS (SELECT FROM jsonb_each(step) AS part WHERE part.key NOT IN ('text', 'link', 'task', 'webhook')) THEN 'has a key other than text, link, task and webhook'
            WHEN step ? 'link' AND (jsonb_typeof(step -> 'link') <> 'string' OR (step ->> 'link') !~ '^https?://[^[:space:][:cntrl:]]+$' OR length(step ->> 'link') > 2000)
                THEN 'has a link that does not begin with https:// or http://'
            WHEN step ? 'task' AND (jsonb_typeof(step -> 'task') <> 'string' OR (step ->> 'task') <> ALL (tasks))
                THEN 'starts a task that is none of ' || array_to_string(tasks, ', ')
            WHEN step ? 'webhook' AND (jsonb_typeof(step -> 'webhook') <> 'string' OR length(step ->> 'webhook') NOT BETWEEN 1 AND 63)
                THEN 'calls a webhook without a name of 1 to 63 characters'
            ELSE 'has the text of an earlier one' END)
    INTO fault
    FROM jsonb_array_elements(NEW.steps) WITH ORDINALITY AS steps (step, position)
    WHERE NOT CASE WHEN jsonb_typeof(step) <> 'object' THEN false ELSE coalesce(
            jsonb_typeof(step -> 'text') = 'string' AND (step ->> 'text') ~ E'\\S' AND length(step ->> 'text') <= 500
            AND NOT EXISTS (SELECT FROM jsonb_each(step) AS part WHERE part.key NOT IN ('text', 'link', 'task', 'webhook'))
            AND (NOT step ? 'link' OR jsonb_typeof(step -> 'link') = 'string' AND (step ->> 'link') ~ '^https?://[^[:space:][:cntrl:]]+$' AND length(step ->> 'link') <= 2000)
            AND (NOT step ? 'task' OR jsonb_typeof(step -> 'task') = 'string' AND (step ->> 'task') = ANY (tasks))
            AND (NOT step ? 'webhook' OR jsonb_typeof(step -> 'webhook') = 'string' AND length(step ->> 'webhook') BETWEEN 1 AND 63)
            AND NOT EXISTS (
                SELECT FROM jsonb_array_elements(NEW.steps) WITH ORDINALITY AS earlier (step, position)
                WHERE earlier.position < steps.position AND earlier.step ->> 'text' = steps.step ->> 'text'), false) END
    ORDER BY position
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '%', fault USING ERRCODE = 'invalid_parameter_value',
            HINT = 'A step is {"text": ..., "link": ..., "task": ..., "webhook": ...}; only text is needed.';
    END IF;
    IF TG_OP = 'UPDATE' THEN
        NEW.updated_at := now();
    END IF;
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION vigil.check_playbook() IS 'Trigger function: the steps of a playbook can be understood, and its indicator is there.';

CREATE TRIGGER playbooks_check
BEFORE INSERT OR UPDATE ON vigil.playbooks
FOR EACH ROW
EXECUTE FUNCTION vigil.check_playbook();
