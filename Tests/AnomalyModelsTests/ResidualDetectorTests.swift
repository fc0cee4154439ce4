import AnomalyModels
import Foundation
import Testing

@Suite("Residual detector")
struct ResidualDetectorTests {
    /// Hourly values with a daily course, higher at weekends, and noise.
    private static func weekly(
        weeks: Int, seed: UInt64 = 5
    ) -> (times: [Double], values: [Double]) {
        var random = SeededRandom(seed: seed)
        let times = (0..<weeks * 168).map { Double($0) * 3600 }
        let values = times.indices.map { hour -> Double in
            let day = hour / 24 % 7
            let course = sin(Double(hour % 24) / 24 * 2 * .pi)
            return 1000 + (day >= 5 ? 600 : 300) * course + (day >= 5 ? 400 : 0)
                + 5 * random.normal()
        }
        return (times, values)
    }

    /// A small detector whose arithmetic can be done by hand: no seasons, memory without end.
    private static func plain() -> ResidualDetector.Parameters {
        var parameters = ResidualDetector.Parameters(stepSeconds: 1)
        parameters.hasSeasons = false
        parameters.scaleSeconds = 30
        parameters.memorySeconds = 1e9
        return parameters
    }

    @Test("The error is measured in the forecast's own past errors")
    func handComputed() throws {
        var detector = try ResidualDetector(Self.plain())
        var last: ResidualReading?
        // Steps of 1 up: the value before errs by 1, the median of the last 11 by more.
        for index in 0..<40 {
            last = detector.update(time: Double(index), value: Double(index))
            if index <= 30 { #expect(last?.score.isNaN == true) }
        }
        let reading = try #require(last)
        #expect(reading.forecast == .lastValue)
        #expect(reading.expected == 38)
        // max(1.4826 · 1, 1 / 1.645)
        #expect(abs(reading.scale - 1.482_602_218_505_602) < 1e-12)
        #expect(abs(reading.z - 1 / 1.482_602_218_505_602) < 1e-12)
        let drop = detector.update(time: 40, value: 29)
        #expect(abs(drop.z + 10 / 1.482_602_218_505_602) < 1e-12)
        #expect(drop.score == -drop.z)
        #expect(
            drop.explanation
                == "29 where 39 was expected, the value before; its error is usually about 1.4826")
    }

    @Test("Noise around a level is expected to be its median")
    func noise() throws {
        var random = SeededRandom(seed: 3)
        let values = (0..<200).map { _ in 50 + random.normal() }
        let readings = try ResidualDetector.readings(
            times: values.indices.map(Double.init), values: values, Self.plain())
        #expect(readings.suffix(50).allSatisfy { $0.forecast == .recentMedian })
        let strange = readings.suffix(150).count { $0.score > 3 }
        #expect(strange <= 3)
    }

