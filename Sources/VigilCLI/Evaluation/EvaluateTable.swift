import AnomalyModels
import ArgumentParser
import Foundation
import GraphFiles

/// The isolation forest on a labelled table, without a database.
struct EvaluateTable: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "table",
        abstract: "Score the rows of a table by isolation forests; compare with its labels.",
        discussion: """
            The columns whose names begin with x are the features; an empty cell is a missing value. \
            The column y is the label: 1 anomalous, 0 normal, empty unknown. No label is an input: \
            forests are fitted to all rows, and calibrated on all but the strangest share. With \
            --supervised, models learn from the labels instead, and each row is judged by a model \
            that was fitted without it and its fold.
            """)

    @Argument(help: "The table, CSV with a header, plain or compressed by gzip.")
    var file: String

    @Option(help: "The number of trees.")
    var trees = 100

    @Option(help: "The rows drawn for each tree.")
    var sampleSize = 256

    @Option(help: "The height at which trees stop; by default the binary logarithm of the sample.")
    var heightLimit: Int?

    @Option(
        help: ArgumentHelp(
            "Use the extended isolation forest with hyperplanes over one column more than this.",
            discussion: "Columns are taken as they are: scale them first.", valueName: "level"))
    var extensionLevel: Int?

    @Option(help: "The share of the strangest rows that the second pass leaves out.")
    var contamination = 0.02

    @Option(
        parsing: .upToNextOption,
        help: "Seeds; forests are fitted for each, and means are reported.")
    var seeds: [UInt64] = Array(1...10)

    @Option(help: "Threads; the results do not depend on it.")
    var threads = ProcessInfo.processInfo.activeProcessorCount

    @Option(
        help: ArgumentHelp(
            "Score by the forest of a model file instead, as one imported from scikit-learn.",
            valueName: "model"))
    var forest: String?

    @Flag(help: "Learn from the labels: boosted trees and a regression, by cross-validation.")
    var supervised = false

    @Option(help: "With --supervised, the number of folds, which share out each class evenly.")
    var folds = 5

    @Option(help: "With --supervised, the most splits on a path of a tree.")
    var depth = 3

    @Option(help: "With --supervised, the share of each tree's step that is taken.")
    var learningRate = 0.1

    @Option(help: "With --supervised, the least number of rows in a leaf.")
    var leafRows = 5

    @Option(help: "With --supervised, the most bins of a column's values.")
    var bins = 64

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard !seeds.isEmpty else { throw ValidationError("A forest needs a seed.") }
        guard threads > 0 else { throw ValidationError("At least one thread is needed.") }
        guard (0..<0.5).contains(contamination) else {
            throw ValidationError("The contamination lies in 0..<0.5.")
        }
        guard folds >= 2 else { throw ValidationError("Cross-validation needs two folds.") }
        guard !supervised || (forest == nil && extensionLevel == nil) else {
            throw ValidationError("With --supervised there is no isolation forest.")
        }
        guard forest == nil || extensionLevel == nil else {
            throw ValidationError("The forest of a model file has no extension level.")
        }
    }

    func run() async throws {
        let started = ContinuousClock.now
        let table = try TableFile(file: file)
        if supervised {
            let scores = try supervisedScores(table)
            let report = SupervisedEvaluation(
                table, scores, seeds: seeds,
                seconds: (ContinuousClock.now - started) / .seconds(1))
            Terminal.say(json ? try jsonText(report) : report.table)
            return
        }
        let (scores, model) = try scored(table)
        let report = TableEvaluation(
            table, scores, model: model, contamination: contamination,
            seeds: forest == nil ? seeds : [],
            seconds: (ContinuousClock.now - started) / .seconds(1))
        Terminal.say(json ? try jsonText(report) : report.table)
    }

    private func supervisedScores(_ table: TableFile) throws -> [SupervisedScores] {
        let labelled = table.labels.indices.filter { table.labels[$0] != nil }
        let labels = labelled.map { table.labels[$0] == 1 }
        let rarer = min(labels.count { $0 }, labels.count { !$0 })
        guard rarer >= 2 else {
            throw Failure(
                exitCode: .badData,
                message: "\(file): cross-validation needs two labelled rows of each kind; it has "
                    + "\(labels.count { $0 }) anomalous and \(labels.count { !$0 }) normal")
        }
        var parameters = GradientBoostedTrees.Parameters(
            treeCount: trees, depthMax: depth, learningRate: learningRate, leafRowsMin: leafRows)
        parameters.binCount = bins
        let kinds = [
            SupervisedScores.Kind(name: "boosted trees") {
                [parameters] matrix, labels, seed throws(ModelError) in
                var own = parameters
                own.seed = seed
                return try GradientBoostedTrees.fit(matrix, labels: labels, parameters: own)
            },
            SupervisedScores.Kind(name: "logistic regression") {
                matrix, labels, _ throws(ModelError) in
                try LogisticRegression.fit(matrix, labels: labels)
            },
        ]
        let features = table.features.selecting(rows: labelled)
        do {
            return try kinds.map {
                try SupervisedScores(
                    $0, features, labels: labels, foldCount: folds, seeds: seeds)
            }
        } catch let error as ModelError {
            throw Failure(exitCode: .usage, message: error.message)
        }
    }

    private func scored(_ table: TableFile) throws -> (TableScores, model: String) {
        let size = "\(trees) trees of \(min(sampleSize, table.features.rowCount)) rows"
        do {
            if let forest {
                let read = try forestOfFile(forest, columns: table.featureNames)
                return (
                    TableScores(table.features, read, contamination: contamination),
                    "forest of \(forest), \(read.treeCount) trees of \(read.sampleCount) rows"
                )
            }
            if let extensionLevel {
                let parameters = seeds.map {
                    ExtendedIsolationForest.Parameters(
                        treeCount: trees, sampleSize: sampleSize, heightLimit: heightLimit,
                        extensionLevel: extensionLevel, seed: $0)
                }
                return (
                    try TableScores(
                        table.features, ExtendedIsolationForest.self, parameters: parameters,
                        contamination: contamination, threadCount: threads),
                    "extended isolation forest, level \(extensionLevel), \(size)"
                )
            }
            let parameters = seeds.map {
                IsolationForest.Parameters(
                    treeCount: trees, sampleSize: sampleSize, heightLimit: heightLimit, seed: $0)
            }
            return (
                try TableScores(
                    table.features, IsolationForest.self, parameters: parameters,
                    contamination: contamination, threadCount: threads),
                "isolation forest, \(size)"
            )
        } catch let error as ModelError {
            throw Failure(exitCode: .usage, message: error.message)
        }
    }

    private func forestOfFile(_ path: String, columns: [String]) throws -> IsolationForest {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Failure(exitCode: .noInput, message: "\(path): the file cannot be read")
        }
        do {
            let archive = try ModelArchive(decoding: [UInt8](data))
            let forest = try IsolationForest(tensors: archive.tensors, parameters: .init())
            // An imported forest knows its columns' names only where it was fitted with them.
            let names = (try? archive.card())?.features ?? []
            guard names.isEmpty || names == columns else {
                throw Failure(
                    exitCode: .badData,
                    message: "\(path): the forest judges the columns "
                        + "\(names.joined(separator: ", ")); \(file) has "
                        + columns.joined(separator: ", "))
            }
            guard forest.columnCount == columns.count else {
                throw Failure(
                    exitCode: .badData,
                    message: "\(path): the forest judges rows of \(forest.columnCount) columns; "
                        + "\(file) has \(columns.count)")
            }
            return forest
        } catch let error as ModelFileError {
            throw Failure(exitCode: .badData, message: "\(path): \(error.message)")
        }
    }
}
