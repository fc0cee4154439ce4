import PostgresClient

/// The sidecar, its doorbell, the change feed, and who holds it back.
extension DeploymentCheck {
    func sidecar() async throws -> [CheckFinding] {
        let alive = try await rows(
            """
            SELECT format('process %s on %s', s.pid, s.host), s.state, s.version, s.role FROM vigil.sidecars AS s
            WHERE vigil.sidecar_is_alive(s.heartbeat_at, s.state)
            ORDER BY s.role = 'leader' DESC, s.heartbeat_at DESC
            """)
        let holder = try await rows(
            """
            SELECT l.pid::text, coalesce(a.application_name, ''), coalesce(a.usename::text, '')
            FROM pg_locks AS l LEFT JOIN pg_stat_activity AS a ON a.pid = l.pid
            WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
                AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
                AND (l.classid::bigint << 32 | l.objid::bigint) = \(SidecarLead.lockKey)
            """
        ).first
        guard let holder else {
            return [
                CheckFinding(
                    "sidecar", .warning,
                    alive.isEmpty
                        ? "none runs" : "none leads; \(alive.count) alive, connecting or loading",
                    advice: "start one: vigil run, or systemctl start vigil")
            ]
        }
        guard let first = alive.first, first[3] == "leader" else {
            return [
                CheckFinding(
                    "sidecar", .problem,
                    "server process \(holder[0]) (\(holder[1]), role \(holder[2])) leads, and gives no sign of life",
                    advice:
                        "look at its log; if it hangs: SELECT pg_terminate_backend(\(holder[0]))")
            ]
        }
        var findings = [
            CheckFinding(
                "sidecar", .ok,
                "\(first[0]) leads and is \(first[1]); "
                    + (alive.count > 1 ? "\(alive.count - 1) stand by" : "none stands by"))
        ]
        for other in alive where other[2] != extensionVersion {
            findings.append(
                CheckFinding(
                    "sidecar", .warning,
                    "\(other[0]) is version \(other[2]), this program \(extensionVersion)",
                    advice: "restart it with the program of this version"))
        }
        return findings
    }

    /// Rings by a statement that touches no row, and listens.
    func doorbell() async throws -> [CheckFinding] {
        if try await text("SELECT value::text FROM vigil.settings WHERE name = 'feed_arm'")
            == "false"
        {
            let poll = try await text(
                "SELECT value::text FROM vigil.settings WHERE name = 'fallback_poll_milliseconds'")
            return [
                CheckFinding(
                    "doorbell", .ok,
                    "switched off (feed_arm): the feed is polled every \(poll ?? "-") ms")
            ]
        }
        guard
            try await text(
                "SELECT has_any_column_privilege('vigil.entities', 'UPDATE')::text") == "true"
        else {
            return [
                CheckFinding(
                    "doorbell", .warning, "not tried: this role may not write vigil.entities",
                    advice: "run the check as the role of the sidecar")
            ]
        }
        let isFollowed = try await SidecarRegistry.isFollowed(on: connection)
        try await connection.execute("LISTEN vigil_feed")
        let clock = ContinuousClock()
        let started = clock.now
        // A reader under load is awake and does not ask to be woken: look again, for two seconds.
        while clock.now - started < .seconds(2) {
            if !isFollowed { _ = try await connection.query("SELECT vigil.arm_feed(true)") }
            let rungAt = clock.now
            try await connection.execute(
                "UPDATE vigil.entities SET inserted_xid = inserted_xid WHERE false")
            let heard = try await connection.waitForNotification(timeout: .milliseconds(200))
            guard heard.contains(where: { $0.channel == "vigil_feed" }) else { continue }
            let milliseconds = ((clock.now - rungAt) / .milliseconds(1) * 100).rounded() / 100
            try await hush(isFollowed: isFollowed)
            return [
                CheckFinding("doorbell", .ok, "rung and heard within \(milliseconds) ms")
            ]
        }
        try await hush(isFollowed: isFollowed)
        if isFollowed {
            return [
                CheckFinding(
                    "doorbell", .ok, "not armed for two seconds: the sidecar is awake all the time")
            ]
        }
        return [
            CheckFinding(
                "doorbell", .problem, "rung and not heard: changes wait for the next poll",
                advice: "look at the triggers above, and for a pooler in between")
        ]
    }

