import AnomalyDetection
import PostgresClient

extension ResultWriter {
    /// The metrics of the judged entities.
    static func metrics(_ results: BatchResults) -> Statement {
        let all = results.metrics
        return Statement(
            """
            INSERT INTO vigil.entity_metrics AS m (
                entity_id, degree, degree_centrality, incoming_relationships, outgoing_relationships,
                strength,
                clustering_coefficient, triangle_count, core_number, component_id, pagerank,
                pagerank_error, measured_at, betweenness_centrality, betweenness_error,
                closeness_centrality, closeness_error, harmonic_centrality, harmonic_error,
                eigenvector_centrality, eigenvector_error, community_id, is_articulation_point,
                as_of, graph_epoch, is_exact)
            SELECT id, degree, centrality, incoming, outgoing, nullif(strength, 'NaN'),
                clustering, triangles, nullif(core, -1), nullif(component, -1),
                nullif(pagerank, 'NaN'), nullif(pagerank_error, 'NaN'), $26,
                nullif(betweenness, 'NaN'), nullif(betweenness_error, 'NaN'),
                nullif(closeness, 'NaN'), nullif(closeness_error, 'NaN'),
                nullif(harmonic, 'NaN'), nullif(harmonic_error, 'NaN'),
                nullif(eigenvector, 'NaN'), nullif(eigenvector_error, 'NaN'),
                nullif(community, -1), CASE cut WHEN 1 THEN true WHEN 0 THEN false END,
                to_timestamp(as_of), epoch, exact
            FROM unnest($1::bigint[], $2::bigint[], $3::float8[], $4::bigint[], $5::bigint[],
                $6::float8[], $7::float8[], $8::bigint[], $9::bigint[], $10::bigint[],
                $11::float8[], $12::float8[], $13::float8[], $14::float8[], $15::float8[],
                $16::float8[], $17::float8[], $18::float8[], $19::float8[], $20::float8[],
                $21::bigint[], $22::bigint[], $23::float8[], $24::bigint[], $25::boolean[])
                AS u (id, degree, centrality, incoming, outgoing, strength, clustering,
                    triangles, core, component, pagerank, pagerank_error, betweenness,
                    betweenness_error, closeness, closeness_error, harmonic, harmonic_error,
                    eigenvector, eigenvector_error, community, cut, as_of, epoch, exact)
            ON CONFLICT (entity_id) DO UPDATE SET (
                degree, degree_centrality, incoming_relationships, outgoing_relationships, strength,
                clustering_coefficient, triangle_count, core_number, component_id, pagerank,
                pagerank_error, measured_at, betweenness_centrality, betweenness_error,
                closeness_centrality, closeness_error, harmonic_centrality, harmonic_error,
                eigenvector_centrality, eigenvector_error, community_id, is_articulation_point,
                as_of, graph_epoch, is_exact) = (
                excluded.degree, excluded.degree_centrality, excluded.incoming_relationships,
                excluded.outgoing_relationships, excluded.strength, excluded.clustering_coefficient,
                excluded.triangle_count, excluded.core_number, excluded.component_id,
                excluded.pagerank, excluded.pagerank_error, excluded.measured_at,
                excluded.betweenness_centrality, excluded.betweenness_error,
                excluded.closeness_centrality, excluded.closeness_error,
                excluded.harmonic_centrality, excluded.harmonic_error,
                excluded.eigenvector_centrality, excluded.eigenvector_error,
                excluded.community_id, excluded.is_articulation_point, excluded.as_of,
                excluded.graph_epoch, excluded.is_exact)
            """,
            [
                .int64Array(all.map(\.entityID)), .int64Array(all.map { Int64($0.degree) }),
                .doubleArray(all.map(\.degreeCentrality)),
                .int64Array(all.map { Int64($0.incomingCount) }),
                .int64Array(all.map { Int64($0.outgoingCount) }), .doubleArray(all.map(\.strength)),
                .doubleArray(all.map(\.clusteringCoefficient)),
                .int64Array(all.map { Int64($0.triangleCount) }),
                .int64Array(all.map { Int64($0.coreNumber ?? -1) }),
                .int64Array(all.map { $0.componentID ?? -1 }), .doubleArray(all.map(\.pageRank)),
                .doubleArray(all.map(\.pageRankError)),
                .doubleArray(all.map(\.betweennessCentrality)),
                .doubleArray(all.map(\.betweennessError)),
                .doubleArray(all.map(\.closenessCentrality)),
                .doubleArray(all.map(\.closenessError)),
                .doubleArray(all.map(\.harmonicCentrality)),
                .doubleArray(all.map(\.harmonicError)),
                .doubleArray(all.map(\.eigenvectorCentrality)),
                .doubleArray(all.map(\.eigenvectorError)),
                .int64Array(all.map { $0.communityID ?? -1 }),
                .int64Array(all.map { $0.isArticulationPoint.map { $0 ? 1 : 0 } ?? -1 }),
                .doubleArray(all.map { $0.asOf.isNaN ? results.asOf : $0.asOf }),
                .int64Array(all.map(\.graphEpoch)), .boolArray(all.map(\.isExact)),
                .timestampSeconds(results.asOf),
            ])
    }
}
