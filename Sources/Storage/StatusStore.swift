import Foundation
package import PostgresClient

/// What `vigil status` shows: everything that one screen says, read in one statement.
package struct StatusReport: Sendable, Decodable {
    /// A sidecar, as `vigil.sidecar_status` has it.
    package struct Sidecar: Sendable, Decodable {
        package var host, state: String
        package var pid: Int
        package var heartbeat, started, version: String?
        package var entities, relationships: Int?
        package var model, memory: String?
        package var changes, judged, opened: Int?
        package var medianLatency, p99Latency: Double?
        package var cacheHits, cacheMisses: Int?

        enum CodingKeys: String, CodingKey {
            case host, state, pid, heartbeat, started, version, entities, relationships, model
            case memory, changes, judged, opened
            case medianLatency = "latency_p50_ms"
            case p99Latency = "latency_p99_ms"
            case cacheHits = "cache_hits"
            case cacheMisses = "cache_misses"
        }
    }

    /// The feed, as `vigil.feed_health` has it.
    package struct Feed: Sendable, Decodable {
        package var lagRows: Int?
        package var lagMilliseconds: Double?
        package var sidecarAlive, armed: Bool
        package var oldestOpenPID: Int?
        package var epoch, epochSeen: Int?
        package var batches, changes, replays: Int
        package var lastBatchChanges: Int?

        enum CodingKeys: String, CodingKey {
            case armed, epoch, batches, changes, replays
            case lagRows = "lag_rows"
            case lagMilliseconds = "lag_milliseconds"
            case sidecarAlive = "sidecar_alive"
            case oldestOpenPID = "oldest_open_pid"
            case epochSeen = "epoch_seen"
            case lastBatchChanges = "last_batch_changes"
        }
    }

    /// Open anomalies by severity, and what waits for people.
    package struct Anomalies: Sendable, Decodable {
        package var open, critical, high, medium, low, unreviewed, today: Int
    }

    /// A model that is in use.
    package struct Model: Sendable, Decodable {
        package var version, kind, state: String
        package var activated: String?
    }

    package var database: String
    package var sidecars: [Sidecar]
    package var feed: [Feed]
    package var anomalies: Anomalies
    /// How many tasks there are of each state, without those that ended well.
    package var tasks: [String: Int]
    package var models: [Model]

    enum CodingKeys: String, CodingKey {
        case database, anomalies, tasks, models
        case sidecars = "sidecar_status"
        case feed = "feed_health"
    }
}

/// Reads what `vigil status` shows.
package enum StatusStore {
    /// The status as a JSON text: the views' rows under their names, and counts.
    package static func json(on connection: PostgresConnection) async throws(PostgresError)
        -> String
    {
        try await connection.query(statement).string(row: 0, column: 0)
    }

    /// The status of such a text.
    package static func report(_ json: String) throws -> StatusReport {
        try JSONDecoder().decode(StatusReport.self, from: Data(json.utf8))
    }

    private static let statement = """
        SELECT jsonb_build_object(
            'database', current_database(),
            'sidecar_status', (SELECT coalesce(jsonb_agg(to_jsonb(s)), '[]') FROM vigil.sidecar_status AS s),
            'feed_health', (SELECT coalesce(jsonb_agg(to_jsonb(f)), '[]') FROM vigil.feed_health AS f),
            'anomalies', (SELECT jsonb_build_object('open', count(*),
                'critical', count(*) FILTER (WHERE a.severity = 'critical'),
                'high', count(*) FILTER (WHERE a.severity = 'high'),
                'medium', count(*) FILTER (WHERE a.severity = 'medium'),
                'low', count(*) FILTER (WHERE a.severity = 'low'),
                'unreviewed', count(*) FILTER (WHERE NOT a.reviewed),
                'today', count(*) FILTER (WHERE a.first_detected > now() - interval '1 day'))
                FROM vigil.anomalies AS a WHERE a.is_active),
            'tasks', (SELECT coalesce(jsonb_object_agg(t.state, t.tasks), '{}') FROM (
                SELECT state, count(*) AS tasks FROM vigil.tasks
                WHERE state NOT IN ('done', 'cancelled') GROUP BY state) AS t),
            'models', (SELECT coalesce(jsonb_agg(jsonb_build_object('version', m.version,
                'kind', m.kind, 'state', m.state, 'activated', m.activated)), '[]')
                FROM vigil.model_status AS m WHERE m.state IN ('active', 'challenger')))::text
        """
}