    @Test("With a weekly course the last weeks at this time are the reason")
    func weeklyReason() throws {
        var (times, values) = Self.weekly(weeks: 8)
        // Saturday noon of the last week looks like a working day.
        let saturday = 7 * 168 + 5 * 24 + 12
        values[saturday] = 1000
        let readings = try ResidualDetector.readings(
            times: times, values: values, .init(stepSeconds: 3600))
        let reading = readings[saturday]
        #expect(reading.forecast == .weeklyMedian)
        #expect(abs(reading.expected - 1400) < 15)
        #expect(reading.z < -20)
        #expect(
            reading.explanation.contains("the median of the last 4 weeks at this time of the week"))
        let usual = readings[(4 * 168)..<saturday]
        #expect(usual.count { $0.forecast == .weeklyMedian } > usual.count * 9 / 10)
        #expect(usual.allSatisfy { $0.score < 8 })
    }

    @Test("With a daily course the last days at this time are the reason")
    func dailyReason() throws {
        let times = (0..<10 * 48).map { Double($0) * 1800 }
        let values = times.indices.map { $0 % 48 == 18 ? 100.0 : Double($0 * 7 % 5) }
        let readings = try ResidualDetector.readings(
            times: times, values: values, .init(stepSeconds: 1800))
        // The peak at nine is expected, though nothing before it announces it.
        let peak = readings[9 * 48 + 18]
        #expect(peak.forecast == .dailyMedian)
        #expect(peak.expected == 100 && peak.z == 0)
    }

    @Test("Value by value gives the same bits as the whole series")
    func streaming() throws {
        let (times, values) = Self.weekly(weeks: 6)
        var detector = try ResidualDetector(.init(stepSeconds: 3600))
        let batch = try ResidualDetector.readings(
            times: times, values: values, .init(stepSeconds: 3600))
        for index in values.indices {
            let reading = detector.update(time: times[index], value: values[index])
            #expect(reading.z.bitPattern == batch[index].z.bitPattern)
            #expect(reading.expected.bitPattern == batch[index].expected.bitPattern)
        }
    }

    @Test("A kept state goes on as if it had never been away")
    func coding() throws {
        let (times, values) = Self.weekly(weeks: 5)
        var detector = try ResidualDetector(.init(stepSeconds: 3600))
        for index in 0..<600 { _ = detector.update(time: times[index], value: values[index]) }
        let kept = try JSONEncoder().encode(detector)
        var restored = try JSONDecoder().decode(ResidualDetector.self, from: kept)
        #expect(restored == detector)
        for index in 600..<values.count {
            let first = detector.update(time: times[index], value: values[index])
            let second = restored.update(time: times[index], value: values[index])
            #expect(first.z.bitPattern == second.z.bitPattern)
        }
    }

    @Test("A gap scores nothing and leaves the state as it was")
    func gaps() throws {
        let (times, values) = Self.weekly(weeks: 3)
        var whole = try ResidualDetector(.init(stepSeconds: 3600))
        var gappy = try ResidualDetector(.init(stepSeconds: 3600))
        for index in values.indices {
            let before = gappy
            for gap in [Double.nan, .infinity] {
                let reading = gappy.update(time: times[index] - 1, value: gap)
                #expect(reading.score.isNaN && reading.forecast == nil)
                #expect(reading.explanation == "no value")
            }
            #expect(gappy == before)
            _ = whole.update(time: times[index], value: values[index])
            _ = gappy.update(time: times[index], value: values[index])
        }
        #expect(whole == gappy)
    }

    @Test("Missing and wavering times still find the same time of other weeks")
    func irregular() throws {
        var (times, values) = Self.weekly(weeks: 8)
        var random = SeededRandom(seed: 8)
        let kept = times.indices.filter { _ in random.uniform() > 0.2 }
        times = kept.map { times[$0] + 1200 * (random.uniform() - 0.5) }
        values = kept.map { values[$0] }
        let readings = try ResidualDetector.readings(
            times: times, values: values, .init(stepSeconds: 3600))
        let last = readings.suffix(300)
        #expect(last.count { $0.forecast == .weeklyMedian } > 240)
        #expect(
            last.allSatisfy { abs($0.value - $0.expected) < 60 || $0.forecast != .weeklyMedian })
    }

    @Test("A constant series scores nothing until it moves, then as much as can be")
    func constant() throws {
        var detector = try ResidualDetector(Self.plain())
        for index in 0..<60 {
            let reading = detector.update(time: Double(index), value: 4)
            #expect(reading.score.isNaN || reading.score == 0)
        }
        #expect(detector.update(time: 60, value: 5).z == ResidualDetector.scoreMax)
        var parameters = Self.plain()
        parameters.scaleMin = 0.5
        var withUnit = try ResidualDetector(parameters)
        for index in 0..<60 { _ = withUnit.update(time: Double(index), value: 4) }
        #expect(withUnit.update(time: 60, value: 5).z == 2)
    }

    @Test("Times that stand still or run back do no harm")
    func clockChange() throws {
        let (times, values) = Self.weekly(weeks: 4)
        var detector = try ResidualDetector(.init(stepSeconds: 3600))
        for index in values.indices {
            let back = index % 100 == 50 ? 7200.0 : 0
            let reading = detector.update(time: times[index] - back, value: values[index])
            #expect(!reading.score.isInfinite)
        }
    }

    @Test("Parameters without sense are refused")
    func refused() {
        let changes: [(inout ResidualDetector.Parameters) -> Void] = [
            { $0.stepSeconds = 0 }, { $0.stepSeconds = .nan }, { $0.stepSeconds = 100_000 },
            { $0.stepSeconds = 1e-6 }, { $0.daySeconds = -1 }, { $0.memorySeconds = .infinity },
            { $0.scaleMin = -1 },
        ]
        for change in changes {
            var parameters = ResidualDetector.Parameters(stepSeconds: 3600)
            change(&parameters)
            #expect(throws: ModelError.self) { try ResidualDetector(parameters) }
        }
    }
}
