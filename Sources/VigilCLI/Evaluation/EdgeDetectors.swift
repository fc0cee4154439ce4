import AnomalyModels

/// A detector of edge streams as `vigil evaluate edges` runs it.
enum EdgeDetectorChoice {
    case channels(EdgeStreamDetector.Parameters)
    case midas(MidasDetector.Parameters)

    var name: String {
        switch self {
        case .channels: "channels"
        case .midas(let parameters): parameters.variant.rawValue
        }
    }

    /// What a run of a detector over a stream leaves.
    struct Run {
        /// The order of the records; NaN is silence.
        var scores: [Double]
        /// One for each record; empty where a detector has none.
        var tailProbabilities: [Double]
        var byteCount: Int
        /// Scoring alone, without reading or measuring.
        var seconds: Double
    }

    /// Runs over a stream with another seed of the hash.
    func run(_ records: EdgeRecords, seed: UInt64) throws -> Run {
        switch self {
        case .channels(var parameters):
            parameters.seed = seed
            return try Self.run(parameters, records)
        case .midas(var parameters):
            parameters.seed = seed
            var detector = try MidasDetector(parameters: parameters)
            let started = ContinuousClock.now
            let scores = detector.update(
                sources: records.sources, targets: records.targets, times: records.times)
            return Run(
                scores: scores, tailProbabilities: [], byteCount: detector.byteCount,
                seconds: (ContinuousClock.now - started) / .seconds(1))
        }
    }

    private static func run(
        _ parameters: EdgeStreamDetector.Parameters, _ records: EdgeRecords
    ) throws -> Run {
        var detector = try EdgeStreamDetector(parameters: parameters)
        var scores = [Double](repeating: .nan, count: records.count)
        var tailProbabilities = scores
        let started = ContinuousClock.now
        for index in records.times.indices {
            let verdict = detector.update(
                source: records.sources[index], target: records.targets[index],
                time: records.times[index])
            scores[index] = verdict.strangeness
            tailProbabilities[index] = verdict.tailProbability
        }
        return Run(
            scores: scores, tailProbabilities: tailProbabilities, byteCount: detector.byteCount,
            seconds: (ContinuousClock.now - started) / .seconds(1))
    }
}
