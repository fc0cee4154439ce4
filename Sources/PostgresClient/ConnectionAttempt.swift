import CLibPQ
import Glibc

/// Opens a connection step by step, so that it has a deadline, can be cancelled, and learns the
/// server's SQLSTATE, which libpq shows in a failed connection's message alone.
struct ConnectionAttempt {
    let conninfo: String
    let applicationName: String
    let wakePipe: WakePipe

    /// Seconds to wait where the connection string does not say (`connect_timeout`).
    private static let timeoutSeconds = 10

    /// The connection, ready for statements.
    func run() throws(PostgresError) -> ConnectionHandle {
        let named = try ConninfoOptions.parse(conninfo)
        guard let pointer = start() else {
            throw PostgresError(code: .connectionFailed, message: "out of memory")
        }
        let handle = ConnectionHandle(owning: pointer)
        handle.ignoreNotices()
        handle.setVerbosity(PQERRORS_VERBOSE)
        let timeout = named["connect_timeout"].flatMap { Int($0) } ?? Self.timeoutSeconds
        try finish(handle, timeoutSeconds: timeout)
        handle.setVerbosity(PQERRORS_DEFAULT)
        return handle
    }

    /// Parameters before the connection string are defaults, those after it are fixed.
    private func start() -> OpaquePointer? {
        let parameters: [(String, String)] = [
            ("keepalives_idle", "30"), ("keepalives_interval", "10"), ("keepalives_count", "3"),
            ("dbname", conninfo), ("application_name", applicationName),
            ("client_encoding", "UTF8"),
        ]
        let keywords = parameters.map { strdup($0.0) }
        let values = parameters.map { strdup($0.1) }
        defer { for text in keywords + values { free(text) } }
        let keywordPointers = keywords.map { UnsafePointer($0) } + [nil]
        let valuePointers = values.map { UnsafePointer($0) } + [nil]
        return PQconnectStartParams(keywordPointers, valuePointers, 1)
    }

    private func finish(
        _ handle: borrowing ConnectionHandle, timeoutSeconds: Int
    ) throws(PostgresError) {
        // Zero stands for no limit, as it does for libpq; a day is none.
        let limitSeconds = timeoutSeconds > 0 ? timeoutSeconds : 86_400
        let deadline = ContinuousClock.now + .seconds(limitSeconds)
        var progress = PGRES_POLLING_WRITING
        while handle.status != CONNECTION_BAD {
            if progress == PGRES_POLLING_OK { return }
            if progress == PGRES_POLLING_FAILED { break }
            let events = progress == PGRES_POLLING_READING ? POLLIN : POLLOUT
            switch waitForSocket(
                handle.socket, events: Int16(events), wakePipe: wakePipe, until: deadline)
            {
            case .ready: progress = handle.continueConnecting()
            case .woken:
                wakePipe.drain()
                if Task.isCancelled {
                    throw PostgresError(
                        code: .cancelled, message: "the task was cancelled",
                        context: "connecting to PostgreSQL")
                }
            case .timedOut:
                throw ConnectionFailure(
                    message: "no answer within \(timeoutSeconds) seconds",
                    parameters: handle.parameters()
                ).error
            }
        }
        throw ConnectionFailure(
            message: handle.errorMessage, parameters: handle.parameters()
        ).error
    }
}
