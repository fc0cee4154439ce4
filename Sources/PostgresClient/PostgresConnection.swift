import CLibPQ

/// One connection to PostgreSQL.
///
/// All of libpq's blocking calls run on the thread of the connection's executor, never on Swift's
/// shared pool. A connection that broke stays broken: a new one is a new object, with an empty
/// statement cache. Calls of several tasks run one after the other, each as a whole; a transaction
/// that spans calls needs a caller that does not share the connection meanwhile.
package actor PostgresConnection {
    /// The executor that the connection blocks; actors that share it call without a thread switch.
    package nonisolated let executor: BlockingExecutor

    var handle: ConnectionHandle
    var cache = StatementCache(capacity: statementCountMax)
    var scratch = ParameterBuffer()
    nonisolated let wakePipe: WakePipe
    nonisolated let canceller: QueryCanceller

    /// The most statements that stay prepared: a sidecar sends a few dozen texts.
    package static let statementCountMax = 256

    /// Runs the actor on its own thread.
    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        executor.asUnownedSerialExecutor()
    }

    private init(
        handle: consuming ConnectionHandle, executor: BlockingExecutor, wakePipe: WakePipe
    ) {
        canceller = QueryCanceller(owning: handle.makeCancelHandle())
        self.handle = handle
        self.executor = executor
        self.wakePipe = wakePipe
    }

    /// Connects by a libpq connection string (`host=... dbname=...`) or URI.
    ///
    /// The text encoding is UTF-8. Without `connect_timeout` in the string, an attempt ends after
    /// ten seconds. Cancelling the task ends it at once.
    /// - Parameters:
    ///   - conninfo: the connection string or URI.
    ///   - applicationName: the name shown in `pg_stat_activity`.
    ///   - executor: the executor to run on; a new one by default.
    /// - Returns: a connection that is ready for statements.
    /// - Throws: one clear error that names server, database and user, never the password.
    package static func connect(
        _ conninfo: String, applicationName: String,
        on executor: BlockingExecutor = BlockingExecutor()
    ) async throws(PostgresError) -> PostgresConnection {
        let wakePipe = try WakePipe()
        let opening = Opening(executor: executor)
        let attempt = ConnectionAttempt(
            conninfo: conninfo, applicationName: applicationName, wakePipe: wakePipe)
        let result = await withTaskCancellationHandler {
            await opening.run(attempt)
        } onCancel: {
            wakePipe.wake()
        }
        return try result.get()
    }

    /// Closes the connection; later calls throw `connectionLost`.
    package func close() {
        handle.close()
    }

    /// Whether the connection was intact when it was last used.
    package var isUsable: Bool { !handle.isClosed && handle.isUsable }

    /// The id of the server process that serves this connection.
    package var processID: Int32 { handle.processID }

    /// The server's version as one number, such as 150020 for 15.20.
    package var serverVersion: Int { Int(handle.serverVersion) }

    /// Whether a transaction block is open, failed or not.
    package var isInTransaction: Bool {
        let status = handle.transactionStatus
        return status == PQTRANS_INTRANS || status == PQTRANS_INERROR
    }

    /// Connects on the executor's thread before the connection exists.
    private actor Opening {
        let executor: BlockingExecutor

        nonisolated var unownedExecutor: UnownedSerialExecutor {
            executor.asUnownedSerialExecutor()
        }

        init(executor: BlockingExecutor) {
            self.executor = executor
        }

        func run(_ attempt: ConnectionAttempt) -> Result<PostgresConnection, PostgresError> {
            Result { () throws(PostgresError) in
                PostgresConnection(
                    handle: try attempt.run(), executor: executor, wakePipe: attempt.wakePipe)
            }
        }
    }
}
