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
