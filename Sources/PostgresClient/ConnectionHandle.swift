import CLibPQ

/// The one owner of a `PGconn`: libpq's calls as methods, the pointer kept inside.
///
/// libpq answers every call on a closed connection with a failure, so `close` needs no second state.
struct ConnectionHandle: ~Copyable {
    private var pointer: OpaquePointer?

    init(owning pointer: OpaquePointer) {
        self.pointer = pointer
    }

    deinit {
        PQfinish(pointer)
    }

    mutating func close() {
        PQfinish(pointer)
        pointer = nil
    }

    var isClosed: Bool { pointer == nil }
    var isUsable: Bool { PQstatus(pointer) == CONNECTION_OK }
    var status: ConnStatusType { PQstatus(pointer) }
    var socket: Int32 { PQsocket(pointer) }
    var errorMessage: String { String(cString: PQerrorMessage(pointer)) }
    var transactionStatus: PGTransactionStatusType { PQtransactionStatus(pointer) }
    var processID: Int32 { PQbackendPID(pointer) }
    var serverVersion: Int32 { PQserverVersion(pointer) }

    // MARK: - Connecting

    func continueConnecting() -> PostgresPollingStatusType { PQconnectPoll(pointer) }

    func setVerbosity(_ verbosity: PGVerbosity) {
        _ = PQsetErrorVerbosity(pointer, verbosity)
    }

    /// Notices go nowhere: libpq would print them on standard error.
    func ignoreNotices() {
        _ = PQsetNoticeReceiver(pointer, { _, _ in }, nil)
    }

    /// The connection's parameters in force; the password is left out.
    func parameters() -> [String: String] {
        ConninfoOptions.take(PQconninfo(pointer))
    }

    func makeCancelHandle() -> OpaquePointer? { PQgetCancel(pointer) }

    // MARK: - Statements

    func send(script: String) -> Bool { PQsendQuery(pointer, script) == 1 }

    func send(statement: String) -> Bool {
        PQsendQueryParams(pointer, statement, 0, nil, nil, nil, nil, 1) == 1
    }

    func prepare(_ name: String, _ sql: String, _ types: [Oid]) -> Bool {
        PQsendPrepare(pointer, name, sql, Int32(types.count), types) == 1
    }

    func execute(
        _ name: String, _ parameters: borrowing ParameterBuffer, parameterCount: Int
    ) -> Bool {
        parameters.withArguments { values, lengths, formats in
            PQsendQueryPrepared(
                pointer, name, Int32(parameterCount), values, lengths, formats, 1) == 1
        }
    }

    /// The next result of what was sent; nil at the end of a statement's results.
    func nextResult() -> ResultHandle? {
        guard let result = PQgetResult(pointer) else { return nil }
        return ResultHandle(owning: result)
    }

    // MARK: - Pipeline

    func enterPipeline() -> Bool { PQenterPipelineMode(pointer) == 1 }
    func exitPipeline() -> Bool { PQexitPipelineMode(pointer) == 1 }
    func syncPipeline() -> Bool { PQpipelineSync(pointer) == 1 }

    // MARK: - COPY

    /// Calls `body` with the next message of a COPY out; false at its end, nil after a failure.
    func withCopyMessage<Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) -> Bool? {
        var message: UnsafeMutablePointer<CChar>?
        let byteCount = PQgetCopyData(pointer, &message, 0)
        guard byteCount >= 0 else { return byteCount == -1 ? false : nil }
        defer { PQfreemem(message) }
        try body(UnsafeRawBufferPointer(start: message, count: Int(byteCount)))
        return true
    }

    func putCopyData(_ bytes: UnsafeRawBufferPointer) -> Bool {
        PQputCopyData(
            pointer, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(bytes.count))
            == 1
    }

    /// Ends a COPY in; a message makes the server refuse the whole of it.
    func endCopy(abortMessage: String?) -> Bool {
        if let abortMessage { return PQputCopyEnd(pointer, abortMessage) == 1 }
        return PQputCopyEnd(pointer, nil) == 1
    }

    // MARK: - Notifications

    func consumeInput() -> Bool { PQconsumeInput(pointer) == 1 }

    func nextNotification() -> PostgresNotification? {
        guard let notification = PQnotifies(pointer) else { return nil }
        defer { PQfreemem(notification) }
        return PostgresNotification(
            channel: notification.pointee.relname.map { String(cString: $0) } ?? "",
            payload: notification.pointee.extra.map { String(cString: $0) } ?? "",
            processID: notification.pointee.be_pid)
    }
}
