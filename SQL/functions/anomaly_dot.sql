CREATE FUNCTION vigil.anomaly_dot(id uuid, hops integer DEFAULT 1)
RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
-- The plans come to the same for every anomaly, and to make them anew takes as long as a small picture.
SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    node_limit CONSTANT integer := (vigil.get_setting('neighbourhood_node_limit'))::integer;
    anomaly vigil.anomalies;
    graph jsonb;
    reason text;
    wrapped_reason text;
    source_text text;
    nodes text;
    edges text;
    drawn bigint[];
    used_types text[];
    legend text;
    title text;
BEGIN
    SELECT * INTO anomaly FROM vigil.anomalies AS found WHERE found.id = anomaly_dot.id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no anomaly %', coalesce(anomaly_dot.id::text, 'NULL')
            USING ERRCODE = 'no_data_found', HINT = 'See SELECT * FROM vigil.anomalies_recent.';
    END IF;
    IF anomaly_dot.hops IS NULL OR anomaly_dot.hops NOT BETWEEN 0 AND 5 THEN
        RAISE EXCEPTION 'hops must be from 0 to 5, not %', coalesce(anomaly_dot.hops::text, 'NULL')
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    graph := anomaly.subgraph;
    source_text := 'as it was at detection';
    IF jsonb_array_length(jsonb_path_query_array(graph, 'lax $.nodes[*] ? (@.type() == "object")')) IS NOT DISTINCT FROM 0
        OR graph IS NULL
    THEN
        graph := vigil.live_subgraph(anomaly.id, anomaly_dot.hops, node_limit);
        source_text := 'as it is now';
    END IF;
    reason := vigil.clean_label(coalesce(
        nullif(jsonb_path_query_first(anomaly.explanation, 'lax $.summary') #>> '{}', ''),
        nullif(anomaly.description, ''), anomaly.anomaly_type), 120);
    -- Lines of about 32 characters; chr(1) stands for a line break until the label is quoted.
    wrapped_reason := rtrim(regexp_replace(reason, '(.{1,32})( |$)', E'\\1' || chr(1), 'g'), chr(1));

    WITH node AS (
        SELECT DISTINCT ON (node_id)
            node_id, hop,
            item ->> 'name' AS stored_name, item ->> 'type' AS stored_type,
            item ->> 'severity' AS severity,
            CASE jsonb_typeof(item -> 'score') WHEN 'number' THEN (item -> 'score')::numeric END AS score
        FROM (
            -- OFFSET 0: each is parsed once, not wherever it is named.
            SELECT item, vigil.parse_id(item -> 'id') AS node_id, coalesce(vigil.parse_id(item -> 'hop'), 1) AS hop
            FROM jsonb_path_query(graph, 'lax $.nodes[*] ? (@.type() == "object")') AS items (item)
            OFFSET 0
        ) AS parsed
        WHERE node_id IS NOT NULL AND hop <= anomaly_dot.hops
        ORDER BY node_id, hop
    ), limited AS (
        SELECT * FROM node ORDER BY hop, score DESC NULLS LAST, node_id LIMIT node_limit
    ), named AS (
        SELECT limited.node_id, limited.hop,
            -- An anomaly without a stored score still has a severity of its own.
            CASE WHEN anomaly.subject_kind = 'entity' AND node_id = anomaly.subject_id
                THEN coalesce(limited.severity, anomaly.severity) ELSE limited.severity END AS severity,
            CASE WHEN anomaly.subject_kind = 'entity' AND node_id = anomaly.subject_id
                THEN coalesce(limited.score, anomaly.anomaly_score::numeric) ELSE limited.score END AS score,
            coalesce(entity.type, limited.stored_type, '?') AS type,
            coalesce(nullif(coalesce(entity.name, entity.value, limited.stored_name), ''), 'entity ' || node_id) AS name,
            coalesce(kind.shape, 'ellipse') AS shape,
            anomaly.subject_kind = 'entity' AND node_id = anomaly.subject_id AS is_focus
        FROM limited
        LEFT JOIN vigil.entities AS entity ON entity.id = limited.node_id
        LEFT JOIN vigil.entity_types AS kind ON kind.type = coalesce(entity.type, limited.stored_type)
    )
    SELECT array_agg(node_id), array_agg(DISTINCT type),
        string_agg(
            format('    e%s [label=%s, tooltip=%s, shape=%s, fillcolor="%s", color="%s", fontcolor="%s", penwidth=%s%s];',
                node_id,
                replace(
                    vigil.quote_dot(vigil.clean_label(name, 36) || chr(1) || vigil.clean_label(type, 36)
                        || coalesce(chr(1) || severity || coalesce(' ' || round(score, 2), ''), '')
                        || CASE WHEN is_focus THEN chr(1) || wrapped_reason ELSE '' END),
                    chr(1), E'\\n'),
                vigil.quote_dot(vigil.clean_label(type || ' ' || node_id || ': ' || name, 200)),
                shape,
                CASE severity WHEN 'critical' THEN '#7D1B4B' WHEN 'high' THEN '#D55E00'
                    WHEN 'medium' THEN '#E69F00' WHEN 'low' THEN '#F7EC93' ELSE '#F2F2F2' END,
                CASE WHEN is_focus THEN '#000000' WHEN severity IN ('critical', 'high') THEN '#7A3300' ELSE '#8C8C8C' END,
                CASE WHEN severity IN ('critical', 'high') THEN '#FFFFFF' WHEN is_focus OR severity = 'medium' THEN '#000000' ELSE '#5A5A5A' END,
                CASE WHEN is_focus THEN 5 WHEN severity = 'critical' THEN 4 WHEN severity = 'high' THEN 3
                    WHEN severity = 'medium' THEN 2 ELSE 1 END,
                CASE WHEN is_focus THEN ', style="filled,bold", fontsize=13' ELSE '' END),
            E'\n' ORDER BY hop, node_id)
    INTO drawn, used_types, nodes
    FROM named;

    WITH edge AS (
        SELECT vigil.parse_id(item -> 'id') AS edge_id,
            vigil.parse_id(item -> 'source') AS source, vigil.parse_id(item -> 'target') AS target,
            coalesce(item ->> 'type', '') AS type,
            (item -> 'anomalous') = 'true' OR (anomaly.subject_kind = 'relationship'
                AND vigil.parse_id(item -> 'id') = anomaly.subject_id) AS is_subject,
            nullif(item ->> 'reason', '') AS own_reason
        FROM jsonb_path_query(graph, 'lax $.edges[*] ? (@.type() == "object")') AS items (item)
        OFFSET 0
    ), evidence AS (
        SELECT vigil.parse_id(item -> 'relationship_id') AS edge_id, max(item ->> 'reason') AS reason
        FROM jsonb_path_query(anomaly.explanation, 'lax $.evidence[*] ? (@.type() == "object")') AS items (item)
        GROUP BY 1
    ), marked AS (
        SELECT edge.*,
            coalesce(is_subject, false) OR evidence.edge_id IS NOT NULL AS is_marked,
            coalesce(own_reason, nullif(evidence.reason, ''),
                CASE WHEN anomaly.subject_kind = 'relationship' AND edge.edge_id = anomaly.subject_id THEN anomaly_dot_reason END) AS why
        FROM edge
        CROSS JOIN (SELECT reason) AS shown (anomaly_dot_reason)
        LEFT JOIN evidence ON evidence.edge_id = edge.edge_id
        WHERE source = ANY (drawn) AND target = ANY (drawn)
    ), merged AS (
        -- Several relationships of one type between one pair are one line with their number.
        SELECT source, target, type, coalesce(is_marked, false) AS is_marked, max(why) AS why, count(*) AS number
        FROM marked
        GROUP BY source, target, type, coalesce(is_marked, false)
    )
    SELECT string_agg(
        format('    e%s -> e%s [label=%s%s];', source, target,
            replace(
                vigil.quote_dot(vigil.clean_label(type, 36) || CASE WHEN number > 1 THEN ' x ' || number ELSE '' END
                    || CASE WHEN is_marked THEN coalesce(chr(1) || vigil.clean_label(why, 60), '') ELSE '' END),
                chr(1), E'\\n'),
            CASE WHEN is_marked THEN ', color="#D55E00", fontcolor="#A34700", penwidth=4' ELSE '' END),
        E'\n' ORDER BY is_marked DESC, source, target, type)
    INTO edges
    FROM merged;

    SELECT string_agg(
        format('        legend_%s [label=%s, shape=%s, fillcolor="#FFFFFF"];',
            position, vigil.quote_dot(vigil.clean_label(used, 36)), coalesce(kind.shape, 'ellipse')), E'\n' ORDER BY position)
    INTO legend
    FROM unnest(used_types) WITH ORDINALITY AS types (used, position)
    LEFT JOIN vigil.entity_types AS kind ON kind.type = used;

    title := format('%s %s anomaly of %s %s, %s, score %s',
        anomaly.severity, replace(anomaly.anomaly_type, '_', ' '),
        coalesce(vigil.clean_label(anomaly.subject_type, 36), anomaly.subject_kind),
        coalesce(vigil.clean_label(anomaly.subject_name, 60), anomaly.subject_id::text),
        source_text, round(anomaly.anomaly_score::numeric, 2))
        || CASE WHEN (graph -> 'truncated') = 'true' OR cardinality(drawn) >= node_limit
            THEN format(' (the nearest %s entities)', cardinality(drawn)) ELSE '' END;
    RETURN array_to_string(ARRAY[
        'digraph vigil {',
        '    graph [charset="UTF-8", fontname="Helvetica", overlap=false, labelloc=t, fontsize=16, label=' || vigil.quote_dot(title) || '];',
        '    node [style=filled, fontname="Helvetica", fontsize=11];',
        '    edge [fontname="Helvetica", fontsize=9, color="#8C8C8C", fontcolor="#5A5A5A"];',
        nodes,
        edges,
        '    subgraph cluster_legend {',
        '        graph [label="legend", fontsize=11, color="#B0B0B0"];',
        '        legend_critical [label="critical", shape=plaintext, style=filled, fillcolor="#7D1B4B", fontcolor="#FFFFFF"];',
        '        legend_high [label="high", shape=plaintext, style=filled, fillcolor="#D55E00", fontcolor="#FFFFFF"];',
        '        legend_medium [label="medium", shape=plaintext, style=filled, fillcolor="#E69F00"];',
        '        legend_low [label="low", shape=plaintext, style=filled, fillcolor="#F7EC93"];',
        legend,
        '    }',
        '}'], E'\n') || E'\n';
END
$$;

COMMENT ON FUNCTION vigil.anomaly_dot(uuid, integer) IS 'The graph around an anomaly as a picture in the DOT language of Graphviz, up to this many hops: as it was at detection where that was kept, else as it is now. Draw it with: psql -XAtc "SELECT vigil.anomaly_dot(''...'')" | dot -Tsvg > anomaly.svg';
