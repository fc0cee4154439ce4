package import PostgresClient

/// Webhooks and the calls that they are due.
package enum WebhookStore {
    /// One call.
    package struct Delivery: Sendable, Equatable {
        package var id: Int64
        package var webhook: String
        package var url: String
        package var secret: String
        package var payload: String
        /// How often it was tried, this time included.
        package var attempts: Int
    }

    /// The channel that tells of new calls.
    package static let channel = "vigil_webhooks"
    /// The most calls of one webhook that are claimed at once.
    package static let claimLimit: Int32 = 8
    /// Another sidecar takes over a claimed call after so many seconds.
    package static let leaseSeconds: Double = 180
    /// Ended calls are forgotten after so many days.
    package static let keptDays: Double = 30

    /// Files what has happened for the webhooks that are called for it; returns how many calls.
    ///
    /// Events are read as the live ones are, from a little before the last one; what is filed already is
    /// not filed again.
    package static func fileEvents(on connection: PostgresConnection) async throws -> Int {
        let answer = try await connection.query(
            """
            SELECT min("position"), (extract(epoch FROM clock_timestamp()) * 1000000)::bigint
            FROM vigil.webhooks WHERE events <> '{}'
            """)
        guard !answer.isNull(row: 0, column: 0) else { return 0 }
        let position = try answer.int64(row: 0, column: 0)
        let began = try answer.int64(row: 0, column: 1)
        var (filed, newest) = (0, position)
        var last: EventStore.Event?
        repeat {
            let events = try await EventStore.events(
                since: position - EventReader.overlap, after: last, limit: EventReader.limit,
                on: connection)
            if !events.isEmpty { filed += try await file(events, on: connection) }
            newest = events.last?.time ?? newest
            last = events.count == EventReader.limit ? events.last : nil
        } while last != nil
        if min(newest, began) > position {
            _ = try await connection.query(
                #"UPDATE vigil.webhooks SET "position" = greatest("position", $1)"#,
                [.int64(min(newest, began))])
        }
        return filed
    }

    private static func file(
        _ events: [EventStore.Event], on connection: PostgresConnection
    ) async throws -> Int {
        let answer = try await connection.query(
            """
            WITH filed AS (
                INSERT INTO vigil.webhook_deliveries (webhook, event, kind, payload)
                SELECT webhook.name, event.name, event.kind, jsonb_build_object('type', event.kind,
                    'timestamp', to_char(to_timestamp(event.time / 1000000.0) AT TIME ZONE 'UTC',
                        'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                    'data', event.data::jsonb)::text
                FROM vigil.webhooks AS webhook,
                    unnest($1::text[], $2::text[], $3::bigint[], $4::text[]) WITH ORDINALITY
                        AS event (name, kind, time, data, nth)
                WHERE event.kind = ANY (webhook.events)
                    AND to_timestamp(event.time / 1000000.0) >= webhook.created_at
                    AND coalesce(array_position('{low,medium,high,critical}',
                            event.data::jsonb ->> 'severity')
                        >= array_position('{low,medium,high,critical}', webhook.severity_min), true)
                ORDER BY event.nth
                ON CONFLICT DO NOTHING RETURNING 1)
            SELECT count(*)::integer FROM filed
            """,
            [
                .textArray(events.map(\.name)), .textArray(events.map(\.kind)),
                .int64Array(events.map(\.time)), .textArray(events.map(\.data)),
            ])
        return Int(try answer.int32(row: 0, column: 0))
    }

    /// Takes calls that are due, the oldest of each webhook first: of one webhook, or of all but the busy.
    package static func claim(
        of webhook: String? = nil, except busy: [String] = [],
        on connection: PostgresConnection
    ) async throws -> [Delivery] {
        let answer = try await connection.query(
            """
            UPDATE vigil.webhook_deliveries AS delivery
            SET attempts = delivery.attempts + 1,
                next_attempt_at = clock_timestamp() + $2 * interval '1 second'
            FROM vigil.webhooks AS webhook
            WHERE webhook.name = delivery.webhook AND delivery.id IN (
                SELECT due.id
                FROM vigil.webhooks AS known, LATERAL (
                    SELECT waiting.id FROM vigil.webhook_deliveries AS waiting
                    WHERE waiting.webhook = known.name AND waiting.state = 'queued'
                        AND waiting.next_attempt_at <= clock_timestamp()
                    ORDER BY waiting.id LIMIT $3 FOR UPDATE SKIP LOCKED) AS due
                WHERE known.name <> ALL ($1) AND ($4::text IS NULL OR known.name = $4))
            RETURNING delivery.id, delivery.webhook, webhook.url, webhook.secret, delivery.payload,
                delivery.attempts
            """,
            [
                .textArray(busy), .double(leaseSeconds), .int32(claimLimit), .optional(webhook),
            ])
        return try (0..<answer.rowCount).map { row in
            Delivery(
                id: try answer.int64(row: row, column: 0),
                webhook: try answer.string(row: row, column: 1),
                url: try answer.string(row: row, column: 2),
                secret: try answer.string(row: row, column: 3),
                payload: try answer.string(row: row, column: 4),
                attempts: Int(try answer.int32(row: row, column: 5)))
        }.sorted { $0.id < $1.id }
    }

    /// Notes that a call was answered as it should be.
    package static func succeed(
        _ delivery: Delivery, status: Int, on connection: PostgresConnection
    ) async throws {
        _ = try await connection.query(
            """
            UPDATE vigil.webhook_deliveries
            SET state = 'delivered', finished_at = clock_timestamp(), last_status = $2,
                last_error = NULL
            WHERE id = $1 AND state = 'queued'
            """, [.int64(delivery.id), .int32(Int32(status))])
    }

    /// Notes that an attempt failed: the next one comes after some seconds, or never.
    package static func fail(
        _ delivery: Delivery, status: Int?, error: String, retryAfterSeconds: Double?,
        on connection: PostgresConnection
    ) async throws {
        _ = try await connection.query(
            """
            UPDATE vigil.webhook_deliveries
            SET last_status = $2, last_error = left($3, 1000),
                state = CASE WHEN $4::float8 IS NULL THEN 'dead' ELSE 'queued' END,
                finished_at = CASE WHEN $4::float8 IS NULL THEN clock_timestamp() END,
                next_attempt_at = clock_timestamp() + coalesce($4, 0) * interval '1 second'
            WHERE id = $1 AND state = 'queued'
            """,
            [
                .int64(delivery.id), status.map { .int32(Int32($0)) } ?? .null, .text(error),
                .optional(retryAfterSeconds),
            ])
    }

    /// Gives back calls that were claimed and not tried.
    package static func release(
        _ deliveries: [Delivery], on connection: PostgresConnection
    ) async throws {
        _ = try await connection.query(
            """
            UPDATE vigil.webhook_deliveries
            SET attempts = attempts - 1, next_attempt_at = clock_timestamp()
            WHERE id = ANY ($1) AND state = 'queued'
            """, [.int64Array(deliveries.map(\.id))])
    }

    /// Forgets calls that ended long ago, some thousand at once.
    package static func forgetOld(on connection: PostgresConnection) async throws {
        _ = try await connection.query(
            """
            DELETE FROM vigil.webhook_deliveries WHERE id IN (
                SELECT id FROM vigil.webhook_deliveries
                WHERE finished_at < now() - $1 * interval '1 day' LIMIT 5000)
            """, [.double(keptDays)])
    }
}
