-- The one list of what a condition may name. A test holds it against the detector's own; it has no rows of a
-- table, so that nobody can promise a measure that the detector does not know.
CREATE VIEW vigil.indicator_measures WITH (security_invoker = true) AS
SELECT known.scope, known.kind, known.name, known.unit, known.has_peers, known.meaning
FROM (VALUES
    ('entity', 'feature', 'degree_centrality', 'share', true, 'Distinct neighbours, as a share of all other entities'),
    ('entity', 'feature', 'betweenness_centrality', 'share', true, 'Share of the shortest paths between others that pass through it'),
    ('entity', 'feature', 'closeness_centrality', 'share', true, 'How near it is to all that it can reach (Wasserman and Faust)'),
    ('entity', 'feature', 'eigenvector_centrality', 'share', true, 'Its part in the principal eigenvector of the graph'),
    ('entity', 'feature', 'clustering_coefficient', 'share', true, 'Share of the pairs of its neighbours that are linked themselves'),
    ('entity', 'feature', 'source_count', 'sources', true, 'Distinct sources that name it'),
    ('entity', 'feature', 'update_frequency', 'updates a day', true, 'Updates over its lifetime'),
    ('entity', 'feature', 'confidence_score', 'share', true, 'Its confidence'),
    ('entity', 'feature', 'risk_score', 'share', true, 'Its risk'),
    ('entity', 'feature', 'first_seen_age_days', 'days', true, 'Since it was first seen'),
    ('entity', 'feature', 'last_updated_age_days', 'days', true, 'Since it was last updated'),
    ('entity', 'feature', 'update_frequency_std', 'updates a day', true, 'Standard deviation of its daily updates over 30 days'),
    ('entity', 'feature', 'relationship_count', 'relationships', true, 'Active relationships in both directions'),
    ('entity', 'feature', 'entity_type_encoded', 'bits', true, 'Rarity of its type: -log2 of the share of the type'),
    ('entity', 'feature', 'is_verified', 'flag', true, '1 where somebody has verified it, else 0'),
    ('entity', 'feature', 'metadata_richness', 'share', true, 'How much of its metadata is filled in'),
    ('entity', 'feature', 'tag_count', 'tags', true, 'Tags that it carries'),
    ('entity', 'feature', 'temporal_activity_score', 'share', true, 'exp(-days since it was last seen / 30)'),
    ('entity', 'signal', 'degree', 'entities', true, 'Distinct neighbours'),
    ('entity', 'signal', 'in_degree', 'relationships', true, 'Active relationships that point at it'),
    ('entity', 'signal', 'out_degree', 'relationships', true, 'Active relationships that start at it'),
    ('entity', 'signal', 'inbound_count', 'entities', true, 'Distinct entities that point at it by the relationship_type named beside'),
    ('entity', 'signal', 'burst_count', 'relationships', true, 'First observed within the burst window; peers by the largest burst of their past'),
    ('entity', 'signal', 'dormancy_days', 'days', true, 'Silence before the activity of the last day; unknown where there is none'),
    ('entity', 'signal', 'tie_range', 'steps', true, 'Between the ends of its newest relationships without them, the largest; peers by relationships drawn at random'),
    ('entity', 'signal', 'bridged_pairs', 'pairs', true, 'Of its neighbours, from two groups that nothing else joins; unknown without a new relationship'),
    ('entity', 'signal', 'triangle_excess', 'deviations', true, 'Triangles beyond what its degree lets expect, in standard deviations'),
    ('entity', 'signal', 'distinct_neighbour_types', 'types', true, 'Among its neighbours'),
    ('entity', 'signal', 'has_name', 'flag', true, '1 where it has a name, else 0'),
    ('entity', 'signal', 'mean_rating', 'rating', false, 'Mean of the ratings received, drawn towards the mean of all'),
    ('entity', 'signal', 'rating_count', 'ratings', true, 'Ratings received'),
    ('entity', 'signal', 'neighbour_risk_gap', 'share', true, 'Distance of its risk from the mean risk of its neighbours'),
    ('entity', 'signal', 'homophily', 'similarity', true, 'Of its tags and numbers to those of its neighbours, one and two steps away; low is strange'),
    ('entity', 'signal', 'unexpected_neighbour_types', 'bits', false, 'Surprise at the least expected type among its neighbours, for its own type'),
    ('entity', 'signal', 'trusted_rating', 'rating', true, 'Mean of the ratings received, by raters that are well rated themselves'),
    ('entity', 'signal', 'structuring_share', 'share', true, 'Of its amounts just under a limit; unknown with few amounts'),
    ('entity', 'signal', 'structuring_count', 'amounts', true, 'Of those that it sends, just under a limit'),
    ('entity', 'signal', 'benford_deviation', 'share', true, 'Mean absolute deviation of the first digits of its amounts; unknown with few amounts'),
    ('entity', 'signal', 'risky_neighbours', 'entities', true, 'Distinct neighbours with a risk of at least 0.7'),
    ('entity', 'signal', 'activity_residual', 'deviations', true, 'Activity of the newest day, or the one before, above its forecast, in robust standard deviations'),
    ('entity', 'signal', 'activity_drift', 'deviations', true, 'Sum of such deviations beyond one each since activity left its level'),
    ('entity', 'signal', 'reconstruction_error', 'nats', true, 'log(1 + mean error) with which the network rebuilds its behaviour; unknown without a network'),
    ('entity', 'signal', 'off_hours_surprise', 'bits', true, 'Mean surprise of the hours of its newest events; unknown for few events'),
    ('entity', 'signal', 'confidence_swing', 'confidence', true, 'How far its confidence went back and forth within 30 days; unknown below three observations'),
    ('entity', 'signal', 'risk_swing', 'risk', true, 'How far its risk went back and forth within 30 days; unknown below three observations'),
    ('entity', 'setting', 'anomaly_threshold', 'share', false, 'From this score on a judgement is an anomaly'),
    ('entity', 'setting', 'burst_count_min', 'relationships', false, 'Fewer than this within the burst window are no burst'),
    ('entity', 'setting', 'dormancy_days', 'days', false, 'From so much silence on an entity counts as dormant'),
    ('entity', 'setting', 'tie_range_max', 'steps', false, 'Ends farther apart than this count as farther'),
    ('relationship', 'setting', 'anomaly_threshold', 'share', false, 'From this score on a judgement is an anomaly'),
    ('relationship', 'setting', 'burst_count_min', 'relationships', false, 'Fewer than this within the burst window are no burst'),
    ('relationship', 'setting', 'dormancy_days', 'days', false, 'From so much silence on an entity counts as dormant'),
    ('relationship', 'setting', 'tie_range_max', 'steps', false, 'Ends farther apart than this count as farther')
) AS known (scope, kind, name, unit, has_peers, meaning);

COMMENT ON VIEW vigil.indicator_measures IS 'What the conditions of vigil.indicators may name: features, signals, and settings as bounds.';
COMMENT ON COLUMN vigil.indicator_measures.scope IS 'What an indicator must look at to name it: entity or relationship.';
COMMENT ON COLUMN vigil.indicator_measures.kind IS 'The key that names it in a condition: feature, signal or setting.';
COMMENT ON COLUMN vigil.indicator_measures.name IS 'Its name.';
COMMENT ON COLUMN vigil.indicator_measures.unit IS 'What it is counted in; share: from 0 to 1; flag: 0 or 1.';
COMMENT ON COLUMN vigil.indicator_measures.has_peers IS 'Whether it can be compared with a peer_quantile.';
COMMENT ON COLUMN vigil.indicator_measures.meaning IS 'What it measures.';
