import AnomalyModels
import ArgumentParser
import Foundation
import GraphFiles
import ModelTraining

/// A search for the parameters of a forest, beside random search at equal trials.
struct EvaluateSearch: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search",
        abstract: "Search the parameters of a forest on a labelled table, by TPE and at random.",
        discussion: """
            The table is as for `vigil evaluate table`. For each seed it is parted: forests are fitted to 60 % of the \
            rows, without labels; a trial's value is measured on 20 %; the best trial of a search \
            is measured on the last 20 %, which no search has seen.
            """)

    @Argument(help: "The tables, CSV with a header, plain or compressed by gzip.")
    var files: [String]

    @Option(help: "Trials of each search.")
    var trials = 80

    @Option(parsing: .upToNextOption, help: "Seeds; each is a split and a pair of searches.")
    var seeds: [UInt64] = Array(101...110)

    @Option(help: "What is searched for: auroc or ap (average precision).")
    var objective = Objective.auroc

    @Option(help: "Threads; the results do not depend on it.")
    var threads = ProcessInfo.processInfo.activeProcessorCount

    @Flag(help: "Print JSON.")
    var json = false

    enum Objective: String, ExpressibleByArgument, CaseIterable, Encodable {
        case auroc, ap
    }

    func validate() throws {
        guard !files.isEmpty else { throw ValidationError("A search needs a table.") }
        guard trials > 0 else { throw ValidationError("A search needs a trial.") }
        guard !seeds.isEmpty else { throw ValidationError("A search needs a seed.") }
        guard threads > 0 else { throw ValidationError("At least one thread is needed.") }
    }

    func run() async throws {
        var lines: [SearchLine] = []
        let bar = ProgressBar()
        for file in files {
            let table = try TableFile(file: file)
            var line = SearchLine(file: file, trials: trials, objective: objective)
            for (place, seed) in seeds.enumerated() {
                bar.show(file, place, of: seeds.count, unit: "seeds")
                let forest = SearchedForest(
                    table, seed: seed, objective: objective, threads: threads)
                do throws(ModelError) {
                    let parzen = try forest.search(.parzen, trials: trials)
                    let random = try forest.search(.random, trials: trials)
                    let usual = try forest.usual()
                    line.results.append(
                        SearchLine.Result(seed: seed, parzen: parzen, random: random, usual: usual))
                } catch {
                    throw Failure(exitCode: .badData, message: "\(file): \(error.message)")
                }
            }
            bar.show(file, seeds.count, of: seeds.count, unit: "seeds")
            lines.append(line)
        }
        bar.finish()
        Terminal.say(json ? try jsonText(lines) : SearchLine.table(lines))
    }
}

/// What the searches on one table came to.
struct SearchLine: Encodable {
    /// The best trial of a search: its value, and what it is on rows that no search has seen.
    struct Best: Encodable {
        var value, heldBack: Double
        var parameters: String
    }

    /// The searches of one seed, and the parameters that nobody searched for.
    struct Result: Encodable {
        var seed: UInt64
        var parzen, random, usual: Best
    }

    var file: String
    var trials: Int
    var objective: EvaluateSearch.Objective
    var results: [Result] = []

    static func table(_ lines: [SearchLine]) -> String {
        alignedTable(
            header: [
                "table", "usual", "random", "TPE", "TPE better, equal, worse", "held back: usual",
                "random", "TPE",
            ],
            rows: lines.map { line in
                func mean(_ value: (Result) -> Double) -> String {
                    let sum = line.results.reduce(0) { $0 + value($1) }
                    return String(format: "%.4f", sum / Double(line.results.count))
                }
                func count(_ holds: (Double, Double) -> Bool) -> Int {
                    line.results.count { holds($0.parzen.value, $0.random.value) }
                }
                return [
                    line.file, mean(\.usual.value), mean(\.random.value), mean(\.parzen.value),
                    "\(count(>)), \(count(==)), \(count(<))", mean(\.usual.heldBack),
                    mean(\.random.heldBack), mean(\.parzen.heldBack),
                ]
            }, rightAligned: [1, 2, 3, 4, 5, 6, 7])
    }
}

/// The forest of a trial on one split of a table.
private struct SearchedForest {
    /// Trees, rows and height of each tree, the share that the second pass leaves out, and how many columns a
    /// hyperplane joins: with a share of 0 one, the plain forest.
    static let space = SearchSpace([
        .init("trees", .logInt(10...300)), .init("sample_size", .logInt(16...1024)),
        .init("height_limit", .int(2...12)), .init("contamination", .float(0...0.2)),
        .init("extension", .float(0...1)),
    ])

    private let training, validation, heldBack: FeatureMatrix
    private let validationLabels, heldBackLabels: [Bool]
    private let seed: UInt64
    private let objective: EvaluateSearch.Objective
    private let threads: Int

