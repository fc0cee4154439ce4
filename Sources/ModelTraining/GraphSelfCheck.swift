import AnomalyDetection
import AnomalyModels
import Foundation

/// Whether the graph helps on this data: the ensemble and the baseline without a graph judge the same
/// planted corruptions.
///
/// Each corruption is planted alone into a copy of the graph; those that it makes strange are compared with
/// ordinary entities, which were in training. No label is needed, and none is used. What it measures
/// is skill at these corruptions, not at those that analysts will meet.
struct GraphSelfCheck {
    /// So many ordinary entities at most.
    static let ordinaryMax = 300
    /// A standard error of this many is a difference.
    static let errorCount = 2.0

    /// `graph_auroc`, `baseline_auroc`, both by kind, `graph_helps` (1 or 0), and what stood behind them;
    /// empty where nothing could be planted.
    private(set) var measures: [String: Double] = [:]

    init(
        _ detector: AnomalyDetector, baseline: NoGraphBaseline, asOf: Double, seed: UInt64,
        casesPerKind: Int
    ) {
        var planter = CorruptionPlanter(detector, asOf: asOf, seed: seed)
        func scores(_ ids: [Int64], _ detector: AnomalyDetector) -> [(Double, Double)] {
            ids.map { id in
                let p = detector.assess(.entity(id), asOf: asOf)?.pValue ?? .nan
                return (-p, -baseline.tailProbability(of: id, detector, asOf: asOf))
            }
        }
        let ordinary = Set((0..<Self.ordinaryMax).map { _ in planter.draw() }).sorted()
        let normals = scores(ordinary, detector)
        var byKind: [PlantedCorruption: [(Double, Double)]] = [:]
        for kind in PlantedCorruption.allCases {
            var left = casesPerKind
            // Some entities do not suit a kind: others are tried.
            for _ in 0..<8 * casesPerKind where left > 0 {
                guard let planted = planter.plant(kind, planter.draw()),
                    let corrupted = try? detector.supposing(planted.batch)
                else { continue }
                byKind[kind, default: []] += scores(planted.ids, corrupted)
                left -= 1
            }
        }
        guard !normals.isEmpty, !byKind.isEmpty else { return }
        // Each kind counts the same, however many entities it makes strange.
        var (graph, baseline) = (0.0, 0.0)
        for kind in PlantedCorruption.allCases {
            guard let planted = byKind[kind] else { continue }
            let areas = Self.auroc(planted, normals)
            measures["graph_auroc_\(kind.rawValue)"] = areas.graph
            measures["baseline_auroc_\(kind.rawValue)"] = areas.baseline
            graph += areas.graph / Double(byKind.count)
            baseline += areas.baseline / Double(byKind.count)
        }
        let plantedCount = byKind.values.reduce(0) { $0 + $1.count }
        let error = hypot(
            Self.standardError(graph, plantedCount, normals.count),
            Self.standardError(baseline, plantedCount, normals.count))
        measures["graph_auroc"] = graph
        measures["baseline_auroc"] = baseline
        measures["graph_helps"] = graph - baseline > Self.errorCount * error ? 1 : 0
        measures["check_planted"] = Double(plantedCount)
        measures["check_ordinary"] = Double(normals.count)
    }

    private static func auroc(
        _ planted: [(Double, Double)], _ normals: [(Double, Double)]
    ) -> (graph: Double, baseline: Double) {
        let labels =
            planted.map { _ in true } + normals.map { _ in false }
        let all = planted + normals
        return (
            Measures.rocAUC(scores: all.map(\.0), labels: labels),
            Measures.rocAUC(scores: all.map(\.1), labels: labels)
        )
    }

    /// The standard error of an area under a curve.
    ///
    /// - SeeAlso: J. A. Hanley, B. J. McNeil, Radiology 143(1), 1982, 10.1148/radiology.143.1.7063747.
    static func standardError(_ area: Double, _ positives: Int, _ negatives: Int) -> Double {
        let (m, n) = (Double(positives), Double(negatives))
        let first = area / (2 - area)
        let second = 2 * area * area / (1 + area)
        let variance =
            area * (1 - area) + (m - 1) * (first - area * area)
            + (n - 1) * (second - area * area)
        return (max(0, variance) / (m * n)).squareRoot()
    }
}
