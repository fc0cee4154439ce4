// Four filtered, calibrated counters of an edge stream. The question, whether a key has more records now
// than its past lets expect, and the filter are those of S. Bhatia et al., "MIDAS: Microcluster-Based
// Detector of Anomalies in Edge Streams", AAAI 2020, 10.1609/aaai.v34i04.5724, and "Real-Time Anomaly
// Detection in Edge Streams", ACM TKDD 16(4), 2022, 10.1145/3494564. Different here: counts decay with a
// half-life instead of starting anew at each tick; first-time partners are counted beside records, and
// pairs are not; a key's past is its own life and not the whole stream's; each counter has its own tail
// probability, and the smallest one speaks.
//
// For a key in one role, f counts its records, each worth 2^(-age / half-life), and the slow count S all
// of them since the key's birth. Expected is μ = S / (life + prior exposure) · half-life / ln 2 + prior.
// The record itself is in f and not yet in S. s = (f - μ) / √μ if that is positive, else 0. Then S grows
// by 1 where s is below the filter's threshold, else by μ / f, which keeps the learnt rate as it is.

import Foundation

/// Scores the records of an edge stream, each with itself and the past only, in constant time.
///
/// Four channels: records of the source, first-time partners of the source (sweeps), records of the
/// target, first-time partners of the target (spoofed floods). Same stream and seed, same scores.
package struct EdgeStreamDetector: Sendable, Equatable {
    /// What the counters of a channel count.
    package enum Channel: Int, Sendable, CaseIterable, Codable {
        case sourceRecords, sourceFirstPartners, targetRecords, targetFirstPartners

        /// The name in reports.
        package var name: String {
            switch self {
            case .sourceRecords: "records of the source"
            case .sourceFirstPartners: "first-time partners of the source"
            case .targetRecords: "records of the target"
            case .targetFirstPartners: "first-time partners of the target"
            }
        }
    }

    /// What the detector says of a record; vectors have one lane a channel, in `Channel`'s order.
    package struct Verdict: Sendable, Equatable {
        /// Standard deviations above what was expected, 0 for less; NaN for a record without a time.
        package var scores: SIMD4<Double>
        /// The decayed counts, with this record.
        package var counts: SIMD4<Double>
        /// The counts that the past lets expect.
        package var expected: SIMD4<Double>
        /// -log10 of each channel's tail probability, without a floor; NaN before a calibration.
        package var channelStrangeness: SIMD4<Double>
        /// The largest of them, which orders the records; NaN is silence.
        package var strangeness: Double
        /// The smallest probability that the calibration supports: 1 / (20 n) for its n records.
        package var smallestProbability: Double
        /// One probability for the four: the smallest times four, at most 1; NaN is silence.
        package var tailProbability: Double {
            guard !strangeness.isNaN else { return .nan }
            let smallest = max(pow(10, -strangeness), smallestProbability)
            return min(1, Double(Channel.allCases.count) * smallest)
        }
        /// The channel with the smallest tail probability; nil in silence.
        package var channel: Channel? {
            strangeness.isNaN
                ? nil : Channel.allCases.first { channelStrangeness[$0.rawValue] == strangeness }
        }
    }

    /// Beyond any calendar, yet differences of times stay far from overflow.
    static let timeMax = 1e15

    /// The detector's parameters.
    package let parameters: Parameters
    let rates: StreamRates
    let hash: StreamHash
    var counters: EdgeStreamCounters
    var calibration: StreamCalibration
    /// The newest time seen; -infinity before the first record.
    var clock: Double

    /// A detector that has seen nothing.
    ///
    /// - Throws: `ModelError` where a parameter lies outside its range.
    package init(parameters: Parameters = Parameters()) throws(ModelError) {
        try parameters.validate()
        self.parameters = parameters
        rates = StreamRates(parameters)
        hash = StreamHash(seed: parameters.seed)
        counters = EdgeStreamCounters(parameters)
        calibration = StreamCalibration(parameters)
        clock = -.infinity
    }

    /// The records behind the calibration in force; 0 before there is one, which is silence.
    package var calibratedCount: Int { calibration.calibratedCount }

    /// The memory of all tables in bytes; for a moment more while one of them grows.
    package var byteCount: Int { counters.byteCount + calibration.byteCount }

    /// Scores a record from `source` to `target` and learns from it.
    ///
    /// A record that is older than the newest one counts as if it came with that one: time does not go
    /// back. NaN and times beyond 10^15 seconds give NaN and change nothing.
    ///
    /// - Parameters:
    ///   - source: The key of the source; sources and targets are counted apart.
    ///   - target: The key of the target.
    ///   - time: When the record was made, in seconds since any fixed instant.
    /// - Returns: The scores and tail probabilities.
    /// - Complexity: O(1), amortised over the growth of the tables.
    package mutating func update(source: UInt64, target: UInt64, time: Double) -> Verdict {
        // Also false for NaN.
        guard abs(time) <= Self.timeMax else { return .silent }
        let now = max(clock, time)
        clock = now
        let sourceTag = hash.tag(source)
        let targetTag = hash.tag(target)
        let (out, into) = counters.count(
            sourceTag, targetTag, pair: hash.pair(sourceTag, targetTag), at: now, rates)
        let scores = SIMD4(lowHalf: out.scores, highHalf: into.scores)
        let strangeness = calibration.strangeness(scores)
        let largest = strangeness.max()
        calibration.learn(scores, strangeness: largest)
        return Verdict(
            scores: scores, counts: SIMD4(lowHalf: out.counts, highHalf: into.counts),
            expected: SIMD4(lowHalf: out.expected, highHalf: into.expected),
            channelStrangeness: strangeness, strangeness: largest,
            smallestProbability: calibration.smallestProbability)
    }
}

extension EdgeStreamDetector.Verdict {
    /// The verdict about a record without a time.
    static let silent = EdgeStreamDetector.Verdict(
        scores: SIMD4(repeating: .nan), counts: SIMD4(repeating: .nan),
        expected: SIMD4(repeating: .nan), channelStrangeness: SIMD4(repeating: .nan),
        strangeness: .nan, smallestProbability: .nan)
}
