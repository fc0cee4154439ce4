import Foundation
import LocalCluster
import PostgresClient
import Synchronization

/// Carries out the acts of the plan, one after the other; those that last go on beside the next.
struct Conductor: Sendable {
    let server: TortureServer
    let keepers: [SidecarKeeper]
    let gate: Gate
    let log: TortureLog
    /// Full: nothing more can be written to the server's disk.
    let disk: SmallDisk?
    let ledger: Ledger
    private let lasting = Lasting()

    init(
        server: TortureServer, keepers: [SidecarKeeper], gate: Gate, log: TortureLog,
        disk: SmallDisk?,
        ledger: Ledger
    ) {
        self.ledger = ledger
        self.server = server
        self.keepers = keepers
        self.gate = gate
        self.log = log
        self.disk = disk
    }

    /// Does one thing; what goes wrong with it is written down, for the next act may have met this one.
    func perform(_ act: Act) async {
        log.say("act     \(act)")
        log.count("act \(act.kind)")
        do {
            try await carryOut(act)
        } catch {
            log.count("acts that failed")
            log.sayFew("act that failed, \(act.kind)", "\(error)")
        }
    }

    /// Waits for everything that still goes on, and takes back what would stand in the way.
    func calm() async {
        await lasting.finish()
        for keeper in keepers { keeper.resume() }
        disk?.free()
        if !server.active.isRunning {
            do {
                try await server.restart()
            } catch {
                log.fail("PostgreSQL does not start again: \(error)")
            }
        }
    }

    // MARK: - Acts

    /// The sidecars by turns: sometimes the one that leads, sometimes the one that stands by.
    private var next: SidecarKeeper {
        keepers[lasting.turn.add(1, ordering: .relaxed).oldValue % keepers.count]
    }

    private func carryOut(_ act: Act) async throws {
        switch act {
        case .killSidecar(let delay):
            next.end(by: SIGKILL, restartAfter: .milliseconds(delay))
        case .stopSidecar(let delay):
            next.end(by: SIGTERM, restartAfter: .milliseconds(delay))
        case .pauseSidecar(let time):
            let keeper = next
            keeper.pause()
            beside {
                try await Task.sleep(for: .milliseconds(time))
            } finally: {
                keeper.resume()
            }
        case .killServer(let time):
            try server.kill()
            try await Task.sleep(for: .milliseconds(time))
            try await server.restart()
        case .restartServer: try await server.restart()
        case .killBackend:
            if let processID = try await feedSession() { kill(processID, SIGKILL) }
        case .freezeSession(let time):
            guard let processID = try await feedSession() else { return }
            kill(processID, SIGSTOP)
            beside {
                try await Task.sleep(for: .milliseconds(time))
            } finally: {
                kill(processID, SIGCONT)
            }
        case .endSidecarSessions:
            try await end("application_name LIKE 'vigil%'")
        case .endSessions:
            try await end("backend_type = 'client backend' ORDER BY md5(pid::text) LIMIT 3")
        case .longTransaction(let seconds, let commits):
            beside { try await holdOpen(seconds: seconds, commits: commits) }
        case .preparedTransaction(let seconds, let commits):
            beside { try await prepare(seconds: seconds, commits: commits) }
        case .burst(let rows): beside { try await burst(rows) }
        case .lockTable(let table, let seconds):
            beside { try await lock(table, seconds: seconds) }
        case .set(let name, let value):
            try await execute(
                "UPDATE vigil.settings SET value = '\(value)' WHERE name = '\(name)'")
        case .retrain(let seed):
            try await execute("SELECT vigil.retrain(seed => \(seed), trees => 20)")
        case .rollBackModel: try await execute("SELECT vigil.rollback_model()")
        case .scan: try await execute("SELECT vigil.request_scan()")
        case .maintain:
            try await execute("SELECT vigil.run_upkeep()")
            for table in ["entities", "relationships", "anomalies", "feed_state"] {
                try await execute("VACUUM (ANALYZE) vigil.\(table)")
            }
        case .fillDisk(let time):
            guard let disk else { return }
            disk.fill()
            try await Task.sleep(for: .milliseconds(time))
            disk.free()
            try await Task.sleep(for: .seconds(1))
            // Without room for its log a server gives up; a crash that recovers by itself does not.
            if !server.active.isRunning {
                log.count("servers that a full disk has ended")
                try await server.restart()
            }
        case .failOver:
            let isDone = try await server.failOver()
            log.say(isDone ? "the standby has taken over" : "the standby does not stream")
        case .fillQueue(let seconds): try await fillQueue(seconds: seconds)
        case .truncate:
            try await execute("TRUNCATE vigil.relationships")
            ledger.isVoid.store(true, ordering: .relaxed)
        }
    }

