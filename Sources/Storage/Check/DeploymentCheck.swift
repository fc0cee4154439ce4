import Foundation
package import PostgresClient

/// One thing that was looked at in a deployment.
package struct CheckFinding: Sendable, Encodable, Equatable {
    /// How it stands.
    package enum Level: String, Sendable, Encodable, CaseIterable {
        case ok, warning, problem
    }

    /// What was looked at, in a word or two.
    package var subject: String
    package var level: Level
    /// What was found.
    package var message: String
    /// What to do about it; nil where nothing is to be done.
    package var advice: String?

    init(_ subject: String, _ level: Level, _ message: String, advice: String? = nil) {
        self.subject = subject
        self.level = level
        self.message = message
        self.advice = advice
    }
}

/// Examines a deployment: what must be there for the sidecar to work, and what makes it work badly.
///
/// It changes nothing. The doorbell is rung by a statement that touches no row. A look that fails is a
/// finding itself, and the others go on.
package struct DeploymentCheck: Sendable {
    let connection: PostgresConnection
    /// Whether the connection goes to a socket of this machine: then the server's disk can be seen.
    let isLocal: Bool
    /// A prepared transaction, and any other one, is told of from this age on.
    package var preparedAge = Duration.seconds(60)
    package var transactionAge = Duration.seconds(300)

    /// A check over this connection, as the role that the sidecar is to have.
    package init(on connection: PostgresConnection) async {
        self.connection = connection
        let address = try? await connection.query("SELECT inet_server_addr() IS NULL")
        isLocal = (try? address?.bool(row: 0, column: 0)) ?? false
    }

    /// Everything that was looked at, in order.
    package func run() async -> [CheckFinding] {
        var findings: [CheckFinding] = []
        let installation = await installed()
        findings += installation
        findings += await look("server", server)
        findings += await look("session", session)
        findings += await look("settings", serverSettings)
        findings += await look("clock", clock)
        findings += await look("disk", disk)
        guard !installation.contains(where: { $0.level == .problem }) else { return findings }
        findings += await look("rights", rights)
        findings += await look("triggers", triggers)
        findings += await look("attached tables", attachedTables)
        findings += await look("sidecar", sidecar)
        findings += await look("doorbell", doorbell)
        findings += await look("change feed", feed)
        findings += await look("transactions", transactions)
        findings += await look("memory", memory)
        findings += await look("settings", ownSettings)
        findings += await look("models", models)
        findings += await look("tasks", tasks)
        return findings
    }

    /// Looks at one thing; a failure is told as a warning: what is there is not known.
    private func look(
        _ subject: String, _ body: () async throws -> [CheckFinding]
    ) async -> [CheckFinding] {
        do {
            return try await body()
        } catch {
            return [
                CheckFinding(
                    subject, .warning, "could not be examined: \(error)",
                    advice: "run the check as the role of the sidecar, or as one that may see it")
            ]
        }
    }

    private func installed() async -> [CheckFinding] {
        do {
            try await Installation.check(on: connection)
            let kind =
                if case .extension = try await Installation.state(on: connection) {
                    "as an extension"
                } else {
                    "from plain SQL"
                }
            return [CheckFinding("extension", .ok, "Vigil \(extensionVersion), installed \(kind)")]
        } catch let error as StorageError {
            return [CheckFinding("extension", .problem, error.message, advice: error.hint)]
        } catch {
            return [CheckFinding("extension", .problem, "cannot be examined: \(error)")]
        }
    }

    // MARK: - Helpers for the looks

    /// The first value of a statement as a text; nil for null, and for no row.
    func text(_ sql: String) async throws -> String? {
        let answer = try await connection.query(sql)
        guard answer.rowCount > 0 else { return nil }
        return try answer.optionalString(row: 0, column: 0)
    }

    /// All rows of a statement whose columns are texts.
    func rows(_ sql: String) async throws -> [[String]] {
        let answer = try await connection.query(sql)
        return try (0..<answer.rowCount).map { row in
            try (0..<answer.columnCount).map { column in
                try answer.optionalString(row: row, column: column) ?? ""
            }
        }
    }
}
