import ChangeFeed
package import Logging
import PostgresClient
import ServiceLifecycle
import Storage

/// The sidecar: follows the change feed until it is asked to stop.
///
/// The feed's state machine decides, the follower acts, and this loop carries the one's actions to
/// the other and the outcomes back. Only waits are cut short by a shutdown; a write in hand is
/// finished.
package struct Sidecar: Service {
    package struct Options: Sendable {
        /// libpq's connection string.
        package var conninfo: String
        /// Seed of sampled metrics and of the delays between retries.
        package var seed: UInt64
        package var threadCount: Int
        /// Whether it waits warm where another sidecar leads, and takes over when that one is gone.
        package var standsBy: Bool
        /// What the work is measured by.
        package var metrics: SidecarMetrics
        /// Where the loop tells what it does.
        package var health: SidecarHealth

        package init(
            conninfo: String, seed: UInt64 = 1, threadCount: Int = 1, standsBy: Bool = true,
            metrics: SidecarMetrics = SidecarMetrics(), health: SidecarHealth = SidecarHealth()
        ) {
            self.standsBy = standsBy
            self.conninfo = conninfo
            self.seed = seed
            self.threadCount = threadCount
            self.metrics = metrics
            self.health = health
        }
    }

    private let options: Options
    private let logger: Logger

    package init(options: Options, logger: Logger) {
        self.options = options
        self.logger = logger
    }

    /// Runs until a graceful shutdown or the cancellation of the task.
    ///
    /// - Throws: what keeps it from ever beginning: a wrong password, a database without Vigil,
    ///   another sidecar in the lead where it is not to stand by. Once it follows, it retries instead.
    package func run() async throws {
        let requests = JudgingRequests()
        // Beside the feed, on threads of its own; cancelled, and waited for, when the feed ends.
        async let _ = TaskRunner(options: options, logger: logger, requests: requests).run()
        let desk = AuditDesk()
        async let _ = MemoryAudit(options: options, logger: logger, desk: desk).run()
        // The loop lives on its connection's thread: no hop between two round trips.
        let executor = BlockingExecutor()
        try await withTaskExecutorPreference(executor) {
            try await follow(on: executor, requests: requests, desk: desk)
        }
    }

    private func follow(
        on executor: BlockingExecutor, requests: JudgingRequests, desk: AuditDesk
    ) async throws {
        var machine = FeedStateMachine(configuration: FeedConfiguration(), seed: options.seed)
        var follower = Follower(
            options: options, logger: logger, executor: executor, requests: requests, desk: desk)
        var actions = machine.handle(.started)[...]
        var failure: (any Error)?
        while let action = actions.popFirst() {
            if Task.isShuttingDownGracefully || Task.isCancelled {
                actions += machine.handle(.stopRequested)
            }
            options.health.begin(action)
            switch action {
            case .stop:
                logger.info("stopped")
                return
            case .fail(let reason):
                throw failure ?? reason
            case .disconnect:
                await follower.disconnect()
            default:
                let event: FeedEvent
                do {
                    event = try await follower.perform(action)
                } catch {
                    failure = error
                    event = .failed(report(error, during: action))
                }
                if let configuration = follower.takeConfiguration() {
                    actions += machine.handle(.configured(configuration))
                }
                actions += machine.handle(event)
            }
        }
    }

    /// Logs a failure once, and says whether trying again can help.
    private func report(_ error: any Error, during action: FeedAction) -> FeedFailure {
        let isConfiguration =
            switch error {
            case let error as PostgresError:
                switch error.code {
                case .authenticationFailed, .databaseMissing, .invalidConnectionString: true
                // Not permitted, or a table, column or function that is not there.
                default: error.sqlState?.hasPrefix("42") == true
                }
            case let error as StorageError:
                switch error.code {
                case .notInstalled, .wrongVersion, .pooledConnection, .anotherSidecar,
                    .graphTooLarge,
                    .invalidSetting, .corruptState, .corruptModel:
                    true
                default: false
                }
            default: false
            }
        logger.warning(
            "the feed was interrupted",
            metadata: ["during": "\(action)", "reason": "\(error)"])
        options.health.didFail("\(error)")
        return FeedFailure(isConfiguration ? .configuration : .transient, "\(error)")
    }
}