    private func hush(isFollowed: Bool) async throws {
        try await connection.execute("UNLISTEN vigil_feed")
        if !isFollowed { _ = try await connection.query("SELECT vigil.arm_feed(false)") }
    }

    func feed() async throws -> [CheckFinding] {
        let state = try await rows(
            """
            SELECT coalesce(lag_rows::text, ''), coalesce(round(lag_milliseconds)::text, ''),
                coalesce(epoch::text, ''), coalesce(epoch_seen::text, ''), replays::text, sidecar_alive::text
            FROM vigil.feed_health
            """)
        guard let row = state.first else {
            return [
                CheckFinding(
                    "change feed", .problem, "vigil.feed_state has no row",
                    advice: "INSERT INTO vigil.feed_state DEFAULT VALUES")
            ]
        }
        guard let lag = Double(row[1]) else {
            return [
                CheckFinding(
                    "change feed", .ok, "nothing was loaded yet: the next start loads everything")
            ]
        }
        if row[2] != row[3] {
            return [
                CheckFinding(
                    "change feed", .warning,
                    "the tables are of epoch \(row[2]), what was loaded of \(row[3])",
                    advice: "a running sidecar loads again by itself; otherwise start one")
            ]
        }
        let said = "\(row[0]) rows wait, the oldest for \(row[1]) ms; \(row[4]) replays so far"
        guard lag > 10_000 else { return [CheckFinding("change feed", .ok, said)] }
        return [
            CheckFinding(
                "change feed", .warning, said,
                advice: row[5] == "true"
                    ? "the sidecar is behind: see vigil status --watch, and stages in /metrics"
                    : "start a sidecar: nothing is lost, and it is judged then")
        ]
    }

    /// Transactions that the feed waits for, or that hold back vacuum.
    func transactions() async throws -> [CheckFinding] {
        var findings = try await rows(
            """
            SELECT gid, owner::text, (round(extract(epoch FROM clock_timestamp() - prepared)))::text
            FROM pg_prepared_xacts
            WHERE database = current_database() AND prepared < clock_timestamp() - interval '\(preparedAge / .seconds(1)) s'
            ORDER BY prepared LIMIT 10
            """
        ).map { row in
            CheckFinding(
                "transactions", Double(row[2]) ?? 0 > 3600 ? .problem : .warning,
                "prepared transaction \(row[0]) of \(row[1]) is open for \(row[2]) s: its changes wait, and vacuum with them",
                advice: "COMMIT PREPARED '\(row[0])' or ROLLBACK PREPARED '\(row[0])'")
        }
        findings += try await rows(
            """
            SELECT pid::text, coalesce(usename::text, ''), coalesce(application_name, ''), coalesce(state, ''),
                (round(extract(epoch FROM clock_timestamp() - xact_start)))::text, (backend_xid IS NOT NULL)::text
            FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()
                AND xact_start < clock_timestamp() - interval '\(transactionAge / .seconds(1)) s'
                AND (backend_xid IS NOT NULL OR backend_xmin IS NOT NULL)
            ORDER BY xact_start LIMIT 10
            """
        ).map { row in
            let effect =
                row[5] == "true"
                ? "its changes wait, and vacuum with them"
                : "vacuum cannot remove what it may still see"
            return CheckFinding(
                "transactions", .warning,
                "server process \(row[0]) (\(row[1]), \(row[2]), \(row[3])) is in a transaction for \(row[4]) s: \(effect)",
                advice:
                    "end it there, or SELECT pg_terminate_backend(\(row[0])); idle_in_transaction_session_timeout prevents it"
            )
        }
        if findings.isEmpty {
            findings.append(
                CheckFinding("transactions", .ok, "none is open for long, none is prepared"))
        }
        return findings
    }
}
