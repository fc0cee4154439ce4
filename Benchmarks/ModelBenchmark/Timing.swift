import Foundation

/// One measurement, as a line of JSON for the Python side.
struct Timing: Encodable {
    var task: String
    var rows: Int
    var threads: Int
    /// The fastest of the repetitions, which other work on the machine disturbs least.
    var seconds: Double

    /// Times `body` and prints the line.
    static func report(
        _ task: String, rows: Int, threads: Int, repetitions: Int, _ body: () throws -> Void
    ) throws {
        var seconds = Double.infinity
        for _ in 0..<max(repetitions, 1) {
            seconds = min(seconds, try ContinuousClock().measure(body) / .seconds(1))
        }
        let line = Timing(task: task, rows: rows, threads: threads, seconds: seconds)
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        print(String(decoding: try encoder.encode(line), as: UTF8.self))
    }
}
