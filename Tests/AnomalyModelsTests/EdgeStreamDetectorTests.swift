import AnomalyModels
import Foundation
import Testing

@Suite("Edge stream")
struct EdgeStreamDetectorTests {
    /// The half-life over ln 2: the decayed count of a rate of one record a second.
    private let memory = 60 / M_LN2

    private func isNear(_ first: SIMD4<Double>, _ second: SIMD4<Double>) -> Bool {
        (0..<4).allSatisfy { abs(first[$0] - second[$0]) < 1e-12 * max(1, abs(second[$0])) }
    }

    @Test("Three records of one pair get the scores that a pencil gives")
    func handComputed() throws {
        var detector = try EdgeStreamDetector()
        let first = detector.update(source: 7, target: 7, time: 1_000)
        #expect(first.counts == SIMD4(1, 1, 1, 1))
        #expect(isNear(first.scores, SIMD4(repeating: 0.9 / 0.1.squareRoot())))
        let second = detector.update(source: 7, target: 7, time: 1_000)
        let expected = 1 / 7_200 * memory + 0.1
        #expect(second.counts == SIMD4(2, 1, 2, 1))
        #expect(isNear(second.expected, SIMD4(repeating: expected)))
        #expect(abs(second.scores[0] - (2 - expected) / expected.squareRoot()) < 1e-12)
        // A half-life later: the two are worth one; the pair is no first-time partner any more.
        let third = detector.update(source: 7, target: 7, time: 1_060)
        #expect(isNear(third.counts, SIMD4(2, 0.5, 2, 0.5)))
        #expect(abs(third.expected[0] - (2 / 7_260 * memory + 0.1)) < 1e-12)
        #expect(abs(third.expected[1] - (1 / 7_260 * memory + 0.1)) < 1e-12)
    }

    @Test("Fewer records than expected score 0")
    func quietKeysAreNormal() throws {
        var detector = try EdgeStreamDetector()
        for second in stride(from: 0.0, to: 40_000, by: 20) {
            _ = detector.update(source: 1, target: 2, time: second)
        }
        let verdict = detector.update(source: 1, target: 2, time: 50_000)
        #expect(verdict.scores[0] == 0)
        #expect(verdict.counts[0] < verdict.expected[0])
    }

    @Test("Decayed counts are the sums of all records' weights")
    func exactDecay() throws {
        let stream = EdgeStream.random(
            recordCount: 600, keyCount: 12, secondsBetween: 20, seed: 4)
        var detector = try EdgeStreamDetector()
        for index in stream.sources.indices {
            let (source, target) = (stream.sources[index], stream.targets[index])
            let now = stream.times[index]
            let verdict = detector.update(source: source, target: target, time: now)
            func sum(_ keys: [UInt64], _ key: UInt64) -> Double {
                (0...index).filter { keys[$0] == key }
                    .reduce(0) { $0 + exp2((stream.times[$1] - now) / 60) }
            }
            #expect(abs(verdict.counts[0] - sum(stream.sources, source)) < 1e-9)
            #expect(abs(verdict.counts[2] - sum(stream.targets, target)) < 1e-9)
        }
    }

    @Test("Hot records teach only the rate that was known")
    func filter() throws {
        var parameters = EdgeStreamDetector.Parameters()
        parameters.filterThreshold = 2
        var detector = try EdgeStreamDetector(parameters: parameters)
        // 0.9 / √0.1 = 2.8 is hot: the record counts as 0.1 / 1.
        _ = detector.update(source: 1, target: 2, time: 0)
        let verdict = detector.update(source: 1, target: 2, time: 0)
        #expect(isNear(verdict.expected, SIMD4(repeating: 0.1 / 7_200 * memory + 0.1)))
    }

    @Test("With growth a learnt rate rises by that share a day and no more")
    func growth() throws {
        func rise(_ growthPerDay: Double) throws -> Double {
            var parameters = EdgeStreamDetector.Parameters()
            parameters.growthPerDay = growthPerDay
            var detector = try EdgeStreamDetector(parameters: parameters)
            for minute in 0..<600 {
                for _ in 0..<5 {
                    _ = detector.update(source: 1, target: 2, time: Double(minute) * 60)
                }
            }
            let before = detector.update(source: 1, target: 3, time: 36_000).expected[0]
            for step in 0..<3_600 * 4 {
                _ = detector.update(source: 1, target: 2, time: 36_000 + Double(step) / 4)
            }
            return detector.update(source: 1, target: 3, time: 39_600).expected[0] / before
        }
        // 2.4 a day is a tenth an hour; the flood's first records are not hot yet, and the prior,
        // 1.7 % of what is expected here, grows along.
        let (without, with) = (try rise(0), try rise(2.4))
        #expect(without < 1.05)
        #expect((0.08...0.12).contains(with - without))
    }

