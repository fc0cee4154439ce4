import Glibc
import ServiceLifecycle
package import Sidecar

/// Tells the service manager when the sidecar is ready, how it is, and that its loop moves.
///
/// The watchdog is only fed while the loop moves: a process that hangs is started anew.
package struct ServiceNotifier: Service {
    private let socket: NotifySocket
    private let health: SidecarHealth
    private let teller: Teller

    private static let poll = Duration.milliseconds(200)

    /// A notifier for the manager that the environment names; nil where there is none.
    package init?(environment: [String: String], processID: Int32, health: SidecarHealth) {
        guard let socket = NotifySocket(environment: environment) else { return nil }
        self.socket = socket
        self.health = health
        let isMeant = environment["WATCHDOG_PID"].map { $0 == String(processID) } ?? true
        let limit = environment["WATCHDOG_USEC"].flatMap { Int64($0) } ?? 0
        teller = Teller(watchdog: isMeant && limit > 0 ? .microseconds(limit) : nil)
    }

    /// Tells until a graceful shutdown.
    package func run() async throws {
        await cancelWhenGracefulShutdown {
            var teller = self.teller
            while !Task.isCancelled {
                let news = teller.news(health.snapshot, at: .now)
                if !news.isEmpty { socket.send(news) }
                try? await Task.sleep(for: min(Self.poll, (teller.watchdog ?? Self.poll) / 4))
            }
        }
        socket.send(["STOPPING=1", "STATUS=stopping"])
    }

    /// What is to be told at each look.
    package struct Teller: Sendable {
        /// The manager acts after so long without a sign of life; nil: it does not watch.
        package let watchdog: Duration?
        private var isReady = false
        private var said = ""
        private var fedAt: ContinuousClock.Instant?
        private var extendedAt: ContinuousClock.Instant?

        /// A start that makes progress may take so much longer.
        private static let startExtension = Duration.seconds(60)

        /// A teller that has said nothing yet.
        package init(watchdog: Duration?) {
            self.watchdog = watchdog
        }

        /// The assignments that are due; none where nothing is new.
        package mutating func news(
            _ told: SidecarHealth.Snapshot, at now: ContinuousClock.Instant
        ) -> [String] {
            var news: [String] = []
            if !isReady, told.state == .following || told.state == .standby {
                isReady = true
                news.append("READY=1")
            }
            let status = Self.status(told)
            if status != said {
                said = status
                news.append("STATUS=\(status)")
            }
            guard told.overdue(at: now) == nil else { return news }
            if !isReady, isDue(extendedAt, every: Self.startExtension / 2, now) {
                extendedAt = now
                let microseconds = Self.startExtension.components.seconds * 1_000_000
                news.append("EXTEND_TIMEOUT_USEC=\(microseconds)")
            }
            if let watchdog, isDue(fedAt, every: watchdog / 2, now) {
                fedAt = now
                news.append("WATCHDOG=1")
            }
            return news
        }

        private func isDue(
            _ last: ContinuousClock.Instant?, every interval: Duration,
            _ now: ContinuousClock.Instant
        ) -> Bool {
            last.map { now - $0 >= interval } ?? true
        }

        /// One line about the sidecar.
        private static func status(_ told: SidecarHealth.Snapshot) -> String {
            switch told.state {
            case .following, .standby:
                return "\(told.state.rawValue): \(told.sizes.entityCount) entities, "
                    + "\(told.sizes.relationshipCount) relationships, "
                    + (told.modelVersion.map { "model \($0)" } ?? "rules judge")
            case .loading:
                return told.progress.map { "loading: \($0)" } ?? "loading"
            case .starting, .connecting, .disconnected, .stopped:
                return told.state.rawValue
                    + (told.failure.map { ": \($0.replacing("\n", with: " "))" } ?? "")
            }
        }
    }
}
