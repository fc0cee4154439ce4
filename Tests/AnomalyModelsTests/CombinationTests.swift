import AnomalyModels
import Foundation
import Testing

@Suite("Combination of tail probabilities")
struct CombinationTests {
    @Test("Within a family the smallest counts, times those that speak")
    func withinFamily() {
        #expect(combineWithinFamily([0.01, 0.5, .nan]) == 0.02)
        #expect(combineWithinFamily([0.7, 0.8]) == 1)
        #expect(combineWithinFamily([.nan, .nan]).isNaN)
        #expect(combineWithinFamily([]).isNaN)
    }

    @Test("A very normal detector does not cancel another's finding")
    func clipping() {
        #expect(abs(combineAcrossFamilies([1e-4, 0.9999]) - 2e-4) < 1e-7)
        #expect(abs(combineAcrossFamilies([1e-4, 0.9999, 0.9999]) - 3e-4) < 1e-7)
    }

    @Test("Families that cannot speak have no vote")
    func silence() {
        #expect(abs(combineAcrossFamilies([1e-4, .nan, .nan]) - 1e-4) < 1e-15)
        #expect(combineAcrossFamilies([.nan]).isNaN)
        #expect(combineAcrossFamilies([]).isNaN)
        #expect(combineAcrossFamilies([1, 0.9]) == 0.5)
    }

    @Test("Equal votes combine to themselves", arguments: [0.5, 0.1, 1e-3, 1e-12, 1e-200])
    func equalVotes(p: Double) {
        #expect(abs(combineAcrossFamilies([p, p, p]) / p - 1) < 1e-12)
    }

    @Test("Near zero the result is the mean probability's harmonic form and keeps its precision")
    func smallProbabilities() {
        #expect(abs(combineAcrossFamilies([1e-250, 0.5]) / 2e-250 - 1.0) < 1e-12)
        #expect(combineAcrossFamilies([0, 0.5]) == 0)
    }

    @Test("One in 100 scores 0.4, one in 1,000 0.6, one in 10,000 0.8")
    func scores() {
        #expect(anomalyScore(tailProbability: 1) == 0)
        #expect(anomalyScore(tailProbability: 0.01) == 0.4)
        #expect(anomalyScore(tailProbability: 0.001) == 0.6)
        #expect(anomalyScore(tailProbability: 0.0001) == 0.8)
        #expect(anomalyScore(tailProbability: 1e-9) == 1)
        #expect(anomalyScore(tailProbability: 0) == 1)
        #expect(anomalyScore(tailProbability: .nan).isNaN)
        #expect(anomalyScore(tailProbability: 1).sign == .plus)
    }

    @Test("Severities begin at their limits")
    func severities() {
        #expect(Severity(score: 0) == .low && Severity(score: 0.4.nextDown) == .low)
        #expect(Severity(score: 0.4) == .medium && Severity(score: 0.6.nextDown) == .medium)
        #expect(Severity(score: 0.6) == .high && Severity(score: 0.8.nextDown) == .high)
        #expect(Severity(score: 0.8) == .critical && Severity(score: 1) == .critical)
        #expect(Severity(score: .nan) == .low)
        #expect(Severity.allCases == Severity.allCases.sorted())
    }
}