    @Test("Records are judged by themselves and the past only")
    func prefixes() throws {
        let stream = EdgeStream.random(
            recordCount: 2_000, keyCount: 40, secondsBetween: 1, seed: 5)
        var whole = try EdgeStreamDetector()
        let scores = whole.update(
            sources: stream.sources, targets: stream.targets, times: stream.times)
        let half = stream.prefix(1_000)
        var detector = try EdgeStreamDetector()
        let again = detector.update(
            sources: half.sources, targets: half.targets, times: half.times)
        #expect(again.dropFirst(100) == scores.prefix(1_000).dropFirst(100))
        #expect(scores.firstIndex { !$0.isNaN } == 100)
        #expect(scores.lastIndex { $0.isNaN } == 99)
    }

    @Test("A batch says what single records say", arguments: [true, false])
    func batches(isExact: Bool) throws {
        var parameters = EdgeStreamDetector.Parameters()
        parameters.storage =
            isExact ? .exactDefault : .sketch(rowCount: 2, columnCount: 64, pairBitCount: 1_024)
        let stream = EdgeStream.random(
            recordCount: 1_000, keyCount: 50, secondsBetween: 1, seed: 6)
        var batch = try EdgeStreamDetector(parameters: parameters)
        var single = batch
        let scores = batch.update(
            sources: stream.sources, targets: stream.targets, times: stream.times)
        for index in scores.indices {
            let verdict = single.update(
                source: stream.sources[index], target: stream.targets[index],
                time: stream.times[index])
            #expect(verdict.strangeness.bitPattern == scores[index].bitPattern)
        }
        let isEqual = batch == single
        #expect(isEqual)
    }

    @Test("A record without a usable time is silence and leaves no trace")
    func noTime() throws {
        var detector = try EdgeStreamDetector()
        _ = detector.update(source: 1, target: 2, time: 5)
        let before = detector
        for time in [Double.nan, .infinity, -.infinity, 1e300] {
            let verdict = detector.update(source: 1, target: 2, time: time)
            #expect(verdict.strangeness.isNaN && verdict.tailProbability.isNaN)
            #expect(verdict.channel == nil)
        }
        let isUnchanged = detector == before
        #expect(isUnchanged)
    }

    @Test("A late record counts with the newest one")
    func lateRecords() throws {
        var late = try EdgeStreamDetector()
        var punctual = late
        for time in [100.0, 400] {
            _ = late.update(source: 1, target: 2, time: time)
            _ = punctual.update(source: 1, target: 2, time: time)
        }
        let verdict = late.update(source: 1, target: 2, time: 130)
        #expect(verdict.counts == punctual.update(source: 1, target: 2, time: 400).counts)
        let isEqual = late == punctual
        #expect(isEqual)
    }

    @Test("A flood from invented sources ranks above what was normal", arguments: [1, 2, 3])
    func flood(seed: UInt64) throws {
        var stream = EdgeStream.random(
            recordCount: 6_000, keyCount: 60, secondsBetween: 3, seed: seed)
        let begin = stream.times.last ?? 0
        for step in 0..<600 {
            stream.append(1_000 + UInt64(step), 30, begin + Double(step) / 10, label: true)
        }
        var parameters = EdgeStreamDetector.Parameters()
        parameters.calibrationCount = 3_000
        var detector = try EdgeStreamDetector(parameters: parameters)
        let scores = detector.update(
            sources: stream.sources, targets: stream.targets, times: stream.times)
        #expect(EdgeStream.area(scores.map { $0.isNaN ? -1 : $0 }, stream.labels) > 0.98)
        let last = detector.update(source: 5_000, target: 30, time: begin + 60)
        #expect(last.channel == .targetFirstPartners || last.channel == .targetRecords)
        #expect(last.tailProbability < 1e-4)
    }

