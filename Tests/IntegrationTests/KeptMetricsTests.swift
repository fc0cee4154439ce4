import Testing

extension Integration {
    /// The stored graph metrics of a followed database beside those computed from its tables.
    @Suite("Kept metrics in the database", .requiresProgram) struct KeptMetricsTests {
        @Test("After inserts, updates and deletes the stored metrics are those of the tables")
        func equalTables() async throws {
            let database = try await VigilDatabase.fresh()
            try await database.set("metrics_refresh_seconds", "1")
            try await database.set("metric_audit_seconds", "1")
            try await RunningSidecar.following(database) { _ in
                let entities = try await database.addEntities(70)
                let first = try #require(entities.first)
                func end(_ place: String) -> String { "\(first) + (\(place))::int % 70" }
                // Two halves that one relationship joins for a while, loops, parallels, a hub.
                try await database.execute(
                    """
                    INSERT INTO vigil.relationships (source_entity_id, target_entity_id, type, weight)
                    SELECT \(end("i * i / 7")), \(end("i * 13 / 3")), 'related_to', i % 5
                    FROM generate_series(1, 160) AS i
                    """)
                try await database.execute(
                    """
                    UPDATE vigil.relationships SET is_active = false WHERE id % 9 = 0;
                    UPDATE vigil.relationships SET target_entity_id = \(end("id * 11")) WHERE id % 7 = 1;
                    UPDATE vigil.relationships SET is_active = true WHERE id % 18 = 0;
                    """)
                try await database.execute("DELETE FROM vigil.relationships WHERE id % 4 = 2")
                try await database.execute("DELETE FROM vigil.entities WHERE id % 12 = 5")
                let expected = try await computed(database)
                try await eventually("stored metrics", equals: expected) {
                    try await stored(database)
                }
                try await eventually("audited metrics", equals: 7) {
                    try await database.int(
                        "SELECT count(*) FROM vigil.metric_health WHERE audited_count > 0")
                }
                let wrong = try await database.int(
                    """
                    SELECT count(*) FROM vigil.metric_health
                    WHERE method = 'recomputed' OR largest_difference > 0
                    """)
                #expect(wrong == 0)
                let bound = try await database.text(
                    "SELECT (max(pagerank_error) <= 1e-6)::text FROM vigil.entity_metrics")
                #expect(bound == "true")
            }
        }

        /// Entity, degree, triangles, core number, component and PageRank, by the metrics command.
        private func computed(_ database: VigilDatabase) async throws -> [String] {
            let outcome = try await VigilProgram.run(
                "metrics", "--dsn", database.conninfo, "--metrics",
                "degree,triangles,core,component,pagerank", "--report", "none")
            #expect(outcome.status == 0, "\(outcome)")
            let lines = outcome.output.split(separator: "\n").map { $0.split(separator: ",") }
            let header = try #require(lines.first).map(String.init)
            let columns = try [
                "node", "degree", "triangles", "core_number", "component", "pagerank",
            ].map { try #require(header.firstIndex(of: $0)) }
            return try lines.dropFirst().map { fields in
                let values = columns.map { String(fields[$0]) }
                let rank = try #require(Double(values[5]))
                return (values.dropLast() + ["\(Int((rank * 1e5).rounded()))"])
                    .joined(separator: " ")
            }
        }

        private func stored(_ database: VigilDatabase) async throws -> [String] {
            try await database.text(
                """
                SELECT coalesce(string_agg(concat_ws(' ', entity_id, degree, triangle_count,
                    core_number, component_id, round(pagerank * 1e5)::int), E'\\n' ORDER BY entity_id), '')
                FROM vigil.entity_metrics
                """
            ).split(separator: "\n").map(String.init)
        }
    }
}
