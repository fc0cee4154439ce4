import Foundation
import LocalCluster

/// One of PostgreSQL's programs, run to its end.
enum ProgramRun {
    /// Returns what it printed on standard output.
    static func output(
        of program: String, _ arguments: [String], of cluster: LocalCluster
    ) async throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: cluster.binaries.folder + "/" + program)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("PG") }
        let output = Pipe()
        let errors = Pipe()
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = errors
        // Both are short enough for a pipe, so nobody need read before the end.
        let status = try await withCheckedThrowingContinuation {
            (continuation: CheckedContinuation<Int32, any Error>) in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do {
                try process.runHearingAllSignals()
            } catch {
                process.terminationHandler = nil
                continuation.resume(throwing: error)
            }
        }
        let said = errors.fileHandleForReading.readDataToEndOfFile()
        guard status == 0 else {
            throw Failure("\(program) failed: \(String(decoding: said, as: UTF8.self))")
        }
        return String(
            decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    }
}

extension Process {
    /// Starts the program with no signal blocked.
    ///
    /// A child inherits the mask of the thread that starts it, and threads of connections block
    /// signals: a shell would never hear of its child's end, and pgbench not that its time is over.
    func runHearingAllSignals() throws {
        var none = sigset_t()
        var before = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        try run()
    }
}
