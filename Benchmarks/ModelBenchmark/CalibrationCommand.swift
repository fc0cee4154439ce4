import AnomalyModels
import ArgumentParser
import Foundation
import GraphFiles

/// What calibrated probabilities are worth: on public tables, and for combined ones by simulation.
struct CalibrationCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calibration",
        abstract: "Count normals and labelled rows at each severity; simulate combinations.",
        discussion: """
            For each table the forest, the deviation from peers and their family are trained on \
            n rows and judged on all others. Clean training has normal rows only (labels choose \
            the rows and count the results; no detector sees them), dirty training has random ones.
            """)

    @Argument(help: "Tables with columns x* and a label y (data.csv[.gz]).")
    var tables: [String] = []

    @Option(help: "Rows of a training run.")
    var rows: [Int] = [1_000, 3_000]

    @Option(help: "Training runs of each kind, with seeds 1, 2 and so on.")
    var seedCount = 10

    @Option(help: "Draws of the simulated combinations, of each kind; 0 leaves them out.")
    var draws = 2_000_000

    func run() throws {
        if !tables.isEmpty {
            print(
                "| table | training | n | detector | normals held back | x 1e-2 | x 1e-3 | x 1e-4 |"
                    + " anomalies | medium % | high % | critical % |")
            print("|---|---|---|---|---|---|---|---|---|---|---|---|")
        }
        for path in tables {
            let table = try LabelledTable(file: path)
            for count in rows where count <= table.normalRows.count * 2 / 3 {
                for training in TrainingRows.allCases {
                    try measure(table, training, rowCount: count)
                }
            }
        }
        if draws > 0 { CombinationSimulation(draws: draws).run() }
    }

    private func measure(
        _ table: LabelledTable, _ training: TrainingRows, rowCount: Int
    ) throws {
        var results: [String: SeverityComparison] = [:]
        for seed in 1...UInt64(max(seedCount, 1)) {
            let rows = training.choose(rowCount, of: table, seed: seed)
            let run = try CalibratedRun(table.features, rows: rows, training, seed: seed)
            let chosen = Set(rows)
            let heldBack = table.labels.indices.filter { !chosen.contains($0) }
            for (name, p) in run.tailProbabilities {
                results[name, default: SeverityComparison()].add(
                    SeverityComparison(
                        tailProbabilities: heldBack.map { p[$0] },
                        labels: heldBack.map { table.labels[$0] }))
            }
        }
        // The passes are the forest's own affair.
        if training == .dirtyTwoPasses { results["peers"] = nil }
        for (name, result) in results.sorted(by: { $0.key < $1.key }) {
            let normals = zip([Severity.medium, .high, .critical], [1e-2, 1e-3, 1e-4]).map {
                rounded(result.normals.share(atLeast: $0) / $1, 2)
            }
            let anomalies = [Severity.medium, .high, .critical].map {
                rounded(100 * result.anomalies.share(atLeast: $0), 1)
            }
            let cells =
                [table.name, training.rawValue, "\(rowCount)", name, "\(result.normals.rowCount)"]
                + normals + ["\(result.anomalies.rowCount)"] + anomalies
            print("| \(cells.joined(separator: " | ")) |")
        }
    }
}

/// The rows that a detector is trained and calibrated on.
enum TrainingRows: String, CaseIterable {
    /// Normal rows only; the forest in one pass.
    case clean
    /// Random rows; the forest in one pass.
    case dirty
    /// Random rows; the forest in two passes without the strangest 2 %.
    case dirtyTwoPasses = "dirty, two passes"

    func choose(_ count: Int, of table: LabelledTable, seed: UInt64) -> [Int] {
        var random = SeededRandom(seed: seed, stream: 77)
        let pool = self == .clean ? table.normalRows : Array(table.labels.indices)
        return random.sample(count, below: pool.count).map { pool[$0] }
    }
}

/// The tail probabilities of all rows of a table by detectors that were trained on some of them.
struct CalibratedRun {
    private(set) var tailProbabilities: [String: [Double]] = [:]

    init(_ table: FeatureMatrix, rows: [Int], _ training: TrainingRows, seed: UInt64) throws {
        let chosen = table.selecting(rows: rows)
        let parameters = IsolationForest.Parameters(seed: seed)
        let (forest, kept) =
            training == .dirtyTwoPasses
            ? try IsolationForest.fitInTwoPasses(chosen, parameters: parameters)
            : (try IsolationForest.fit(chosen, parameters: parameters), Array(rows.indices))
        let scores = forest.scores(table)
        tailProbabilities["forest"] = Self.calibrated(scores, on: kept.map { scores[rows[$0]] })

        var peers = PeerDeviation(columnCount: table.columnCount)
        for row in rows { peers.insert(table.row(row), group: 0) }
        let summaries = (0..<table.columnCount).map { peers.summary(column: $0, group: 0) }
        let deviations = (0..<table.rowCount).map { row in
            let values = table.row(row)
            let sizes = values.indices.map { abs(summaries[$0]?.robustZ(values[$0]) ?? .nan) }
            // Heavy-tailed, so by its logarithm.
            return sizes.allSatisfy(\.isNaN) ? .nan : log1p(sizes.filter { !$0.isNaN }.max() ?? 0)
        }
        tailProbabilities["peers"] = Self.calibrated(
            deviations, on: rows.map { deviations[$0] }, farOut: .init(unit: 0.5))

        if let first = tailProbabilities["forest"], let second = tailProbabilities["peers"] {
            tailProbabilities["both"] = zip(first, second).map { combineWithinFamily([$0, $1]) }
        }
    }

    private static func calibrated(
        _ scores: [Double], on training: [Double], farOut: TailCalibration.FarOutRule? = nil
    ) -> [Double] {
        let calibration = TailCalibration.fit(training, farOut: farOut)
        return scores.map { calibration?.tailProbability($0) ?? .nan }
    }
}
