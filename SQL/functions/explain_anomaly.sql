CREATE FUNCTION vigil.explain_anomaly(id uuid)
RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    anomaly vigil.anomalies;
    why jsonb;
    lines text[];
    line text;
    item jsonb;
BEGIN
    SELECT * INTO anomaly FROM vigil.anomalies AS found WHERE found.id = explain_anomaly.id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no anomaly %', coalesce(explain_anomaly.id::text, 'NULL')
            USING ERRCODE = 'no_data_found', HINT = 'See SELECT * FROM vigil.anomalies_recent.';
    END IF;
    why := anomaly.explanation;

    lines := ARRAY[
        format('%s %s anomaly: %s %s (%s %s)',
            initcap(anomaly.severity), replace(anomaly.anomaly_type, '_', ' '),
            coalesce(vigil.clean_label(anomaly.subject_type), anomaly.subject_kind),
            coalesce('"' || vigil.clean_label(anomaly.subject_name) || '"', 'without a name'),
            anomaly.subject_kind, anomaly.subject_id),
        format('score %s, confidence %s, %s, first detected %s, last %s, %s',
            round(anomaly.anomaly_score::numeric, 2), round(anomaly.confidence::numeric, 2),
            CASE anomaly.occurrences WHEN 1 THEN 'seen once' ELSE 'seen ' || anomaly.occurrences || ' times' END,
            date_trunc('second', anomaly.first_detected), date_trunc('second', anomaly.last_detected),
            CASE WHEN anomaly.is_active AND anomaly.resolved_at IS NULL
                THEN CASE WHEN anomaly.suppressed_until > now() THEN 'suppressed until ' || date_trunc('second', anomaly.suppressed_until) ELSE 'open' END
                ELSE 'closed' || coalesce(': ' || vigil.clean_label(anomaly.resolution, 200), '') END)];

    line := coalesce(nullif(jsonb_path_query_first(why, 'lax $.summary') #>> '{}', ''), nullif(anomaly.description, ''));
    IF line IS NOT NULL THEN
        lines := lines || ARRAY['', vigil.clean_label(line, 2000)];
    END IF;

    -- Lax paths: what is missing or of another type than expected is left out, not an error.
    lines := lines || (
        SELECT ARRAY['', 'Why'] || array_agg('  - ' || vigil.clean_label(sentence #>> '{}', 2000) ORDER BY position)
        FROM jsonb_path_query(why, 'lax $.sentences[*] ? (@.type() == "string")')
            WITH ORDINALITY AS sentences (sentence, position)
        HAVING count(*) > 0);

    lines := lines || (
        SELECT ARRAY['', 'Types'] || array_agg(
            format('  - %s (confidence %s)%s', coalesce(replace(vigil.clean_label(kind ->> 'type'), '_', ' '), '?'), vigil.format_number(kind -> 'confidence', 2),
                coalesce(': ' || (SELECT string_agg(vigil.clean_label(word #>> '{}'), ', ' ORDER BY place)
                    FROM jsonb_path_query(kind, 'lax $.evidence[*] ? (@.type() == "string")') WITH ORDINALITY AS words (word, place)), ''))
            ORDER BY position)
        FROM jsonb_path_query(why, 'lax $.types[*] ? (@.type() == "object")')
            WITH ORDINALITY AS kinds (kind, position)
        HAVING count(*) > 0);

    line := nullif(jsonb_path_query_first(why, 'lax $.counterfactual.sentence ? (@.type() == "string")') #>> '{}', '');
    IF line IS NOT NULL THEN
        lines := lines || ARRAY['', 'What would undo it', '  ' || vigil.clean_label(line, 2000)];
    END IF;

    lines := lines || (
        SELECT ARRAY['', 'Indicators'] || array_agg(
            format('  - %s (%s, confidence %s)%s',
                coalesce(vigil.clean_label(indicator ->> 'name'), '?'),
                coalesce(vigil.clean_label(indicator ->> 'type'), '?'),
                vigil.format_number(indicator -> 'confidence', 2),
                coalesce(': ' || vigil.clean_label(indicator ->> 'sentence', 2000), ''))
            ORDER BY position)
        FROM jsonb_path_query(why, 'lax $.indicators[*] ? (@.type() == "object")')
            WITH ORDINALITY AS indicators (indicator, position)
        HAVING count(*) > 0);

    lines := lines || (
        SELECT ARRAY['', format('  %-28s %12s %12s %9s %13s', 'Feature', 'value', 'peer median', 'quantile', 'contribution')]
            || array_agg(
                format('  %-28s %12s %12s %9s %13s',
                    coalesce(vigil.clean_label(feature ->> 'name', 28), '?'),
                    vigil.format_number(feature -> 'value'),
                    vigil.format_number(feature -> 'peer_median'),
                    vigil.format_number(feature -> 'peer_quantile'),
                    vigil.format_number(feature -> 'contribution'))
                ORDER BY position)
        FROM jsonb_path_query(why, 'lax $.features[*] ? (@.type() == "object")')
            WITH ORDINALITY AS features (feature, position)
        HAVING count(*) > 0);
    IF jsonb_typeof(why -> 'path_length') = 'number' AND jsonb_typeof(why -> 'expected_path_length') = 'number' THEN
        lines := lines || format(
            '  The contributions add up to the path length of %s in the forest, where %s is usual; shorter is stranger.',
            vigil.format_number(why -> 'path_length'), vigil.format_number(why -> 'expected_path_length'));
    END IF;
    IF jsonb_typeof(why #> '{peer_group,count}') = 'number' THEN
        lines := lines || format('  Peers: %s of type %s.',
            why #>> '{peer_group,count}', coalesce(vigil.clean_label(why #>> '{peer_group,type}'), '?'));
    END IF;

    lines := lines || (
        SELECT ARRAY['', format('  %-28s %-12s %12s %9s', 'Detector', 'family', 'p', 'score')] || array_agg(
            format('  %-28s %-12s %12s %9s',
                coalesce(vigil.clean_label(detector ->> 'name', 28), '?'),
                coalesce(vigil.clean_label(detector ->> 'family', 12), '?'),
                vigil.format_number(detector -> 'p'),
                vigil.format_number(detector -> 'score'))
            ORDER BY position)
        FROM jsonb_path_query(why, 'lax $.detectors[*] ? (@.type() == "object")')
            WITH ORDINALITY AS detectors (detector, position)
        HAVING count(*) > 0);

    lines := lines || (
        SELECT ARRAY['', format('  %-28s %-20s %12s %12s %9s', 'Unexpected behaviour', 'time', 'value', 'expected', 'share')] || array_agg(
            format('  %-28s %-20s %12s %12s %9s',
                coalesce(vigil.clean_label(step ->> 'feature', 28), '?'), coalesce(vigil.clean_label(step ->> 'time', 20), '?'),
                vigil.format_number(step -> 'value'), vigil.format_number(step -> 'expected'), vigil.format_number(step -> 'share'))
            ORDER BY position)
        FROM jsonb_path_query(why, 'lax $.behaviour.steps[*] ? (@.type() == "object")')
            WITH ORDINALITY AS steps (step, position)
        HAVING count(*) > 0);

    lines := lines || (
        SELECT ARRAY['', 'Evidence'] || array_agg(
            format('  - relationship %s %s, other end %s (entity %s)%s',
                coalesce(vigil.clean_label(evidence ->> 'relationship_id', 20), '?'),
                coalesce(vigil.clean_label(evidence ->> 'type'), '?'),
                coalesce('"' || vigil.clean_label(coalesce(entity.name, entity.value)) || '"', 'without a name'),
                coalesce(vigil.clean_label(evidence ->> 'other_entity_id', 20), '?'),
                coalesce(': ' || vigil.clean_label(evidence ->> 'reason', 2000), ''))
            ORDER BY position)
        FROM jsonb_path_query(why, 'lax $.evidence[*] ? (@.type() == "object")')
            WITH ORDINALITY AS rows (evidence, position)
        LEFT JOIN vigil.entities AS entity
            ON entity.id = vigil.parse_id(evidence -> 'other_entity_id')
        HAVING count(*) > 0);

    lines := lines || (
        SELECT ARRAY['', 'Next steps'] || array_agg(
            format('  %s. %s', position, vigil.clean_label(step, 2000)) ORDER BY position)
        FROM unnest(anomaly.recommendations) WITH ORDINALITY AS steps (step, position)
        HAVING count(*) > 0);

    lines := lines || (
        SELECT ARRAY['', format('Checklist (%s)', coalesce('playbook ' || vigil.clean_label(max(step.playbook)), 'done by other playbooks'))] || array_agg(
            format('  [%s] %s. %s%s', CASE WHEN step.is_done THEN 'x' ELSE ' ' END, step.number, vigil.clean_label(step.step, 500),
                coalesce(' - ' || vigil.clean_label(step.done_by), '') || coalesce(', ' || quote_literal(vigil.clean_label(step.note, 2000)), ''))
            ORDER BY step.number)
        FROM vigil.checklist(anomaly.id) AS step
        HAVING count(*) > 0);

    IF anomaly.reviewed THEN
        lines := lines || ARRAY['', format('Review: %s by %s on %s%s',
            replace(anomaly.verdict, '_', ' '), coalesce(vigil.clean_label(anomaly.reviewed_by), '?'),
            date_trunc('second', anomaly.reviewed_at),
            coalesce(', ' || quote_literal(vigil.clean_label(anomaly.review_notes, 2000)), ''))];
    END IF;
    lines := lines || ARRAY['', format('Scored by %s, %s.', vigil.clean_label(anomaly.detection_method),
        coalesce('model ' || vigil.clean_label(anomaly.model_version), 'without a model'))];
    RETURN array_to_string(lines, E'\n');
END
$$;

COMMENT ON FUNCTION vigil.explain_anomaly(uuid) IS 'Why something is an anomaly, as text of several lines: the paragraph, the sentences, the types, without which relationships it would be none, the indicators, the features beside those of its peers, the detectors, unexpected behaviour, the evidence, what to do next, and the checklist. The same as JSON is vigil.anomalies.explanation; docs/explanation.schema.json has its form.';
