import HTTPTypes
import PostgresClient
import Storage

/// The database as the requests see it: a few sessions, each request a transaction with the rights of
/// whoever asks.
///
/// The sessions are the desk's own: no request waits for the feed, and the feed for none.
package actor Desk {
    private let conninfo: String
    private let size: Int
    private var idle: [PostgresConnection] = []
    private var openCount = 0
    private var waiters: [CheckedContinuation<Void, Never>] = []

    /// Statements end after this.
    private static let timeoutSeconds = 10
    /// Requests that may wait for a session; more are turned away.
    private static let waiterLimit = 256

    /// A desk with so many sessions, opened as they are needed.
    package init(conninfo: String, size: Int = 4) {
        self.conninfo = conninfo
        self.size = size
    }

    /// Runs the body in one transaction with somebody's rights.
    ///
    /// The transaction is rolled back where the body throws.
    func perform<Answer: Sendable>(
        as identity: Identity,
        _ body: @Sendable (PostgresConnection) async throws -> Answer
    ) async throws -> Answer {
        try await withSession { session in
            try await session.execute("BEGIN")
            do {
                try await Self.take(identity, on: session)
                let answer = try await body(session)
                try await session.execute("COMMIT")
                return answer
            } catch {
                try? await session.execute("ROLLBACK")
                throw error
            }
        }
    }

    /// The text of the first column of the only row; nil where there is no row, or no value.
    func text(as identity: Identity, _ statement: Statement) async throws -> String? {
        try await perform(as: identity) { session in
            let answer = try await session.query(statement.sql, statement.parameters)
            guard answer.rowCount > 0 else { return nil }
            return try answer.optionalString(row: 0, column: 0)
        }
    }

    /// Who holds a token; nil where nobody does.
    func identity(of token: BearerToken) async throws -> Identity? {
        try await withSession { session in
            let answer = try await session.query(
                "SELECT name, role, secret_hash FROM vigil.find_token($1)", [.int64(token.id)])
            guard answer.rowCount == 1, !answer.isNull(row: 0, column: 0),
                let role = Identity.Role(rawValue: try answer.string(row: 0, column: 1)),
                token.matches(Array(try answer.bytes(row: 0, column: 2)))
            else { return nil }
            return Identity(name: try answer.string(row: 0, column: 0), role: role)
        }
    }

    /// Runs the body with the sidecar's own rights, outside of a transaction.
    func withSession<Answer: Sendable>(
        _ body: @Sendable (PostgresConnection) async throws -> Answer
    ) async throws -> Answer {
        let session = try await acquire()
        do {
            let answer = try await body(session)
            await release(session)
            return answer
        } catch {
            await release(session)
            throw error
        }
    }

    /// Closes what is idle.
    func close() async {
        for session in idle { await session.close() }
        openCount -= idle.count
        idle = []
    }

    private static func take(_ identity: Identity, on session: PostgresConnection) async throws {
        do {
            _ = try await session.query(
                """
                SELECT set_config('vigil.acting_person', $1, true), set_config('role', $2, true)
                """, [.text(identity.name), .text(identity.role.rawValue)])
        } catch {
            guard error.code == .serverError else { throw error }
            throw Problem(
                .serviceUnavailable,
                "the sidecar may not act as \(identity.role.rawValue): \(error.message)",
                hint: "GRANT \(identity.role.rawValue) TO the role that the sidecar logs in as.")
        }
    }

    private func acquire() async throws -> PostgresConnection {
        while idle.isEmpty, openCount >= size {
            guard waiters.count < Self.waiterLimit else {
                throw Problem(
                    .serviceUnavailable, "too many requests are waiting for the database",
                    hint: "Try again.", headers: [.retryAfter: "1"])
            }
            await withCheckedContinuation { waiters.append($0) }
        }
        if let session = idle.popLast() { return session }
        openCount += 1
        do {
            let session = try await PostgresConnection.connect(
                conninfo, applicationName: "vigil http")
            try await session.execute(
                """
                SET statement_timeout = '\(Self.timeoutSeconds)s'; SET lock_timeout = '2s';
                SET idle_in_transaction_session_timeout = '30s'
                """)
            return session
        } catch {
            openCount -= 1
            wake()
            throw error
        }
    }

    private func release(_ session: PostgresConnection) async {
        let isSound = await session.isUsable
        let isBusy = await session.isInTransaction
        if isSound, !isBusy {
            idle.append(session)
        } else {
            await session.close()
            openCount -= 1
        }
        wake()
    }

    private func wake() {
        if !waiters.isEmpty { waiters.removeFirst().resume() }
    }
}
