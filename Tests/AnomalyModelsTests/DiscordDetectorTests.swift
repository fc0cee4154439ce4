import AnomalyModels
import Foundation
import Testing

@Suite("Discord detector")
struct DiscordDetectorTests {
    /// The definition: the nearest earlier window that is complete, by comparing all of them.
    private static func plain(_ values: [Double], width: Int, lagMax: Int) -> [Double] {
        values.indices.map { end in
            guard end + 1 >= width else { return .nan }
            let newest = values[(end + 1 - width)...end]
            let distances = (width...max(width, lagMax)).compactMap { lag -> Double? in
                let last = end - lag
                guard lag <= lagMax, last + 1 >= width else { return nil }
                let squares = zip(newest, values[(last + 1 - width)...last])
                    .map { ($0 - $1) * ($0 - $1) }
                let sum = squares.reduce(0, +)
                return sum.isNaN ? nil : (sum / Double(width)).squareRoot()
            }
            return newest.contains(where: \.isNaN) ? .nan : distances.min() ?? .nan
        }
    }

    private static func counts(_ count: Int, gaps: Bool) -> [Double] {
        var random = SeededRandom(seed: 21)
        return (0..<count).map { index in
            if gaps, random.uniform() < 0.03 { return .nan }
            return Double(index * 37 % 23) + Double(random.index(below: 9))
        }
    }

    @Test(
        "Scores are those of comparing all windows, to the bit for counts",
        arguments: [(2, 2), (2, 9), (5, 40), (8, 61), (13, 300)], [false, true])
    func definition(size: (width: Int, lagMax: Int), gaps: Bool) throws {
        let values = Self.counts(220, gaps: gaps)
        let scores = try DiscordDetector.scores(values, width: size.width, lagMax: size.lagMax)
        let expected = Self.plain(values, width: size.width, lagMax: size.lagMax)
        for (score, wanted) in zip(scores, expected) {
            #expect(score == wanted || (score.isNaN && wanted.isNaN))
        }
        #expect(scores.contains { $0 > 0 })
    }

    @Test("Rounding stays small over a long series of fractions")
    func rounding() throws {
        var random = SeededRandom(seed: 22)
        let values = (0..<3000).map { 1000 * sin(Double($0) / 9) + random.normal() }
        let scores = try DiscordDetector.scores(values, width: 20, lagMax: 100)
        let expected = Self.plain(Array(values.suffix(160)), width: 20, lagMax: 100)
        for (score, wanted) in zip(scores.suffix(20), expected.suffix(20)) {
            #expect(abs(score - wanted) < 1e-6)
        }
    }

    @Test("Value by value gives the same bits as the whole series")
    func streaming() throws {
        let values = Self.counts(300, gaps: true)
        let batch = try DiscordDetector.scores(values, width: 6, lagMax: 50)
        var detector = try DiscordDetector(width: 6, lagMax: 50)
        for (value, score) in zip(values, batch) {
            #expect(detector.update(value).bitPattern == score.bitPattern)
        }
    }

    @Test("A course that never came before stands out, one that came is nothing")
    func shape() throws {
        var values = (0..<400).map { Double($0 % 20) }
        for index in 300..<310 { values[index] = 7 }
        let scores = try DiscordDetector.scores(values, width: 10, lagMax: 200)
        #expect(scores[40..<300].allSatisfy { $0 == 0 })
        #expect(scores[300..<310].max() ?? 0 > 2)
    }

    @Test("Windows without sense are refused")
    func refused() {
        for (width, lagMax) in [(1, 10), (0, 0), (5, 4), (2, 1 << 25)] {
            #expect(throws: ModelError.self) { try DiscordDetector(width: width, lagMax: lagMax) }
        }
    }

    @Test("The behaviour of a series is the stranger of residual and discord")
    func behavior() throws {
        var values = (0..<400).map { Double($0 % 24) + 0.25 * Double($0 % 3) }
        values[390] = 200
        let times = values.indices.map { Double($0) * 3600 }
        var detector = try BehaviorDetector(.init(stepSeconds: 3600))
        var residual = try ResidualDetector(.init(stepSeconds: 3600))
        var discord = try DiscordDetector(width: 6, lagMax: 672)
        var scale = RelativeScore(count: 240)
        for (time, value) in zip(times, values) {
            let (score, reading) = detector.update(time: time, value: value)
            let alone = residual.update(time: time, value: value)
            let relative = scale.update(discord.update(value))
            #expect(reading.z.bitPattern == alone.z.bitPattern)
            let speaking = [alone.score, relative].filter { !$0.isNaN }
            let expected = speaking.max() ?? .nan
            #expect(score == expected || (score.isNaN && expected.isNaN))
        }
        #expect(throws: ModelError.self) {
            try BehaviorDetector(.init(stepSeconds: 3600), windowSeconds: 5e6)
        }
    }
}
