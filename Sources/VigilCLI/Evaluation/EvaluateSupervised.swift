import AnomalyDetection
import AnomalyModels
import ArgumentParser
import Foundation
import GraphFiles
import ModelTraining
import ParallelLoops

/// What labels are worth to the supervised part alone, on a graph set.
struct EvaluateSupervised: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "supervised",
        abstract: "Learn the labels of a graph set's entities by boosted trees, in folds.",
        discussion: """
            The inputs are those of a head learnt from reviews: verdicts of the detectors (trained \
            without labels), features, signals, and the means of neighbours one and two steps away \
            by relationship type. Every entity is judged by trees that have not seen its label. \
            With --rows the inputs, labels and folds are written as CSV, for others to learn from.
            """)

    @Argument(help: "Folder with entities.csv[.gz] and relationships.csv[.gz].")
    var folder: String

    @Option(help: "Folds of the cross-validation.")
    var folds = 5

    @Option(help: "Boosted trees, and how deep they are.")
    var trees = 100

    @Option(help: "The most splits on the way to a leaf.")
    var depth = 3

    @Option(help: "The share of each tree's step that is taken.")
    var rate = 0.1

    @Flag(inversion: .prefixedNo, help: "Use ratings.")
    var ratings = true

    @Option(parsing: .upToNextOption, help: "Seeds of model, folds and trees.")
    var seeds: [UInt64] = [1, 2, 3]

    @Option(help: "Write the rows of the first seed to this CSV file.")
    var rows: String?

    @Flag(help: "Print JSON.")
    var json = false

    private struct Report: Encodable {
        var set: String
        var rows, anomalies, inputs: Int
        var auroc, averagePrecision, ensembleAUROC: [Double]
        var seeds: [UInt64]
        var seconds: Double

        enum CodingKeys: String, CodingKey {
            case set, rows, anomalies, inputs, auroc, seeds, seconds
            case averagePrecision = "average_precision"
            case ensembleAUROC = "ensemble_auroc"
        }
    }

    func validate() throws {
        guard !seeds.isEmpty else { throw ValidationError("A model needs a seed.") }
        guard folds >= 2 else { throw ValidationError("--folds is \(folds); it is at least 2") }
    }

    func run() async throws {
        let started = ContinuousClock.now
        let threads = ProcessInfo.processInfo.activeProcessorCount
        let set = try GraphSetGraph(
            try GraphSet(folder: folder),
            options: GraphSetGraph.Options(ratingTypes: [], usesRatings: ratings))
        let asOf = EvaluateGraph.generatedAsOf(folder) ?? set.newest
        let chosen = set.entityTruth.indices.filter { set.entityTruth[$0].isJudged }
        let labels = chosen.map { set.entityTruth[$0].label == 1 }
        guard labels.contains(true), labels.contains(false) else {
            throw ValidationError(
                "\(folder) labels no entity as anomalous, or all: there is nothing to learn")
        }
        var report = Report(
            set: URL(filePath: folder).lastPathComponent, rows: chosen.count,
            anomalies: labels.count { $0 }, inputs: 0, auroc: [], averagePrecision: [],
            ensembleAUROC: [], seeds: seeds, seconds: 0)
        for seed in seeds {
            let (detector, _) = try GraphJudgements.trained(
                set, indicators: try ShippedIndicators.load(), seed: seed, asOf: asOf,
                threadCount: threads)
            let inputs = parallelMap(chosen.count, threadCount: threads) {
                detector.reviewInputs(of: Int64(chosen[$0]), asOf: asOf)
            }
            let names = Set(inputs.compactMap { $0 }.flatMap(\.names)).sorted()
            let matrix = FeatureMatrix(
                columnCount: names.count,
                rows: inputs.map { inputs in
                    inputs?.row(names) ?? [Double](repeating: .nan, count: names.count)
                })
            let fitting = CrossFitting(labels: labels, foldCount: folds, seed: seed)
            let parameters = GradientBoostedTrees.Parameters(
                treeCount: trees, depthMax: depth, learningRate: rate, seed: seed)
            let margins = try fitting.margins(matrix, labels: labels, threadCount: threads) {
                rows, labels, weights throws(ModelError) in
                try GradientBoostedTrees.fit(
                    rows, labels: labels, weights: weights, parameters: parameters)
            }
            report.inputs = names.count
            report.auroc.append(Measures.rocAUC(scores: margins, labels: labels))
            report.averagePrecision.append(
                Measures.averagePrecision(scores: margins, labels: labels))
            report.ensembleAUROC.append(
                Measures.rocAUC(
                    scores: inputs.map { -log10($0?.pValue ?? .nan) }, labels: labels))
            if seed == seeds.first, let rows {
                try write(matrix, names, labels, fitting.foldOfRow, to: rows)
            }
        }
        report.seconds = (ContinuousClock.now - started) / .seconds(1)
        Terminal.say(json ? try jsonText(report) : table(report))
    }

    private func write(
        _ matrix: FeatureMatrix, _ names: [String], _ labels: [Bool], _ folds: [Int],
        to file: String
    ) throws {
        var text = (names + ["fold", "label"]).map { "\"\($0)\"" }.joined(separator: ",") + "\n"
        for row in 0..<matrix.rowCount {
            text += matrix.row(row).map { $0.isNaN ? "" : "\($0)" }.joined(separator: ",")
            text += ",\(folds[row]),\(labels[row] ? 1 : 0)\n"
        }
        let output = try OutputFile(file)
        try output.write(Array(text.utf8))
        try output.finish()
    }

    private func table(_ report: Report) -> String {
        func mean(_ values: [Double]) -> String {
            formatted(values.reduce(0, +) / Double(values.count), places: 3)
        }
        return """
            \(report.set): \(report.anomalies) of \(report.rows) entities labelled, \
            \(report.inputs) inputs, \(folds) folds, seeds \
            \(seeds.map(String.init).joined(separator: ", "))

            """
                + alignedTable(
                    header: ["", "AUROC", "average precision"],
                    rows: [
                        ["boosted trees", mean(report.auroc), mean(report.averagePrecision)],
                        ["ensemble, no labels", mean(report.ensembleAUROC), ""],
                    ], rightAligned: [1, 2]) + "\n\(formatted(report.seconds, places: 1)) s"
    }
}
