package import PostgresClient

/// The rows of `vigil.metric_health`: how each graph metric is kept, and how good it is.
package enum MetricHealthStore {
    /// One metric's row; NaN and nil become null.
    package struct Row: Sendable, Equatable {
        /// The column of `vigil.entity_metrics`.
        package var metric: String
        /// One of the methods that the table allows.
        package var method: String
        /// The time of which the values are, seconds since 1970.
        package var asOf: Double
        /// The state of the graph of which they are.
        package var graphEpoch: Int64?
        /// The values are off by no more, but for the probability beside it.
        package var errorBound, errorProbability: Double
        package var sampleCount: Int?
        /// What the last computation from the whole graph took.
        package var seconds: Double
        /// When kept values were last compared, how many so far, and the largest difference.
        package var auditedAt: Double
        package var auditedCount: Int?
        package var largestDifference: Double
        package var note: String?

        package init(metric: String, method: String, asOf: Double) {
            self.metric = metric
            self.method = method
            self.asOf = asOf
            errorBound = .nan
            errorProbability = .nan
            seconds = .nan
            auditedAt = .nan
            largestDifference = .nan
        }
    }

    /// Writes the rows in place of those before.
    package static func write(
        _ rows: [Row], on connection: PostgresConnection
    ) async throws(PostgresError) {
        _ = try await connection.query(
            """
            INSERT INTO vigil.metric_health AS h (
                metric, method, as_of, graph_epoch, error_bound, error_probability, sample_count,
                seconds, audited_at, audited_count, largest_difference, note)
            SELECT metric, method, to_timestamp(as_of), nullif(epoch, -1), nullif(bound, 'NaN'),
                nullif(probability, 'NaN'), nullif(samples, -1), nullif(seconds, 'NaN'),
                to_timestamp(nullif(audited, 'NaN')), nullif(compared, -1),
                nullif(largest, 'NaN'), note
            FROM unnest($1::text[], $2::text[], $3::float8[], $4::bigint[], $5::float8[],
                $6::float8[], $7::bigint[], $8::float8[], $9::float8[], $10::bigint[],
                $11::float8[], $12::text[])
                AS u (metric, method, as_of, epoch, bound, probability, samples, seconds, audited,
                    compared, largest, note)
            ON CONFLICT (metric) DO UPDATE SET (
                method, as_of, graph_epoch, error_bound, error_probability, sample_count, seconds,
                audited_at, audited_count, largest_difference, note) = (
                excluded.method, excluded.as_of, excluded.graph_epoch, excluded.error_bound,
                excluded.error_probability, excluded.sample_count, excluded.seconds,
                excluded.audited_at, excluded.audited_count, excluded.largest_difference,
                excluded.note)
            """,
            [
                .textArray(rows.map(\.metric)), .textArray(rows.map(\.method)),
                .doubleArray(rows.map(\.asOf)), .int64Array(rows.map { $0.graphEpoch ?? -1 }),
                .doubleArray(rows.map(\.errorBound)), .doubleArray(rows.map(\.errorProbability)),
                .int64Array(rows.map { Int64($0.sampleCount ?? -1) }),
                .doubleArray(rows.map(\.seconds)), .doubleArray(rows.map(\.auditedAt)),
                .int64Array(rows.map { Int64($0.auditedCount ?? -1) }),
                .doubleArray(rows.map(\.largestDifference)),
                .textArray(rows.map(\.note)),
            ])
    }
}