    /// Goes on with the next act meanwhile.
    private func beside(
        _ work: @escaping @Sendable () async throws -> Void,
        finally end: @escaping @Sendable () -> Void = {}
    ) {
        lasting.add(
            Task {
                do {
                    try await work()
                } catch let error as PostgresError {
                    log.count("lasting acts' errors \(error.sqlState ?? error.code.rawValue)")
                    if !Harm.isInduced(error.sqlState ?? ""), error.code == .serverError {
                        log.sayFew("lasting act's error", "\(error)")
                    }
                } catch {}
                end()
            })
    }

    private func execute(_ sql: String) async throws {
        let session = try await server.connect()
        do {
            try await session.execute(sql)
        } catch {
            await session.close()
            throw error
        }
        await session.close()
    }

    /// The server process of the feed's session.
    private func feedSession() async throws -> Int32? {
        let session = try await server.connect()
        let answer = try await session.query(
            """
            SELECT pid FROM pg_stat_activity WHERE application_name = 'vigil sidecar'
            ORDER BY backend_start LIMIT 1
            """)
        await session.close()
        return answer.rowCount == 1 ? try answer.int32(row: 0, column: 0) : nil
    }

    private func end(_ condition: String) async throws {
        try await execute(
            """
            SELECT pg_terminate_backend(pid) FROM (
                SELECT pid FROM pg_stat_activity
                WHERE pid <> pg_backend_pid() AND \(condition)) AS sessions
            """)
    }

    // MARK: - Transactions that last

    private static let someChanges = """
        INSERT INTO vigil.entities (type, name, confidence)
        SELECT 'person', 'late', 0.4 FROM generate_series(1, 3);
        INSERT INTO vigil.relationships (source_entity_id, target_entity_id, type)
        SELECT max(id), min(id), 'owns' FROM vigil.entities
        """
    private static let someChangesCount = 4

    private func holdOpen(seconds: Int, commits: Bool) async throws {
        let session = try await server.connect("torture: long transaction")
        try await session.execute("BEGIN; " + Self.someChanges)
        try await Task.sleep(for: .seconds(seconds))
        try await gate.passing {
            try await session.execute(
                Writer.ledgerEntry(by: -1, changes: Self.someChangesCount) + "; "
                    + (commits ? "COMMIT" : "ROLLBACK"))
        }
        log.count("long transactions \(commits ? "committed" : "rolled back")")
        await session.close()
    }

    private func prepare(seconds: Int, commits: Bool) async throws {
        let name = "torture-\(UInt64.random(in: 0 ... .max))"
        let session = try await server.connect("torture: two-phase commit")
        let refusal = await refusal(of: name, on: session)
        await session.close()
        if let refusal {
            guard refusal.sqlState == "0A000" else { throw refusal }
            // It has rung the doorbell; who prepares transactions switches feed_arm off.
            log.count("prepared transactions refused because they rang the doorbell")
            return
        }
        try await Task.sleep(for: .seconds(seconds))
        try await gate.passing { try await endPrepared(name, commits: commits) }
        log.count("prepared transactions \(commits ? "committed" : "rolled back")")
    }

    /// Prepares a transaction; returns why it could not be.
    private func refusal(
        of name: String, on session: PostgresConnection
    ) async -> PostgresError? {
        do throws(PostgresError) {
            try await session.execute(
                "BEGIN; " + Self.someChanges + "; "
                    + Writer.ledgerEntry(by: -2, changes: Self.someChangesCount)
                    + "; PREPARE TRANSACTION '\(name)'")
            return nil
        } catch {
            return error
        }
    }

