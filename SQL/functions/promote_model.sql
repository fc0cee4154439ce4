-- With the rights of the owner, for nobody else writes the audit log, and the reasons belong there.
CREATE FUNCTION vigil.promote_model(force boolean DEFAULT false, OUT promoted boolean, OUT version text, OUT retired text, OUT reasons text[])
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
AS $$
DECLARE
    changes_min CONSTANT bigint := (vigil.get_setting('promotion_changes_min'))::bigint;
    reviews_min CONSTANT bigint := (vigil.get_setting('promotion_reviews_min'))::bigint;
    loss_max CONSTANT double precision := (vigil.get_setting('promotion_auroc_loss_max'))::double precision;
    growth_max CONSTANT double precision := (vigil.get_setting('promotion_alert_growth_max'))::double precision;
    kappa_min CONSTANT double precision := (vigil.get_setting('promotion_kappa_min'))::double precision;
    figures jsonb;
    judged bigint;
    alerts_1 bigint;
    alerts_2 bigint;
    reviewed bigint;
    auroc_1 double precision;
    auroc_2 double precision;
    agreement double precision;
    kappa double precision;
    against text[] := '{}';
    grounds text[] := '{}';
    finding text;
BEGIN
    PERFORM vigil.lock_audit();
    PERFORM FROM vigil.models AS model WHERE model.kind = 'ensemble' ORDER BY model.version FOR UPDATE;
    SELECT model.version INTO promote_model.version FROM vigil.models AS model WHERE model.kind = 'ensemble' AND model.state = 'challenger';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no challenger to promote'
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'vigil.challenge_model() makes a model the challenger.';
    END IF;
    SELECT jsonb_object_agg(compared.measure, to_jsonb(compared) - '{measure,meaning}'::text[]) INTO figures FROM vigil.compare_models() AS compared;
    judged := coalesce((figures #>> '{judgements,challenger}')::double precision, 0);
    alerts_1 := coalesce((figures #>> '{alerts,champion}')::double precision, 0);
    alerts_2 := coalesce((figures #>> '{alerts,challenger}')::double precision, 0);
    reviewed := coalesce((figures #>> '{auroc,subjects}')::bigint, 0);
    auroc_1 := (figures #>> '{auroc,champion}')::double precision;
    auroc_2 := (figures #>> '{auroc,challenger}')::double precision;
    agreement := (figures #>> '{agreement,challenger}')::double precision;
    kappa := (figures #>> '{kappa,challenger}')::double precision;

    finding := format('both models have made %s judgements of the same subject, and promotion_changes_min is %s', judged, changes_min);
    IF judged < changes_min THEN
        against := against || finding;
    ELSE
        grounds := grounds || finding;
    END IF;

    finding := format('the challenger has called %s subjects an anomaly and the active model %s: promotion_alert_growth_max is %s', alerts_2, alerts_1, growth_max);
    IF alerts_2 > alerts_1 * (1 + growth_max) THEN
        against := against || finding;
    ELSE
        grounds := grounds || finding;
    END IF;

    IF reviewed >= reviews_min AND auroc_1 IS NOT NULL THEN
        finding := format('on %s reviewed subjects the AUROC of the challenger is %s and that of the active model %s: promotion_auroc_loss_max is %s',
            reviewed, round(auroc_2::numeric, 3), round(auroc_1::numeric, 3), loss_max);
        IF auroc_1 - auroc_2 > loss_max THEN
            against := against || finding;
        ELSE
            grounds := grounds || finding;
        END IF;
    ELSE
        grounds := grounds || CASE
            WHEN reviewed < reviews_min
                THEN format('both have judged %s reviewed subjects, and promotion_reviews_min is %s: agreement and alerts decide instead', reviewed, reviews_min)
            ELSE format('the %s reviewed subjects are all of one verdict: agreement and alerts decide instead', reviewed) END;
        -- Without an alert by either there is nothing to agree on beyond chance.
        finding := CASE
            WHEN kappa IS NOT NULL
                THEN format('kappa between the alerts of both is %s: promotion_kappa_min is %s', round(kappa::numeric, 3), kappa_min)
            ELSE format('they agree on %s %% of the subjects, and neither calls one an anomaly that is none for the other', round((coalesce(agreement, 0) * 100)::numeric, 1)) END;
        IF kappa < kappa_min THEN
            against := against || finding;
        ELSIF agreement IS NOT NULL THEN
            grounds := grounds || finding;
        END IF;
    END IF;

    promoted := coalesce(promote_model.force, false) OR against = '{}';
    IF NOT promoted THEN
        reasons := against || grounds;
        RETURN;
    END IF;
    reasons := CASE WHEN against <> '{}' THEN ARRAY['forced against the reasons that follow'] || against ELSE '{}' END || grounds;
    retired := vigil.switch_model('ensemble', promote_model.version);
    PERFORM vigil.record_decision(CASE WHEN against <> '{}' THEN 'force promotion' ELSE 'promote challenger' END, 'model', promote_model.version, NULL,
        jsonb_build_object('retired', retired, 'reasons', reasons, 'figures', figures));
END
$$;

COMMENT ON FUNCTION vigil.promote_model(boolean) IS 'Makes the challenger the active model if the settings promotion_changes_min, promotion_alert_growth_max, promotion_reviews_min, promotion_auroc_loss_max and promotion_kappa_min allow it, or force is true; returns whether it did, and why or why not: what speaks against it comes first. With too few reviews it goes by agreement and alerts, and says so. Recorded in vigil.audit_log with reasons and figures.';
