import AnomalyModels
import ModelTraining

/// What the choice of each parameter does to the measures, one changed at a time.
enum EdgeSensitivity {
    struct Row: Encodable {
        var parameter: String
        var value: String
        var auroc: Double
        var averagePrecision: Double

        enum CodingKeys: String, CodingKey {
            case parameter, value, auroc
            case averagePrecision = "average_precision"
        }
    }

    private struct Variation {
        var parameter: String
        var value: String
        var change: (inout EdgeStreamDetector.Parameters) -> Void
    }

    static func rows(
        _ parameters: EdgeStreamDetector.Parameters, streams: [EdgeRecords], seeds: [UInt64]
    ) throws -> [Row] {
        try variations.map { variation in
            var changed = parameters
            variation.change(&changed)
            var (auroc, averagePrecision) = (0.0, 0.0)
            for (stream, seed) in zip(streams, seeds) {
                let run = try EdgeDetectorChoice.channels(changed).run(stream, seed: seed)
                auroc += Measures.rocAUC(scores: run.scores, labels: stream.isAnomaly)
                averagePrecision += Measures.averagePrecision(
                    scores: run.scores, labels: stream.isAnomaly)
            }
            return Row(
                parameter: variation.parameter, value: variation.value,
                auroc: auroc / Double(streams.count),
                averagePrecision: averagePrecision / Double(streams.count))
        }
    }

    private static var variations: [Variation] {
        var all = [Variation(parameter: "as given", value: "") { _ in }]
        func vary(
            _ parameter: String, _ values: [Double],
            _ change: @escaping (inout EdgeStreamDetector.Parameters, Double) -> Void
        ) {
            all += values.map { value in
                Variation(parameter: parameter, value: formatted(value)) { change(&$0, value) }
            }
        }
        vary("half-life, s", [15, 30, 60, 120, 300, 900, 3_600]) { $0.halfLifeSeconds = $1 }
        vary("filter threshold", [3, 10, 30, 100, 300]) { $0.filterThreshold = $1 }
        all.append(
            Variation(parameter: "filter threshold", value: "none") {
                $0.filterThreshold = .infinity
            })
        vary("prior count", [0.01, 0.03, 0.1, 0.3, 1]) { $0.priorCount = $1 }
        vary("prior exposure, s", [60, 300, 900, 1_800, 3_600, 7_200, 14_400, 28_800, 86_400]) {
            $0.priorExposureSeconds = $1
        }
        vary("calibration records", [1_000, 5_000, 10_000, 20_000, 40_000]) {
            $0.calibrationCount = Int($1)
        }
        vary("tail share", [0.01, 0.02, 0.05, 0.1]) { $0.tailShare = $1 }
        vary("growth a day", [0, 0.1]) { $0.growthPerDay = $1 }
        all.append(
            Variation(parameter: "calibration", value: "refreshed") {
                $0.refreshesCalibration = true
            })
        vary("sketch columns", [256, 1_024, 4_096, 16_384]) {
            $0.storage = .sketch(rowCount: 2, columnCount: Int($1), pairBitCount: 1 << 20)
        }
        return all
    }
}
