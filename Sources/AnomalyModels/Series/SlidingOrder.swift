/// The last values of a stream in ascending order, for exact quantiles of a trailing window.
///
/// - Complexity: a new value costs two binary searches and a move of the values between the place of
///   the oldest one and its own, a third of the window on average.
struct SlidingOrder: Sendable, Codable, Equatable {
    /// The most values that the window holds.
    let capacity: Int
    /// The values in the order in which they came; `oldest` is where the next one goes.
    private var ring: [Double] = []
    private var oldest = 0
    /// The same values in ascending order.
    private(set) var sorted: [Double] = []

    init(capacity: Int) {
        precondition(capacity > 0, "A window holds at least one value.")
        self.capacity = capacity
    }

    var count: Int { sorted.count }

    /// Adds a value, which is not NaN, in place of the oldest one where the window is full.
    mutating func append(_ value: Double) {
        let place = position(of: value)
        guard ring.count == capacity else {
            ring.append(value)
            sorted.insert(value, at: place)
            return
        }
        let hole = position(of: ring[oldest])
        ring[oldest] = value
        oldest = oldest + 1 == capacity ? 0 : oldest + 1
        sorted.withUnsafeMutableBufferPointer { sorted in
            guard let start = sorted.baseAddress else { return }
            if place > hole {
                // What lies behind the hole and before the value's place moves down.
                (start + hole).update(from: start + hole + 1, count: place - 1 - hole)
                sorted[place - 1] = value
            } else {
                (start + place + 1).update(from: start + place, count: hole - place)
                sorted[place] = value
            }
        }
    }

    /// The value below which the share `probability` lies; NaN where there is no value.
    func quantile(_ probability: Double) -> Double {
        RobustStatistics.quantile(sorted: sorted, probability)
    }

    /// The first place whose value is not below `value`.
    private func position(of value: Double) -> Int {
        var lower = 0
        var upper = sorted.count
        while lower < upper {
            let middle = (lower + upper) / 2
            if sorted[middle] < value { lower = middle + 1 } else { upper = middle }
        }
        return lower
    }
}
