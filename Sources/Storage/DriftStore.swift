package import PostgresClient

/// What a check for drift reads and leaves behind.
package enum DriftStore {
    /// The setting `drift_psi_min`, and the database's clock in seconds since 1970.
    package static func question(
        on connection: PostgresConnection
    ) async throws(PostgresError) -> (stabilityIndexMin: Double, asOf: Double) {
        let answer = try await connection.query(
            """
            SELECT (vigil.get_setting('drift_psi_min'))::float8,
                date_part('epoch', clock_timestamp())
            """)
        return (try answer.double(row: 0, column: 0), try answer.double(row: 0, column: 1))
    }

    /// The report of a check that is over, as JSON; nil where its task left none.
    package static func report(
        ofTask id: Int64, on connection: PostgresConnection
    ) async throws(PostgresError) -> String? {
        let answer = try await connection.query(
            """
            SELECT jsonb_build_object('as_of', date_part('epoch', report.checked_at),
                'trained_at', date_part('epoch', report.trained_at),
                'model_version', report.model_version, 'verdict', report.verdict,
                'summary', report.summary, 'findings', report.findings)::text
            FROM vigil.tasks AS task
            JOIN vigil.drift_reports AS report ON report.id = (task.result ->> 'report')::bigint
            WHERE task.id = $1
            """, [.int64(id)])
        return answer.rowCount == 1 ? try answer.string(row: 0, column: 0) : nil
    }
}

extension TaskStore {
    /// Stores what a task has found about drift, does what the setting asks for, and ends the task.
    ///
    /// - Returns: false when the task was cancelled, or another runner has it.
    package func storeDrift(
        _ id: Int64, report: String, on connection: PostgresConnection
    ) async throws(PostgresError) -> Bool {
        try await connection.query(
            "SELECT vigil.store_drift($1, $2, $3)", [.int64(id), .text(runner), .jsonb(report)]
        ).bool(row: 0, column: 0)
    }
}
