import CLibPQ

extension PostgresConnection {
    /// Runs the statements in order in one round trip, with those not yet prepared in the same trip.
    ///
    /// Transactions are the caller's: put `BEGIN` and `COMMIT` among the statements; without them
    /// all form one implicit transaction. The first error is thrown after the connection is in
    /// order again: what followed it was not run, and a failed transaction is rolled back. A
    /// pipeline is not cancelled with its task, so that a write in hand ends as a whole.
    package func pipeline(
        _ statements: [Statement]
    ) async throws(PostgresError) -> [QueryResult] {
        for statement in statements {
            try Statement.validate(statement.sql, statement.parameters)
        }
        do throws(PostgresError) {
            return try runPipeline(statements)
        } catch {
            rollBackFailedTransaction()
            throw error
        }
    }

    // MARK: - Private parts

    /// What was sent, in order; each answers with a result of its own.
    private enum Step {
        case deallocate(name: String)
        case sync
        case prepare(statementIndex: Int, name: String)
        case execute(statementIndex: Int)
    }

    func runPipeline(_ statements: [Statement]) throws(PostgresError) -> [QueryResult] {
        guard let first = statements.first else { return [] }
        try requireUsable(first.sql)
        for statement in statements where Statement.isCopy(statement.sql) {
            throw unexpectedCopy(statement.sql)
        }
        guard handle.enterPipeline() else { throw connectionError(first.sql) }
        defer { _ = handle.exitPipeline() }
        var steps: [Step] = []
        steps.reserveCapacity(statements.count + 4)
        guard send(statements, &steps), handle.syncPipeline() else {
            let error = connectionError(first.sql)
            // Half a pipeline was sent, and nobody knows which half.
            handle.close()
            throw settled(error)
        }
        return try receive(steps, statements)
    }

    /// False where libpq refuses to send, which it does when the connection is lost.
    private func send(_ statements: [Statement], _ steps: inout [Step]) -> Bool {
        // In a transaction block a failure to deallocate would be the caller's failure.
        if !cache.retired.isEmpty, handle.transactionStatus == PQTRANS_IDLE {
            for name in cache.retired {
                guard handle.send(statement: "DEALLOCATE \(name)") else { return false }
                steps.append(.deallocate(name: name))
            }
            // With a sync of their own they cannot fail the caller's statements.
            guard handle.syncPipeline() else { return false }
            steps.append(.sync)
        }
        for (statementIndex, statement) in statements.enumerated() {
            let name: String
            if let known = cache.name(for: statement.sql, statement.parameters) {
                name = known
            } else {
                let entry = cache.insert(statement.sql, statement.parameters)
                name = entry.name
                guard handle.prepare(name, statement.sql, entry.types) else {
                    cache.discard(statement.sql, name: name)
                    return false
                }
                steps.append(.prepare(statementIndex: statementIndex, name: name))
            }
            scratch.encode(statement.parameters)
            let parameterCount = statement.parameters.count
            guard handle.execute(name, scratch, parameterCount: parameterCount) else {
                return false
            }
            steps.append(.execute(statementIndex: statementIndex))
        }
        return true
    }

    private func receive(
        _ steps: [Step], _ statements: [Statement]
    ) throws(PostgresError) -> [QueryResult] {
        var results: [QueryResult] = []
        results.reserveCapacity(statements.count)
        var failure: PostgresError?
        for step in steps {
            guard let result = handle.nextResult() else {
                failure = failure ?? connectionError(statements[0].sql)
                break
            }
            let status = result.status
            let isDone = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK
            let isSkipped = status == PGRES_PIPELINE_ABORTED
            switch step {
            case .deallocate(let name):
                // A name that the server does not know is as good as forgotten.
                if !isSkipped { cache.confirmRetired(name) }
            case .sync:
                // No nil follows the result of a sync.
                continue
            case .prepare(let statementIndex, let name):
                let sql = statements[statementIndex].sql
                if !isDone { cache.discard(sql, name: name) }
                if !isDone, !isSkipped, failure == nil { failure = resultError(result, sql) }
            case .execute(let statementIndex):
                if isDone || status == PGRES_EMPTY_QUERY {
                    results.append(QueryResult(result))
                } else if !isSkipped, failure == nil {
                    let error = resultError(result, statements[statementIndex].sql)
                    forgetIfStale(statements[statementIndex].sql, error)
                    failure = error
                }
            }
            guard finishStep() else {
                failure = failure ?? connectionError(statements[0].sql)
                break
            }
        }
        finishPipeline()
        if let failure { throw settled(failure) }
        guard handle.isUsable else { throw connectionError(statements[0].sql) }
        return results
    }

    /// Takes the nil that ends a step's results; false where the connection is lost.
    private func finishStep() -> Bool {
        while handle.isUsable {
            guard handle.nextResult() != nil else { return true }
        }
        return false
    }

    /// Takes the answer to the sync.
    private func finishPipeline() {
        while handle.isUsable, let result = handle.nextResult() {
            if result.status == PGRES_PIPELINE_SYNC { return }
        }
    }
}
