import AnomalyModels
import ArgumentParser
import Foundation

/// The detectors of series that can be measured.
enum SeriesDetector: String, CaseIterable, ExpressibleByArgument {
    case behavior, residual, discord, cusum, likelihood, ar
    case arErrors = "ar-errors"
    case autoencoder, spread, z, gaussian, distance

    /// What the detector does, for people.
    var summary: String {
        switch self {
        case .behavior: "the larger of residual and discord"
        case .residual: "error of the best forecast, in robust standard deviations"
        case .discord: "distance to the nearest earlier window, against its usual size"
        case .cusum: "two-sided sums of the residual"
        case .likelihood: "mean residual of the last 10 steps against its usual size"
        case .ar: "errors of an autoregression, mean of 30 steps"
        case .arErrors: "errors of an autoregression"
        case .autoencoder: "error of an LSTM autoencoder over the last 50 steps"
        case .spread: "standard deviation of the last 64 steps against the usual one"
        case .z: "distance from the mean of the last week"
        case .gaussian: "baseline: windowed Gaussian as in NAB"
        case .distance:
            "baseline: robust deviations from the median of the rows to learn from"
        }
    }

    /// Whether the detector is what others must beat.
    var isBaseline: Bool { self == .gaussian || self == .distance }

    /// Whether a seed decides about the scores.
    var isSeeded: Bool { self == .autoencoder }

    /// The score of every row, each made of earlier rows and of the rows to learn from alone.
    ///
    /// - Parameters:
    ///   - series: The rows; its labels are not looked at.
    ///   - seed: Of a model that starts at random.
    ///   - epochs: The most passes of training.
    ///   - fitSeconds: Gains the time that fitting took.
    /// - Returns: One score for each row; NaN is silence.
    /// - Throws: `ModelError` where the rows do not suffice.
    func scores(
        _ series: SeriesInput, seed: UInt64, epochs: Int, fitSeconds: inout Double
    ) throws -> [Double] {
        switch self {
        case .behavior: try series.behavior()
        case .residual: try series.residuals().map(\.score)
        case .discord: try series.discord()
        case .cusum: CUSUM.scan(try series.residuals().map(\.z)).scores
        case .likelihood: try series.likelihood()
        case .ar: try series.autoregression(smoothingCount: 30, &fitSeconds)
        case .arErrors: try series.autoregression(smoothingCount: 1, &fitSeconds)
        case .autoencoder:
            try series.reconstruction(seed: seed, epochs: epochs, &fitSeconds)
        case .spread: series.spread()
        case .z:
            series.windowed(
                WindowedZDetector(windowCount: series.rowCount(seconds: 604_800, atLeast: 50)))
        case .gaussian: series.windowed(.benchmark).map(windowedGaussianScore)
        case .distance: series.distance()
        }
    }
}

extension SeriesInput {
    fileprivate var parameters: ResidualDetector.Parameters {
        var parameters = ResidualDetector.Parameters(stepSeconds: stepSeconds)
        parameters.hasSeasons = hasSeasons
        return parameters
    }

    /// Six hours; 64 rows where rows have no instants.
    fileprivate var windowSeconds: Double { hasSeasons ? 21_600 : 64 * stepSeconds }

    fileprivate func residuals() throws -> [ResidualReading] {
        try ResidualDetector.readings(times: times, values: values, parameters)
    }

    fileprivate func behavior() throws -> [Double] {
        var detector = try BehaviorDetector(parameters, windowSeconds: windowSeconds)
        return zip(times, values).map { detector.update(time: $0, value: $1).score }
    }

    fileprivate func discord() throws -> [Double] {
        let width = rowCount(seconds: windowSeconds, atLeast: 2)
        var detector = try DiscordDetector(
            width: width, lagMax: rowCount(seconds: 28 * 86_400, atLeast: 2 * width))
        var scale = RelativeScore(count: rowCount(seconds: 864_000, atLeast: 50))
        return values.map { scale.update(detector.update($0)) }
    }

    fileprivate func likelihood() throws -> [Double] {
        var detector = AnomalyLikelihood(longCount: rowCount(seconds: 864_000, atLeast: 100))
        return try residuals().map { detector.update(min($0.score, 10)) }
    }

    fileprivate func autoregression(
        smoothingCount: Int, _ fitSeconds: inout Double
    ) throws -> [Double] {
        let started = ContinuousClock.now
        let model = try AutoregressionModel.fit(
            values: Array(values[fitted]),
            inputs: Array(inputs[..<(fitted.upperBound * inputCount)]), inputCount: inputCount)
        fitSeconds += (ContinuousClock.now - started) / .seconds(1)
        var detector = AutoregressionDetector(model, smoothingCount: smoothingCount)
        return values.indices.map { row in
            detector.update(
                values[row], inputs: inputs[row * inputCount..<(row + 1) * inputCount])
        }
    }

    fileprivate func reconstruction(
        seed: UInt64, epochs: Int, _ fitSeconds: inout Double
    ) throws -> [Double] {
        let width = inputCount + 1
        let all = FeatureMatrix(
            columnCount: width,
            rows: values.indices.map { row in
                [values[row]] + inputs[row * inputCount..<(row + 1) * inputCount]
            })
        let windows = SequenceWindows(sliding: all, stepCount: Self.stepCount)
        // The window of a row is the one that ends there.
        let fittedWindows = 0..<max(0, fitted.upperBound - Self.stepCount + 1)
        let started = ContinuousClock.now
        let threads = ProcessInfo.processInfo.activeProcessorCount
        let (model, _) = try LSTMAutoencoder.fit(
            windows.selecting(windows: Array(fittedWindows)),
            parameters: .init(epochCountMax: epochs, seed: seed), threadCount: threads)
        fitSeconds += (ContinuousClock.now - started) / .seconds(1)
        let errors = model.reconstructionErrors(windows, threadCount: threads)
        // The other columns are inputs, as they are to the autoregression; one column is judged.
        let scores = (0..<errors.windowCount).map { log1p(errors.featureErrors(window: $0)[0]) }
        return Array(repeating: .nan, count: values.count - errors.windowCount) + scores
    }

    /// T of the autoencoder.
    private static let stepCount = 50

    fileprivate func spread() -> [Double] {
        var detector = SpreadDetector(longCount: rowCount(seconds: 864_000, atLeast: 640))
        return values.map { detector.update($0) }
    }

    fileprivate func windowed(_ start: WindowedZDetector) -> [Double] {
        var detector = start
        return values.map { detector.update($0) }
    }

    fileprivate func distance() -> [Double] {
        let usual = PeerSummary(of: Array(values[fitted]))
        return values.map { abs(usual.robustZ($0, unit: 1)) }
    }
}
