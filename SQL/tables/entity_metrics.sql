CREATE TABLE vigil.entity_metrics (
    entity_id bigint PRIMARY KEY,
    degree integer CHECK (degree >= 0),
    degree_centrality double precision CHECK (degree_centrality BETWEEN 0 AND 1),
    incoming_relationships integer CHECK (incoming_relationships >= 0),
    outgoing_relationships integer CHECK (outgoing_relationships >= 0),
    strength double precision,
    clustering_coefficient double precision CHECK (clustering_coefficient BETWEEN 0 AND 1),
    triangle_count bigint CHECK (triangle_count >= 0),
    core_number integer CHECK (core_number >= 0),
    component_id bigint,
    pagerank double precision CHECK (pagerank BETWEEN 0 AND 1),
    pagerank_error double precision CHECK (pagerank_error >= 0),
    measured_at timestamptz NOT NULL DEFAULT now(),
    betweenness_centrality double precision CHECK (betweenness_centrality >= 0),
    betweenness_error double precision CHECK (betweenness_error >= 0),
    closeness_centrality double precision CHECK (closeness_centrality >= 0),
    closeness_error double precision CHECK (closeness_error >= 0),
    harmonic_centrality double precision CHECK (harmonic_centrality >= 0),
    harmonic_error double precision CHECK (harmonic_error >= 0),
    eigenvector_centrality double precision CHECK (eigenvector_centrality >= 0),
    eigenvector_error double precision CHECK (eigenvector_error >= 0),
    community_id bigint,
    is_articulation_point boolean,
    as_of timestamptz NOT NULL DEFAULT now(),
    graph_epoch bigint,
    is_exact boolean NOT NULL DEFAULT true
) WITH (fillfactor = 70);

COMMENT ON TABLE vigil.entity_metrics IS 'Graph metrics of each entity, on the simple undirected graph of active relationships unless said otherwise. Those up to pagerank are kept in place and were true at measured_at; the others are of the state of the graph that as_of and graph_epoch name. vigil.metric_status tells how each is kept. Without a foreign key, so that writing them never waits for writers of entities.';
COMMENT ON COLUMN vigil.entity_metrics.entity_id IS 'The entity.';
COMMENT ON COLUMN vigil.entity_metrics.degree IS 'Distinct neighbours.';
COMMENT ON COLUMN vigil.entity_metrics.degree_centrality IS 'Distinct neighbours / (n - 1).';
COMMENT ON COLUMN vigil.entity_metrics.incoming_relationships IS 'Active relationships that lead to it, parallel ones and loops counted.';
COMMENT ON COLUMN vigil.entity_metrics.outgoing_relationships IS 'Active relationships that start from it, parallel ones and loops counted.';
COMMENT ON COLUMN vigil.entity_metrics.strength IS 'Sum of the weights of its active relationships in both directions, a loop twice; those without a weight are left out. Null if none has one.';
COMMENT ON COLUMN vigil.entity_metrics.clustering_coefficient IS 'Local clustering coefficient 2T / (d (d - 1)), 0 below degree 2 (Watts and Strogatz 1998, doi:10.1038/30918).';
COMMENT ON COLUMN vigil.entity_metrics.triangle_count IS 'Triangles through the entity.';
COMMENT ON COLUMN vigil.entity_metrics.core_number IS 'Largest k so that the entity is in the k-core (Seidman 1983, doi:10.1016/0378-8733(83)90028-X).';
COMMENT ON COLUMN vigil.entity_metrics.component_id IS 'Connected component: the smallest entity id in it.';
COMMENT ON COLUMN vigil.entity_metrics.pagerank IS 'PageRank on the directed graph, damping 0.85, the mass of entities without successors spread evenly (doi:10.1016/S0169-7552(98)00110-X).';
COMMENT ON COLUMN vigil.entity_metrics.pagerank_error IS 'All PageRanks together are off by no more (sum of absolute differences).';
COMMENT ON COLUMN vigil.entity_metrics.measured_at IS 'When degree to pagerank were measured: the time of the last change that touched the entity, or of a later scan.';
COMMENT ON COLUMN vigil.entity_metrics.betweenness_centrality IS 'Share of the shortest paths between others through it: Brandes, divided by (n - 1)(n - 2) / 2 (doi:10.1080/0022250X.2001.9990249).';
COMMENT ON COLUMN vigil.entity_metrics.betweenness_error IS 'It is off by no more, with the certainty that vigil.metric_status names; 0: exact at as_of; null: an estimate without a bound.';
COMMENT ON COLUMN vigil.entity_metrics.closeness_centrality IS 'Closeness by Wasserman and Faust: share of the entities it reaches, divided by their mean distance.';
COMMENT ON COLUMN vigil.entity_metrics.closeness_error IS 'It is off by no more, with the certainty that vigil.metric_status names; 0: exact at as_of; null: an estimate without a bound.';
COMMENT ON COLUMN vigil.entity_metrics.harmonic_centrality IS 'Harmonic centrality: sum of 1 / distance.';
COMMENT ON COLUMN vigil.entity_metrics.harmonic_error IS 'It is off by no more, with the certainty that vigil.metric_status names; 0: exact at as_of; null: an estimate without a bound.';
COMMENT ON COLUMN vigil.entity_metrics.eigenvector_centrality IS 'Component of the principal eigenvector, whose length is 1.';
COMMENT ON COLUMN vigil.entity_metrics.eigenvector_error IS 'Length of A x - lambda x for the whole vector at as_of; null: an estimate without a bound.';
COMMENT ON COLUMN vigil.entity_metrics.community_id IS 'Community by the Leiden algorithm: the smallest entity id in it (doi:10.1038/s41598-019-41695-z).';
COMMENT ON COLUMN vigil.entity_metrics.is_articulation_point IS 'True: without it its connected component would fall apart.';
COMMENT ON COLUMN vigil.entity_metrics.as_of IS 'The time of which betweenness to is_articulation_point are.';
COMMENT ON COLUMN vigil.entity_metrics.graph_epoch IS 'State of the graph of which they are.';
COMMENT ON COLUMN vigil.entity_metrics.is_exact IS 'False: betweenness and closeness are sampled, or estimates for an entity that is younger than as_of.';
