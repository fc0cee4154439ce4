package import AnomalyDetection
import Foundation
package import PostgresClient

/// Types, settings and indicators: what the detector is told before it sees a row.
package struct Catalog: Sendable {
    package var types: TypeCatalog
    package var detection: DetectionSettings
    package var sidecar: SidecarSettings
    package var indicators: [Indicator]
}

/// The settings of `vigil.settings` that the sidecar itself follows.
package struct SidecarSettings: Sendable, Equatable {
    package var fallbackPoll: Duration = .milliseconds(100)
    /// Whether the doorbell may be armed; off for poolers and two-phase commit.
    package var armsDoorbell = true
    package var heartbeat: Duration = .seconds(5)
    package var metricsRefresh: Duration = .seconds(5)
    package var metricAudit: Duration = .seconds(60)
    /// How long a round of the audit of memory against the tables takes.
    package var selfAudit: Duration = .seconds(30)
    package var memoryLimitBytes = 2048 << 20
    /// Hops of the subgraph kept with an anomaly.
    package var subgraphHops = 2
    /// An anomaly that was resolved by itself not longer ago is opened again.
    package var reopenWindow: Duration = .seconds(30 * 86_400)
    /// How often subjects with an open anomaly are judged although nothing is new.
    package var reconsideration: Duration = .seconds(3_600)
    /// Share of the subjects that the challenger judges in place of the active model.
    package var challengerShare = 0.0

    /// Whether verdicts of reviewers are learnt from.
    package var learnsFromReviews = true

    package init() {}
}

package enum CatalogStore {
    package static func load(on connection: PostgresConnection) async throws -> Catalog {
        let entityTypes = try await connection.query(
            "SELECT code, type, numeric_metadata FROM vigil.entity_types")
        let relationshipTypes = try await connection.query(
            "SELECT code, type, is_rating FROM vigil.relationship_types")
        var types = TypeCatalog(entityTypes: [:], relationshipTypes: [:], ratingTypeCodes: [])
        for row in 0..<entityTypes.rowCount {
            let code = try entityTypes.int32(row: row, column: 0)
            types.entityTypes[code] = try entityTypes.string(row: row, column: 1)
            let watched = try entityTypes.textArray(row: row, column: 2)
            if !watched.isEmpty { types.numericMetadata[code] = watched }
        }
        for row in 0..<relationshipTypes.rowCount {
            let code = try relationshipTypes.int32(row: row, column: 0)
            types.relationshipTypes[code] = try relationshipTypes.string(row: row, column: 1)
            if try relationshipTypes.bool(row: row, column: 2) {
                types.ratingTypeCodes.insert(code)
            }
        }
        let settings = try await settings(on: connection)
        var detection = detectionSettings(settings)
        detection.anomalyThreshold = try await ThresholdStore.current(on: connection)
        return Catalog(
            types: types, detection: detection,
            sidecar: sidecarSettings(settings), indicators: try await indicators(on: connection))
    }

    /// Shapes of `vigil.entity_types` for pictures, by type.
    package static func shapes(on connection: PostgresConnection) async throws -> [String: String] {
        let answer = try await connection.query(
            "SELECT type, shape FROM vigil.entity_types WHERE shape IS NOT NULL")
        var shapes: [String: String] = [:]
        for row in 0..<answer.rowCount {
            shapes[try answer.string(row: row, column: 0)] = try answer.string(row: row, column: 1)
        }
        return shapes
    }

    private static func settings(
        on connection: PostgresConnection
    ) async throws -> [String: String] {
        let answer = try await connection.query("SELECT name, value #>> '{}' FROM vigil.settings")
        var settings: [String: String] = [:]
        for row in 0..<answer.rowCount where !answer.isNull(row: row, column: 1) {
            settings[try answer.string(row: row, column: 0)] =
                try answer.string(row: row, column: 1)
        }
        return settings
    }

    private static func indicators(on connection: PostgresConnection) async throws -> [Indicator] {
        let answer = try await connection.query(
            """
            SELECT name, jsonb_build_object('name', name, 'anomaly_type', anomaly_type,
                'scope', scope, 'condition', condition, 'weight', weight,
                'description', description, 'recommendation', recommendation)::text
            FROM vigil.indicators WHERE is_enabled ORDER BY name
            """)
        var indicators: [Indicator] = []
        for row in 0..<answer.rowCount {
            let name = try answer.string(row: row, column: 0)
            let text = try answer.string(row: row, column: 1)
            do {
                indicators.append(
                    try JSONDecoder().decode(Indicator.self, from: Data(text.utf8)))
            } catch {
                throw StorageError(
                    code: .invalidSetting,
                    message: "indicator \(name) has a condition that cannot be read: \(error)",
                    hint: "correct or disable its row in vigil.indicators")
            }
        }
        return indicators
    }

    private static func detectionSettings(_ values: [String: String]) -> DetectionSettings {
        var settings = DetectionSettings()
        set(&settings.burstWindowSeconds, values["burst_window_seconds"])
        set(&settings.dormancyDays, values["dormancy_days"])
        set(&settings.neighboursScoredMax, values["neighbours_scored_max"])
        set(&settings.neighbourhoodNodeLimit, values["neighbourhood_node_limit"])
        return settings
    }

    private static func sidecarSettings(_ values: [String: String]) -> SidecarSettings {
        var settings = SidecarSettings()
        set(&settings.fallbackPoll, values["fallback_poll_milliseconds"]) { .milliseconds($0) }
        set(&settings.heartbeat, values["heartbeat_seconds"]) { .seconds($0) }
        set(&settings.metricsRefresh, values["metrics_refresh_seconds"]) { .seconds($0) }
        set(&settings.metricAudit, values["metric_audit_seconds"]) { .seconds($0) }
        set(&settings.selfAudit, values["self_audit_seconds"]) { .seconds($0) }
        set(&settings.armsDoorbell, values["feed_arm"])
        set(&settings.subgraphHops, values["subgraph_hops"])
        set(&settings.learnsFromReviews, values["learn_from_reviews"])
        set(&settings.reopenWindow, values["reopen_days"]) { .seconds($0 * 86_400) }
        set(&settings.reconsideration, values["reconsider_minutes"]) { .seconds($0 * 60) }
        set(&settings.challengerShare, values["challenger_share"])
        if let megabytes = values["memory_limit_megabytes"].flatMap(Int.init) {
            settings.memoryLimitBytes = megabytes << 20
        }
        return settings
    }

    private static func set<Value: LosslessStringConvertible>(
        _ target: inout Value, _ text: String?
    ) {
        if let value = text.flatMap(Value.init) {
            target = value
        }
    }

    private static func set(
        _ target: inout Duration, _ text: String?, _ unit: (Double) -> Duration
    ) {
        if let value = text.flatMap(Double.init) {
            target = unit(value)
        }
    }
}
