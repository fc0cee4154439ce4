package import PostgresClient

/// A task as `vigil.task_status` shows it.
package struct TaskLine: Sendable, Codable, Equatable {
    package var id: Int64
    package var kind: String
    package var state: String
    package var progress: String
    package var filed: String
    package var took: String
    package var tries: String
    package var by: String
    package var note: String
}

/// What people do with tasks.
package enum TaskList {
    /// The newest tasks first.
    package static func newest(
        _ limit: Int, on connection: PostgresConnection
    ) async throws(PostgresError) -> [TaskLine] {
        let answer = try await connection.query(
            """
            SELECT id, kind, state, progress, filed, coalesce(took, ''), tries, by,
                coalesce(note, '')
            FROM vigil.task_status LIMIT $1
            """, [.int64(Int64(limit))])
        var lines: [TaskLine] = []
        for row in 0..<answer.rowCount {
            lines.append(
                TaskLine(
                    id: try answer.int64(row: row, column: 0),
                    kind: try answer.string(row: row, column: 1),
                    state: try answer.string(row: row, column: 2),
                    progress: try answer.string(row: row, column: 3),
                    filed: try answer.string(row: row, column: 4),
                    took: try answer.string(row: row, column: 5),
                    tries: try answer.string(row: row, column: 6),
                    by: try answer.string(row: row, column: 7),
                    note: try answer.string(row: row, column: 8)))
        }
        return lines
    }

    /// Files a task with arguments as JSON, and returns its key.
    package static func add(
        kind: String, arguments: String, on connection: PostgresConnection
    ) async throws(PostgresError) -> Int64 {
        try await connection.ask(
            "SELECT vigil.add_task($1, $2::text::jsonb)", [.text(kind), .text(arguments)]
        ).int64(row: 0, column: 0)
    }

    /// Waits until a task is done, and returns its result as JSON.
    package static func wait(
        for id: Int64, seconds: Double, on connection: PostgresConnection
    ) async throws(PostgresError) -> String {
        _ = try await connection.ask(
            "CALL vigil.wait_for_task($1, $2::float8 * interval '1 second')",
            [.int64(id), .double(seconds)])
        return try await connection.query(
            "SELECT coalesce(result::text, '{}') FROM vigil.tasks WHERE id = $1", [.int64(id)]
        ).string(row: 0, column: 0)
    }

    /// Cancels a task, and returns its state.
    package static func cancel(
        _ id: Int64, on connection: PostgresConnection
    ) async throws(PostgresError) -> String {
        try await connection.ask("SELECT vigil.cancel_task($1)", [.int64(id)])
            .string(row: 0, column: 0)
    }

    /// Queues a failed, dead or cancelled task again.
    package static func retry(
        _ id: Int64, on connection: PostgresConnection
    ) async throws(PostgresError) {
        _ = try await connection.ask("SELECT vigil.retry_task($1)", [.int64(id)])
    }
}
