import Foundation
import LocalCluster
import PostgresClient
import Testing

extension Integration {
    /// Background work: rows that a running sidecar turns into deeds.
    @Suite("Tasks") struct TaskTests {
        @Test("A sidecar with the rights of vigil_sidecar alone does tasks of every kind")
        func everyKind() async throws {
            let database = try await VigilDatabase.fresh()
            try await database.addWorld()
            let anomaly = try await addAnomaly(database)
            try await database.execute(
                "CREATE ROLE \(database.name)_sidecar LOGIN; GRANT vigil_sidecar TO \(database.name)_sidecar"
            )
            let conninfo = database.cluster.conninfo(
                user: database.name + "_sidecar", database: database.name)
            let sidecar = RunningSidecar(conninfo)
            try await sidecar.waitUntilFollowing()
            try await database.waitUntilScanned()

            let before = try await database.scoreCount(of: 1)
            let detected = try await done("vigil.request_detection('{1,2}', '{1}')", in: database)
            #expect(detected.contains(#""judged": 3"#) || detected.contains(#""judged": 2"#))
            #expect(try await database.scoreCount(of: 1) == before + 1)
            let scanned = try await done("vigil.request_scan()", in: database)
            #expect(scanned.contains(#""judged": 300"#), "\(scanned)")
            #expect(try await database.scoreCount(of: 300) >= 2)

            let trained = try await done("vigil.retrain(trees => 20)", in: database)
            #expect(trained.contains(#""version": "v1.0.0""#), "\(trained)")
            #expect(
                try await database.text(
                    "SELECT version || ' ' || note FROM vigil.models WHERE state = 'active'"
                )
                .hasPrefix("v1.0.0 task "))
            try await sidecar.log.wait(for: "model adopted")

