import AnomalyModels
import ArgumentParser
import Foundation

/// Fitting and scoring with the isolation forest, on rows that the peers get too.
struct ForestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forest", abstract: "Time fitting, scoring and explaining.",
        discussion: "Prints a line of JSON for each task, number of rows and number of threads.")

    @Argument(help: "File of doubles, row after row.")
    var rows: String

    @Option(help: "The width of a row.")
    var columns = 18

    @Option(parsing: .upToNextOption, help: "How many of the rows to score, from the first one.")
    var counts: [Int] = [10_000, 100_000]

    @Option(parsing: .upToNextOption, help: "Numbers of threads.")
    var threads: [Int] = [1, 2]

    @Option(help: "Runs of each task; the fastest counts.")
    var repetitions = 5

    func run() throws {
        let matrix = try FeatureMatrix(file: rows, columnCount: columns)
        let parameters = IsolationForest.Parameters(seed: 1)
        let forest = try IsolationForest.fit(matrix, parameters: parameters)
        let extended = try ExtendedIsolationForest.fit(matrix, parameters: .init(seed: 1))
        var sum = 0.0
        for threadCount in threads {
            try report("fit", matrix.rowCount, threadCount) {
                sum += try IsolationForest.fit(
                    matrix, parameters: parameters, threadCount: threadCount
                ).expectedPathLength
            }
        }
        for count in counts.map({ min($0, matrix.rowCount) }) {
            let part = matrix.first(count)
            for threadCount in threads {
                try report("score", count, threadCount) {
                    sum += forest.scores(part, threadCount: threadCount).last ?? 0
                }
                guard count <= 10_000 else { continue }
                try report("score-extended", count, threadCount) {
                    sum += extended.scores(part, threadCount: threadCount).last ?? 0
                }
            }
        }
        let single = (0..<min(1_000, matrix.rowCount)).map(matrix.row)
        try report("score-each", single.count, 1) {
            for row in single { sum += forest.score(row) }
        }
        try report("explain-each", single.count, 1) {
            for row in single { sum += forest.contributions(of: row).pathLength }
        }
        // Keeps the work from being left out.
        if sum.isNaN { throw ExitCode.failure }
    }

    private func report(
        _ task: String, _ count: Int, _ threadCount: Int, _ body: () throws -> Void
    ) throws {
        try Timing.report(
            task, rows: count, threads: threadCount, repetitions: repetitions, body)
    }
}

/// The ranking by forests of several seeds, for the Python side to measure.
struct ForestScoresCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forest-scores", abstract: "Score a table by forests of several seeds.")

    @Argument(help: "Table with columns x* and a label y, which is not used.")
    var table: String

    @Argument(help: "Model file for the tensors: scores of each seed, extended_scores, labels.")
    var output: String

    @Option(help: "Seeds 1, 2 and so on.")
    var seedCount = 10

    func run() throws {
        let table = try LabelledTable(file: table)
        var scores: [Double] = []
        var extendedScores: [Double] = []
        for seed in 1...UInt64(max(seedCount, 1)) {
            scores += try IsolationForest.fit(
                table.features, parameters: .init(seed: seed), threadCount: 2
            ).scores(table.features, threadCount: 2)
            extendedScores += try ExtendedIsolationForest.fit(
                table.features, parameters: .init(seed: seed), threadCount: 2
            ).scores(table.features, threadCount: 2)
        }
        let shape = [max(seedCount, 1), table.features.rowCount]
        let archive = ModelArchive(tensors: [
            "scores": try Tensor(scores).reshaped(shape),
            "extended_scores": try Tensor(extendedScores).reshaped(shape),
            "labels": Tensor(table.labels.map { $0 ? 1 : 0 } as [UInt8]),
        ])
        try Data(archive.encoded()).write(to: URL(fileURLWithPath: output))
    }
}

extension FeatureMatrix {
    /// The rows of a file of doubles.
    init(file: String, columnCount: Int) throws {
        let data = try Data(contentsOf: URL(fileURLWithPath: file), options: .alwaysMapped)
        self.init(columnCount: columnCount)
        values = data.withUnsafeBytes { bytes in
            let count = bytes.count / (8 * columnCount) * columnCount
            return (0..<count).map { bytes.loadUnaligned(fromByteOffset: 8 * $0, as: Double.self) }
        }
    }

    /// The first rows.
    func first(_ count: Int) -> FeatureMatrix {
        var part = FeatureMatrix(columnCount: columnCount)
        part.values = Array(values.prefix(count * columnCount))
        return part
    }
}
