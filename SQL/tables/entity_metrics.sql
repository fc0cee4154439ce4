CREATE TABLE vigil.entity_metrics (
    entity_id bigint PRIMARY KEY,
    degree integer CHECK (degree >= 0),
    degree_centrality double precision CHECK (degree_centrality BETWEEN 0 AND 1),
    clustering_coefficient double precision CHECK (clustering_coefficient BETWEEN 0 AND 1),
    triangle_count bigint CHECK (triangle_count >= 0),
    betweenness_centrality double precision CHECK (betweenness_centrality >= 0),
    closeness_centrality double precision CHECK (closeness_centrality >= 0),
    harmonic_centrality double precision CHECK (harmonic_centrality >= 0),
    eigenvector_centrality double precision CHECK (eigenvector_centrality >= 0),
    pagerank double precision CHECK (pagerank BETWEEN 0 AND 1),
    core_number integer CHECK (core_number >= 0),
    component_id bigint,
    as_of timestamptz NOT NULL DEFAULT now(),
    graph_epoch bigint,
    is_exact boolean NOT NULL DEFAULT true
) WITH (fillfactor = 70);

COMMENT ON TABLE vigil.entity_metrics IS 'Graph metrics of each entity, on the simple undirected graph of active relationships. Without a foreign key, so that writing them never waits for writers of entities.';
COMMENT ON COLUMN vigil.entity_metrics.entity_id IS 'The entity.';
COMMENT ON COLUMN vigil.entity_metrics.degree IS 'Distinct neighbours.';
COMMENT ON COLUMN vigil.entity_metrics.degree_centrality IS 'Distinct neighbours / (n - 1).';
COMMENT ON COLUMN vigil.entity_metrics.clustering_coefficient IS 'Local clustering coefficient 2T / (d (d - 1)), 0 below degree 2.';
COMMENT ON COLUMN vigil.entity_metrics.triangle_count IS 'Triangles through the entity.';
COMMENT ON COLUMN vigil.entity_metrics.betweenness_centrality IS 'Betweenness by Brandes, divided by (n - 1)(n - 2) / 2.';
COMMENT ON COLUMN vigil.entity_metrics.closeness_centrality IS 'Closeness by Wasserman and Faust.';
COMMENT ON COLUMN vigil.entity_metrics.harmonic_centrality IS 'Harmonic centrality.';
COMMENT ON COLUMN vigil.entity_metrics.eigenvector_centrality IS 'Component of the principal eigenvector, whose length is 1.';
COMMENT ON COLUMN vigil.entity_metrics.pagerank IS 'PageRank on the directed graph, damping 0.85.';
COMMENT ON COLUMN vigil.entity_metrics.core_number IS 'Largest k so that the entity is in the k-core.';
COMMENT ON COLUMN vigil.entity_metrics.component_id IS 'Connected component: the smallest entity id in it.';
COMMENT ON COLUMN vigil.entity_metrics.as_of IS 'The time of which the global metrics are.';
COMMENT ON COLUMN vigil.entity_metrics.graph_epoch IS 'State of the graph of which they are.';
COMMENT ON COLUMN vigil.entity_metrics.is_exact IS 'False: betweenness and closeness are estimates from sampled sources.';
