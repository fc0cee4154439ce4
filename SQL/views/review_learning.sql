CREATE VIEW vigil.review_learning WITH (security_invoker = true) AS
SELECT
    scope.name AS scope,
    CASE
        WHEN head.version IS NULL THEN 'no reviews yet'
        WHEN coalesce((part.card -> 'heard')::boolean, false) THEN 'heard'
        ELSE 'not heard'
    END AS state,
    head.version AS head,
    head.card ->> 'ensemble' AS ensemble,
    (part.card -> 'confirmed')::integer AS confirmed,
    (part.card -> 'rejected')::integer AS rejected,
    round((part.card #>> '{measures,weight}')::numeric, 2) AS weight,
    part.card ->> 'reason' AS reason,
    vigil.format_age(head.created_at) AS learnt
FROM (VALUES ('entities'), ('relationships')) AS scope (name)
LEFT JOIN vigil.models AS head ON head.kind = 'reviews' AND head.state = 'active'
LEFT JOIN LATERAL (SELECT head.card -> scope.name) AS part (card) ON true
ORDER BY scope.name;

COMMENT ON VIEW vigil.review_learning IS 'What reviews have taught: whether they are heard beside the ensemble, for entities and for relationships, and why.';
COMMENT ON COLUMN vigil.review_learning.scope IS 'entities or relationships.';
COMMENT ON COLUMN vigil.review_learning.state IS 'heard: judgements take them into account; not heard: too few, or cross-validation does not show that they help.';
COMMENT ON COLUMN vigil.review_learning.head IS 'Version of what was learnt; judgements name it behind that of the model.';
COMMENT ON COLUMN vigil.review_learning.ensemble IS 'Version of the model that it stands on.';
COMMENT ON COLUMN vigil.review_learning.confirmed IS 'Reviews with the verdict true_positive that it learnt from.';
COMMENT ON COLUMN vigil.review_learning.rejected IS 'Reviews with the verdict false_positive or benign that it learnt from.';
COMMENT ON COLUMN vigil.review_learning.weight IS 'How much the reviews count beside the ensemble, 0 to 1; grows with their number.';
COMMENT ON COLUMN vigil.review_learning.reason IS 'Why they are heard, or not: figures of the cross-validation, or how many are missing.';
COMMENT ON COLUMN vigil.review_learning.learnt IS 'How long ago it was learnt.';
