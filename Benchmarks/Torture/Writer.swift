import AnomalyModels
import Foundation
import PostgresClient

/// One session that writes at random: transactions of several statements, savepoints, rollbacks.
///
/// A transaction says in `torture.ledger`, as its last statement, how many changes it has made; so what
/// was committed is known to the database whatever the session saw of the end of it. Writers share all
/// rows for relating them, but each updates and deletes rows of its own share alone.
struct Writer: Sendable {
    let number: Int
    let count: Int
    let seed: UInt64
    let conninfo: String
    let log: TortureLog
    let gate: Gate
    /// The longest pause between two transactions, in milliseconds.
    let paceMilliseconds: Int

    /// Writes until the task is cancelled; a lost session is opened again.
    func run() async {
        var random = SeededRandom(seed: seed, stream: UInt64(number) + 1)
        while !Task.isCancelled {
            do {
                try await gate.passing {}
                let session = try await PostgresConnection.connect(
                    conninfo, applicationName: "torture writer \(number)")
                do {
                    try await session.execute(Self.sessionSettings)
                    while !Task.isCancelled {
                        try await gate.passing { try await transact(on: session, &random) }
                        try await Task.sleep(
                            for: .milliseconds(random.index(below: paceMilliseconds + 1)))
                    }
                } catch {
                    await session.close()
                    throw error
                }
                await session.close()
            } catch let error as PostgresError {
                note(error)
                try? await Task.sleep(for: .milliseconds(100 + random.index(below: 400)))
            } catch {}
        }
    }

    static let sessionSettings = """
        SET search_path = vigil, pg_catalog; SET lock_timeout = '30s'; SET statement_timeout = '60s';
        SET synchronous_commit = on
        """

    /// Counts an error by its SQLSTATE; those of the faults themselves are as expected.
    func note(_ error: PostgresError) {
        guard error.code != .cancelled else { return }
        let name = error.sqlState ?? error.code.rawValue
        log.count("writers' errors \(name)")
        let isExpected = [.connectionFailed, .connectionLost].contains(error.code)
        if !isExpected, !Harm.isInduced(name) {
            log.sayFew("writer's error \(name)", "\(error)")
            if error.code == .serverError, !Harm.isOfWriters(name) { log.harmed(by: name) }
        }
    }

    // MARK: - One transaction

    private func transact(
        on session: PostgresConnection, _ random: inout SeededRandom
    ) async throws {
        do {
            try await attempt(on: session, &random)
        } catch let error as PostgresError where error.code == .serverError {
            note(error)
            try await session.execute("ROLLBACK")
        }
    }

    private func attempt(
        on session: PostgresConnection, _ random: inout SeededRandom
    ) async throws {
        var statements = WriterStatements(
            session: session, number: number, count: count, random: random)
        defer { random = statements.random }
        try await session.execute("BEGIN")
        var changes = 0
        for _ in 0...statements.random.index(below: 5) {
            let usesSavepoint = statements.random.index(below: 4) == 0
            if usesSavepoint { try await session.execute("SAVEPOINT s") }
            let made = try await statements.next()
            if usesSavepoint, statements.random.index(below: 2) == 0 {
                try await session.execute("ROLLBACK TO SAVEPOINT s")
                log.count("savepoints rolled back")
            } else {
                changes += made
            }
            // So that transactions end in another order than they began.
            if statements.random.index(below: 8) == 0 {
                try await Task.sleep(
                    for: .milliseconds(statements.random.index(below: 300)))
            }
        }
        if statements.random.index(below: 6) == 0 {
            try await session.execute("ROLLBACK")
            log.count("transactions rolled back")
            return
        }
        try await session.execute(Self.ledgerEntry(by: number, changes: changes) + "; COMMIT")
        log.count("transactions committed")
        log.count("changes committed", by: changes)
    }

    /// The last statement of a transaction.
    static func ledgerEntry(by number: Int, changes: Int) -> String {
        "INSERT INTO torture.ledger (writer, changes) VALUES (\(number), \(changes))"
    }
}

/// What a writer may suffer because of the faults themselves, and not because of Vigil.
enum Harm {
    /// Ended sessions and servers, servers that start or follow, a full disk, a refused NOTIFY of a
    /// prepared transaction.
    static func isInduced(_ state: String) -> Bool {
        state.hasPrefix("57P") || state.hasPrefix("08") || state.hasPrefix("53")
            || state == "25006" || state == "58030"
    }

    /// What writers do to each other: a deadlock, a row related to that another deletes.
    static func isOfWriters(_ state: String) -> Bool { ["40P01", "23503"].contains(state) }
}
