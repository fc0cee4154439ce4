import Logging
import PostgresClient
import Storage

/// Renews the lease of a leader, on a session and a thread of its own: while the graph is loaded or a
/// large batch is written, the feed's session is busy for longer than a lease lasts.
///
/// It tells that the process runs, and nothing more: a process that stands still renews nothing.
struct LeaseKeeper {
    private let task: Task<Void, Never>

    private static let pauseAfterFailure = Duration.milliseconds(300)
    /// Three signs of life in a lease: one may come late.
    private static let signsPerLease = 3

    /// Starts to renew in the name of the feed's server process.
    init(for backend: Int32, options: Sidecar.Options, logger: Logger) {
        let executor = BlockingExecutor()
        task = Task.detached(executorPreference: executor) {
            while !Task.isCancelled {
                do {
                    try await Self.renew(backend, options, on: executor)
                    return
                } catch  where !Task.isCancelled {
                    logger.warning("the lease was not renewed", metadata: ["reason": "\(error)"])
                    try? await Task.sleep(for: Self.pauseAfterFailure)
                } catch {}
            }
        }
    }

    /// Returns when the task is cancelled, or the lead is another's.
    private static func renew(
        _ backend: Int32, _ options: Sidecar.Options, on executor: BlockingExecutor
    ) async throws {
        let connection = try await PostgresConnection.connect(
            options.conninfo, applicationName: "vigil lease", on: executor)
        do {
            try await connection.execute(SidecarLead.sessionSettings)
            while !Task.isCancelled,
                let length = try await SidecarLead.renew(backend: backend, on: connection)
            {
                try await Task.sleep(for: length / signsPerLease)
            }
            await connection.close()
        } catch {
            await connection.close()
            throw error
        }
    }

    func cancel() { task.cancel() }
}
