import AnomalyModels
import ModelTraining

/// Measures of detectors of edge streams against the labels, means over the seeds.
struct EdgeEvaluation: Encodable {
    struct Score: Encodable {
        var name: String
        var auroc, averagePrecision, recallAtOnePercent: Double
        /// Nil for a baseline.
        var edgesPerSecond: Double?
        var memoryByteCount: Int?
        /// Normal and labelled records at each severity, all seeds; nil where there is no p.
        var severities: SeverityComparison?
        /// Minutes in which a normal record reaches a severity, means over the seeds: normal records
        /// are strange in bursts.
        var normalMinutes: [String: Double]?
        /// By kind of attack, against all normal records; empty where the set names none.
        var attacks: [Attack] = []

        enum CodingKeys: String, CodingKey {
            case name, auroc, severities, attacks
            case averagePrecision = "average_precision"
            case recallAtOnePercent = "recall_at_1pct_fpr"
            case normalMinutes = "minutes_with_normals"
            case edgesPerSecond = "edges_per_second"
            case memoryByteCount = "memory_bytes"
        }
    }

    struct Attack: Encodable {
        var name: String
        var recordCount: Int
        var auroc: Double
        /// The share at medium or above; NaN where there is no p.
        var mediumShare: Double

        enum CodingKeys: String, CodingKey {
            case name, auroc
            case recordCount = "records"
            case mediumShare = "at_least_medium"
        }
    }

    /// Of the first detector.
    var auroc, averagePrecision, edgesPerSecond: Double
    var memoryByteCount: Int
    /// In the order asked for, then the baselines.
    var scores: [Score]
    /// What a change of one parameter does; nil where it was not asked for.
    var sensitivity: [EdgeSensitivity.Row]?
    var recordCount, anomalyCount, unlabelledCount, timelessCount: Int
    /// The share of planted attacks; nil where the set's own labels count.
    var plantedShare: Double?
    var seeds: [UInt64]
    var seconds = 0.0

    enum CodingKeys: String, CodingKey {
        case auroc, scores, sensitivity, seeds, seconds
        case averagePrecision = "average_precision"
        case edgesPerSecond = "edges_per_second"
        case memoryByteCount = "memory_bytes"
        case recordCount = "records"
        case anomalyCount = "anomalies"
        case unlabelledCount = "unlabelled"
        case timelessCount = "without_time"
        case plantedShare = "planted_share"
    }

    /// Runs the detectors over the stream of each seed.
    init(
        _ detectors: [EdgeDetectorChoice], streams: [EdgeRecords], seeds: [UInt64],
        plantedShare: Double?
    ) throws {
        self.seeds = seeds
        self.plantedShare = plantedShare
        recordCount = streams[0].count
        anomalyCount = streams[0].isAnomaly.count { $0 }
        unlabelledCount = streams[0].unlabelledCount
        timelessCount = streams[0].timelessCount
        scores = try detectors.map { detector in
            let runs = try zip(streams, seeds).map { try detector.run($0, seed: $1) }
            return Self.score(detector.name, runs, streams)
        }
        let own = scores[0]
        (auroc, averagePrecision) = (own.auroc, own.averagePrecision)
        edgesPerSecond = own.edgesPerSecond ?? .nan
        memoryByteCount = own.memoryByteCount ?? 0
        // Baselines have no seed, but planted streams have.
        let baselines = (plantedShare == nil ? [streams[0]] : streams).map { ($0.baselines(), $0) }
        for index in baselines[0].0.indices {
            let runs = baselines.map {
                EdgeDetectorChoice.Run(
                    scores: $0.0[index].scores, tailProbabilities: [], byteCount: 0, seconds: 0)
            }
            var score = Self.score(baselines[0].0[index].name, runs, baselines.map(\.1))
            (score.edgesPerSecond, score.memoryByteCount) = (nil, nil)
            scores.append(score)
        }
    }

    private static func score(
        _ name: String, _ runs: [EdgeDetectorChoice.Run], _ streams: [EdgeRecords]
    ) -> Score {
        let pairs = Array(zip(runs, streams))
        func mean(_ value: (EdgeDetectorChoice.Run, EdgeRecords) -> Double) -> Double {
            pairs.reduce(0) { $0 + value($1.0, $1.1) } / Double(pairs.count)
        }
        var score = Score(
            name: name,
            auroc: mean { Measures.rocAUC(scores: $0.scores, labels: $1.isAnomaly) },
            averagePrecision: mean {
                Measures.averagePrecision(scores: $0.scores, labels: $1.isAnomaly)
            },
            recallAtOnePercent: mean {
                Measures.recall(
                    atFalsePositiveRate: 0.01, scores: $0.scores, labels: $1.isAnomaly)
            },
            edgesPerSecond: mean { Double($1.count) / $0.seconds },
            memoryByteCount: runs.map(\.byteCount).max())
        for (run, stream) in pairs where !run.tailProbabilities.isEmpty {
            var severities = score.severities ?? SeverityComparison()
            severities.add(
                SeverityComparison(
                    tailProbabilities: run.tailProbabilities, labels: stream.isAnomaly))
            score.severities = severities
            for severity in [Severity.medium, .high, .critical] {
                let minutes = Self.normalMinutes(run.tailProbabilities, stream, severity)
                score.normalMinutes = (score.normalMinutes ?? [:]).merging(
                    [severity.rawValue: Double(minutes) / Double(pairs.count)], uniquingKeysWith: +)
            }
        }
        score.attacks = Set(streams.flatMap(\.attacks)).subtracting([""]).sorted().map { attack in
            Attack(
                name: attack,
                recordCount: pairs.reduce(0) { $0 + $1.1.attacks.count { $0 == attack } }
                    / pairs.count,
                auroc: mean { Self.auroc($0.scores, $1, attack) },
                mediumShare: mean { Self.mediumShare($0.tailProbabilities, $1, attack) })
        }
        return score
    }

    private static func auroc(
        _ scores: [Double], _ stream: EdgeRecords, _ attack: String
    ) -> Double {
        let rows = stream.times.indices.filter {
            !stream.isAnomaly[$0] || stream.attacks[$0] == attack
        }
        return Measures.rocAUC(
            scores: rows.map { scores[$0] }, labels: rows.map { stream.isAnomaly[$0] })
    }

    private static func normalMinutes(
        _ tailProbabilities: [Double], _ stream: EdgeRecords, _ severity: Severity
    ) -> Int {
        let rows = stream.times.indices.filter {
            !stream.isAnomaly[$0]
                && Severity(score: anomalyScore(tailProbability: tailProbabilities[$0])) >= severity
        }
        return Set(rows.map { (stream.times[$0] / 60).rounded(.down) }).count
    }

    private static func mediumShare(
        _ tailProbabilities: [Double], _ stream: EdgeRecords, _ attack: String
    ) -> Double {
        guard !tailProbabilities.isEmpty else { return .nan }
        let rows = stream.attacks.indices.filter { stream.attacks[$0] == attack }
        return SeverityShares(tailProbabilities: rows.map { tailProbabilities[$0] })
            .share(atLeast: .medium)
    }
}
