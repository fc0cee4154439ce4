/// The simple forecasts of a series, each of which a person can check by eye.
package enum SeriesForecast: Int, Codable, CaseIterable, Sendable {
    /// The value before.
    case lastValue
    /// The median of the last 11 values.
    case recentMedian
    /// The median of the last 7 days at this time of the day.
    case dailyMedian
    /// The median of the last 4 weeks at this time of the week.
    case weeklyMedian

    /// What the expectation rests on, as the end of a sentence.
    package var reason: String {
        switch self {
        case .lastValue: "the value before"
        case .recentMedian: "the median of the last 11 values"
        case .dailyMedian: "the median of the last 7 days at this time of the day"
        case .weeklyMedian: "the median of the last 4 weeks at this time of the week"
        }
    }
}

/// The four forecasts of the next value, and how well each of them did.
struct SeriesForecasts: Sendable, Codable, Equatable {
    private let daySeconds: Double
    /// `nil`: a series without seasons.
    private var slots: SeasonalSlots?
    /// The last 11 values, the next one to be replaced at `recentCount % 11`.
    private var recent = SIMD16<Double>(repeating: 0)
    private var recentCount = 0
    private var lastValue: Double?
    /// The sum and weight of each forecast's past errors, older ones fading.
    private var lossSums = SIMD4<Double>(repeating: 0)
    private var lossWeights = SIMD4<Double>(repeating: 0)

    init(stepSeconds: Double, daySeconds: Double, hasSeasons: Bool) {
        self.daySeconds = daySeconds
        if hasSeasons {
            slots = SeasonalSlots(stepSeconds: stepSeconds, spanSeconds: 28 * daySeconds)
        }
    }

    /// What each forecast expects at a time; NaN where it knows nothing.
    mutating func expected(at time: Double) -> SIMD4<Double> {
        var near = SmallMedian()
        for index in 0..<min(recentCount, 11) { near.add(recent[index]) }
        var days = SmallMedian()
        var weeks = SmallMedian()
        if let slot = slots?.slot(of: time), let slots {
            for day in 1...7 { days.add(slots.value(secondsAgo: Double(day) * daySeconds, slot)) }
            for week in 1...4 {
                weeks.add(slots.value(secondsAgo: Double(7 * week) * daySeconds, slot))
            }
        }
        return SIMD4(lastValue ?? .nan, near.median, days.median, weeks.median)
    }

    /// The forecast that did best so far, of those that expect something; the first of equals.
    func best(of expected: SIMD4<Double>) -> SeriesForecast? {
        var best: (forecast: SeriesForecast, loss: Double)?
        for forecast in SeriesForecast.allCases where !expected[forecast.rawValue].isNaN {
            let weight = lossWeights[forecast.rawValue]
            let loss = weight > 0 ? lossSums[forecast.rawValue] / weight : .infinity
            if best.map({ loss < $0.loss }) ?? true { best = (forecast, loss) }
        }
        return best?.forecast
    }

    /// Takes the value that came, and the errors of the forecasts that expected one.
    mutating func learn(_ value: Double, at time: Double, errors: SIMD4<Double>, fading: Double) {
        for index in 0..<4 where !errors[index].isNaN {
            lossSums[index] = lossSums[index] * fading + errors[index]
            lossWeights[index] = lossWeights[index] * fading + 1
        }
        recent[recentCount % 11] = value
        recentCount += 1
        lastValue = value
        if let slot = slots?.slot(of: time) { slots?.set(value, slot) }
    }
}

/// A median of at most 16 values, collected one by one; NaN is left out.
struct SmallMedian {
    private var values = SIMD16<Double>(repeating: 0)
    private var count = 0

    /// Adds a value at its place among those before it.
    mutating func add(_ value: Double) {
        guard !value.isNaN, count < 16 else { return }
        var place = count
        while place > 0, values[place - 1] > value {
            values[place] = values[place - 1]
            place -= 1
        }
        values[place] = value
        count += 1
    }

    /// The middle value, or the mean of the two middle ones; NaN where there is none.
    var median: Double {
        guard count > 0 else { return .nan }
        let upper = values[count / 2]
        return count % 2 == 1 ? upper : (values[count / 2 - 1] + upper) / 2
    }
}
