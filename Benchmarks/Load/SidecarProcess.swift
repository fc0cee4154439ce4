import Foundation
import PostgresClient

/// `vigil run` as a child process, which ends with this program at the latest.
///
/// A shell between the two holds the sidecar's life on its standard input: when that closes, for
/// whatever reason, it ends the sidecar.
final class SidecarProcess: Sendable {
    let processID: pid_t
    private let shell: Process
    private let lifeline: FileHandle
    private let log: URL

    private static let script = """
        log=$1
        shift
        exec 2>"$log"
        "$@" </dev/null >/dev/null &
        echo $!
        read -r line || :
        kill -TERM $! 2>/dev/null
        wait $!
        """

    private init(processID: pid_t, shell: Process, lifeline: FileHandle, log: URL) {
        self.processID = processID
        self.shell = shell
        self.lifeline = lifeline
        self.log = log
    }

    deinit {
        try? FileManager.default.removeItem(at: log)
    }

    /// Starts the program `vigil` that lies beside this one.
    static func start(conninfo: String) async throws -> SidecarProcess {
        let program = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
            .deletingLastPathComponent().appending(path: "vigil").path()
        guard FileManager.default.isExecutableFile(atPath: program) else {
            throw Failure(
                "there is no \(program); build it: swift build -c release --product vigil")
        }
        let log = FileManager.default.temporaryDirectory
            .appending(path: "load-benchmark-\(UUID().uuidString).log")
        let shell = Process()
        shell.executableURL = URL(filePath: "/bin/sh")
        shell.arguments = [
            "-c", script, "sh", log.path(), program, "run", "--log-level", "notice",
        ]
        var environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("PG") }
        environment["VIGIL_DSN"] = conninfo
        shell.environment = environment
        let input = Pipe()
        let output = Pipe()
        shell.standardInput = input
        shell.standardOutput = output
        try withAllSignals { try shell.run() }
        var line = ""
        while !line.hasSuffix("\n") {
            let bytes = output.fileHandleForReading.availableData
            guard !bytes.isEmpty else { break }
            line += String(decoding: bytes, as: UTF8.self)
        }
        guard let processID = pid_t(line.trimmingCharacters(in: .newlines)) else {
            throw Failure("the sidecar could not be started: \(line)")
        }
        return SidecarProcess(
            processID: processID, shell: shell, lifeline: input.fileHandleForWriting, log: log)
    }

    /// Whether the process lives and has not ended.
    var isRunning: Bool { ProcessUsage(of: processID) != nil }

    /// What it has cost so far.
    var usage: ProcessUsage { get throws { try requireRunning() } }

    /// Waits until it follows the database.
    func waitUntilFollowing(_ database: PostgresConnection) async throws {
        while true {
            _ = try requireRunning()
            let answer = try await database.query(
                "SELECT count(*) FROM vigil.sidecars WHERE pid = $1 AND state = 'following'",
                [.int32(processID)])
            if try answer.int64(row: 0, column: 0) == 1 { return }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    /// Asks it to end, and waits until it has.
    func stop() async {
        try? lifeline.close()
        while shell.isRunning { try? await Task.sleep(for: .milliseconds(10)) }
    }

    /// A child inherits the mask of the thread that starts it, and threads of connections block
    /// signals: a shell that never hears of its child's end would wait for ever.
    private static func withAllSignals(_ body: () throws -> Void) rethrows {
        var none = sigset_t()
        var before = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        try body()
    }

    private func requireRunning() throws -> ProcessUsage {
        if let usage = ProcessUsage(of: processID) { return usage }
        let said = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
        throw Failure("the sidecar has ended; it said:\n\(said.suffix(2000))")
    }
}

/// Why there is nothing to report.
struct Failure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
