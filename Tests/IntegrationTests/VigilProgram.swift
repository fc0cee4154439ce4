import Foundation
import Synchronization

/// The `vigil` executable as a child process.
final class VigilProgram: Sendable {
    /// How a run ended.
    struct Outcome: Sendable, CustomStringConvertible {
        let status: Int32
        let output: String
        let complaints: String

        /// The lines on standard error that are complaints, not progress.
        var errorLines: [String] {
            complaints.split(separator: "\n").map(String.init).filter { $0.hasPrefix("vigil: ") }
        }
        var description: String { "exit \(status), out: \(output), err: \(complaints)" }
    }

    /// The executable beside the test bundle; `nil` where it was not built.
    static let path: String? = {
        var folders: [URL] = []
        for bundle in Bundle.allBundles + [Bundle.main] {
            folders.append(bundle.bundleURL.deletingLastPathComponent())
            folders.append(bundle.bundleURL)
        }
        if let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") {
            folders.append(URL(filePath: own).deletingLastPathComponent())
        }
        for argument in CommandLine.arguments where argument.hasSuffix(".xctest") {
            folders.append(URL(filePath: argument).deletingLastPathComponent())
        }
        return folders.map { $0.appending(path: "vigil").path() }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }()

    private let process: Process
    private let outputFile: URL
    private let errorFile: URL
    private let end = End()

    /// Whether the process has ended; apart, so that the handler does not keep the program alive.
    private final class End: Sendable {
        let isReached = Mutex(false)
    }

    /// Starts the program with an environment that tells it nothing of this machine's servers.
    init(
        _ arguments: [String], environment: [String: String] = [:], folder: URL? = nil
    ) throws {
        let place = FileManager.default.temporaryDirectory
        let name = "vigil-test-\(UUID().uuidString)"
        outputFile = place.appending(path: name + ".out")
        errorFile = place.appending(path: name + ".err")
        process = Process()
        process.executableURL = URL(filePath: Self.path ?? "")
        process.arguments = arguments
        process.currentDirectoryURL = folder ?? place
        var variables = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("PG") }
        variables["VIGIL_DSN"] = nil
        process.environment = variables.merging(environment) { _, given in given }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try Self.writer(of: outputFile)
        process.standardError = try Self.writer(of: errorFile)
        process.terminationHandler = { [end] _ in end.isReached.withLock { $0 = true } }
        try process.run()
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        try? FileManager.default.removeItem(at: outputFile)
        try? FileManager.default.removeItem(at: errorFile)
    }

    var processID: Int32 { process.processIdentifier }
    var isRunning: Bool { !end.isReached.withLock { $0 } }

    /// What it has said on standard error so far.
    var complaints: String {
        (try? String(contentsOf: errorFile, encoding: .utf8)) ?? ""
    }

    /// What it has said on standard output so far.
    var output: String {
        (try? String(contentsOf: outputFile, encoding: .utf8)) ?? ""
    }

    func send(_ signal: Int32) {
        kill(process.processIdentifier, signal)
    }

    /// Waits for its end; the program is killed at the deadline.
    func outcome(within patience: Duration = .seconds(20)) async throws -> Outcome {
        do {
            try await eventually(
                "vigil \(process.arguments ?? []) ends", within: patience, equals: false
            ) { isRunning }
        } catch {
            send(SIGKILL)
            throw WaitedInVain(description: "\(error); it said: \(complaints.suffix(2000))")
        }
        let output = (try? Data(contentsOf: outputFile)) ?? Data()
        return Outcome(
            status: process.terminationReason == .uncaughtSignal
                ? 128 + process.terminationStatus : process.terminationStatus,
            output: String(decoding: output, as: UTF8.self), complaints: complaints)
    }

    /// Runs the program to its end.
    static func run(
        _ arguments: String..., environment: [String: String] = [:], folder: URL? = nil,
        within patience: Duration = .seconds(20)
    ) async throws -> Outcome {
        try await VigilProgram(arguments, environment: environment, folder: folder)
            .outcome(within: patience)
    }

    private static func writer(of file: URL) throws -> FileHandle {
        guard FileManager.default.createFile(atPath: file.path(), contents: nil) else {
            throw CocoaError(.fileWriteUnknown)
        }
        return try FileHandle(forWritingTo: file)
    }
}
