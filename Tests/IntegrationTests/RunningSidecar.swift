import Logging
import ServiceLifecycle
import Sidecar
import Synchronization

/// A sidecar in a task of this process, stopped as SIGTERM would stop it.
struct RunningSidecar: Sendable {
    let log: LogLines
    private let group: ServiceGroup
    private let task: Task<Void, any Error>

    /// Starts a sidecar without waiting for anything.
    init(_ conninfo: String, seed: UInt64 = 1) {
        let log = LogLines()
        self.log = log
        let logger = Logger(label: "vigil") { _ in LinesLogHandler(lines: log) }
        let silent = Logger(label: "group") { _ in SwiftLogNoOpLogHandler() }
        let sidecar = Sidecar(options: .init(conninfo: conninfo, seed: seed), logger: logger)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [
                    .init(
                        service: sidecar, successTerminationBehavior: .gracefullyShutdownGroup,
                        failureTerminationBehavior: .cancelGroup)
                ], logger: silent))
        self.group = group
        task = Task { try await group.run() }
    }

    /// Waits until it has loaded and said so `times` times.
    func waitUntilFollowing(times: Int = 1) async throws {
        try await eventually("the sidecar follows; its log: \(log.all.suffix(4))") {
            log.count(of: "following")
        } is: {
            $0 >= times
        }
    }

    /// Stops it and waits for its end.
    ///
    /// - Throws: what it failed with.
    func stop() async throws {
        await group.triggerGracefulShutdown()
        try await task.value
    }

    /// Runs the body beside a sidecar that follows the database, and stops it.
    static func following<Value>(
        _ database: VigilDatabase, _ body: (RunningSidecar) async throws -> Value
    ) async throws -> Value {
        let sidecar = RunningSidecar(database.conninfo)
        do {
            try await sidecar.waitUntilFollowing()
            try await database.waitUntilScanned()
            let value = try await body(sidecar)
            try await sidecar.stop()
            return value
        } catch {
            print("\(error); the sidecar's log:\n\(sidecar.log.all.joined(separator: "\n"))")
            try? await sidecar.stop()
            throw error
        }
    }
}

/// The lines that a sidecar has logged.
final class LogLines: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    func append(_ line: String) {
        lines.withLock { $0.append(line) }
    }

    /// How many lines begin with the message.
    func count(of message: String) -> Int {
        all.count { $0.hasPrefix(message) }
    }

    /// Waits for a line that begins with the message, and returns it.
    @discardableResult
    func wait(for message: String) async throws -> String {
        try await eventually("a line in the log: \(message)") {
            all.first { $0.hasPrefix(message) } ?? ""
        } is: {
            !$0.isEmpty
        }
    }
}

private struct LinesLogHandler: LogHandler {
    let lines: LogLines
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .debug

    init(lines: LogLines) {
        self.lines = lines
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let details = (event.metadata ?? [:]).sorted { $0.key < $1.key }
            .map { " \($0.key)=\($0.value)" }.joined()
        lines.append("\(event.message)" + details)
    }
}
