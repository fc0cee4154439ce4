import Testing

@testable import AnomalyModels

@Suite("Trailing windows of a series")
struct SeriesWindowTests {
    /// Values with ties, jumps and both signs.
    private static func values(_ count: Int, seed: UInt64) -> [Double] {
        var random = SeededRandom(seed: seed)
        return (0..<count).map { _ in (random.normal() * 4).rounded() / 2 }
    }

    @Test("An ordered window holds the last values in ascending order", arguments: [1, 2, 7, 50])
    func order(capacity: Int) {
        let values = Self.values(400, seed: 11)
        var window = SlidingOrder(capacity: capacity)
        for (index, value) in values.enumerated() {
            window.append(value)
            let last = values[...index].suffix(capacity)
            #expect(window.sorted == last.sorted())
        }
        #expect(
            window.quantile(0.5) == RobustStatistics.median(Array(values.suffix(capacity))))
    }

    @Test("A running window has the mean and deviation of the last values", arguments: [1, 3, 64])
    func running(capacity: Int) {
        // A large level: sums of plain squares would lose all digits.
        let values = Self.values(500, seed: 12).map { $0 + 1e9 }
        var window = RunningWindow(capacity: capacity)
        #expect(window.mean.isNaN && window.standardDeviation.isNaN)
        for (index, value) in values.enumerated() {
            window.append(value)
            let last = values[...index].suffix(capacity).map { $0 - 1e9 }
            let mean = last.reduce(0, +) / Double(last.count)
            let variance =
                last.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(last.count)
            #expect(abs(window.mean - 1e9 - mean) < 1e-6)
            #expect(abs(window.standardDeviation - variance.squareRoot()) < 1e-6)
        }
    }

    @Test("Slots find values by how long ago they were, though times waver")
    func slots() {
        var slots = SeasonalSlots(stepSeconds: 300, spanSeconds: 3000)
        for (time, value) in [(7.0, 1.0), (290, 2), (620, 3), (1210, 5), (1280, 6)] {
            let slot = slots.slot(of: time)
            slots.set(value, slot)
        }
        let now = slots.slot(of: 1510)
        #expect(now == 5)
        #expect(slots.value(secondsAgo: 1500, now) == 1)
        #expect(slots.value(secondsAgo: 1200, now) == 2)
        #expect(slots.value(secondsAgo: 900, now) == 3)
        #expect(slots.value(secondsAgo: 600, now).isNaN)
        // Two values fell into the slot of 1200 seconds: the last one counts.
        #expect(slots.value(secondsAgo: 300, now) == 6)
        #expect(slots.value(secondsAgo: 3000, now).isNaN)
        // A later value takes the place of one that is older than the span.
        let later = slots.slot(of: 4807)
        slots.set(9, later)
        #expect(slots.value(secondsAgo: 0, later) == 9)
        #expect(slots.value(secondsAgo: 3600, later).isNaN)
        #expect(slots.slot(of: -1e300) == 0)
        #expect(slots.slot(of: 1e300) > 0)
    }

    @Test("A small median leaves out what is missing")
    func smallMedian() {
        var median = SmallMedian()
        #expect(median.median.isNaN)
        for value in [5, .nan, 1, 3] { median.add(value) }
        #expect(median.median == 3)
        median.add(4)
        #expect(median.median == 3.5)
    }

    @Test("The distance in standard deviations is that from the values before")
    func windowedZ() {
        var detector = WindowedZDetector(windowCount: 3)
        #expect(detector.update(1).isNaN)
        // One value has no spread: a millionth stands in for it.
        #expect(abs(detector.update(2) - 1e6) < 1e-3)
        #expect(detector.update(.nan).isNaN)
        // 1 and 2: mean 1.5, deviation 0.5.
        #expect(abs(detector.update(3) - 3) < 1e-12)
        // 1, 2, 3: mean 2, deviation √(2/3).
        #expect(abs(detector.update(0) - 2 / (2.0 / 3).squareRoot()) < 1e-12)
        // 2, 3, 0.
        let deviation = (14.0 / 9).squareRoot()
        #expect(abs(detector.update(5) - (5 - 5.0 / 3) / deviation) < 1e-12)
    }

    @Test("A full window that slides by ten takes ten values at a time")
    func sliding() {
        var detector = WindowedZDetector(windowCount: 20, slideCount: 10)
        var stepwise = RunningWindow(capacity: 20)
        for index in 0..<20 {
            _ = detector.update(Double(index % 5))
            stepwise.append(Double(index % 5))
        }
        for _ in 0..<10 {
            let expected = abs(9 - stepwise.mean) / stepwise.standardDeviation
            #expect(abs(detector.update(9) - expected) < 1e-12)
        }
        #expect(detector.update(9) < 1.1)
    }

    @Test("The score of the windowed Gaussian is a normal distribution's lower tail")
    func gaussianScore() {
        #expect(windowedGaussianScore(0) == 0.5)
        #expect(abs(windowedGaussianScore(1.959_963_984_540_054) - 0.975) < 1e-12)
        #expect(windowedGaussianScore(9) == 1)
        #expect(windowedGaussianScore(.nan).isNaN)
    }

    @Test("The likelihood compares the last scores with the usual ones")
    func likelihood() {
        var detector = AnomalyLikelihood(longCount: 40, shortCount: 2)
        var scores: [Double] = []
        for index in 0..<40 { scores.append(detector.update(Double(index % 2))) }
        #expect(scores[..<4].map { $0.isNaN } == [true, true, true, true])
        // Forty scores of mean 0.5 and deviation 0.5; the last two are 1 and 4.
        #expect(abs(detector.update(4) - (2.5 - 0.5) / 0.5) < 1e-12)
        #expect(detector.update(.nan).isNaN)
    }

    @Test("The spread detector sees a series fall silent and grow loud")
    func spread() {
        var detector = SpreadDetector(longCount: 100, shortCount: 4)
        var last = 0.0
        for index in 0..<100 { last = detector.update(Double(index % 2)) }
        #expect(abs(last) < 1e-3)
        for _ in 0..<4 { last = detector.update(0) }
        #expect(last > 6)
        for index in 0..<4 { last = detector.update(Double(index % 2) * 10) }
        #expect(last > 1)
    }

    @Test("Relative scores are 1.645 at the 90 % quantile of those before")
    func relative() {
        var scale = RelativeScore(count: 50)
        for index in 0..<50 {
            #expect(scale.update(Double(index)).isNaN)
            #expect(scale.update(.nan).isNaN)
        }
        #expect(abs(scale.update(44.1) - 1.644_853_626_951_472_2) < 1e-12)
        var constant = RelativeScore(count: 50)
        for _ in 0..<50 { _ = constant.update(0) }
        #expect(constant.update(0) == 0)
        #expect(constant.update(1e-9) == ResidualDetector.scoreMax)
    }

    @Test("The usual step is the median of the positive differences")
    func step() {
        #expect(usualStep(of: [0, 300, 600, 600, 900, 5000, 1200]) == 300)
        #expect(usualStep(of: [5]) == 1)
        #expect(usualStep(of: []) == 1)
    }
}
