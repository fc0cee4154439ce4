// P. McCullagh, J. A. Nelder, "Generalized Linear Models", 2nd edition, Chapman and Hall 1989, chapter 6:
// counts whose variance is φ times their mean, φ from Pearson's statistic.

import AnomalyModels
import Foundation

/// Numbers of some days beside those of the same days of the week in the weeks before.
///
/// Days of 24 hours, so no calendar is needed: what lies seven days apart is the same day of the week.
struct DailyRates: Equatable {
    /// The mean of a day, and what was expected of these days.
    let perDay, expectedPerDay: Double
    /// The one over the other, half an event added to both.
    let ratio: Double
    /// The probability of such a ratio, up or down, by chance.
    let tailProbability: Double
    /// How much more the days before varied than independent events would.
    let dispersion: Dispersion

    /// The rates of `now` against those of `before`, the last day of each first; nil without a day, or
    /// without whole weeks before.
    ///
    /// The last day of `now` has the number `lastDay`, counted from 0, the day that followed `before`.
    init?(before: [Int], now: [Int], lastDay: Int) {
        let weekCount = before.count / 7
        guard weekCount >= 2, before.count % 7 == 0, !now.isEmpty, lastDay >= now.count - 1 else {
            return nil
        }
        // The day number r of those before lies 1 + r days before day 0.
        var sums = [Int](repeating: 0, count: 7)
        for (r, count) in before.enumerated() { sums[r % 7] += count }
        var pearson = 0.0
        for (r, count) in before.enumerated() where sums[r % 7] > 0 {
            let mean = Double(sums[r % 7]) / Double(weekCount)
            pearson += (Double(count) - mean) * (Double(count) - mean) / mean
        }
        dispersion = Dispersion(
            factor: pearson / Double(before.count - 7), degrees: Double(before.count - 7))
        var (known, total) = (0.0, 0.0)
        for (place, count) in now.enumerated() {
            let day = lastDay - place
            known += Double(sums[(7 - (day + 1) % 7) % 7])
            total += Double(count)
        }
        let expected = known / Double(weekCount)
        perDay = total / Double(now.count)
        expectedPerDay = expected / Double(now.count)
        ratio = (total + 0.5) / (expected + 0.5)
        // The days before have been seen once, however often they are compared with.
        let seen = min(known, Double(before.reduce(0, +)))
        let variance = 1 / (total + 0.5) + 1 / (seen + 0.5)
        tailProbability = dispersion.twoSidedTail(log(ratio) / variance.squareRoot())
    }
}
