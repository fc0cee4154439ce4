-- With the rights of the owner, for nobody else writes vigil.threshold_state.
CREATE FUNCTION vigil.adjust_threshold()
RETURNS double precision
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
SET jit = off
AS $$
DECLARE
    budget CONSTANT double precision := (vigil.get_setting('alert_budget_per_day'))::double precision;
    rate CONSTANT double precision := (vigil.get_setting('false_discovery_rate'))::double precision;
    before CONSTANT double precision := vigil.current_threshold();
    -- Below one in a hundred nothing is rare, whatever the budget or the rate.
    lowest CONSTANT double precision := 0.4;
    -- A smaller move is not worth judging anybody anew.
    least_move CONSTANT double precision := 0.01;
    window_days CONSTANT integer := 7;
    wanted_method CONSTANT text := CASE WHEN budget > 0 THEN 'alert_budget_per_day' WHEN rate > 0 THEN 'false_discovery_rate' END;
    wanted_target CONSTANT double precision := CASE WHEN budget > 0 THEN budget ELSE rate END;
    days double precision;
    since timestamptz;
    allowed bigint;
    beyond double precision;
    subjects bigint;
    found bigint;
    computed double precision;
    why text;
    after double precision;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('vigil.adjust_threshold', 0));
    IF budget > 0 THEN
        days := (SELECT extract(epoch FROM clock_timestamp() - min(epoch.at)) / 86400 FROM vigil.feed_epochs AS epoch);
        days := greatest(1, least(window_days, coalesce(days, 1)));
        since := clock_timestamp() - days * interval '1 day';
        allowed := greatest(1, floor(budget * days));
        -- Who came or changed within these days, by the newest score, and who was found within them, by
        -- the highest. The first who is one too many ends the list.
        WITH scored AS (
            SELECT 'entity' AS kind, score.entity_id AS id, score.anomaly_score AS score
            FROM vigil.entity_scores AS score
            JOIN vigil.entities AS entity ON entity.id = score.entity_id
            WHERE score.anomaly_score >= lowest AND entity.is_active AND greatest(entity.created_at, entity.updated_at) > since
            UNION ALL
            SELECT 'relationship', score.relationship_id, score.anomaly_score
            FROM vigil.relationship_scores AS score
            JOIN vigil.relationships AS relationship ON relationship.id = score.relationship_id
            WHERE score.anomaly_score >= lowest AND relationship.is_active
                AND greatest(relationship.created_at, relationship.updated_at) > since
            UNION ALL
            SELECT anomaly.subject_kind, anomaly.subject_id, anomaly.peak_score
            FROM vigil.anomalies AS anomaly
            WHERE anomaly.last_detected > since AND greatest(anomaly.first_detected, anomaly.reopened_at) > since
        ), ranked AS (
            SELECT max(scored.score) AS score FROM scored GROUP BY scored.kind, scored.id
        )
        SELECT count(*), (SELECT one.score FROM ranked AS one ORDER BY one.score DESC OFFSET allowed LIMIT 1)
        INTO subjects, beyond
        FROM ranked;
        computed := CASE WHEN beyond IS NULL THEN lowest ELSE least(1, greatest(lowest, (floor(beyond * 1000) + 1) / 1000)) END;
        why := format('%s in %s %s or more, which is the least there is; %s a day are wanted',
            subjects || CASE subjects WHEN 1 THEN ' subject' ELSE ' subjects' END, round(days::numeric, 1) || ' days',
            CASE subjects WHEN 1 THEN 'has 0.4' ELSE 'have 0.4' END, budget);
        IF beyond IS NOT NULL THEN
            why := format('%s a day are wanted: in %s days %s subjects have 0.4 or more, and the one after the first %s has %s%s',
                budget, round(days::numeric, 1), subjects, allowed, round(beyond::numeric, 3),
                CASE WHEN beyond >= 1 THEN '; nothing ranks scores of 1 any further, so there are more' ELSE '' END);
        END IF;
    ELSIF rate > 0 THEN
        -- Benjamini and Hochberg: the largest k with p(k) <= q k / n. Scores end at p = 1e-5, and so do these p.
        WITH judged AS (
            SELECT score.p_value AS p FROM vigil.entity_scores AS score WHERE score.p_value IS NOT NULL
            UNION ALL
            SELECT score.p_value::double precision FROM vigil.relationship_scores AS score WHERE score.p_value IS NOT NULL
        ), counted AS (
            SELECT count(*) AS n FROM judged
        ), ranked AS (
            SELECT greatest(judged.p, 1e-5) AS p, row_number() OVER (ORDER BY judged.p) AS rank FROM judged WHERE judged.p <= rate
        )
        SELECT counted.n, max(ranked.rank), max(ranked.p)
        INTO subjects, found, beyond
        FROM counted
        LEFT JOIN ranked ON ranked.p <= rate * ranked.rank / counted.n
        GROUP BY counted.n;
        IF coalesce(subjects, 0) = 0 THEN
            -- Rules alone have no probabilities.
            computed := NULL;
        ELSIF found IS NULL THEN
            computed := 1.01;
            why := format('none of %s subjects is improbable enough for at most %s %% false discoveries: nothing is an anomaly',
                subjects, trim_scale((100 * rate)::numeric));
        ELSE
            computed := greatest(lowest, least(1, -log(beyond::numeric) / 5));
            why := format('at most %s %% of the anomalies are to be false: %s of %s subjects have a p of %s or less',
                trim_scale((100 * rate)::numeric), found, subjects, trim_scale(round(beyond::numeric, 7)));
        END IF;
    END IF;

    IF computed IS NULL THEN
        DELETE FROM vigil.threshold_state;
    ELSE
        INSERT INTO vigil.threshold_state AS state (method, target, threshold, reason, computed_at)
        VALUES (wanted_method, wanted_target, computed, why, clock_timestamp())
        ON CONFLICT (is_only) DO UPDATE
        SET method = excluded.method, target = excluded.target, reason = excluded.reason, computed_at = excluded.computed_at,
            threshold = CASE
                WHEN (state.method, state.target) = (excluded.method, excluded.target) AND abs(state.threshold - excluded.threshold) < least_move
                    THEN state.threshold
                ELSE excluded.threshold END;
    END IF;
    after := vigil.current_threshold();
    IF after <> before THEN
        PERFORM pg_notify('vigil_configuration', 'threshold_state');
    END IF;
    RETURN after;
END
$$;

COMMENT ON FUNCTION vigil.adjust_threshold() IS 'Computes the threshold that the setting alert_budget_per_day or false_discovery_rate asks for, tells the sidecar where it has moved by 0.01 or more, and returns the one in force. Called when either setting changes, and by the sidecar every five minutes.';
