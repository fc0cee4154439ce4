import Foundation
import UnixSignals

/// Long work that Ctrl-C and SIGTERM end in good order; a second one ends it at once.
enum Interruptible {
    static func run<Result: Sendable>(
        _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        let work = Task { try await body() }
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        let watch = Task {
            for await _ in signals {
                guard !work.isCancelled else { Foundation.exit(Failure.Kind.interrupted.rawValue) }
                Terminal.complain("\nending; once more ends at once")
                work.cancel()
            }
        }
        defer { watch.cancel() }
        return try await work.value
    }
}