    @Test("Tail probabilities keep what they promise while the stream stays as it was")
    func calibration() throws {
        let stream = EdgeStream.random(
            recordCount: 24_000, keyCount: 300, secondsBetween: 10, seed: 8)
        var parameters = EdgeStreamDetector.Parameters()
        parameters.calibrationCount = 8_000
        var detector = try EdgeStreamDetector(parameters: parameters)
        var counts = SIMD4<Double>.zero
        for index in stream.sources.indices {
            // The first records are like no later ones: each key is new.
            if index == 8_000 { detector.startCalibration() }
            let verdict = detector.update(
                source: stream.sources[index], target: stream.targets[index],
                time: stream.times[index])
            guard index >= 16_000 else { continue }
            counts.replace(with: counts + 1, where: verdict.channelStrangeness .>= 2)
        }
        #expect(detector.calibratedCount == 8_000)
        // 80 of 8,000 are due; neighbouring records share their counts, so the bounds are wide.
        for channel in [0, 2] { #expect((40...160).contains(counts[channel])) }
    }

    @Test("An accepted level is expected from then on, and a forgotten key has no past")
    func review() throws {
        for storage in [
            EdgeStreamDetector.Storage.exactDefault,
            .sketch(rowCount: 2, columnCount: 256, pairBitCount: 1_024),
        ] {
            var parameters = EdgeStreamDetector.Parameters()
            parameters.storage = storage
            var detector = try EdgeStreamDetector(parameters: parameters)
            for step in 0..<600 {
                _ = detector.update(source: 9, target: 1, time: Double(step) / 10)
            }
            let hot = detector.update(source: 9, target: 1, time: 60)
            #expect(hot.scores[0] > 30)
            detector.accept(level: SIMD2(hot.counts[0], .nan), of: 9, as: .source)
            let accepted = detector.update(source: 9, target: 1, time: 60)
            #expect(accepted.scores[0] < 1)
            #expect(accepted.expected[1] == hot.expected[1])
            #expect(accepted.scores[2] > 30)
            let isForgotten = detector.forget(9, as: .source)
            #expect(isForgotten == (storage == .exactDefault))
            guard isForgotten else { continue }
            let isForgottenTwice = detector.forget(9, as: .source)
            #expect(!isForgottenTwice)
            let fresh = detector.update(source: 9, target: 1, time: 60)
            #expect(fresh.counts[0] == 1 && abs(fresh.expected[0] - 0.1) < 1e-12)
        }
    }

    @Test("A restarted calibration takes over when it has all its records")
    func restartedCalibration() throws {
        var parameters = EdgeStreamDetector.Parameters()
        parameters.calibrationCount = 300
        var detector = try EdgeStreamDetector(parameters: parameters)
        let stream = EdgeStream.random(
            recordCount: 900, keyCount: 20, secondsBetween: 1, seed: 2)
        var probes: [Double] = []
        for index in 0..<900 {
            if index == 400 { detector.startCalibration() }
            _ = detector.update(
                source: stream.sources[index], target: stream.targets[index],
                time: stream.times[index])
            guard [399, 699, 700].contains(index) else { continue }
            // A copy is asked, so that the stream goes on undisturbed.
            var copy = detector
            probes.append(copy.update(source: 99, target: 99, time: 1e6).strangeness)
        }
        #expect(probes[0] != probes[2])
        #expect(detector.calibratedCount == 300)
    }

    @Test(
        "Parameters out of range are refused",
        arguments: [
            { $0.halfLifeSeconds = 0 }, { $0.halfLifeSeconds = .nan }, { $0.priorCount = -1 },
            { $0.priorExposureSeconds = .infinity }, { $0.filterThreshold = .nan },
            { $0.growthPerDay = -0.1 }, { $0.calibrationCount = 99 }, { $0.tailShare = 0.6 },
            { $0.retentionSeconds = 0 },
            { $0.storage = .exact(keySlotCountMax: 1_000, pairSlotCountMax: 4_096) },
            { $0.storage = .sketch(rowCount: 0, columnCount: 1, pairBitCount: 512) },
            { $0.storage = .sketch(rowCount: 1, columnCount: 1, pairBitCount: 100) },
        ] as [@Sendable (inout EdgeStreamDetector.Parameters) -> Void])
    func badParameters(change: @Sendable (inout EdgeStreamDetector.Parameters) -> Void) {
        var parameters = EdgeStreamDetector.Parameters()
        change(&parameters)
        let error = #expect(throws: ModelError.self) {
            try EdgeStreamDetector(parameters: parameters)
        }
        #expect(error?.code == .invalidParameter)
    }
}
