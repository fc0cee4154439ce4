import ArgumentParser
import Foundation

/// Vigil under load, with fsync on and the real sidecar as a process of its own.
///
/// docs/performance.md says what each measurement means.
@main
struct LoadBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load-benchmark",
        abstract: "Measure Vigil under load, beside the floors of the same run.",
        subcommands: [
            LatencyCommand.self, RateCommand.self, ThroughputCommand.self, BurstCommand.self,
            DetectCommand.self, NotifyCommand.self, DayCommand.self,
        ])
}

/// What a measurement prints: a table for people, JSON for programs.
protocol Report: Encodable {
    var text: String { get }
}

extension Report {
    func print(asJSON: Bool) throws {
        guard asJSON else { return Swift.print(text) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
        Swift.print(String(decoding: try encoder.encode(self), as: UTF8.self))
    }
}

/// Says on standard error what takes so long.
func say(_ line: String) {
    FileHandle.standardError.write(Data((line + "\n").utf8))
}

/// A number with so many decimals, flush right.
func column(_ value: Double, _ width: Int = 10, decimals: Int = 2) -> String {
    column(value.isFinite ? String(format: "%.\(decimals)f", value) : "-", width)
}

/// A whole number flush right.
func column(_ value: some BinaryInteger, _ width: Int = 10) -> String {
    column(value.description, width)
}

/// A text flush right.
func column(_ text: String, _ width: Int = 10) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
}

/// A text flush left.
func label(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
}
