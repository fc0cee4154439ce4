package import PostgresClient

/// What has happened of late, for those who watch live.
///
/// Nothing is written for it: events are read from what is there anyway, by indexes, so they cost the
/// judging nothing. Their ids are times; a reader looks back a little further than its last one, since
/// a transaction that began earlier may commit later.
package enum EventStore {
    /// An event as the API sends it.
    package struct Event: Sendable, Equatable {
        /// Microseconds since 1970 when it happened.
        package var time: Int64
        /// Its name, such as `metrics:anomaly:detected`.
        package var kind: String
        /// What it is about.
        package var key: String
        /// JSON.
        package var data: String

        /// What tells it from every other one.
        package var name: String { "\(time)-\(kind)-\(key)" }
    }

    /// The database's clock, in microseconds since 1970.
    package static func now(on connection: PostgresConnection) async throws -> Int64 {
        try await connection.query(
            "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
        ).int64(row: 0, column: 0)
    }

    /// The events from a time on, in order, at most so many; those after one of them, where it is given.
    package static func events(
        since microseconds: Int64, after last: Event? = nil, limit: Int,
        on connection: PostgresConnection
    ) async throws -> [Event] {
        let answer = try await connection.query(
            """
            WITH since AS MATERIALIZED (SELECT to_timestamp($1 / 1000000.0) AS at),
            event AS (
                SELECT anomaly.first_detected AS at, 'metrics:anomaly:detected' AS kind, anomaly.id::text AS key,
                    json_build_object('id', anomaly.id, 'severity', anomaly.severity,
                        'score', round(anomaly.anomaly_score::numeric, 3), 'type', anomaly.anomaly_type,
                        'subject_kind', anomaly.subject_kind, 'subject_id', anomaly.subject_id,
                        'description', left(anomaly.description, 500)) AS data
                FROM since, vigil.anomalies AS anomaly
                WHERE anomaly.last_detected >= since.at AND anomaly.first_detected >= since.at
                UNION ALL
                SELECT anomaly.resolved_at, 'metrics:anomaly:resolved', anomaly.id::text,
                    json_build_object('id', anomaly.id, 'resolution', left(anomaly.resolution, 500))
                FROM since, vigil.anomalies AS anomaly
                WHERE NOT anomaly.is_active
                    AND coalesce(anomaly.resolved_at, anomaly.last_detected) >= since.at
                    AND anomaly.resolved_at >= since.at
                UNION ALL
                SELECT review.reviewed_at, 'metrics:anomaly:reviewed', review.id::text,
                    json_build_object('id', review.anomaly_id, 'verdict', review.verdict,
                        'reviewed_by', review.reviewed_by)
                FROM since, vigil.reviews AS review WHERE review.reviewed_at >= since.at
                UNION ALL
                SELECT coalesce(task.finished_at, task.heartbeat_at), 'task:progress',
                    task.id || ' ' || task.state,
                    json_build_object('id', task.id, 'kind', task.kind, 'state', task.state,
                        'progress', task.progress, 'stage', task.stage)
                FROM since, vigil.tasks AS task
                WHERE coalesce(task.finished_at, task.heartbeat_at) >= since.at
                UNION ALL
                SELECT report.created_at, 'drift', report.id::text,
                    json_build_object('id', report.id, 'verdict', report.verdict,
                        'summary', left(report.summary, 500))
                FROM since, vigil.drift_reports AS report WHERE report.created_at >= since.at)
            SELECT happened.time, happened.kind, happened.key, happened.data::text
            FROM (SELECT (extract(epoch FROM at) * 1000000)::bigint AS time, kind, key, data FROM event)
                AS happened
            WHERE $3::bigint IS NULL OR (happened.time, happened.kind, happened.key) > ($3, $4, $5)
            ORDER BY happened.time, happened.kind, happened.key LIMIT $2
            """,
            [
                .int64(microseconds), .int64(Int64(limit)), .optional(last?.time),
                .optional(last?.kind), .optional(last?.key),
            ])
        return try (0..<answer.rowCount).map { row in
            Event(
                time: try answer.int64(row: row, column: 0),
                kind: try answer.string(row: row, column: 1),
                key: try answer.string(row: row, column: 2),
                data: try answer.string(row: row, column: 3))
        }
    }
}

/// Reads events so that none is missed and none comes twice.
package struct EventReader: Sendable {
    /// How far behind the newest event a look begins, in microseconds: as long as a transaction may take
    /// between its first and its last moment.
    package static let overlap: Int64 = 5_000_000
    /// The most events of one look; what is more comes with the next ones.
    package static let limit = 1000

    private let start: Int64
    private var position: Int64
    /// Where the next look goes on, and when the first one of them was: nil where the last one saw all.
    private var unfinished: (last: EventStore.Event, began: Int64)?
    /// Events already read, with their times: a look back finds them again.
    private var read: [String: Int64] = [:]

    /// A reader of what happens from a time on, in microseconds since 1970.
    package init(since start: Int64) {
        self.start = start
        position = start
    }

    /// Whether the last look has left something.
    package var hasMore: Bool { unfinished != nil }

    /// What is new.
    package mutating func next(
        on connection: PostgresConnection
    ) async throws -> [EventStore.Event] {
        let began: Int64 =
            if let unfinished { unfinished.began } else {
                try await EventStore.now(on: connection)
            }
        let events = try await EventStore.events(
            since: position - Self.overlap, after: unfinished?.last, limit: Self.limit,
            on: connection)
        let new = events.filter { event in
            read.updateValue(event.time, forKey: event.name) == nil && event.time >= start
        }
        if events.count == Self.limit, let last = events.last {
            unfinished = (last, began)
        } else {
            // What committed behind the looks is found by the next one, which begins before them.
            let newest = events.last?.time ?? unfinished?.last.time ?? position
            position = max(position, min(newest, began))
            unfinished = nil
            let horizon = position - 2 * Self.overlap
            read = read.filter { $0.value >= horizon }
        }
        return new
    }
}
