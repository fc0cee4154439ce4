/// A median of at most 16 values, collected one by one; NaN is left out.
struct SmallMedian {
    private var values = SIMD16<Double>(repeating: 0)
    private(set) var count = 0

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
