import AnomalyModels
import Testing

@Suite("MIDAS")
struct MidasDetectorTests {
    /// Scores of records of one pair, at ticks from 1.
    private func scores(
        _ variant: MidasDetector.Variant, ticks: [Int], threshold: Double = 1_000
    ) throws -> [Double] {
        var parameters = MidasDetector.Parameters(variant: variant)
        parameters.threshold = threshold
        var detector = try MidasDetector(parameters: parameters)
        return ticks.map { detector.update(source: 1, target: 2, time: Double($0 - 1) * 60) }
    }

    @Test("One pair gets the scores of the papers' formulas")
    func handComputed() throws {
        // a = 1, 2, 3 and s = 2, 3, 4 in tick 2: (a - s/2)² 4 / s.
        #expect(try scores(.midas, ticks: [1, 2, 2, 2]) == [0, 0, 1.0 / 3, 1])
        // Half a record is left of tick 1.
        #expect(try scores(.midasR, ticks: [1, 2]) == [0, 0.5])
        // s is 1 in tick 2: (a + 1 - 2 a)².
        #expect(try scores(.midasF, ticks: [1, 2, 2]) == [0, 0.25, 2.25])
    }

    @Test("MIDAS-F leaves a hot tick out of the total")
    func filter() throws {
        // Tick 2 adds its 2.5 records, or, above the threshold, the mean of the past, 1.
        let merged = try scores(.midasF, ticks: [1, 2, 2, 3])
        #expect(abs(merged[3] - 1.0 / 7) < 1e-12)
        let filtered = try scores(.midasF, ticks: [1, 2, 2, 3], threshold: 2)
        #expect(filtered[3] == 1.5625)
    }

    @Test("Ticks without records pass, and late records belong to the newest tick")
    func time() throws {
        // a = 1, s = 2, t = 5: (1 - 2/5)² 25 / (2 · 4).
        let scores = try scores(.midas, ticks: [1, 5, 2])
        #expect(abs(scores[1] - 1.125) < 1e-12)
        #expect(abs(scores[2] - (2 - 3.0 / 5) * (2 - 3.0 / 5) * 25 / 12) < 1e-12)
        var detector = try MidasDetector()
        let before = detector.update(source: 1, target: 2, time: .nan)
        #expect(before.isNaN)
    }

    @Test("The largest of pair, source and target speaks in MIDAS-R")
    func largest() throws {
        var detector = try MidasDetector()
        for source in 0..<5 { _ = detector.update(source: UInt64(source), target: 9, time: 0) }
        var last = 0.0
        for source: UInt64 in 10..<40 {
            last = detector.update(source: source, target: 9, time: 60)
        }
        // The target has 2.5 + 30 of 35: (32.5 - 17.5)² 4 / 35; source and pair are new.
        #expect(abs(last - 225.0 * 4 / 35) < 1e-9)
    }

    @Test("Parameters out of range are refused")
    func badParameters() {
        for change: (inout MidasDetector.Parameters) -> Void in [
            { $0.rowCount = 0 }, { $0.columnCount = 0 }, { $0.decay = 1.5 },
            { $0.threshold = .nan }, { $0.tickSeconds = 0 },
        ] {
            var parameters = MidasDetector.Parameters()
            change(&parameters)
            #expect(throws: ModelError.self) { try MidasDetector(parameters: parameters) }
        }
    }
}
