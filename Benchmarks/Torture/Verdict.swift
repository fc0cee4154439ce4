import PostgresClient
import Synchronization

/// Waits until the feed rests, and says whether everything is as it must be.
struct Verdict: Sendable {
    let conninfo: String
    let log: TortureLog
    /// How long the sidecar may take to come to rest after the last fault.
    let patience: Duration

    private static let rowsShownMax = 5

    /// Takes all checks; what is wrong is written as a failure.
    ///
    /// - Parameter ledger: compared with the feed's count; nil: there is nothing to compare.
    /// - Throws: what kept it from being taken.
    func take(ledger: Ledger?) async throws {
        let session = try await PostgresConnection.connect(
            conninfo, applicationName: "torture: verdict")
        do {
            try await rest(session)
            if let ledger, ledger.isVoid.load(ordering: .relaxed) { try await tidy(session) }
            try await waitForAudit(session)
            for check in Check.all {
                let answer = try await session.query(check.query)
                try report(check.name, answer)
            }
            if let ledger { try await compareCounts(ledger, session) }
        } catch {
            await session.close()
            throw error
        }
        await session.close()
    }

    /// Writes what a check has found.
    func report(_ name: String, _ answer: QueryResult) throws {
        guard answer.rowCount > 0 else {
            log.say("ok      \(name)")
            return
        }
        log.fail("\(name): \(answer.rowCount) found")
        for row in 0..<min(answer.rowCount, Self.rowsShownMax) {
            log.say("          \(try answer.string(row: row, column: 0))")
        }
    }

    /// Every committed change is counted by the feed, once.
    private func compareCounts(_ ledger: Ledger, _ session: PostgresConnection) async throws {
        let answer = try await session.query(
            """
            SELECT (SELECT changes FROM vigil.feed_state),
                (SELECT coalesce(sum(changes), 0)::bigint FROM torture.ledger)
            """)
        let committed = try answer.int64(row: 0, column: 1)
        let all = try answer.int64(row: 0, column: 0)
        if ledger.isVoid.exchange(false, ordering: .relaxed) {
            ledger.base.store(all - committed, ordering: .relaxed)
            log.say("        the counts are not compared after TRUNCATE, and begin anew")
            return
        }
        let counted = all - ledger.base.load(ordering: .relaxed)
        let text = "\(counted) changes counted by the feed, \(committed) committed by the writers"
        if counted == committed { log.say("ok      \(text)") } else { log.fail(text) }
    }

    /// Waits until the sidecar has compared all of its memory with the tables since now.
    private func waitForAudit(_ session: PostgresConnection) async throws {
        let start = try await session.query("SELECT clock_timestamp()::text").string(
            row: 0, column: 0)
        let isOver = """
            SELECT count(*) = 2 FROM vigil.memory_health
            WHERE audited_at - make_interval(secs => coalesce(seconds, 0)) >= '\(start)'
            """
        for _ in 0..<120 {
            if try await session.query(isOver).bool(row: 0, column: 0) { return }
            try await Task.sleep(for: .seconds(1))
        }
        log.fail("no round of the audit of memory within two minutes")
    }

    /// Scores of relationships that were truncated are left to the upkeep, which has a day's time.
    private func tidy(_ session: PostgresConnection) async throws {
        try await session.execute(
            "UPDATE vigil.upkeep SET round_ended_at = NULL WHERE task = 'relationship scores'")
        while try await session.query("SELECT vigil.run_upkeep()").bool(row: 0, column: 0) {}
    }

    /// What is still to come to rest; nothing where all is.
    private static let unrest = """
        WITH active AS (
            SELECT (SELECT version FROM vigil.models WHERE state = 'active' AND kind = 'ensemble') AS version
        )
        SELECT concat_ws(', ',
            CASE WHEN NOT f.sidecar_alive THEN 'no sidecar is alive' END,
            CASE WHEN f.lag_rows IS DISTINCT FROM 0 THEN format('%s rows unread', f.lag_rows) END,
            CASE WHEN f.epoch IS DISTINCT FROM f.epoch_seen THEN 'an epoch is not loaded' END,
            (SELECT format('%s entities not scored by the active model', count(*))
                FROM vigil.entities e LEFT JOIN vigil.entity_scores s ON s.entity_id = e.id, active
                WHERE e.is_active AND (s.entity_id IS NULL
                    OR split_part(s.model_version, '+', 1) IS DISTINCT FROM active.version)
                HAVING count(*) > 0),
            (SELECT format('%s relationships not scored by the active model', count(*))
                FROM vigil.relationships r LEFT JOIN vigil.relationship_scores s ON s.relationship_id = r.id, active
                WHERE r.is_active AND (s.relationship_id IS NULL
                    OR split_part(s.model_version, '+', 1) IS DISTINCT FROM active.version)
                HAVING count(*) > 0),
            (SELECT format('%s tasks open', count(*)) FROM vigil.tasks
                WHERE state NOT IN ('done', 'dead', 'cancelled') HAVING count(*) > 0))
        FROM vigil.feed_health f
        """

    /// Waits until nothing is left to do.
    func rest(_ session: PostgresConnection) async throws {
        let start = ContinuousClock.now
        var quietCount = 0
        var unrest = ""
        // Twice in a row: what moves last may move something else.
        while quietCount < 2 {
            unrest = try await session.query(Self.unrest).string(row: 0, column: 0)
            quietCount = unrest.isEmpty ? quietCount + 1 : 0
            guard ContinuousClock.now - start < patience else {
                log.fail("no rest after \(patience): \(unrest)")
                return
            }
            try await Task.sleep(for: .milliseconds(1500))
        }
        log.say("rest    \(ContinuousClock.now - start) after the last act")
    }
}
