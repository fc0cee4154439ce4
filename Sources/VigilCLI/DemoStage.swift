import Foundation
import PostgresClient
import SampleGraph
import SampleLoading
import Storage

/// Plays transactions and shows the anomalies as they arrive.
struct DemoStage {
    let database: PostgresConnection
    let listener: PostgresConnection
    var ids: SampleIDs
    private var latencies: [Double] = []

    /// How long the stage listens after a COMMIT for what it may bring.
    private static let patience = Duration.milliseconds(60)
    /// The first scan of a graph of demo size takes seconds; a slow machine may need ten times that.
    private static let scanPatience = Duration.seconds(120)

    init(database: PostgresConnection, listener: PostgresConnection, ids: SampleIDs) {
        self.database = database
        self.listener = listener
        self.ids = ids
    }

    /// The first scan of the sidecar: everything that was there before it.
    func waitUntilEverythingIsScored(logFile: String) async throws {
        let deadline = ContinuousClock.now + Self.scanPatience
        while true {
            guard ContinuousClock.now < deadline else {
                throw Failure(
                    exitCode: .unexpected,
                    message: "the sidecar has not scored the sample graph; its log is \(logFile)")
            }
            let answer = try await database.query(
                """
                SELECT (SELECT count(*) FROM vigil.entities e LEFT JOIN vigil.entity_scores s
                            ON s.entity_id = e.id WHERE s.entity_id IS NULL),
                    (SELECT count(*) FROM vigil.anomalies), (SELECT count(*) FROM vigil.entities)
                """)
            if try answer.int64(row: 0, column: 0) == 0 {
                Terminal.say(
                    """
                      follows the change feed; \(try answer.int64(row: 0, column: 2)) entities scored, \
                    \(try answer.int64(row: 0, column: 1)) of them open anomalies already
                    """)
                _ = try await listener.waitForNotification(timeout: .zero)
                return
            }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    /// Writes the transactions one after the other and shows each anomaly as it appears; in the
    /// end those that grew, as they stand: the expected entity first, the others by score.
    ///
    /// `expecting` is the entity that the script says should be flagged; the answer is its
    /// strongest open anomaly, if there is one.
    @discardableResult
    mutating func play(
        _ transactions: [SampleTransaction], expecting: Int?
    ) async throws -> String? {
        var flagged: Set<Int64> = []
        for transaction in transactions {
            let committed = try await write(transaction)
            let deadline = committed + Self.patience
            while ContinuousClock.now < deadline {
                let notifications = try await listener.waitForNotification(
                    timeout: deadline - ContinuousClock.now)
                let latency = (ContinuousClock.now - committed) / .milliseconds(1)
                for notification in notifications {
                    latencies.append(latency)
                    let anomaly = try await AnomalyStore.anomaly(
                        notification.payload, on: database)
                    flagged.insert(anomaly.subjectID)
                    announce(anomaly, latency)
                }
            }
        }
        let expected = expecting.flatMap { ids[$0] }
        var findings: [Finding] = []
        for entityID in flagged {
            if let finding = try await strongestFinding(on: entityID) {
                findings.append(finding)
            }
        }
        findings.sort { first, second in
            let isFirstExpected = first.anomaly.subjectID == expected
            let isSecondExpected = second.anomaly.subjectID == expected
            return isFirstExpected == isSecondExpected
                ? (second.anomaly.anomalyScore, first.anomaly.subjectID)
                    < (first.anomaly.anomalyScore, second.anomaly.subjectID)
                : isFirstExpected
        }
        for finding in findings where finding.occurrences > 1 { show(finding) }
        return findings.first { $0.anomaly.subjectID == expected }?.anomaly.id
    }

    /// An open anomaly, and how often it was seen.
    private struct Finding {
        var anomaly: StoredAnomaly
        var occurrences: Int64
    }

    /// The strongest open anomaly of an entity; nil where all are resolved.
    private func strongestFinding(on entityID: Int64) async throws -> Finding? {
        let answer = try await database.query(
            """
            SELECT id::text, occurrences::bigint FROM vigil.anomalies
            WHERE subject_kind = 'entity' AND subject_id = $1 AND is_active
            ORDER BY anomaly_score DESC, last_detected DESC LIMIT 1
            """, [.int64(entityID)])
        guard answer.rowCount == 1 else { return nil }
        let anomaly = try await AnomalyStore.anomaly(
            try answer.string(row: 0, column: 0), on: database)
        return Finding(anomaly: anomaly, occurrences: try answer.int64(row: 0, column: 1))
    }

    private func announce(_ anomaly: StoredAnomaly, _ latency: Double) {
        Terminal.say(
            """
              \(formatted(latency, places: 1)) ms after COMMIT: \(badge(anomaly)), \
            \(anomaly.subjectType) \(anomaly.subjectName)
                \(anomaly.description)
            """)
    }

    private func show(_ finding: Finding) {
        Terminal.say(
            """
              in the end: \(badge(finding.anomaly)), \(finding.anomaly.subjectType) \
            \(finding.anomaly.subjectName), seen \(finding.occurrences) times
                \(finding.anomaly.description)
            """)
    }

    /// Severity, score and type, coloured by severity.
    private func badge(_ anomaly: StoredAnomaly) -> String {
        let color = ["low": 37, "medium": 33, "high": 35, "critical": 31][anomaly.severity] ?? 37
        let text = "\(anomaly.severity) \(formatted(anomaly.anomalyScore))"
        let type = anomaly.anomalyType.replacing("_", with: " ")
        return "\(Terminal.colored(text, color)) \(type)"
    }

    func tellLatency() {
        guard !latencies.isEmpty else { return }
        let sorted = latencies.sorted()
        Terminal.say(
            """

            COMMIT to anomaly, \(sorted.count) anomalies: median \
            \(formatted(sorted[sorted.count / 2], places: 1)) ms, slowest \
            \(formatted(sorted[sorted.count - 1], places: 1)) ms
            """)
    }

    /// One transaction of the script; returns when its COMMIT has returned.
    private mutating func write(
        _ transaction: SampleTransaction
    ) async throws -> ContinuousClock.Instant {
        var statements = [Statement("BEGIN")]
        if !transaction.entities.isEmpty {
            let reserved = try await BulkLoad.reserveIDs(
                table: "vigil.entities", count: transaction.entities.count, on: database)
            for (entity, id) in zip(transaction.entities, reserved) {
                ids[entity.reference] = id
                statements.append(insert(entity, id: id))
            }
        }
        for relationship in transaction.relationships {
            guard let source = ids[relationship.source], let target = ids[relationship.target]
            else { continue }
            statements.append(
                Statement(
                    """
                    INSERT INTO vigil.relationships (source_entity_id, target_entity_id, type,
                        confidence, weight, sources, first_observed, last_observed)
                    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
                    """,
                    [
                        .int64(source), .int64(target), .text(relationship.type),
                        .optional(relationship.confidence), .optional(relationship.weight),
                        .textArray(relationship.sources),
                        .timestampSeconds(relationship.firstObserved),
                        .timestampSeconds(relationship.lastObserved),
                    ]))
        }
        for update in transaction.updates {
            guard let id = ids[update.reference] else { continue }
            statements.append(
                Statement(
                    """
                    UPDATE vigil.entities SET confidence = coalesce($2, confidence),
                        risk_score = coalesce($3, risk_score),
                        last_seen = coalesce(to_timestamp($4), last_seen)
                    WHERE id = $1
                    """,
                    [
                        .int64(id), .optional(update.confidence), .optional(update.riskScore),
                        .optional(update.lastSeen),
                    ]))
        }
        statements.append(Statement("COMMIT"))
        _ = try await database.pipeline(statements)
        return ContinuousClock.now
    }

    private func insert(_ entity: SampleEntity, id: Int64) -> Statement {
        Statement(
            """
            INSERT INTO vigil.entities (id, type, name, value, risk_score, confidence, source,
                sources, is_verified, tags, metadata, first_seen, last_seen)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
            """,
            [
                .int64(id), .text(entity.type), .optional(entity.name), .text(entity.value),
                .optional(entity.riskScore), .optional(entity.confidence),
                .optional(entity.sources.first), .textArray(entity.sources),
                .bool(entity.isVerified), .textArray(entity.tags), .jsonb(entity.metadata),
                .timestampSeconds(entity.firstSeen), .timestampSeconds(entity.lastSeen),
            ])
    }
}
