import AnomalyModels
import ArgumentParser
import Foundation

/// Boosted trees on a table, for the folds that the Python side made.
struct BoostingScoresCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "boosting-scores",
        abstract: "Judge each fold of a table by models fitted to the others.")

    @Argument(help: "Table with columns x* and a label y.")
    var table: String

    @Argument(help: "Model file with the tensor folds (int64): seeds, rows; the fold of each row.")
    var folds: String

    @Argument(help: "Model file for the tensors trees and regression: the margins of each seed.")
    var output: String

    @Option(help: "The most bins of a column's values.")
    var bins = 64

    @Option(help: "The least number of rows in a leaf.")
    var leafRows = 5

    func run() throws {
        let table = try LabelledTable(file: table)
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: folds)))
        guard let tensor = try ModelArchive(decoding: bytes).tensors["folds"] else {
            throw ValidationError("\(folds) has no tensor “folds”.")
        }
        let rowCount = table.features.rowCount
        let folds = try tensor.int64s().map { Int($0) }
        let seedCount = folds.count / rowCount
        var margins: (trees: [Double], regression: [Double]) = ([], [])
        for seed in 0..<seedCount {
            let own = CrossFitting(foldOfRow: Array(folds[seed * rowCount..<(seed + 1) * rowCount]))
            var parameters = GradientBoostedTrees.Parameters(
                leafRowsMin: leafRows, seed: UInt64(101 + seed))
            parameters.binCount = bins
            margins.trees += try own.margins(table.features, labels: table.labels, threadCount: 2) {
                [parameters] matrix, labels, weights throws(ModelError) in
                try GradientBoostedTrees.fit(
                    matrix, labels: labels, weights: weights, parameters: parameters)
            }
            margins.regression += try own.margins(
                table.features, labels: table.labels, threadCount: 2
            ) { matrix, labels, weights throws(ModelError) in
                try LogisticRegression.fit(matrix, labels: labels, weights: weights)
            }
        }
        let archive = ModelArchive(tensors: [
            "trees": try Tensor(margins.trees).reshaped([seedCount, rowCount]),
            "regression": try Tensor(margins.regression).reshaped([seedCount, rowCount]),
        ])
        try Data(archive.encoded()).write(to: URL(fileURLWithPath: output))
    }
}

/// The speed of boosted trees and of their explanation, on rows that the peers get too.
struct BoostingCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "boosting", abstract: "Time boosted trees on rows of doubles.")

    @Argument(help: "File of doubles, row after row; the last of each row is the label, 0 or 1.")
    var rows: String

    @Option(help: "Model file for the trees of the largest count, and their margins and values.")
    var output: String?

    @Option(help: "The columns of a row, without the label.")
    var columns: Int

    @Option(parsing: .upToNextOption, help: "Numbers of rows.")
    var counts: [Int]

    @Option(parsing: .upToNextOption, help: "Numbers of threads.")
    var threads: [Int] = [1, 2]

    @Option(help: "The most bins of a column's values.")
    var bins = 64

    @Option(help: "The most splits on a path of a tree.")
    var depth = 3

    @Option(help: "Runs; the fastest counts.")
    var repetitions = 5

    func run() throws {
        let all = try FeatureMatrix(file: rows, columnCount: columns + 1)
        var parameters = GradientBoostedTrees.Parameters(depthMax: depth)
        parameters.binCount = bins
        for count in counts {
            let part = all.first(count)
            let labels = part.column(columns).map { $0 == 1 }
            let matrix = FeatureMatrix(
                columnCount: columns,
                values: (0..<count).flatMap { part.row($0).dropLast() })
            let repetitions = count >= 50_000 ? 2 : repetitions
            for threadCount in threads {
                try Timing.report(
                    "fit", rows: count, threads: threadCount, repetitions: repetitions
                ) {
                    _ = try GradientBoostedTrees.fit(
                        matrix, labels: labels, parameters: parameters, threadCount: threadCount)
                }
            }
            let trees = try GradientBoostedTrees.fit(
                matrix, labels: labels, parameters: parameters, threadCount: 2)
            for threadCount in threads {
                try Timing.report(
                    "predict", rows: count, threads: threadCount, repetitions: repetitions
                ) {
                    _ = trees.margins(matrix, threadCount: threadCount)
                }
            }
            try reportRows(trees, matrix)
            if count <= 10_000 {
                try Timing.report("regression", rows: count, threads: 1, repetitions: 3) {
                    _ = try LogisticRegression.fit(matrix, labels: labels)
                }
            }
            if count == counts.last, let output { try write(trees, matrix, to: output) }
        }
    }

    private func reportRows(_ trees: GradientBoostedTrees, _ matrix: FeatureMatrix) throws {
        let single = (0..<min(1_000, matrix.rowCount)).map(matrix.row)
        var sum = 0.0
        try Timing.report(
            "predict-each", rows: single.count, threads: 1, repetitions: repetitions
        ) {
            for row in single { sum += trees.margin(row) }
        }
        try Timing.report(
            "explain-each", rows: single.count, threads: 1, repetitions: repetitions
        ) {
            for row in single { sum += trees.contributions(row).expected }
        }
        // Keeps the work from being left out.
        if sum.isNaN { throw ExitCode.failure }
    }

    /// The trees with what they say of the first thousand rows.
    private func write(
        _ trees: GradientBoostedTrees, _ matrix: FeatureMatrix, to path: String
    ) throws {
        let rows = (0..<min(1_000, matrix.rowCount)).map(matrix.row)
        var archive = ModelArchive(tensors: trees.tensors())
        let explained = rows.map(trees.contributions)
        archive.tensors["margins"] = Tensor(rows.map(trees.margin))
        archive.tensors["expected"] = Tensor([trees.expectedMargin])
        archive.tensors["contributions"] = try Tensor(explained.flatMap(\.values))
            .reshaped([rows.count, columns])
        try Data(archive.encoded()).write(to: URL(fileURLWithPath: path))
    }
}