            let reported = try await done("vigil.request_report()", in: database)
            #expect(reported.contains("report"), "\(reported)")
            #expect(try await database.text("SELECT vigil.report()").contains("VIGIL REPORT"))
            #expect(
                try await database.text("SELECT html FROM vigil.reports").hasPrefix("<!DOCTYPE"))
            _ = try await done("vigil.add_task('maintenance')", in: database)
            for (format, start) in [
                ("svg", "<svg"), ("png", "\u{89}PNG"), ("dot", "digraph"), ("json", "{"),
            ] {
                let task = try await database.int(
                    "SELECT vigil.request_export('\(anomaly)', '\(format)', 2)")
                _ = try await wait(for: task, in: database)
                let bytes = try await database.session.query(
                    "SELECT vigil.read_export(\(task))"
                ).bytes(row: 0, column: 0)
                let expected = start.unicodeScalars.map { UInt8($0.value) }
                #expect(Array(bytes.prefix(expected.count)) == expected, "\(format)")
            }
            #expect(
                try await database.int("SELECT count(*) FROM vigil.tasks WHERE state <> 'done'")
                    == 0)
            #expect(sidecar.log.count(of: "the tasks were interrupted") == 0)
            try await sidecar.stop()
        }

        @Test("anomaly_svg() waits for the sidecar's drawing within one statement, and keeps it")
        func picture() async throws {
            let database = try await VigilDatabase.fresh()
            try await database.addWorld()
            let anomaly = try await addAnomaly(database)
            let draw = "SELECT vigil.anomaly_svg('\(anomaly)', 2)"
            await #expect(throws: PostgresError.self) { try await database.text(draw) }
            try await RunningSidecar.following(database) { _ in
                try await eventually("the runner looks for drawings") {
                    try await database.int(
                        "SELECT count(*) FROM pg_stat_activity WHERE datname = '\(database.name)' AND application_name = 'vigil tasks'"
                    )
                } is: {
                    $0 > 0
                }
                // The picture is drawn for whoever may read, and within a transaction too.
                let reader = try await database.connect()
                try await reader.execute("SET ROLE vigil_reader; BEGIN")
                let first = try await reader.query(draw).string(row: 0, column: 0)
                #expect(first.hasPrefix("<svg"))
                let drawnAt = try await database.text("SELECT drawn_at::text FROM vigil.renderings")
                let kept = try await reader.query(draw).string(row: 0, column: 0)
                #expect(kept == first)
                try await reader.execute("COMMIT")
                await reader.close()
                // Several at once, and others while they wait.
                async let one = ask(draw.replacing(", 2)", with: ", 1)"), of: database)
                async let two = ask(draw.replacing(", 2)", with: ", 1, 10)"), of: database)
                async let three = ask(draw.replacing(", 2)", with: ", 1, 10)"), of: database)
                let answers = try await [one, two, three]
                #expect(answers.allSatisfy { $0.hasPrefix("<svg") })
                #expect(answers[1] == answers[2])
                #expect(
                    try await database.text(
                        "SELECT drawn_at::text FROM vigil.renderings WHERE hops = 2") == drawnAt)
                // A later detection makes it an old one.
                try await database.execute(
                    "UPDATE vigil.anomalies SET last_detected = clock_timestamp(), graph_epoch = 9")
                _ = try await ask(draw, of: database)
                #expect(
                    try await database.text(
                        "SELECT drawn_at::text FROM vigil.renderings WHERE hops = 2") != drawnAt)
            }
        }

        @Test(
            "A task that fails is tried again, and is dead after its attempts; retried, it is done")
        func deadLetter() async throws {
            let database = try await VigilDatabase.fresh()
            try await database.addWorld()
            let anomaly = try await addAnomaly(database)
            try await database.set("task_retry_seconds", "0")
            try await database.set("task_attempts_max", "3")
            try await database.execute(
                """
                CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS
                    $$ BEGIN RAISE EXCEPTION 'the disk is full' USING ERRCODE = 'disk_full'; END $$;
                CREATE TRIGGER refuse BEFORE INSERT ON vigil.renderings
                    FOR EACH ROW EXECUTE FUNCTION public.refuse()
                """)
            try await RunningSidecar.following(database) { _ in
                let task = try await database.int("SELECT vigil.request_export('\(anomaly)')")
                do {
                    _ = try await wait(for: task, in: database)
                    Issue.record("the task was done")
                } catch let error as PostgresError {
                    #expect(error.message.contains("failed for good after 3 attempts"), "\(error)")
                    #expect(error.detail?.contains("the disk is full") == true, "\(error)")
                }
                try await database.execute("DROP TRIGGER refuse ON vigil.renderings")
                try await database.execute("SELECT vigil.retry_task(\(task))")
                _ = try await wait(for: task, in: database)
                // What another attempt cannot help is dead at once.
                let lonely = try await database.int("SELECT vigil.retrain(sample_size => 2)")
                try await database.execute("SELECT vigil.cancel_task(\(lonely))")
                try await database.execute("DELETE FROM vigil.entities WHERE id > 20")
                let few = try await database.int("SELECT vigil.retrain()")
                try await eventually("the task is dead", equals: "dead") {
                    try await database.text("SELECT state FROM vigil.tasks WHERE id = \(few)")
                }
                #expect(
                    try await database.text(
                        "SELECT attempts || error FROM vigil.tasks WHERE id = \(few)"
                    ).contains("needs at least"))
                let skipped = try await done(
                    #"vigil.add_task('retrain', '{"skip_if_too_few": true}')"#, in: database)
                #expect(skipped.contains(#""trained": false"#), "\(skipped)")
            }
        }

        @Test("A running task is cancelled within moments and stores nothing; the feed goes on")
        func cancelled() async throws {
            let database = try await VigilDatabase.fresh()
            try await database.addWorld()
            try await RunningSidecar.following(database) { sidecar in
                let task = try await database.int("SELECT vigil.retrain(trees => 3000)")
                try await waitUntilRunning(task, in: database)
                // Training takes its time; the feed does not wait for it.
                let changes = try await database.countedChanges()
                try await database.addEntities(1)
                try await database.waitForChanges(changes + 1, within: .seconds(5))
                #expect(
                    try await database.text("SELECT state FROM vigil.tasks WHERE id = \(task)")
                        == "running")
                try await database.execute("SELECT vigil.cancel_task(\(task))")
                try await eventually("cancelled", within: .seconds(5), equals: "cancelled") {
                    try await database.text("SELECT state FROM vigil.tasks WHERE id = \(task)")
                }
                #expect(try await database.int("SELECT count(*) FROM vigil.models") == 0)
                #expect(sidecar.log.count(of: "task stopped") == 1)
            }
        }

        @Test("A schedule that is due is filed once and done")
        func schedules() async throws {
            let database = try await VigilDatabase.fresh()
            try await database.addWorld()
            try await RunningSidecar.following(database) { _ in
                try await database.execute(
                    """
                    SELECT vigil.schedule_task('scan', '@yearly', 'scan_all');
                    UPDATE vigil.schedules SET next_run_at = now() - interval '3 days' WHERE name = 'scan'
                    """)
                try await eventually("the schedule's task is done", equals: "done 1") {
                    try await database.text(
                        "SELECT coalesce(max(state), '') || ' ' || count(*) FROM vigil.tasks WHERE schedule = 'scan'"
                    )
                }
                #expect(
                    try await database.int(
                        "SELECT count(*) FROM vigil.schedules WHERE name = 'scan' AND next_run_at > now()"
                    ) == 1)
            }
        }

        @Test(
            "A sidecar killed in the middle of a task loses nothing: the next one takes it up",
            .requiresProgram)
        func killed() async throws {
            let database = try await VigilDatabase.fresh()
            try await database.addWorld()
            try await database.set("task_lease_seconds", "2")
            var program = try VigilProgram(["run", "--dsn", database.conninfo, "--threads", "1"])
            let task = try await database.int("SELECT vigil.retrain(trees => 300)")
            let scan = try await database.int("SELECT vigil.request_scan()")
            try await waitUntilRunning(task, in: database)
            program.send(SIGKILL)
            _ = try await program.outcome()
            let first = try await database.text(
                "SELECT claimed_by FROM vigil.tasks WHERE id = \(task)")
            #expect(
                try await database.text(
                    "SELECT state || attempts FROM vigil.tasks WHERE id = \(task)") == "running1")
            program = try VigilProgram(["run", "--dsn", database.conninfo, "--threads", "1"])
            _ = try await wait(for: task, in: database)
            _ = try await wait(for: scan, in: database)
            #expect(
                try await database.text(
                    "SELECT state || attempts FROM vigil.tasks WHERE id = \(task)") == "done2")
            #expect(
                try await database.text("SELECT claimed_by FROM vigil.tasks WHERE id = \(task)")
                    != first)
            #expect(try await database.int("SELECT count(*) FROM vigil.models") == 1)
            // Stopped in order, it gives back what it has: that is no attempt.
            let again = try await database.int("SELECT vigil.retrain(trees => 3000)")
            try await waitUntilRunning(again, in: database)
            program.send(SIGTERM)
            #expect(try await program.outcome(within: .seconds(3)).status == 0)
            #expect(
                try await database.text(
                    "SELECT state || attempts FROM vigil.tasks WHERE id = \(again)") == "queued0")
        }

        @Test("The command line files, waits for, lists, cancels and retries", .requiresProgram)
        func commands() async throws {
            let database = try await VigilDatabase.fresh()
            try await database.addWorld()
            let dsn = ["--dsn", database.conninfo]
            func vigil(_ arguments: String...) async throws -> VigilProgram.Outcome {
                try await VigilProgram(["task"] + arguments + dsn).outcome()
            }
            let queued = try await vigil("run", "scan_all")
            #expect(queued.status == 0 && queued.output == "Task 1 is queued.\n", "\(queued)")
            let late = try await vigil("run", "maintenance", "--wait", "--timeout", "0.1")
            #expect(late.status == 70, "\(late)")
            #expect(late.errorLines.first?.contains("No sidecar is running") == true, "\(late)")
            #expect(late.complaints.split(separator: "\n").count == 1, "\(late)")
            let cancelled = try await vigil("cancel", "2")
            #expect(cancelled.output == "Task 2 is cancelled.\n", "\(cancelled)")
            let retried = try await vigil("retry", "2")
            #expect(retried.status == 0, "\(retried)")
            let unknown = try await vigil("run", "dance")
            #expect(unknown.status == 65, "\(unknown)")
            #expect(unknown.errorLines.first?.contains("no kind of task 'dance'") == true)
            try await RunningSidecar.following(database) { _ in
                let waited = try await vigil("run", "daily_report", "--wait")
                #expect(waited.status == 0, "\(waited)")
                #expect(waited.output.contains("report"), "\(waited)")
                let listed = try await vigil("list")
                #expect(listed.output.contains("scan_all"), "\(listed)")
                let lines = try await vigil("list", "--json", "--limit", "2")
                let rows = try JSONSerialization.jsonObject(with: Data(lines.output.utf8))
                #expect((rows as? [[String: Any]])?.count == 2)
            }
        }

        // MARK: - Parts

        /// Files a task and waits until it is done; returns its result.
        private func done(_ request: String, in database: VigilDatabase) async throws -> String {
            try await wait(for: try await database.int("SELECT \(request)"), in: database)
        }

        private func wait(for task: Int64, in database: VigilDatabase) async throws -> String {
            let answer = try await database.session.query(
                "CALL vigil.wait_for_task(\(task), '1 minute')")
            #expect(try answer.string(row: 0, column: 0) == "done")
            return try await database.text(
                "SELECT result::text FROM vigil.tasks WHERE id = \(task)")
        }

        private func waitUntilRunning(_ task: Int64, in database: VigilDatabase) async throws {
            try await eventually("task \(task) is running", equals: "running") {
                try await database.text("SELECT state FROM vigil.tasks WHERE id = \(task)")
            }
        }

        /// Asks in a session of its own.
        private func ask(_ sql: String, of database: VigilDatabase) async throws -> String {
            let session = try await database.connect()
            let answer = try await session.query(sql).string(row: 0, column: 0)
            await session.close()
            return answer
        }

        /// An anomaly of entity 1, written as if it had been found.
        private func addAnomaly(_ database: VigilDatabase) async throws -> String {
            try await database.text(
                """
                INSERT INTO vigil.anomalies (subject_kind, subject_id, subject_type, subject_name,
                    entity_id, anomaly_type, anomaly_score, peak_score, confidence, severity,
                    description, detection_method)
                VALUES ('entity', 1, 'domain', 'e1', 1, 'semantic', 0.7, 0.7, 0.5, 'high',
                    'Something <b>odd</b>.', 'rules')
                RETURNING id::text
                """)
        }
    }
}
