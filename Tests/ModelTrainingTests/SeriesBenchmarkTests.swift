import AnomalyModels
import Foundation
import GraphFiles
import ModelTraining
import Testing

@Suite(
    "Detectors of series on public files",
    .enabled(
        if: PublicSeries.areThere,
        "The NAB files are missing; VIGIL_DATA names the folder that has them."))
struct SeriesBenchmarkTests {
    /// Standard profile of `windowedGaussian` in the results of numenta/NAB at de8e91a4.
    ///
    /// Its threshold is 1.0, after scores were written with twelve digits.
    @Test(
        "The benchmark's windowed Gaussian gets its published scores",
        arguments: zip(PublicSeries.names, [-5, -4, 2.021_506_856_78, -1]))
    func windowedGaussian(name: String, published: Double) throws {
        let series = try PublicSeries.read(name)
        var detector = WindowedZDetector.benchmark
        let scores = series.column(0).map { windowedGaussianScore(detector.update($0)) }
        let truth = SeriesTruth(labels: try #require(series.labels))
        let score = SeriesScoring(scores: scores, truth: truth).score(threshold: 1 - 5e-13)
        #expect(abs(score.value - published) < 1e-10)
    }

    @Test("The residual detector reaches at least 67 with one threshold for the four files")
    func residual() throws {
        let scorings = try PublicSeries.names.map { name in
            let series = try PublicSeries.read(name)
            let readings = try ResidualDetector.readings(
                times: series.times, values: series.column(0),
                .init(stepSeconds: usualStep(of: series.times)))
            return SeriesScoring(
                scores: readings.map(\.score),
                truth: SeriesTruth(labels: try #require(series.labels)),
                quietRowCount: SeriesScoring.usualQuietRowCount(rowCount: series.rowCount))
        }
        let best = SeriesSweep.benchmark(scorings)
        print("residual: \(best.total.normalized) at \(best.threshold)")
        #expect(best.total.windowCount == 13)
        #expect(best.total.normalized >= 67)
    }
}

/// The shared files of the Numenta Anomaly Benchmark, where they are there.
private enum PublicSeries {
    static let names = [
        "nyc_taxi", "machine_temperature_system_failure", "ec2_request_latency_system_failure",
        "art_daily_jumpsup",
    ]

    static var areThere: Bool {
        names.allSatisfy { FileManager.default.fileExists(atPath: path($0)) }
    }

    static func read(_ name: String) throws -> SeriesFile {
        try SeriesFile(file: path(name))
    }

    /// In the folder named by VIGIL_DATA, or the one beside the package.
    private static func path(_ name: String) -> String {
        let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let usual = package.deletingLastPathComponent().appendingPathComponent("shared/data").path
        let folder = ProcessInfo.processInfo.environment["VIGIL_DATA"] ?? usual
        return "\(folder)/nab-\(name)/series.csv.gz"
    }
}
