CREATE FUNCTION vigil.drop_playbook(name text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    DELETE FROM vigil.playbooks AS playbook WHERE playbook.name = drop_playbook.name;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no playbook %', coalesce(quote_literal(vigil.clean_label(drop_playbook.name)), 'NULL')
            USING ERRCODE = 'no_data_found', HINT = 'See SELECT name FROM vigil.playbooks.';
    END IF;
END
$$;

COMMENT ON FUNCTION vigil.drop_playbook(text) IS 'Removes a playbook. What was done by it stays with the anomalies.';
