import Foundation
package import PostgresClient

/// A row of `vigil.tasks` that this process has taken.
package struct ClaimedTask: Sendable, Equatable {
    package var id: Int64
    package var kind: String
    package var arguments: TaskArguments
    /// The same as the JSON that it was filed with.
    package var argumentsText = "{}"
    /// Not before then, in seconds since 1970; of a scheduled task when it was due.
    package var runAfter: Double
    package var attempt: Int
}

/// What a task is asked to do; each kind has its own part of these.
package struct TaskArguments: Sendable, Equatable, Decodable {
    package var entityIDs: [Int64]?
    package var relationshipIDs: [Int64]?
    package var seed: UInt64?
    package var trees: Int?
    package var sampleSize: Int?
    package var contamination: Double?
    package var folds: Int?
    package var activate: Bool?
    package var skipIfTooFew: Bool?
    package var periodStart: String?
    package var periodEnd: String?
    package var anomalyID: String?
    package var format: String?
    package var hops: Int?
    package var nodes: Int?

    enum CodingKeys: String, CodingKey {
        case seed, trees, contamination, folds, activate, format, hops, nodes
        case entityIDs = "entity_ids"
        case relationshipIDs = "relationship_ids"
        case sampleSize = "sample_size"
        case skipIfTooFew = "skip_if_too_few"
        case periodStart = "period_start"
        case periodEnd = "period_end"
        case anomalyID = "anomaly_id"
    }
}

