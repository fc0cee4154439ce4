import CLibPQ
import Glibc

extension PostgresConnection {
    /// Calls `body` for each row of a `COPY ... TO STDOUT (FORMAT binary)`, on the connection's thread.
    ///
    /// Returns the number of rows. An error that `body` throws ends the COPY; so does cancelling the
    /// task.
    @discardableResult
    package func copyOut(
        _ sql: String, _ body: @Sendable (borrowing CopyRow) throws -> Void
    ) async throws(PostgresError) -> Int {
        try await copyOut(sql, into: 0) { rowCount, row in
            try body(row)
            rowCount += 1
        }
    }

    /// Folds the rows of a `COPY ... TO STDOUT (FORMAT binary)` into a value, and returns it.
    ///
    /// An error that `body` throws ends the COPY; so does cancelling the task.
    package func copyOut<Accumulator: Sendable>(
        _ sql: String, into initial: consuming Accumulator,
        _ body: @Sendable (inout Accumulator, borrowing CopyRow) throws -> Void
    ) async throws(PostgresError) -> Accumulator {
        var accumulator = initial
        try refuseIfCancelled(sql)
        try await cancellable { () throws(PostgresError) in
            try receiveCopy(sql) { row in try body(&accumulator, row) }
        }
        return accumulator
    }

    /// Runs `COPY ... FROM STDIN` with the chunks that `nextChunk` returns until it returns nil.
    ///
    /// Chunks may be cut anywhere. Returns the number of rows that the server stored. An error that
    /// `nextChunk` throws ends the COPY, and nothing is stored; so does cancelling the task.
    package func copyIn(
        _ sql: String, _ nextChunk: @Sendable () throws -> [UInt8]?
    ) async throws(PostgresError) -> Int {
        try await copyIn(sql, from: ()) { _ in try nextChunk() }.rowCount
    }

    /// Runs `COPY ... FROM STDIN` with chunks drawn from a source until there is none left.
    ///
    /// Returns the number of rows that the server stored, and the source as it is then. Errors and
    /// cancelling act as above.
    package func copyIn<Source: Sendable>(
        _ sql: String, from initial: consuming Source,
        _ nextChunk: @Sendable (inout Source) throws -> [UInt8]?
    ) async throws(PostgresError) -> (rowCount: Int, source: Source) {
        var source = initial
        try refuseIfCancelled(sql)
        let rowCount = try await cancellable { () throws(PostgresError) in
            try sendCopy(sql) { try nextChunk(&source) }
        }
        return (rowCount, source)
    }

    // MARK: - Private parts

    private func refuseIfCancelled(_ sql: String) throws(PostgresError) {
        guard Task.isCancelled else { return }
        throw PostgresError(
            code: .cancelled, message: "the task was cancelled", context: Statement.excerpt(sql))
    }

    /// Starts the COPY and checks that it goes in the expected direction.
    private func startCopy(_ sql: String, _ direction: ExecStatusType) throws(PostgresError) {
        try requireUsable(sql)
        guard handle.send(script: sql), let result = handle.nextResult() else {
            throw connectionError(sql)
        }
        let status = result.status
        if status == direction { return }
        if status == PGRES_COPY_OUT { discardCopyMessages() }
        if status == PGRES_COPY_IN { _ = handle.endCopy(abortMessage: "unexpected direction") }
        let isError = status == PGRES_FATAL_ERROR
        let error = isError ? resultError(result, sql) : wrongDirection(sql, direction)
        drainResults(sql)
        throw settled(error)
    }

    private func wrongDirection(_ sql: String, _ direction: ExecStatusType) -> PostgresError {
        PostgresError(
            code: .unexpectedResult,
            message: direction == PGRES_COPY_OUT
                ? "the statement is not COPY ... TO STDOUT"
                : "the statement is not COPY ... FROM STDIN",
            context: Statement.excerpt(sql))
    }

    private func receiveCopy(
        _ sql: String, _ body: (borrowing CopyRow) throws -> Void
    ) throws(PostgresError) {
        try startCopy(sql, PGRES_COPY_OUT)
        var decoder = CopyDecoder()
        do {
            while try handle.withCopyMessage({ message in try decoder.decode(message, body) })
                == true
            {}
        } catch {
            canceller.request()
            discardCopyMessages()
            drainResults(sql)
            throw abortion(error, sql)
        }
        if let error = drainResults(sql) { throw settled(error) }
    }

    private func sendCopy(
        _ sql: String, _ nextChunk: () throws -> [UInt8]?
    ) throws(PostgresError) -> Int {
        try startCopy(sql, PGRES_COPY_IN)
        var abortion: PostgresError?
        do {
            while let chunk = try nextChunk() {
                guard chunk.withUnsafeBytes({ put($0) }) else { break }
                if Task.isCancelled { throw CancellationError() }
            }
        } catch {
            abortion = self.abortion(error, sql)
        }
        _ = handle.endCopy(abortMessage: abortion?.message)
        let outcome = finishCopy(sql)
        if let abortion { throw settled(abortion) }
        return try outcome.get()
    }

    /// Sends a chunk in parts; false when the server has refused the COPY, or is gone.
    private func put(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let part = rest.prefix(copyPartByteCountMax)
            guard waitToSend(),
                handle.putCopyData(UnsafeRawBufferPointer(rebasing: part))
            else { return false }
            rest = rest.dropFirst(part.count)
        }
        return true
    }

    /// Waits until the socket takes more; false when the rest need not be sent.
    ///
    /// During a COPY in libpq looks at no message before the end, so this looks for an error at the
    /// socket itself. One that it misses (TLS hides it) is found at the end.
    private func waitToSend() -> Bool {
        var descriptor = pollfd(fd: handle.socket, events: readable | writable, revents: 0)
        while true {
            guard poll(&descriptor, 1, -1) > 0 else {
                if errno == EINTR { continue }
                return false
            }
            if descriptor.revents & readable != 0 {
                var type: UInt8 = 0
                let byteCount = recv(handle.socket, &type, 1, Int32(MSG_PEEK | MSG_DONTWAIT))
                if byteCount == 1, type == UInt8(ascii: "E") { return false }
                guard handle.consumeInput() else { return false }
            }
            if descriptor.revents & writable != 0 { return true }
            if descriptor.revents & ~(readable | writable) != 0 { return false }
        }
    }

    private func finishCopy(_ sql: String) -> Result<Int, PostgresError> {
        guard let result = handle.nextResult() else { return .failure(connectionError(sql)) }
        let isDone = result.status == PGRES_COMMAND_OK
        let rowCount = result.affectedRowCount
        let error = isDone ? nil : resultError(result, sql)
        let laterError = drainResults(sql)
        if let error = error ?? laterError { return .failure(settled(error)) }
        return .success(rowCount)
    }

    /// The error of the caller's closure as this module's.
    private func abortion(_ error: any Error, _ sql: String) -> PostgresError {
        if var error = error as? PostgresError {
            error.context = error.context ?? Statement.excerpt(sql)
            return error
        }
        if error is CancellationError {
            return PostgresError(
                code: .cancelled, message: "the task was cancelled",
                context: Statement.excerpt(sql))
        }
        return PostgresError(
            code: .aborted, message: String(describing: error), context: Statement.excerpt(sql))
    }
}

/// One message of a COPY in: a socket that is writable takes so much without blocking.
private let copyPartByteCountMax = 1 << 15
