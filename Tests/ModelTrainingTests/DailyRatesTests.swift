import AnomalyModels
import Foundation
import Testing

@testable import ModelTraining

@Suite("Daily rates")
struct DailyRatesTests {
    /// Four weeks, the last day first: weekdays 10, weekends 2; the last two days are a weekend.
    static let weeks = (0..<28).map { $0 % 7 < 2 ? 2 : 10 }

    @Test("The same week again is what was expected, and a weekend is no drop")
    func same() throws {
        let week = try #require(
            DailyRates(before: Self.weeks, now: Array(Self.weeks.prefix(7)), lastDay: 6))
        #expect(week.ratio == 1 && week.tailProbability == 1 && week.dispersion.factor == 1)
        // Days 5 and 6 after a Sunday are the next weekend.
        let weekend = try #require(DailyRates(before: Self.weeks, now: [2, 2], lastDay: 6))
        #expect(weekend.expectedPerDay == 2 && weekend.ratio == 1)
        let monday = try #require(DailyRates(before: Self.weeks, now: [10], lastDay: 0))
        #expect(monday.expectedPerDay == 10 && monday.ratio == 1)
    }

    @Test("Twice as many are told, and so is silence")
    func changed() throws {
        let double = Self.weeks.prefix(7).map { 2 * $0 }
        let rates = try #require(DailyRates(before: Self.weeks, now: double, lastDay: 6))
        // 108 of 54 expected, 216 seen in four weeks.
        #expect(abs(rates.ratio - 108.5 / 54.5) < 1e-12)
        let z = log(108.5 / 54.5) / (1 / 108.5 + 1 / 216.5).squareRoot()
        #expect(abs(rates.tailProbability - varianceRatioTail(z * z, 1, 21)) < 1e-15)
        let silence = try #require(
            DailyRates(before: Self.weeks, now: [0, 0, 0, 0, 0, 0, 0], lastDay: 6))
        #expect(silence.perDay == 0 && silence.tailProbability < 0.01)
    }

    @Test("Days that vary more than chance make every change less certain")
    func dispersed() throws {
        // Every second week has nothing: Pearson's statistic is 28 days of (20 - 10)² / 10.
        let weeks = (0..<28).map { $0 / 7 % 2 == 0 ? 20 : 0 }
        let rates = try #require(
            DailyRates(before: weeks, now: [Int](repeating: 20, count: 7), lastDay: 6))
        #expect(abs(rates.dispersion.factor - 280.0 / 21) < 1e-12)
        #expect(rates.tailProbability > 0.05)
        let none = DailyRates(before: [1, 2, 3], now: [1], lastDay: 0)
        #expect(none == nil && DailyRates(before: weeks, now: [], lastDay: 0) == nil)
    }
}
