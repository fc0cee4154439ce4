import AnomalyModels
import ArgumentParser
import Foundation
import GraphFiles

/// Edges a second of the stream detectors, on one thread, one JSON line each.
struct EdgeStreamCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "edge-stream",
        abstract: "Time the edge-stream detectors.",
        discussion: """
            Each detector starts with empty tables, so growing them and calibrating are in the time. \
            `invented` has a million records between 100,000 busy and idle keys; a fifth of its records \
            is a flood whose sources are all different. Given a graph set, its records are timed, too.
            """)

    @Argument(help: "Folder of a graph set; without one only made-up streams are timed.")
    var folder: String?

    @Option(help: "Runs of each; the fastest counts.")
    var runs = 5

    @Option(help: "The records of made-up streams.")
    var records = 1_000_000

    func validate() throws {
        guard runs > 0, records > 0 else { throw ValidationError("Counts are positive.") }
    }

    func run() throws {
        var streams = [TimedStream.invented(recordCount: records, seed: 1)]
        if let folder { streams.append(try TimedStream(set: try GraphSet(folder: folder))) }
        for stream in streams {
            for (name, storage) in [
                ("channels, tables", EdgeStreamDetector.Storage.exactDefault),
                ("channels, sketches", .sketchDefault),
            ] {
                var parameters = EdgeStreamDetector.Parameters()
                parameters.storage = storage
                try time(name, stream) {
                    var detector = try EdgeStreamDetector(parameters: parameters)
                    let scores = detector.update(
                        sources: stream.sources, targets: stream.targets, times: stream.times)
                    return (scores, detector.byteCount)
                }
            }
            for variant in MidasDetector.Variant.allCases {
                try time(variant.rawValue, stream) {
                    var detector = try MidasDetector(
                        parameters: MidasDetector.Parameters(variant: variant))
                    let scores = detector.update(
                        sources: stream.sources, targets: stream.targets, times: stream.times)
                    return (scores, detector.byteCount)
                }
            }
        }
    }

    private func time(
        _ name: String, _ stream: TimedStream, _ body: () throws -> (scores: [Double], bytes: Int)
    ) throws {
        var fastest = Double.infinity
        var leastWork = Double.infinity
        var byteCount = 0
        for _ in 0..<runs {
            let started = ContinuousClock.now
            let clock = clock()
            byteCount = try body().bytes
            leastWork = min(leastWork, Double(Foundation.clock() - clock) / Double(CLOCKS_PER_SEC))
            fastest = min(fastest, (ContinuousClock.now - started) / .seconds(1))
        }
        let line = Line(
            detector: name, stream: stream.name, records: stream.times.count, seconds: fastest,
            edgesPerSecond: Double(stream.times.count) / fastest,
            edgesPerProcessorSecond: Double(stream.times.count) / leastWork,
            memoryByteCount: byteCount)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        print(String(decoding: try encoder.encode(line), as: UTF8.self))
    }

    private struct Line: Encodable {
        var detector: String
        var stream: String
        var records: Int
        var seconds: Double
        var edgesPerSecond: Double
        /// Of the process's own time, which a busy machine stretches less.
        var edgesPerProcessorSecond: Double
        var memoryByteCount: Int

        enum CodingKeys: String, CodingKey {
            case detector, stream, records, seconds
            case edgesPerSecond = "edges_per_second"
            case edgesPerProcessorSecond = "edges_per_processor_second"
            case memoryByteCount = "memory_bytes"
        }
    }
}

/// Records in time order, without anything else of a set.
struct TimedStream {
    let name: String
    private(set) var sources: [UInt64] = []
    private(set) var targets: [UInt64] = []
    private(set) var times: [Double] = []

    init(set: GraphSet) throws {
        name = URL(fileURLWithPath: set.folder).lastPathComponent
        var rows: [(source: UInt64, target: UInt64, time: Double)] = []
        try set.readRelationships { row in
            guard let time = row.timestamp else { return }
            rows.append((UInt64(row.sourcePosition), UInt64(row.targetPosition), time))
        }
        for index in rows.indices.sorted(by: { (rows[$0].time, $0) < (rows[$1].time, $1) }) {
            append(rows[index].source, rows[index].target, rows[index].time)
        }
    }

    /// Records at random times over a day between keys that follow a power law, and a flood.
    static func invented(recordCount: Int, seed: UInt64) -> TimedStream {
        var random = SeededRandom(seed: seed)
        var stream = TimedStream(name: "invented")
        let keyCount = 100_000.0
        func key() -> UInt64 { UInt64(keyCount * pow(random.uniform(), 3)) }
        for step in 0..<recordCount {
            let time = 86_400 * Double(step) / Double(recordCount)
            // From noon on four records in ten belong to a flood on one target.
            let isFlood = step > recordCount / 2 && random.index(below: 10) < 4
            stream.append(isFlood ? random.next() : key(), isFlood ? 7 : key(), time)
        }
        return stream
    }

    private init(name: String) { self.name = name }

    private mutating func append(_ source: UInt64, _ target: UInt64, _ time: Double) {
        sources.append(source)
        targets.append(target)
        times.append(time)
    }
}