    /// However often PostgreSQL goes away meanwhile: a prepared transaction outlives that.
    private func endPrepared(_ name: String, commits: Bool) async throws {
        while !Task.isCancelled {
            do {
                try await execute("\(commits ? "COMMIT" : "ROLLBACK") PREPARED '\(name)'")
                return
            } catch let error as PostgresError where error.sqlState == "42704" {
                return
            } catch {
                try await Task.sleep(for: .milliseconds(200))
            }
        }
    }

    private func burst(_ rows: Int) async throws {
        let session = try await server.connect("torture: burst")
        try await gate.passing {
            try await session.execute(
                """
                BEGIN;
                INSERT INTO vigil.entities (type, name, confidence)
                SELECT 'device', 'burst' || i, 0.5 FROM generate_series(1, \(rows)) AS i;
                INSERT INTO vigil.relationships (source_entity_id, target_entity_id, type, weight)
                SELECT a.id, b.id, 'communicates_with', a.id % 97
                FROM (SELECT max(id) - \(rows) + 1 AS start FROM vigil.entities) AS m,
                    generate_series(1, \(2 * rows)) AS i,
                    LATERAL (SELECT id FROM vigil.entities WHERE id >= m.start + i % \(rows) ORDER BY id LIMIT 1) AS a,
                    LATERAL (SELECT id FROM vigil.entities WHERE id >= m.start + i * 7 % \(rows) ORDER BY id LIMIT 1) AS b;
                INSERT INTO torture.ledger (writer, changes)
                SELECT -3, count(*) + \(rows) FROM vigil.relationships
                WHERE inserted_xid = pg_current_xact_id();
                COMMIT
                """)
        }
        log.count("bursts committed")
        await session.close()
    }

    /// Fills the queue that the whole cluster shares behind a listener that does not read.
    private func fillQueue(seconds: Int) async throws {
        let listener = try await server.connect("torture: deaf listener")
        try await listener.execute("LISTEN filler; BEGIN; SELECT 1")
        let filler = try await server.connect("torture: filler")
        let usage = "SELECT pg_notification_queue_usage()"
        var share = 0.0
        // The last commit that does not fit is refused, and the queue is as full as it gets.
        while let last = try? await filler.query(usage).double(row: 0, column: 0), last < 0.999 {
            share = last
            let rest = min(1000, Int((1 - last) * 1_000_000))
            let isRefused = await wasRefused(
                "SELECT pg_notify('filler', repeat('x', 7900) || i) FROM generate_series(1, \(max(1, rest))) i",
                on: filler)
            if isRefused { break }
        }
        share = try await filler.query(usage).double(row: 0, column: 0)
        log.say("        the queue of notifications is full to \(Int(share * 1000)) thousandths")
        try await Task.sleep(for: .seconds(seconds))
        await filler.close()
        await listener.close()
    }

    private func wasRefused(_ sql: String, on session: PostgresConnection) async -> Bool {
        do throws(PostgresError) {
            try await session.execute(sql)
            return false
        } catch {
            return true
        }
    }

    private func lock(_ table: String, seconds: Int) async throws {
        let session = try await server.connect("torture: lock")
        try await session.execute(
            "BEGIN; SET LOCAL lock_timeout = '20s'; LOCK TABLE vigil.\(table)")
        try await Task.sleep(for: .seconds(seconds))
        try await session.execute("ROLLBACK")
        await session.close()
    }
}

/// Whether the feed's count and the writers' can be compared.
final class Ledger: Sendable {
    /// TRUNCATE takes rows that the feed may not have counted yet, and nobody can tell how many.
    let isVoid = Atomic(false)
    /// What the feed had counted when the ledger was empty.
    let base = Atomic<Int64>(0)
}

/// Acts that go on beside the next ones.
private final class Lasting: Sendable {
    private let tasks = Mutex<[Task<Void, Never>]>([])
    let turn = Atomic(0)

    func add(_ task: Task<Void, Never>) {
        tasks.withLock { $0.append(task) }
    }

    /// Waits until all are over.
    func finish() async {
        let all = tasks.withLock { tasks in
            defer { tasks = [] }
            return tasks
        }
        for task in all { await task.value }
    }
}