/// The queue of `vigil.tasks` as one runner sees it.
package struct TaskStore: Sendable {
    /// The name of the runner, which no other process has.
    package var runner: String

    package init(runner: String) {
        self.runner = runner
    }

    /// Settings of a runner's sessions.
    package static let sessionSettings = """
        SET search_path = vigil, pg_catalog, pg_temp;
        -- Durable here is enough: who waits for a standby that is gone would hang, and at SIGTERM too.
        SET synchronous_commit = local;
        SET statement_timeout = '600s';
        SET lock_timeout = '10s';
        SET idle_in_transaction_session_timeout = '60s';
        """

    // MARK: - The queue

    /// Takes the next task that is due; `nil` when there is none.
    package func claim(on connection: PostgresConnection) async throws -> ClaimedTask? {
        let answer = try await connection.query(
            "SELECT id, kind, arguments::text, run_after, attempts FROM vigil.claim_task($1)",
            [.text(runner)])
        guard answer.rowCount == 1 else { return nil }
        let arguments = Data(try answer.string(row: 0, column: 2).utf8)
        return ClaimedTask(
            id: try answer.int64(row: 0, column: 0), kind: try answer.string(row: 0, column: 1),
            // The database has checked them; what it let pass and this cannot read fails the task.
            arguments: (try? JSONDecoder().decode(TaskArguments.self, from: arguments))
                ?? TaskArguments(),
            argumentsText: String(decoding: arguments, as: UTF8.self),
            runAfter: try answer.timestampSeconds(row: 0, column: 3),
            attempt: Int(try answer.int32(row: 0, column: 4)))
    }

    /// A sign of life; false when the runner is to stop.
    package func report(
        _ id: Int64, progress: Double, stage: String, on connection: PostgresConnection
    ) async throws(PostgresError) -> Bool {
        try await connection.query(
            "SELECT vigil.report_progress($1, $2, $3, nullif($4, ''))",
            [.int64(id), .text(runner), .double(progress), .text(stage)]
        ).bool(row: 0, column: 0)
    }

    /// Ends a task with its result, a JSON object.
    package func finish(
        _ id: Int64, result: String, on connection: PostgresConnection
    ) async throws(PostgresError) {
        _ = try await connection.query(
            "SELECT vigil.finish_task($1, $2, $3)", [.int64(id), .text(runner), .jsonb(result)])
    }

    /// Ends an attempt that failed; returns the new state, `nil` when another runner has the task.
    @discardableResult
    package func fail(
        _ id: Int64, error: String, isFinal: Bool, on connection: PostgresConnection
    ) async throws(PostgresError) -> String? {
        try await connection.query(
            "SELECT vigil.fail_task($1, $2, $3, $4)",
            [.int64(id), .text(runner), .text(error), .bool(isFinal)]
        ).optionalString(row: 0, column: 0)
    }

    /// Gives a task back; returns the new state, `nil` when another runner has it.
    @discardableResult
    package func release(
        _ id: Int64, on connection: PostgresConnection
    ) async throws(PostgresError) -> String? {
        try await connection.query(
            "SELECT vigil.release_task($1, $2)", [.int64(id), .text(runner)]
        ).optionalString(row: 0, column: 0)
    }

    /// Files the tasks of the schedules that are due; returns how many.
    package static func runSchedules(
        on connection: PostgresConnection
    ) async throws(PostgresError) -> Int {
        Int(
            try await connection.query("SELECT vigil.run_schedules()").int32(row: 0, column: 0))
    }

    // MARK: - What tasks do in the database

    /// The entities, and both ends of the relationships.
    package static func detectionTargets(
        _ arguments: TaskArguments, on connection: PostgresConnection
    ) async throws(PostgresError) -> [Int64] {
        let answer = try await connection.query(
            """
            SELECT unnest($1::bigint[])
            UNION
            SELECT unnest(ARRAY[source_entity_id, target_entity_id]) FROM vigil.relationships
            WHERE id = ANY ($2)
            ORDER BY 1
            """,
            [
                .int64Array(arguments.entityIDs ?? []),
                .int64Array(arguments.relationshipIDs ?? []),
            ])
        var ids: [Int64] = []
        for row in 0..<answer.rowCount { ids.append(try answer.int64(row: row, column: 0)) }
        return ids
    }

    /// How many of these entities have an open anomaly; of all when there are none given.
    package static func anomalousCount(
        of ids: [Int64]?, on connection: PostgresConnection
    ) async throws(PostgresError) -> Int64 {
        let answer: QueryResult
        if let ids {
            answer = try await connection.query(
                """
                SELECT count(DISTINCT subject_id) FROM vigil.anomalies
                WHERE subject_kind = 'entity' AND subject_id = ANY ($1) AND is_active
                """, [.int64Array(ids)])
        } else {
            answer = try await connection.query(
                """
                SELECT count(DISTINCT subject_id) FROM vigil.anomalies
                WHERE subject_kind = 'entity' AND is_active
                """)
        }
        return try answer.int64(row: 0, column: 0)
    }

    /// Makes the report of a task, by default of the day that ended when the task was due.
    package static func makeReport(
        for task: ClaimedTask, on connection: PostgresConnection
    ) async throws(PostgresError) -> Int64 {
        try await connection.query(
            """
            SELECT vigil.make_report($1::text::timestamptz, CASE
                WHEN $2::text IS NOT NULL THEN $2::text::timestamptz
                WHEN $1::text IS NULL THEN $3 END)
            """,
            [
                .optional(task.arguments.periodStart), .optional(task.arguments.periodEnd),
                .timestampSeconds(task.runAfter),
            ]
        ).int64(row: 0, column: 0)
    }

    /// Runs the upkeep until nothing is left to do; returns the number of its steps as JSON.
    package static func maintain(
        on connection: PostgresConnection
    ) async throws(PostgresError) -> String {
        var stepCount = 0
        while try await SidecarRegistry.upkeep(on: connection) { stepCount += 1 }
        return "{\"steps\": \(stepCount)}"
    }

    /// Stores the model that a task has trained and ends the task, in one step.
    ///
    /// - Returns: false when the task was cancelled, or another runner has it.
    package func storeModel(
        _ id: Int64, version: String, card: String, archive: [UInt8], result: String,
        on connection: PostgresConnection
    ) async throws(PostgresError) -> Bool {
        try await connection.query(
            "SELECT vigil.store_model($1, $2, $3, $4, $5, $6)",
            [
                .int64(id), .text(runner), .text(version), .jsonb(card), .bytes(archive),
                .jsonb(result),
            ]
        ).bool(row: 0, column: 0)
    }
}
