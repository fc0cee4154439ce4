import AnomalyModels
import Foundation
import Testing

@Suite("Two-sided CUSUM")
struct CUSUMTests {
    @Test("A hand-computed run: drift 0.5, threshold 4")
    func byHand() {
        let values = [0, 1, -1, 2, 2, 2, 0, 0, -3, -3] as [Double]
        let parameters = CUSUM.Parameters(drift: 0.5, threshold: 4)
        let (scores, changes) = CUSUM.scan(values, parameters)
        // Up: 0, 0.5, 0, 1.5, 3, 4.5 (a change from step 3 on); then down: 0, 0, 2.5, 5.
        #expect(scores == [0, 0.5, 0.5, 1.5, 3, 4.5, 0, 0, 2.5, 5])
        #expect(
            changes == [
                CUSUM.Change(direction: .up, start: 3, end: 5, sum: 4.5),
                CUSUM.Change(direction: .down, start: 8, end: 9, sum: 5),
            ])
        #expect(changes[0].meanShift(drift: 0.5) == 2)
        #expect(changes[1].meanShift(drift: 0.5) == -3)
    }

    @Test("Each sum is the largest total of the values less the drift that ends at its step")
    func definition() {
        var random = SeededRandom(seed: 1)
        let values = (0..<300).map { _ in random.normal() }
        var sums = CUSUM(.init(drift: 0.3, threshold: 1e9))
        for step in values.indices {
            #expect(sums.update(values[step]) == nil)
            var (total, upper, fall, lower) = (0.0, 0.0, 0.0, 0.0)
            for earlier in (0...step).reversed() {
                total += values[earlier] - 0.3
                fall += -values[earlier] - 0.3
                upper = max(upper, total)
                lower = max(lower, fall)
            }
            #expect(abs(sums.upperSum - upper) < 1e-9 && abs(sums.lowerSum - lower) < 1e-9)
        }
    }

    @Test("One wild value is clipped, a missing one changes nothing but the step")
    func clipping() {
        var sums = CUSUM(.init(drift: 1, threshold: 10, clip: 5))
        #expect(sums.update(1e9) == nil)
        #expect(sums.upperSum == 4)
        #expect(sums.update(.nan) == nil)
        #expect(sums.upperSum == 4 && sums.stepCount == 2)
        #expect(sums.update(-.infinity) == nil)
        #expect(sums.lowerSum == 4 && sums.upperSum == 0)
        sums.reset()
        #expect(sums.score == 0 && sums.stepCount == 3)
    }

    // Table values of D. C. Montgomery, "Introduction to Statistical Quality Control", for k = 0.5:
    // two-sided ARL 168 at h = 4 without a shift, 8.38 with a shift of one sigma.
    @Test("Run lengths on normal values are those of the tables")
    func runLength() {
        var random = SeededRandom(seed: 2)
        func mean(shift: Double, runs: Int) -> Double {
            var total = 0
            for _ in 0..<runs {
                var sums = CUSUM(.init(drift: 0.5, threshold: 4, clip: 100))
                while sums.update(random.normal() + shift) == nil {}
                total += sums.stepCount
            }
            return Double(total) / Double(runs)
        }
        // Run lengths are about geometric: a mean of 600 has a standard error of 4 %.
        #expect(abs(mean(shift: 0, runs: 600) / 168 - 1) < 0.13)
        #expect(abs(mean(shift: 1, runs: 600) / 8.38 - 1) < 0.08)
    }

    @Test("The start of a shift is found, in units of the quiet stretch's own sigma")
    func start() throws {
        var random = SeededRandom(seed: 3)
        let series = (0..<400).map { 70 + 4 * random.normal() + ($0 >= 250 ? 10 : 0) }
        let z = CUSUM.standardized(series, quiet: 0..<200)
        let first = try #require(CUSUM.scan(z).changes.first)
        #expect(first.direction == .up && (245...255).contains(first.start))
        #expect(first.end < 270 && abs(first.meanShift(drift: 1) - 2.5) < 0.8)
        #expect(CUSUM.standardized([3, 3, 5], quiet: 0..<2, unit: 0.5) == [0, 0, 4])
    }
}
