// S. Bhatia, B. Hooi, M. Yoon, K. Shin, C. Faloutsos, "MIDAS: Microcluster-Based Detector of Anomalies in
// Edge Streams", AAAI 2020, 10.1609/aaai.v34i04.5724 (MIDAS, MIDAS-R); S. Bhatia, R. Liu, B. Hooi, M. Yoon,
// K. Shin, C. Faloutsos, "Real-Time Anomaly Detection in Edge Streams", ACM TKDD 16(4), 2022,
// 10.1145/3494564 (MIDAS-F). With a the count of the current tick t and s that of all ticks:
//
//     MIDAS, MIDAS-R:  (a - s/t)² t² / (s (t - 1)),          s with this tick
//     MIDAS-F:         (a + s - a t)² / (s (t - 1)),         s without it
//
// MIDAS scores the pair. MIDAS-R takes the largest of pair, source and target, and at a new tick keeps a
// share of a. MIDAS-F does, too, and adds a bucket's a to its s at the end of a tick only where its last
// score was below a threshold, else the bucket's mean s / (t - 1). Different here: only in that ticks
// follow from times in seconds; a tick without records passes for t, and decays a once with the next.

/// MIDAS, MIDAS-R or MIDAS-F: the measured peers of `EdgeStreamDetector`, selectable beside it.
///
/// Memory is fixed and each record costs O(rows), each tick with records O(cells).
package struct MidasDetector: Sendable, Equatable {
    /// Which of the three.
    package enum Variant: String, Sendable, CaseIterable, Codable {
        case midas
        case midasR = "midas-r"
        case midasF = "midas-f"
    }

    /// The parameters; the defaults are the papers'.
    package struct Parameters: Sendable, Equatable, Codable {
        /// Which of the three detectors.
        package var variant = Variant.midasR
        /// The rows of each sketch.
        package var rowCount = 2
        /// The cells of a row.
        package var columnCount = 1_024
        /// What is kept of the current counts when a tick ends; MIDAS keeps nothing.
        package var decay = 0.5
        /// The score from which MIDAS-F leaves a tick out.
        package var threshold = 1_000.0
        /// The length of a tick.
        package var tickSeconds = 60.0
        /// The seed of the hash.
        package var seed: UInt64 = 1

        /// The parameters of a variant.
        package init(variant: Variant = .midasR) { self.variant = variant }
    }

    /// The detector's parameters.
    package let parameters: Parameters
    private let hash: StreamHash
    private var pairs: MidasSketch
    private var sources: MidasSketch
    private var targets: MidasSketch
    /// The time of the first record; NaN before it.
    private var start = Double.nan
    /// The number of the current tick, from 1.
    private var tick = 1.0

    /// A detector that has seen nothing.
    ///
    /// - Throws: `ModelError` where a parameter lies outside its range.
    package init(parameters: Parameters = Parameters()) throws(ModelError) {
        guard (1...16).contains(parameters.rowCount),
            (1...1 << 26).contains(parameters.columnCount), (0...1).contains(parameters.decay),
            parameters.threshold >= 0,
            parameters.tickSeconds > 0, parameters.tickSeconds.isFinite
        else {
            throw ModelError(
                code: .invalidParameter,
                message: "MIDAS needs 1...16 rows, 1...67,108,864 columns, a decay in 0...1, "
                    + "a threshold of at least 0 and a positive tick.")
        }
        self.parameters = parameters
        hash = StreamHash(seed: parameters.seed)
        pairs = MidasSketch(parameters)
        sources = pairs
        targets = pairs
    }

    /// The memory of the sketches.
    package var byteCount: Int { pairs.byteCount + sources.byteCount + targets.byteCount }

    /// Scores a record and learns from it; NaN for a time that is NaN or beyond 10^15 seconds.
    ///
    /// A record that is older than the current tick counts as one of that tick.
    package mutating func update(source: UInt64, target: UInt64, time: Double) -> Double {
        guard abs(time) <= EdgeStreamDetector.timeMax else { return .nan }
        if start.isNaN { start = time }
        let now = ((time - start) / parameters.tickSeconds).rounded(.down) + 1
        if now > tick {
            for sketch in [\Self.pairs, \Self.sources, \Self.targets] {
                self[keyPath: sketch].endTick(tick, parameters)
            }
            tick = now
        }
        let sourceTag = hash.tag(source)
        let targetTag = hash.tag(target)
        let pair = pairs.count(hash.pair(sourceTag, targetTag), tick, parameters.threshold)
        guard parameters.variant != .midas else { return pair }
        return max(
            pair, sources.count(sourceTag, tick, parameters.threshold),
            targets.count(targetTag, tick, parameters.threshold))
    }

    /// The score of each record of a batch in the order given, as `update` says it.
    ///
    /// - Precondition: The three arrays have the same size.
    package mutating func update(
        sources: [UInt64], targets: [UInt64], times: [Double]
    ) -> [Double] {
        precondition(
            sources.count == targets.count && sources.count == times.count,
            "Each record has a source, a target and a time.")
        var scores = [Double](repeating: .nan, count: sources.count)
        for index in sources.indices {
            scores[index] = update(
                source: sources[index], target: targets[index], time: times[index])
        }
        return scores
    }
}
