import AnomalyModels
import ArgumentParser
import GraphFiles

/// The detectors of series on labelled files, without a database.
struct EvaluateSeries: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "series",
        abstract: "Score series row by row; compare alarms with labelled windows.",
        discussion: """
            Either labelled files (timestamp,value,label), scored with one threshold for all as NAB \
            does, or a file to learn from and a labelled one with the same columns. An empty field \
            or NaN is a gap. No label is ever an input of a detector; where a label chose a \
            threshold, the report says so.

            Detectors: \
            \(SeriesDetector.allCases.map { "\($0.rawValue) (\($0.summary))" }.joined(separator: "; ")).
            """)

    @Argument(help: "Labelled files, plain or gzip-compressed.")
    var files: [String] = []

    @Option(help: "A file without anomalies to learn from.")
    var train: String?

    @Option(help: "A labelled file to measure, with the columns of the one to learn from.")
    var test: String?

    @Option(
        help: ArgumentHelp(
            "The detector: \(SeriesDetector.allCases.map(\.rawValue).joined(separator: ", ")) or all.",
            valueName: "name"))
    var detector = "all"

    @Option(help: "The column to judge; by default `value`, or else the first one.")
    var target: String?

    @Option(help: "Seeds of the autoencoder; means are reported.")
    var seeds: [UInt64] = [1, 2, 3]

    @Option(help: "The most epochs of the autoencoder.")
    var epochs = 40

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        let isPair = train != nil && test != nil
        guard isPair || (train == nil && test == nil) else {
            throw ValidationError("--train and --test belong together.")
        }
        guard isPair == files.isEmpty else {
            throw ValidationError("Name labelled files, or --train and --test.")
        }
        guard detector == "all" || SeriesDetector(rawValue: detector) != nil else {
            throw ValidationError("There is no detector “\(detector)”.")
        }
        guard !seeds.isEmpty, epochs > 0 else {
            throw ValidationError("The autoencoder needs a seed and an epoch.")
        }
    }

    func run() async throws {
        let started = ContinuousClock.now
        let series: [SeriesInput] =
            if let train, let test {
                [
                    try SeriesInput(
                        train: SeriesFile(file: train), test: SeriesFile(file: test),
                        target: target)
                ]
            } else {
                try files.map { try SeriesInput(SeriesFile(file: $0), target: target) }
            }
        // Baselines stand beside every detector.
        let chosen = SeriesDetector.allCases.filter {
            detector == "all" || $0.rawValue == detector || $0.isBaseline
        }
        var results: [SeriesEvaluation.Result] = []
        for one in chosen {
            let runs = try (one.isSeeded ? seeds : [seeds[0]]).map { seed in
                try measure(one, series, seed: seed)
            }
            results.append(.mean(runs))
        }
        if let own = results.firstIndex(where: { $0.detector == detector }) {
            results.swapAt(0, own)
        }
        let report = SeriesEvaluation(
            series, results, seeds: seeds, epochs: epochs,
            seconds: (ContinuousClock.now - started) / .seconds(1))
        Terminal.say(json ? try jsonText(report) : report.table)
    }

    private func measure(
        _ one: SeriesDetector, _ series: [SeriesInput], seed: UInt64
    ) throws -> SeriesEvaluation.Result {
        let started = ContinuousClock.now
        var fitSeconds = 0.0
        let scores = try series.map { input in
            do {
                return try one.scores(
                    input, seed: seed, epochs: epochs, fitSeconds: &fitSeconds)
            } catch let error as ModelError {
                // One series that is too short for one detector must not hide all others.
                guard detector == "all" else {
                    throw GraphFileError(
                        code: .malformed, file: input.name, reason: error.message)
                }
                return input.values.map { _ in .nan }
            }
        }
        return SeriesEvaluation.Result(
            one, series, scores, isBenchmark: train == nil, fitSeconds: fitSeconds,
            seconds: (ContinuousClock.now - started) / .seconds(1))
    }
}
