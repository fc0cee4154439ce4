import CLibPQ

extension PostgresConnection {
    /// Throws unless the connection can be used.
    func requireUsable(_ context: String) throws(PostgresError) {
        assert(executor.isIsolatingCurrentContext() == true, "libpq is called on its own thread")
        guard !handle.isClosed else {
            throw PostgresError(
                code: .connectionLost, message: "the connection is closed",
                context: Statement.excerpt(context))
        }
        guard handle.isUsable else { throw connectionError(context) }
    }

    /// The error of a failed call of libpq itself.
    func connectionError(_ context: String) -> PostgresError {
        let text = handle.errorMessage.trimmingNewlines
        let isLost = !handle.isUsable
        return PostgresError(
            code: isLost ? .connectionLost : .unexpectedResult,
            message: isLost
                ? "the connection to PostgreSQL is lost" + (text.isEmpty ? "" : ": \(text)") : text,
            context: Statement.excerpt(context))
    }

    /// The error of a result; whether the connection survived it is known after draining only.
    func resultError(_ result: borrowing ResultHandle, _ context: String) -> PostgresError {
        let fallback = result.errorMessage.trimmingNewlines
        var error = PostgresError(
            code: .serverError, sqlState: result.errorField("C"),
            message: result.errorField("M") ?? fallback, detail: result.errorField("D"),
            hint: result.errorField("H"), context: Statement.excerpt(context))
        error.serverContext = result.errorField("W")
        error.table = result.errorField("t")
        error.column = result.errorField("c")
        error.constraint = result.errorField("n")
        if error.sqlState == nil { error.code = .unexpectedResult }
        return error
    }

    /// The error with its final code, after the connection was drained.
    func settled(_ error: PostgresError) -> PostgresError {
        var error = error
        if !handle.isUsable {
            error.code = .connectionLost
            error.message = "the connection to PostgreSQL is lost: \(error.message)"
        }
        return error
    }

    /// Takes all results of a statement and keeps nothing, ending a COPY that nobody expected.
    ///
    /// Returns the first error among them.
    @discardableResult
    func drainResults(_ context: String) -> PostgresError? {
        var first: PostgresError?
        while handle.isUsable, let result = handle.nextResult() {
            switch result.status {
            case PGRES_FATAL_ERROR, PGRES_BAD_RESPONSE:
                if first == nil { first = resultError(result, context) }
            case PGRES_COPY_IN:
                _ = handle.endCopy(abortMessage: "COPY is not expected here")
            case PGRES_COPY_OUT:
                discardCopyMessages()
                if first == nil { first = unexpectedCopy(context) }
            default: break
            }
        }
        if first == nil, !handle.isUsable { first = connectionError(context) }
        return first
    }

    func discardCopyMessages() {
        while handle.withCopyMessage({ (_: UnsafeRawBufferPointer) throws(Never) in }) == true {}
    }

    func unexpectedCopy(_ context: String) -> PostgresError {
        PostgresError(
            code: .unexpectedResult, message: "COPY cannot be run as a query",
            hint: "copyIn and copyOut move its rows", context: Statement.excerpt(context))
    }

    /// Runs blocking work that the server can be asked to cancel when the task is cancelled.
    ///
    /// Work that begins in a task already cancelled runs to its end, so that a task can still tidy
    /// up after itself.
    func cancellable<Value: Sendable>(
        _ work: () throws(PostgresError) -> Value
    ) async throws(PostgresError) -> Value {
        if Task.isCancelled { return try work() }
        let canceller = canceller
        let ticket = canceller.begin()
        let result = await withTaskCancellationHandler {
            // The closure stays on the actor because it uses `self`: one that does not would run on
            // the shared pool, and block it.
            self.outcome(of: work)
        } onCancel: {
            canceller.cancel(ticket)
        }
        let isCancelled = canceller.end()
        guard case .failure(var error) = result else { return try result.get() }
        if isCancelled, error.sqlState == "57014" { error.code = .cancelled }
        throw error
    }

    private func outcome<Value>(
        of work: () throws(PostgresError) -> Value
    ) -> Result<Value, PostgresError> {
        Result(catching: work)
    }
}
