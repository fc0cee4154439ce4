import AnomalyModels
import ArgumentParser
import Foundation

/// Scores and exact Shapley values by a forest from a model file, on rows that the peers get too.
struct ShapleyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shap", abstract: "Time the explanations by a forest from a model file.")

    @Argument(help: "Model file with a forest, as scripts/import_sklearn_forest.py writes it.")
    var model: String

    @Argument(help: "File of doubles, row after row.")
    var rows: String

    @Argument(help: "Model file for the tensors scores, contributions, path_lengths, expected.")
    var output: String

    @Option(parsing: .upToNextOption, help: "Numbers of threads.")
    var threads: [Int] = [1, 2]

    @Option(help: "Runs; the fastest counts.")
    var repetitions = 5

    func run() throws {
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: model)))
        let forest = try IsolationForest(
            tensors: try ModelArchive(decoding: bytes).tensors, parameters: .init())
        let matrix = try FeatureMatrix(file: rows, columnCount: forest.columnCount)
        for threadCount in threads {
            try Timing.report(
                "shap", rows: matrix.rowCount, threads: threadCount, repetitions: repetitions
            ) {
                _ = forest.contributions(matrix, threadCount: threadCount)
            }
        }
        let explained = forest.contributions(matrix)
        let archive = ModelArchive(tensors: [
            "scores": Tensor(forest.scores(matrix)),
            "path_lengths": Tensor(explained.map(\.pathLength)),
            "expected": Tensor([forest.expectedPathLength]),
            "contributions": try Tensor(explained.flatMap(\.contributions))
                .reshaped([matrix.rowCount, matrix.columnCount]),
        ])
        try Data(archive.encoded()).write(to: URL(fileURLWithPath: output))
    }
}
