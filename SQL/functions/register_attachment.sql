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
