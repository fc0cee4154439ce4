/// The newest observed confidences and risks of one entity.
struct RecentValues: Sendable, Equatable {
    /// So many observations are kept.
    static let capacity = 8
    /// Observations older than this many days say nothing about sources that disagree now.
    static let ageDaysMax = 90.0

    struct Value: Sendable, Equatable {
        var time: Double
        var confidence, risk: Float
    }

    /// In the order of time; equal times in that of their values.
    private(set) var values: [Value] = []

    mutating func insert(_ observation: ObservationRecord) {
        guard !observation.observedAt.isNaN,
            !(observation.confidence.isNaN && observation.riskScore.isNaN)
        else { return }
        let value = Value(
            time: observation.observedAt, confidence: Float(observation.confidence),
            risk: Float(observation.riskScore))
        let place = values.firstIndex { value.isBefore($0) } ?? values.count
        values.insert(value, at: place)
        if values.count > Self.capacity { values.removeFirst() }
    }

    /// How far the confidence went back and forth, half the way beyond what got it from the first
    /// value to the last: 0 for a steady rise, 0.6 for 0.2, 0.8, 0.2; NaN below three values.
    func confidenceSwing(asOf: Double) -> Double { swing(\.confidence, asOf: asOf) }

    /// The same of the risk.
    func riskSwing(asOf: Double) -> Double { swing(\.risk, asOf: asOf) }

    private func swing(_ path: KeyPath<Value, Float>, asOf: Double) -> Double {
        let start = asOf - Self.ageDaysMax * AnomalyDetector.secondsPerDay
        return Self.swing(
            values.filter { $0.time <= asOf && $0.time > start }.map { $0[keyPath: path] })
    }

    /// Half the way from the first of these values to the last beyond the shortest; NaN below three values,
    /// those that are unknown left out.
    static func swing(_ values: [Float]) -> Double {
        let known = values.filter { !$0.isNaN }
        guard known.count > 2, let first = known.first, let last = known.last else { return .nan }
        let way = zip(known, known.dropFirst()).reduce(Float(0)) { $0 + abs($1.1 - $1.0) }
        return Double(way - abs(last - first)) / 2
    }
}

extension RecentValues.Value {
    /// Orders by time, then by values, NaN last, so that the order does not depend on history.
    fileprivate func isBefore(_ other: Self) -> Bool {
        func key(_ value: Self) -> (Double, Float, Float) {
            (
                value.time, value.confidence.isNaN ? .infinity : value.confidence,
                value.risk.isNaN ? .infinity : value.risk
            )
        }
        return key(self) < key(other)
    }
}
