package import AnomalyDetection
import ChangeFeed
package import PostgresClient

/// Writes results and feed snapshot in one transaction and one round trip.
///
/// The same results written twice leave what they left the first time: an occurrence is counted once
/// for each time as of which was judged.
package enum ResultWriter {
    /// Stores the results; with `progress` also the feed's place, and the doorbell is disarmed.
    ///
    /// - Returns: the anomalies that are new or open again, in no order.
    @discardableResult
    package static func write(
        _ results: BatchResults, progress: FeedProgress?, on connection: PostgresConnection
    ) async throws(PostgresError) -> [OpenedAnomaly] {
        try await writeAll(results, progress: progress, on: connection).opened
    }

    /// Stores the results as `write` does, and says whose anomaly was left out.
    ///
    /// - Returns: the new anomalies, and the subjects that are gone or that somebody holds in an open
    ///   transaction, themselves or their anomaly: they are to be judged again, for their anomaly is not
    ///   as they were judged.
    package static func writeAll(
        _ results: BatchResults, progress: FeedProgress?, on connection: PostgresConnection
    ) async throws(PostgresError) -> (opened: [OpenedAnomaly], leftOut: Set<Subject>) {
        var statements = [Statement("BEGIN")]
        statements += forget(results)
        let entities = results.judgements.filter { $0.subject.entityID != nil }
        if !entities.isEmpty {
            statements.append(scores(entities, results))
        }
        let relationships = results.judgements.filter { $0.subject.relationshipID != nil }
        if !relationships.isEmpty {
            statements.append(relationshipScores(relationships, results))
        }
        if let shadow = results.shadow, !shadow.rows.isEmpty {
            statements.append(shadowScores(shadow, results))
        }
        if !results.metrics.isEmpty {
            statements.append(metrics(results))
        }
        let resolved = resolve(results)
        let resolvedAt = statements.count
        statements += resolved
        let findings = results.judgements.filter { $0.anomaly != nil }
        let anomaliesAt = statements.count
        if !findings.isEmpty {
            statements.append(anomalies(findings, results))
        }
        if let progress {
            statements.append(advance(progress))
        }
        statements.append(Statement("COMMIT"))
        let answers = try await connection.pipeline(statements)
        var opened: [OpenedAnomaly] = []
        var leftOut = Set(findings.map(\.subject))
        for answer in answers[resolvedAt..<resolvedAt + resolved.count] {
            for row in 0..<answer.rowCount { leftOut.insert(try subject(in: answer, row: row)) }
        }
        guard !findings.isEmpty else { return (opened, leftOut) }
        let answer = answers[anomaliesAt]
        for row in 0..<answer.rowCount {
            let subject = try subject(in: answer, row: row)
            leftOut.remove(subject)
            guard try answer.bool(row: row, column: 2) else { continue }
            opened.append(
                OpenedAnomaly(id: try answer.string(row: row, column: 3), subject: subject))
        }
        return (opened, leftOut)
    }

    /// The subject that the first two columns name.
    static func subject(
        in answer: QueryResult, row: Int
    ) throws(PostgresError) -> Subject {
        let id = try answer.int64(row: row, column: 1)
        return try answer.bool(row: row, column: 0) ? .entity(id) : .relationship(id)
    }

    private static func forget(_ results: BatchResults) -> [Statement] {
        var statements: [Statement] = []
        if !results.deletedEntityIDs.isEmpty {
            let ids = PostgresParameter.int64Array(results.deletedEntityIDs)
            statements += [
                Statement("DELETE FROM vigil.entity_scores WHERE entity_id = ANY ($1)", [ids]),
                Statement("DELETE FROM vigil.entity_metrics WHERE entity_id = ANY ($1)", [ids]),
                close("entity", ids),
            ]
        }
        if !results.deletedRelationshipIDs.isEmpty {
            statements.append(
                Statement(
                    "DELETE FROM vigil.relationship_scores WHERE relationship_id = ANY ($1)",
                    [.int64Array(results.deletedRelationshipIDs)]))
        }
        if !results.closedRelationshipIDs.isEmpty {
            statements.append(close("relationship", .int64Array(results.closedRelationshipIDs)))
        }
        return statements
    }

    private static func close(_ kind: String, _ ids: PostgresParameter) -> Statement {
        Statement(
            """
            UPDATE vigil.anomalies
            SET is_active = false, entity_id = NULL, relationship_id = NULL, resolved_at = now(),
                updated_at = now(), resolution = 'The \(kind) was deleted.'
            WHERE subject_kind = '\(kind)' AND subject_id = ANY ($1) AND is_active
            """, [ids])
    }

    private static func advance(_ progress: FeedProgress) -> Statement {
        Statement(
            """
            UPDATE vigil.feed_state
            SET snapshot = $1::text::pg_snapshot, epoch_seen = $2, armed = false,
                batches = batches + 1, changes = changes + $3, replays = replays + $4,
                last_batch_at = clock_timestamp(), last_batch_changes = $3
            """,
            [
                .text(progress.snapshot.description), .int64(progress.epoch),
                .int64(Int64(progress.changeCount)), .int64(progress.isReplay ? 1 : 0),
            ])
    }
}
