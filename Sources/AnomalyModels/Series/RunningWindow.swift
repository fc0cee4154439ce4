/// The mean and standard deviation of the last values of a stream; O(1) for each value.
///
/// Sums are of distances from an anchor in the window and are made anew once per window length, so that
/// rounding errors do not pile up. A value must not be NaN.
struct RunningWindow: Sendable, Codable, Equatable {
    let capacity: Int
    private var ring: [Double] = []
    private var next = 0
    private var anchor = 0.0
    private var sum = 0.0
    private var squares = 0.0

    init(capacity: Int) {
        precondition(capacity > 0, "A window holds at least one value.")
        self.capacity = capacity
    }

    var count: Int { ring.count }

    mutating func append(_ value: Double) {
        if ring.isEmpty { anchor = value }
        if ring.count < capacity {
            ring.append(value)
        } else {
            let leaving = ring[next] - anchor
            sum -= leaving
            squares -= leaving * leaving
            ring[next] = value
            next += 1
        }
        let entering = value - anchor
        sum += entering
        squares += entering * entering
        if next == capacity { startAnew() }
    }

    /// The mean; NaN without a value.
    var mean: Double { anchor + sum / Double(ring.count) }

    /// The standard deviation with the number of values below the line; NaN without a value.
    var standardDeviation: Double {
        let meanDistance = sum / Double(ring.count)
        let variance = squares / Double(ring.count) - meanDistance * meanDistance
        return variance.isNaN ? variance : max(variance, 0).squareRoot()
    }

    private mutating func startAnew() {
        next = 0
        anchor = ring.reduce(0, +) / Double(ring.count)
        sum = 0
        squares = 0
        for value in ring {
            let distance = value - anchor
            sum += distance
            squares += distance * distance
        }
    }
}