    init(_ table: TableFile, seed: UInt64, objective: EvaluateSearch.Objective, threads: Int) {
        let labelled = table.labels.indices.filter { table.labels[$0] != nil }
        let truth = labelled.map { table.labels[$0] == 1 }
        let outer = StratifiedSplit.holdingBack(
            0.2, of: .init(rowCount: labelled.count, labels: truth), seed: seed)
        let inner = StratifiedSplit.holdingBack(
            0.25,
            of: .init(
                rowCount: outer.training.count, labels: outer.training.map { truth[$0] }),
            seed: seed)
        let fitted = inner.training.map { outer.training[$0] }
        let chosen = inner.heldBack.map { outer.training[$0] }
        func rows(_ places: [Int]) -> FeatureMatrix {
            table.features.selecting(rows: places.map { labelled[$0] })
        }
        let scale = ColumnScale(rows(fitted))
        training = scale.applied(to: rows(fitted))
        validation = scale.applied(to: rows(chosen))
        heldBack = scale.applied(to: rows(outer.heldBack))
        validationLabels = chosen.map { truth[$0] }
        heldBackLabels = outer.heldBack.map { truth[$0] }
        self.seed = seed
        self.objective = objective
        self.threads = threads
    }

    func search(_ method: Search.Method, trials: Int) throws(ModelError) -> SearchLine.Best {
        var search = Search(Self.space, method: method, seed: seed)
        for _ in 0..<trials {
            var trial = search.next()
            do throws(ModelError) {
                trial.value = try measure(trial.parameters).value
                trial.state = .complete
            } catch {
                // A forest that is too large; the search goes on elsewhere.
                trial.state = .failed
            }
            search.end(trial)
        }
        guard let best = search.trials.best else { return try usual() }
        return try self.best(best.parameters)
    }

    /// The settings of the forest's authors.
    func usual() throws(ModelError) -> SearchLine.Best {
        try best([
            "trees": 100, "sample_size": 256, "height_limit": 8, "contamination": 0.02,
            "extension": 0,
        ])
    }

    private func best(_ parameters: [String: Double]) throws(ModelError) -> SearchLine.Best {
        let measured = try measure(parameters)
        return SearchLine.Best(
            value: measured.value, heldBack: measured.heldBack,
            parameters: Self.space.text(of: parameters))
    }

    private func measure(
        _ point: [String: Double]
    ) throws(ModelError) -> (value: Double, heldBack: Double) {
        func whole(_ name: String) -> Int { Int(point[name] ?? 1) }
        let joined = Int(((point["extension"] ?? 0) * Double(training.columnCount - 1)).rounded())
        let contamination = point["contamination"] ?? 0
        func measured(_ scores: (FeatureMatrix) -> [Double]) -> (value: Double, heldBack: Double) {
            (
                measure(scores(validation), validationLabels),
                measure(scores(heldBack), heldBackLabels)
            )
        }
        guard joined > 0 else {
            let forest = try IsolationForest.fitInTwoPasses(
                training,
                parameters: .init(
                    treeCount: whole("trees"), sampleSize: whole("sample_size"),
                    heightLimit: whole("height_limit"), seed: seed),
                contamination: contamination, threadCount: threads
            ).forest
            return measured { forest.scores($0, threadCount: threads) }
        }
        let forest = try ExtendedIsolationForest.fitInTwoPasses(
            training,
            parameters: .init(
                treeCount: whole("trees"), sampleSize: whole("sample_size"),
                heightLimit: whole("height_limit"), extensionLevel: joined, seed: seed),
            contamination: contamination, threadCount: threads
        ).forest
        return measured { forest.scores($0, threadCount: threads) }
    }

    private func measure(_ scores: [Double], _ labels: [Bool]) -> Double {
        switch objective {
        case .auroc: Measures.rocAUC(scores: scores, labels: labels)
        case .ap: Measures.averagePrecision(scores: scores, labels: labels)
        }
    }
}

/// Centre and spread of each column in the rows that are fitted to.
private struct ColumnScale {
    private let centers, deviations: [Double]

    init(_ rows: FeatureMatrix) {
        var centers: [Double] = []
        var deviations: [Double] = []
        for column in 0..<rows.columnCount {
            let known = rows.column(column).filter { !$0.isNaN }
            let mean = known.reduce(0, +) / Double(max(1, known.count))
            let squares = known.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            centers.append(mean)
            let deviation = (squares / Double(max(1, known.count))).squareRoot()
            deviations.append(deviation > 0 ? deviation : 1)
        }
        self.centers = centers
        self.deviations = deviations
    }

    func applied(to rows: FeatureMatrix) -> FeatureMatrix {
        var scaled = rows
        for place in scaled.values.indices {
            let column = place % rows.columnCount
            scaled.values[place] = (rows.values[place] - centers[column]) / deviations[column]
        }
        return scaled
    }
}
