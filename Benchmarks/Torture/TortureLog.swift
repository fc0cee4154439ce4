import Foundation
import Synchronization

/// What happened and when, on standard output and in a file, with counters beside it.
final class TortureLog: Sendable {
    private struct Content {
        var counts: [String: Int] = [:]
        var failures: [String] = []
        var harms: Set<String> = []
        var seen: [String: Int] = [:]
    }

    private let content = Mutex(Content())
    private let file: FileHandle?
    private let start = ContinuousClock.now

    init(file: URL?) throws {
        guard let file else {
            self.file = nil
            return
        }
        _ = FileManager.default.createFile(atPath: file.path(), contents: nil)
        self.file = try FileHandle(forWritingTo: file)
    }

    /// Seconds since the log began.
    var seconds: Double { (ContinuousClock.now - start) / .seconds(1) }

    /// Writes a line.
    func say(_ text: String) {
        content.withLock { _ in
            let line = String(format: "%8.2f  ", seconds) + text + "\n"
            FileHandle.standardOutput.write(Data(line.utf8))
            try? file?.write(contentsOf: Data(line.utf8))
        }
    }

    /// Writes a line of a kind that may come often: the first few of each kind, and then only counts.
    func sayFew(_ kind: String, _ text: String) {
        let times = content.withLock { content in
            content.seen[kind, default: 0] += 1
            return content.seen[kind] ?? 0
        }
        if times <= Self.fewMax { say("\(kind): \(text.prefix(Self.textMax))") }
    }

    /// Counts something by name.
    func count(_ name: String, by number: Int = 1) {
        content.withLock { $0.counts[name, default: 0] += number }
    }

    /// Writes a failed check; the run goes on, and its end is a failure.
    func fail(_ text: String) {
        content.withLock { $0.failures.append(text) }
        say("FAILED  \(text)")
    }

    /// Writes that a writer has met an error that no fault explains; once for each SQLSTATE.
    func harmed(by state: String) {
        let isFirst = content.withLock { $0.harms.insert(state).inserted }
        if isFirst { fail("a writer has met SQLSTATE \(state), which no fault explains") }
    }

    var failures: [String] { content.withLock { $0.failures } }

    /// All counts, a line each.
    var summary: [String] {
        content.withLock { content in
            content.counts.sorted { $0.key < $1.key }.map { "\($0.value)  \($0.key)" }
        }
    }

    private static let fewMax = 3
    private static let textMax = 600
}
