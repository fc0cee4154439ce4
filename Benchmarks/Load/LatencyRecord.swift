import Foundation
import Histogram

/// Latencies from a microsecond to an hour, three digits each.
struct LatencyRecord: Sendable {
    private var histogram = Histogram<UInt64>(
        highestTrackableValue: microsecondsMax, numberOfSignificantValueDigits: .three)
    private static let microsecondsMax: UInt64 = 3_600_000_000

    var count: Int { Int(histogram.totalCount) }

    mutating func record(_ latency: Duration) {
        let microseconds = max(0, latency / .microseconds(1))
        _ = histogram.record(min(UInt64(microseconds.rounded()), Self.microsecondsMax))
    }

    mutating func add(_ other: LatencyRecord) {
        histogram.add(other.histogram)
    }

    var summary: LatencySummary {
        func milliseconds(_ percentile: Double) -> Double {
            count == 0 ? .nan : Double(histogram.valueAtPercentile(percentile)) / 1000
        }
        return LatencySummary(
            count: count, p50: milliseconds(50), p90: milliseconds(90), p99: milliseconds(99),
            p999: milliseconds(99.9), max: milliseconds(100))
    }

    /// How many lie in each of five buckets a decade, by the buckets' upper ends in milliseconds.
    var buckets: [LatencyBucket] {
        var buckets: [LatencyBucket] = []
        var lower: UInt64 = 0
        for step in 5... {
            let upper = UInt64(pow(10, Double(step) / 5).rounded())
            let found = histogram.count(within: lower...(upper - 1))
            if found > 0 || !buckets.isEmpty {
                buckets.append(LatencyBucket(below: Double(upper) / 1000, count: Int(found)))
            }
            lower = upper
            if upper > Self.microsecondsMax || buckets.reduce(0, { $0 + $1.count }) >= count {
                break
            }
        }
        return buckets
    }

    /// Histograms of several records side by side, a line a bucket, a star for each fiftieth.
    static func chart(_ records: [(title: String, record: LatencyRecord)]) -> String {
        let width = 30
        let all = records.map { ($0.record.count, $0.record.buckets) }
        let ends = Set(all.flatMap { $0.1.map(\.below) }).sorted()
        var lines = [
            label("below ms", 10)
                + records.map { label("  " + $0.title, width + 10) }.joined()
        ]
        for end in ends {
            var line = column(end, decimals: end < 10 ? 2 : 0)
            for (total, buckets) in all {
                let count = buckets.first { $0.below == end }?.count ?? 0
                let stars = (Double(count) / Double(Swift.max(1, total)) * 50).rounded(.up)
                let bar = String(repeating: "*", count: Swift.min(width, Int(stars)))
                line += column(count, 8) + "  " + label(bar, width)
            }
            while line.hasSuffix(" ") { line.removeLast() }
            lines.append(line)
        }
        return lines.joined(separator: "\n")
    }
}

/// How many latencies lie below an end and not below the end before.
struct LatencyBucket: Encodable, Sendable {
    var below: Double
    var count: Int
}

/// Quantiles in milliseconds.
struct LatencySummary: Encodable, Sendable {
    var count: Int
    var p50, p90, p99, p999, max: Double

    static let heading = ["p50", "p90", "p99", "p99.9", "max"].map { column($0) }.joined()

    var columns: String {
        [p50, p90, p99, p999, max].map { column($0, decimals: 3) }.joined()
    }
}
