import CLibPQ

extension PostgresConnection {
    /// Runs a script of one or more statements; their rows are discarded.
    ///
    /// The script is one transaction unless it says otherwise, and its first error ends it. A
    /// transaction block that the script opened and failed in is rolled back.
    package func execute(_ script: String) async throws(PostgresError) {
        try await cancellable { () throws(PostgresError) in try run(script: script) }
    }

    /// Runs one statement, prepared once for each SQL text and reused; the result is binary.
    ///
    /// When the task is cancelled meanwhile, the server is asked to cancel the statement.
    package func query(
        _ sql: String, _ parameters: [PostgresParameter] = []
    ) async throws(PostgresError) -> QueryResult {
        try Statement.validate(sql, parameters)
        return try await cancellable { () throws(PostgresError) in try run(sql, parameters) }
    }

    // MARK: - Private parts

    func run(script: String) throws(PostgresError) {
        try requireUsable(script)
        let wasIdle = handle.transactionStatus == PQTRANS_IDLE
        guard handle.send(script: script) else { throw connectionError(script) }
        guard let error = drainResults(script) else { return }
        let settledError = settled(error)
        if wasIdle { rollBackFailedTransaction() }
        throw settledError
    }

    private func run(
        _ sql: String, _ parameters: [PostgresParameter]
    ) throws(PostgresError) -> QueryResult {
        do throws(PostgresError) {
            return try runPrepared(sql, parameters)
        } catch {
            guard isStale(error) else { throw error }
            // The tables changed, or the server forgot its statements: prepare anew, once.
            return try runPrepared(sql, parameters)
        }
    }

    /// One round trip where the statement is prepared, and one where it is not.
    private func runPrepared(
        _ sql: String, _ parameters: [PostgresParameter]
    ) throws(PostgresError) -> QueryResult {
        try requireUsable(sql)
        guard let name = cache.name(for: sql, parameters) else {
            let results = try runPipeline([Statement(sql, parameters)])
            guard let result = results.first else { throw connectionError(sql) }
            return result
        }
        scratch.encode(parameters)
        guard handle.execute(name, scratch, parameterCount: parameters.count),
            let result = handle.nextResult()
        else { throw connectionError(sql) }
        switch result.status {
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY:
            let rows = QueryResult(result)
            if let error = drainResults(sql) { throw settled(error) }
            return rows
        default:
            let error = resultError(result, sql)
            drainResults(sql)
            forgetIfStale(sql, error)
            throw settled(error)
        }
    }

    /// Whether the statement failed only because it was prepared before something changed, in a
    /// transaction of its own.
    private func isStale(_ error: PostgresError) -> Bool {
        error.code == .serverError && handle.transactionStatus == PQTRANS_IDLE
            && (error.sqlState == Self.changedResultState
                || error.sqlState == Self.unknownStatementState)
    }

    /// Takes a statement out of the cache that the server cannot run in its prepared form any more.
    func forgetIfStale(_ sql: String, _ error: PostgresError) {
        switch error.sqlState {
        case Self.changedResultState: cache.remove(sql)
        // Somebody ran DEALLOCATE ALL or DISCARD ALL: the others are gone as well.
        case Self.unknownStatementState: cache.removeAll()
        default: break
        }
    }

    /// "Cached plan must not change result type".
    private static let changedResultState = "0A000"
    /// "Prepared statement does not exist".
    private static let unknownStatementState = "26000"

    func rollBackFailedTransaction() {
        guard handle.transactionStatus == PQTRANS_INERROR, handle.send(script: "ROLLBACK") else {
            return
        }
        drainResults("ROLLBACK")
    }
}
