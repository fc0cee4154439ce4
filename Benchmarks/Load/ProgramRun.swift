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
                try process.run()
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
