-- E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", Journal of the American
-- Statistical Association 22, 1927, 10.1080/01621459.1927.10502953.
CREATE FUNCTION vigil.wilson_interval(hits bigint, trials bigint, OUT low double precision, OUT high double precision)
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE WHEN n > 0 THEN greatest(0, (share + z2 / (2 * n) - half) / (1 + z2 / n)) END,
        CASE WHEN n > 0 THEN least(1, (share + z2 / (2 * n) + half) / (1 + z2 / n)) END
    FROM (
        SELECT n, z2, share, sqrt(greatest(0, z2 * share * (1 - share)) / n + z2 * z2 / (4 * n * n)) AS half
        FROM (SELECT nullif(trials, 0)::double precision AS n, 1.959963984540054::double precision ^ 2 AS z2, hits::double precision / nullif(trials, 0) AS share) AS given
    ) AS parts
$$;

COMMENT ON FUNCTION vigil.wilson_interval(bigint, bigint) IS 'The 95 % interval of a share after Wilson; null without trials.';
